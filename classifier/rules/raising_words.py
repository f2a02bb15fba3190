"""Acts, words and a schema that the rules on raising modifiers share."""

from __future__ import annotations

from typing import Final

from classifier.rules.rule import act

STRING: Final = {"type": "string"}
CHANGES: Final = act(
    "@create",
    "@update",
    "@delete",
    "@remove",
    "@ease",
    "@store",
    "@publish",
    "@run",
    "@stop",
    "@contact",
    "@cancel",
    "@reset",
    "@pay",
    "@transfer",
    "@grant",
    "@manage",
    "@drive",
)
MANY: Final = r"\b(bulk|batch|multiple|mass|many|several)\b"
