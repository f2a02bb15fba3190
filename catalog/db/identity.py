"""Which server a name stands for: what is stored of its launch or file, without secrets and versions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from catalog.db.launch import public_name, target
from catalog.db.models import Package, Server
from catalog.records import LaunchKind

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from catalog.records import ServerRecord

FILE: Final = "file"  # the kind of what was read from a file or folder, beside those of launches
_PEP_503: Final = re.compile(r"[-_.]+")


def identity(record: ServerRecord) -> tuple[str, str] | None:
    """Kind and name of what the record stands for, as they are stored; None when it is not known."""
    if record.origin:
        kind, _, name = record.origin.partition(":")
        return kind, name
    name = public_name(record.launch) if record.launch else ""
    return (record.launch.kind.value, name) if record.launch and name else None


def described(record: ServerRecord) -> str:
    """The identity for people: `pypi:workflows-mcp`, a URL, a program, a file's name."""
    return _shown(*(identity(record) or ("", record.name)))


def holder(connection: Connection, record: ServerRecord) -> str | None:
    """What the record's name stands for in the database; None when it is free, the same, or not known."""
    own = identity(record)
    if own is None:
        return None
    query = select(Package.kind, Package.name).join(Server).where(Server.name == record.name)
    known = [(row.kind, row.name) for row in connection.execute(query.order_by(Package.id))]
    if not known or _key(*own) in {_key(*other) for other in known}:
        return None
    return _shown(*known[-1])


def _key(kind: str, name: str) -> tuple[str, str]:
    """Alike for spellings of the same: PyPI names (PEP 503), npm's letters, both transports of a URL."""
    if kind == LaunchKind.PYPI:
        return kind, _PEP_503.sub("-", name).lower()
    if kind == LaunchKind.NPM:
        return kind, name.lower()
    if kind in (LaunchKind.HTTP, LaunchKind.SSE):
        return LaunchKind.HTTP.value, name.rstrip("/")
    return kind, name


def _shown(kind: str, name: str) -> str:
    return f"the file {name.rpartition('/')[2] or name}" if kind == FILE else target(kind, name)
