"""Full-text search over names, titles and descriptions: FTS5 on SQLite, a weighted tsvector on PostgreSQL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import (
    ColumnElement,
    Integer,
    SQLColumnExpression,
    case,
    column,
    func,
    literal_column,
    select,
    table,
    text,
)

from catalog.db.corrected import label_column, risk_rank
from catalog.db.models import Definition, Label, Server, Sighting
from catalog.db.reading import newest_label, still_there, tool_columns, tool_entry
from catalog.db.words import name_words, query_phrases

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from catalog.db.reading import AnySelect
    from catalog.overrides.book import Overrides
    from catalog.records import ToolEntry
    from classifier.types import Category, Level

# A hit in the name weighs ten times one in the description. Spelt as in the migration's index.
_VECTOR: Final[ColumnElement[Any]] = literal_column(
    "(setweight(to_tsvector('simple', name_words), 'A')"
    " || setweight(to_tsvector('simple', title_words), 'B')"
    " || setweight(to_tsvector('simple', description_words), 'D'))"
)
_FTS5: Final = table("tool_search", column("rowid", Integer))
_BM25: Final[ColumnElement[Any]] = literal_column("bm25(tool_search, 10.0, 5.0, 1.0)")


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """What to look for. All of `words` must occur, each as the beginning of a word; "" leaves the filters."""

    words: str = ""
    category: Category | None = None
    level: Level | None = None
    server: str | None = None
    limit: int = 50


def search(connection: Connection, query: SearchQuery, overrides: Overrides) -> list[ToolEntry]:
    """The best matches first; without words, the riskiest first. No text can make this raise."""
    phrases = query_phrases(query.words)
    if query.words.strip() and not phrases:
        return []
    statement = _filtered(query, overrides)
    riskiest = risk_rank(overrides).desc()
    order: list[SQLColumnExpression[Any]] = [riskiest, Server.name, Definition.name, Sighting.id]
    if phrases:
        matching = _matching_postgresql if connection.dialect.name == "postgresql" else _matching_sqlite
        statement, closeness = matching(statement, phrases)
        called_so = case((Definition.name_words == name_words(query.words), 0), else_=1)
        order = [called_so, closeness, *order]
    rows = connection.execute(statement.order_by(*order).limit(query.limit))
    return [tool_entry(row, overrides) for row in rows]


def _filtered(query: SearchQuery, overrides: Overrides) -> AnySelect:
    statement = (
        select(*tool_columns())
        .select_from(Definition)
        .join(Sighting)
        .join(Server)
        .join(Label, newest_label)
        .where(still_there)
    )
    if query.category:
        statement = statement.where(label_column("category", overrides) == query.category.value)
    if query.level:
        statement = statement.where(label_column("risk", overrides) == query.level.value)
    if query.server:
        statement = statement.where(Server.name == query.server)
    return statement


def _matching_sqlite(
    statement: AnySelect, phrases: tuple[tuple[str, ...], ...]
) -> tuple[AnySelect, ColumnElement[Any]]:
    """FTS5 syntax: quoted strings, which hold letters and digits only, and a star for a beginning."""
    match = " ".join(f'"{" ".join(phrase)}"*' for phrase in phrases)
    joined = statement.join(_FTS5, _FTS5.c.rowid == Definition.id)
    return joined.where(text("tool_search MATCH :match").bindparams(match=match)), _BM25


def _matching_postgresql(
    statement: AnySelect, phrases: tuple[tuple[str, ...], ...]
) -> tuple[AnySelect, ColumnElement[Any]]:
    """The same in tsquery syntax: quoted lexemes, `<->` for the next word."""
    match = " & ".join("(" + " <-> ".join(f"'{word}'" for word in phrase) + ":*)" for phrase in phrases)
    wanted = func.to_tsquery(literal_column("'simple'"), match)
    return statement.where(_VECTOR.op("@@")(wanted)), -func.ts_rank(_VECTOR, wanted)
