"""What a version-1 policy does with a tool, whatever the arguments of a call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catalog.policy.model import Default
from classifier.types import Action

if TYPE_CHECKING:
    from catalog.policy.model import PolicyV1


def treatment(policy: PolicyV1, tool: str) -> Action:
    """HIDE: gone from the list and denied. DENY: every call denied. LIMIT: counted. ALLOW: neither.

    Under a default of deny, a tool that is not listed is DENY. Conditions on arguments are not looked
    at: they can only deny some of the calls that LIMIT and ALLOW let through. APPROVE is never
    answered, version 1 has no such thing.
    """
    if policy.hides(tool):
        return Action.HIDE
    rule = policy.tools.get(tool)
    if rule is None and policy.default is Default.DENY:
        return Action.DENY
    if rule is not None and any(not group.conditions for group in rule.deny_if):
        return Action.DENY
    return Action.LIMIT if policy.all_tools or (rule is not None and rule.limits) else Action.ALLOW
