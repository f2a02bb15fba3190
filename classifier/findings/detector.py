"""What a detector is, and the matchers that detectors are built from.

A matcher first says whether anything in a definition can be meant (`possible`, one scan over all
texts together), then where in one passage (`span`). Patterns are RE2: time is linear in the text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

import re2

from classifier.types import ToolDefinition

if TYPE_CHECKING:
    from collections.abc import Callable

    from classifier.findings.passages import Passage, Texts

Span = tuple[int, int]
_BEFORE: Final = 80  # characters before a hit in which a word can make it harmless
_LEAD: Final = 60  # characters of the sentence that are quoted before the hit
_SENTENCE: Final = 120  # and from its start on
_STOPS: Final = (". ", "! ", "? ", "\n", "。")


class Matcher(Protocol):
    """Where a kind of suspicious text stands."""

    def possible(self, texts: Texts) -> bool:
        """False only when no passage has a span."""
        ...

    def span(self, passage: Passage) -> Span | None:
        """Start and end of the first hit in the passage."""
        ...


@dataclass(frozen=True, slots=True)
class Detector:
    """One kind of text that does not belong in an honest definition.

    `id` is kebab-case, never renamed, never reused. The examples are its tests: it finds something
    in every positive one and nothing in any negative one.
    """

    id: str
    title: str
    rationale: str
    since: str
    matcher: Matcher
    positive: tuple[ToolDefinition, ...]
    negative: tuple[ToolDefinition, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """A pattern in prose, case ignored, read through emphasis, quotation marks and look-alikes.

    A hit does not count when `barred` stands in it or in the `_BEFORE` characters before it.
    """

    pattern: Any
    barred: Any = None

    def possible(self, texts: Texts) -> bool:
        """One scan over all texts together."""
        return self.pattern.search(texts.whole) is not None

    def span(self, passage: Passage) -> Span | None:
        """The hit with what stands around it in its sentence."""
        text = passage.folded
        for hit in self.pattern.finditer(text):
            upto = text[max(0, hit.start() - _BEFORE) : hit.end()]
            if self.barred is None or self.barred.search(upto) is None:
                return _sentence(text, hit.start(), hit.end())
        return None


@dataclass(frozen=True, slots=True)
class Shown:
    """A function over the text as it was sent, for what no pattern over words can see."""

    where: Callable[[Passage], Span | None]
    only_beyond_ascii: bool = False

    def possible(self, texts: Texts) -> bool:
        """Everything is possible, except the unusual in plain ASCII."""
        return not (self.only_beyond_ascii and texts.is_ascii)

    def span(self, passage: Passage) -> Span | None:
        """What the function says."""
        return self.where(passage)


def said(*patterns: str, unless: str = "") -> Said:
    """A matcher for prose that any of the patterns finds; see `Said`."""
    return Said(compiled("|".join(patterns)), compiled(unless) if unless else None)


def compiled(pattern: str, *, groups: bool = True) -> Any:
    """An RE2 pattern that ignores case; without groups it only tells whether something is found, in a fifth of the time."""
    options = re2.Options()
    options.case_sensitive = False
    options.never_capture = not groups
    return re2.compile(pattern, options)


def _sentence(text: str, start: int, end: int) -> Span:
    """The sentence around a hit, at most `_LEAD` characters before it and `_SENTENCE` from its start on."""
    first = max(0, start - _LEAD)
    first = max(
        [first, *(text.rfind(stop, first, start) + len(stop) for stop in _STOPS if stop in text[first:start])]
    )
    limit = min(len(text), max(end, start + _SENTENCE))
    last = min([limit, *(at + 1 for at in (text.find(stop, end, limit) for stop in _STOPS) if at >= 0)])
    return first, last


def tells(description: str) -> ToolDefinition:
    """An example with this description."""
    return ToolDefinition("example", "look_up", description=description)


def called(name: str) -> ToolDefinition:
    """An example with this name."""
    return ToolDefinition("example", name)


def asks(parameter: str, description: str = "") -> ToolDefinition:
    """An example with one string parameter."""
    schema = {"type": "object", "properties": {parameter: {"type": "string", "description": description}}}
    return ToolDefinition("example", "look_up", description="Look up a word.", input_schema=schema)
