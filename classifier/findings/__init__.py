"""Suspicious text in a definition, told apart from what the tool can do.

A capability is inventory and has a category; poisoned text is a finding. A finding never changes the
category or the level. It says: a person should read this before an agent does.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Final

from classifier.findings.claims import CLAIMS
from classifier.findings.detector import Detector, Said, Shown, compiled
from classifier.findings.exfiltration import EXFILTRATION
from classifier.findings.hidden import HIDDEN
from classifier.findings.instructions import INSTRUCTIONS
from classifier.findings.lookalikes import LOOKALIKES
from classifier.findings.passages import Passage, bare_texts, texts_of
from classifier.findings.payloads import PAYLOADS
from classifier.findings.shadowing import SHADOWING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from classifier.findings.passages import Texts
    from classifier.types import Evidence, ToolDefinition

__all__ = ["DETECTORS", "Detector", "Finding", "findings"]

DETECTORS: Final[tuple[Detector, ...]] = (
    *INSTRUCTIONS,
    *SHADOWING,
    *HIDDEN,
    *LOOKALIKES,
    *EXFILTRATION,
    *PAYLOADS,
    *CLAIMS,
)
_ANY_SAID: Final = compiled(
    "|".join(one.matcher.pattern.pattern for one in DETECTORS if isinstance(one.matcher, Said)), groups=False
)
_SHOWN: Final = tuple(one.matcher for one in DETECTORS if isinstance(one.matcher, Shown))
_SHORT: Final = 160  # characters
MAX_PER_DETECTOR: Final = 3  # fields in which one detector is shown; the fourth tells nothing new


@dataclass(frozen=True, slots=True)
class Finding:
    """One suspicious text: the detector's id, its title, the quotation, and why it matters."""

    id: str
    title: str
    evidence: Evidence
    why: str


def findings(definition: ToolDefinition) -> tuple[Finding, ...]:
    """All findings, in the order of `DETECTORS` and then of the definition's fields.

    Pure, and linear in the size of the definition. Each detector is shown once per field, in at most
    `MAX_PER_DETECTOR` fields; every excerpt is a substring of its field (`classifier.evidence`).
    """
    if all(_is_quiet(*text) for text in bare_texts(definition)):
        return ()
    texts = texts_of(definition)
    return tuple(
        Finding(detector.id, detector.title, evidence, detector.rationale)
        for detector in DETECTORS
        if detector.matcher.possible(texts)
        for evidence in islice(_quotations(definition, texts, detector), MAX_PER_DETECTOR)
    )


def _is_quiet(text: str, is_name: bool, is_key: bool) -> bool:  # noqa: FBT001 - as `bare_texts` gives them
    """Whether no detector sees anything in a text; the same short texts come again and again."""
    return (_quiet if len(text) <= _SHORT else _quiet.__wrapped__)(text, is_name, is_key)


@lru_cache(maxsize=32_768)
def _quiet(text: str, is_name: bool, is_key: bool) -> bool:  # noqa: FBT001 - of a cache, by place
    """A detector reads the text, and whether it is the tool's name or a member's; nothing else of a passage."""
    passage = Passage("name" if is_name else "", text, is_key)
    if _ANY_SAID.search(passage.folded):
        return False
    return all(
        shown.span(passage) is None for shown in _SHOWN if not (shown.only_beyond_ascii and text.isascii())
    )


def _quotations(definition: ToolDefinition, texts: Texts, detector: Detector) -> Iterator[Evidence]:
    for passage in texts.passages:
        span = detector.matcher.span(passage)
        if span is not None:
            yield passage.evidence(definition, *span, detector.id)
