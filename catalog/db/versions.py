"""A short version of all that is known about each server, to tell which ones changed since they were read.

It covers the server's row, all its outcomes, its sightings past and present with their labels, and the
corrections that could apply to it.
"""

from __future__ import annotations

from collections import defaultdict
from hashlib import blake2b
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Text, cast, func, select

from catalog.db.models import CrawlOutcome, Definition, Label, Server, Sighting
from catalog.db.reading import newest_label

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy.engine import Connection

    from catalog.overrides.book import Overrides

_SIZE: Final = 16  # bytes of a version
_STREAM: Final = 2_000  # rows at a time


def versions(connection: Connection, overrides: Overrides) -> Iterator[tuple[str, str]]:
    """Name and version of every server, by name; a version is compared and never read."""
    corrections = _corrections(overrides)
    sightings = _by_server(_sightings(connection))
    outcomes = {row[0]: tuple(row) for row in connection.execute(_last_outcomes())}
    found = []
    for row in connection.execute(select(Server).order_by(Server.id)).mappings():
        digest = blake2b(digest_size=_SIZE)
        name = row["name"]
        for part in (tuple(row.values()), outcomes.get(row["id"]), corrections[name], corrections[""]):
            digest.update(repr(part).encode("utf-8", "surrogatepass"))
        digest.update(sightings.get(row["id"], b""))
        found.append((name, digest.hexdigest()))
    yield from sorted(found)


def stamp(connection: Connection) -> tuple[Any, ...]:
    """Differs after any crawl or classification; a label that is only worded anew does not show."""
    outcomes = select(func.count(), func.max(CrawlOutcome.id), func.max(CrawlOutcome.recorded_at))
    sightings = select(func.count(), func.max(Sighting.id), func.sum(Sighting.last_crawl_id))
    labels = select(func.count(), func.max(Label.id), func.sum(Label.confidence))
    return tuple(tuple(connection.execute(query).one()) for query in (outcomes, sightings, labels))


def _last_outcomes() -> Any:
    """Outcomes are only added to, except the last one, which a repetition in the same crawl replaces."""
    last = select(func.max(CrawlOutcome.id)).group_by(CrawlOutcome.server_id)
    return select(
        CrawlOutcome.server_id,
        *(column for column in CrawlOutcome.__table__.columns if column.name != "server_id"),
    ).where(CrawlOutcome.id.in_(last))


def _sightings(connection: Connection) -> Iterator[Any]:
    """Server, then what stands of each of its sightings, in a fixed order.

    A label is only ever rewritten by the same version of the classifier coming to another result: its length
    tells that without its text being read.
    """
    query = (
        select(
            Sighting.server_id,
            *(Sighting.id, Sighting.last_crawl_id, Sighting.provenance, Sighting.location),
            *(Sighting.description_unread, Label.id, Label.category, Label.risk, Label.confidence),
            *(Label.needs_review, func.length(cast(Label.body, Text))),
        )
        .select_from(Sighting)
        .join(Definition)
        .outerjoin(Label, newest_label)
        .order_by(Sighting.server_id, Sighting.id)
        .execution_options(yield_per=_STREAM)
    )
    yield from connection.execute(query)


def _by_server(rows: Iterable[Any]) -> dict[int, bytes]:
    found = {}
    for server, group in groupby(rows, key=lambda row: int(row[0])):
        digest = blake2b(digest_size=_SIZE)
        for row in group:
            digest.update(repr(tuple(row)).encode("utf-8", "surrogatepass"))
        found[server] = digest.digest()
    return found


def _corrections(overrides: Overrides) -> dict[str, list[Any]]:
    """Corrections by server; those for any server under the empty name."""
    found: dict[str, list[Any]] = defaultdict(list)
    for key in sorted(overrides.exact):
        found[key[0]].append(overrides.exact[key])
    for tool in sorted(overrides.of_tool):
        found[tool[0]].append(overrides.of_tool[tool])
    found[""] += [overrides.anywhere[one] for one in sorted(overrides.anywhere)]
    return found
