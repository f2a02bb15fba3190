"""Conditions in words, for what an agent is told and for what a person reads in a comparison."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from catalog.policy.model import Combination, Condition, Group, How, Op
from catalog.visible import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping

_MAX: Final = 300  # characters of a whole group
_WORDS: Final[Mapping[Op, str]] = {
    Op.EQ: "is {}",
    Op.NEQ: "is not {}",
    Op.IN: "is one of {}",
    Op.NOT_IN: "is none of {}",
    Op.LT: "is below {}",
    Op.LTE: "is at most {}",
    Op.GT: "is above {}",
    Op.GTE: "is at least {}",
    Op.REGEX: "matches {}",
    Op.CONTAINS: "contains {}",
    Op.STARTS_WITH: "starts with {}",
    Op.ENDS_WITH: "ends with {}",
    Op.LENGTH_LTE: "is at most {} long",
    Op.BETWEEN: "is between {}",
    Op.PATH_WITHIN: "is a path within {}",
    Op.HOST_IN: "is a URL at {}",
    Op.TYPE: "is of type {}",
}


def group_in_words(group: Group) -> str:
    """`args.amount is at most 100 and args.currency is one of "EUR", "GBP"`; "it is made" for none."""
    words = " and ".join(map(_part, group.conditions))
    return one_line(words, _MAX) if words else "it is made"


def _part(part: Condition | Combination) -> str:
    if isinstance(part, Condition):
        return _condition(part)
    if part.how is How.NOT:
        return f"not ({_part(part.parts[0])})"
    joined = f" {'and' if part.how is How.ALL else 'or'} ".join(map(_part, part.parts))
    return f"({joined})" if len(part.parts) > 1 else joined


def _condition(condition: Condition) -> str:
    path = ".".join(("args", *condition.path))
    if condition.op is Op.EXISTS:
        return f"{path} is {'given' if condition.value else 'not given'}"
    separator = " and " if condition.op is Op.BETWEEN else ", "
    values = condition.value if isinstance(condition.value, list) else [condition.value]
    return f"{path} {_WORDS[condition.op].format(separator.join(map(value_in_words, values)))}"


def value_in_words(value: Any) -> str:
    """A JSON value as it is written, shortened."""
    text = str(value) if isinstance(value, Decimal) else json.dumps(value, default=str, ensure_ascii=False)
    return one_line(text, 60)
