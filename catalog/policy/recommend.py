"""What to do about a tool: the table of docs/policy.md ("What we recommend"), and nothing else."""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from catalog.policy.signals import raised_because
from classifier.types import Action, Category, DecidedBy, Level, RateLimit, Recommendation

if TYPE_CHECKING:
    from classifier.types import Classification


class Profile(StrEnum):
    """How cautious a recommendation is. Each profile is at least as strict as `recommended`."""

    RECOMMENDED = "recommended"  # the table
    STRICT = "strict"  # only Read, Low is allowed; nothing else can be called
    READ_ONLY = "read-only"  # Read as in the table; nothing else can be called


# category, level -> action and calls per minute (None: no limit). Cells that no codebook rule can
# reach today (Read, Critical) are filled all the same: a table without holes cannot surprise.
_TABLE: Final[dict[tuple[Category, Level], tuple[Action, int | None]]] = {
    (Category.READ, Level.LOW): (Action.ALLOW, None),
    (Category.READ, Level.MEDIUM): (Action.LIMIT, 60),
    (Category.READ, Level.HIGH): (Action.APPROVE, None),
    (Category.READ, Level.CRITICAL): (Action.APPROVE, None),
    (Category.WRITE, Level.LOW): (Action.LIMIT, 30),
    (Category.WRITE, Level.MEDIUM): (Action.LIMIT, 30),
    (Category.WRITE, Level.HIGH): (Action.LIMIT, 10),
    (Category.WRITE, Level.CRITICAL): (Action.APPROVE, 10),
    (Category.EXECUTE, Level.LOW): (Action.LIMIT, 30),
    (Category.EXECUTE, Level.MEDIUM): (Action.LIMIT, 30),
    (Category.EXECUTE, Level.HIGH): (Action.LIMIT, 10),
    (Category.EXECUTE, Level.CRITICAL): (Action.APPROVE, 10),
    (Category.DESTRUCTIVE, Level.LOW): (Action.HIDE, None),
    (Category.DESTRUCTIVE, Level.MEDIUM): (Action.HIDE, None),
    (Category.DESTRUCTIVE, Level.HIGH): (Action.HIDE, None),
    (Category.DESTRUCTIVE, Level.CRITICAL): (Action.HIDE, None),
    (Category.DESTRUCTIVE, Level.UNKNOWN): (Action.HIDE, None),
    (Category.FINANCIAL, Level.LOW): (Action.APPROVE, None),
    (Category.FINANCIAL, Level.MEDIUM): (Action.APPROVE, None),
    (Category.FINANCIAL, Level.HIGH): (Action.APPROVE, None),
    (Category.FINANCIAL, Level.CRITICAL): (Action.APPROVE, None),
}

_WHY: Final = {
    Category.READ: "it changes nothing outside the call",
    Category.WRITE: "it creates or changes records",
    Category.EXECUTE: "it runs something or reaches an outside party",
    Category.DESTRUCTIVE: "it removes or ends something with no stated way back",
    Category.FINANCIAL: "it moves money or binds someone to pay",
}
_WHY_READ_RAISED: Final = "it changes nothing, but what it can reach or return deserves care"
_PROFILE_WHY: Final = {
    Profile.STRICT: "the strict profile permits nothing but Read tools of Low risk",
    Profile.READ_ONLY: "the read-only profile permits nothing but Read tools",
}


class _Case(NamedTuple):
    """All of a label that the advice depends on; there are few of them, whatever the number of tools."""

    category: Category
    risk: Level
    doubtful: bool
    corrected: bool
    raised: str  # why it stands above its category's own level


def recommend(
    classification: Classification, tool: str, profile: Profile = Profile.RECOMMENDED
) -> Recommendation:
    """Look up what to do about `tool`; its name is only used for the limit's counter, `<tool>_rate`.

    A doubtful label (`needs_review`) or an unknown one is denied, with one exception that is the
    stricter choice: a doubtful Destructive tool stays hidden. A version-1 document says deny by not
    listing the tool, which holds only as long as its default is deny; `hide` holds under any default.
    """
    corrected = classification.decided_by is DecidedBy.PERSON
    case = _Case(
        classification.category,
        classification.risk,
        classification.needs_review,
        corrected,
        raised_because(classification),
    )
    action, per_minute, reason = _advice(case, profile)
    limits = () if per_minute is None else (RateLimit(f"{tool}_rate", "minute", per_minute),)
    return Recommendation(action, limits, reason)


@lru_cache(maxsize=2_048)
def _advice(case: _Case, profile: Profile) -> tuple[Action, int | None, str]:
    action, per_minute = _decided(case, profile)
    return action, per_minute, f"{_because(case, profile, action)}, so {_consequence(action, per_minute)}."


def _decided(case: _Case, profile: Profile) -> tuple[Action, int | None]:
    wanted = _TABLE.get((case.category, case.risk), (Action.DENY, None))
    if wanted[0] is Action.HIDE:
        return wanted
    if case.doubtful or not _permitted(case, profile):
        return Action.DENY, None
    return wanted


def _permitted(case: _Case, profile: Profile) -> bool:
    """Whether the profile lets a tool with this label be called at all."""
    reads = case.category is Category.READ
    if profile is Profile.STRICT:
        return reads and case.risk is Level.LOW
    return reads or profile is Profile.RECOMMENDED


def _because(case: _Case, profile: Profile, action: Action) -> str:
    if Category.UNKNOWN is case.category or Level.UNKNOWN is case.risk:
        return "Its definition does not tell what a call can do"
    if action is Action.DENY and case.doubtful:
        return f"Its label ({_label(case)}) is in doubt and a person should look at it first"
    why = _WHY[case.category]
    if case.category is Category.READ and case.risk is not Level.LOW:
        why = _WHY_READ_RAISED
    if action is Action.DENY:
        why = f"{why}, and {_PROFILE_WHY[profile]}"
    return f"{_label(case)}: {why}"


def _label(case: _Case) -> str:
    cause = f", because {case.raised}" if case.raised else ""
    by = ", as a person corrected it" if case.corrected else ""
    return f"{case.category}, {case.risk} risk{cause}{by}"


def _consequence(action: Action, per_minute: int | None) -> str:
    at_most = f"at most {per_minute} calls a minute"
    return {
        Action.ALLOW: "it may be called freely",
        Action.LIMIT: f"it is limited to {at_most}",
        Action.APPROVE: "a person approves each call" + (f", {at_most}" if per_minute else ""),
        Action.HIDE: "it is hidden from the agent and every call is denied",
        Action.DENY: "every call is denied",
    }[action]
