"""The answers that are most worth reading one by one: missed dangers first, then the surest mistakes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from classifier.types import Level

if TYPE_CHECKING:
    from collections.abc import Sequence

    from classifier.labels import LabelledDefinition
    from classifier.metrics import Pair


@dataclass(frozen=True, slots=True)
class WorstRow:
    """A wrong answer. `missed`: a High or Critical tool called Low, or a Critical one called Medium."""

    row: LabelledDefinition
    pair: Pair
    missed: bool

    def as_json(self) -> dict[str, Any]:
        """The row without the definition's texts."""
        found, definition = self.pair.found, self.row.definition
        return {
            "server": definition.server,
            "name": definition.name,
            "fingerprint": definition.fingerprint,
            "label": {"category": self.pair.category.value, "risk": self.pair.risk.value},
            "found": {"category": found.category.value, "risk": found.risk.value},
            "confidence": found.confidence,
            "missed_danger": self.missed,
            "needs_review": found.needs_review,
            "reason": found.reason,
        }


def worst_rows(rows: Sequence[LabelledDefinition], pairs: Sequence[Pair], limit: int) -> list[WorstRow]:
    """At most `limit` wrong answers: missed dangers, then wrong categories, each the surest first.

    Those that do not ask for a review come before those that do.
    """
    wrong = [
        WorstRow(row, pair, missed(pair))
        for row, pair in zip(rows, pairs, strict=True)
        if pair.category is not pair.found.category or missed(pair)
    ]
    return sorted(wrong, key=_first)[:limit]


def _first(one: WorstRow) -> tuple[bool, bool, float, int, str]:
    found = one.pair.found
    gap = one.pair.risk.rank - found.risk.rank
    return not one.missed, found.needs_review, -found.confidence, -gap, found.fingerprint


def missed(pair: Pair) -> bool:
    """Whether a danger was called harmless, as `danger_missed` and `critical_missed` count it."""
    called = pair.found.risk
    if pair.risk is Level.CRITICAL:
        return called in (Level.LOW, Level.MEDIUM)
    return pair.risk is Level.HIGH and called is Level.LOW
