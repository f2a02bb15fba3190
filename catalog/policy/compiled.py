"""A policy made ready for judging: names looked up, conditions and limits as functions, texts worded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from catalog.policy.conditions import Test, compile_group
from catalog.policy.decision import Reservation, ResultRule
from catalog.policy.limits import compile_limit
from catalog.policy.model import Group, Limit, Mode, Policy, ToolRule
from catalog.policy.names import Names, fits
from catalog.policy.source import child
from catalog.policy.wording import group_in_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from catalog.policy.call import Call


@dataclass(frozen=True, slots=True)
class CompiledGroup:
    """A group at its JSON pointer; `words` is what the agent is told."""

    pointer: str
    shadow: bool
    test: Test
    words: str


@dataclass(frozen=True, slots=True)
class CompiledLimit:
    """A limit at its JSON pointer; `reserve` may raise `catalog.policy.limits.Unusable`."""

    pointer: str
    reserve: Callable[[Call], Reservation]


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """A tool's rule at its JSON pointer."""

    pointer: str
    rule: ToolRule
    deny_if: tuple[CompiledGroup, ...]
    require: tuple[CompiledGroup, ...]
    approve_if: tuple[CompiledGroup, ...]
    limits: tuple[CompiledLimit, ...]
    results: ResultRule | None


class Compiled:
    """The whole policy. A rule in shadow mode leaves its tool to the next rule that is enforced."""

    def __init__(self, policy: Policy) -> None:
        rules = {
            name: _rule(child("/tools", name), rule, policy.results) for name, rule in policy.tools.items()
        }
        shadows = {name: rule for name, rule in rules.items() if rule.rule.mode is Mode.SHADOW}
        patterns = policy.version != "1"
        deciding = {name: rule for name, rule in rules.items() if name not in shadows}
        self.enforced = Names(deciding, patterns=patterns)
        self.watching = Names(shadows, patterns=patterns) if shadows else None
        self.all_tools = _limits("/all_tools/limits", policy.all_tools)
        self._hidden = {name: f"/hide/{index}" for index, name in reversed([*enumerate(policy.hide)])}
        self._hiding = [name for name in self._hidden if "*" in name and (patterns or name == "*")]

    def hidden_at(self, tool: str) -> str | None:
        """The pointer of what in `hide` means the tool."""
        exact = self._hidden.get(tool)
        if exact is not None or not self._hiding:
            return exact
        return next((self._hidden[name] for name in self._hiding if fits(name, tool)), None)


def compiled(policy: Policy) -> Compiled:
    """The policy ready for judging; made once for each policy."""
    form: Compiled | None = policy.memo.get("compiled")
    if form is None:
        form = policy.memo["compiled"] = Compiled(policy)
    return form


def narrowed(one: ResultRule | None, other: ResultRule | None) -> ResultRule | None:
    """What both of two rules for results let through."""
    if one is None or other is None:
        return one or other
    sizes = [size for size in (one.max_bytes, other.max_bytes) if size is not None]
    return ResultRule(min(sizes, default=None), tuple(dict.fromkeys((*one.redact, *other.redact))))


def _rule(pointer: str, rule: ToolRule, results: ResultRule | None) -> CompiledRule:
    return CompiledRule(
        pointer,
        rule,
        _groups(f"{pointer}/deny_if", rule.deny_if, "a call is denied when"),
        _groups(f"{pointer}/require", rule.require, "a call needs that"),
        _groups(f"{pointer}/approve_if", rule.approve_if, "a person approves a call when"),
        _limits(f"{pointer}/limits", rule.limits),
        narrowed(results, rule.results),
    )


def _groups(pointer: str, groups: Iterable[Group], lead: str) -> tuple[CompiledGroup, ...]:
    return tuple(
        CompiledGroup(
            f"{pointer}/{index}",
            group.mode is Mode.SHADOW,
            compile_group(group),
            group.on_deny or f"{lead} {group_in_words(group)}",
        )
        for index, group in enumerate(groups)
    )


def _limits(pointer: str, limits: Iterable[Limit]) -> tuple[CompiledLimit, ...]:
    return tuple(
        CompiledLimit(place, compile_limit(limit, place))
        for index, limit in enumerate(limits)
        for place in [f"{pointer}/{index}"]
    )
