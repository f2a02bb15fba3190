"""What the last build knew, in one SQLite file beside the site: small rows of every server and tool.

It is the index that pages are made from, so that memory does not grow with the catalogue, and the
record by which the next build tells what changed. Names are kept as bytes (UTF-8, lone surrogates
passed through), which sort as the names themselves do; texts that are only shown are ASCII JSON.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

FORMAT: Final = "1"  # a state of another format is forgotten, and everything is built anew
_SCHEMA: Final = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE server (
  id INTEGER PRIMARY KEY, name BLOB NOT NULL UNIQUE, fold BLOB NOT NULL, slug TEXT NOT NULL DEFAULT '', version TEXT NOT NULL,
  since TEXT NOT NULL, tools INTEGER NOT NULL, points INTEGER NOT NULL, crawled TEXT NOT NULL, row TEXT NOT NULL, failure TEXT,
  kin TEXT NOT NULL DEFAULT '', made BLOB NOT NULL DEFAULT x'', pages INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX server_order ON server (fold, name);
CREATE TABLE tool (
  id INTEGER PRIMARY KEY, server INTEGER NOT NULL, name BLOB NOT NULL, slug TEXT NOT NULL, level INTEGER NOT NULL,
  category INTEGER NOT NULL, action TEXT NOT NULL, per_minute INTEGER, confidence REAL NOT NULL,
  first_seen TEXT NOT NULL, fingerprint TEXT NOT NULL, corrected INTEGER NOT NULL, key TEXT NOT NULL,
  words TEXT NOT NULL, place INTEGER NOT NULL, kin TEXT NOT NULL DEFAULT '', shown BLOB NOT NULL DEFAULT x''
);
CREATE INDEX tool_server ON tool (server, level DESC, name, slug);
CREATE INDEX tool_key ON tool (key);
CREATE TABLE gleaning (kind TEXT, server INTEGER, value TEXT NOT NULL, PRIMARY KEY (kind, server)) WITHOUT ROWID;
CREATE TABLE page (path BLOB PRIMARY KEY, digest BLOB NOT NULL, listed INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE piece (path TEXT, server INTEGER, start INTEGER NOT NULL, size INTEGER NOT NULL, PRIMARY KEY (path, server)) WITHOUT ROWID;
CREATE TABLE fresh (path TEXT, server INTEGER, bytes BLOB NOT NULL, PRIMARY KEY (path, server));
"""


class State:
    """A connection to the file; one process writes, any number read."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    @classmethod
    def create(cls, path: Path | None = None) -> State:
        """An empty state, in memory without a path."""
        connection = sqlite3.connect(path or ":memory:", isolation_level=None)
        _prepare(connection, "WAL" if path else "MEMORY")
        connection.executescript(_SCHEMA)
        state = cls(connection)
        state.remember("format", FORMAT)
        return state

    @classmethod
    def open(cls, path: Path) -> State | None:
        """The state in a file, to go on with; None where there is none that can be used."""
        if not path.is_file():
            return None
        connection = sqlite3.connect(path, isolation_level=None)
        with suppress(sqlite3.DatabaseError):
            _prepare(connection, "WAL")
            state = cls(connection)
            if state.recall("format") == FORMAT:
                return state
        connection.close()
        return None

    @classmethod
    def reading(cls, path: Path) -> State:
        """The state in a file, in a process that only reads it."""
        connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)
        return cls(connection)

    def close(self, *, settle: bool = False) -> None:
        """Let go of the file; settled, it is one file that can be moved."""
        if settle:
            self.connection.execute("PRAGMA journal_mode = DELETE")
        self.connection.close()

    def remember(self, key: str, value: str) -> None:
        """Keep one value."""
        self.connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    def recall(self, key: str) -> str:
        """A kept value, "" where there is none."""
        row = self.connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return str(row[0]) if row else ""

    def rows(self, query: str, values: Iterable[Any] = ()) -> Iterator[Any]:
        """Rows of a query, as a stream."""
        return self.connection.execute(query, tuple(values))

    def one(self, query: str, values: Iterable[Any] = ()) -> Any:
        """The first value of the first row; None where there is no row."""
        row = self.connection.execute(query, tuple(values)).fetchone()
        return row[0] if row else None

    def many(self, query: str, values: Iterable[tuple[Any, ...]]) -> None:
        """Write many rows in one transaction."""
        self.connection.execute("BEGIN")
        self.connection.executemany(query, values)
        self.connection.execute("COMMIT")


def _prepare(connection: sqlite3.Connection, journal: str) -> None:
    """A crash may lose the file that is being written, never the last one that was finished."""
    connection.execute(f"PRAGMA journal_mode = {journal}")
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("PRAGMA cache_size = -32000")
    connection.execute("PRAGMA temp_store = FILE")


def to_bytes(name: str) -> bytes:
    """A name as it is kept."""
    return name.encode("utf-8", "surrogatepass")


def to_name(kept: bytes) -> str:
    """The name again."""
    return kept.decode("utf-8", "surrogatepass")


def packed(value: object) -> str:
    """A JSON value as it is kept."""
    return json.dumps(value, separators=(",", ":"))
