"""What is doubtful in a policy by itself: rules that cannot do what they seem to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from catalog.policy.decision import Verdict
from catalog.policy.finding import Remark, Severity
from catalog.policy.model import Default, Limit, Mode, ToolRule
from catalog.policy.names import fits
from catalog.policy.never import contradiction
from catalog.policy.source import child
from catalog.policy.treatment import always
from catalog.visible import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from catalog.policy.model import Group, Policy

_GROUPS: Final = ("deny_if", "require", "approve_if")


def lint(policy: Policy, now: datetime) -> Iterator[Remark]:
    """Remarks on the policy alone, in no order."""
    yield from _document(policy, now)
    yield from _hidden(policy)
    yield from _literal_stars(policy)
    yield from _precedence(policy)
    yield from _limits(policy)
    for name, rule in policy.tools.items():
        pointer = child("/tools", name)
        if rule.expires is not None and rule.expires <= now:
            yield Remark(
                Severity.WARNING, f"{pointer}/expires", "this rule has expired: every call is denied",
                "give it a later moment, or leave the tool out",
            )  # fmt: skip
        yield from _dead(pointer, rule)
        for part in _GROUPS:
            yield from _groups(f"{pointer}/{part}", getattr(rule, part))


def _document(policy: Policy, now: datetime) -> Iterator[Remark]:
    if policy.expires is not None and policy.expires <= now:
        yield Remark(
            Severity.WARNING,
            "/expires",
            "this policy has expired: every call is denied",
            "give it a later moment",
        )
    if policy.mode is Mode.SHADOW:
        yield Remark(Severity.INFO, "/mode", "in shadow mode every call passes: nothing is enforced")
    if "/on_drift" in policy.lines and not policy.pin:
        yield Remark(Severity.WARNING, "/on_drift", "nothing is pinned, so nothing can drift", "add a pin")


def _hidden(policy: Policy) -> Iterator[Remark]:
    names = {name: index for index, name in reversed([*enumerate(policy.hide)])}
    patterns = [name for name in names if name == "*" or ("*" in name and policy.version != "1")]
    for index, name in enumerate(policy.hide):
        pointer = f"/hide/{index}"
        if names[name] != index:
            yield Remark(Severity.WARNING, pointer, f"{one_line(name)} is hidden twice", "leave one out")
            continue
        for other in patterns:
            if other != name and fits(other, name):
                message = f'{one_line(name)} is hidden by "{one_line(other)}" already'
                yield Remark(Severity.WARNING, pointer, message, "leave one out")
    for name in policy.tools:
        if name in names or any(fits(other, name) for other in patterns):
            message = f"{one_line(name)} is hidden, so its rule never counts"
            hint = "leave it out of one of them; hide wins"
            yield Remark(Severity.WARNING, child("/tools", name), message, hint)


def _literal_stars(policy: Policy) -> Iterator[Remark]:
    """What looks like a pattern in version 1, which has none."""
    if policy.version != "1":
        return
    named = [(f"/hide/{index}", name) for index, name in enumerate(policy.hide) if name != "*"]
    for pointer, name in (*named, *((child("/tools", name), name) for name in policy.tools)):
        if "*" in name:
            message = "version 1 has no patterns: this means a tool of exactly that name"
            yield Remark(Severity.WARNING, pointer, message, "write the names out, or use version 2")


def _precedence(policy: Policy) -> Iterator[Remark]:
    """Names of their own that take a tool out of a pattern, and ones that say nothing."""
    names = policy.enforced()
    for name, rule in policy.tools.items():
        if rule.mode is Mode.SHADOW or ("*" in name and policy.version != "1"):
            continue
        wider = names.all_for(name)[1:]
        pointer = child("/tools", name)
        if wider and policy.tools[wider[0]] != ToolRule() and not policy.hides(name):
            message = (
                f"this comes before {child('/tools', one_line(wider[0], 80))}, which does not count for it"
            )
            yield Remark(Severity.INFO, pointer, message)
        elif not wider and rule == ToolRule() and policy.default is Default.ALLOW and not policy.hides(name):
            message = f"{one_line(name)} is allowed by default anyway"
            yield Remark(Severity.INFO, pointer, message, "leave it out")


def _dead(pointer: str, rule: ToolRule) -> Iterator[Remark]:
    """What stands beside something that decides every call never counts."""
    cause, kept = _decides_all(pointer, rule)
    if not cause:
        return
    hint = "leave this out" if "/action" in cause else "give that group conditions, or leave this out"
    for part in (*_GROUPS, "limits"):
        for index in range(len(getattr(rule, part))):
            place = f"{pointer}/{part}/{index}"
            if place != kept and not (rule.action is Verdict.APPROVE and part != "approve_if"):
                yield Remark(Severity.WARNING, place, f"this never counts: {cause}", hint)


def _decides_all(pointer: str, rule: ToolRule) -> tuple[str, str]:
    """Why something decides every call whatever else stands there, and the pointer of that."""
    if rule.action in (Verdict.DENY, Verdict.HIDE):
        word = "denies" if rule.action is Verdict.DENY else "hides"
        return f"{pointer}/action {word} every call", f"{pointer}/action"
    index = always(rule.deny_if)
    if index is not None:
        place = f"{pointer}/deny_if/{index}"
        return f"{place} has no conditions, so it denies every call", place
    if rule.action is Verdict.APPROVE:
        return f"{pointer}/action has every call wait for a person", f"{pointer}/action"
    return "", ""


def _groups(pointer: str, groups: Sequence[Group]) -> Iterator[Remark]:
    requires = pointer.endswith("/require")
    for index, group in enumerate(groups):
        place = f"{pointer}/{index}"
        if requires and not group.conditions:
            message = "a requirement without conditions always holds: it does nothing"
            yield Remark(Severity.WARNING, place, message, "add conditions or leave it out")
        if any(other.conditions == group.conditions for other in groups[:index]) and group.conditions:
            yield Remark(Severity.WARNING, place, "the same conditions stand above", "leave one out")
        never = contradiction(group.conditions)
        if never:
            effect = "it denies every call" if requires else "it never fires, save in doubt"
            yield Remark(Severity.WARNING, place, f"{never}: {effect}", "change or remove one of them")


def _limits(policy: Policy) -> Iterator[Remark]:
    """A limit that another one in force for the same calls never lets be reached."""
    everywhere = [(f"/all_tools/limits/{index}", limit) for index, limit in enumerate(policy.all_tools)]
    for name, rule in policy.tools.items():
        pointer = child("/tools", name)
        own = [(f"{pointer}/limits/{index}", limit) for index, limit in enumerate(rule.limits)]
        for place, limit in own:
            others = [other for other in (*everywhere, *own) if other[0] != place]
            tighter = next((other for other in others if _is_tighter(other, (place, limit))), None)
            if tighter:
                message = f"this limit is never reached: {tighter[0]} is, at the latest, with it"
                yield Remark(Severity.WARNING, place, message, "lower it, or leave it out")


def _is_tighter(one: tuple[str, Limit], other: tuple[str, Limit]) -> bool:
    """Whether the first limit, counted as widely or wider, has no more room; of equals the first is."""
    (place, limit), (other_place, wide) = one, other
    same = (limit.window, limit.add) == (wide.window, wide.add)
    if not same or limit.by or (wide.rolling and not limit.rolling):
        return False
    equal = limit.maximum == wide.maximum and not wide.by and limit.rolling == wide.rolling
    return place < other_place if equal else limit.maximum <= wide.maximum
