r"""Pieces of patterns that several detectors use; each ends where the next word may begin."""

from __future__ import annotations

from typing import Final

NOT: Final = r"\b(do\s+not|don'?t|never|must\s+not|mustn'?t|should\s+not|shouldn'?t|avoid|refrain\s+from|no\s+need\s+to)\s+"
# In the singular: "the user" is whom the model talks to, "users" are what many tools manage.
PERSON: Final = r"((the|your|any)\s+)?(end[\s-])?(user|human|operator|anyone|anybody)\b"
OTHER_TOOL: Final = (
    r"(any|all|every|the)\s+(other|another|remaining)\s+(mcp\s+)?(tools?|functions?|servers?)\b"
)
ON: Final = r"[^.\n]{0,60}\b"  # further on in the same sentence


def few(most: int) -> str:
    """At most so many words in between."""
    return rf"([\w',-]+\s+){{0,{most}}}?"
