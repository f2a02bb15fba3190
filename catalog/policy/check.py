"""The lint of a policy: rules that cannot do what they seem to, alone and against tool definitions."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from catalog.policy.arguments import Argument, look_up
from catalog.policy.model import Condition, Default, Group, Op, PolicyV1, ToolRule
from catalog.policy.source import child
from catalog.visible import one_line
from classifier.types import Category, Classification, Level, ToolDefinition

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

_NUMERIC: Final = frozenset({"number", "integer"})
_NEEDS: Final[Mapping[Op, frozenset[str]]] = {
    **dict.fromkeys((Op.LT, Op.LTE, Op.GT, Op.GTE), _NUMERIC),
    Op.REGEX: frozenset({"string"}),
    Op.CONTAINS: frozenset({"string", "array"}),
}


class Severity(StrEnum):
    """How bad a finding is: the policy is wrong, probably not meant so, or good to know."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Finding:
    """One remark on a policy, at a JSON pointer and a line (0 where the policy was not read from text)."""

    severity: Severity
    pointer: str
    line: int
    message: str
    hint: str = ""


Remark = tuple[Severity, str, str, str]  # severity, pointer, message, hint


def check(
    policy: PolicyV1,
    tools: Sequence[ToolDefinition] = (),
    labels: Mapping[str, Classification] | None = None,
) -> tuple[Finding, ...]:
    """What is wrong or doubtful in a valid policy, in the order of its lines.

    Without `tools` only the policy itself is looked at. `labels` (by fingerprint) tell which of the
    tools that a default of allow lets through are dangerous; without them, all are taken to be.
    """
    remarks = [*_hidden(policy), *_rules(policy)]
    if tools:
        remarks += [*_unknown(policy, tools), *_conditions(policy, tools), *_uncovered(policy, tools, labels)]
    findings = (
        Finding(severity, pointer, policy.lines.get(pointer, 0), message, hint)
        for severity, pointer, message, hint in dict.fromkeys(remarks)
    )
    return tuple(sorted(findings, key=lambda finding: (finding.line, finding.pointer)))


def _hidden(policy: PolicyV1) -> Iterator[Remark]:
    for index, name in enumerate(policy.hide):
        if name in policy.hide[:index]:
            yield Severity.WARNING, f"/hide/{index}", f"{one_line(name)} is hidden twice", "leave one out"
        elif name != "*" and "*" in policy.hide:
            yield (
                Severity.WARNING,
                f"/hide/{index}",
                f'{one_line(name)} is hidden by "*" already',
                "leave one out",
            )
    for name in policy.tools:
        if policy.hides(name):
            hint = "leave it out of one of them; hide wins"
            yield (
                Severity.WARNING,
                child("/tools", name),
                f"{one_line(name)} is hidden, so its rule never counts",
                hint,
            )


def _rules(policy: PolicyV1) -> Iterator[Remark]:
    for name, rule in policy.tools.items():
        pointer = child("/tools", name)
        if rule == ToolRule() and policy.default is Default.ALLOW and not policy.hides(name):
            yield Severity.INFO, pointer, f"{one_line(name)} is allowed by default anyway", "leave it out"
        yield from _shadowed(pointer, rule)
        for index, group in enumerate(rule.require):
            if not group.conditions:
                message = "a requirement without conditions always holds: it does nothing"
                yield (
                    Severity.WARNING,
                    f"{pointer}/require/{index}",
                    message,
                    "add conditions or leave it out",
                )


def _shadowed(pointer: str, rule: ToolRule) -> Iterator[Remark]:
    """What stands beside a `deny_if` that always holds never counts."""
    always = next((index for index, group in enumerate(rule.deny_if) if not group.conditions), None)
    if always is None:
        return
    why = f"never counts: {pointer}/deny_if/{always} has no conditions, so it denies every call"
    others = [f"{pointer}/deny_if/{index}" for index in range(len(rule.deny_if)) if index != always]
    others += [f"{pointer}/require/{index}" for index in range(len(rule.require))]
    others += [f"{pointer}/limits/{index}" for index in range(len(rule.limits))]
    for other in others:
        yield Severity.WARNING, other, f"this {why}", "give that group conditions, or leave this out"


def _unknown(policy: PolicyV1, tools: Sequence[ToolDefinition]) -> Iterator[Remark]:
    known = {tool.name for tool in tools}
    # Under default allow, a misspelt name leaves the tool that was meant wide open.
    severity = Severity.ERROR if policy.default is Default.ALLOW else Severity.WARNING
    named = [(f"/hide/{index}", name) for index, name in enumerate(policy.hide) if name != "*"]
    named += [(child("/tools", name), name) for name in policy.tools]
    for pointer, name in named:
        if name not in known:
            yield severity, pointer, f"no tool is called {one_line(name, 80)}", _near(name, known)


def _conditions(policy: PolicyV1, tools: Sequence[ToolDefinition]) -> Iterator[Remark]:
    for tool in tools:
        rule = policy.tools.get(tool.name)
        if rule is not None:
            pointer = child("/tools", tool.name)
            yield from _in_groups(f"{pointer}/require", rule.require, tool)
            yield from _in_groups(f"{pointer}/deny_if", rule.deny_if, tool)


def _in_groups(pointer: str, groups: Sequence[Group], tool: ToolDefinition) -> Iterator[Remark]:
    for index, group in enumerate(groups):
        for number, condition in enumerate(group.conditions):
            argument = look_up(tool.input_schema, condition.path)
            yield from _condition(f"{pointer}/{index}/conditions/{number}", condition, argument)


def _condition(pointer: str, condition: Condition, argument: Argument) -> Iterator[Remark]:
    path = one_line(".".join(("args", *condition.path)), 80)
    if not argument.declared:
        if not argument.possible:
            message = f"the tool's schema has no {path}"
            yield Severity.ERROR, f"{pointer}/path", message, _near(condition.path[-1], argument.siblings)
        return
    needed = _NEEDS.get(condition.op)
    if needed and argument.types and not needed & argument.types:
        has = ", ".join(sorted(argument.types))
        message = f"{condition.op} needs a {' or '.join(sorted(needed))}, but {path} is {has}"
        yield Severity.ERROR, f"{pointer}/op", message, "use an operator for that type"
    yield from _outside(pointer, path, condition, argument)


def _outside(pointer: str, path: str, condition: Condition, argument: Argument) -> Iterator[Remark]:
    """Values that the schema's enumeration rules out never match."""
    if not argument.values or condition.op not in (Op.EQ, Op.NEQ, Op.IN, Op.NOT_IN):
        return
    wanted = condition.value if isinstance(condition.value, list) else [condition.value]
    allowed = [one_line(str(value), 40) for value in argument.values]
    for value in wanted:
        if value not in argument.values:
            message = f"{one_line(str(value), 60)} is none of the values that {path} can have"
            hint = _near(str(value), allowed) if len(allowed) > 12 else f"they are {', '.join(allowed)}"
            yield Severity.WARNING, f"{pointer}/value", message, hint


def _uncovered(
    policy: PolicyV1, tools: Sequence[ToolDefinition], labels: Mapping[str, Classification] | None
) -> Iterator[Remark]:
    for tool in tools:
        if tool.name in policy.tools or policy.hides(tool.name):
            continue
        name = one_line(tool.name, 80)
        label = (labels or {}).get(tool.fingerprint)
        if policy.default is Default.DENY:
            yield Severity.INFO, "/default", f"{name} is not listed: denied by default", ""
        elif label is None or _is_dangerous(label):
            kind = f"{label.category}, {label.risk} risk" if label else "nothing is known of its risk"
            message = f"{name} is not listed: allowed without limit by default ({kind})"
            yield Severity.WARNING, "/default", message, "list it, hide it, or make the default deny"
        else:
            yield Severity.INFO, "/default", f"{name} is not listed: allowed by default", ""


def _is_dangerous(label: Classification) -> bool:
    return label.needs_review or label.category is not Category.READ or label.risk is not Level.LOW


def _near(name: str, known: Collection[str]) -> str:
    folded = {candidate.lower(): candidate for candidate in known}
    near = difflib.get_close_matches(name.lower(), folded, n=1)
    return f"did you mean {one_line(folded[near[0]], 80)}?" if near else ""
