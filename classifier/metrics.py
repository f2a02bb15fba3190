"""How good classifications are against labels: few measures, each with its definition."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from classifier.types import CATEGORIES, LEVELS, Category, Level

if TYPE_CHECKING:
    from collections.abc import Sequence

    from classifier.types import Classification

_BINS: Final = 10  # of the calibration error


@dataclass(frozen=True, slots=True)
class Pair:
    """One definition: the label a person gave it and what the classifier says."""

    category: Category
    risk: Level
    found: Classification


@dataclass(frozen=True, slots=True)
class CategoryScore:
    """Precision, recall and F1 of one category, and how many definitions have it."""

    precision: float
    recall: float
    f1: float
    count: int


@dataclass(frozen=True, slots=True)
class Report:
    """The measures of a set of pairs; shares are in [0, 1].

    macro_f1: mean F1 of the five categories. risk_kappa: quadratic-weighted agreement of the levels.
    danger_missed: High or Critical ones called Low. critical_missed: Critical ones called Low or
    Medium. false_alarm: Low ones called High or Critical. calibration_error: mean gap between
    confidence and accuracy over ten bins. decided: share that needs no review; accuracy_decided:
    accuracy of the category there. confusion[label][found]: counts.
    """

    count: int
    accuracy: float
    macro_f1: float
    risk_exact: float
    risk_kappa: float
    danger_missed: float
    critical_missed: float
    false_alarm: float
    calibration_error: float
    decided: float
    accuracy_decided: float
    categories: dict[str, CategoryScore]
    confusion: dict[str, dict[str, int]]


def report(pairs: Sequence[Pair]) -> Report:
    """Measure; an empty sequence, or a measure without a case, gives zeros."""
    table = {category.value: category_score(pairs, category) for category in CATEGORIES}
    decided = [pair for pair in pairs if not pair.found.needs_review]
    return Report(
        count=len(pairs),
        accuracy=_share(pairs, _right),
        macro_f1=math.fsum(score.f1 for score in table.values()) / len(CATEGORIES),
        risk_exact=_share(pairs, lambda pair: pair.risk is pair.found.risk),
        risk_kappa=weighted_kappa(pairs),
        danger_missed=_share(
            [p for p in pairs if p.risk.rank >= Level.HIGH.rank], lambda p: p.found.risk is Level.LOW
        ),
        critical_missed=_share(
            [p for p in pairs if p.risk is Level.CRITICAL], lambda p: p.found.risk.rank <= 1
        ),
        false_alarm=_share(
            [p for p in pairs if p.risk is Level.LOW], lambda p: p.found.risk.rank >= Level.HIGH.rank
        ),
        calibration_error=calibration_error(pairs),
        decided=len(decided) / len(pairs) if pairs else 0.0,
        accuracy_decided=_share(decided, _right),
        categories=table,
        confusion=confusion(pairs),
    )


def _right(pair: Pair) -> bool:
    return pair.category is pair.found.category


def _share(pairs: Sequence[Pair], holds: Any) -> float:
    return sum(1 for pair in pairs if holds(pair)) / len(pairs) if pairs else 0.0


def category_score(pairs: Sequence[Pair], category: Category) -> CategoryScore:
    """Precision, recall and F1 of a category; 0 where a denominator is 0."""
    labelled = sum(1 for pair in pairs if pair.category is category)
    found = sum(1 for pair in pairs if pair.found.category is category)
    both = sum(1 for pair in pairs if pair.category is category and pair.found.category is category)
    precision = both / found if found else 0.0
    recall = both / labelled if labelled else 0.0
    total = precision + recall
    return CategoryScore(precision, recall, 2 * precision * recall / total if total else 0.0, labelled)


def confusion(pairs: Sequence[Pair]) -> dict[str, dict[str, int]]:
    """How often each label (row) got each category (column)."""
    counted = Counter((pair.category, pair.found.category) for pair in pairs)
    return {row.value: {column.value: counted[row, column] for column in CATEGORIES} for row in CATEGORIES}


def weighted_kappa(pairs: Sequence[Pair]) -> float:
    """Cohen's kappa of the levels with quadratic weights: 1 is perfect, 0 is chance."""
    if not pairs:
        return 0.0
    labels = Counter(pair.risk.rank for pair in pairs)
    found = Counter(pair.found.risk.rank for pair in pairs)
    observed = math.fsum((pair.risk.rank - pair.found.risk.rank) ** 2 for pair in pairs) / len(pairs)
    ranks = range(len(LEVELS))
    expected = math.fsum((a - b) ** 2 * labels[a] * found[b] for a in ranks for b in ranks) / len(pairs) ** 2
    return 1 - observed / expected if expected else 1.0


def calibration_error(pairs: Sequence[Pair]) -> float:
    """Expected calibration error of the category's confidence over `_BINS` equal bins."""
    bins: dict[int, list[Pair]] = {}
    for pair in pairs:
        bins.setdefault(min(int(pair.found.confidence * _BINS), _BINS - 1), []).append(pair)
    gaps = [
        abs(math.fsum(p.found.confidence for p in part) / len(part) - _share(part, _right)) * len(part)
        for part in bins.values()
    ]
    return math.fsum(gaps) / len(pairs) if pairs else 0.0
