"""What a tool's input schema says about one argument, as far as that can be told without a call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MAX_BRANCHES: Final = 200  # schemas looked at for one path; hostile ones refer to themselves

_COMBINING: Final = frozenset({"allOf", "anyOf", "oneOf", "$ref"})
_SAYING: Final = _COMBINING | {"additionalProperties", "properties", "items"}


@dataclass(frozen=True, slots=True)
class Argument:
    """What is known of the value at a path.

    `declared`: the schema names it. `possible`: it may be there all the same (the schema is open or
    could not be followed). `types` and `values` are empty where the schema does not limit them;
    `siblings` are the names declared beside the last step that was found.
    """

    declared: bool
    possible: bool
    types: frozenset[str]
    values: tuple[Any, ...]
    siblings: tuple[str, ...]


def look_up(schema: Mapping[str, Any] | None, path: Sequence[str]) -> Argument:
    """Follow `path` through properties, items, references within the schema and its combinations."""
    here = _spread(schema or {}, schema or {})
    for step in path:
        following = [found for part in here for found in _step(part, step)]
        if not following:
            siblings = tuple(
                dict.fromkeys(str(name) for part in here for name in _mapping(part, "properties"))
            )
            return Argument(False, any(map(_is_open, here)), frozenset(), (), siblings)  # noqa: FBT003
        here = [part for found in following for part in _spread(schema or {}, found)]
    return Argument(
        declared=True,
        possible=True,
        types=frozenset(kind for part in here for kind in _types(part)),
        values=_enumerated(here),
        siblings=(),
    )


def _spread(root: Mapping[str, Any], schema: object) -> list[Mapping[str, Any]]:
    """The schema itself and all that it refers to or combines, each once."""
    waiting: list[object] = [schema]
    found: list[Mapping[str, Any]] = []
    seen: set[int] = set()
    while waiting and len(found) < MAX_BRANCHES:
        part = waiting.pop(0)
        if not isinstance(part, Mapping) or id(part) in seen:
            continue
        seen.add(id(part))
        found.append(part)
        waiting.extend(_combined(root, part))
    return found


def _combined(root: Mapping[str, Any], part: Mapping[str, Any]) -> Iterator[object]:
    for key in ("allOf", "anyOf", "oneOf"):
        branches = part.get(key)
        yield from branches if isinstance(branches, list) else ()
    for key in ("then", "else"):
        yield part.get(key)
    yield _referred(root, part.get("$ref"))


def _referred(root: Mapping[str, Any], reference: object) -> object:
    if not isinstance(reference, str) or not reference.startswith("#/"):
        return None
    value: object = root
    for step in reference[2:].split("/"):
        value = _mapping_of(value).get(step.replace("~1", "/").replace("~0", "~"))
    return value


def _step(part: Mapping[str, Any], step: str) -> Iterator[object]:
    properties = _mapping(part, "properties")
    if step in properties:
        yield properties[step]
    elif isinstance(part.get("items"), Mapping) and step.isdecimal():
        yield part["items"]
    elif isinstance(part.get("additionalProperties"), Mapping):
        yield part["additionalProperties"]


def _is_open(part: Mapping[str, Any]) -> bool:
    """Whether the schema lets in names it does not declare, or says more than is followed here."""
    outside = isinstance(part.get("$ref"), str) and not part["$ref"].startswith("#/")
    may_be_object = not _types(part) or "object" in _types(part)
    says_nothing = not _SAYING & part.keys()
    return (
        outside
        or (may_be_object and says_nothing)
        or "patternProperties" in part
        or part.get("additionalProperties") is True
    )


def _types(part: Mapping[str, Any]) -> list[str]:
    kind = part.get("type")
    kinds = kind if isinstance(kind, list) else [kind]
    return [kind for kind in kinds if isinstance(kind, str)]


def _enumerated(parts: Sequence[Mapping[str, Any]]) -> tuple[Any, ...]:
    """All values, where each alternative lists its own; one that does not makes any value possible."""
    leaves = [part for part in parts if not _COMBINING & part.keys()]
    if not all(_values(part) or _types(part) == ["null"] for part in leaves):
        return ()
    return tuple(value for part in leaves for value in _values(part) or [None])


def _values(part: Mapping[str, Any]) -> list[Any]:
    if "const" in part:
        return [part["const"]]
    values = part.get("enum")
    return values if isinstance(values, list) else []


def _mapping(part: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    return _mapping_of(part.get(key))


def _mapping_of(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
