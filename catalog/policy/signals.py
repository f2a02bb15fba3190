"""Why a modifier lifts the level, in words that end "because …"."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from classifier.risk import BASE
from classifier.types import Level

if TYPE_CHECKING:
    from classifier.types import Classification

# Every modifier that can raise (docs/codebook.md, "Risk") -> a clause about the tool.
BECAUSE: Final[dict[str, str]] = {
    "bulk": "it reaches many records at once",
    "overwrites": "it replaces what was there before",
    "secrets_out": "it returns credentials",
    "secrets_in": "it is handed credentials",
    "host_shell": "what it is handed runs on the host itself",
    "shared_infra": "others depend on what it touches",
    "access_change": "it changes who may reach what",
    "ssrf": "it fetches any address it is given",
    "public": "what it puts out can be read by anybody",
    "recurring": "its effect goes on after the call",
    "sensitive": "it handles sensitive data in bulk",
    "host_files": "it takes a path on the host",
    "named_delete": "deleting is among what it can be told to run",
}


def raised_because(classification: Classification) -> str:
    """The clauses that lifted the level above the category's own, joined by "and"; "" where none did.

    A modifier of a newer or older set of rules, which the table does not know, is left out.
    """
    base = BASE.get(classification.category)
    if base is None or classification.risk is Level.UNKNOWN or classification.risk.rank <= base.rank:
        return ""
    names = dict.fromkeys(m.name for m in classification.modifiers if m.direction > 0)
    return " and ".join(BECAUSE[name] for name in names if name in BECAUSE)
