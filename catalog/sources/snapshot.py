"""Snapshots: the facts of a server's tools (names, parameters, annotations) without a sentence of its text.

Maintainers refresh one from a saved listing:

    python -m catalog.sources.snapshot SERVER VERSION < tools.json > data/servers/snapshots/SERVER.json
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from catalog.sources.stream import read_definitions
from classifier.definition import parse
from classifier.types import Provenance

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from classifier.types import ToolDefinition

# What a schema says in numbers, names and structure (JSON Schema 2020-12). Everything else may be prose.
_FACTS: Final = frozenset(
    {
        "type", "enum", "const", "required", "format", "$ref", "uniqueItems", "minimum", "maximum", "exclusiveMinimum",
        "exclusiveMaximum", "multipleOf", "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties",
    }
)  # fmt: skip
_SCHEMAS: Final = frozenset(
    {"items", "additionalProperties", "not", "contains", "propertyNames", "if", "then", "else"}
)
_SCHEMA_LISTS: Final = frozenset({"anyOf", "oneOf", "allOf", "prefixItems"})
_SCHEMA_MAPS: Final = frozenset(
    {"properties", "patternProperties", "$defs", "definitions", "dependentSchemas"}
)


def without_prose(schema: Any) -> Any:
    """Reduce a JSON Schema to names, types, enumerations, structure, bounds and defaults that are not text.

    A parameter may be called `description` or `title`: names of members are kept, keywords are not.
    """
    if not isinstance(schema, Mapping):
        return schema  # true and false are schemas
    return {key: kept for key, value in schema.items() if (kept := _reduced(key, value)) is not None}


def _reduced(key: str, value: Any) -> Any:
    if key in _FACTS:
        return value
    if key in _SCHEMAS | _SCHEMA_LISTS and isinstance(value, list):
        return [without_prose(item) for item in value]
    if key in _SCHEMAS:
        return without_prose(value)
    if key in _SCHEMA_MAPS and isinstance(value, Mapping):
        return {name: without_prose(member) for name, member in value.items()}
    return value if key == "default" and isinstance(value, bool | int | float) else None


def facts(definitions: Iterable[ToolDefinition], version: str, date: str) -> dict[str, Any]:
    """The snapshot of a server: `{version, date, tools: [{name, inputSchema, annotations}]}`; hints that are true or false only."""
    return {"version": version, "date": date, "tools": [_tool(definition) for definition in definitions]}


def _tool(definition: ToolDefinition) -> dict[str, Any]:
    hints = {key: value for key, value in (definition.annotations or {}).items() if isinstance(value, bool)}
    tool = {
        "name": definition.name,
        "inputSchema": without_prose(definition.input_schema),
        "annotations": hints or None,
    }
    return {key: value for key, value in tool.items() if value is not None}


def as_text(snapshot: Mapping[str, Any]) -> str:
    """The snapshot as JSON with one tool on a line, so that a refresh is readable as a difference."""
    tools = ",\n".join(
        json.dumps(tool, ensure_ascii=True, separators=(",", ":")) for tool in snapshot["tools"]
    )
    known = f'"version":{json.dumps(snapshot["version"])},"date":{json.dumps(snapshot["date"])}'
    return f'{{{known},"tools":[\n{tools}\n]}}\n'


def read(path: Path, server: str) -> tuple[ToolDefinition, ...]:
    """The definitions of a snapshot. Their descriptions are unread, which is not the same as empty."""
    tools = _content(path)["tools"]
    return tuple(
        replace(parse(tool, server=server, provenance=Provenance.BUNDLED), description_unread=True)
        for tool in tools
    )


def label(path: Path) -> str:
    """Which version a snapshot is of, and of which day, as far as it is known: `10.0.0, 2026-11-25`."""
    content = _content(path)
    return ", ".join(content[key] for key in ("version", "date") if content.get(key))


def _content(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def main(server: str, version: str) -> None:
    """Read a saved listing from standard input, write its snapshot of today to standard output."""
    definitions = [row.definition for row in read_definitions(sys.stdin.buffer, server, server=server)]
    today = datetime.now(UTC).date().isoformat()
    sys.stdout.write(as_text(facts(definitions, version, today)))


if __name__ == "__main__":
    main(*sys.argv[1:])
