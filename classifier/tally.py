"""Counts that add up over definitions, and every measure as a function of such counts.

Because counts add, the same functions measure a whole set, a resample of its groups of servers, and a
set whose rows weigh as they occur in the wild.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from classifier.types import CATEGORIES, LEVELS, Category, Level

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from classifier.metrics import Pair

    Floats = NDArray[np.float64]

BINS: Final = 10  # of the calibration error and its plot: confidence 0 to 0.1, 0.1 to 0.2, …
_FOUND: Final = tuple(Category)  # an answer may also be Unknown, a label may not
_FOUND_LEVELS: Final = tuple(Level)
_CELLS: Final = len(CATEGORIES) * len(_FOUND)
_LEVEL_CELLS: Final = len(LEVELS) * len(_FOUND_LEVELS)
_DECIDED: Final = _CELLS + _LEVEL_CELLS
_BIN_COUNT: Final = _DECIDED + 2
WIDTH: Final = _BIN_COUNT + 3 * BINS
MEASURES: Final = (
    "macro_f1", "accuracy", "destructive_recall", "financial_recall", "risk_kappa", "risk_exact", "danger_missed",
    "critical_missed", "false_alarm", "calibration_error", "decided", "accuracy_decided",
)  # fmt: skip
SMALLER_IS_BETTER: Final = frozenset({"danger_missed", "critical_missed", "false_alarm", "calibration_error"})


def tallies(pairs: Sequence[Pair]) -> Floats:
    """One row of counts per pair, shape (pairs, WIDTH)."""
    counts = np.zeros((len(pairs), WIDTH))
    for row, pair in zip(counts, pairs, strict=True):
        found = pair.found
        right = pair.category is found.category
        row[CATEGORIES.index(pair.category) * len(_FOUND) + _FOUND.index(found.category)] = 1
        row[_CELLS + pair.risk.rank * len(_FOUND_LEVELS) + found.risk.rank] = 1
        row[_DECIDED] = not found.needs_review
        row[_DECIDED + 1] = right and not found.needs_review
        column = _BIN_COUNT + min(int(found.confidence * BINS), BINS - 1)
        row[column], row[column + BINS], row[column + 2 * BINS] = 1, found.confidence, right
    return counts


def confusion(counts: Floats) -> Floats:
    """Shape (…, label, answer); answers are the five categories and Unknown."""
    return counts[..., :_CELLS].reshape(*counts.shape[:-1], len(CATEGORIES), len(_FOUND))


def level_confusion(counts: Floats) -> Floats:
    """Shape (…, label, answer); answers are the four levels and Unknown."""
    cells = counts[..., _CELLS : _CELLS + _LEVEL_CELLS]
    return cells.reshape(*counts.shape[:-1], len(LEVELS), len(_FOUND_LEVELS))


def calibration(counts: Floats) -> Floats:
    """Shape (…, 3, BINS): how many answers, the sum of their confidences, how many were right."""
    return counts[..., _BIN_COUNT:].reshape(*counts.shape[:-1], 3, BINS)


def measures(counts: Floats) -> Mapping[str, Floats]:
    """Every measure of `MEASURES` for counts of shape (…, WIDTH), each of shape (…); 0 without a case."""
    table, levels = confusion(counts), level_confusion(counts)
    total = table.sum(axis=(-1, -2))
    recall, _, f1 = scores(table)
    sure = calibration(counts)
    dangerous, critical, low = levels[..., 2:, :], levels[..., 3, :], levels[..., 0, :]
    return {
        "macro_f1": f1.mean(axis=-1),
        "accuracy": ratio(np.trace(table, axis1=-2, axis2=-1), total),
        "destructive_recall": recall[..., CATEGORIES.index(Category.DESTRUCTIVE)],
        "financial_recall": recall[..., CATEGORIES.index(Category.FINANCIAL)],
        "risk_kappa": _kappa(levels),
        "risk_exact": ratio(np.trace(levels, axis1=-2, axis2=-1), total),
        "danger_missed": ratio(dangerous[..., 0].sum(axis=-1), dangerous.sum(axis=(-1, -2))),
        "critical_missed": ratio(critical[..., :2].sum(axis=-1), critical.sum(axis=-1)),
        "false_alarm": ratio(low[..., 2:].sum(axis=-1), low.sum(axis=-1)),
        "calibration_error": ratio(np.abs(sure[..., 1, :] - sure[..., 2, :]).sum(axis=-1), total),
        "decided": ratio(counts[..., _DECIDED], total),
        "accuracy_decided": ratio(counts[..., _DECIDED + 1], counts[..., _DECIDED]),
    }


def scores(table: Floats) -> tuple[Floats, Floats, Floats]:
    """Recall, precision and F1 of each category from confusions; 0 where a denominator is 0."""
    right = np.diagonal(table, axis1=-2, axis2=-1)
    recall = ratio(right, table.sum(axis=-1))
    precision = ratio(right, table.sum(axis=-2)[..., : len(CATEGORIES)])
    return recall, precision, ratio(2 * precision * recall, precision + recall)


def _kappa(levels: Floats) -> Floats:
    """Cohen's kappa with quadratic weights: 1 is perfect, 0 is chance."""
    ranks = np.arange(len(_FOUND_LEVELS))
    far = (ranks[: len(LEVELS), None] - ranks[None, :]) ** 2
    total = levels.sum(axis=(-1, -2))
    chance = levels.sum(axis=-1)[..., :, None] * levels.sum(axis=-2)[..., None, :]
    observed = ratio((levels * far).sum(axis=(-1, -2)), total)
    expected = ratio((chance * far).sum(axis=(-1, -2)), total**2)
    kappa = np.where(expected > 0, 1 - ratio(observed, expected), 1.0)
    return np.where(total > 0, kappa, 0.0)


def ratio(part: Any, whole: Any) -> Floats:
    """`part / whole`, 0 where `whole` is 0."""
    part, whole = np.asarray(part, dtype=np.float64), np.asarray(whole, dtype=np.float64)
    share = np.zeros(np.broadcast(part, whole).shape)
    np.divide(part, whole, out=share, where=whole > 0)
    return share
