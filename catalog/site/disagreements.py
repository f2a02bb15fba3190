"""Where servers' annotations and our labels contradict each other, in both directions, server by server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from catalog.public import to_json
from catalog.site.gather import tool_key, tool_slugs
from catalog.site.language import figure
from catalog.site.made import File, Page
from catalog.site.reference_views import DisagreeingView, DisagreementsView, DisagreementView
from catalog.site.rows import NAME_WIDTH, page_name, pager
from catalog.site.views import PagerView, PageView
from catalog.site.words import ALL_CATEGORIES, HINTS
from catalog.visible import one_line
from classifier.types import Category, Level

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from catalog.records import ServerEntry, ToolEntry
    from catalog.site.index import ServerRow
    from catalog.site.made import Made, Whole

KIND: Final = "disagreements"  # the name under which they are gleaned
PAGE_SIZE: Final = 200  # tools on one page, but a server is never parted
_LEVELS: Final = tuple(Level)
_HINTS: Final = tuple(HINTS)
_LESS: Final = frozenset({("readOnlyHint", True), ("destructiveHint", False)})  # claims that play down


def glean(entry: ServerEntry) -> list[Any] | None:
    """Slug, name, hint, its value, level and category of each tool whose annotations contradict its label."""
    slug_of = tool_slugs(entry.tools)
    rows = []
    for tool in entry.tools:
        claim = _claim(tool)
        if claim is not None:
            label = tool.classification
            place = (_HINTS.index(claim[0]), claim[1], label.risk.rank, ALL_CATEGORIES.index(label.category))
            rows.append([slug_of[tool_key(tool)], tool.definition.name, *place])
    return rows or None


def _claim(tool: ToolEntry) -> tuple[str, bool] | None:
    """The annotation that contradicts the label (classifier.conflicts), and its value."""
    hints = tool.definition.annotations or {}
    category = tool.classification.category
    if tool.classification.annotation_conflict is None:
        return None
    if hints.get("readOnlyHint") is True and category is not Category.READ:
        return "readOnlyHint", True
    if hints.get("destructiveHint") is False and category is Category.DESTRUCTIVE:
        return "destructiveHint", False
    if hints.get("destructiveHint") is True and category in (Category.READ, Category.WRITE):
        return "destructiveHint", True
    return None


def disagreements(whole: Whole) -> Iterator[Made]:
    """All pages, each with its twin; the first one tells how many there are."""
    totals, pages = _totals(whole)
    for at, group in enumerate(_grouped(whole.gleaned(KIND)), start=1):
        name, twin = page_name("disagreements", at), page_name("disagreements", at).replace(".html", ".json")
        text = "Where servers' annotations and our labels contradict each other"
        about = PageView("Disagreements", text, "", twin=twin, section="coverage")
        servers = tuple(_server(row, gleaned) for row, gleaned in group)
        shown = _pager(at, pages, sum(totals[:2]))
        yield Page(name, "disagreements", about, DisagreementsView(_words(totals), servers, shown))
        yield File(twin, to_json([_twin(row, gleaned) for row, gleaned in group], indent=1) + "\n")


def _totals(whole: Whole) -> tuple[tuple[int, int, int], int]:
    """Tools whose server claims less, tools whose server claims more, servers; and the number of pages."""
    less = more = servers = pages = 0
    for group in _grouped(whole.gleaned(KIND)):
        pages += 1
        for _, gleaned in group:
            here = sum(_is_less(row) for row in gleaned)
            less, more, servers = less + here, more + len(gleaned) - here, servers + 1
    return (less, more, servers), pages


def _grouped(gleaned: Iterable[tuple[ServerRow, Any]]) -> Iterator[list[tuple[ServerRow, Any]]]:
    """Servers for one page after the other; there is one page even for none."""
    page: list[tuple[ServerRow, Any]] = []
    size, first = 0, True
    for server, rows in gleaned:
        if page and size + len(rows) > PAGE_SIZE:
            yield page
            page, size, first = [], 0, False
        page.append((server, rows))
        size += len(rows)
    if page or first:
        yield page


def _words(totals: tuple[int, int, int]) -> tuple[tuple[str, str], ...]:
    less, more, servers = totals
    return (
        (f"{less:,}", f"{'tool' if less == 1 else 'tools'} of which the server claims less"),
        (f"{more:,}", f"{'tool' if more == 1 else 'tools'} of which the server claims more"),
        (f"{servers:,}", "server concerned" if servers == 1 else "servers concerned"),
    )


def _pager(at: int, pages: int, tools: int) -> PagerView:
    made = pager("disagreements", at, (1, pages, pages), "page")
    caption = f"{figure(tools, 'tool')} on {figure(pages, 'page')}" if pages > 1 else figure(tools, "tool")
    return PagerView(caption, made.pages, made.current, made.previous, made.following)


def _server(row: ServerRow, gleaned: list[Any]) -> DisagreeingView:
    home = f"tools/{row.slug}/"
    less = tuple(_tool(one, home) for one in gleaned if _is_less(one))
    more = tuple(_tool(one, home) for one in gleaned if not _is_less(one))
    return DisagreeingView(one_line(row.name, NAME_WIDTH), f"{home}index.html", less, more)


def _is_less(one: list[Any]) -> bool:
    return (_HINTS[one[2]], one[3]) in _LESS


def _tool(one: list[Any], home: str) -> DisagreementView:
    slug, name, hint, value, level, category = one
    words = HINTS[_HINTS[hint]]
    return DisagreementView(
        one_line(name, NAME_WIDTH),
        f"{home}{slug}.html",
        _HINTS[hint],
        words[0] if value else words[1],
        _LEVELS[level].value,
        ALL_CATEGORIES[category].value,
    )


def _twin(row: ServerRow, gleaned: list[Any]) -> dict[str, Any]:
    tools = [
        {
            "name": name,
            "page": f"tools/{row.slug}/{slug}.html",
            "claims": {_HINTS[hint]: value},
            "risk": _LEVELS[level].value,
            "category": ALL_CATEGORIES[category].value,
        }
        for slug, name, hint, value, level, category in gleaned
    ]
    return {"server": row.name, "tools": tools}
