"""An input schema reduced to what conditions on arguments can be held against: names, types, values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from catalog.visible import one_line

MAX_DEPTH: Final = 12  # nested schemas; what lies deeper is left open
MAX_VALUES: Final = 200  # of one enumeration; a longer one is left out, as if any value were possible
_TEXT_WIDTH: Final = 100  # of a description
_NAMED: Final = ("properties", "$defs", "definitions")
_LISTS: Final = ("allOf", "anyOf", "oneOf")
_SINGLE: Final = ("items", "additionalProperties", "then", "else")


def outline(schema: Mapping[str, Any] | None) -> dict[str, Any]:
    """The same schema with the keywords that `catalog.policy.arguments` reads, `required` and short descriptions."""
    return _part(schema, MAX_DEPTH) if isinstance(schema, Mapping) else {}


def _part(schema: Mapping[str, Any], depth: int) -> dict[str, Any]:
    if not depth:
        return {}
    made: dict[str, Any] = {}
    for key, value in schema.items():
        if key in _NAMED:
            inside = value if isinstance(value, Mapping) else {}
            made[key] = {str(name): _inner(one, depth - 1) for name, one in inside.items()}
        elif key in _LISTS:
            made[key] = [_inner(one, depth - 1) for one in value] if isinstance(value, list) else []
        elif key in _SINGLE:
            made[key] = _inner(value, depth - 1)
        elif key == "patternProperties":
            made[key] = {}
        elif key in _PLAIN:
            made[key] = _PLAIN[key](value)
    if isinstance(schema.get("description"), str) and schema["description"]:
        made["description"] = one_line(schema["description"], _TEXT_WIDTH)
    return made


def _inner(value: object, depth: int) -> Any:
    """A schema inside; `true` and `false` are schemas too, and anything else says nothing."""
    if isinstance(value, Mapping):
        return _part(value, depth)
    return value if isinstance(value, bool) else None


def _names(value: object) -> object:
    """A name or several, without what is none."""
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else _text(value)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _values(value: object) -> list[Any] | None:
    return value if isinstance(value, list) and len(value) <= MAX_VALUES else None


_PLAIN: Final[Mapping[str, Callable[[Any], object]]] = {
    "type": _names,
    "required": _names,
    "$ref": _text,
    "const": lambda value: value,
    "enum": _values,
}
