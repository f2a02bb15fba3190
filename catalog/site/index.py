"""The small rows of all servers and tools, read from the state as they are asked for.

Everything comes sorted: servers by name, whatever its case, the tools of a server riskiest first. The
sequences can be gone through any number of times and are never held in memory as a whole.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, Final, Generic, Protocol, TypeVar

from catalog.records import Outcome
from catalog.site import kin
from catalog.site.gather import gathered, kin_key, name_folders, store
from catalog.site.grade import grade
from catalog.site.state import State, to_bytes, to_name
from catalog.site.words import ALL_CATEGORIES
from classifier.types import LEVELS, Action, Category, Level

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from catalog.records import ServerEntry
    from catalog.site.made import Kind

__all__ = ["Catalogue", "FailureRow", "ServerRow", "SiteIndex", "ToolRow", "index", "kin_key"]

Row = TypeVar("Row")

_KEPT: Final = 10_000  # servers
BY_RANK: Final = tuple(sorted((*LEVELS, Level.UNKNOWN), key=lambda level: level.rank))
_S: Final = "server.id, server.name, server.slug, server.tools, server.points, server.row"
_T: Final = """tool.name, tool.slug, tool.level, tool.category, tool.action, tool.per_minute, tool.confidence, tool.first_seen,
 tool.fingerprint, tool.corrected"""
_BOTH: Final = f"SELECT {_T}, {_S} FROM tool JOIN server ON server.id = tool.server"  # noqa: S608
_BOTH_NUMBERED: Final = f"SELECT {_T}, {_S}, tool.id FROM tool JOIN server ON server.id = tool.server"  # noqa: S608
_AMONG: Final = "WHERE tool.id IN (SELECT value FROM json_each(?))"
_SERVERS: Final = f"SELECT {_S} FROM server WHERE server.tools > 0"  # noqa: S608
# For each server in order its own tools in order: no sorting, whatever their number.
_IN_ORDER: Final = f"SELECT {_T}, {_S} FROM server CROSS JOIN tool ON tool.server = server.id"  # noqa: S608
_ORDER: Final = "ORDER BY server.fold, server.name, tool.level DESC, tool.name, tool.slug"


class Catalogue(Protocol):
    """What the site is made from; `catalog.db.store.Store` is one.

    One that can also tell `versions()` and give the `chosen(names)` is read again only where it changed.
    """

    def servers(self) -> Iterator[ServerEntry]:
        """All servers, with their current tools, one at a time."""


@dataclass(frozen=True, slots=True)
class ServerRow:
    """A server that has tools, as listings show it. `counts` maps levels to numbers of tools."""

    name: str
    title: str | None
    counts: tuple[tuple[Level, int], ...]
    points: int
    listed_at: datetime
    slug: str

    @property
    def grade(self) -> str:
        """The exposure grade."""
        return grade(self.points)

    @property
    def tools(self) -> int:
        """How many tools it has."""
        return sum(count for _, count in self.counts)


@dataclass(frozen=True, slots=True)
class ToolRow:
    """A tool as listings show it."""

    server: ServerRow
    name: str
    slug: str
    level: Level
    category: Category
    action: Action
    per_minute: int | None  # calls that the recommended limit lets through
    confidence: float
    first_seen: datetime
    fingerprint: str
    corrected: bool  # by a person


@dataclass(frozen=True, slots=True)
class FailureRow:
    """A server whose last crawl gave nothing, or not everything. `server` when it has tools all the same."""

    name: str
    server: ServerRow | None
    outcome: Outcome
    reason: str
    next_step: str
    unread: tuple[str, ...]
    crawled_at: datetime


class Rows(Generic[Row]):
    """Rows that can be counted and gone through, again and again."""

    def __init__(self, count: Callable[[], int], each: Callable[[], Iterator[Row]]) -> None:
        self._count, self._each = count, each

    def __len__(self) -> int:
        return self._count()

    def __iter__(self) -> Iterator[Row]:
        return self._each()


class SiteIndex:
    """All rows, by server name and tool name, and what resembles what."""

    def __init__(self, state: State | None = None) -> None:
        self.state = state or State.create()
        self._kin: tuple[str | None, dict[str, tuple[list[ToolRow], int]]] = (
            None,
            {},
        )  # of the server asked for last
        self.servers = Rows(self._count("server WHERE tools > 0"), self._each_server)
        self.tools = Rows(self._count("tool"), self.rows)
        self.failures = Rows(self._count("server WHERE failure IS NOT NULL"), self._each_failure)

    def _count(self, what: str) -> Callable[[], int]:
        return lambda: int(self.state.one(f"SELECT count(*) FROM {what}"))  # noqa: S608

    @cached_property
    def known(self) -> int:
        """How many servers the catalogue knows, with tools or without."""
        return int(self.state.one("SELECT count(*) FROM server"))

    @cached_property
    def newest(self) -> datetime | None:
        """When the newest crawl was."""
        latest = self.state.one("SELECT max(crawled) FROM server")
        return datetime.fromisoformat(latest) if latest else None

    def server(self, name: str) -> ServerRow:
        """The row of a server that has tools."""
        return _server_row(next(self.state.rows(f"{_SERVERS} AND server.name = ?", (to_bytes(name),))))

    def tool(self, server: str, slug: str) -> ToolRow:
        """The row of one tool, by its server's name and its slug."""
        found = self.state.rows(f"{_BOTH} WHERE server.name = ? AND tool.slug = ?", (to_bytes(server), slug))
        return next(_tool_rows(found))

    def rows(self, *, level: Level | None = None, category: Category | None = None) -> Iterator[ToolRow]:
        """Tools by server and risk, all or those of one level or category."""
        where, values = _where(level, category)
        return _tool_rows(self.state.rows(f"{_IN_ORDER} {where} {_ORDER}", values))

    def ranked(self, order: str, *, level: Level | None = None) -> Iterator[ToolRow]:
        """Tools in another order of the columns of `tool` and `server`."""
        where, values = _where(level, None)
        return _tool_rows(self.state.rows(f"{_BOTH} {where} ORDER BY {order}", values))

    def most_exposed(self, most: int) -> list[ServerRow]:
        """The servers with the most points."""
        rows = self.state.rows(f"{_SERVERS} ORDER BY points DESC, name LIMIT ?", (most,))
        return [_server_row(row) for row in rows]

    def counts(self) -> Counter[tuple[Category, Level]]:
        """Numbers of tools per category and level."""
        rows = self.state.rows("SELECT category, level, count(*) FROM tool GROUP BY category, level")
        return Counter({(ALL_CATEGORIES[row[0]], BY_RANK[row[1]]): row[2] for row in rows})

    def actions(self, level: Level | None, category: Category | None) -> list[tuple[Action, int | None, int]]:
        """What is recommended for the tools of a level or category: action, calls a minute, number of tools."""
        where, values = _where(level, category)
        query = f"SELECT action, per_minute, count(*) FROM tool {where} GROUP BY action, per_minute ORDER BY action, per_minute"  # noqa: S608
        return [(Action(row[0]), row[1], row[2]) for row in self.state.rows(query, values)]

    def busiest(self, level: Level | None, category: Category | None) -> Iterator[tuple[ServerRow, int]]:
        """Servers by the number of their tools of a level or category, most first."""
        where, values = _where(level, category)
        query = f"SELECT {_S}, count(*) AS many FROM tool JOIN server ON server.id = tool.server {where} GROUP BY server.id ORDER BY many DESC, server.name"  # noqa: S608
        return ((_server_row(row), row[-1]) for row in self.state.rows(query, values))

    def mean_confidence(self) -> float:
        """Of all tools; 0 without any."""
        return float(self.state.one("SELECT avg(confidence) FROM tool") or 0.0)

    def gleaned(self, kind: str) -> Iterator[tuple[ServerRow, Any]]:
        """What that kind of page picked from each server, by server name."""
        query = f"SELECT {_S}, value FROM gleaning JOIN server ON server.id = gleaning.server WHERE kind = ? ORDER BY fold, name"  # noqa: S608
        for row in self.state.rows(query, (kind,)):
            yield _server_row(row), json.loads(row[-1])

    def slugs_of(self, name: str) -> dict[tuple[str, str], str]:
        """The slugs of a server's tools, by name and fingerprint."""
        query = "SELECT tool.name, tool.fingerprint, tool.slug FROM tool JOIN server ON server.id = tool.server WHERE server.name = ?"
        return {(to_name(row[0]), row[1]): row[2] for row in self.state.rows(query, (to_bytes(name),))}

    def kin(self, server: str, slug: str) -> tuple[list[ToolRow], int]:
        """Tools with the same definition or name on other servers, and how many more there are."""
        if self._kin[0] != server:
            self._kin = server, self._kin_of(server)
        return self._kin[1].get(slug, ([], 0))

    def _kin_of(self, server: str) -> dict[str, tuple[list[ToolRow], int]]:
        """The kin of all tools of a server that have any, by slug."""
        query = "SELECT tool.slug, tool.kin FROM tool JOIN server ON server.id = tool.server WHERE server.name = ? AND tool.kin <> ''"
        kept = {slug: kin.unpacked(one) for slug, one in self.state.rows(query, (to_bytes(server),))}
        wanted = json.dumps([number for numbers, _ in kept.values() for number in numbers])
        rows = list(self.state.rows(f"{_BOTH_NUMBERED} {_AMONG}", (wanted,)))
        found = dict(zip([row[-1] for row in rows], _tool_rows(rows), strict=True))
        return {slug: ([found[number] for number in numbers], left) for slug, (numbers, left) in kept.items()}

    def kin_servers(self, server: str) -> list[tuple[ServerRow, int]]:
        """Servers that share the most tool names with this one, and how many names."""
        kept = self.state.one("SELECT kin FROM server WHERE name = ?", (to_bytes(server),))
        return [
            (_server_row(row), count)
            for number, count, _ in json.loads(kept or "[]")
            for row in self.state.rows(f"{_SERVERS} AND server.id = ?", (number,))
        ]

    def _each_server(self) -> Iterator[ServerRow]:
        return (_server_row(row) for row in self.state.rows(f"{_SERVERS} ORDER BY fold, name"))

    def _each_failure(self) -> Iterator[FailureRow]:
        query = f"SELECT {_S}, failure FROM server WHERE failure IS NOT NULL ORDER BY fold, name"  # noqa: S608
        for row in self.state.rows(query):
            outcome, reason, next_step, unread, crawled = json.loads(row[-1])
            yield FailureRow(
                to_name(row[1]),
                _server_row(row) if row[3] else None,
                Outcome(outcome),
                reason,
                next_step,
                tuple(unread),
                datetime.fromisoformat(crawled),
            )


def _where(level: Level | None, category: Category | None) -> tuple[str, list[int]]:
    parts, values = [], []
    if level is not None:
        parts.append("tool.level = ?")
        values.append(level.rank)
    if category is not None:
        parts.append("tool.category = ?")
        values.append(ALL_CATEGORIES.index(category))
    return (f"WHERE {' AND '.join(parts)}" if parts else ""), values


def _server_row(row: Sequence[Any]) -> ServerRow:
    """From the columns of `_S`."""
    return _kept_server(row[1], row[2], row[4], row[5])


@lru_cache(maxsize=_KEPT)
def _kept_server(name: bytes, slug: str, points: int, row: str) -> ServerRow:
    """The lists of the levels and categories go through the same servers one after another."""
    title, counts, listed = json.loads(row)
    levels = tuple((Level(level), count) for level, count in counts)
    return ServerRow(to_name(name), title, levels, points, datetime.fromisoformat(listed), slug)


def _tool_rows(rows: Iterable[Sequence[Any]]) -> Iterator[ToolRow]:
    """From the columns of `_T` and `_S`; tools of one server that follow one another share its row."""
    number, server = None, None
    for row in rows:
        if server is None or row[10] != number:
            number, server = row[10], _server_row(row[10:])
        yield ToolRow(
            server,
            to_name(row[0]),
            row[1],
            BY_RANK[row[2]],
            ALL_CATEGORIES[row[3]],
            Action(row[4]),
            row[5],
            row[6],
            datetime.fromisoformat(row[7]),
            row[8],
            bool(row[9]),
        )


def index(catalogue: Catalogue, kinds: Iterable[Kind] = ()) -> SiteIndex:
    """The index of a whole catalogue, read once, in memory."""
    state, kept = State.create(), list(kinds)
    for number, entry in enumerate(catalogue.servers(), start=1):
        store(state, number, "", gathered(entry, kept))
    name_folders(state)
    kin.relate(state, [row[0] for row in state.rows("SELECT DISTINCT key FROM tool")])
    kin.acquaint(state, [row[0] for row in state.rows("SELECT id FROM server WHERE tools > 0")])
    return SiteIndex(state)
