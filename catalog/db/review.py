"""The tools that a person should look at, riskiest first."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final

from sqlalchemy import or_, select

from catalog.db.corrected import label_column, risk_rank
from catalog.db.models import Definition, Label, Server, Sighting
from catalog.db.reading import newest_label, still_there, tool_columns, tool_entry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.engine import Connection

    from catalog.db.reading import AnySelect
    from catalog.overrides.book import Overrides
    from catalog.records import ToolEntry
    from classifier.types import Level

_PORTION: Final = 500  # rows in memory at a time


@dataclass(frozen=True, slots=True)
class ReviewQuery:
    """What to look at: of one server or all, of one level or all, so many at most (None: all)."""

    server: str | None = None
    level: Level | None = None
    limit: int | None = None


def queue(connection: Connection, query: ReviewQuery, overrides: Overrides) -> list[ToolEntry]:
    """Tools whose label is in doubt, in conflict, or has lost its correction; of a level the least sure first."""
    statement = _statement(query, overrides)
    rows = connection.execution_options(yield_per=_PORTION).execute(statement)
    entries = (tool_entry(row, overrides) for row in rows)
    return list(islice(_in_need(entries), query.limit))


def _in_need(entries: Iterator[ToolEntry]) -> Iterator[ToolEntry]:
    return (entry for entry in entries if entry.classification.needs_review)


def _statement(query: ReviewQuery, overrides: Overrides) -> AnySelect:
    """A superset: what the classifier doubts, and what bears the name of a corrected tool."""
    names = sorted({tool for _, tool in overrides.of_tool})
    called = [Definition.name.in_(names[at : at + _PORTION]) for at in range(0, len(names), _PORTION)]
    statement = (
        select(*tool_columns())
        .select_from(Definition)
        .join(Sighting)
        .join(Server)
        .join(Label, newest_label)
        .where(still_there, or_(Label.needs_review, *called))
        .order_by(risk_rank(overrides).desc(), Label.confidence, Server.name, Definition.name, Sighting.id)
    )
    if query.server is not None:
        statement = statement.where(Server.name == query.server)
    if query.level is not None:
        statement = statement.where(label_column("risk", overrides) == query.level.value)
    return statement
