"""The door to what the gateway remembers: counters, grants, approvals and the journal.

Every method is one short transaction that first locks the journal's head: on one database, however many
gateways use it, one call is decided after the other.
"""

from __future__ import annotations

import hmac
import secrets
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Self

from catalog.db import approvals, audit, counters, grants, journal
from catalog.db.approvals import Answer, Approval, ApprovalRequest, ApprovalState
from catalog.db.audit import JournalLine, Verification
from catalog.db.canonical import canonical
from catalog.db.connect import resolve
from catalog.db.counters import Booking, Held, NoRoom
from catalog.db.direct import Direct
from catalog.db.failures import shown
from catalog.db.grants import Grant
from catalog.db.heart import Heart
from catalog.db.journal import CallEntry, Head, Kind, Outcome
from catalog.db.leases import Watch
from catalog.db.schema import opened as open_engine
from catalog.db.store import now
from catalog.db.times import from_number, to_number
from catalog.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.engine import Engine

    from catalog.db.direct import Transaction
    from catalog.policy.decision import Reservation

__all__ = [
    "Answer", "Approval", "ApprovalRequest", "ApprovalState", "CallEntry", "Grant", "JournalLine", "Ledger",
    "Opened", "Outcome", "Refused", "Verification",
]  # fmt: skip

_TIDY: Final = 1.0  # seconds between two looks at SQLite's log


@dataclass(frozen=True, slots=True)
class Opened:
    """A call that may be forwarded: its line in the journal and what it counts; give it to `close_call`, once."""

    number: int
    held: tuple[Held, ...]
    concurrent: bool


@dataclass(frozen=True, slots=True)
class Refused:
    """A limit without room; nothing was counted. `retry_after_ms` is None where nobody can tell."""

    reservation: Reservation
    retry_after_ms: int | None


class Ledger:
    """The gateway's memory. A context manager; every method may raise `DatabaseError`, and then did nothing.

    `run` is this opening's own id: the gateway's, in the journal. `clock` tells the time, `elapsed` monotonic
    seconds. May be used from several threads. Several processes may use one database at once.
    """

    def __init__(
        self,
        engine: Engine,
        clock: Callable[[], datetime] = now,
        elapsed: Callable[[], float] = time.monotonic,
    ) -> None:
        self.run: Final = secrets.token_hex(8)
        self._engine = engine
        self._direct = Direct(engine)
        self._clock = clock
        self._watch = Watch(self.run, elapsed)
        self._heart = Heart(self.beat)
        self._tidying = Heart(self._direct.tidy, _TIDY, "catalog-tidy")
        self._secret = journal.secret(self._direct)
        self._session = lru_cache(maxsize=256)(self._hidden_session)
        counters.look(self._direct, self._watch)

    @classmethod
    def open(
        cls,
        url: str | None = None,
        *,
        clock: Callable[[], datetime] = now,
        elapsed: Callable[[], float] = time.monotonic,
    ) -> Self:
        """Open `url`, else `CATALOG_DB`, else one SQLite file in the user's data folder.

        A missing SQLite file is created, for its owner only; an older schema is brought up to date.

        Raises:
            NewerSchema: a newer version of the catalogue wrote the database.
            DatabaseError: the database cannot be used; the hint says what to do.

        """
        return cls(open_engine(resolve(url)), clock, elapsed)

    @property
    def location(self) -> str:
        """The database's URL as it may be shown, without password."""
        return shown(self._engine.url)

    def close(self) -> None:
        """Let go of all connections. Calls still open stay counted, and show as unknown."""
        self._heart.stop()
        self._tidying.stop()
        self._direct.close()
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def now(self) -> datetime:
        """The time by this ledger's clock, UTC."""
        return self._clock()

    def digest(self, arguments: Mapping[str, Any]) -> str:
        """The keyed hash of exact arguments: the same for every gateway on this database; says nothing else."""
        return self._keyed(canonical(arguments))

    # Grants

    def grant(
        self, name: str, *, policy: str | None = None, expires: datetime | None = None
    ) -> tuple[Grant, str]:
        """Make a grant, or make one anew that had ended; the token is shown here and never again.

        Raises:
            UsageError: the name cannot be one, is in use, or the grant would be over already.

        """
        token = grants.new_token()
        return self._put_grant(Grant(name, policy, self._clock(), expires), token), token

    def local_grant(self, name: str) -> Grant:
        """The grant for calls over standard input; made when there is none of that name, without a token.

        Raises:
            UsageError: the name cannot be one, or the grant was revoked or has expired.

        """
        grants.check_name(name)
        with self._direct.transaction() as transaction:
            found = grants.named(transaction, name)
        if found is None:
            with suppress(UsageError):  # another gateway has just made it
                return self._put_grant(Grant(name, None, self._clock()), None)
            return self.local_grant(name)
        if found.ended(self._clock()):
            state = "was revoked" if found.revoked else "has expired"
            raise UsageError(
                f"the grant {name} {state}", hint=f"catalog grants add {name}, or another name with --grant"
            )
        return found

    def by_token(self, token: str) -> Grant | None:
        """Whose token it is; None when it is unknown, expired or revoked."""
        return grants.holder(self._direct, token, to_number(self._clock()))

    def grants(self) -> list[Grant]:
        """All grants by name, those that have ended too."""
        return grants.everyone(self._direct)

    def revoke(self, name: str) -> bool:
        """End a grant at once, for its open sessions too; False when none of that name is in force."""
        at = self._clock()
        with self._direct.transaction(synced=True) as transaction:
            head = journal.lock(transaction)
            done = grants.revoke(transaction, name, to_number(at))
            if done:
                text = journal.event_text(Kind.GRANT, at, event="revoked", name=name)
                journal.append(transaction, head, text, at=to_number(at))
        return done

    # Calls

    def open_call(self, entry: CallEntry, reservations: Sequence[Reservation]) -> Opened | Refused:
        """Count the call against all its limits, or against none, and write it down as forwarded.

        Raises:
            GrantEnded: the call's grant is not in force.

        """
        at = to_number(self._clock())
        text = journal.call_text(entry, session=self._session(entry.session), forwarded=True)
        concurrent = any(it.concurrent for it in reservations)
        try:
            with self._direct.transaction() as transaction:
                head = journal.lock(transaction)
                grants.require(transaction, entry.grant, max(at, head.latest))
                booking = Booking(head.lines + 1, entry.grant, at)
                held = counters.reserve(transaction, booking, reservations, self._watch)
                head = journal.append(transaction, head, text, at=at)
        except NoRoom as full:
            return Refused(full.reservation, full.retry_after_ms)
        if self._direct.has_log:
            self._tidying.start()
        if concurrent:
            self._heart.start()
        return Opened(head.lines, held, concurrent)

    def close_call(self, opened: Opened, outcome: Outcome, note: str = "") -> None:
        """Write down how a call ended. Only NOT_SENT gives back what it counted.

        One that is UNKNOWN counts as under way until its lease is over. Closing a call twice is an error.
        """
        at = self._clock()
        ending = {"call": opened.number, "outcome": outcome.value, "note": journal.short(note)}
        text = journal.event_text(Kind.OUTCOME, at, **ending)
        with self._direct.transaction() as transaction:
            head = journal.lock(transaction)
            journal.append(transaction, head, text, at=to_number(at), call=opened.number)
            if outcome is Outcome.NOT_SENT:
                counters.give_back(transaction, opened.held)
            if opened.concurrent:
                end = counters.orphan if outcome is Outcome.UNKNOWN else counters.let_go
                end(transaction, opened.number)

    def note(self, entry: CallEntry) -> None:
        """Write down a call that was not forwarded."""
        text = journal.call_text(entry, session=self._session(entry.session), forwarded=False)
        with self._direct.transaction() as transaction:
            head = journal.lock(transaction)
            journal.append(transaction, head, text, at=to_number(self._clock()))

    def beat(self) -> int:
        """Give a sign of life for this gateway's calls under way, which a thread does by itself; how many."""
        with self._direct.transaction() as transaction:
            journal.lock(transaction)
            return counters.beat(transaction, self.run)

    # Approvals

    def ask(self, request: ApprovalRequest) -> Approval:
        """Put a question to people, or find the one that stands already: waiting, approved, or refused.

        A refusal holds until the question's time is over: the same call does not ask again.
        """
        binding = self._keyed(approvals.bound_to(request))
        with self._direct.transaction(synced=True) as transaction:
            head, at = self._approvals_at(transaction)
            states = (ApprovalState.PENDING, ApprovalState.APPROVED)
            found = approvals.find(transaction, binding, *states) or approvals.refusal(
                transaction, binding, at
            )
            if found is not None:
                return found
            asked = approvals.new(transaction, request, binding, self.digest(request.arguments), at)
            self._append_approval(transaction, head, asked, "asked")
        return asked

    def claim(self, request: ApprovalRequest) -> Approval | None:
        """Use up the approval of exactly this call; None when there is none that is approved, in time and unused."""
        binding = self._keyed(approvals.bound_to(request))
        with self._direct.transaction(synced=True) as transaction:
            head, _ = self._approvals_at(transaction)
            found = approvals.find(transaction, binding, ApprovalState.APPROVED)
            if found is None:
                return None
            used = replace(found, state=ApprovalState.USED)
            approvals.store(transaction, used, to_number(used.expires))
            self._append_approval(transaction, head, used, "used")
        return used

    def approvals(self, state: ApprovalState | None = None) -> list[Approval]:
        """All approvals, or those in that state, oldest first."""
        with self._direct.transaction() as transaction:
            self._approvals_at(transaction)
            return [it for it in approvals.everything(transaction) if state in (None, it.state)]

    def answer(self, which: str, *, approve: bool, by: str, reason: str = "") -> Approval:
        """What a person says to a question; an approval that is not used yet can be taken back by a refusal.

        Raises:
            UnknownTarget: no question has that id.
            UsageError: it is not theirs to answer, or it is answered or over.

        """
        with self._direct.transaction(synced=True) as transaction:
            head, at = self._approvals_at(transaction)
            answer = Answer(journal.short(by), approve, journal.short(reason))
            found = approvals.answered(approvals.one(transaction, which), answer, from_number(at))
            approvals.store(transaction, found, to_number(found.expires))
            event = "approved" if approve else "denied"
            self._append_approval(transaction, head, found, event, by=answer.by, reason=answer.reason)
        return found

    # Journal

    def journal(
        self, *, after: int = 0, last: int | None = None, endings: bool = True
    ) -> Iterator[JournalLine]:
        """The journal's lines after that number, or only the `last` so many, in order, as a stream.

        Without `endings` only calls, approvals and grants; a call tells how it ended either way.
        """
        return audit.lines(self._engine, after=after, last=last, endings=endings)

    def verify(self, noted: tuple[int, str] | None = None) -> Verification:
        """Whether the journal is whole; `noted` is the number and hash of a line, kept outside of the database."""
        return audit.verify(self._engine, noted)

    def _approvals_at(self, transaction: Transaction) -> tuple[Head, int]:
        """The head, and the time by which approvals are judged: it never goes back. Closes what is over."""
        head = journal.lock(transaction)
        at = max(to_number(self._clock()), head.latest)
        approvals.expire(transaction, at)
        return head, at

    def _append_approval(
        self, transaction: Transaction, head: Head, approval: Approval, event: str, **said: str
    ) -> None:
        facts = {
            "event": event,
            "id": approval.id,
            "server": approval.server,
            "grant": approval.grant,
            "tool": journal.short(approval.tool),
            "policy": approval.policy,
            "rule": approval.rule,
            "arguments_digest": approval.arguments_digest,
        }
        at = self._clock()
        text = journal.event_text(Kind.APPROVAL, at, **facts, **said)
        journal.append(transaction, head, text, at=to_number(at))

    def _put_grant(self, grant: Grant, token: str | None) -> Grant:
        grants.check_name(grant.name)
        created = to_number(grant.created)
        grant = replace(grant, created=from_number(created))  # as it is read back
        if grant.ended(grant.created):
            raise UsageError(f"the grant {grant.name} would be over already", hint="name a time to come")
        with self._direct.transaction(synced=True) as transaction:
            head = journal.lock(transaction)
            there = grants.named(transaction, grant.name)
            if there is not None and not there.ended(grant.created):
                raise UsageError(
                    f"there is a grant {grant.name} already",
                    hint=f"choose another name, or first: catalog grants revoke {grant.name}",
                )
            grants.put(transaction, grant, token)
            text = journal.event_text(Kind.GRANT, grant.created, event="added", name=grant.name)
            journal.append(transaction, head, text, at=created)
        return replace(grant, has_token=token is not None)

    def _keyed(self, text: str) -> str:
        return hmac.digest(self._secret, text.encode("utf-8", "surrogatepass"), "sha256").hex()

    def _hidden_session(self, session: str) -> str:
        return self._keyed(session)[:16] if session else ""
