"""Why a tool needs a policy: how its level came about, what a call costs, and how sure that is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from catalog.site.language import code, listed, number, sentence, without_colon
from catalog.site.words import BASE_LEVEL, CONFIDENCE_PHRASES, MODIFIERS
from catalog.visible import one_line
from classifier.types import NAME_ONLY_CAP, Basis, Category, Level

if TYPE_CHECKING:
    from collections.abc import Sequence

    from catalog.site.facts import ServerFacts, ToolFacts
    from classifier.types import Modifier

_NAMING: Final = ("id", "ids", "name", "names", "key", "slug", "number", "uuid")
_GIVING_OUT: Final = ("list", "search", "find", "get")
_MAKING: Final = frozenset(
    {"create", "store", "generate", "publish", "contact"}
)  # they name what is not there yet
_RECOVERY: Final = re.compile(
    r"undo|undelet|trash|restor|recover|grace|revert|rollback|roll back|backup", re.IGNORECASE
)
_GRAVE: Final = frozenset({Category.DESTRUCTIVE, Category.FINANCIAL, Category.EXECUTE})
_BASIS: Final = {
    Basis.TEXT: "the description was there to read",
    Basis.SCHEMA: "there was no description to read, only the name and the parameters",
    Basis.NAME: f"only the name was there to read, which caps the confidence at {NAME_ONLY_CAP:.0%}",
}


def why_a_policy(facts: ToolFacts, server: ServerFacts) -> list[str]:
    """The rationale: level, ease of a call, what stands against it."""
    texts = (_level(facts), _ease(facts, server), _way_back(facts), _doubt(facts))
    return [sentence(text) for text in texts if text]


def how_sure(facts: ToolFacts) -> list[str]:
    """Basis and confidence in words, and the classifier's own reason."""
    label = facts.label
    if facts.entry.override is not None:  # the page's first line says who, when and why
        return ["This label is a person's, so no confidence was measured for it."]
    sure = f"We call this label {confidence_words(label.confidence)}: {_BASIS[label.basis]}"
    return [sentence(text) for text in (sure, _own_reason(facts)) if text]


def _own_reason(facts: ToolFacts) -> str:
    """The classifier's reason, without what the doubt has said already."""
    said = {one_line(reason) for reason in facts.label.review_reasons}
    parts = [part for part in one_line(facts.label.reason).split("; ") if part not in said]
    return "; ".join(parts)


def confidence_words(confidence: float) -> str:
    """`very likely (91%)`."""
    phrase = next(phrase for least, phrase in CONFIDENCE_PHRASES if confidence >= least)
    return f"{phrase} ({percent(confidence)})"


def percent(confidence: float) -> str:
    """A confidence as people read it: `97%`; never 100%, which nothing here is."""
    return f"{min(99, round(confidence * 100))}%"


def _level(facts: ToolFacts) -> str:
    base = BASE_LEVEL.get(facts.category)
    if base is None or facts.level is Level.UNKNOWN:
        return "Nobody can say what a call would do, and a policy has to assume the worst"
    own = facts.entry.overruled
    if own is not None:
        return f"A person set the level to {facts.level.value}; by itself the classifier puts it at {own.risk.value}"
    up, down = _named(facts.label.modifiers, 1), _named(facts.label.modifiers, -1)
    start = f"{facts.category.value} tools start at {base.value}"
    if facts.level is base:
        return start + _unmoved(up, down)
    moved, causes = ("up", up) if facts.level.rank > base.rank else ("down", down)
    if not causes:
        return f"{start}; this one stands at {facts.level.value}"
    return f"{start}; this one moves {moved} to {facts.level.value} because of {listed(causes)}"


def _named(modifiers: Sequence[Modifier], direction: int) -> list[str]:
    names = [
        MODIFIERS.get(m.name, (m.name.replace("_", " "),))[0] for m in modifiers if m.direction == direction
    ]
    return [f"“{name}”" for name in dict.fromkeys(names)]


def _unmoved(up: list[str], down: list[str]) -> str:
    if up and down:
        return f", and {listed(up)} and {listed(down)} outweigh each other here"
    if up:
        return (
            f", and {listed(up)} {'confirms' if len(up) == 1 else 'confirm'} that without moving it further"
        )
    if down:
        return f", and {listed(down)} {'does' if len(down) == 1 else 'do'} not bring it lower"
    return ", and nothing in the definition moves this one up or down"


def _ease(facts: ToolFacts, server: ServerFacts) -> str:
    """How little it takes to make the call, judged by what it needs."""
    if facts.category is Category.READ:
        return _read_concern(facts)
    if facts.definition.input_schema is None:
        return ""
    required = facts.required
    if not required:
        return (
            "A call needs no argument, so one stray step of an agent is enough"
            if facts.category in _GRAVE
            else ("Since a call needs no argument, an agent in a loop can repeat it without effort")
        )
    first = required[0].name
    if len(required) > 1:
        each = "both" if len(required) == 2 else "all"
        return f"A call needs {number(len(required))} arguments, {each} of which the agent fills in by itself"
    words = _words(first)
    if facts.act.family in _MAKING or words[-1] not in _NAMING:
        return f"All a call needs is {code(first)}, which the agent writes itself"
    source = _listing_sibling(facts, server) if words[:-1][-1:] in ([], [facts.head.lower()]) else None
    where = (
        f"which {source.code} on the same server hands out"
        if source
        else "a value that agents meet in any listing"
    )
    return f"All a call needs is {code(first)}, {where}"


def _words(parameter: str) -> list[str]:
    """`job_id`, `jobId` and `job-id` as `job` and `id`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", parameter).lower().replace("-", "_").split("_")


def _listing_sibling(facts: ToolFacts, server: ServerFacts) -> ToolFacts | None:
    """The sibling that gives out what this tool asks for: one that lists rather than one that gets a single one."""
    reading = [
        sibling
        for sibling in server.by_head.get(facts.head, ())
        if sibling.category is Category.READ and sibling.verb in _GIVING_OUT and sibling is not facts
    ]
    return min(reading, key=lambda sibling: (_GIVING_OUT.index(sibling.verb), sibling.name), default=None)


def _read_concern(facts: ToolFacts) -> str:
    if "secrets_out" in facts.modifiers:
        return "Reading is not harmless when the answer is a key: whoever steers the agent afterwards holds it too"
    if "ssrf" in facts.modifiers:
        return "Text from an address nobody vetted may carry instructions, and the agent reads them as readily as its own"
    if "host_files" in facts.modifiers:
        return "A file outside the project may hold what the agent was never meant to see"
    if "sensitive" in facts.modifiers:
        return "What is read about people can be repeated anywhere later in the same conversation"
    if facts.level is Level.LOW:
        return (
            ""
            if facts.label.needs_review
            else "It needs a line in a policy all the same, because what has no line there is refused"
        )
    return "What it can reach or return deserves more care than an ordinary look-up"


def _way_back(facts: ToolFacts) -> str:
    modifiers = facts.modifiers
    if "undo_stated" in modifiers:
        return "The definition itself names a way back, which a person should know before it is needed"
    if "confirm_token" in modifiers:
        return "It asks for a token from an earlier step, which slows a mistake but does not stop a determined loop"
    if facts.category is Category.DESTRUCTIVE and not _speaks_of_recovery(facts):
        return "No undo, grace period or trash is mentioned anywhere in its definition"
    if facts.category is Category.FINANCIAL:
        return "Taking it back needs another transaction, and the consent of whoever is at the other end"
    if "overwrites" in modifiers:
        return "The earlier content survives only where somebody keeps versions"
    return ""


def _speaks_of_recovery(facts: ToolFacts) -> bool:
    """Whether "no word of a way back" would be untrue, or empty because there are no words."""
    description = facts.definition.description
    return not description or _RECOVERY.search(description) is not None


def _doubt(facts: ToolFacts) -> str:
    reasons = [without_colon(one_line(reason).rstrip(".")) for reason in facts.label.review_reasons]
    return f"A person should look at this label: {'; '.join(reasons)}" if reasons else ""
