"""What changes in effect between two policies, tool by tool: stricter, laxer, or both in part."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from catalog.policy.compiled import narrowed
from catalog.policy.limits import in_words
from catalog.policy.model import Default, Mode, OnDrift, ToolRule
from catalog.policy.treatment import treatment
from catalog.policy.wording import group_in_words
from classifier.types import Action

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from catalog.policy.model import Group, Limit, Policy

ANY_OTHER: Final = "\0"  # stands for every tool that neither policy names
_ORDER: Final = (Action.ALLOW, Action.LIMIT, Action.APPROVE, Action.DENY, Action.HIDE)
_CLOSED: Final = (Action.DENY, Action.HIDE)


class Direction(StrEnum):
    """Whether the new policy lets through less, more, or less of one thing and more of another."""

    STRICTER = "stricter"
    LAXER = "laxer"
    MIXED = "mixed"


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of one tool (`ANY_OTHER` for those that no policy names), in words."""

    tool: str
    before: Action
    after: Action
    direction: Direction
    details: tuple[str, ...]


@dataclass(slots=True)
class _Effect:
    """All that holds a tool's calls back: things that are there or not, and bounds where lower is stricter."""

    action: Action
    parts: dict[str, str] = field(default_factory=dict)  # what it is, exactly -> in words
    bounds: dict[str, tuple[Decimal, str]] = field(default_factory=dict)


def diff(old: Policy, new: Policy, tools: Iterable[str] | None = None) -> tuple[Change, ...]:
    """The tools whose treatment differs, by name; without `tools`, those that either policy names.

    What the agent is told is no effect; neither is anything in shadow mode. A pattern is compared as
    if it were a tool of that name.
    """
    named = {*old.tools, *new.tools, *old.hide, *new.hide, *old.pin, *new.pin} - {"*"}
    names = sorted(set(tools) if tools is not None else {*named, ANY_OTHER})
    found = (_change(name, _effect(old, name), _effect(new, name)) for name in names)
    return tuple(change for change in found if change is not None)


def _change(tool: str, before: _Effect, after: _Effect) -> Change | None:
    details = list(_details(before, after))
    steps = {strictness for strictness, _ in details}
    if before.action is not after.action:
        steps.add(_ORDER.index(after.action) > _ORDER.index(before.action))
    if not steps:
        return None
    direction = (
        Direction.MIXED if len(steps) > 1 else Direction.STRICTER if True in steps else Direction.LAXER
    )
    return Change(tool, before.action, after.action, direction, tuple(words for _, words in details))


def _details(before: _Effect, after: _Effect) -> Iterator[tuple[bool, str]]:
    """Each difference: whether it is stricter, and in words. A closed tool has none beside its action."""
    if before.action in _CLOSED or after.action in _CLOSED:
        return
    for key in sorted(before.parts.keys() | after.parts.keys()):
        if key not in before.parts:
            yield True, f"now {after.parts[key]}"
        elif key not in after.parts:
            yield False, f"no longer {before.parts[key]}"
    for key in sorted(before.bounds.keys() | after.bounds.keys()):
        yield from _bound(before.bounds.get(key), after.bounds.get(key))


def _bound(old: tuple[Decimal, str] | None, new: tuple[Decimal, str] | None) -> Iterator[tuple[bool, str]]:
    if old is None and new is not None:
        yield True, f"now {new[1]}"
    elif new is None and old is not None:
        yield False, f"no longer {old[1]}"
    elif old is not None and new is not None and old[0] != new[0]:
        yield new[0] < old[0], f"{new[1]}, before {old[1]}"


def _effect(policy: Policy, tool: str) -> _Effect:
    effect = _Effect(treatment(policy, tool))
    if policy.mode is Mode.SHADOW or effect.action in _CLOSED:
        return effect
    default = ToolRule() if policy.default is Default.ALLOW else None
    rule = policy.enforced().find(tool) or default or ToolRule()
    _add_groups(effect, rule.deny_if, "denied when")
    _add_groups(effect, rule.require, "denied unless")
    if effect.action is not Action.APPROVE:
        _add_groups(effect, rule.approve_if, "approved by a person when")
    for limit in (*policy.all_tools, *rule.limits):
        _add_limit(effect, limit, everywhere=limit in policy.all_tools)
    for moment in (policy.expires, rule.expires):
        if moment is not None:
            stamp = Decimal(moment.timestamp())
            _tighten(effect, "expires", stamp, f"denied from {moment.isoformat()} on")
    if tool in policy.pin and policy.on_drift is not OnDrift.LOG:
        words = f"held back when the definition is not {policy.pin[tool][:12]}… ({policy.on_drift})"
        effect.parts[f"pin {policy.pin[tool]} {policy.on_drift}"] = words
    _add_results(effect, policy, rule)
    return effect


def _add_groups(effect: _Effect, groups: Iterable[Group], lead: str) -> None:
    for group in groups:
        if group.mode is Mode.ENFORCE:
            effect.parts[f"{lead} {group.conditions!r}"] = f"{lead} {group_in_words(group)}"


def _add_limit(effect: _Effect, limit: Limit, *, everywhere: bool) -> None:
    words = f"limited to {in_words(limit)}{' over all tools' if everywhere else ''}"
    key = f"limit {limit.window} {limit.add} {sorted({*limit.by} - {'grant'})} {limit.rolling} {everywhere}"
    _tighten(effect, key, Decimal(limit.maximum), words)


def _add_results(effect: _Effect, policy: Policy, rule: ToolRule) -> None:
    results = narrowed(policy.results, rule.results)
    if results is None:
        return
    if results.max_bytes is not None:
        _tighten(
            effect,
            "max_bytes",
            Decimal(results.max_bytes),
            f"answered with at most {results.max_bytes} bytes",
        )
    for pattern in results.redact:
        effect.parts[f"redact {pattern}"] = f"blotted out where {pattern} is found"


def _tighten(effect: _Effect, key: str, bound: Decimal, words: str) -> None:
    """Of two bounds for the same thing the lower one holds."""
    known = effect.bounds.get(key)
    if known is None or bound < known[0]:
        effect.bounds[key] = bound, words
