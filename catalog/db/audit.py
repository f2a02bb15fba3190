"""Reading the journal back: its lines, and whether they are all that was written.

A removed line leaves a gap, an edited one does not have its hash, a moved one does not follow the one before.
Lines cut off at the end no longer reach the kept head. Whoever can also write the head anew, and every hash from
the first change on, is found only by a head that was noted outside of the database.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select
from sqlalchemy.orm import aliased

from catalog.db import canonical
from catalog.db.failures import translated
from catalog.db.journal import NO_LINE, Kind, Outcome, line_hash
from catalog.db.models import JournalHead, JournalRow
from catalog.errors import DatabaseError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy.engine import Connection, Engine

_PORTION: Final = 500  # lines in memory at a time
_ended = aliased(JournalRow)
_COLUMNS: Final = (JournalRow.number, JournalRow.call, JournalRow.body, JournalRow.previous, JournalRow.hash)
MAX_PROBLEMS: Final = 100  # one is enough to trust nothing after it


@dataclass(frozen=True, slots=True)
class JournalLine:
    """A line. `facts` are what `catalog.db.journal` wrote, without `kind` and `at`.

    `outcome` is how a forwarded call ended: UNKNOWN, too, while nothing is recorded (it is still running, or its
    gateway ended first); None for a call that was not forwarded, and for all other lines.
    """

    number: int
    kind: Kind
    at: datetime
    facts: Mapping[str, Any]
    hash: str
    outcome: Outcome | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with the journal at a line."""

    number: int
    what: str


@dataclass(frozen=True, slots=True)
class Verification:
    """How many lines there are, the last one's hash, and what is wrong; nothing: the chain is whole."""

    lines: int
    hash: str
    problems: tuple[Problem, ...]


def lines(
    engine: Engine, *, after: int = 0, last: int | None = None, endings: bool = True
) -> Iterator[JournalLine]:
    """The lines after that number, or only the `last` so many, in order; as a stream.

    Without `endings` the outcomes have no lines of their own: each call tells how it ended anyway.

    Raises:
        DatabaseError: the database cannot be read, or a line is no line.

    """
    wanted = JournalRow.number > after if endings else (JournalRow.number > after) & JournalRow.call.is_(None)
    with _snapshot(engine) as connection:
        if last is not None:
            before = select(JournalRow.number).where(wanted).order_by(JournalRow.number.desc()).offset(last)
            wanted &= JournalRow.number > (connection.execute(before.limit(1)).scalar() or 0)
        statement = (
            select(*_COLUMNS, _ended.body.label("ending"))
            .outerjoin(_ended, _ended.call == JournalRow.number)
            .where(wanted)
            .order_by(JournalRow.number)
        )
        for row in connection.execution_options(yield_per=_PORTION).execute(statement):
            yield _line(row)


def verify(engine: Engine, noted: tuple[int, str] | None = None) -> Verification:
    """Whether every line is there and as it was written; `noted` is a head that somebody kept elsewhere.

    Raises:
        DatabaseError: the database cannot be read.

    """
    with _snapshot(engine) as connection:
        head = connection.execute(select(JournalHead.lines, JournalHead.hash)).one_or_none()
        chain = _Chain(noted)
        rows = connection.execution_options(yield_per=_PORTION).execute(
            select(*_COLUMNS).order_by(JournalRow.number)
        )
        for row in rows:
            chain.add(*row)
    chain.end(None if head is None else (head.lines, head.hash))
    return Verification(chain.number, chain.hash, tuple(chain.problems[:MAX_PROBLEMS]))


class _Chain:
    """Follows the lines; after a break it goes on from the line as it stands, so that each change is told once."""

    def __init__(self, noted: tuple[int, str] | None) -> None:
        self.number, self.hash = 0, NO_LINE
        self.problems: list[Problem] = []
        self._noted = noted
        self._met = noted is None or noted[0] == 0

    def add(self, number: int, call: int | None, body: str, previous: str, digest: str) -> None:
        if number != self.number + 1:
            gone = (
                f"line {self.number + 1}"
                if number == self.number + 2
                else f"lines {self.number + 1} to {number - 1}"
            )
            self._tell(number, f"{gone} missing before it: removed")
        elif previous != self.hash:
            self._tell(number, "it does not follow the line before it: one of the two was replaced or moved")
        if line_hash(number, previous, body) != digest:
            self._tell(number, "its text is not what was written: edited")
        elif call != _call(body):
            self._tell(number, "the call that it belongs to was changed")
        self.number, self.hash = number, digest
        if self._noted is not None and self._noted[0] == number:
            self._met = True
            if self._noted[1] != digest:
                self._tell(number, "it is not the line whose hash was noted: the journal was written anew")

    def end(self, head: tuple[int, str] | None) -> None:
        if head is None:
            self._tell(self.number, "the kept head is missing: removed")
        elif head[0] > self.number:
            self._tell(self.number, f"the journal ends here, but its head says line {head[0]}: cut off")
        elif head != (self.number, self.hash):
            self._tell(
                self.number, "the last line is not the one that the kept head names: replaced or added"
            )
        if not self._met and self._noted is not None:
            self._tell(self.number, f"the journal ends before the noted line {self._noted[0]}: cut off")

    def _tell(self, number: int, what: str) -> None:
        self.problems.append(Problem(number, what))


@contextmanager
def _snapshot(engine: Engine) -> Iterator[Connection]:
    """A connection that goes on seeing the database as it is now, whatever gateways write meanwhile."""
    level = {"isolation_level": "REPEATABLE READ"} if engine.dialect.name == "postgresql" else {}
    with translated(engine.url), engine.connect() as connection:
        yield connection.execution_options(**level)


def _line(row: Sequence[Any]) -> JournalLine:
    number, _, body, _, digest, ending = row
    try:
        facts = canonical.read(body)
        kind, at = Kind(facts.pop("kind")), datetime.fromisoformat(facts.pop("at"))
        end = canonical.read(ending) if ending else {}
        outcome = Outcome(end.get("outcome", Outcome.UNKNOWN)) if facts.get("forwarded") else None
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        raise DatabaseError(
            f"line {number} of the journal cannot be read", hint="catalog audit verify shows what was changed"
        ) from error
    return JournalLine(number, kind, at, facts, digest, outcome, end.get("note", ""))


def _call(body: str) -> int | None:
    """Which call's outcome a line tells, by its text."""
    try:
        facts = canonical.read(body)
    except ValueError:
        return None
    return facts.get("call") if isinstance(facts, dict) and facts.get("kind") == Kind.OUTCOME else None
