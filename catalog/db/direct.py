"""One connection that is kept, and short transactions on it: what each call through the gateway costs.

A statement is written with SQLAlchemy and compiled once; the driver itself runs it. The usual way costs a
multiple of that for every statement, and a gateway pays it before every call. What is bound and read
here does not pass the column types: plain numbers and ASCII text only.
"""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from catalog.db.failures import database_error, shown
from catalog.errors import DatabaseError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy.engine import Engine
    from sqlalchemy.pool import PoolProxiedConnection
    from sqlalchemy.sql import ClauseElement

PATIENCE: Final = 5_000  # milliseconds that a call waits for another process before it is denied
_WAL_PAGES: Final = 8_000  # 32 MiB: the default moves pages to the file once in some hundred calls
_BEGIN: Final = {"sqlite": "BEGIN IMMEDIATE", "postgresql": "BEGIN ISOLATION LEVEL READ COMMITTED"}
_SETUP: Final = {
    "sqlite": (f"PRAGMA wal_autocheckpoint = {_WAL_PAGES}",),
    "postgresql": (f"SET statement_timeout = {PATIENCE}",),
}


class Compiled(NamedTuple):
    """A statement for the driver, and the values that were written into it."""

    text: str
    fixed: dict[str, Any]


class Transaction:
    """What may be done between begin and commit."""

    __slots__ = ("_compiled", "_execute")

    def __init__(self, execute: Callable[..., Any], compiled: Callable[[ClauseElement], Compiled]) -> None:
        self._execute = execute
        self._compiled = compiled

    def row(self, statement: ClauseElement, **values: object) -> Any:
        """The first row as a tuple, or None."""
        return self._run(statement, values).fetchone()

    def rows(self, statement: ClauseElement, **values: object) -> list[Any]:
        """All rows as tuples."""
        rows: list[Any] = self._run(statement, values).fetchall()
        return rows

    def run(self, statement: ClauseElement, **values: object) -> int:
        """How many rows the statement changed."""
        count: int = self._run(statement, values).rowcount
        return count

    def _run(self, statement: ClauseElement, values: dict[str, object]) -> Any:
        text, fixed = self._compiled(statement)
        return self._execute(text, {**fixed, **values})


class Direct:
    """The kept connection to the database of `engine`; may be used from several threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._kind = engine.dialect.name
        # both drivers then take the values by name
        self._dialect = (
            SQLiteDialect_pysqlite(paramstyle="named") if self._kind == "sqlite" else engine.dialect
        )
        self._lock = Lock()
        self._statements: dict[ClauseElement, Compiled] = {}
        self._pooled: PoolProxiedConnection | None = None
        self._kept: Any = None  # the driver's own
        self._synced = False
        self._path = _path(engine)
        self._file = self._identity()

    @contextmanager
    def transaction(self, *, synced: bool = False) -> Iterator[Transaction]:
        """A transaction that writes, committed at the end of the block and undone if the block raises.

        One that is not `synced` survives the end of every process, but perhaps not a power failure: the file's
        own log is handed to the system, not waited for (SQLite's `synchronous = NORMAL`; the file is never
        damaged). PostgreSQL always waits, unless its administrator chose otherwise.

        Raises:
            DatabaseError: the database is gone, locked for longer than `PATIENCE`, full or damaged; nothing was done.

        """
        with self._lock, self._translated():
            connection = self._begun(synced=synced)
            done = False
            try:
                yield Transaction(connection.execute, self._compiled)
                connection.execute("COMMIT")
                done = True
            finally:
                if not done:
                    self._undo(connection)

    def rows(self, statement: ClauseElement, **values: object) -> list[Any]:
        """What one statement reads, outside of a transaction: it waits for no writer.

        Raises:
            DatabaseError: the database is gone or damaged.

        """
        with self._lock, self._translated():
            connection = self._connection()
            try:
                return Transaction(connection.execute, self._compiled).rows(statement, **values)
            except self._error as error:
                connection = self._revived(connection, error)
                return Transaction(connection.execute, self._compiled).rows(statement, **values)

    @property
    def has_log(self) -> bool:
        """Whether the database is an SQLite file, with a log beside it."""
        return self._path is not None

    def tidy(self) -> None:
        """Move what SQLite's log holds into the file, beside the calls: one that finds the log full has to do it itself.

        Raises:
            DatabaseError: the database is gone or damaged.

        """
        if not self.has_log or self._identity() != self._file:
            return
        with self._translated():
            pooled = self._engine.raw_connection()
            try:
                connection: Any = pooled.driver_connection
                connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()  # waits for nobody
            finally:
                pooled.close()

    def close(self) -> None:
        """Let go of the connection; the next transaction would make a new one."""
        with self._lock:
            self._drop()

    def _begun(self, *, synced: bool) -> Any:
        connection = self._connection()
        if self._kind == "sqlite" and synced is not self._synced:
            connection.execute(f"PRAGMA synchronous = {'FULL' if synced else 'NORMAL'}")
            self._synced = synced
        try:
            connection.execute(_BEGIN[self._kind])
        except self._error as error:
            connection = self._revived(connection, error)
            connection.execute(_BEGIN[self._kind])
        return connection

    def _connection(self) -> Any:
        if self._identity() != self._file:
            self._drop()
            raise DatabaseError(
                f"database {shown(self._engine.url)}: the file was removed or replaced while it was in use",
                hint="put it back, or start the gateway anew: an empty one has no limits counted and no approvals",
            )
        return self._kept or self._connected()

    def _revived(self, connection: Any, error: Exception) -> Any:
        """A new connection for one that the server closed since its last use; any other error goes on."""
        if not getattr(connection, "closed", False):
            raise error
        self._drop()
        return self._connected()

    def _connected(self) -> Any:
        self._pooled = self._engine.raw_connection()
        connection: Any = self._pooled.driver_connection
        if self._kind == "postgresql":
            connection.autocommit = True  # BEGIN and COMMIT are ours
        for statement in self._setup():
            connection.execute(statement)
        self._kept, self._synced = connection, False
        return connection

    def _setup(self) -> tuple[str, ...]:
        patient = self._kind == "sqlite" and "timeout" not in self._engine.url.query
        return (*_SETUP[self._kind], *((f"PRAGMA busy_timeout = {PATIENCE}",) if patient else ()))

    def _undo(self, connection: Any) -> None:
        try:
            connection.execute("ROLLBACK")
        except self._error:
            self._drop()

    def _drop(self) -> None:
        if self._pooled is not None:
            self._pooled.invalidate()  # closed, and not given to anybody else: it is set up differently
        self._kept = self._pooled = None

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except self._error as error:
            raise database_error(self._engine.url, DBAPIError(None, None, error)) from error
        except (DBAPIError, PoolTimeout) as error:  # from connecting, which is SQLAlchemy's
            raise database_error(self._engine.url, error) from error

    @property
    def _error(self) -> Any:
        """The class of the driver's errors."""
        return self._engine.dialect.loaded_dbapi.Error

    def _compiled(self, statement: ClauseElement) -> Compiled:
        found = self._statements.get(statement)
        if found is None:
            compiled: Any = statement.compile(dialect=self._dialect)
            fixed = {name: bind.value for name, bind in compiled.binds.items() if not bind.required}
            found = self._statements[statement] = Compiled(str(compiled), fixed)
        return found

    def _identity(self) -> tuple[int, int] | None:
        """Which file it is, so that one that was replaced is noticed; None where there is none."""
        if self._path is None:
            return None
        with suppress(OSError):
            found = os.stat(self._path)  # noqa: PTH116 – before each call, and several times as fast
            return found.st_dev, found.st_ino
        return None


def _path(engine: Engine) -> str | None:
    """The file of an SQLite database, if it is one."""
    name = engine.url.database
    if engine.dialect.name != "sqlite" or name == ":memory:" or "uri" in engine.url.query:
        return None
    return name or None
