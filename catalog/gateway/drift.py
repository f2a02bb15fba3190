"""Tools whose definition is no longer the pinned one: which they are, what changed in them, and in their risk."""

from __future__ import annotations

import difflib
import json
from contextlib import closing
from typing import TYPE_CHECKING, Final

from catalog.db.store import Store
from catalog.errors import CatalogError
from catalog.model import load_classifier
from catalog.policy.model import Mode, OnDrift
from catalog.visible import one_line, visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catalog.policy.model import Policy
    from classifier.types import ToolDefinition

MAX_LINES: Final = 60  # of one comparison
_WIDTH: Final = 240  # characters of one of its lines


def drifted(policy: Policy, definition: ToolDefinition | None) -> bool:
    """Whether the policy pins this tool to another definition."""
    if definition is None:
        return False
    pinned = policy.pin.get(definition.name)
    return pinned is not None and pinned != definition.fingerprint


def held_back(policy: Policy, definition: ToolDefinition | None) -> bool:
    """Whether that keeps the tool out of the list, where the new text could steer an agent."""
    enforced = policy.mode is Mode.ENFORCE and policy.on_drift is OnDrift.DENY
    return enforced and drifted(policy, definition)


def report(policy: Policy, definition: ToolDefinition, database: str | None) -> str:
    """What a person needs to decide about a drifted tool; the pinned definition is looked up in the catalogue."""
    what = {
        OnDrift.DENY: "is held back",
        OnDrift.APPROVE: "waits for approval",
        OnDrift.LOG: "is let through",
    }
    head = f"{one_line(definition.name, 120)} has another definition than the policy is pinned to: it {what[policy.on_drift]}"
    try:
        return "\n".join((head, *_compared(policy.pin[definition.name], definition, database)))
    except CatalogError as error:
        return f"{head}\nit cannot be compared: {error}"


def _compared(pinned: str, definition: ToolDefinition, database: str | None) -> Iterator[str]:
    with closing(Store.open(database)) as store:
        known = store.holding(pinned)
    if not known:
        yield f"the catalogue does not hold the pinned definition {one_line(pinned, 16)}; now it is {definition.fingerprint[:16]}"
        return
    before, classifier = known[0].definition, load_classifier()
    was, is_now = classifier.classify(before), classifier.classify(definition)
    yield f"risk: {was.category}, {was.risk} -> {is_now.category}, {is_now.risk}"
    changes = [
        line
        for line in difflib.unified_diff(
            _lines(before), _lines(definition), "pinned", "now", lineterm="", n=1
        )
        if not line.startswith("@@")
    ]
    yield from (visible(line if len(line) <= _WIDTH else f"{line[:_WIDTH]}…") for line in changes[:MAX_LINES])
    if len(changes) > MAX_LINES:
        yield f"… and {len(changes) - MAX_LINES} more lines"


def _lines(definition: ToolDefinition) -> list[str]:
    return json.dumps(definition.body(), indent=2, sort_keys=True, ensure_ascii=False).splitlines()
