"""How much work a schema can make of one value: a bound, so that a hostile schema is never run.

A validator visits every subschema that applies. References that fan out (`allOf` of two references,
each to an `allOf` of two more …) make that number double at each step; a reference that leads back
to itself at the same value never ends. Both can be told from the schema alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import unquote

MAX_COST: Final = 1_000  # subschemas that may apply to one value
MAX_PARTS: Final = 100_000  # subschemas looked at, once for each level
MAX_LEVELS: Final = 64  # of an instance; the gateway takes no deeper ones
MAX_PATTERNS: Final = 1_000  # regular expressions in the whole schema: each is compiled

# Keywords that apply to the value itself.
_LISTS: Final = ("allOf", "anyOf", "oneOf")
_SINGLE: Final = ("not", "if", "then", "else")
# Keywords that apply to what is inside it; of the members of `properties` each gets its own.
_INSIDE: Final = (
    "additionalProperties",
    "additionalItems",
    "contains",
    "propertyNames",
    "unevaluatedItems",
    "unevaluatedProperties",
)
_FOREIGN: Final = ("$dynamicRef", "$recursiveRef", "$id", "id", "$anchor", "$dynamicAnchor")


class TooCostly(ValueError):
    """The schema can make more work than it is given; the message says how."""


def check_cost(schema: Mapping[str, Any]) -> None:
    """Raise `TooCostly` unless a value of any depth can be validated within `MAX_COST` for each part."""
    cost = _Cost(schema)
    try:
        for level in range(MAX_LEVELS):
            if not cost.of(schema, level):
                break  # nothing applies this deep, so nothing does deeper
    except RecursionError as error:
        raise TooCostly("its references are nested too deeply") from error


def count_patterns(schema: Mapping[str, Any]) -> int:
    """How many regular expressions the schema holds; raises `TooCostly` for more than `MAX_PATTERNS`."""
    waiting: list[object] = [schema]
    found = 0
    while waiting and found <= MAX_PATTERNS:
        part = waiting.pop()
        if isinstance(part, Mapping):
            named = part.get("patternProperties")
            found += isinstance(part.get("pattern"), str) + (len(named) if isinstance(named, Mapping) else 0)
            waiting.extend(part.values())
        elif isinstance(part, list):
            waiting.extend(part)
    if found > MAX_PATTERNS:
        raise TooCostly(f"it has more than {MAX_PATTERNS:,} patterns")
    return found


class _Cost:
    """Subschemas that can apply to one value `level` steps below the one that a schema is applied to."""

    def __init__(self, root: Mapping[str, Any]) -> None:
        self._root = root
        self._known: dict[tuple[int, int], int] = {}
        self._open: set[tuple[int, int]] = set()

    def of(self, schema: object, level: int) -> int:
        if not isinstance(schema, Mapping):
            return 0
        key = id(schema), level
        if key in self._known:
            return self._known[key]
        if key in self._open:
            raise TooCostly("a reference leads back to itself")
        if len(self._known) > MAX_PARTS:
            raise TooCostly("it has too many parts")
        self._open.add(key)
        found = self._sum(schema, level)
        self._open.remove(key)
        if found > MAX_COST:
            raise TooCostly(f"more than {MAX_COST:,} of its parts can apply to one value")
        self._known[key] = found
        return found

    def _sum(self, schema: Mapping[str, Any], level: int) -> int:
        here = sum(self.of(part, level) for part in self._beside(schema))
        if level == 0:
            return 1 + here + _listed(schema)
        widest = max((self.of(part, level - 1) for part in _either(schema)), default=0)
        return here + widest + sum(self.of(part, level - 1) for part in _inside(schema))

    def _beside(self, schema: Mapping[str, Any]) -> Iterator[object]:
        for key in _LISTS:
            parts = schema.get(key)
            yield from parts if isinstance(parts, list) else ()
        for key in _SINGLE:
            yield schema.get(key)
        for key in ("dependentSchemas", "dependencies"):
            yield from _values(schema.get(key))
        if "$ref" in schema:
            yield self._referred(schema["$ref"])
        for key in _FOREIGN:
            if isinstance(schema.get(key), str) and not (schema is self._root and key in {"$id", "id"}):
                raise TooCostly(f"it uses {key}")

    def _referred(self, reference: object) -> object:
        """What a reference within the schema points to."""
        if not isinstance(reference, str) or (reference != "#" and not reference.startswith("#/")):
            raise TooCostly("it refers to something outside itself")
        value: object = self._root
        for step in unquote(reference).split("/")[1:]:
            name = step.replace("~1", "/").replace("~0", "~")
            if isinstance(value, Mapping) and name in value:
                value = value[name]
            elif isinstance(value, list) and name.isdecimal() and int(name) < len(value):
                value = value[int(name)]
            else:
                raise TooCostly("a reference leads nowhere")
        return value


def _either(schema: Mapping[str, Any]) -> Iterator[object]:
    """Parts of which one at most applies to the same inner value."""
    yield from _values(schema.get("properties"))
    prefix = schema.get("prefixItems")
    yield from prefix if isinstance(prefix, list) else ()
    items = schema.get("items")
    yield from items if isinstance(items, list) else (items,)


def _inside(schema: Mapping[str, Any]) -> Iterator[object]:
    """Parts that may all apply to the same inner value."""
    yield from _values(schema.get("patternProperties"))
    for key in _INSIDE:
        yield schema.get(key)


def _listed(schema: Mapping[str, Any]) -> int:
    """What looking through an enumeration costs, in subschemas."""
    values = schema.get("enum")
    return len(values) // 16 if isinstance(values, list) else 0


def _values(value: object) -> Iterator[object]:
    if isinstance(value, Mapping):
        yield from value.values()
