"""The tables: what crawling, classifying and searching need, and the ledger of the gateway.

servers ──< packages              what was started, without secrets
   │  └───< outcomes >── crawls   one row per server and crawl, and the only one when nothing changed
   └──────< sightings >── definitions ──< classifications
            (open while last_crawl is NULL)

journal_head ── journal ──< holds   the gateway's lines, and the calls under way that count against a cap
counters, grants, approvals         each found by name or by a keyed hash

The gateway's tables are written by `catalog.db.direct`, past the column types: they hold plain numbers
(milliseconds since 1970 for times) and ASCII text, apart from names that were checked before.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, Final

from sqlalchemy import BigInteger, Double, ForeignKey, Index, Integer, MetaData, Text, UniqueConstraint, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from catalog.db.columns import AsciiJson, StorableText, UtcTime, Word

NAMING: Final = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
# SQLite numbers its rows by a column that is called INTEGER, and by no other.
Number: Final = BigInteger().with_variant(Integer(), "sqlite")


class Base(DeclarativeBase):
    """The one declarative base."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        str: StorableText,
        float: Double,
        datetime: UtcTime,
        list[str]: AsciiJson,
        dict[str, Any]: AsciiJson,
    }


class Server(Base):
    """A server under the name people type."""

    __tablename__ = "servers"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str | None]
    repository: Mapped[str | None]
    source: Mapped[str]


class Package(Base):
    """How a server was reached: launch facts without arguments, variables, headers or secrets."""

    __tablename__ = "packages"
    __table_args__ = (UniqueConstraint("server_id", "kind", "name", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    server_id: Mapped[int] = mapped_column(ForeignKey("servers.id"))
    kind: Mapped[str] = mapped_column(Word)
    name: Mapped[str]  # package, program, or URL without user, password and query
    version: Mapped[str]  # "" where there is none: NULLs would not be unique


class Crawl(Base):
    """One run over a set of targets; unfinished while `ended_at` is NULL.

    The targets are kept as a digest only: a target can be a URL or a command with a secret in it.
    """

    __tablename__ = "crawls"

    id: Mapped[int] = mapped_column(primary_key=True)
    targets_digest: Mapped[str] = mapped_column(Word)
    targets_count: Mapped[int]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class CrawlOutcome(Base):
    """How the crawl of one server ended.

    `tools` is the number of tools the server was found to have, or NULL when this crawl says nothing
    about that (it failed, or only the bundled facts were at hand).
    """

    __tablename__ = "outcomes"
    __table_args__ = (UniqueConstraint("crawl_id", "server_id"), Index(None, "server_id", "id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    crawl_id: Mapped[int] = mapped_column(ForeignKey("crawls.id"))
    server_id: Mapped[int] = mapped_column(ForeignKey("servers.id"))
    package_id: Mapped[int | None] = mapped_column(ForeignKey("packages.id"))
    outcome: Mapped[str] = mapped_column(Word)
    reason: Mapped[str]
    next_step: Mapped[str]
    notes: Mapped[list[str]]
    unread: Mapped[list[str]]
    tools: Mapped[int | None]
    protocol_version: Mapped[str | None]
    provenance: Mapped[str | None] = mapped_column(Word)
    isolation: Mapped[str] = mapped_column(Word)
    seconds: Mapped[float]
    recorded_at: Mapped[datetime]


class Definition(Base):
    """A tool definition, once for all servers that have it; rows are never changed.

    `body` is the truth. `name` is the copy to look up by; the `_words` are what full-text search
    reads (`catalog.db.words`).
    """

    __tablename__ = "definitions"

    id: Mapped[int] = mapped_column(primary_key=True)
    fingerprint: Mapped[str] = mapped_column(Word, unique=True)
    name: Mapped[str] = mapped_column(index=True)
    body: Mapped[dict[str, Any]]
    name_words: Mapped[str]
    title_words: Mapped[str]
    description_words: Mapped[str]


class Sighting(Base):
    """A server has a definition, from its first crawl to its last; open while `last_crawl_id` is NULL."""

    __tablename__ = "sightings"
    __table_args__ = (
        Index(None, "server_id", "id"),
        Index(
            "uq_sightings_open",
            "server_id",
            "definition_id",
            unique=True,
            sqlite_where=text("last_crawl_id IS NULL"),
            postgresql_where=text("last_crawl_id IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    server_id: Mapped[int] = mapped_column(ForeignKey("servers.id"))
    definition_id: Mapped[int] = mapped_column(ForeignKey("definitions.id"), index=True)
    first_crawl_id: Mapped[int] = mapped_column(ForeignKey("crawls.id"))
    last_crawl_id: Mapped[int | None] = mapped_column(ForeignKey("crawls.id"))
    provenance: Mapped[str] = mapped_column(Word)
    location: Mapped[str | None]
    description_unread: Mapped[bool]


class Label(Base):
    """A classification of a definition by one version of the classifier; the largest id is the newest."""

    __tablename__ = "classifications"
    __table_args__ = (UniqueConstraint("definition_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    definition_id: Mapped[int] = mapped_column(ForeignKey("definitions.id"))
    version: Mapped[str]
    category: Mapped[str] = mapped_column(Word, index=True)
    risk: Mapped[str] = mapped_column(Word, index=True)
    confidence: Mapped[float]
    needs_review: Mapped[bool]
    body: Mapped[dict[str, Any]]


class JournalHead(Base):
    """The one row that every writer of the ledger locks first.

    It tells the number and the hash of the journal's last line, the latest time that any gateway has
    seen, and the key of the keyed hashes.
    """

    __tablename__ = "journal_head"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    lines: Mapped[int] = mapped_column(Number)
    hash: Mapped[str] = mapped_column(Word)
    latest: Mapped[int] = mapped_column(Number)
    secret: Mapped[str] = mapped_column(Word)


class JournalRow(Base):
    """A line of the journal, numbered from 1 without gaps; `call` is the call whose outcome it tells."""

    __tablename__ = "journal"
    __table_args__ = (
        Index(
            "uq_journal_call",
            "call",
            unique=True,
            sqlite_where=text("call IS NOT NULL"),
            postgresql_where=text("call IS NOT NULL"),
        ),
    )

    number: Mapped[int] = mapped_column(Number, primary_key=True, autoincrement=False)
    call: Mapped[int | None] = mapped_column(Number)
    body: Mapped[str] = mapped_column(Text)
    previous: Mapped[str] = mapped_column(Word)
    hash: Mapped[str] = mapped_column(Word)


class CounterRow(Base):
    """What one grant has used of one limit, in the slots of `catalog.db.windows`."""

    __tablename__ = "counters"

    cell: Mapped[str] = mapped_column(Word, primary_key=True)
    slots: Mapped[str] = mapped_column(Text)


class HoldRow(Base):
    """A call under way that counts against a cap on concurrent calls; `beat` grows while its gateway lives."""

    __tablename__ = "holds"

    call: Mapped[int] = mapped_column(Number, primary_key=True, autoincrement=False)
    cell: Mapped[str] = mapped_column(Word, primary_key=True, index=True)
    amount: Mapped[str] = mapped_column(Text)
    run: Mapped[str] = mapped_column(Word)  # the gateway's; "" once nobody can tell how the call ended
    beat: Mapped[int] = mapped_column(Number)


class GrantRow(Base):
    """A grant; its token is kept as a hash, and not at all where calls come over standard input."""

    __tablename__ = "grants"

    name: Mapped[str] = mapped_column(
        Text().with_variant(Text(collation="C"), "postgresql"), primary_key=True
    )
    token_hash: Mapped[str | None] = mapped_column(Word, unique=True)
    policy: Mapped[str | None] = mapped_column(Text)
    created: Mapped[int] = mapped_column(Number)
    expires: Mapped[int | None] = mapped_column(Number)
    revoked: Mapped[int | None] = mapped_column(Number)


class ApprovalRow(Base):
    """A question to people about one exact call; `arguments` are kept until it is answered or over."""

    __tablename__ = "approvals"
    __table_args__ = (Index(None, "binding", "state"), Index(None, "state", "expires"))

    id: Mapped[str] = mapped_column(Word, primary_key=True)
    binding: Mapped[str] = mapped_column(Word)
    asker: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Word)
    asked: Mapped[int] = mapped_column(Number)
    expires: Mapped[int] = mapped_column(Number)
    body: Mapped[str] = mapped_column(Text)
    arguments: Mapped[str | None] = mapped_column(Text)
