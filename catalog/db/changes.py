"""Drift: what crawls found to be new, gone or changed, read from the sightings, newest first.

A sighting that a crawl opened or closed is half of a change; the two halves under one tool name are a
changed definition. What a server had when it was first read is one change, the server itself.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import ColumnElement, Select, func, literal, select, union_all
from sqlalchemy.orm import aliased

from catalog.db.codec import decode
from catalog.db.difference import Difference, differences
from catalog.db.models import CrawlOutcome, Definition, Label, Server, Sighting
from catalog.db.reading import definition_columns, definition_of, newest_label
from classifier.findings import findings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlalchemy.engine import Connection

    from catalog.db.reading import AnyRow, AnySelect
    from catalog.overrides.book import Overrides
    from classifier.findings import Finding
    from classifier.types import Classification, ToolDefinition

_STREAM: Final = 2_000  # rows at a time
_PORTION: Final = 500  # sightings or outcomes read in one statement
_OUTCOMES: Final = 50  # crawls of servers whose definitions are in memory at a time
_NAMESPACE: Final = uuid.UUID(
    "5f8a1c1e-7d0c-4e7c-9d6b-3f0b8a4f2c11"
)  # of the ids of changes; any, but for ever


class ChangeKind(StrEnum):
    """What a crawl found to be different from the one before."""

    SERVER_ADDED = "server_added"
    SERVER_REMOVED = "server_removed"
    SERVER_RETURNED = "server_returned"
    TOOL_ADDED = "tool_added"
    TOOL_REMOVED = "tool_removed"
    TOOL_CHANGED = "tool_changed"


@dataclass(frozen=True, slots=True)
class Stated:
    """A definition with its label by the newest classifier, corrected; None where it has none yet."""

    definition: ToolDefinition
    classification: Classification | None


@dataclass(frozen=True)
class Change:
    """One change, found by `crawl` when it read the server `at` that time (UTC).

    `before` and `after` are of a tool: a new one has no `before`, one that is gone no `after`. `tools` is how
    many came or went with a server.
    """

    kind: ChangeKind
    server: str
    crawl: int
    at: datetime
    tools: int = 0
    before: Stated | None = None
    after: Stated | None = None

    @property
    def tool(self) -> str | None:
        """The tool's name; None for a change of the server."""
        stated = self.after or self.before
        return stated.definition.name if stated else None

    @cached_property
    def id(self) -> str:
        """A UUID: the same in every database that holds this change."""
        prints = [one.definition.fingerprint if one else "" for one in (self.before, self.after)]
        parts = (self.kind.value, self.server, self.tool or "", self.at.isoformat(), *prints)
        return str(uuid.uuid5(_NAMESPACE, "\0".join(parts).encode("utf-8", "backslashreplace").decode()))

    @cached_property
    def differences(self) -> tuple[Difference, ...]:
        """What a changed definition says differently."""
        if self.before is None or self.after is None:
            return ()
        return tuple(differences(self.before.definition, self.after.definition))

    @cached_property
    def suspicious(self) -> tuple[Finding, ...]:
        """Suspicious texts of the new definition, of kinds that the one before did not have."""
        if self.after is None:
            return ()
        had = {one.id for one in findings(self.before.definition)} if self.before else frozenset()
        return tuple(one for one in findings(self.after.definition) if one.id not in had)

    @property
    def read_differently(self) -> bool:
        """Whether the two definitions came to us in different ways: then the server need not have changed."""
        if self.before is None or self.after is None:
            return False
        return self.before.definition.provenance is not self.after.definition.provenance


@dataclass(frozen=True, slots=True)
class Window:
    """Which changes: since a time, or found by crawls after the one of that number; of these servers."""

    since: datetime | int | None = None
    servers: Sequence[str] | None = None


@dataclass(slots=True)
class _Event:
    """The reading of one server: how many sightings it opened and closed, and their numbers where they are needed."""

    outcome: int
    server: int
    name: str
    crawl: int
    at: datetime
    tools: int | None
    came: int
    went: int
    opened: list[int] = field(default_factory=list)
    closed: list[int] = field(default_factory=list)
    former: int | None = None  # tools at the reading before; None at the first one
    full: int | None = None  # the last crawl before that found any tools

    @property
    def of_tools(self) -> bool:
        """Whether it tells of single tools, and not of the server as a whole."""
        return bool(self.full) and self.tools != 0


def changes(connection: Connection, overrides: Overrides, window: Window) -> Iterator[Change]:
    """All changes of the window, newest first, as a stream; of one crawl of a server, by tool name."""
    events = _events(connection, window)
    while some := list(islice(events, _OUTCOMES)):
        _remember(connection, some)
        _number(connection, [one for one in some if one.of_tools])
        for one in some:
            if one.of_tools and one.former == 0:
                one.closed = _before_it_went(connection, one)
        wanted = [key for one in some for key in (*one.opened, *one.closed)]
        stated = _stated(connection, overrides, wanted)
        for one in some:
            yield from _told(one, stated)


def _events(connection: Connection, window: Window) -> Iterator[_Event]:
    for row in connection.execute(_query(window).execution_options(yield_per=_STREAM)):
        yield _Event(
            *(row.outcome, row.server_id, row.name, row.crawl_id, row.recorded_at, row.tools),
            *(int(row.came), int(row.went)),
        )


def _query(window: Window) -> AnySelect:
    """Every reading of a server that opened or closed a sighting."""
    halves = union_all(_narrowed(_opened(), window), _narrowed(_closed(), window)).subquery()
    sums = (
        select(
            halves.c.outcome,
            func.sum(halves.c.opened).label("came"),
            func.sum(1 - halves.c.opened).label("went"),
        )
        .group_by(halves.c.outcome)
        .subquery()
    )
    query = (
        select(
            *(sums.c.outcome, sums.c.came, sums.c.went, Server.name),
            *(CrawlOutcome.server_id, CrawlOutcome.crawl_id, CrawlOutcome.recorded_at, CrawlOutcome.tools),
        )
        .join(CrawlOutcome, CrawlOutcome.id == sums.c.outcome)
        .join(Server, Server.id == CrawlOutcome.server_id)
        .order_by(sums.c.outcome.desc())
    )
    if isinstance(window.since, datetime):
        return query.where(CrawlOutcome.recorded_at >= window.since)
    return query if window.since is None else query.where(CrawlOutcome.crawl_id > window.since)


def _number(connection: Connection, events: Sequence[_Event]) -> None:
    """The sightings that these readings opened and closed."""
    known = {event.outcome: event for event in events}
    here = Sighting.server_id.in_({event.server for event in events})
    halves = union_all(_opened().where(here), _closed().where(here)).subquery()
    query = select(halves).where(halves.c.outcome.in_(known)).order_by(halves.c.sighting)
    for row in connection.execute(query) if known else ():
        event = known[row.outcome]
        (event.opened if row.opened else event.closed).append(row.sighting)


def _narrowed(query: AnySelect, window: Window) -> AnySelect:
    if window.servers is None:
        return query
    return query.where(Sighting.server_id.in_(select(Server.id).where(Server.name.in_(window.servers))))


def _opened() -> AnySelect:
    first = aliased(CrawlOutcome)
    there = (first.server_id == Sighting.server_id) & (first.crawl_id == Sighting.first_crawl_id)
    return select(first.id.label("outcome"), Sighting.id.label("sighting"), literal(1).label("opened")).join(
        first, there
    )


def _closed() -> AnySelect:
    """A sighting names the last crawl that had it; the next one that told the server's tools closed it."""
    last = aliased(CrawlOutcome)
    there = (last.server_id == Sighting.server_id) & (last.crawl_id == Sighting.last_crawl_id)
    query = select(_next(last).label("outcome"), Sighting.id.label("sighting"), literal(0).label("opened"))
    return query.join(last, there).where(Sighting.last_crawl_id.is_not(None))


def _next(last: Any) -> ColumnElement[Any]:
    later = aliased(CrawlOutcome)
    after = select(func.min(later.id)).where(later.server_id == last.server_id, later.id > last.id)
    telling = after.where(later.tools.is_not(None))
    # A crawl that was recorded twice can end in a failure although it closed something.
    return func.coalesce(telling.scalar_subquery(), after.scalar_subquery())


def _remember(connection: Connection, events: Sequence[_Event]) -> None:
    """What was known of each server before."""
    here, earlier = aliased(CrawlOutcome), aliased(CrawlOutcome)
    before = (earlier.server_id == here.server_id) & (earlier.id < here.id)
    newest = earlier.id.desc()
    told = select(earlier.tools).where(before, earlier.tools.is_not(None)).order_by(newest).limit(1)
    full = select(earlier.crawl_id).where(before, earlier.tools > 0).order_by(newest).limit(1)
    query: Select[Any] = select(
        here.id, told.scalar_subquery().label("told"), full.scalar_subquery().label("full")
    )
    known = {event.outcome: event for event in events}
    for row in connection.execute(query.where(here.id.in_(known))):
        known[row.id].former, known[row.id].full = row.told, row.full


def _before_it_went(connection: Connection, event: _Event) -> list[int]:
    """The sightings of a server that has come back, as they were when it went."""
    query = select(Sighting.id).where(
        Sighting.server_id == event.server, Sighting.last_crawl_id == event.full
    )
    return list(connection.execute(query.order_by(Sighting.id)).scalars())


def _stated(connection: Connection, overrides: Overrides, wanted: Sequence[int]) -> dict[int, Stated]:
    found = {}
    for start in range(0, len(wanted), _PORTION):
        query = (
            select(Sighting.id, *definition_columns(), Label.body.label("label"))
            .select_from(Sighting)
            .join(Definition)
            .join(Server)
            .outerjoin(Label, newest_label)
            .where(Sighting.id.in_(wanted[start : start + _PORTION]))
        )
        for row in connection.execute(query):
            found[row.id] = _one(row, overrides)
    return found


def _one(row: AnyRow, overrides: Overrides) -> Stated:
    definition = definition_of(row)
    if not row.label:
        return Stated(definition, None)
    own = decode(row.fingerprint, row.label)
    return Stated(definition, overrides.correct(row.server, definition, own).classification)


def _told(event: _Event, stated: dict[int, Stated]) -> Iterator[Change]:
    """The changes of one reading of a server."""
    if not event.full:
        yield _server(event, ChangeKind.SERVER_ADDED, event.came)
    elif event.tools == 0:
        yield _server(event, ChangeKind.SERVER_REMOVED, event.went)
    else:
        if event.former == 0:
            yield _server(event, ChangeKind.SERVER_RETURNED, event.came)
        yield from _tools(event, [stated[key] for key in event.closed], [stated[key] for key in event.opened])


def _server(event: _Event, kind: ChangeKind, tools: int) -> Change:
    return Change(kind, event.name, event.crawl, event.at, tools)


def _tools(event: _Event, before: Iterable[Stated], after: Iterable[Stated]) -> Iterator[Change]:
    """Pair what was and what is by name; a definition that is on both sides has not changed."""
    was, now = _by_name(before), _by_name(after)
    for name in sorted(was.keys() | now.keys()):
        same = {one.definition.fingerprint for one in was[name]} & {
            one.definition.fingerprint for one in now[name]
        }
        old = [one for one in was[name] if one.definition.fingerprint not in same]
        new = [one for one in now[name] if one.definition.fingerprint not in same]
        pairs = min(len(old), len(new))
        for left, right in zip(old[:pairs], new[:pairs], strict=True):
            yield Change(ChangeKind.TOOL_CHANGED, event.name, event.crawl, event.at, 0, left, right)
        for left in old[pairs:]:
            yield Change(ChangeKind.TOOL_REMOVED, event.name, event.crawl, event.at, 0, left)
        for right in new[pairs:]:
            yield Change(ChangeKind.TOOL_ADDED, event.name, event.crawl, event.at, 0, None, right)


def _by_name(some: Iterable[Stated]) -> defaultdict[str, list[Stated]]:
    found: defaultdict[str, list[Stated]] = defaultdict(list)
    for one in some:
        found[one.definition.name].append(one)
    return found
