"""Pages that list tools or servers across the whole catalogue."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from catalog.site.language import counted, figure, number, sentence, times_a_minute
from catalog.site.prose_why import percent
from catalog.site.rows import day, index_row_view, page_name, pager, pages, segments, server_row_view
from catalog.site.views import (
    CardView,
    CoverageView,
    FactView,
    FailureView,
    HomeView,
    ListingView,
    MatrixRowView,
    SegmentView,
    ServersView,
)
from catalog.site.words import (
    ACTION_MEANING,
    ACTION_WORD,
    ALL_CATEGORIES,
    ALL_LEVELS,
    CATEGORY_GIST,
    CATEGORY_MEANING,
    LEVEL_GIST,
    LEVEL_MEANING,
    OUTCOME_WORD,
)
from catalog.visible import one_line
from classifier.types import LEVELS, Action, Category, Level

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from catalog.site.index import FailureRow, SiteIndex, ToolRow

PAGE_SIZE: Final = 200  # tools or servers on one page
_TOP: Final = 8
_REASON: Final = 300


def level_pages(index: SiteIndex, level: Level) -> Iterator[tuple[str, ListingView]]:
    """The pages of one level: file name and view."""
    rows = [row for row in index.tools if row.level is level]
    spread = Counter(row.category for row in rows)
    parts = segments((category.value, spread[category]) for category in ALL_CATEGORIES)
    yield from _listing_pages(
        rows, ("level", level.value), (LEVEL_GIST[level], (LEVEL_MEANING[level],)), parts
    )


def category_pages(index: SiteIndex, category: Category) -> Iterator[tuple[str, ListingView]]:
    """The pages of one category: file name and view."""
    rows = [row for row in index.tools if row.category is category]
    spread = Counter(row.level for row in rows)
    parts = segments((level.value, spread[level]) for level in ALL_LEVELS)
    yield from _listing_pages(
        rows, ("category", category.value), (CATEGORY_GIST[category], CATEGORY_MEANING[category]), parts
    )


def _listing_pages(
    rows: Sequence[ToolRow],
    subject: tuple[str, str],
    texts: tuple[str, tuple[str, ...]],
    spread: tuple[SegmentView, ...],
) -> Iterator[tuple[str, ListingView]]:
    kind, word = subject
    gist, meaning = texts
    cut = pages(rows, PAGE_SIZE)
    for at, page in enumerate(cut, start=1):
        yield (
            page_name(word.lower(), at),
            ListingView(
                kind=kind,
                word=word,
                gist=gist,
                meaning=meaning,
                total=figure(len(rows), "tool"),
                treatment=_treatment(rows),
                spread=spread,
                spread_name="category" if kind == "level" else "level",
                busiest=_busiest(rows),
                rows=tuple(index_row_view(row, "../tools/") for row in page),
                pager=pager(word.lower(), at, (PAGE_SIZE, len(cut), len(rows)), "tool"),
            ),
        )


def _treatment(rows: Sequence[ToolRow]) -> tuple[tuple[str, str, str], ...]:
    """What the recommended policies do with these tools, counted: word, meaning, number."""
    counts = Counter(row.action for row in rows)
    limits = {row.per_minute for row in rows if row.action is Action.LIMIT}
    rate = times_a_minute(most for most in limits if most)
    return tuple(
        (ACTION_WORD[action], ACTION_MEANING[action].format(rate=rate), f"{counts[action]:,}")
        for action in Action
        if counts[action]
    )


def _busiest(rows: Sequence[ToolRow]) -> tuple[FactView, ...]:
    """The servers with the most of these tools, when there are enough servers for it to tell something."""
    counts = Counter((row.server.name, row.server.slug) for row in rows)
    if len(counts) < 3:
        return ()
    best = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:_TOP]
    return tuple(
        FactView(one_line(name, 60), f"{count:,}", f"../tools/{slug}/index.html")
        for (name, slug), count in best
    )


def server_pages(index: SiteIndex) -> Iterator[tuple[str, ServersView]]:
    """The list of all servers that have tools: file name and view."""
    cut = pages(index.servers, PAGE_SIZE)
    for at, page in enumerate(cut, start=1):
        yield (
            page_name("index", at),
            ServersView(
                rows=tuple(server_row_view(row, "") for row in page),
                total=figure(len(index.servers), "server"),
                pager=pager("index", at, (PAGE_SIZE, len(cut), len(index.servers)), "server"),
            ),
        )


def home_view(index: SiteIndex) -> HomeView:
    """Totals, distribution, the riskiest and the newest tools, the most exposed servers."""
    counts = index.counts()
    by_level = Counter(
        {level: sum(counts[category, level] for category in ALL_CATEGORIES) for level in ALL_LEVELS}
    )
    newest = _newest(index.tools)
    servers = sorted(index.servers, key=lambda row: (-row.points, row.name))
    uncovered = len(index.failures)
    return HomeView(
        totals=_totals(index, by_level),
        levels=segments((level.value, by_level[level]) for level in ALL_LEVELS),
        matrix=tuple(
            _matrix_row(
                category, counts, [level for level in ALL_LEVELS if level in LEVELS or by_level[level]]
            )
            for category in ALL_CATEGORIES
            if any(counts[category, one] for one in ALL_LEVELS)
        ),
        riskiest=tuple(index_row_view(row, "tools/") for row in _riskiest(index.tools)),
        newest=tuple(index_row_view(row, "tools/") for row in newest),
        newest_day=day(newest[0].first_seen) if newest else "",
        servers=tuple(server_row_view(row, "tools/") for row in servers[:_TOP]),
        servers_more=f"All {figure(len(servers), 'server')}"
        if len(servers) > _TOP
        else "The list of servers",
        uncovered=sentence(f"{counted(uncovered, 'server')} gave nothing or not everything")
        if uncovered
        else "",
    )


def _riskiest(rows: Sequence[ToolRow]) -> list[ToolRow]:
    """Level by level, the worst known one first."""
    chosen: list[ToolRow] = []
    for level in ALL_LEVELS:
        if len(chosen) < _TOP:
            found = [row for row in rows if row.level is level]
            found.sort(key=lambda row: (-row.confidence, row.server.name, row.name))
            chosen += _spread_out(found)
    return chosen[:_TOP]


def _newest(rows: Sequence[ToolRow]) -> list[ToolRow]:
    """Day by day, the newest first; within a day the riskiest first."""
    chosen: list[ToolRow] = []
    days = sorted({row.first_seen.date() for row in rows}, reverse=True)
    for one in days[:_TOP]:
        found = [row for row in rows if row.first_seen.date() == one]
        found.sort(key=lambda row: (-row.level.rank, row.server.name, row.name))
        chosen += _spread_out(found)
    return chosen[:_TOP]


def _spread_out(rows: Sequence[ToolRow], per_server: int = 2) -> list[ToolRow]:
    """The first few of equal rows, such that no server fills the table while others have some."""
    taken: Counter[str] = Counter()
    chosen: list[ToolRow] = []
    later: list[ToolRow] = []
    for row in rows:
        first = taken[row.server.name] < per_server
        taken[row.server.name] += 1
        (chosen if first else later).append(row)
        if len(chosen) == _TOP:
            break
    return (chosen + later)[:_TOP]


def _totals(index: SiteIndex, by_level: Counter[Level]) -> tuple[tuple[str, str, str], ...]:
    """Figure, word, address."""
    tools = len(index.tools)
    sure = percent(sum(row.confidence for row in index.tools) / tools) if tools else "–"
    return (
        (f"{tools:,}", "tool" if tools == 1 else "tools", "category/index.html"),
        (f"{len(index.servers):,}", "server" if len(index.servers) == 1 else "servers", "tools/index.html"),
        (f"{by_level[Level.CRITICAL]:,}", "critical", "risk/critical.html"),
        (sure, "mean confidence", ""),
    )


def _matrix_row(
    category: Category, counts: Counter[tuple[Category, Level]], levels: Sequence[Level]
) -> MatrixRowView:
    cells = [(level.value, counts[category, level]) for level in levels]
    return MatrixRowView(
        category.value,
        tuple((word, f"{count:,}" if count else "–") for word, count in cells),
        f"{sum(counts[category, level] for level in ALL_LEVELS):,}",
    )


def level_cards(index: SiteIndex) -> tuple[CardView, ...]:
    """A card per level, worst first; Unknown only where there are such tools."""
    counts = Counter(row.level for row in index.tools)
    return tuple(
        CardView(
            level.value,
            f"{level.value.lower()}.html",
            LEVEL_GIST[level],
            figure(counts[level], "tool"),
            LEVEL_MEANING[level],
        )
        for level in ALL_LEVELS
        if level is not Level.UNKNOWN or counts[level]
    )


def category_cards(index: SiteIndex) -> tuple[CardView, ...]:
    """A card per category; Unknown only where there are such tools."""
    counts = Counter(row.category for row in index.tools)
    return tuple(
        CardView(
            one.value,
            f"{one.value.lower()}.html",
            CATEGORY_GIST[one],
            figure(counts[one], "tool"),
            CATEGORY_MEANING[one][0],
        )
        for one in ALL_CATEGORIES
        if one is not Category.UNKNOWN or counts[one]
    )


def coverage_view(index: SiteIndex) -> CoverageView:
    """Every server that gave nothing or not everything, with its reason."""
    outcomes = Counter(failure.outcome for failure in index.failures)
    total, bad = index.known, len(index.failures)
    text = (
        f"Of {counted(total, 'known server')}, {number(bad)} gave nothing or not everything at the last crawl"
        if bad
        else (f"{counted(total, 'known server')} answered at the last crawl, and nothing was left unread")
    )
    return CoverageView(
        rows=tuple(_failure(failure) for failure in index.failures),
        outcomes=tuple((OUTCOME_WORD[outcome], f"{count:,}") for outcome, count in sorted(outcomes.items())),
        summary=sentence(text),
    )


def _failure(failure: FailureRow) -> FailureView:
    return FailureView(
        name=one_line(failure.name, 100),
        where=f"tools/{failure.server.slug}/index.html" if failure.server else "",
        outcome=OUTCOME_WORD[failure.outcome],
        reason=one_line(failure.reason, _REASON),
        next_step=one_line(failure.next_step, _REASON),
        unread=tuple(one_line(text, 160) for text in failure.unread),
        crawled=day(failure.crawled_at),
    )
