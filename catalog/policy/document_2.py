"""From recommendations to a version-2 document, which can ask a person, deny with a reason, and cap money."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from catalog.policy.document import (
    Choice,
    PolicyDocument,
    Rounding,
    choose,
    common_roundings,
    is_sayable,
    limit_json,
)
from catalog.policy.financial import money_rules
from catalog.policy.recommend import Profile
from classifier.types import Action, Category

if TYPE_CHECKING:
    from collections.abc import Sequence

    from catalog.policy.financial import MoneyRules
    from classifier.types import Classification, ToolDefinition

VERSION: Final = "2"
_SUMMARY: Final = {
    Action.ALLOW: "allowed",
    Action.LIMIT: "limited",
    Action.APPROVE: "approved call by call",
    Action.HIDE: "hidden",
    Action.DENY: "denied",
}


def document_2(
    tools: Sequence[tuple[ToolDefinition, Classification]],
    profile: Profile = Profile.RECOMMENDED,
    *,
    pin: bool = False,
) -> PolicyDocument:
    """The recommended version-2 policy for these tools; `pin` ties it to their present definitions.

    Raises:
        PolicyError: two servers have a tool of the same name, which one document cannot tell apart.

    """
    choices = choose(tools, profile)
    sayable = [choice for choice in choices if is_sayable(choice.name)]
    shown = [choice for choice in sayable if choice.recommendation.action is not Action.HIDE]
    body = {
        "version": VERSION,
        "default": "deny",
        "hide": [choice.name for choice in sayable if choice not in shown],
        "tools": {choice.name: _rule(choice) for choice in shown},
        "pin": {choice.name: print_ for choice in shown if pin and (print_ := _fingerprint(choice))},
    }
    roundings = tuple(rounding for choice in choices for rounding in _roundings(choice, pin=pin))
    chosen = {choice.name: choice.recommendation for choice in choices}
    return PolicyDocument(chosen, roundings, body, _SUMMARY)


def _rule(choice: Choice) -> dict[str, Any]:
    wanted = choice.recommendation
    rule: dict[str, Any] = {}
    if wanted.action in (Action.APPROVE, Action.DENY):
        rule |= {"action": wanted.action.value, "reason": wanted.reason}
    money = _money(choice)
    limits = [limit_json(limit) for limit in wanted.limits]
    if money is not None:
        limits += [money.cap] if money.cap else []
        rule["require"] = list(money.require)
    return {key: value for key, value in (rule | {"limits": limits}).items() if value}


def _money(choice: Choice) -> MoneyRules | None:
    """For a Financial tool that a person approves; where a name stands twice, no schema is the tool's own."""
    definition, label = choice.tools[0]
    financial = label.category is Category.FINANCIAL and choice.recommendation.action is Action.APPROVE
    return money_rules(definition) if financial and _fingerprint(choice) else None


def _fingerprint(choice: Choice) -> str:
    """The definition's, "" where several definitions go by the name."""
    fingerprints = {definition.fingerprint for definition, _ in choice.tools}
    return fingerprints.pop() if len(fingerprints) == 1 else ""


def _roundings(choice: Choice, *, pin: bool) -> list[Rounding]:
    made = common_roundings(choice)
    action = choice.recommendation.action
    money = _money(choice)
    if money is not None and money.why_no_cap:
        made.append(Rounding(choice.name, action, "no spend cap", f"no spend cap: {money.why_no_cap}"))
    if money is not None and money.cap:
        why = f"at most {money.cap['max']} of {money.cap['add']} a day: put in the cap that you want"
        made.append(Rounding(choice.name, action, "a spend cap", why))
    if pin and action is not Action.HIDE and not _fingerprint(choice):
        why = "not pinned: the server lists this name with several definitions"
        made.append(Rounding(choice.name, action, "not pinned", why))
    return made
