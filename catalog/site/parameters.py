"""The parameters of a tool as rows: name, type, required, description, and what makes one riskier."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from catalog.site.words import MODIFIERS
from catalog.visible import one_line
from classifier.types import Category

if TYPE_CHECKING:
    from classifier.types import Classification, ToolDefinition

SHOWN: Final = 24  # rows on a page; the JSON twin has them all
DESCRIPTION_WIDTH: Final = 180
_NAME_WIDTH: Final = 60
_TYPE_WIDTH: Final = 48
_FIELD: Final = re.compile(r"inputSchema/properties/([^/]+)")

# What a parameter's name says about a call, where the category makes it matter.
_CHANGING: Final = frozenset({Category.WRITE, Category.EXECUTE, Category.DESTRUCTIVE, Category.FINANCIAL})
_RISKY_NAMES: Final = (
    (re.compile(r"(^|_)(command|cmd|code|script|sql|shell|expression|program)s?$"), frozenset({Category.EXECUTE, Category.DESTRUCTIVE}),
     "an open language: the agent writes what will run"),
    (re.compile(r"(^|_)(?<!in_)(force|hard|overwrite|purge|cascade|recursive|permanent(ly)?)$"), _CHANGING,
     "goes further than the plain call"),
    (re.compile(r"(^|_)(amount|price|quantity|qty|budget|total)$"), frozenset({Category.FINANCIAL}), "how much is at stake in one call"),
    (re.compile(r"(^|_)(?<!reply_)(?<!related_)(recipient|to|beneficiary|destination|payee|account|address)(_id)?$"), frozenset({Category.FINANCIAL, Category.EXECUTE}),
     "who is at the other end"),
    (re.compile(r"(^|_)(url|uri|endpoint|webhook)$"), frozenset({*_CHANGING, Category.READ}), "the agent chooses the address"),
    (re.compile(r"(^|_)(password|secret|token|api_?key|private_key|credentials?)$"), frozenset({*_CHANGING, Category.READ}),
     "a secret passes through the agent's hands"),
    (re.compile(r"(^|_)(file_?path|path|directory|folder)$"), frozenset(_CHANGING), "names the place that is touched"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Parameter:
    """One property of the input schema. `risk` is empty when nothing makes it special."""

    name: str
    type: str
    required: bool
    description: str
    risk: str


def parameters(definition: ToolDefinition, classification: Classification) -> tuple[Parameter, ...]:
    """All parameters, required ones first, otherwise in the schema's own order; texts made visible."""
    schema = definition.input_schema or {}
    properties = schema.get("properties")
    if not isinstance(properties, Mapping):
        return ()
    required = schema.get("required")
    needed = {name for name in required if isinstance(name, str)} if isinstance(required, list) else set()
    flagged = _flagged(classification)
    rows = [
        Parameter(
            name=one_line(name, _NAME_WIDTH),
            type=one_line(_type(shape), _TYPE_WIDTH),
            required=name in needed,
            description=one_line(shape["description"], DESCRIPTION_WIDTH)
            if isinstance(shape.get("description"), str)
            else "",
            risk=flagged.get(name) or _risk_by_name(name, classification.category),
        )
        for name, shape in (
            (name, body if isinstance(body, Mapping) else {}) for name, body in properties.items()
        )
    ]
    return tuple(sorted(rows, key=lambda row: not row.required))


def _flagged(classification: Classification) -> dict[str, str]:
    """Parameters that a modifier was quoted from, and what that modifier means."""
    found: dict[str, str] = {}
    for modifier in classification.modifiers:
        match = _FIELD.match(modifier.evidence.field)
        if match:
            name = match[1].replace("~1", "/").replace("~0", "~")
            found[name] = MODIFIERS.get(modifier.name, ("", modifier.name.replace("_", " ")))[1]
    return found


def _risk_by_name(name: str, category: Category) -> str:
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name[:_NAME_WIDTH]).replace("-", "_").lower()
    return next(
        (why for pattern, where, why in _RISKY_NAMES if category in where and pattern.search(snake)), ""
    )


def _type(shape: Mapping[str, Any], depth: int = 3) -> str:
    """The type in words: `string`, `list of string`, `one of a, b`, `string or null`."""
    if not depth:
        return "any"
    choices = shape.get("enum")
    if isinstance(choices, list) and choices:
        return (
            "one of "
            + ", ".join(str(choice)[:_TYPE_WIDTH] for choice in choices[:6])
            + (", …" if len(choices) > 6 else "")
        )
    variants = shape.get("anyOf") or shape.get("oneOf")
    if isinstance(variants, list) and variants:
        kinds = [_type(variant, depth - 1) for variant in variants[:4] if isinstance(variant, Mapping)]
        return " or ".join(dict.fromkeys(kinds)) or "any"
    kind = shape.get("type")
    if isinstance(kind, list):
        return " or ".join(str(one) for one in kind[:4])
    if kind == "array":
        items = shape.get("items")
        inner = _type(items, depth - 1) if isinstance(items, Mapping) and items else "any"
        return f"list of {inner}"
    return str(kind) if isinstance(kind, str) else "any"
