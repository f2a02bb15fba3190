"""JSON values as conditions see them: their kind, a strict equality, and the value at a path."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

MISSING: Final = object()  # what `at` finds where there is nothing; a JSON null is something
_KINDS: Final[dict[type, str]] = {
    str: "string",
    bool: "boolean",
    int: "number",
    Decimal: "number",
    type(None): "null",
    list: "array",
    dict: "object",
}


def kind(value: Any) -> str:
    """The value's JSON type: string, number, boolean, null, array, object; "" for anything else.

    A float is anything else: it has lost what was written. So is a decimal that is no finite number.
    """
    found = _KINDS.get(type(value), "")
    if found == "number" and type(value) is Decimal and not value.is_finite():
        return ""
    return found or ("object" if isinstance(value, Mapping) else "")


def is_type(value: Any, name: str) -> bool:
    """Whether the value is of a JSON Schema type; 1.0 is an integer there, as it is here."""
    found = kind(value)
    if name == "integer":
        return found == "number" and (type(value) is int or value == value.to_integral_value())
    return found == name


def equal(one: Any, other: Any) -> bool:
    """JSON equality: 1 is 1.0 and true is not 1, at any depth."""
    what = kind(one)
    if not what or what != kind(other):
        return False
    if what == "array":
        return len(one) == len(other) and all(map(equal, one, other))
    if what == "object":
        return one.keys() == other.keys() and all(equal(value, other[key]) for key, value in one.items())
    return bool(one == other)


def collide(one: Any, other: Any) -> bool:
    """Whether two values are the same to readers who keep numbers as doubles, as most programs do."""
    what = kind(one)
    if not what or what != kind(other):
        return False
    if what == "array":
        return len(one) == len(other) and all(map(collide, one, other))
    if what == "object":
        return one.keys() == other.keys() and all(collide(value, other[key]) for key, value in one.items())
    return bool(double(one) == double(other) if what == "number" else one == other)


def double(number: int | Decimal) -> float | int | Decimal:
    """The nearest double; a number beyond all doubles stays."""
    try:
        return float(number)
    except OverflowError:
        return number


def of_kind(values: list[Any], name: str) -> list[Any]:
    """Those of many values that are of one JSON type."""
    types = set(map(type, values))
    wanted = {it for it in types if (_KINDS.get(it) or ("object" if issubclass(it, Mapping) else "")) == name}
    found = values if wanted == types else [value for value in values if type(value) in wanted]
    return [value for value in found if type(value) is not Decimal or value.is_finite()]


def as_double(value: Any) -> Any:
    """The value with every number as the nearest double, written out; one beyond all doubles stays."""
    what = kind(value)
    if what == "number":
        nearest = double(value)
        return Decimal(nearest) if isinstance(nearest, float) else value
    if what == "array":
        return [as_double(element) for element in value]
    if what == "object":
        return {key: as_double(element) for key, element in value.items()}
    return value


def at(value: Any, path: Sequence[str]) -> Any:
    """What stands at the end of a path, MISSING where it leads nowhere; `0` and `12` step into a list."""
    for step in path:
        if isinstance(value, Mapping):
            value = value.get(step, MISSING)
        elif isinstance(value, list) and _is_index(step) and int(step) < len(value):
            value = value[int(step)]
        else:
            return MISSING
    return value


def _is_index(step: str) -> bool:
    """Plain digits without a leading zero, few enough to be a place in a list."""
    return step.isascii() and step.isdigit() and len(step) < 10 and (step == "0" or step[0] != "0")
