"""Conditions and counted arguments against the input schemas of the tools that a rule is in force for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from catalog.policy.arguments import Argument, look_up
from catalog.policy.finding import Remark, Severity
from catalog.policy.model import Combination, Condition, Group, Limit, Op, Policy
from catalog.policy.near import near
from catalog.policy.source import child
from catalog.visible import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from classifier.types import ToolDefinition

_NUMERIC: Final = frozenset({"number", "integer"})
_STRING: Final = frozenset({"string"})
_NEEDS: Final[Mapping[Op, frozenset[str]]] = {
    **dict.fromkeys((Op.LT, Op.LTE, Op.GT, Op.GTE, Op.BETWEEN), _NUMERIC),
    **dict.fromkeys((Op.REGEX, Op.STARTS_WITH, Op.ENDS_WITH, Op.PATH_WITHIN, Op.HOST_IN), _STRING),
    **dict.fromkeys((Op.CONTAINS, Op.LENGTH_LTE), frozenset({"string", "array"})),
}
_PARTS: Final = ("require", "deny_if", "approve_if")
Part = Condition | Combination


def conditions(policy: Policy, tools: Sequence[ToolDefinition]) -> Iterator[Remark]:
    """Remarks on every path that the rules for these tools speak of."""
    names = policy.enforced()
    for tool in tools:
        key = names.key(tool.name)
        if key is not None:
            yield from _rule(policy, key, tool)
        for index, limit in enumerate(policy.all_tools):
            yield from _counted(f"/all_tools/limits/{index}", limit, tool)


def _rule(policy: Policy, key: str, tool: ToolDefinition) -> Iterator[Remark]:
    rule, pointer = policy.tools[key], child("/tools", key)
    for part in _PARTS:
        for index, group in enumerate(getattr(rule, part)):
            for place, condition in _placed(policy, f"{pointer}/{part}/{index}", group):
                yield from _condition(place, condition, tool)
    for index, limit in enumerate(rule.limits):
        yield from _counted(f"{pointer}/limits/{index}", limit, tool)


def _placed(policy: Policy, pointer: str, group: Group) -> Iterator[tuple[str, Condition]]:
    """Each condition of a group, with its own pointer."""
    first = group.conditions[0] if group.conditions else None
    for how in ("any", "not"):  # these stand in the group itself
        if isinstance(first, Combination) and f"{pointer}/{how}" in policy.lines:
            yield from _inside(pointer, first)
            return
    holder = "all" if f"{pointer}/all" in policy.lines else "conditions"
    for index, part in enumerate(group.conditions):
        yield from _inside(f"{pointer}/{holder}/{index}", part)


def _inside(pointer: str, part: Part) -> Iterator[tuple[str, Condition]]:
    if isinstance(part, Condition):
        yield pointer, part
        return
    place = f"{pointer}/{part.how}"
    for index, inner in enumerate(part.parts):
        yield from _inside(place if part.how == "not" else f"{place}/{index}", inner)


def _condition(pointer: str, condition: Condition, tool: ToolDefinition) -> Iterator[Remark]:
    argument = look_up(tool.input_schema, condition.path)
    path = spelt(condition.path)
    if not argument.declared:
        yield from _undeclared(f"{pointer}/path", condition.path, argument, tool)
        return
    needed = _NEEDS.get(condition.op)
    if needed and argument.types and not needed & argument.types:
        has = ", ".join(sorted(argument.types))
        message = f"{condition.op} needs a {' or '.join(sorted(needed))}, but {path} is {has}"
        yield Remark(Severity.ERROR, f"{pointer}/op", message, "use an operator for that type")
    yield from _outside(pointer, path, condition, argument)


def _undeclared(
    pointer: str, path: tuple[str, ...], argument: Argument, tool: ToolDefinition
) -> Iterator[Remark]:
    if not argument.possible:
        message = f"the tool's schema has no {spelt(path)}"
        named = f"{message} ({one_line(tool.name, 80)})" if "*" in pointer else message
        yield Remark(Severity.ERROR, pointer, named, near(path[-1], argument.siblings))


def _outside(pointer: str, path: str, condition: Condition, argument: Argument) -> Iterator[Remark]:
    """Values that the schema's enumeration rules out never match."""
    if not argument.values or condition.op not in (Op.EQ, Op.NEQ, Op.IN, Op.NOT_IN):
        return
    wanted = condition.value if isinstance(condition.value, list) else [condition.value]
    allowed = [one_line(str(value), 40) for value in argument.values]
    for value in wanted:
        if value not in argument.values:
            message = f"{one_line(str(value), 60)} is none of the values that {path} can have"
            hint = near(str(value), allowed) if len(allowed) > 12 else f"they are {', '.join(allowed)}"
            yield Remark(Severity.WARNING, f"{pointer}/value", message, hint)


def _counted(pointer: str, limit: Limit, tool: ToolDefinition) -> Iterator[Remark]:
    """What a limit adds up or is kept by: a call without it is denied."""
    paths = [
        (f"{pointer}/by/{index}", word.split(".")[1:]) for index, word in enumerate(limit.by) if "." in word
    ]
    if limit.add:
        paths.append((f"{pointer}/add", list(limit.add)))
    for place, steps in paths:
        argument = look_up(tool.input_schema, steps)
        yield from _undeclared(place, tuple(steps), argument, tool)
        if place.endswith("/add") and argument.types and not _NUMERIC & argument.types:
            has = ", ".join(sorted(argument.types))
            message = f"{spelt(limit.add)} is {has}: only a number can be added up, so every call is denied"
            yield Remark(Severity.ERROR, place, message, "add up an argument that is a number")


def spelt(path: Sequence[str]) -> str:
    """A path as a policy writes it, shortened."""
    return one_line(".".join(("args", *path)), 80)
