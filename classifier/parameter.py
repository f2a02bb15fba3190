"""The arguments of a tool, read from its JSON Schema."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from classifier.evidence import pointer
from classifier.keys import Words, keys, packed
from classifier.lazy import lazy
from classifier.lexicon import FAMILY_OF, KIND_OF
from classifier.signs import IN_PARAMETER
from classifier.tokens import is_wide, name_tokens, stem, whole, words

if TYPE_CHECKING:
    from classifier.keys import Keys

MAX_PARAMETERS: Final = 80
MAX_ENUM: Final = 40  # values of one enumeration
MAX_PROSE: Final = 300  # characters of a parameter's own description
_DEPTH: Final = 3  # levels of nested objects whose members count as parameters
_PROSE_WORDS: Final = 25  # words of it that are features
_SHORT: Final = 120  # characters of path and type of a parameter that is remembered
# The keys that give an argument members or values; without any it is known by its type and prose.
_STRUCTURED: Final = frozenset({"properties", "items", "enum", "const", "anyOf", "oneOf"})
_IN_PROSE: Final = Words("pd")


@dataclass(eq=False)
class Parameter:
    """One argument of the tool. `path` is its JSON pointer, as evidence spells it."""

    path: str
    name: str
    kind: str
    prose: str
    required: bool
    values: tuple[str, ...] = ()

    @lazy
    def tokens(self) -> tuple[str, ...]:
        """The words of the name."""
        return name_tokens(self.name[:200])

    @lazy
    def signs(self) -> int:
        """What the parameter shows, as `classifier.signs` counts it."""
        return IN_PARAMETER.of(" ".join(self.tokens), self.kind, self.values, required=self.required)

    @lazy
    def features(self) -> Keys:
        """What it adds to the block `parameters`."""
        joined = " ".join(self.tokens)
        found = [f"={joined}", f"={joined}:{self.kind}", *[f":{token}" for token in self.tokens]]
        if self.required:
            found.append(f"!{joined}")
        values = [value.lower()[:40] for value in self.values]
        prose = [stem(word) for word in words(self.prose)[:_PROSE_WORDS] if not is_wide(word)]
        return keys(found, "p") + keys(values, "v:") + packed(_IN_PROSE.keys_of(prose))

    @lazy
    def shape(self) -> Keys:
        """What it adds to the block `structure`: kinds in its name, families of verbs in its values."""
        found = [f"pk:{KIND_OF[token]}" for token in self.tokens if token in KIND_OF]
        found += [f"vf:{FAMILY_OF[value.lower()]}" for value in self.values if value.lower() in FAMILY_OF]
        return keys(found)


_remembered = lru_cache(maxsize=4_096)(Parameter)


def parameters(schema: Mapping[str, Any]) -> list[Parameter]:
    """Arguments in the order of the schema, nested ones after their parents."""
    found: list[Parameter] = []
    _collect(schema, "inputSchema", _DEPTH, found)
    return found


def _collect(schema: Mapping[str, Any], path: str, depth: int, found: list[Parameter]) -> None:
    properties = schema.get("properties")
    if not isinstance(properties, Mapping):
        return
    required = schema.get("required")
    needed = {name for name in required if isinstance(name, str)} if isinstance(required, list) else ()
    for key, value in properties.items():
        name = str(key)
        if len(found) >= MAX_PARAMETERS:
            return
        own = f"{path}/properties/{pointer(name)}"
        shape: Mapping[str, Any] = value if type(value) is dict or isinstance(value, Mapping) else {}
        plain = _STRUCTURED.isdisjoint(shape)
        found.append(_parameter(own, name, shape, required=name in needed, plain=plain))
        if depth > 1 and not plain:
            _collect(shape, own, depth - 1, found)
            items = shape.get("items")
            if isinstance(items, Mapping):
                _collect(items, f"{own}/items", depth - 1, found)


def _parameter(path: str, name: str, shape: Mapping[str, Any], *, required: bool, plain: bool) -> Parameter:
    kind = shape.get("type")
    if isinstance(kind, list):
        kind = next((k for k in kind if isinstance(k, str) and k != "null"), "any")
    if not isinstance(kind, str):
        kind = "any"
    prose = shape.get("description")
    prose = prose[:MAX_PROSE] if isinstance(prose, str) else ""
    if plain and len(path) + len(kind) <= _SHORT:
        return _remembered(path, name, kind, prose, required)
    return Parameter(path, name, kind, prose, required, _values(shape))


def _values(shape: Mapping[str, Any]) -> tuple[str, ...]:
    """The strings an argument may be, from `enum`, `const`, or the branches of `anyOf` and `oneOf`."""
    listed = shape.get("enum")
    if not isinstance(listed, list):
        branches = [b for key in ("anyOf", "oneOf") for b in _list(shape.get(key)) if isinstance(b, Mapping)]
        listed = [v for b in branches for v in [*_list(b.get("enum")), b.get("const")]]
        listed.append(shape.get("const"))
    return tuple(whole(value[:MAX_PROSE]) for value in listed[:MAX_ENUM] if isinstance(value, str))


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
