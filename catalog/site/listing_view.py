"""Pages that list tools or servers across the whole catalogue."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import groupby, islice
from typing import TYPE_CHECKING, Final

from catalog.site.language import counted, figure, number, sentence, times_a_minute
from catalog.site.prose_why import percent
from catalog.site.rows import batches, day, index_row_view, page_name, pager, segments, server_row_view
from catalog.site.views import (
    CardView,
    CoverageView,
    FactView,
    FailureView,
    HomeView,
    ListingView,
    MatrixRowView,
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
    from collections.abc import Iterable, Iterator, Sequence

    from catalog.site.index import FailureRow, SiteIndex, ToolRow

PAGE_SIZE: Final = 200  # tools or servers on one page
_TOP: Final = 8
_REASON: Final = 300


def level_pages(index: SiteIndex, level: Level) -> Iterator[tuple[str, ListingView]]:
    """The pages of one level: file name and view."""
    counts = index.counts()
    spread = [(category.value, counts[category, level]) for category in ALL_CATEGORIES]
    texts = (LEVEL_GIST[level], (LEVEL_MEANING[level],))
    yield from _listing_pages(index, level, None, texts, spread)


def category_pages(index: SiteIndex, category: Category) -> Iterator[tuple[str, ListingView]]:
    """The pages of one category: file name and view."""
    counts = index.counts()
    spread = [(level.value, counts[category, level]) for level in ALL_LEVELS]
    texts = (CATEGORY_GIST[category], CATEGORY_MEANING[category])
    yield from _listing_pages(index, None, category, texts, spread)


def with_attacks(
    pages: Iterable[tuple[str, ListingView]], attacks: tuple[FactView, ...]
) -> Iterator[tuple[str, ListingView]]:
    """The same pages, the first of them with the attacks that concern its tools."""
    for at, (name, view) in enumerate(pages):
        yield name, view if at else replace(view, attacks=attacks)


def _listing_pages(
    index: SiteIndex,
    level: Level | None,
    category: Category | None,
    texts: tuple[str, tuple[str, ...]],
    spread: list[tuple[str, int]],
) -> Iterator[tuple[str, ListingView]]:
    """What is said of all of them stands on the first page; the others go on with the list."""
    word = (level or category or Level.UNKNOWN).value
    total = sum(count for _, count in spread)
    last = max(1, -(-total // PAGE_SIZE))
    first = (
        texts[1],
        _treatment(index.actions(level, category)),
        segments(spread),
        _busiest(index, level, category),
    )
    for at, rows in enumerate(batches(index.rows(level=level, category=category), PAGE_SIZE), start=1):
        meaning, treatment, parts, busiest = first if at == 1 else ((), (), (), ())
        yield (
            page_name(word.lower(), at),
            ListingView(
                kind="level" if level else "category",
                word=word,
                gist=texts[0],
                meaning=meaning,
                total=figure(total, "tool"),
                treatment=treatment,
                spread=parts,
                spread_name="category" if level else "level",
                busiest=busiest,
                rows=tuple(index_row_view(row, "../tools/") for row in rows),
                pager=pager(word.lower(), at, (PAGE_SIZE, last, total), "tool"),
            ),
        )


def _treatment(counted: list[tuple[Action, int | None, int]]) -> tuple[tuple[str, str, str], ...]:
    """What the recommended policies do with these tools, counted: word, meaning, number."""
    counts: Counter[Action] = Counter()
    for action, _, number_of in counted:
        counts[action] += number_of
    limits = {most for action, most, _ in counted if action is Action.LIMIT and most}
    rate = times_a_minute(limits)
    return tuple(
        (ACTION_WORD[action], ACTION_MEANING[action].format(rate=rate), f"{counts[action]:,}")
        for action in Action
        if counts[action]
    )


def _busiest(index: SiteIndex, level: Level | None, category: Category | None) -> tuple[FactView, ...]:
    """The servers with the most of these tools, when there are enough servers for it to tell something."""
    best = list(islice(index.busiest(level, category), _TOP))
    if len(best) < 3:
        return ()
    return tuple(
        FactView(one_line(row.name, 60), f"{count:,}", f"../tools/{row.slug}/index.html")
        for row, count in best
    )


def server_pages(index: SiteIndex) -> Iterator[tuple[str, ServersView]]:
    """The list of all servers that have tools: file name and view."""
    total = len(index.servers)
    last = max(1, -(-total // PAGE_SIZE))
    for at, page in enumerate(batches(index.servers, PAGE_SIZE), start=1):
        yield (
            page_name("index", at),
            ServersView(
                rows=tuple(server_row_view(row, "") for row in page),
                total=figure(total, "server"),
                pager=pager("index", at, (PAGE_SIZE, last, total), "server"),
            ),
        )


def home_view(index: SiteIndex) -> HomeView:
    """Totals, distribution, the riskiest and the newest tools, the most exposed servers."""
    counts = index.counts()
    by_level = Counter(
        {level: sum(counts[category, level] for category in ALL_CATEGORIES) for level in ALL_LEVELS}
    )
    newest = _newest(index)
    servers = index.most_exposed(_TOP)
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
        riskiest=tuple(index_row_view(row, "tools/") for row in _riskiest(index)),
        newest=tuple(index_row_view(row, "tools/") for row in newest),
        newest_day=day(newest[0].first_seen) if newest else "",
        servers=tuple(server_row_view(row, "tools/") for row in servers),
        servers_more=f"All {figure(len(index.servers), 'server')}"
        if len(index.servers) > _TOP
        else "The list of servers",
        uncovered=sentence(f"{counted(uncovered, 'server')} gave nothing or not everything")
        if uncovered
        else "",
    )


def _riskiest(index: SiteIndex) -> list[ToolRow]:
    """Level by level, the worst known one first."""
    chosen: list[ToolRow] = []
    for level in ALL_LEVELS:
        if len(chosen) < _TOP:
            order = "tool.confidence DESC, server.name, tool.name, tool.slug"
            chosen += _spread_out(index.ranked(order, level=level))
    return chosen[:_TOP]


def _newest(index: SiteIndex) -> list[ToolRow]:
    """Day by day, the newest first; within a day the riskiest first."""
    chosen: list[ToolRow] = []
    order = "substr(tool.first_seen, 1, 10) DESC, tool.level DESC, server.name, tool.name, tool.slug"
    for _, rows in groupby(index.ranked(order), key=lambda row: row.first_seen.date()):
        chosen += _spread_out(rows)
        if len(chosen) >= _TOP:
            break
    return chosen[:_TOP]


def _spread_out(rows: Iterable[ToolRow], per_server: int = 2) -> list[ToolRow]:
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
    sure = percent(index.mean_confidence()) if tools else "–"
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
    counts: Counter[Level] = Counter()
    for (_, level), count in index.counts().items():
        counts[level] += count
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
    counts: Counter[Category] = Counter()
    for (category, _), count in index.counts().items():
        counts[category] += count
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
