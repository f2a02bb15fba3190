"""Opening an engine: which database, made safe to share between processes and closed to other users."""

from __future__ import annotations

import os
import re
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import platformdirs
from sqlalchemy import create_engine, event
from sqlalchemy.engine import URL, Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from catalog.db.failures import shown
from catalog.errors import DatabaseError, DatabaseUrlError
from catalog.visible import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

ENVIRONMENT: Final = "CATALOG_DB"
BUSY_SECONDS: Final = 30.0  # how long a writer waits for another process
_WRITING: Final = "catalog_writing"
_URL_HINT: Final = (
    "write sqlite:////path/to/catalog.sqlite or postgresql://user:password@host/database; "
    "in a password write @ as %40, : as %3A and / as %2F"
)
_NO_URL: Final = "this is not a database URL"
_HARMLESS: Final = re.compile(r"[\w./~-]{1,100}")  # text without a place for a password
_POSTGRES_NAMES: Final = frozenset({"postgres", "postgresql", "postgresql+psycopg"})


def resolve(url: str | None) -> URL:
    """The database that is meant: the argument, else `CATALOG_DB`, else one file in the user's data folder.

    Raises:
        DatabaseUrlError: no URL, or one of an engine that is not supported.

    """
    text = url or os.environ.get(ENVIRONMENT) or ""
    if not text:
        return URL.create("sqlite", database=str(_default_file()))
    parsed = _parsed(text)
    if parsed.drivername in _POSTGRES_NAMES:
        if (
            "@" in f"{parsed.host}{parsed.database}"
        ):  # the rest of a password: the parser stops at its first @
            raise DatabaseUrlError(_NO_URL, hint=_URL_HINT)
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername not in {"sqlite", "sqlite+pysqlite"}:
        raise DatabaseUrlError(
            f"a database of the kind {one_line(parsed.drivername, 40)}: only SQLite and PostgreSQL are supported",
            hint=_URL_HINT,
        )
    return parsed


def _parsed(text: str) -> URL:
    """The URL; what the parser says of a broken one is dropped, as it can quote a part of the password."""
    with suppress(ArgumentError, ValueError):
        return make_url(text)
    raise DatabaseUrlError(
        f"{text!r} is not a database URL" if _HARMLESS.fullmatch(text) else _NO_URL, hint=_URL_HINT
    )


def connect(url: URL) -> Engine:
    """An engine for `url`; nothing is opened yet, but a new SQLite file is created, readable by its owner.

    Raises:
        DatabaseError: the driver is not installed, or the file cannot be created.
        DatabaseUrlError: the URL has an option that the driver cannot read.

    """
    try:
        engine = _engine(url)
    except (ModuleNotFoundError, NoSuchModuleError) as error:
        raise DatabaseError(
            f"database {shown(url)}: its driver is not installed",
            hint="pip install 'mcp-tool-risk-catalogue[postgres]'",
        ) from error
    if engine.dialect.name == "sqlite":
        _create_file(url)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _engine(url: URL) -> Engine:
    with suppress(ArgumentError, ValueError):
        return create_engine(url, **_arguments(url))
    raise DatabaseUrlError(f"database {shown(url)}: an option in its URL cannot be read", hint=_URL_HINT)


def read_only(url: URL) -> Iterator[Engine]:
    """Engines that read a SQLite file that may not be written to, the more careful one first.

    None for other databases and files. `immutable` also reads in a folder that cannot be written to; it does not
    see what another process writes, which such a folder rules out.
    """
    if url.get_backend_name() != "sqlite" or not url.database or "uri" in url.query:
        return
    path = Path(url.database).absolute()
    if not path.is_file() or (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)):
        return
    for options in ({"mode": "ro"}, {"mode": "ro", "immutable": "1"}):
        frozen = url.set(database=f"file:{quote(str(path))}").update_query_dict({**options, "uri": "true"})
        yield connect(frozen)


def writing(engine: Engine) -> Engine:
    """The same engine for transactions that write.

    On SQLite they take the write lock at once: a transaction that starts by reading and then wants
    to write is refused without waiting when another process wrote in between.
    """
    return engine.execution_options(**{_WRITING: True})


def _default_file() -> Path:
    folder = platformdirs.user_data_path("mcp-catalog", appauthor=False)
    return folder / "catalog.sqlite"


def _arguments(url: URL) -> dict[str, Any]:
    if url.get_backend_name() == "sqlite":
        patience = {} if "timeout" in url.query else {"timeout": BUSY_SECONDS}
        return {"connect_args": {"isolation_level": None, **patience}}
    return {"pool_pre_ping": True}


def _create_file(url: URL) -> None:
    """Create the file with mode 0600 before SQLite would with the umask's; its WAL inherits the mode."""
    if url.database in (None, "", ":memory:") or "uri" in url.query:
        return
    path = Path(str(url.database))
    try:
        if path == _default_file():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise DatabaseError(
            f"database {shown(url)}: cannot be created: {os.strerror(error.errno or 0).lower()}",
            hint="name a file in an existing, writable folder with --db",
        ) from error


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    cursor = connection.cursor()
    if cursor.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        _switch_to_wal(cursor)
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.close()


def _switch_to_wal(cursor: sqlite3.Cursor) -> None:
    """The mode stays with the file. SQLite does not wait here for others that are about the same.

    A file that cannot be written to can still be read in the mode it has.
    """
    try:
        cursor.execute("PRAGMA journal_mode = WAL")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF not in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_READONLY}:
            raise


def _begin_sqlite(connection: Connection) -> None:
    at_once = connection.get_execution_options().get(_WRITING, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if at_once else "BEGIN")
