"""The pages of changes: the newest, one or more for each day, the Atom feed and the JSON lines.

A day's page has an address of its own and stays as it is when more days come, so that a build after a crawl
writes the new day and not all pages.
"""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING, Final

from catalog.public import change_json, to_json
from catalog.site.drift import Drifting, Places, change_view
from catalog.site.drift_views import ChangesOfDayView, ChangesView, ChangeView, DayEntryView, DayView
from catalog.site.feed import Entry, feed
from catalog.site.language import counted, figure
from catalog.site.made import File, Page, Written
from catalog.site.rows import batches, day, page_name, pager
from catalog.site.state import to_bytes, to_name
from catalog.site.views import PageView

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date
    from pathlib import Path

    from catalog.db.changes import Change
    from catalog.site.index import SiteIndex
    from catalog.site.made import Made, Whole

KIND: Final = "changes"
FEED: Final = "feed.xml"
LINES: Final = "changes/changes.jsonl"
PAGE_SIZE: Final = 200  # changes on one page
NEWEST: Final = 60  # changes on the first page and in the feed
HOME: Final = 8
_REMEMBERED: Final = 256  # servers whose addresses are in memory
_ABOUT: Final = "New, changed and vanished tools and servers, newest first"


def pages(whole: Whole) -> Iterator[Made]:
    """Every page, the feed and the lines; a catalogue without history has one page that says so."""
    totals = Counter(change.at.date() for change in changes_of(whole))
    newest: list[tuple[ChangeView, Entry]] = []
    for page, entries in _day_pages(whole, totals):
        newest += entries[: NEWEST - len(newest)]
        yield page
    about = PageView("Changes", _ABOUT, "../", section="changes")
    yield Page("changes/index.html", "changes", about, _newest(whole, [view for view, _ in newest], totals))
    yield Written(LINES, _writer(whole))
    yield File(FEED, feed([entry for _, entry in newest], whole))


def latest(whole: Whole) -> tuple[ChangeView, ...]:
    """The newest changes for the home page."""
    places, views = places_in(whole.index, "tools/"), []
    for change in changes_of(whole):
        views.append(change_view(change, places, 0))
        if len(views) == HOME:
            break
    return tuple(views)


def changes_of(whole: Whole) -> Iterator[Change]:
    """All changes of the servers that the site shows, newest first."""
    if isinstance(whole.catalogue, Drifting):
        some = whole.options.only or whole.options.limit_servers is not None
        shown = (
            {to_name(row[0]) for row in whole.index.state.rows("SELECT name FROM server")} if some else None
        )
        yield from (change for change in whole.catalogue.changes() if shown is None or change.server in shown)


def places_in(index: SiteIndex, tools: str) -> Places:
    """Addresses for pages of the whole catalogue; `tools` leads to the folder of all servers."""

    @lru_cache(maxsize=_REMEMBERED)
    def known(name: str) -> tuple[str, dict[str, str]]:
        slug = index.state.one("SELECT slug FROM server WHERE tools > 0 AND name = ?", (to_bytes(name),))
        return slug or "", {tool: page for (tool, _), page in index.slugs_of(name).items()} if slug else {}

    def server(name: str) -> str:
        slug, _ = known(name)
        return f"{tools}{slug}/index.html" if slug else ""

    def tool(name: str, tool: str) -> str:
        slug, pages = known(name)
        return f"{tools}{slug}/{pages[tool]}.html" if tool in pages else ""

    return Places(server, tool)


def _day_pages(whole: Whole, totals: Counter[date]) -> Iterator[tuple[Page, list[tuple[ChangeView, Entry]]]]:
    """Page by page, each with its changes as the first page and the feed show them."""
    places, dates = places_in(whole.index, "../tools/"), sorted(totals)
    for at, group in groupby(changes_of(whole), key=lambda change: change.at.date()):
        last = -(-totals[at] // PAGE_SIZE)
        place = dates.index(at)
        around = [dates[one] if 0 <= one < len(dates) else None for one in (place - 1, place + 1)]
        for number, some in enumerate(batches(group, PAGE_SIZE), start=1):
            name = page_name(at.isoformat(), number)
            views = [change_view(change, places) for change in some]
            view = ChangesOfDayView(
                heading=day(at),
                day_iso=at.isoformat(),
                total=figure(totals[at], "change"),
                changes=tuple(views),
                pager=pager(at.isoformat(), number, (PAGE_SIZE, last, totals[at]), "change"),
                earlier=_entry(around[0], totals),
                later=_entry(around[1], totals),
            )
            about = PageView(
                f"Changes of {day(at)}",
                f"{view.total} found by crawls",
                "../",
                section="changes",
                as_of=day(at),
                as_of_iso=at.isoformat(),
            )
            entries = [
                (one, Entry(change, one, f"changes/{name}#{one.anchor}"))
                for change, one in zip(some, views, strict=True)
            ]
            yield Page(f"changes/{name}", "changes_day", about, view), entries


def _entry(at: date | None, totals: Counter[date]) -> DayEntryView | None:
    if at is None:
        return None
    return DayEntryView(day(at), at.isoformat(), f"{at.isoformat()}.html", figure(totals[at], "change"))


def _newest(whole: Whole, views: list[ChangeView], totals: Counter[date]) -> ChangesView:
    """The first page: the newest changes by day, then all days."""
    days = []
    for iso, group in groupby(views, key=lambda view: view.day_iso):
        some = tuple(group)
        left = next(count for at, count in totals.items() if at.isoformat() == iso) - len(some)
        more = f"All {len(some) + left:,} changes of this day" if left else ""
        days.append(DayView(some[0].day, iso, f"{iso}.html", some, more))
    every = tuple(entry for at in sorted(totals, reverse=True) if (entry := _entry(at, totals)))
    total = f"{figure(sum(totals.values()), 'change')} on {counted(len(totals), 'day')}"
    return ChangesView(tuple(days), every, total, isinstance(whole.catalogue, Drifting))


def _writer(whole: Whole) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        with path.open("xb") as file:
            file.writelines((to_json(change_json(change)) + "\n").encode() for change in changes_of(whole))

    return write
