"""How good classifications are against labels: few measures, each with its definition."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from classifier import tally
from classifier.types import CATEGORIES, LEVELS, Category, Level

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from classifier.tally import Floats
    from classifier.types import Classification

# Categories of tools as they occur, estimated; labelled rows are sampled and hold more dangerous ones.
NATURAL_SPREAD: Final = {
    Category.READ: 0.60,
    Category.WRITE: 0.23,
    Category.EXECUTE: 0.09,
    Category.DESTRUCTIVE: 0.06,
    Category.FINANCIAL: 0.02,
}


@dataclass(frozen=True, slots=True)
class Pair:
    """One definition: the label a person gave it and what the classifier says.

    `modifiers` are those the person applied, None when the label says nothing of them.
    """

    category: Category
    risk: Level
    found: Classification
    modifiers: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class CategoryScore:
    """Precision, recall and F1 of one category, and how many definitions have it."""

    precision: float
    recall: float
    f1: float
    count: int


@dataclass(frozen=True, slots=True)
class ModifierScore:
    """A modifier's detector against labels that name modifiers: how many have it, how many were found to.

    A label names the modifiers that its annotator applied, not all that hold, so the precision is a
    lower bound.
    """

    precision: float
    recall: float
    count: int
    found: int


@dataclass(frozen=True, slots=True)
class Bin:
    """Answers of one tenth of confidence: how many, their mean confidence, the share that was right."""

    count: int
    confidence: float
    accuracy: float


@dataclass(frozen=True, slots=True)
class Report:
    """The measures of a set of pairs; shares are in [0, 1].

    macro_f1: mean F1 of the five categories. risk_kappa: quadratic-weighted agreement of the levels.
    danger_missed: High or Critical ones called Low. critical_missed: Critical ones called Low or
    Medium. false_alarm: Low ones called High or Critical. calibration_error: mean gap between
    confidence and accuracy over ten bins. decided: share that needs no review; accuracy_decided:
    accuracy of the category there. confusion[label][found]: counts, and risk_confusion the same of
    levels. bins: the tenths of confidence, from the lowest. modifiers: those that some label names.
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
    risk_confusion: dict[str, dict[str, int]] = field(default_factory=dict)
    bins: tuple[Bin, ...] = ()
    modifiers: dict[str, ModifierScore] = field(default_factory=dict)


_RECALLS: Final = ("destructive_recall", "financial_recall")  # a report has them in `categories`


def report(pairs: Sequence[Pair]) -> Report:
    """Measure; an empty sequence, or a measure without a case, gives zeros."""
    counts = tally.tallies(pairs).sum(axis=0)
    values = {name: float(value) for name, value in tally.measures(counts).items() if name not in _RECALLS}
    return Report(
        count=len(pairs),
        **values,
        categories=_category_scores(counts),
        confusion=_counted(tally.confusion(counts), CATEGORIES),
        risk_confusion=_counted(tally.level_confusion(counts), LEVELS),
        bins=_bins(counts),
        modifiers=modifier_scores(pairs),
    )


def natural_measures(pairs: Sequence[Pair]) -> Mapping[str, float]:
    """Every measure as if the labels were spread as in the wild (`NATURAL_SPREAD`).

    Each pair weighs so that its category has its natural share; a category without a pair is left out,
    and the others keep their proportions.
    """
    counted = Counter(pair.category for pair in pairs)
    weights = [NATURAL_SPREAD[pair.category] / counted[pair.category] for pair in pairs]
    counts = (tally.tallies(pairs) * [[weight] for weight in weights]).sum(axis=0) if pairs else None
    found = tally.measures(tally.tallies(()).sum(axis=0) if counts is None else counts)
    return {name: float(value) for name, value in found.items()}


def _category_scores(counts: Floats) -> dict[str, CategoryScore]:
    table = tally.confusion(counts)
    recall, precision, f1 = tally.scores(table)
    return {
        category.value: CategoryScore(float(precision[at]), float(recall[at]), float(f1[at]), int(table[at].sum()))
        for at, category in enumerate(CATEGORIES)
    }  # fmt: skip


def _counted(table: Floats, words: Sequence[Category] | Sequence[Level]) -> dict[str, dict[str, int]]:
    """How often each label (row) got each answer (column)."""
    return {
        row.value: {column.value: int(table[at, to]) for to, column in enumerate(words)}
        for at, row in enumerate(words)
    }


def _bins(counts: Floats) -> tuple[Bin, ...]:
    number, sure, right = tally.calibration(counts)
    confidence, accuracy = tally.ratio(sure, number), tally.ratio(right, number)
    return tuple(Bin(int(number[at]), float(confidence[at]), float(accuracy[at])) for at in range(tally.BINS))


def modifier_scores(pairs: Sequence[Pair]) -> dict[str, ModifierScore]:
    """Each modifier's score, by name, over the pairs whose labels name modifiers."""
    labelled: Counter[str] = Counter()
    found: Counter[str] = Counter()
    both: Counter[str] = Counter()
    for pair in pairs:
        if pair.modifiers is None:
            continue
        named, seen = set(pair.modifiers), {modifier.name for modifier in pair.found.modifiers}
        labelled.update(named)
        found.update(seen)
        both.update(named & seen)
    return {
        name: ModifierScore(
            both[name] / found[name] if found[name] else 0.0,
            both[name] / labelled[name] if labelled[name] else 0.0,
            labelled[name],
            found[name],
        )
        for name in sorted(labelled)
    }
