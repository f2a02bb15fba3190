"""From untrusted JSON to a `ToolDefinition`, or a clear refusal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from classifier.types import Provenance, ToolDefinition

MAX_NAME: Final = 512  # characters; the longest honest name seen is 128
MAX_TEXT: Final = 1 << 20  # characters of title or description kept
MAX_DEPTH: Final = 64  # nesting of a schema; deeper ones are refused
MAX_NODES: Final = 200_000  # values in a schema


class InvalidDefinition(ValueError):
    """The JSON is no tool definition; the message names the field and what is wrong with it."""


def parse(raw: object, *, server: str, provenance: Provenance = Provenance.GIVEN) -> ToolDefinition:
    """Read a tool in the protocol's spelling (MCP, `Tool`), or in the snake_case of Python dumps.

    Unknown keys are ignored. `server` inside `raw` wins over the argument.

    Raises:
        InvalidDefinition: `raw` is no object, has no usable name, or breaks a limit of this module.

    """
    if not isinstance(raw, Mapping):
        raise InvalidDefinition(f"a tool definition is a JSON object, not {_kind(raw)}")
    name = raw.get("name")
    if not isinstance(name, str) or not name.strip():
        raise InvalidDefinition("the tool has no name: `name` must be a non-empty string")
    if len(name) > MAX_NAME:
        raise InvalidDefinition(
            f"the tool's name has {len(name):,} characters; at most {MAX_NAME} are accepted"
        )
    own_server = raw.get("server")
    return ToolDefinition(
        server=own_server if isinstance(own_server, str) and own_server else server,
        name=name,
        title=_text(raw, "title"),
        description=_text(raw, "description"),
        input_schema=_object(raw, "inputSchema", "input_schema"),
        output_schema=_object(raw, "outputSchema", "output_schema"),
        annotations=_object(raw, "annotations", "annotations"),
        provenance=provenance,
    )


def name_only(definition: ToolDefinition) -> ToolDefinition:
    """The definition as if nothing but its server, name and provenance were known."""
    return ToolDefinition(
        server=definition.server,
        name=definition.name,
        provenance=definition.provenance,
        location=definition.location,
    )


def without_texts(definition: ToolDefinition) -> ToolDefinition:
    """The definition without title, description and annotations, its schema without prose.

    Names, types, enumerations and what is required stay.
    """
    schema = definition.input_schema
    return ToolDefinition(
        server=definition.server,
        name=definition.name,
        input_schema=None if schema is None else _without_prose(schema),
        provenance=definition.provenance,
        location=definition.location,
    )


def _without_prose(schema: Any) -> Any:
    """A JSON Schema without titles, descriptions and examples; its depth is bounded by `MAX_DEPTH`."""
    if isinstance(schema, Mapping):
        return {key: _without_prose(value) for key, value in schema.items() if not _is_prose(key, value)}
    return [_without_prose(value) for value in schema] if isinstance(schema, list) else schema


def _is_prose(key: str, value: object) -> bool:
    return key in {"description", "title", "examples"} and isinstance(value, (str, list))


def _text(raw: Mapping[str, Any], key: str) -> str | None:
    value = raw.get(key)
    if value is None:
        return None
    if not isinstance(value, str):
        raise InvalidDefinition(f"`{key}` of tool {raw['name']!r} must be a string, not {_kind(value)}")
    if len(value) > MAX_TEXT:
        raise InvalidDefinition(
            f"`{key}` of tool {raw['name']!r} has {len(value):,} characters; at most {MAX_TEXT:,} are accepted"
        )
    return value


def _object(raw: Mapping[str, Any], key: str, other_spelling: str) -> Mapping[str, Any] | None:
    value = raw.get(key, raw.get(other_spelling))
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise InvalidDefinition(f"`{key}` of tool {raw['name']!r} must be an object, not {_kind(value)}")
    _check_size(value, key, raw["name"])
    return value


def _check_size(value: object, key: str, name: str) -> None:
    """Walk without recursion, so that a hostile depth cannot exhaust the stack."""
    layer, depth, nodes = [value], 0, 0
    while layer:
        depth, nodes = depth + 1, nodes + len(layer)
        if depth > MAX_DEPTH or nodes > MAX_NODES:
            raise InvalidDefinition(
                f"`{key}` of tool {name!r} is nested deeper than {MAX_DEPTH} or holds more than {MAX_NODES:,} values"
            )
        layer = [child for node in layer for child in _children(node)]


def _children(node: object) -> list[object]:
    if isinstance(node, Mapping):
        return list(node.values())
    return list(node) if isinstance(node, list) else []


def _kind(value: object) -> str:
    names = {
        "str": "a string",
        "list": "a list",
        "dict": "an object",
        "NoneType": "null",
        "bool": "true or false",
    }
    return names.get(type(value).__name__, "a number")
