"""The door to the database: every read and write of the catalogue goes through `Store`."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, Self

from catalog.db import identity, reading, writing
from catalog.db.changes import Change, Window, changes
from catalog.db.connect import connect, resolve
from catalog.db.connect import writing as writing_engine
from catalog.db.copying import copied, copyable
from catalog.db.failures import shown, translated
from catalog.db.models import Server
from catalog.db.review import ReviewQuery, queue
from catalog.db.schema import opened
from catalog.db.search import SearchQuery, search
from catalog.db.versions import stamp, versions
from catalog.overrides.book import NO_OVERRIDES, Overrides
from catalog.overrides.file import load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from sqlalchemy.engine import URL, Connection, Engine

    from catalog.db.views import ToolSighting, Totals
    from catalog.records import CrawlResult, ServerEntry, ServerRecord, ToolEntry
    from classifier.types import Classification, ToolDefinition

RESUMABLE: Final = timedelta(days=1)  # an older unfinished crawl is begun anew: its answers are stale


def now() -> datetime:
    """The time, UTC."""
    return datetime.now(UTC)


class Store:
    """The catalogue's database. A context manager; every method may raise `DatabaseError`.

    Writes are transactional per server. Several processes may use one database at once. `clock`
    gives the time of what is recorded. Labels are read with `overrides` applied, and stored without.
    """

    def __init__(
        self, engine: Engine, clock: Callable[[], datetime], overrides: Overrides = NO_OVERRIDES
    ) -> None:
        self._engine = engine
        self._clock = clock
        self.overrides = overrides

    @classmethod
    def open(
        cls,
        url: str | None = None,
        *,
        clock: Callable[[], datetime] = now,
        overrides: Overrides | None = None,
    ) -> Self:
        """Open `url`, else `CATALOG_DB`, else one SQLite file in the user's data folder.

        A missing SQLite file is created; an older schema is brought up to date. Labels are corrected by
        `overrides`, else by those of the file that `CATALOG_OVERRIDES` names, else of the user's own.

        Raises:
            NewerSchema: a newer version of the catalogue wrote the database.
            DatabaseError: the database cannot be used; the hint says what to do.
            ConfigError: the file of corrections cannot be read or has errors.

        """
        if overrides is None:
            overrides = load(now().date())
        store = cls(opened(resolve(url)), clock, overrides)
        if overrides.anywhere:
            with store._reading() as connection:
                former = reading.former_holders(connection, overrides.anywhere)
            store.overrides = overrides.following(former)
        return store

    @property
    def location(self) -> str:
        """The database's URL as it may be shown, without password."""
        return shown(self._engine.url)

    def __reduce__(self) -> tuple[Callable[..., Store], tuple[object, ...]]:
        """What is sent to another process: where the database is, and the corrections."""
        return _elsewhere, (self._engine.url, self._clock, self.overrides)

    def close(self) -> None:
        """Let go of all connections."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def begin_crawl(self, targets: Sequence[str]) -> int:
        """Begin a crawl of these targets; returns its number."""
        with self._writing() as connection:
            return writing.begin_crawl(connection, targets, self._clock())

    def open_crawl(self, targets: Sequence[str]) -> int | None:
        """The unfinished crawl of the same targets (in any order) to resume, not older than `RESUMABLE`."""
        with self._reading() as connection:
            return reading.unfinished_crawl(connection, targets, self._clock() - RESUMABLE)

    def crawled(self, crawl: int) -> frozenset[str]:
        """Names of the servers already recorded in that crawl."""
        with self._reading() as connection:
            return reading.crawled(connection, crawl)

    def holder(self, record: ServerRecord) -> str | None:
        """What else the record's name stands for already (`pypi:workflows-mcp`); None when it may have it.

        It may when nobody has it, or the same server: the same package of any version, URL, program or file.
        """
        with self._reading() as connection:
            return identity.holder(connection, record)

    def record(self, crawl: int, result: CrawlResult) -> None:
        """Store one server's result, whole or not at all.

        A failure keeps the tools that were known. Bundled facts do not replace what was read from
        the server. Recorded twice in one crawl, the later result stands.
        """
        with self._writing() as connection:
            writing.record(connection, crawl, result, self._clock())

    def end_crawl(self, crawl: int) -> None:
        """Mark a crawl as finished."""
        with self._writing() as connection:
            writing.end_crawl(connection, crawl, self._clock())

    def unclassified(self, version: str) -> Iterator[ToolDefinition]:
        """Definitions that this version of the classifier has not seen, each once, as a stream.

        What is classified and saved meanwhile does not disturb the stream.
        """
        after = 0
        while True:
            with self._reading() as connection:
                some = reading.unclassified(connection, version, after)
            if not some:
                return
            after = some[-1][0]
            yield from (definition for _, definition in some)

    def save_classifications(self, version: str, items: Iterable[Classification]) -> int:
        """Store classifications of stored definitions; returns how many were new or different.

        Reads `items` in portions, each written in a transaction of its own.
        """
        saved = 0
        for some in writing.chunks(items):
            with self._writing() as connection:
                saved += writing.save_labels(connection, version, some)
        return saved

    def server_names(self) -> list[str]:
        """The names of all servers, in order."""
        with self._reading() as connection:
            return reading.server_names(connection)

    def server(self, name: str) -> ServerEntry | None:
        """A server with its current, classified tools, riskiest first."""
        with self._reading() as connection:
            return reading.named(connection, self.overrides, name)

    def servers(self) -> Iterator[ServerEntry]:
        """All servers by name, as a stream: memory does not grow with their number."""
        after: str | None = ""
        while after is not None:
            with self._reading() as connection:
                some = reading.page(connection, self.overrides, after)
            after = some[-1].name if some else None
            yield from some

    def versions(self) -> list[tuple[str, str]]:
        """Name and version of every server, by name; a server is unchanged while its version is the same."""
        with self._reading() as connection:
            return list(versions(connection, self.overrides))

    def stamp(self) -> object:
        """Something that differs after any crawl or classification; cheaper than `versions`."""
        with self._reading() as connection:
            return stamp(connection)

    def chosen(self, names: Sequence[str]) -> list[ServerEntry]:
        """The servers of these names (some hundreds at a time), by name."""
        with self._reading() as connection:
            return reading.entries(connection, self.overrides, Server.name.in_(names))

    def failures(self) -> list[ServerEntry]:
        """Servers whose last crawl ended with anything but `ok`; tools known from before are kept."""
        with self._reading() as connection:
            return reading.failures(connection, self.overrides)

    def search(self, query: SearchQuery) -> list[ToolEntry]:
        """Current tools that match, best first. No query text raises."""
        with self._reading() as connection:
            return search(connection, query, self.overrides)

    def holding(self, fingerprint: str) -> list[ToolEntry]:
        """The current tools that have exactly this definition, whatever their server."""
        with self._reading() as connection:
            return reading.holding(connection, self.overrides, fingerprint)

    def review(self, query: ReviewQuery) -> list[ToolEntry]:
        """Tools that a person should look at, riskiest first, of a level the least sure first."""
        with self._reading() as connection:
            return queue(connection, query, self.overrides)

    def history(self, server: str, tool: str) -> list[ToolSighting]:
        """All definitions that tool of the server has had, oldest first."""
        with self._reading() as connection:
            return reading.history(connection, server, tool)

    def changes(
        self, since: datetime | int | None = None, servers: Sequence[str] | None = None
    ) -> Iterator[Change]:
        """Drift as a stream, newest first: since a time, or found by crawls after the one of that number."""
        with self._reading() as connection:
            yield from changes(connection, self.overrides, Window(since, servers))

    def last_crawl(self) -> int | None:
        """The number of the newest crawl that has an outcome; None before the first."""
        with self._reading() as connection:
            return reading.last_crawl(connection)

    @property
    def is_one_file(self) -> bool:
        """Whether the database is an SQLite file, of which a copy can be given."""
        return copyable(self._engine)

    def copy(self, path: Path, servers: Sequence[str] | None = None) -> bool:
        """Write a copy of the crawled data, of these servers or all, to a new SQLite file; False for no SQLite.

        The gateway's tables are not read for it. Opened by the catalogue, the copy is a database of its own.
        """
        with translated(self._engine.url):
            return copied(self._engine, path, servers)

    def totals(self) -> Totals:
        """The catalogue in numbers."""
        with self._reading() as connection:
            return reading.totals(connection, self.overrides)

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with translated(self._engine.url), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with translated(self._engine.url), writing_engine(self._engine).begin() as connection:
            yield connection


def _elsewhere(url: URL, clock: Callable[[], datetime], overrides: Overrides) -> Store:
    """A store in another process, of a database that has been opened, and so brought up to date, before."""
    return Store(connect(url), clock, overrides)
