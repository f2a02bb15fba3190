"""From changes to what pages show of them, on tool and server pages as on the pages of changes."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final, Protocol, runtime_checkable

from catalog.db.changes import ChangeKind
from catalog.db.difference import Part
from catalog.site.drift_views import ChangeView, HistoryView, LineView
from catalog.site.drift_words import (
    KIND_WORD,
    difference_line,
    headline,
    label_line,
    reading_line,
    suspicion_line,
)
from catalog.site.language import counted, figure, number, sentence
from catalog.site.rows import NAME_WIDTH, day
from catalog.site.text_diff import word_diff
from catalog.site.weight import weight
from catalog.visible import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from catalog.db.changes import Change, Stated
    from catalog.db.difference import Difference
    from catalog.site.facts import ToolFacts
    from catalog.site.made import Surroundings

LINES: Final = 8  # differences of one change on a page; the JSON has all
_TOOL_LINES: Final = 5
_TOOL_CHANGES: Final = 3
_TOOL_ROOM: Final = 2_200  # bytes of all changes on a tool's page
_FRAME: Final = 200  # bytes of markup about a change
_MARKUP: Final = 20  # bytes of markup about a line and about each piece of a text
_SERVER_CHANGES: Final = 12
_CSS: Final = {
    ChangeKind.SERVER_ADDED: "came", ChangeKind.SERVER_RETURNED: "came", ChangeKind.TOOL_ADDED: "came",
    ChangeKind.SERVER_REMOVED: "went", ChangeKind.TOOL_REMOVED: "went", ChangeKind.TOOL_CHANGED: "turned",
}  # fmt: skip


@runtime_checkable
class Drifting(Protocol):
    """A catalogue that knows what changed."""

    def changes(
        self, since: datetime | int | None = None, servers: Sequence[str] | None = None
    ) -> Iterator[Change]:
        """Changes, newest first."""


@dataclass(frozen=True, slots=True)
class Places:
    """Addresses from the page that is made: of a server, and of a server's tool by name; "" for none."""

    server: Callable[[str], str]
    tool: Callable[[str, str], str]


def change_view(change: Change, places: Places, lines: int = LINES) -> ChangeView:
    """One change as a page shows it, with the first differences."""
    shown = tuple(_line(one) for one in islice(change.differences, lines))
    left = len(change.differences) - len(shown)
    return ChangeView(
        anchor=f"c-{change.id[:18]}",
        word=KIND_WORD[change.kind],
        css=_CSS[change.kind],
        day=day(change.at),
        day_iso=change.at.date().isoformat(),
        tool=one_line(change.tool or "", NAME_WIDTH),
        where=places.tool(change.server, change.tool) if change.tool is not None else "",
        server=one_line(change.server, NAME_WIDTH),
        server_where=places.server(change.server),
        said=headline(change) if change.tool is None else "",
        was=_label(change.before),
        now=_label(change.after),
        label=label_line(change) if _unmoved(change) else "",
        warning=suspicion_line(change),
        note=reading_line(change) or _form_note(change),
        lines=shown,
        more=sentence(f"and {counted(left, 'further difference')}") if left > 0 else "",
    )


def _unmoved(change: Change) -> bool:
    """Whether the label has to be said; where it moved, came or went, it is shown."""
    return (
        change.after is not None
        and (change.before is not None or not change.after.classification)
        and (_label(change.before) == _label(change.after))
    )


def _label(stated: Stated | None) -> tuple[str, str]:
    if stated is None or stated.classification is None:
        return "", ""
    return stated.classification.category.value, stated.classification.risk.value


def _form_note(change: Change) -> str:
    if change.kind is ChangeKind.TOOL_CHANGED and not change.differences:
        return "Only the order in which its JSON is written changed."
    return ""


def _line(one: Difference) -> LineView:
    text = one.part is Part.DESCRIPTION or (one.aspect == "description" and one.name != "")
    if not text and one.part is not Part.TITLE:
        return LineView(difference_line(one))
    pieces = word_diff(one.before or "", one.after or "")
    if pieces or None in (one.before, one.after):
        return LineView(difference_line(one), pieces)
    return LineView(sentence(f"{difference_line(one).rstrip('.')}, in white space alone"))


def tool_history(facts: ToolFacts, around: Surroundings) -> HistoryView:
    """When the tool and its definition were first seen; its newest changes; and how many more there are."""
    own = [change for change in around.changes if change.tool == facts.name]
    first, last = day(facts.entry.first_seen), day(facts.entry.last_seen)
    shown = _fitting(own[:_TOOL_CHANGES])
    left = len(own) - len(shown)
    more = sentence(f"{counted(left, 'earlier change')} can be found in the JSON file beside this page")
    return HistoryView(
        (*_first_seen(own, around.changes), _same(first, last)), shown, more if left > 0 else ""
    )


def history_weight(history: HistoryView) -> int:
    """Bytes of the changes on a tool's page, with their markup."""
    return sum(map(_weight, history.changes))


def _fitting(changes: Sequence[Change]) -> tuple[ChangeView, ...]:
    """As many changes as a tool's page has room for, the newest with fewer differences where it is long."""
    here, shown, room = Places(lambda _server: "", lambda _server, _tool: ""), [], _TOOL_ROOM
    for change in changes:
        views = (change_view(change, here, lines) for lines in range(_TOOL_LINES, -1, -1))
        fits = next((view for view in views if _weight(view) <= room), None)
        if fits is None:
            break
        shown.append(fits)
        room -= _weight(fits)
    return tuple(shown)


def _weight(view: ChangeView) -> int:
    texts = [view.label, view.warning, view.note, view.more]
    texts += [text for line in view.lines for text in (line.text, *(words for _, words in line.diff))]
    pieces = sum(1 + len(line.diff) for line in view.lines)
    return _MARKUP * (pieces + 1) + _FRAME + weight("".join(texts))


def _same(first: str, last: str) -> str:
    if first == last:
        return f"This definition was seen for the first time on {first}."
    return f"This definition has been the same from {first}, when it was first seen, to {last}."


def _first_seen(own: Sequence[Change], every: Sequence[Change]) -> Iterator[str]:
    """Since when there is a tool of that name, where its definition is a later one."""
    if any(change.kind is not ChangeKind.TOOL_ADDED for change in own):
        came = own[-1].at if own[-1].kind is ChangeKind.TOOL_ADDED else every[-1].at  # with its server
        yield f"A tool of this name was first seen on {day(came)}."


def server_drift(around: Surroundings) -> tuple[tuple[ChangeView, ...], str]:
    """The newest changes of a server, and a sentence about them; neither where no history is kept."""
    if not around.changes:
        return (), ""
    slugs = {facts.name: facts.slug for facts in around.server.tools}
    places = Places(lambda _server: "", lambda _server, tool: f"{slugs[tool]}.html" if tool in slugs else "")
    later = [change for change in around.changes if change.kind is not ChangeKind.SERVER_ADDED]
    first = around.changes[-1].at
    if not later:
        return (), f"Nothing has changed since it was first read, on {day(first)}."
    shown = tuple(change_view(change, places, 0) for change in later[:_SERVER_CHANGES])
    since = f"{figure(len(later), 'change')} since it was first read, on {day(first)}"
    most = "" if len(shown) == len(later) else f"; the newest {number(len(shown))} are shown"
    return shown, sentence(f"{since}{most}")


def by_server(catalogue: object, names: Sequence[str]) -> dict[str, list[Change]]:
    """The changes of some servers, newest first; nothing of a catalogue that keeps no history."""
    found: dict[str, list[Change]] = {name: [] for name in names}
    if isinstance(catalogue, Drifting):
        for change in catalogue.changes(servers=names):
            found[change.server].append(change)
    return found
