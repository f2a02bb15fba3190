"""What the judge answers: the verdict, which rule gave it, and what must be reserved before the call."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decimal import Decimal


class Verdict(StrEnum):
    """What happens to the call; HIDE answers as if the tool did not exist, APPROVE waits for a person."""

    ALLOW = "allow"
    DENY = "deny"
    HIDE = "hide"
    APPROVE = "approve"


class Code(StrEnum):
    """Which step of the evaluation answered; one word for programs."""

    ALLOWED = "allowed"
    HIDDEN = "hidden"
    UNKNOWN_TOOL = "unknown_tool"
    NOT_LISTED = "not_listed"
    DRIFT = "drift"
    EXPIRED = "expired"
    DENIED = "denied"
    DENY_IF = "deny_if"
    REQUIRE = "require"
    ARGUMENTS = "arguments"
    APPROVAL = "approval_required"
    LIMIT = "limit"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Reservation:
    """Room that a call needs in one counter; all of a decision's are taken together or none is.

    `key` is the counter's name and the values it is kept by: one cell of the counter, apart from the
    grant (every counter belongs to one) and the window's start. `window_seconds` is 0 for
    `concurrent`, which counts calls that have not ended. `rule` is the limit's JSON pointer, `what`
    says it in words: `10 calls a minute`.
    """

    key: str
    amount: Decimal
    maximum: Decimal
    window_seconds: int
    rolling: bool
    concurrent: bool
    rule: str
    what: str


@dataclass(frozen=True, slots=True)
class Match:
    """A rule that matched the call, whether or not it decided; `shadow`: it only watches."""

    rule: str
    effect: Verdict
    shadow: bool
    reason: str


@dataclass(frozen=True, slots=True)
class ResultRule:
    """What may come back: at most `max_bytes` of it, and nothing that a pattern of `redact` (RE2) finds."""

    max_bytes: int | None = None
    redact: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer to one call.

    `rule` is the JSON pointer of what decided, "" where no rule of the policy did. `reason` is for
    the agent, "" when the call is allowed. `matched` are all rules that matched, in the order of
    evaluation. `reservations` stand only beside ALLOW.
    """

    verdict: Verdict
    code: Code
    rule: str
    reason: str
    matched: tuple[Match, ...]
    reservations: tuple[Reservation, ...] = ()
    retryable: bool = False
    retry_after_ms: int | None = None
    results: ResultRule | None = None
