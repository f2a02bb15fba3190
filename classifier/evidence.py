"""Quotations: an excerpt is always a substring of the named field, by construction."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from classifier.types import Evidence, ToolDefinition

MAX_EXCERPT: Final = 200  # characters; long enough for a sentence, short enough for a table
_as_json: Final = json.JSONEncoder(ensure_ascii=False).encode
_ATTRIBUTE: Final = {
    "name": "name",
    "title": "title",
    "description": "description",
    "inputSchema": "input_schema",
    "outputSchema": "output_schema",
    "annotations": "annotations",
}


@dataclass(frozen=True, slots=True)
class Match:
    """The characters `start` to `end` of `field`, as `field_text` gives it; None: up to its end."""

    field: str
    start: int
    end: int | None


def field_text(definition: ToolDefinition, field: str) -> str:
    """The text that evidence in `field` quotes from.

    `name`, `title`, `description`: that string. A slash path into `inputSchema`, `outputSchema` or
    `annotations`: the string it points to, or, for any other value, the member as JSON
    (`"force": {"type": "boolean"}`), so that a parameter's name can be quoted too. A slash inside a
    key is written `~1` and a tilde `~0` (RFC 6901).

    Raises:
        KeyError: the definition has no such field.

    """
    root, *steps = field.split("/")
    value: object = getattr(definition, _ATTRIBUTE[root])
    if value is None:
        raise KeyError(field)
    key = root
    for step in steps:
        key = step.replace("~1", "/").replace("~0", "~")
        if isinstance(value, Mapping):
            value = value[key]
        elif isinstance(value, list) and key.isdigit() and int(key) < len(value):
            value = value[int(key)]
        else:
            raise KeyError(field)
    return value if isinstance(value, str) else _as_json({key: value})[1:-1]


def pointer(*steps: str) -> str:
    """A field path from plain keys: `pointer("inputSchema", "properties", "a/b")`."""
    return "/".join(step.replace("~", "~0").replace("/", "~1") for step in steps)


def quote(definition: ToolDefinition, field: str, start: int, end: int, rule: str) -> Evidence:
    """Quote `field_text(definition, field)[start:end]`, shortened at its end to `MAX_EXCERPT`.

    Raises:
        ValueError: the span is empty or outside the text.
        KeyError: the definition has no such field.

    """
    text = field_text(definition, field)
    excerpt = text[start : min(end, start + MAX_EXCERPT)]
    if not excerpt or start < 0 or end > len(text):
        raise ValueError(f"no text at {start}:{end} of {field}")
    return Evidence(field, excerpt, rule)
