"""A copy of what was crawled, to give away: one SQLite file without the gateway's tables and without private paths.

Rows are read in one transaction of the source, so the copy is of one moment, whatever is written meanwhile.
Nothing else is read: what the source holds of tokens, keys and journal, in use or left in free pages, is never
in the copy. The same rows give the same bytes.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from sqlalchemy import create_engine
from sqlalchemy.engine import URL

from catalog.db.identity import FILE
from catalog.db.schema import create

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.engine import Engine

# The newest revision that has no tables of the gateway: opening the copy adds them, empty, with a key of their own.
_REVISION: Final = "0001"
# In this order, as each refers to those before it. What is chosen of a table where not all servers are wanted.
_TABLES: Final = (
    ("servers", "name IN (SELECT name FROM temp.wanted)"),
    ("packages", "server_id IN (SELECT id FROM main.servers)"),
    ("crawls", "id IN (SELECT crawl_id FROM source.outcomes WHERE server_id IN (SELECT id FROM main.servers))"),
    ("outcomes", "server_id IN (SELECT id FROM main.servers)"),
    ("definitions", "id IN (SELECT definition_id FROM source.sightings WHERE server_id IN (SELECT id FROM main.servers))"),
    ("sightings", "server_id IN (SELECT id FROM main.servers)"),
    ("classifications", "definition_id IN (SELECT id FROM main.definitions)"),
)  # fmt: skip
# A digest of targets can be guessed at, and a target can hold a secret; a file's folder is nobody's business.
_INSTEAD: Final = {
    ("crawls", "targets_digest"): "''",
    ("packages", "name"): f"CASE kind WHEN '{FILE}' THEN file_name(name) ELSE name END",
}


def copyable(engine: Engine) -> bool:
    """Whether the source is an SQLite file."""
    return _address(engine.url) is not None


def copied(engine: Engine, path: Path, servers: Sequence[str] | None) -> bool:
    """Copy to `path`, a new file; False where the source is no SQLite file."""
    source = _address(engine.url)
    if source is None:
        return False
    path.touch()  # as readable as other files are, which a database otherwise is not
    _create(path)
    with closing(sqlite3.connect(f"file:{quote(str(path))}", uri=True, isolation_level=None)) as connection:
        for statement in (
            "PRAGMA journal_mode = OFF",
            "PRAGMA synchronous = OFF",
            "PRAGMA foreign_keys = OFF",
        ):
            connection.execute(statement)
        connection.create_function("file_name", 1, lambda name: PurePath(name).name, deterministic=True)
        connection.execute("ATTACH DATABASE ? AS source", (source,))
        _fill(connection, servers)
    return True


def _fill(connection: sqlite3.Connection, servers: Sequence[str] | None) -> None:
    connection.execute("CREATE TEMP TABLE wanted (name TEXT PRIMARY KEY)")
    connection.executemany("INSERT INTO wanted VALUES (?)", ((name,) for name in servers or ()))
    connection.execute("BEGIN")
    for table, wanted in _TABLES:
        columns = [row[1] for row in connection.execute(f"PRAGMA main.table_info({table})")]
        values = ", ".join(_INSTEAD.get((table, column), column) for column in columns)
        where = "" if servers is None else f"WHERE {wanted}"
        connection.execute(
            f"INSERT INTO main.{table} ({', '.join(columns)}) SELECT {values} FROM source.{table} {where} ORDER BY id"  # noqa: S608
        )
    connection.execute("COMMIT")


def _create(path: Path) -> None:
    engine = create_engine(URL.create("sqlite", database=str(path)))
    with engine.begin() as connection:
        create(connection, _REVISION)
    engine.dispose()


def _address(url: URL) -> str | None:
    """The source as an address that only reads; one that is opened so already is kept."""
    if url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:"):
        return None
    if str(url.database).startswith("file:"):
        options = "&".join(f"{key}={value}" for key, value in url.query.items() if key != "uri")
        return f"{url.database}?{options}"
    return f"file:{quote(str(Path(str(url.database)).absolute()))}?mode=ro"
