"""What a condition says about a call's arguments: that it holds, that it does not, or doubt.

Doubt (None) is what a missing argument, a value of another type than the operator needs, or a text or
number that different readers take for different things gives. It makes `require` fail and `deny_if` hold,
and `not` keeps it, so that no negation turns it into certainty.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import re2

from catalog.policy.hosts import host_in
from catalog.policy.model import Combination, Condition, Group, How, Op
from catalog.policy.paths import path_within
from catalog.policy.values import MISSING, at, collide, double, equal, is_type, kind, of_kind

_MOST_CONTAINERS: Final = 10_000  # lists or objects that are compared for one condition; more leave doubt

Answer = bool | None  # None: doubt
Test = Callable[[Mapping[str, Any]], Answer]  # of a call's arguments
Judge = Callable[[Any], Answer]  # of the value at a condition's path


def compile_group(group: Group) -> Test:
    """The group as one function of a call's arguments; it may raise where the arguments are no JSON."""
    return _all([_compile(part) for part in group.conditions])


def pattern(text: str) -> Any:
    """A compiled RE2 pattern: linear in what it is run on, whoever wrote either.

    Raises:
        re2.error: the pattern does not compile.

    """
    options = re2.Options()
    options.log_errors = False
    options.dot_nl = False
    return re2.compile(text, options)


def _compile(part: Condition | Combination) -> Test:
    if isinstance(part, Condition):
        return _condition(part)
    tests = [_compile(inner) for inner in part.parts]
    if part.how is How.NOT:
        return _not(_all(tests))
    return _all(tests) if part.how is How.ALL else _any(tests)


def _condition(condition: Condition) -> Test:
    path = condition.path
    if condition.op is Op.EXISTS:
        wanted = bool(condition.value)
        return lambda arguments: (at(arguments, path) is not MISSING) is wanted
    judge = _JUDGES[condition.op](condition.value)
    if len(path) == 1:
        name = path[0]
        return lambda arguments: judge(arguments[name]) if name in arguments else None

    def test(arguments: Mapping[str, Any]) -> Answer:
        value = at(arguments, path)
        return None if value is MISSING else judge(value)

    return test


def _all(tests: Sequence[Callable[[Any], Answer]]) -> Callable[[Any], Answer]:
    if len(tests) == 1:
        return tests[0]

    def test(given: Any) -> Answer:
        answer: Answer = True
        for each in tests:
            found = each(given)
            if found is False:
                return False
            answer = answer and found
        return answer

    return test


def _any(tests: Sequence[Test]) -> Test:
    def test(arguments: Mapping[str, Any]) -> Answer:
        answer: Answer = False
        for each in tests:
            found = each(arguments)
            if found:
                return True
            answer = None if found is None else answer
        return answer

    return test


def _not(test: Test) -> Test:
    def negated(arguments: Mapping[str, Any]) -> Answer:
        found = test(arguments)
        return None if found is None else not found

    return negated


def _eq(operand: Any) -> Judge:
    needed = kind(operand)
    if needed == "null":
        return lambda value: value is None
    return lambda value: _same(value, operand) if kind(value) == needed else None


def _same(value: Any, operand: Any) -> Answer:
    """9.0000000000000001 is not 9, but whoever keeps numbers as doubles takes it for 9."""
    if not collide(value, operand):
        return False
    return True if equal(value, operand) else None


def _neq(operand: Any) -> Judge:
    same = _eq(operand)
    return lambda value: None if (found := same(value)) is None else not found


def _in(operand: Sequence[Any]) -> Judge:
    kinds = {kind(element) for element in operand}

    def judge(value: Any) -> Answer:
        found = {_same(value, element) for element in operand}
        if True in found:
            return True
        return False if not operand or (kind(value) in kinds and None not in found) else None

    return judge


def _not_in(operand: Sequence[Any]) -> Judge:
    """Arrays and objects never pass: what is in them may be what the list names."""
    among = _in(operand)

    def judge(value: Any) -> Answer:
        if kind(value) in {"array", "object", ""}:
            return None
        found = among(value)
        return None if found is None else not found

    return judge


def _number(compare: Callable[[Any, Any], bool]) -> Callable[[Any], Judge]:
    def judge(value: Any, operand: Any) -> Answer:
        if kind(value) != "number" or (value != operand and collide(value, operand)):
            return None
        return compare(value, operand)

    return lambda operand: lambda value: judge(value, operand)


def _text(compare: Callable[[str, str], bool]) -> Callable[[Any], Judge]:
    return lambda operand: lambda value: compare(value, operand) if isinstance(value, str) else None


def _regex(operand: str) -> Judge:
    search = pattern(operand).search
    return lambda value: search(value) is not None if isinstance(value, str) else None


def _contains(operand: Any) -> Judge:
    """A piece of a text, or an element of a list; an element of another type leaves doubt."""
    needed = kind(operand)
    among = _container_among if needed in {"array", "object"} else _plain_among

    def judge(value: Any) -> Answer:
        if isinstance(value, str):
            return operand in value if isinstance(operand, str) else None
        if not isinstance(value, list):
            return None
        elements = of_kind(value, needed)
        found = among(elements, operand)
        return None if found is False and len(elements) < len(value) else found

    return judge


def _plain_among(elements: list[Any], operand: Any) -> Answer:
    """Whether one of many elements of the operand's type is the same; fast, as a client can send a million."""
    if operand in elements:
        return True
    if kind(operand) != "number":
        return False
    nearest: Any = double(operand)
    try:
        near = nearest in map(float, elements)
    except OverflowError:
        near = any(double(element) == nearest for element in elements)
    return None if near else False


def _container_among(elements: list[Any], operand: Any) -> Answer:
    if len(elements) > _MOST_CONTAINERS:
        return None
    found = {_same(element, operand) for element in elements}
    return True if True in found else None if None in found else False


def _length_lte(operand: int) -> Judge:
    return lambda value: len(value) <= operand if isinstance(value, str | list) else None


def _between(operand: Sequence[Any]) -> Judge:
    above, below = _JUDGES[Op.GTE](operand[0]), _JUDGES[Op.LTE](operand[1])
    return _all([above, below])


def _type(operand: str) -> Judge:
    return lambda value: is_type(value, operand) if kind(value) else None


_JUDGES: Final[Mapping[Op, Callable[[Any], Judge]]] = {
    Op.EQ: _eq,
    Op.NEQ: _neq,
    Op.IN: _in,
    Op.NOT_IN: _not_in,
    Op.LT: _number(lambda value, bound: bool(value < bound)),
    Op.LTE: _number(lambda value, bound: bool(value <= bound)),
    Op.GT: _number(lambda value, bound: bool(value > bound)),
    Op.GTE: _number(lambda value, bound: bool(value >= bound)),
    Op.REGEX: _regex,
    Op.CONTAINS: _contains,
    Op.STARTS_WITH: _text(str.startswith),
    Op.ENDS_WITH: _text(str.endswith),
    Op.LENGTH_LTE: _length_lte,
    Op.BETWEEN: _between,
    Op.PATH_WITHIN: path_within,
    Op.HOST_IN: host_in,
    Op.TYPE: _type,
}
