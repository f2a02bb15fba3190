"""Reading servers and tools back, joined with the newest classification of each definition.

Only tools that a server has now (open sightings) and that are classified are given; what is not
classified yet is what `unclassified` gives.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from sqlalchemy import ColumnElement, ScalarSelect, and_, case, exists, func, select
from sqlalchemy.orm import aliased

from catalog.db.codec import decode
from catalog.db.corrected import label_column
from catalog.db.identity import FILE
from catalog.db.launch import target
from catalog.db.models import Crawl, CrawlOutcome, Definition, Label, Package, Server, Sighting
from catalog.db.views import ToolSighting, Totals
from catalog.db.writing import digest
from catalog.records import Outcome, ServerEntry, ToolEntry
from classifier.types import Category, Level, Provenance, ToolDefinition

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import Row, Select
    from sqlalchemy.engine import Connection

    from catalog.overrides.book import Overrides

    AnyRow: TypeAlias = Row[*tuple[Any, ...]]
    AnySelect: TypeAlias = Select[*tuple[Any, ...]]

PAGE_SERVERS: Final = 25  # servers in memory at a time; each may have thousands of tools
PAGE_DEFINITIONS: Final = 500

_Newer = aliased(Label)
newest_label: Final = (Label.definition_id == Definition.id) & ~exists().where(
    _Newer.definition_id == Label.definition_id, _Newer.id > Label.id
).correlate(Label)
still_there: Final[ColumnElement[bool]] = Sighting.last_crawl_id.is_(None)


def unfinished_crawl(connection: Connection, targets: Sequence[str], since: datetime) -> int | None:
    """The newest crawl of the same targets that was begun after `since` and never ended."""
    query = select(func.max(Crawl.id)).where(
        Crawl.targets_digest == digest(targets), Crawl.ended_at.is_(None), Crawl.started_at > since
    )
    return connection.execute(query).scalar()


def crawled(connection: Connection, crawl: int) -> frozenset[str]:
    """Names of the servers that the crawl has an outcome for."""
    query = select(Server.name).join(CrawlOutcome).where(CrawlOutcome.crawl_id == crawl)
    return frozenset(connection.execute(query).scalars())


def last_crawl(connection: Connection) -> int | None:
    """The newest crawl that read any server."""
    return connection.execute(select(func.max(CrawlOutcome.crawl_id))).scalar()


def server_names(connection: Connection) -> list[str]:
    """All names, in order."""
    return list(connection.execute(select(Server.name).order_by(Server.name)).scalars())


def unclassified(connection: Connection, version: str, after: int) -> list[tuple[int, ToolDefinition]]:
    """The next definitions without a classification of that version, with their ids, ids above `after`."""
    earlier = aliased(Sighting)
    first = select(func.min(earlier.id)).where(earlier.definition_id == Definition.id).scalar_subquery()
    done = exists().where(Label.definition_id == Definition.id, Label.version == version)
    query = (
        select(*definition_columns(), Definition.id)
        .select_from(Definition)
        .join(Sighting, Sighting.id == first)
        .join(Server, Server.id == Sighting.server_id)
        .where(Definition.id > after, ~done)
        .order_by(Definition.id)
        .limit(PAGE_DEFINITIONS)
    )
    return [(row.id, definition_of(row)) for row in connection.execute(query)]


def entries(
    connection: Connection, overrides: Overrides, *where: ColumnElement[bool], limit: int | None = None
) -> list[ServerEntry]:
    """Servers that meet the conditions (on `Server` and `LastOutcome`), by name, with their tools."""
    rows = connection.execute(_servers().where(*where).order_by(Server.name).limit(limit)).all()
    tools = _tools_by_server(connection, [row.id for row in rows], overrides)
    return [_entry(row, tools[row.id]) for row in rows]


def page(connection: Connection, overrides: Overrides, after: str) -> list[ServerEntry]:
    """The next servers by name, names above `after`."""
    return entries(connection, overrides, Server.name > after, limit=PAGE_SERVERS)


def named(connection: Connection, overrides: Overrides, name: str) -> ServerEntry | None:
    """The server of that name."""
    return next(iter(entries(connection, overrides, Server.name == name)), None)


def failures(connection: Connection, overrides: Overrides) -> list[ServerEntry]:
    """Servers whose last crawl did not end well."""
    return entries(connection, overrides, LastOutcome.outcome != Outcome.OK)


def holding(connection: Connection, overrides: Overrides, fingerprint: str) -> list[ToolEntry]:
    """The current tools of all servers that have exactly this definition, by server."""
    query = _tools().where(Definition.fingerprint == fingerprint).order_by(Server.name)
    return [tool_entry(row, overrides) for row in connection.execute(query)]


def former_holders(connection: Connection, fingerprints: Iterable[str]) -> list[tuple[str, str, str]]:
    """Server, tool and fingerprint of those definitions where a server does not list them any more."""
    wanted, found = list(fingerprints), []
    for start in range(0, len(wanted), PAGE_DEFINITIONS):
        query = (
            select(Server.name, Definition.name, Definition.fingerprint)
            .select_from(Sighting)
            .join(Definition)
            .join(Server)
            .where(Definition.fingerprint.in_(wanted[start : start + PAGE_DEFINITIONS]), ~still_there)
        )
        found += [(row[0], row[1], row[2]) for row in connection.execute(query)]
    return found


def history(connection: Connection, server: str, tool: str) -> list[ToolSighting]:
    """All definitions that the server has had under that tool name, oldest first."""
    query = (
        select(
            *tool_columns(),
            Sighting.first_crawl_id,
            Sighting.last_crawl_id,
        )
        .select_from(Sighting)
        .join(Definition)
        .join(Server)
        .outerjoin(Label, newest_label)
        .where(Server.name == server, Definition.name == tool)
        .order_by(Sighting.first_crawl_id, Sighting.id)
    )
    return [_sighting(row) for row in connection.execute(query)]


def totals(connection: Connection, overrides: Overrides) -> Totals:
    """Count what is there now."""
    current = (
        select(func.count())
        .select_from(Sighting)
        .join(Definition)
        .join(Server)
        .join(Label, newest_label)
        .where(still_there)
    )
    labels = (
        label_column("category", overrides).label("category_now"),
        label_column("risk", overrides).label("risk_now"),
    )
    per_label = current.add_columns(*labels).group_by("category_now", "risk_now")
    by_category: dict[Category, int] = defaultdict(int)
    by_level: dict[Level, int] = defaultdict(int)
    for count, category, risk in connection.execute(per_label):
        by_category[Category(category)] += count
        by_level[Level(risk)] += count
    definitions = current.with_only_columns(func.count(Sighting.definition_id.distinct()))
    return Totals(
        servers=connection.execute(select(func.count(Server.id))).scalar_one(),
        tools=sum(by_level.values()),
        definitions=connection.execute(definitions).scalar_one(),
        by_category=dict(by_category),
        by_level=dict(by_level),
        crawled_at=connection.execute(select(func.max(CrawlOutcome.recorded_at))).scalar(),
    )


def tool_columns() -> tuple[ColumnElement[Any], ...]:
    """What `tool_entry` needs of a query over sightings, definitions, servers and labels."""
    return (
        *definition_columns(),
        Label.body.label("label"),
        _seen(CrawlOutcome.crawl_id == Sighting.first_crawl_id).label("first_seen"),
        case(
            (still_there, _last_listed_at()),
            else_=_seen(CrawlOutcome.crawl_id == Sighting.last_crawl_id),
        ).label("last_seen"),
    )


def tool_entry(row: AnyRow, overrides: Overrides) -> ToolEntry:
    """A tool as the rest of the catalogue sees it, corrected, from a row with `tool_columns`."""
    definition = definition_of(row)
    corrected = overrides.correct(row.server, definition, decode(row.fingerprint, row.label))
    return ToolEntry(
        server=row.server,
        definition=definition,
        classification=corrected.classification,
        first_seen=row.first_seen,
        last_seen=row.last_seen or row.first_seen,
        override=corrected.override,
        overruled=corrected.overruled,
        outdated=corrected.outdated,
    )


LastOutcome = aliased(CrawlOutcome, name="last_outcome")
_Listed = aliased(CrawlOutcome, name="listed")


def _servers() -> AnySelect:
    """Servers with their last outcome, their last one that gave tools, and the package it came from."""
    by_server = CrawlOutcome.server_id == Server.id
    last = select(func.max(CrawlOutcome.id)).where(by_server).correlate(Server).scalar_subquery()
    listed = select(func.max(CrawlOutcome.id)).where(by_server, CrawlOutcome.tools > 0).correlate(Server)
    return (
        select(
            *(Server.id, Server.name, Server.title, Server.repository, Server.source),
            *(LastOutcome.outcome, LastOutcome.reason, LastOutcome.next_step, LastOutcome.notes),
            *(LastOutcome.isolation, LastOutcome.recorded_at.label("crawled_at")),
            _Listed.recorded_at.label("listed_at"),
            *(
                func.coalesce(getattr(_Listed, name), getattr(LastOutcome, name)).label(name)
                for name in _FROM_LISTING
            ),
            case((_Listed.id.is_(None), LastOutcome.unread), else_=_Listed.unread).label("unread"),
            *(Package.kind, Package.name.label("package"), Package.version),
        )
        .select_from(Server)
        .join(LastOutcome, LastOutcome.id == last)
        .outerjoin(_Listed, _Listed.id == listed.scalar_subquery())
        .outerjoin(Package, Package.id == func.coalesce(_Listed.package_id, LastOutcome.package_id))
    )


_FROM_LISTING: Final = ("protocol_version", "provenance")


def _entry(row: AnyRow, tools: Iterable[ToolEntry]) -> ServerEntry:
    return ServerEntry(
        name=row.name,
        title=row.title,
        repository=row.repository,
        package=target(row.kind, row.package) if row.package and row.kind != FILE else None,
        package_version=row.version or None,
        protocol_version=row.protocol_version,
        source=row.source,
        provenance=Provenance(row.provenance) if row.provenance else None,
        outcome=Outcome(row.outcome),
        reason=row.reason,
        next_step=row.next_step,
        notes=tuple(row.notes),
        unread=tuple(row.unread),
        isolation=row.isolation,
        crawled_at=row.crawled_at,
        listed_at=row.listed_at,
        tools=tuple(sorted(tools, key=_riskiest_first)),
    )


def _riskiest_first(tool: ToolEntry) -> tuple[int, str, str]:
    return -tool.classification.risk.rank, tool.definition.name, tool.definition.fingerprint


def _tools() -> AnySelect:
    """The current, classified tools of all servers."""
    return (
        select(*tool_columns(), Sighting.server_id)
        .select_from(Sighting)
        .join(Definition)
        .join(Server)
        .join(Label, newest_label)
        .where(still_there)
    )


def _tools_by_server(
    connection: Connection, servers: Sequence[int], overrides: Overrides
) -> dict[int, list[ToolEntry]]:
    found: dict[int, list[ToolEntry]] = defaultdict(list)
    for start in range(0, len(servers), PAGE_SERVERS):
        query = _tools().where(Sighting.server_id.in_(servers[start : start + PAGE_SERVERS]))
        for row in connection.execute(query):
            found[row.server_id].append(tool_entry(row, overrides))
    return found


def _sighting(row: AnyRow) -> ToolSighting:
    return ToolSighting(
        definition=definition_of(row),
        classification=decode(row.fingerprint, row.label) if row.label else None,
        first_crawl=row.first_crawl_id,
        last_crawl=row.last_crawl_id,
        first_seen=row.first_seen,
        last_seen=row.last_seen or row.first_seen,
    )


def definition_columns() -> tuple[ColumnElement[Any], ...]:
    """What `definition_of` needs of a query over sightings, definitions and servers."""
    return (
        Server.name.label("server"),
        *(Definition.fingerprint, Definition.body),
        *(Sighting.provenance, Sighting.location, Sighting.description_unread),
    )  # type: ignore[return-value]


def definition_of(row: AnyRow) -> ToolDefinition:
    """A definition as it was seen, from a row with `definition_columns`."""
    body = row.body
    return ToolDefinition(
        server=row.server,
        name=body["name"],
        title=body.get("title"),
        description=body.get("description"),
        input_schema=body.get("inputSchema"),
        output_schema=body.get("outputSchema"),
        annotations=body.get("annotations"),
        provenance=Provenance(row.provenance),
        location=row.location,
        description_unread=row.description_unread,
    )


def _seen(when: ColumnElement[bool]) -> ScalarSelect[datetime]:
    """When the sighting's server was crawled in that crawl."""
    at = select(CrawlOutcome.recorded_at).where(and_(when, CrawlOutcome.server_id == Sighting.server_id))
    return at.correlate(Sighting).scalar_subquery()


def _last_listed_at() -> ScalarSelect[datetime]:
    newest = select(CrawlOutcome.recorded_at).where(
        CrawlOutcome.server_id == Sighting.server_id, CrawlOutcome.tools > 0
    )
    return newest.order_by(CrawlOutcome.id.desc()).limit(1).correlate(Sighting).scalar_subquery()
