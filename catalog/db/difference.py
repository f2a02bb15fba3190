"""What differs between two definitions of one tool, part by part: texts, parameters, answer, annotations."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from classifier.types import ToolDefinition

_SHOWN: Final = 6  # values of an enumeration, or alternatives, that a type names
_DEPTH: Final = 3  # levels of a type that are spelt out
_TYPE: Final = ("type", "enum", "anyOf", "oneOf")  # the keywords that a type in words is made of
_OWN: Final = frozenset(
    {"properties", "required", "items", *_TYPE}
)  # the keywords with a treatment of their own
_NOTHING: Final[Mapping[str, Any]] = {}


class Part(StrEnum):
    """The part of a definition that differs."""

    TITLE = "title"
    DESCRIPTION = "description"
    PARAMETER = "parameter"
    ANSWER = "answer"
    ANNOTATION = "annotation"


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference. `before` is None for what was added, `after` for what was removed.

    `name` is a parameter (`filter.since`, `items[].id`; "" for the schema itself), a field of the answer or
    an annotation. `aspect` is "" for the whole of it, `type` in words, `required` (`yes` or `no`), or a
    keyword of JSON Schema, whose values stand here as JSON; descriptions stand as they are.
    """

    part: Part
    name: str
    aspect: str
    before: str | None
    after: str | None


def differences(before: ToolDefinition, after: ToolDefinition) -> Iterator[Difference]:
    """All differences, texts first; none where the two differ in the order of their JSON alone."""
    for part, old, new in (
        (Part.DESCRIPTION, before.description, after.description),
        (Part.TITLE, before.title, after.title),
    ):
        if old != new:
            yield Difference(part, "", "", old, new)
    yield from _shape(Part.PARAMETER, "", before.input_schema or _NOTHING, after.input_schema or _NOTHING)
    yield from _shape(Part.ANSWER, "", before.output_schema or _NOTHING, after.output_schema or _NOTHING)
    old_hints, new_hints = before.annotations or _NOTHING, after.annotations or _NOTHING
    for hint in _names(old_hints, new_hints):
        was, now = _told(old_hints, hint), _told(new_hints, hint)
        if was != now:
            yield Difference(Part.ANNOTATION, hint, "", was, now)


def type_words(shape: Mapping[str, Any], depth: int = _DEPTH) -> str:
    """A type as people say it: `string`, `list of string`, `one of open, closed`, `string or null`."""
    choices, variants, kind = shape.get("enum"), shape.get("anyOf") or shape.get("oneOf"), shape.get("type")
    if depth and isinstance(choices, list) and choices:
        more = ", …" if len(choices) > _SHOWN else ""
        return f"one of {', '.join(_plain(choice) for choice in choices[:_SHOWN])}{more}"
    if depth and isinstance(variants, list) and variants:
        kinds = (type_words(one, depth - 1) for one in variants[:_SHOWN] if isinstance(one, Mapping))
        return " or ".join(dict.fromkeys(kinds)) or "any"
    if isinstance(kind, list):
        return " or ".join(str(one) for one in kind[:_SHOWN])
    if depth and kind == "array":
        items = shape.get("items")
        return f"list of {type_words(items, depth - 1) if isinstance(items, Mapping) and items else 'any'}"
    return kind if isinstance(kind, str) else "any"


def _shape(
    part: Part, name: str, before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[Difference]:
    """Two schemas of the same thing: its own keywords, then what is in it."""
    was, now = type_words(before), type_words(after)
    if was != now and (name or (before and after)):
        yield Difference(part, name, "type", was, now)
    spelt = _OWN if was != now else _OWN - set(_TYPE)
    for keyword in _names(before, after):
        told, tells = _told(before, keyword), _told(after, keyword)
        if keyword not in spelt and told != tells and (name or keyword != "type"):
            yield Difference(part, name, keyword, told, tells)
    yield from _members(part, name, before, after)
    old_items, new_items = before.get("items"), after.get("items")
    if isinstance(old_items, Mapping) and isinstance(new_items, Mapping):
        yield from _inside(part, f"{name}[]", old_items, new_items)


def _inside(
    part: Part, name: str, before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[Difference]:
    """The items of a list: their type is told with the list's own."""
    return (one for one in _shape(part, name, before, after) if (one.name, one.aspect) != (name, "type"))


def _members(
    part: Part, name: str, before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[Difference]:
    old, new = _properties(before), _properties(after)
    needed, needs = _required(before), _required(after)
    for member in _names(new, old):
        path = f"{name}.{member}" if name else member
        if member not in old:
            yield Difference(part, path, "", None, _summary(new[member], required=member in needs))
        elif member not in new:
            yield Difference(part, path, "", _summary(old[member], required=member in needed), None)
        else:
            if (member in needed) != (member in needs):
                yield Difference(part, path, "required", _yes(member in needed), _yes(member in needs))
            yield from _shape(part, path, _mapping(old[member]), _mapping(new[member]))


def _summary(shape: Any, *, required: bool) -> str:
    return f"{type_words(_mapping(shape))}, {'required' if required else 'optional'}"


def _properties(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    return _mapping(schema.get("properties"))


def _mapping(value: Any) -> Mapping[str, Any]:
    """The value where it is an object; a schema may also be `true`, or nonsense."""
    return value if isinstance(value, Mapping) else _NOTHING


def _required(schema: Mapping[str, Any]) -> frozenset[str]:
    names = schema.get("required")
    return (
        frozenset(name for name in names if isinstance(name, str)) if isinstance(names, list) else frozenset()
    )


def _names(first: Mapping[str, Any], second: Mapping[str, Any]) -> list[str]:
    return list(dict.fromkeys((*first, *second)))


def _told(holder: Mapping[str, Any], key: str) -> str | None:
    """A value as text that is the same for the same value, None for no value; `true` is not `1`."""
    if key not in holder:
        return None
    value = holder[key]
    if key == "description" and isinstance(value, str):
        return value
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _yes(holds: bool) -> str:  # noqa: FBT001 - the value itself
    return "yes" if holds else "no"
