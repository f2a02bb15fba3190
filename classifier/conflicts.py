"""Where a definition contradicts itself: annotations against the label, the text against the name.

Annotations are the server's own claims: they may raise the risk, alone they never lower it
(codebook, tie-break 2).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from classifier.patterns import Patterns
from classifier.types import LEVELS, Category, Level

if TYPE_CHECKING:
    from collections.abc import Mapping

    from classifier.reading import Reading

# Verbs that mean what they say in a name; "execute_query" may well be a Read.
_GRAVE_WORDS: Final = """
    delete destroy drop purge wipe erase truncate kill terminate revoke uninstall cancel abort pay
    charge refund withdraw buy sell payout remove rm prune shutdown reboot format_disk
"""
_GRAVE: Final = frozenset(_GRAVE_WORDS.split())
# Claims that no honest description of such a tool makes.
_SOOTHING: Final = re.compile(
    r"\b(?:is (?:strictly |purely )?read-only|(?:completely|perfectly|totally|entirely) safe|harmless|"
    r"safe to (?:use|call|run)|(?:no|without) side effects|never (?:changes|modifies|deletes) anything)\b"
)
_SOOTHING_WORDS: Final = ("read-only", "safe", "harmless", "side effects", "never")  # one is in every claim
# A limit that is only asserted is no limit where the name offers the whole host.
_HOST: Final = re.compile(r"shell|bash|powershell|terminal|command|subprocess|eval", re.IGNORECASE)
# A sentence that states such an act, wherever it stands (codebook rule 4: the worst stated effect). Third
# person only: "Deletes the index." says what the tool does, "Delete it first." what somebody should do.
_STATED: Final = re.compile(
    r"(?:(?:it|this|that|the|tool|also|then|and|will|[a-z]+ly)\s+){0,4}"
    r"(?:(?:deletes|destroys|purges|wipes|erases|terminates|kills|revokes|uninstalls)\s+\w"
    r"|drops\s.{0,80}\b(?:tables?|databases?|schemas?|collections?)\b"
    r"|(?:transfers|charges|refunds|pays|withdraws|spends)\s.{0,80}"
    r"\b(?:funds?|money|cards?|payments?|customers?|tokens?|balances?|accounts?)\b"
    r"|(?:buys|sells)\s+\w"
    r"|(?P<runs>executes|runs)\s.{0,40}\b(?:arbitrary|any|raw|shell|bash)\b.{0,40}"
    r"\b(?:shell|commands?|code|scripts?|sql|statements?)\b)"
)
_STATED_WORDS: Final = Patterns()  # a text with such a sentence has one of these words
_STATED_WORDS.add(
    r"\b(deletes|destroys|purges|wipes|erases|terminates|kills|revokes|uninstalls|drops|transfers|charges|refunds"
    r"|pays|withdraws|spends|buys|sells|executes|runs)\b"
)
_QUOTED: Final = 80  # characters of such a sentence that the reason shows
_CLAIM_REACH: Final = 600  # characters of the text in which a claim counts


def annotation_conflict(reading: Reading, category: Category) -> str | None:
    """How the annotations contradict the category, in one sentence; None when they do not."""
    hints = _hints(reading)
    if not hints:
        return None
    if hints.get("readOnlyHint") is True and category is not Category.READ:
        return f"the server's readOnlyHint says that it only reads, its definition says {category}"
    if hints.get("destructiveHint") is False and category is Category.DESTRUCTIVE:
        return "the server's destructiveHint denies what its definition says: Destructive"
    if _claims_destruction(hints) and category in {Category.READ, Category.WRITE}:
        return f"the server's destructiveHint says that it destroys, its definition says {category}"
    return None


def plays_down(reading: Reading) -> bool:
    """Whether the annotations claim less than a conflicting label says, rather than more.

    Servers that warn of more than their text states are common and honest: of the labelled Write
    tools with a destructiveHint three in four are Medium. Those that claim less deserve a look.
    """
    return not _claims_destruction(_hints(reading))


def annotated_floor(reading: Reading, category: Category, stated: Level) -> Level:
    """The least level that the annotations allow: one above a Low Read when they admit destruction."""
    if category is Category.READ and stated is Level.LOW and _claims_destruction(_hints(reading)):
        return LEVELS[stated.rank + 1]
    return Level.LOW


def _hints(reading: Reading) -> Mapping[str, Any]:
    return reading.definition.annotations or {}


def _claims_destruction(hints: Mapping[str, Any]) -> bool:
    return hints.get("destructiveHint") is True and hints.get("readOnlyHint") is not True


def contradictions(reading: Reading, category: Category) -> list[tuple[str, Level]]:
    """What in name and text does not fit together, each with the level it must at least have."""
    found = []
    grave = category is Category.DESTRUCTIVE or category is Category.FINANCIAL
    on_host = category is Category.READ and _HOST.search(reading.definition.name)
    claim = _claim(reading) if grave or on_host else None
    if claim is not None and grave:
        found.append((f"the text says “{claim.group()}”, all else says {category}", Level.HIGH))
    if claim is not None and on_host:
        found.append(
            (f"the text says “{claim.group()}”, the name speaks of commands on a host", Level.MEDIUM)
        )
    stated = None if grave else _stated(reading, category)
    if stated is not None:
        found.append((f"the text says “{stated}”, the rest reads like {category}", Level.HIGH))
    act = reading.name_act
    if category is Category.READ and act is not None and act.verb in _GRAVE:
        found.append((f"the name says “{act.verb}”, the text reads like a Read", Level.MEDIUM))
    return found


def _stated(reading: Reading, category: Category) -> str | None:
    """The first sentence that states an act graver than the category, as far as it is shown."""
    if not _STATED_WORDS.found_in(reading.text):
        return None
    for at, each in enumerate(reading.sentences):
        found = _STATED.match(each.plain.lstrip())
        runs = category is Category.EXECUTE and at == reading.act_sentence
        if found and not (found["runs"] and runs):
            return " ".join(each.text.split())[:_QUOTED]
    return None


def _claim(reading: Reading) -> re.Match[str] | None:
    text = reading.plain_text(_CLAIM_REACH)
    return _SOOTHING.search(text) if any(word in text for word in _SOOTHING_WORDS) else None
