"""Servers for the builder's tests: a real bundled snapshot, and a shop with rich schemas and hostile names."""

from __future__ import annotations

import json
from typing import Any

from catalog import resources
from catalog.records import ServerEntry, ToolEntry
from classifier.classify import Classifier
from classifier.types import Provenance, ToolDefinition

REAL = "server-github"
SHOP: dict[str, Any] = {
    "refund_payment": {
        "type": "object",
        "properties": {
            "amount": {"type": "number", "description": "How much, in whole units"},
            "currency": {"type": "string", "enum": ["EUR", "GBP", "USD"]},
            "note": {"type": "string"},
            "notify": {"type": "boolean"},
            "lines": {"type": "array", "items": {"type": "object", "properties": {"sku": {"type": "string"}}}},
            "to": {"type": "object", "properties": {"iban": {"type": "string"}, "limit": {"type": "integer"}}, "additionalProperties": False},
        },
        "required": ["amount", "currency"],
        "additionalProperties": False,
    },
    "fetch_page": {"type": "object", "properties": {"url": {"type": "string"}, "tries": {"type": "integer"}}, "required": ["url"], "additionalProperties": False},
    "read_file": {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]},
    "list_orders": {"type": "object", "properties": {}},
    "delete_order": {"type": "object", "properties": {"id": {"type": "string"}}},
    "set_mode": {"$ref": "#/$defs/Mode", "$defs": {"Mode": {"type": "object", "properties": {"mode": {"anyOf": [{"const": "a"}, {"const": 2}, {"type": "null"}]}}}}},
    "open_door": {"type": "object", "patternProperties": {"^x": {}}, "properties": {"door": {"type": ["string", "integer"]}}},
    "__proto__": {"type": "object", "properties": {"__proto__": {"type": "string"}, "constructor": {"type": "number"}, "a.b": {"type": "string"}}},
    "</script><img src=x onerror=alert(1)>": {"type": "object", "properties": {"<b>bold</b>": {"type": "string", "enum": ["<i>", "'quoted\\'"]}}},
    "a/b~c": {"type": "object", "properties": {"x": {"type": "integer"}}},
    "gum*": {"type": "object"},
    "weird": {"type": 7, "properties": [1], "enum": "no", "required": {"a": 1}},
}  # fmt: skip


def real_definitions() -> list[ToolDefinition]:
    """The tools of a server as its bundled snapshot has them."""
    text = (resources.DATA / "servers" / "snapshots" / f"{REAL}.json").read_text(encoding="utf-8")
    return [
        ToolDefinition(
            server=REAL,
            name=tool["name"],
            input_schema=tool.get("inputSchema"),
            annotations=tool.get("annotations"),
            provenance=Provenance.BUNDLED,
        )
        for tool in json.loads(text)["tools"]
    ]


def shop_definitions() -> list[ToolDefinition]:
    texts = {
        "refund_payment": "Refunds a payment to the customer's account.",
        "list_orders": "Lists the orders of the shop.",
    }
    return [
        ToolDefinition(server="shop", name=name, description=texts.get(name), input_schema=schema)
        for name, schema in SHOP.items()
    ]


def entry(made: Any, classifier: Classifier, name: str, definitions: list[ToolDefinition]) -> ServerEntry:
    """A server with these tools; `made` is the module of made-up servers."""
    tools = tuple(
        ToolEntry(name, one, classifier.classify(one), made.BEGIN, made.BEGIN) for one in definitions
    )
    found: ServerEntry = made.entry(name, tools)
    return found
