"""Bringing the index up to the catalogue, and finding out whose files must be made anew for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Final

from catalog.site import kin
from catalog.site.gather import name_folders, store
from catalog.site.rows import extent
from catalog.site.state import State, to_bytes, to_name
from catalog.site.work import Order, unpacked

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from catalog.site.gather import Gathered

CHUNK: Final = 50  # servers read at a time by one process
_PORTION: Final = 1_000  # names that are made kin at a time
_TEMPORARY: Final = "CREATE TEMP TABLE touched (key TEXT PRIMARY KEY, moved INTEGER NOT NULL) WITHOUT ROWID"
_TOUCH: Final = (
    "INSERT INTO touched VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET moved = max(moved, excluded.moved)"
)


@dataclass(slots=True)
class Changes:
    """What differs between the index and the catalogue.

    `changed`: servers to read again, with their versions; `gone`: files of servers that are no more. `whole`
    and `partly` are numbers of servers whose files are to be made: all, or those of some tools (by slug); `moved`
    are those that have another folder than before, or their first one.
    """

    state: State
    changed: dict[str, str] = field(default_factory=dict)
    gone: list[str] = field(default_factory=list)
    whole: set[int] = field(default_factory=set)
    partly: dict[int, set[str]] = field(default_factory=dict)
    moved: list[int] = field(default_factory=list)
    _numbers: dict[str, int] = field(default_factory=dict)

    def compare(self, versions: Iterable[tuple[str, str]]) -> None:
        """Find the servers that are new, changed or gone; those that are gone leave the index."""
        self.state.connection.execute(_TEMPORARY)
        known = {row[0]: row[1:] for row in self.state.rows("SELECT name, id, version FROM server")}
        number = max((row[0] for row in known.values()), default=0)
        for name, version in versions:
            before = known.pop(to_bytes(name), None)
            if before is None:
                number += 1
            if before is None or before[1] != version:
                self.changed[name] = version
                self._numbers[name] = before[0] if before else number
        for gone, _ in known.values():
            self._forget(gone)

    def take(self, some: Iterable[Gathered]) -> None:
        """Put what was read of changed servers into the index."""
        self.state.connection.execute("BEGIN")
        for one in some:
            number = self._numbers[one.name]
            before = self._keys(number)
            for table in ("tool", "gleaning"):
                self.state.connection.execute(f"DELETE FROM {table} WHERE server = ?", (number,))  # noqa: S608
            store(self.state, number, self.changed[one.name], one)
            after = self._keys(number)
            self._touch((key, (key in before) != (key in after)) for key in before | after)
            self.whole.add(number)
        self.state.connection.execute("COMMIT")

    def settle(self) -> None:
        """Once all changed servers are in: name folders, find kin, and see on whose pages that shows."""
        state = self.state
        self.moved = name_folders(state)
        for number in self.moved:
            self.whole.add(number)
            self._touch((key, True) for key in self._keys(number))
        around = extent(int(state.one("SELECT count(*) FROM server")))
        if state.recall("around") != around:
            state.remember("around", around)
            self.whole.update(row[0] for row in state.rows("SELECT id FROM server"))
        for keys in self._portions("SELECT key FROM touched WHERE key > ? ORDER BY key LIMIT ?"):
            self._show(kin.relate(state, keys))
        companions = set(self.whole)
        for keys in self._portions("SELECT key FROM touched WHERE key > ? AND moved ORDER BY key LIMIT ?"):
            companions |= kin.company(state, keys)
        for number in kin.acquaint(state, sorted(companions)) - self.whole:
            self.partly.setdefault(number, set()).add("index")
        state.connection.execute("DROP TABLE touched")

    def orders(self) -> Iterator[list[Order]]:
        """The servers whose files are to be made, some at a time, by name."""
        query = "SELECT id, name FROM server WHERE tools > 0 OR made <> x'' ORDER BY fold, name"
        due = (
            Order(to_name(name), None if number in self.whole else frozenset(self.partly[number]))
            for number, name in self.state.rows(query)
            if number in self.whole or number in self.partly
        )
        while some := list(islice(due, CHUNK)):
            yield some

    def _forget(self, number: int) -> None:
        state = self.state
        self._touch((key, True) for key in self._keys(number))
        made = state.one("SELECT made FROM server WHERE id = ?", (number,))
        self.gone += [path for path, _ in unpacked(made)]
        for table, column in (
            ("tool", "server"),
            ("gleaning", "server"),
            ("piece", "server"),
            ("server", "id"),
        ):
            state.connection.execute(f"DELETE FROM {table} WHERE {column} = ?", (number,))  # noqa: S608

    def _keys(self, number: int) -> set[str]:
        return {
            row[0] for row in self.state.rows("SELECT DISTINCT key FROM tool WHERE server = ?", (number,))
        }

    def _touch(self, keys: Iterable[tuple[str, bool]]) -> None:
        self.state.connection.executemany(_TOUCH, keys)

    def _portions(self, query: str) -> Iterator[list[str]]:
        last = ""
        while keys := [row[0] for row in self.state.rows(query, (last, _PORTION))]:
            yield keys
            last = keys[-1]

    def _show(self, tools: Iterable[int]) -> None:
        for one in tools:
            server, slug = next(self.state.rows("SELECT server, slug FROM tool WHERE id = ?", (one,)))
            if server not in self.whole:
                self.partly.setdefault(server, set()).add(slug)


def chunks(names: Iterable[str]) -> Iterator[list[str]]:
    """Some names at a time."""
    stream = iter(names)
    while some := list(islice(stream, CHUNK)):
        yield some
