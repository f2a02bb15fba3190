"""Tools and servers as rows of a table, bars, and pagers: the parts that several pages share."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final, TypeVar

from catalog.site.language import figure
from catalog.site.prose_why import percent
from catalog.site.views import PagerView, RowView, SegmentView, ServerRowView
from catalog.site.words import ACTION_WORD
from catalog.visible import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from catalog.site.facts import ToolFacts
    from catalog.site.index import ServerRow, ToolRow

Item = TypeVar("Item")

NAME_WIDTH: Final = 80
GIST_WIDTH: Final = 110
CORRECTED: Final = "corrected"  # in place of a confidence: a person's word was not measured
_SCALE: Final = 1000  # width of a bar in its own units
_MONTHS: Final = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
]  # fmt: skip
_EXACT: Final = 1_001  # servers
_LEAST: Final = 6  # a stretch is never thinner than this, or it could not be seen


def day(moment: date) -> str:
    """`25 November 2026`, whatever the locale."""
    return f"{moment.day} {_MONTHS[moment.month - 1]} {moment.year}"


def footer(server: str, tools: int, known: int) -> str:
    """The sentence at the foot of a server's pages: how many of its tools, in how large an index."""
    are = "is" if tools == 1 else "are"
    return f"{figure(tools, 'tool')} of {one_line(server, NAME_WIDTH)} {are} catalogued and classified here, in an index of {extent(known)}."


def extent(known: int) -> str:
    """How many servers, in whole thousands from there on: a page must not change with every server that is added."""
    return figure(known, "server") if known < _EXACT else f"more than {(known - 1) // 1000 * 1000:,} servers"


def origin(package: str) -> str:
    """What a server was started from: a `Package`, the `Address` of a remote server, or a `Command`."""
    if package.startswith(("https://", "http://")):
        return "Address"
    return "Package" if package.startswith(("pypi:", "npm:")) else "Command"


def tool_row_view(facts: ToolFacts) -> RowView:
    """A tool among those of its own server."""
    text = facts.definition.description or facts.definition.title or ""
    return RowView(
        name=one_line(facts.name, NAME_WIDTH),
        where=f"{facts.slug}.html",
        level=facts.level.value,
        category=facts.category.value,
        confidence=CORRECTED if facts.entry.override else percent(facts.label.confidence),
        action=ACTION_WORD[facts.recommendation.action],
        gist=first_sentence(text),
    )


def index_row_view(row: ToolRow, tools: str) -> RowView:
    """A tool among those of many servers; `tools` leads to the folder of all servers."""
    home = f"{tools}{row.server.slug}/"
    return RowView(
        name=one_line(row.name, NAME_WIDTH),
        where=f"{home}{row.slug}.html",
        level=row.level.value,
        category=row.category.value,
        confidence=CORRECTED if row.corrected else percent(row.confidence),
        action=ACTION_WORD[row.action],
        server=one_line(row.server.name, NAME_WIDTH),
        server_where=f"{home}index.html",
    )


def riskiest_rows(rows: Iterable[ToolRow]) -> tuple[RowView, ...]:
    """Tools of several servers, the riskiest first, for a page beside the folder of all servers."""
    ordered = sorted(rows, key=lambda row: (-row.level.rank, -row.confidence, row.server.name, row.name))
    return tuple(index_row_view(row, "../tools/") for row in ordered)


def server_row_view(row: ServerRow, tools: str) -> ServerRowView:
    """A server in a list of servers."""
    return ServerRowView(
        name=one_line(row.name, NAME_WIDTH),
        where=f"{tools}{row.slug}/index.html",
        title=one_line(row.title or "", NAME_WIDTH),
        grade=row.grade,
        tools=f"{row.tools:,}",
        counts=tuple((level.value, f"{count:,}") for level, count in row.counts),
        listed=day(row.listed_at),
    )


def first_sentence(text: str) -> str:
    """The start of a description, for a table."""
    line = one_line(text[:600]).split(". ", maxsplit=1)[0].rstrip(".")
    return one_line(line, GIST_WIDTH)


def segments(counts: Iterable[tuple[str, int]]) -> tuple[SegmentView, ...]:
    """A distribution as stretches of a bar and as words; entries without tools are left out."""
    present = [(word, count) for word, count in counts if count]
    total = sum(count for _, count in present)
    widths = [max(_LEAST, count * _SCALE / total) for _, count in present]
    factor = _SCALE / sum(widths) if widths else 1.0
    views, start = [], 0.0
    for (word, count), width in zip(present, widths, strict=True):
        wide = round(width * factor, 1)
        share = "all" if count == total else f"{min(99, max(1, round(count * 100 / total)))}%"
        views.append(SegmentView(word, word.lower(), f"{count:,}", share, round(start, 1), wide))
        start += wide
    return tuple(views)


def batches(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """Cut a stream into pages; an empty one still has one."""
    stream = iter(items)
    page = list(islice(stream, size))
    yield page
    while page := list(islice(stream, size)):
        yield page


def page_name(stem: str, number: int) -> str:
    """The file of one page of many: `critical.html`, `critical-2.html`, and so on."""
    return f"{stem}.html" if number == 1 else f"{stem}-{number}.html"


def pager(stem: str, number: int, sizes: tuple[int, int, int], noun: str) -> PagerView:
    """The pager of page `number`; `sizes` are items per page, pages, and items in all."""
    per_page, last, total = sizes
    first = (number - 1) * per_page + 1
    shown = (
        f"{first:,} to {min(number * per_page, total):,} of {figure(total, noun)}"
        if last > 1
        else figure(total, noun)
    )
    near = sorted({1, last, *range(max(1, number - 2), min(last, number + 2) + 1)})
    return PagerView(
        caption=shown,
        pages=tuple((f"{one:,}", page_name(stem, one)) for one in near) if last > 1 else (),
        current=f"{number:,}",
        previous=page_name(stem, number - 1) if number > 1 else "",
        following=page_name(stem, number + 1) if number < last else "",
    )
