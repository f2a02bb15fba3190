"""Approvals: a person's answer to one exact call, used once, within its time.

An approval is bound to server, grant, tool, definition, policy and arguments by a keyed hash over all of them.
Nobody answers for their own grant. With four eyes, two people must agree; one is enough to refuse.
Names are what people say of themselves: who may write to the database can say any.
"""

from __future__ import annotations

import json
import secrets
import unicodedata
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, func, insert, select, update

from catalog.db import canonical
from catalog.db.models import ApprovalRow
from catalog.db.times import from_number
from catalog.errors import DatabaseError, UnknownTarget, UsageError
from catalog.visible import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from catalog.db.direct import Transaction

LASTS: Final = timedelta(hours=1)  # from the question to the answer, and from there to the call
MAX_WAITING: Final = 100  # questions of one grant: each keeps its arguments

_COLUMNS: Final = (ApprovalRow.id, ApprovalRow.state, ApprovalRow.asked, ApprovalRow.expires, ApprovalRow.body, ApprovalRow.arguments)  # fmt: skip
_ID: Final = ApprovalRow.id == bindparam("which")
_ALL: Final = select(*_COLUMNS).order_by(ApprovalRow.asked, ApprovalRow.id)
_ONE: Final = select(*_COLUMNS).where(_ID)
_BOUND: Final = select(*_COLUMNS).where(
    ApprovalRow.binding == bindparam("bound"), ApprovalRow.state == bindparam("in_state")
)
_REFUSED: Final = _BOUND.where(ApprovalRow.expires > bindparam("at"))
_COUNT: Final = select(func.count()).where(
    ApprovalRow.asker == bindparam("by"), ApprovalRow.state == bindparam("in_state")
)
_NEW: Final = insert(ApprovalRow)
_CHANGE: Final = (
    update(ApprovalRow)
    .where(_ID)
    .values(
        state=bindparam("new_state"),
        expires=bindparam("until"),
        body=bindparam("text"),
        arguments=bindparam("values"),
    )
)
_EXPIRE: Final = (
    update(ApprovalRow)
    .where(
        ApprovalRow.state.in_([bindparam("pending"), bindparam("approved")]),
        ApprovalRow.expires <= bindparam("at"),
    )
    .values(state=bindparam("expired"), arguments=None)
)


class ApprovalState(StrEnum):
    """Where a question stands. A refusal holds against the same call until it expires, too."""

    PENDING = "pending"
    APPROVED = "approved"
    DENIED = "denied"
    USED = "used"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalRequest:
    """A call that waits for a person.

    `policy` is the policy's digest, `definition` the tool's fingerprint; `rule` and `reason` say why it has to
    wait. `lasts` is the time to answer, and again the time from the answer to the call.
    """

    server: str
    grant: str
    tool: str
    arguments: Mapping[str, Any]
    policy: str
    definition: str = ""
    rule: str = ""
    reason: str = ""
    four_eyes: bool = False
    lasts: timedelta = LASTS


@dataclass(frozen=True, slots=True)
class Answer:
    """What one person said."""

    by: str
    approve: bool
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """A question and its answers; `arguments` are None once it is answered or over."""

    id: str
    state: ApprovalState
    server: str
    grant: str
    tool: str
    arguments: Mapping[str, Any] | None
    arguments_digest: str
    policy: str
    definition: str
    rule: str
    reason: str
    four_eyes: bool
    lasts: timedelta
    asked: datetime
    expires: datetime
    answers: tuple[Answer, ...] = ()


_FACTS: Final = ("server", "grant", "tool", "policy", "definition", "rule", "reason", "four_eyes")


def bound_to(request: ApprovalRequest) -> str:
    """Everything that an approval is bound to, as one text to be hashed."""
    parts = [
        request.server,
        request.grant,
        request.tool,
        request.definition,
        request.policy,
        request.arguments,
    ]
    return canonical.canonical(parts)


def expire(transaction: Transaction, at: int) -> None:
    """Close what is over, for good: a clock that steps back opens nothing again."""
    states = (ApprovalState.PENDING, ApprovalState.APPROVED, ApprovalState.EXPIRED)
    transaction.run(_EXPIRE, at=at, **{state.name.lower(): state.value for state in states})


def find(transaction: Transaction, binding: str, *states: ApprovalState) -> Approval | None:
    """The approval that is bound to exactly this, in the first of the states that there is."""
    for state in states:
        row = transaction.row(_BOUND, bound=binding, in_state=state.value)
        if row is not None:
            return from_row(row)
    return None


def refusal(transaction: Transaction, binding: str, at: int) -> Approval | None:
    """A refusal of exactly this whose time is not over."""
    row = transaction.row(_REFUSED, bound=binding, in_state=ApprovalState.DENIED.value, at=at)
    return None if row is None else from_row(row)


def one(transaction: Transaction, which: str) -> Approval:
    """The approval with that id.

    Raises:
        UnknownTarget: there is none.

    """
    row = transaction.row(_ONE, which=which)
    if row is None:
        raise UnknownTarget(f"no approval has the id {one_line(which, 40)!r}", hint="catalog approvals list")
    return from_row(row)


def everything(transaction: Transaction) -> list[Approval]:
    """All approvals, oldest first."""
    return [from_row(row) for row in transaction.rows(_ALL)]


def new(transaction: Transaction, request: ApprovalRequest, binding: str, digest: str, at: int) -> Approval:
    """Store a question.

    Raises:
        DatabaseError: too many questions of this grant wait already.

    """
    waiting = transaction.row(_COUNT, by=request.grant, in_state=ApprovalState.PENDING.value)[0]
    if waiting >= MAX_WAITING:
        raise DatabaseError(
            f"{MAX_WAITING} questions of the grant {request.grant} wait for an answer already",
            hint="catalog approvals list, and answer some",
        )
    facts = {name: getattr(request, name) for name in _FACTS}
    asked = Approval(
        id=secrets.token_hex(5),
        state=ApprovalState.PENDING,
        arguments=request.arguments,
        arguments_digest=digest,
        lasts=request.lasts,
        asked=from_number(at),
        expires=from_number(at) + request.lasts,
        **facts,
    )
    transaction.run(
        _NEW,
        id=asked.id,
        binding=binding,
        asker=request.grant,
        state=asked.state.value,
        asked=at,
        expires=at + _milliseconds(request.lasts),
        body=_body(asked),
        arguments=canonical.canonical(request.arguments),
    )
    return asked


def answered(approval: Approval, answer: Answer, at: datetime) -> Approval:
    """The approval after what a person said.

    Raises:
        UsageError: it is not theirs to say, or it is over.

    """
    _may_answer(approval, answer)
    answers = (*approval.answers, answer)
    if not answer.approve:
        return replace(approval, state=ApprovalState.DENIED, answers=answers, arguments=None)
    if approval.four_eyes and len(answers) < 2:
        return replace(approval, answers=answers)
    return replace(
        approval, state=ApprovalState.APPROVED, answers=answers, arguments=None, expires=at + approval.lasts
    )


def store(transaction: Transaction, approval: Approval, until: int) -> None:
    """Write back what has changed."""
    transaction.run(
        _CHANGE,
        which=approval.id,
        new_state=approval.state.value,
        until=until,
        text=_body(approval),
        values=None if approval.arguments is None else canonical.canonical(approval.arguments),
    )


def from_row(row: tuple[str, str, int, int, str, str | None]) -> Approval:
    """The approval of a row of `_COLUMNS`."""
    which, state, asked, expires, text, values = row
    body = json.loads(text)
    return Approval(
        id=which,
        state=ApprovalState(state),
        asked=from_number(asked),
        expires=from_number(expires),
        arguments=None if values is None else canonical.read(values),
        arguments_digest=body["arguments_digest"],
        lasts=timedelta(milliseconds=body["lasts"]),
        answers=tuple(Answer(**answer) for answer in body["answers"]),
        **{name: body[name] for name in _FACTS},
    )


def _may_answer(approval: Approval, answer: Answer) -> None:
    person = _plain(answer.by)
    withdrawn = approval.state is ApprovalState.APPROVED and not answer.approve
    if approval.state is not ApprovalState.PENDING and not withdrawn:
        raise UsageError(
            f"approval {approval.id} is {approval.state} already",
            hint="the caller has to ask again"
            if approval.state is ApprovalState.EXPIRED
            else "catalog approvals list",
        )
    if not person:
        raise UsageError("who answers has no name", hint="name yourself with --by")
    if not answer.approve:
        return
    if person == _plain(approval.grant):
        raise UsageError(
            f"{one_line(answer.by, 80)} asks itself: the grant of the call has the same name",
            hint="somebody else has to answer",
        )
    if person in {_plain(other.by) for other in approval.answers}:
        raise UsageError(
            f"{one_line(answer.by, 80)} has approved {approval.id} already: four eyes are two people",
            hint="a second person has to answer",
        )


def _plain(name: str) -> str:
    """Names that look alike to the one who typed them are the same person."""
    return unicodedata.normalize("NFKC", name).casefold().strip()


def _body(approval: Approval) -> str:
    facts = {name: getattr(approval, name) for name in _FACTS}
    answers = [{"by": it.by, "approve": it.approve, "reason": it.reason} for it in approval.answers]
    more = {
        "arguments_digest": approval.arguments_digest,
        "lasts": _milliseconds(approval.lasts),
        "answers": answers,
    }
    return json.dumps({**facts, **more}, separators=(",", ":"))


def _milliseconds(duration: timedelta) -> int:
    return duration // timedelta(milliseconds=1)
