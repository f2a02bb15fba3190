"""The measures, on cases worked out by hand."""

from __future__ import annotations

import pytest

from classifier.classify import Classifier
from classifier.metrics import Pair, report
from classifier.types import Category, Classification, Level, ToolDefinition

R, W, D = Category.READ, Category.WRITE, Category.DESTRUCTIVE
LOW, MEDIUM, CRITICAL = Level.LOW, Level.MEDIUM, Level.CRITICAL


@pytest.fixture(scope="module")
def template(shipped: Classifier) -> Classification:
    return shipped.classify(ToolDefinition("demo", "list_jobs", description="List the jobs."))


def _pair(
    template: Classification,
    label: tuple[Category, Level],
    found: tuple[Category, Level],
    confidence: float = 1.0,
) -> Pair:
    values = {name: getattr(template, name) for name in template.__slots__}
    values |= {"category": found[0], "risk": found[1], "confidence": confidence, "review_reasons": ()}
    return Pair(label[0], label[1], Classification(**values))


def test_perfect_labels_score_one(template: Classification) -> None:
    """Every category that occurs has F1 1; those that do not occur count as 0."""
    found = report([_pair(template, (c, r), (c, r)) for c, r in ((R, LOW), (W, MEDIUM), (D, CRITICAL))])
    assert found.macro_f1 == pytest.approx(3 / 5)
    assert (found.accuracy, found.risk_kappa, found.danger_missed, found.calibration_error) == (1, 1, 0, 0)


def test_missed_danger_and_false_alarm_are_shares_of_their_own_kind(template: Classification) -> None:
    """One of two Critical ones called Low, one of three Low ones called Critical."""
    pairs = [
        _pair(template, (D, CRITICAL), (R, LOW)), _pair(template, (D, CRITICAL), (D, CRITICAL)),
        _pair(template, (R, LOW), (D, CRITICAL)), _pair(template, (R, LOW), (R, LOW)), _pair(template, (R, LOW), (R, LOW)),
    ]  # fmt: skip
    found = report(pairs)
    assert (found.danger_missed, found.critical_missed, found.false_alarm) == (
        1 / 2,
        1 / 2,
        pytest.approx(1 / 3),
    )
    assert found.confusion["Destructive"] == {
        "Read": 1,
        "Write": 0,
        "Execute": 0,
        "Destructive": 1,
        "Financial": 0,
    }


def test_calibration_error_is_the_gap_between_confidence_and_accuracy(template: Classification) -> None:
    """Ten at 0.75 of which five are right: a gap of 0.25."""
    right = [_pair(template, (R, LOW), (R, LOW), 0.75)] * 5
    wrong = [_pair(template, (W, LOW), (R, LOW), 0.75)] * 5
    assert report(right + wrong).calibration_error == pytest.approx(0.25)


def test_kappa_of_chance_is_zero(template: Classification) -> None:
    """Labels and answers independent of each other."""
    pairs = [_pair(template, (R, a), (R, b)) for a in (LOW, CRITICAL) for b in (LOW, CRITICAL)]
    assert report(pairs).risk_kappa == pytest.approx(0)


def test_nothing_measured_is_zero_not_an_error() -> None:
    """Total on the empty sequence."""
    assert report([]).accuracy == 0
