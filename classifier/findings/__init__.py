"""Suspicious text in a definition, told apart from what the tool can do.

A capability is inventory and has a category; poisoned text is a finding. A finding never changes the
category or the level. It says: a person should read this before an agent does.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final

from classifier.findings.claims import CLAIMS
from classifier.findings.detector import Detector
from classifier.findings.exfiltration import EXFILTRATION
from classifier.findings.hidden import HIDDEN
from classifier.findings.instructions import INSTRUCTIONS
from classifier.findings.lookalikes import LOOKALIKES
from classifier.findings.passages import texts_of
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
    texts = texts_of(definition)
    return tuple(
        Finding(detector.id, detector.title, evidence, detector.rationale)
        for detector in DETECTORS
        if detector.matcher.possible(texts)
        for evidence in islice(_quotations(definition, texts, detector), MAX_PER_DETECTOR)
    )


def _quotations(definition: ToolDefinition, texts: Texts, detector: Detector) -> Iterator[Evidence]:
    for passage in texts.passages:
        span = detector.matcher.span(passage)
        if span is not None:
            yield passage.evidence(definition, *span, detector.id)
