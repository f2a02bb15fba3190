"""Two models on the same labelled definitions: what is better, whether that is chance, and which rows changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from classifier import tally
from classifier.intervals import differences

if TYPE_CHECKING:
    from collections.abc import Iterable

    from catalog.evaluation.measuring import Measured
    from classifier.intervals import Interval
    from classifier.labels import LabelledDefinition
    from classifier.metrics import Pair


@dataclass(frozen=True, slots=True)
class Difference:
    """One measure of two models. `interval` is the 95 % interval of `this - other`, over groups of servers."""

    measure: str
    this: float
    other: float
    interval: Interval

    @property
    def verdict(self) -> str:
        """`better`, `worse`, or `no difference` where 0 lies in the interval."""
        low, high = self.interval
        if low <= 0 <= high:
            return "no difference"
        return "better" if (low > 0) is (self.measure not in tally.SMALLER_IS_BETTER) else "worse"


@dataclass(frozen=True, slots=True)
class Change:
    """A definition whose category only one of two models has right."""

    row: LabelledDefinition
    this: Pair
    other: Pair


@dataclass(frozen=True, slots=True)
class Comparison:
    """What one form of the definitions shows of two models."""

    differences: tuple[Difference, ...]
    better: tuple[Change, ...]
    worse: tuple[Change, ...]


def compared(this: Measured, other: Measured, form: str) -> Comparison:
    """Compare `this` with `other` in one form; both must be of the same rows."""
    mine, theirs = this.pairs[form], other.pairs[form]
    values, others = (tally.measures(tally.tallies(pairs).sum(axis=0)) for pairs in (mine, theirs))
    spread = differences(mine, theirs, this.groups)
    changes = [
        Change(*each)
        for each in zip(this.rows, mine, theirs, strict=True)
        if _right(each[1]) is not _right(each[2])
    ]
    return Comparison(
        tuple(
            Difference(name, float(values[name]), float(others[name]), spread[name])
            for name in tally.MEASURES
        ),
        _surest(change for change in changes if _right(change.this)),
        _surest(change for change in changes if _right(change.other)),
    )


def _right(pair: Pair) -> bool:
    return pair.category is pair.found.category


def _surest(changes: Iterable[Change]) -> tuple[Change, ...]:
    return tuple(
        sorted(changes, key=lambda each: (-each.this.found.confidence, each.row.definition.fingerprint))
    )
