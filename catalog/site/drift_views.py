"""What the templates see of changes and downloads; texts are ready to be shown, as in `catalog.site.views`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from catalog.site.text_diff import Piece
    from catalog.site.views import PagerView


@dataclass(frozen=True, slots=True)
class LineView:
    """One difference: a sentence, and for texts the words that go and come."""

    text: str
    diff: tuple[Piece, ...] = ()


@dataclass(frozen=True, slots=True)
class ChangeView:
    """One change. `anchor` is an id on its page; addresses are from this page, "" where there is no page.

    `was` and `now` are category and level before and after, "" where there is none.
    """

    anchor: str
    word: str
    css: str
    day: str
    day_iso: str
    tool: str
    where: str
    server: str
    server_where: str
    said: str
    was: tuple[str, str]
    now: tuple[str, str]
    label: str
    warning: str
    note: str
    lines: tuple[LineView, ...]
    more: str


@dataclass(frozen=True, slots=True)
class HistoryView:
    """The history of a tool: since when, its newest changes, and how many more there are."""

    lines: tuple[str, ...]
    changes: tuple[ChangeView, ...]
    more: str


@dataclass(frozen=True, slots=True)
class DayView:
    """The changes of one day; `more` names the rest of them, which stand at `where`."""

    day: str
    day_iso: str
    where: str
    changes: tuple[ChangeView, ...]
    more: str = ""


@dataclass(frozen=True, slots=True)
class DayEntryView:
    """A day in the list of all days."""

    day: str
    day_iso: str
    where: str
    total: str


@dataclass(frozen=True, slots=True)
class ChangesView:
    """The newest changes, and the list of all days that have some."""

    days: tuple[DayView, ...]
    all: tuple[DayEntryView, ...]
    total: str
    known: bool  # whether the catalogue keeps a history at all


@dataclass(frozen=True, slots=True)
class ChangesOfDayView:
    """A page of one day; `earlier` and `later` lead to the days before and after."""

    heading: str
    day_iso: str
    total: str
    changes: tuple[ChangeView, ...]
    pager: PagerView
    earlier: DayEntryView | None
    later: DayEntryView | None


@dataclass(frozen=True, slots=True)
class DownloadView:
    """A file to take away: its address, its size, what it is, and the schema that describes it."""

    name: str
    where: str
    size: str
    about: str
    schema: str = ""


@dataclass(frozen=True, slots=True)
class DownloadsView:
    """The page of data."""

    files: tuple[DownloadView, ...]
    database: str
    folders: tuple[DownloadView, ...]
    schemas: tuple[DownloadView, ...]
