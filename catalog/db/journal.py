"""The journal: lines that are only ever added, each bound to the one before it by a hash.

A line's hash covers its number, the hash of the line before and its text. Whoever edits, removes or moves a
line breaks the chain there, unless they write every later line and the kept head anew; a head that was
noted elsewhere shows that too.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, insert, select, update

from catalog.db.canonical import canonical
from catalog.db.models import JournalHead, JournalRow
from catalog.errors import DatabaseError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from catalog.db.direct import Direct, Transaction
    from catalog.policy.decision import Decision

MAX_NAMES: Final = 50  # names of arguments that a line keeps
MAX_NAME: Final = 200  # characters of a name that a caller chose
_ENCODE: Final = json.JSONEncoder(separators=(",", ":")).encode
NO_LINE: Final = "0" * 64  # what the first line names as the hash before it

_ONLY: Final = JournalHead.id == 1
_HEAD: Final = select(JournalHead.lines, JournalHead.hash, JournalHead.latest).where(_ONLY).with_for_update()
_SECRET: Final = select(JournalHead.secret).where(_ONLY)
_ADD: Final = insert(JournalRow)
_MOVE: Final = (
    update(JournalHead)
    .where(_ONLY)
    .values(lines=bindparam("number"), hash=bindparam("new"), latest=bindparam("at"))
)


class Outcome(StrEnum):
    """How a forwarded call ended, as far as it is known."""

    ANSWERED = "answered"
    FAILED = "failed"  # the server said that it failed
    NOT_SENT = "not_sent"  # nothing of it reached the server, for certain
    UNKNOWN = "unknown"  # it may or may not have had its effect


class Kind(StrEnum):
    """What a line of the journal tells."""

    CALL = "call"
    OUTCOME = "outcome"
    APPROVAL = "approval"
    GRANT = "grant"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEntry:
    """A call and what was decided about it.

    `gateway` is the run's id, `policy` the policy's digest, `definition` the fingerprint of what the server lists
    under that name ("" for none), `arguments_digest` what `Ledger.digest` gives, `approval` the id of
    the approval that was used up for the call. `arguments` are kept only where they are given.
    """

    at: datetime
    gateway: str
    server: str
    grant: str
    tool: str
    arguments_digest: str
    argument_names: tuple[str, ...]
    decision: Decision
    policy: str
    session: str = ""
    definition: str = ""
    approval: str = ""
    arguments: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """The last line's number and hash, and the latest time that any gateway has seen (milliseconds)."""

    lines: int
    hash: str
    latest: int


def lock(transaction: Transaction) -> Head:
    """The head, and with it every other writer's turn to wait until this transaction is over.

    Raises:
        DatabaseError: the head was removed.

    """
    row = transaction.row(_HEAD)
    if row is None:
        raise _headless()
    return Head(*row)


def secret(direct: Direct) -> bytes:
    """The key of the keyed hashes, which never changes in a database.

    Raises:
        DatabaseError: it was removed.

    """
    rows = direct.rows(_SECRET)
    if not rows:
        raise _headless()
    return bytes.fromhex(rows[0][0])


def _headless() -> DatabaseError:
    return DatabaseError(
        "the journal in the database has lost its head: somebody removed it",
        hint="restore a copy of the database, or name a new one with --db",
    )


def append(transaction: Transaction, head: Head, text: str, *, at: int, call: int | None = None) -> Head:
    """Add a line at time `at` (milliseconds); returns the new head, whose number is the line's."""
    number = head.lines + 1
    new = line_hash(number, head.hash, text)
    transaction.run(_ADD, number=number, call=call, body=text, previous=head.hash, hash=new)
    latest = max(at, head.latest)
    transaction.run(_MOVE, number=number, new=new, at=latest)
    return Head(number, new, latest)


def line_hash(number: int, previous: str, text: str) -> str:
    """SHA-256, as hex digits, over the number, the hash of the line before and the line's text."""
    return hashlib.sha256(f"{number}\n{previous}\n{text}".encode("utf-8", "surrogatepass")).hexdigest()


def call_text(entry: CallEntry, *, session: str, forwarded: bool) -> str:
    """The line of a call. `session` is a keyed hash: the id itself would let its reader into the session.

    The reason for the agent is left out, as it may repeat a value.
    """
    decision = entry.decision
    line: dict[str, Any] = {
        "kind": Kind.CALL.value,
        "at": entry.at.isoformat(),
        "gateway": entry.gateway,
        "server": short(entry.server),
        "grant": entry.grant,
        "session": session,
        "tool": short(entry.tool),
        "definition": entry.definition,
        "policy": entry.policy,
        "verdict": decision.verdict.value,
        "code": decision.code.value,
        "rule": decision.rule,
        "matched": [
            {"rule": match.rule, "effect": match.effect.value, "shadow": match.shadow}
            for match in decision.matched
        ],
        "forwarded": forwarded,
        "approval": entry.approval,
        "arguments_digest": entry.arguments_digest,
        "argument_names": [short(name) for name in entry.argument_names[:MAX_NAMES]],
    }
    if len(entry.argument_names) > MAX_NAMES:
        line["argument_names_left_out"] = len(entry.argument_names) - MAX_NAMES
    text = _ENCODE(line)
    return text if entry.arguments is None else f'{text[:-1]},"arguments":{canonical(entry.arguments)}}}'


def event_text(kind: Kind, at: datetime, **facts: object) -> str:
    """The line of anything else."""
    return _ENCODE({"kind": kind.value, "at": at.isoformat(), **facts})


def short(text: str) -> str:
    """Cut a text that a caller chose to `MAX_NAME` characters."""
    return text if len(text) <= MAX_NAME else f"{text[: MAX_NAME - 1]}…"
