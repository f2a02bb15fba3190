"""Generated tool definitions in our own words, the same for every run."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from classifier.types import ToolDefinition

VERBS = {
    "list": "Lists", "get": "Returns", "search": "Searches", "count": "Counts", "export": "Exports", "create": "Creates",
    "update": "Updates", "rename": "Renames", "archive": "Archives", "tag": "Tags", "run": "Runs", "restart": "Restarts",
    "deploy": "Deploys", "send": "Sends", "delete": "Deletes", "purge": "Purges", "revoke": "Revokes", "cancel": "Cancels",
    "refund": "Refunds", "charge": "Charges",
}  # fmt: skip
OBJECTS = (
    "invoice", "ticket", "container", "branch", "document", "customer", "job", "dashboard", "message", "secret", "volume",
    "calendar", "payment", "webhook", "table", "index", "recording", "playlist", "device", "licence",
)  # fmt: skip
DETAILS = (
    "The result is sorted by age.", "Works on one workspace at a time.", "Needs the identifier that the listing gives.",
    "Large answers are split into pages.", "Fails when the name is already taken.", "Times are in UTC.",
    "Only owners may do this.", "The answer has the new state.", "Fields that are left out keep their value.",
)  # fmt: skip
PARAMETERS = (
    "id",
    "name",
    "limit",
    "cursor",
    "force",
    "query",
    "amount",
    "recipient",
    "path",
    "since",
    "labels",
    "dry_run",
)
TYPES = ("string", "integer", "boolean", "number")


def definitions(
    count: int, *, per_server: int = 20, first: int = 0, repeating: bool = True
) -> Iterator[ToolDefinition]:
    """`count` definitions on servers of `per_server` tools each, no two alike, numbered from `first`.

    As in real catalogues, sentences and the prose of parameters come again and again; without
    `repeating` each one is worded once.
    """
    dice = random.Random(20261125 + first)
    for number in range(first, first + count):
        once = "" if repeating else f" in case {number}"
        yield _definition(dice, number, f"server-{number // per_server:05}", once)


def _definition(dice: random.Random, number: int, server: str, once: str) -> ToolDefinition:
    verb, thing = dice.choice(list(VERBS)), dice.choice(OBJECTS)
    details = [f"{detail[:-1]}{once}." for detail in dice.sample(DETAILS, dice.randint(0, 4))]
    sentences = [f"{VERBS[verb]} the {thing} number {number}.", *details]
    return ToolDefinition(
        server=server,
        name=f"{verb}_{thing}_{number}",
        description=None if dice.random() < 0.1 else " ".join(sentences),
        input_schema=_schema(dice, once),
    )


def _schema(dice: random.Random, once: str) -> dict[str, Any]:
    names = dice.sample(PARAMETERS, dice.randint(1, 5))
    properties = {
        name: {"type": dice.choice(TYPES), "description": f"The {name} to use{once}."} for name in names
    }
    return {"type": "object", "properties": properties, "required": names[:1]}
