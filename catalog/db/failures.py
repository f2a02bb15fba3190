"""From the drivers' errors to `DatabaseError`: which database, what happened, what to do."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from catalog.errors import DatabaseError
from catalog.visible import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.engine import URL

_SQLITE: Final = {
    sqlite3.SQLITE_FULL: ("the disk is full", "free some space; nothing was half-written"),
    sqlite3.SQLITE_READONLY: (
        "it cannot be written to",
        "make the file and its folder writable, or name another with --db",
    ),
    sqlite3.SQLITE_CANTOPEN: (
        "it cannot be opened",
        "check that the folder exists and is writable, or name another with --db",
    ),
    sqlite3.SQLITE_BUSY: ("another process holds it", "wait until that process is done, then try again"),
    sqlite3.SQLITE_LOCKED: ("another process holds it", "wait until that process is done, then try again"),
    sqlite3.SQLITE_NOTADB: (
        "the file is not a SQLite database",
        "name another file with --db, or move this one away",
    ),
    sqlite3.SQLITE_CORRUPT: ("the file is damaged", "restore a copy, or move it away and crawl again"),
    sqlite3.SQLITE_IOERR: (
        "the disk is full or gave an error",
        "free some space; if there is enough, check the disk: a network folder is no place for SQLite",
    ),
    sqlite3.SQLITE_TOOBIG: ("a value is too large for SQLite", "leave that server out, and report it"),
}
_POSTGRESQL: Final = {  # SQLSTATE (PostgreSQL manual, appendix A)
    "53100": ("the server's disk is full", "free some space there; nothing was half-written"),
    "42501": ("permission is missing", "grant the user the rights to create and change tables"),
    "25006": ("it is read-only", "connect to the primary server"),
    "28P01": ("user or password is wrong", "check the user and the password in the URL"),
    "3D000": ("that database does not exist", "create it first: createdb NAME"),
}
_OTHER_HINT: Final = "check --db or CATALOG_DB, then try again"


@contextmanager
def translated(url: URL) -> Iterator[None]:
    """Turn what the database driver raises inside into a `DatabaseError` that names the database.

    Raises:
        DatabaseError: with the password masked, and the next step as its hint.

    """
    try:
        yield
    except (DBAPIError, PoolTimeout) as error:
        raise database_error(url, error) from error


def database_error(url: URL, error: DBAPIError | PoolTimeout) -> DatabaseError:
    """Name the database and its trouble, on one line."""
    what, hint = _known(error) or (_own_words(url, error), _OTHER_HINT)
    return DatabaseError(f"database {shown(url)}: {what}", hint=hint)


def shown(url: URL) -> str:
    """The URL as it may be shown: no password, no query, which can hold one too."""
    return one_line(url.set(query={}).render_as_string(hide_password=True))


def _known(error: DBAPIError | PoolTimeout) -> tuple[str, str] | None:
    original = error.orig if isinstance(error, DBAPIError) else None
    if isinstance(original, sqlite3.Error):
        code = getattr(original, "sqlite_errorcode", 0)
        return _SQLITE.get(code & 0xFF)  # the low byte is the error, the rest its detail
    return _POSTGRESQL.get(getattr(original, "sqlstate", None) or "")


def _own_words(url: URL, error: DBAPIError | PoolTimeout) -> str:
    """The driver's first line; it may repeat the password, which is masked."""
    original = error.orig if isinstance(error, DBAPIError) else None
    lines = str(original or error).strip().splitlines() or [type(error).__name__]
    text = one_line(lines[0], 300)
    password = url.password
    return text.replace(str(password), "***") if password else text
