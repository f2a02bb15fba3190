"""Bringing a database to this version's schema, and refusing one that is not ours or newer.

The usual case, a database that is up to date, costs one plain query; alembic is only imported when
there is something to migrate.
"""

from __future__ import annotations

from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Final

from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

from catalog.db.connect import connect, read_only, writing
from catalog.db.failures import shown, translated
from catalog.db.models import Base
from catalog.errors import DatabaseError, NewerSchema
from catalog.resources import MIGRATIONS

if TYPE_CHECKING:
    from sqlalchemy.engine import URL, Connection, Engine

HEAD: Final = "0003"  # the newest file of migrations/versions
VERSION_TABLE: Final = "catalog_schema"
_LOCK_NUMBER: Final = 0x6361_7461  # any fixed number: the advisory lock of migrating processes


def opened(url: URL) -> Engine:
    """The engine of a database whose schema is this version's; only for reading where it cannot be written to.

    Raises:
        NewerSchema: a newer version of the catalogue wrote the database.
        DatabaseError: the database cannot be used; the hint says what to do.

    """
    with ExitStack() as undo:
        engine = connect(url)
        undo.callback(engine.dispose)
        try:
            migrate(engine)
        except DatabaseError:
            frozen = next((other for other in read_only(url) if is_current(other)), None)
            if frozen is None:
                raise
            return frozen
        undo.pop_all()
        return engine


def migrate(engine: Engine) -> None:
    """Create or upgrade the tables; several processes may do so at once.

    Raises:
        NewerSchema: a newer version of the catalogue wrote the database.
        DatabaseError: the tables there are not the catalogue's, or the database cannot be used.

    """
    with translated(engine.url):
        with engine.connect() as connection:
            if revision(connection) == HEAD:
                return
        with writing(engine).begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LOCK_NUMBER})
            found = revision(connection)  # again, now that no other process can change it
            if found is None:
                _refuse_strangers(connection)
            if found != HEAD:
                _upgrade(connection, found)


def create(connection: Connection, revision: str) -> None:
    """The tables of that revision, in an empty database."""
    _upgrade(connection, None, revision)


def is_current(engine: Engine) -> bool:
    """Whether the database can be read and has this version's schema; an engine that has not is let go."""
    with suppress(DBAPIError), engine.connect() as connection:
        if revision(connection) == HEAD:
            return True
    engine.dispose()
    return False


def revision(connection: Connection) -> str | None:
    """The schema's revision, or None for a database that the catalogue has never used."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    return connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()  # noqa: S608


def _refuse_strangers(connection: Connection) -> None:
    """Somebody else's database is left alone."""
    there = set(inspect(connection).get_table_names())
    ours = set(Base.metadata.tables)
    clash = there if connection.dialect.name == "sqlite" else there & ours
    if clash:
        raise DatabaseError(
            f"database {shown(connection.engine.url)}: it is not a catalogue: it holds the table {min(clash)!r}",
            hint="name an empty or new database with --db",
        )


def _upgrade(connection: Connection, found: str | None, to: str = "head") -> None:
    from alembic import command  # noqa: PLC0415  (0.4 s, and rarely needed)
    from alembic.config import Config  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if found is not None and found not in known:
        raise NewerSchema(
            f"database {shown(connection.engine.url)}: its schema {found!r} is newer than this version's {HEAD!r}",
            hint="upgrade: pip install --upgrade mcp-tool-risk-catalogue; or name another database with --db",
        )
    config.attributes["connection"] = connection
    command.upgrade(config, to)
