"""What a policy does with a tool, whatever the arguments of a call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catalog.policy.decision import Verdict
from catalog.policy.model import Default, Mode, ToolRule
from classifier.types import Action

if TYPE_CHECKING:
    from catalog.policy.model import Group, Policy


def treatment(policy: Policy, tool: str) -> Action:
    """HIDE: gone from the list and denied. DENY: every call denied. APPROVE: every call waits for a person.

    LIMIT: calls are counted. ALLOW: none of these. Under a default of deny, a tool that is not listed
    is DENY. Conditions on arguments are not looked at: they can only hold back some of the calls that
    the answer lets through. Nothing that is in shadow mode counts.
    """
    if policy.mode is Mode.SHADOW:
        return Action.ALLOW
    if policy.hides(tool):
        return Action.HIDE
    rule = policy.enforced().find(tool)
    if rule is None:
        rule = ToolRule(action=Verdict.DENY if policy.default is Default.DENY else Verdict.ALLOW)
    return _by_rule(rule, counted=bool(policy.all_tools or rule.limits))


def _by_rule(rule: ToolRule, *, counted: bool) -> Action:
    if rule.action is Verdict.HIDE:
        return Action.HIDE
    if rule.action is Verdict.DENY or always(rule.deny_if) is not None:
        return Action.DENY
    if rule.action is Verdict.APPROVE or always(rule.approve_if) is not None:
        return Action.APPROVE
    return Action.LIMIT if counted else Action.ALLOW


def always(groups: tuple[Group, ...]) -> int | None:
    """The place of the first group that holds for every call: one that decides, without conditions."""
    places = (
        index for index, group in enumerate(groups) if not group.conditions and group.mode is Mode.ENFORCE
    )
    return next(places, None)
