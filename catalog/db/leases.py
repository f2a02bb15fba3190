"""Which calls under way belong to a gateway that has ended.

Wall clocks differ and step. So a gateway counts beats into its holds, and another one that has seen the
same beat for `LEASE` seconds of its own monotonic time takes the hold for dead, and not before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

LEASE: Final = 60.0  # seconds
BEAT: Final = 15.0  # seconds between two beats: three may fail


class Hold(NamedTuple):
    """A call under way in one cell; `run` names its gateway, or is "" where the outcome is unknown."""

    call: int
    cell: str
    amount: str
    run: str
    beat: int


class Watch:
    """The holds that were seen, each since when with the same beat."""

    def __init__(self, run: str, elapsed: Callable[[], float]) -> None:
        self.run = run
        self._elapsed = elapsed
        self._seen: dict[str, dict[int, tuple[str, int, float]]] = {}  # cell -> call -> run, beat, since

    def dead(self, cell: str, holds: Iterable[Hold]) -> list[Hold]:
        """Those of all the holds of a cell that have given no sign of life for `LEASE` seconds."""
        before, present = self._seen.get(cell, {}), self._elapsed()
        now: dict[int, tuple[str, int, float]] = {}
        found = []
        for hold in holds:
            if hold.run == self.run:
                continue
            run, beat, since = before.get(hold.call, ("", -1, present))
            if (run, beat) != (hold.run, hold.beat):
                since = present
            now[hold.call] = (hold.run, hold.beat, since)
            if present - since >= LEASE:
                found.append(hold)
        self._seen[cell] = now
        return found
