"""Writing what a crawl found: one transaction per server, and one row when nothing changed."""

from __future__ import annotations

import hashlib
import json
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, TypeVar

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from catalog.db.codec import encode
from catalog.db.identity import identity
from catalog.db.models import Base, Crawl, CrawlOutcome, Definition, Label, Package, Server, Sighting
from catalog.db.words import name_words, text_words
from catalog.records import CrawlResult, Outcome, ServerRecord
from classifier.types import Classification, Provenance, ToolDefinition

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from sqlalchemy.engine import Connection

CHUNK: Final = 500  # rows per statement; SQLite takes at most 32,766 parameters
T = TypeVar("T")


def chunks(items: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    """Lists of at most `size` items, read from `items` as they are asked for."""
    rest = iter(items)
    while chunk := list(islice(rest, size)):
        yield chunk


def digest(targets: Sequence[str]) -> str:
    """The same for the same set of targets in any order; says nothing about what they are."""
    canonical = json.dumps(sorted(set(targets)), ensure_ascii=True)
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()


def begin_crawl(connection: Connection, targets: Sequence[str], at: datetime) -> int:
    """Start a crawl; returns its number."""
    row = {"targets_digest": digest(targets), "targets_count": len(set(targets)), "started_at": at}
    return connection.execute(insert(Crawl).values(row).returning(Crawl.id)).scalar_one()


def end_crawl(connection: Connection, crawl: int, at: datetime) -> None:
    """Mark a crawl as finished."""
    connection.execute(update(Crawl).where(Crawl.id == crawl).values(ended_at=at))


def record(connection: Connection, crawl: int, result: CrawlResult, at: datetime) -> None:
    """Store how one server's crawl ended and which tools it has now."""
    server = _server(connection, result.record)
    tools = (
        _sight(connection, crawl, server, result) if _tells_the_tools(connection, server, result) else None
    )
    row = {
        "package_id": _package(connection, server, result),
        "outcome": result.outcome,
        "reason": result.reason,
        "next_step": result.next_step,
        "notes": list(result.notes),
        "unread": list(result.unread),
        "tools": tools,
        "protocol_version": result.protocol_version,
        "provenance": result.provenance,
        "isolation": result.isolation,
        "seconds": result.seconds,
        "recorded_at": at,
    }
    statement = _insert(connection, CrawlOutcome).values(crawl_id=crawl, server_id=server, **row)
    connection.execute(statement.on_conflict_do_update(index_elements=["crawl_id", "server_id"], set_=row))


def save_labels(connection: Connection, version: str, items: Sequence[Classification]) -> int:
    """Store the classifications of known definitions that are new or differ; returns how many."""
    ids = _known_ids(connection, [item.fingerprint for item in items])
    wanted = {ids[item.fingerprint]: item for item in items if item.fingerprint in ids}
    query = select(Label.definition_id, Label.body).where(Label.version == version)
    stored = {
        row.definition_id: row.body
        for row in connection.execute(query.where(Label.definition_id.in_(wanted)))
    }
    rows = [_label_row(key, version, item) for key, item in wanted.items() if stored.get(key) != encode(item)]
    if rows:
        statement = _insert(connection, Label)
        changed = {key: statement.excluded[key] for key in rows[0] if key not in {"definition_id", "version"}}
        connection.execute(
            statement.on_conflict_do_update(index_elements=["definition_id", "version"], set_=changed), rows
        )
    return len(rows)


def _label_row(definition: int, version: str, item: Classification) -> dict[str, Any]:
    return {
        "definition_id": definition,
        "version": version,
        "category": item.category,
        "risk": item.risk,
        "confidence": item.confidence,
        "needs_review": item.needs_review,
        "body": encode(item),
    }


def _server(connection: Connection, known: ServerRecord) -> int:
    """The server's id; its row is locked on PostgreSQL, so that two crawls of it do not mix."""
    query = select(Server.id, Server.title, Server.repository, Server.source).where(Server.name == known.name)
    row = connection.execute(query.with_for_update()).one_or_none()
    if row is None:
        facts = {
            "name": known.name,
            "title": known.title,
            "repository": known.repository,
            "source": known.source,
        }
        connection.execute(_insert(connection, Server).values(facts).on_conflict_do_nothing())
        row = connection.execute(query.with_for_update()).one()
    # A source that knows less does not wipe out what another one knew.
    now = {
        "title": known.title or row.title,
        "repository": known.repository or row.repository,
        "source": known.source,
    }
    if now != {"title": row.title, "repository": row.repository, "source": row.source}:
        connection.execute(update(Server).where(Server.id == row.id).values(now))
    return int(row.id)


def _package(connection: Connection, server: int, result: CrawlResult) -> int | None:
    launch, known = result.record.launch, identity(result.record)
    if known is None:
        return None
    row = {
        "server_id": server,
        "kind": known[0],
        "name": known[1],
        "version": result.package_version or (launch and launch.version) or "",
    }
    query = select(Package.id).filter_by(**row)
    found = connection.execute(query).scalar()
    if found is None:
        connection.execute(_insert(connection, Package).values(row).on_conflict_do_nothing())
        found = connection.execute(query).scalar_one()
    return found


def _tells_the_tools(connection: Connection, server: int, result: CrawlResult) -> bool:
    """Whether the server's tools are now what the result says.

    A failure tells nothing. Nor do the bundled facts, when anything better is known already: being
    offline for a day must not lose the descriptions.
    """
    if result.outcome in (Outcome.NO_TOOLS, Outcome.DELETED):
        return True
    if result.outcome is not Outcome.OK:
        return False
    if any(definition.provenance is not Provenance.BUNDLED for definition in result.definitions):
        return True
    better = select(Sighting.id).where(
        Sighting.server_id == server,
        Sighting.last_crawl_id.is_(None),
        Sighting.provenance != Provenance.BUNDLED,
    )
    return connection.execute(better.limit(1)).scalar() is None


def _sight(connection: Connection, crawl: int, server: int, result: CrawlResult) -> int:
    """Open, keep, mend and close sightings so that the open ones are the result's; returns their number."""
    ids = _ids(connection, result.definitions)
    wanted = {ids[definition.fingerprint]: definition for definition in reversed(result.definitions)}
    query = select(Sighting).where(Sighting.server_id == server, Sighting.last_crawl_id.is_(None))
    there = {row.definition_id: row for row in connection.execute(query)}
    _close(connection, crawl, server, [row.id for key, row in there.items() if key not in wanted])
    new = []
    for key, definition in wanted.items():
        facts = {
            "provenance": definition.provenance.value,
            "location": definition.location,
            "description_unread": definition.description_unread,
        }
        if key not in there:
            new.append({"server_id": server, "definition_id": key, "first_crawl_id": crawl, **facts})
        elif any(getattr(there[key], name) != value for name, value in facts.items()):
            connection.execute(update(Sighting).where(Sighting.id == there[key].id).values(facts))
    if new:
        connection.execute(insert(Sighting), new)
    return len(wanted)


def _close(connection: Connection, crawl: int, server: int, gone: Sequence[int]) -> None:
    """End sightings at the last crawl that had them; those begun in this very crawl never were."""
    if not gone:
        return
    last = select(func.max(CrawlOutcome.crawl_id)).where(
        CrawlOutcome.server_id == server, CrawlOutcome.tools > 0, CrawlOutcome.crawl_id != crawl
    )
    previous = connection.execute(last).scalar() or crawl
    for some in chunks(gone):
        connection.execute(delete(Sighting).where(Sighting.id.in_(some), Sighting.first_crawl_id == crawl))
        connection.execute(update(Sighting).where(Sighting.id.in_(some)).values(last_crawl_id=previous))


def _ids(connection: Connection, definitions: Sequence[ToolDefinition]) -> dict[str, int]:
    """Ids by fingerprint; definitions that are new are stored."""
    distinct = {definition.fingerprint: definition for definition in reversed(definitions)}
    ids = _known_ids(connection, list(distinct))
    # In one order everywhere, so that two writers on PostgreSQL wait for each other, not both.
    missing = sorted(distinct.keys() - ids.keys())
    for some in chunks(missing):
        rows = [_definition_row(distinct[fingerprint]) for fingerprint in some]
        connection.execute(_insert(connection, Definition).on_conflict_do_nothing(), rows)
    return ids | _known_ids(connection, missing)


def _definition_row(definition: ToolDefinition) -> dict[str, Any]:
    return {
        "fingerprint": definition.fingerprint,
        "name": definition.name,
        "body": definition.body(),
        "name_words": name_words(definition.name),
        "title_words": text_words(definition.title),
        "description_words": text_words(definition.description),
    }


def _known_ids(connection: Connection, fingerprints: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for some in chunks(fingerprints):
        query = select(Definition.fingerprint, Definition.id).where(Definition.fingerprint.in_(some))
        found.update((row.fingerprint, row.id) for row in connection.execute(query))
    return found


def _insert(connection: Connection, model: type[Base]) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that can say what to do on conflict, which both engines spell alike."""
    make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    return make(model)
