"""Counts that add up: measuring parts and adding them is measuring the whole."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier import tally
from classifier.intervals import differences, intervals
from classifier.metrics import NATURAL_SPREAD, Pair, natural_measures, report
from classifier.types import (
    CATEGORIES,
    LEVELS,
    Basis,
    Category,
    Classification,
    DecidedBy,
    Evidence,
    Level,
    Modifier,
)

QUOTED = Evidence("name", "tool", "model")
ANSWER = Classification(
    fingerprint="0" * 64, category=Category.READ, risk=Level.LOW, effects=(Category.READ,), modifiers=(), confidence=0.9,
    evidence=(QUOTED,), basis=Basis.TEXT, rule_hits=(), verdict=None, decided_by=DecidedBy.MODEL, reason="made for a test",
    annotation_conflict=None, review_reasons=(), rules_version="1",
)  # fmt: skip


def pair(category: Category, risk: Level, found: Category, level: Level, confidence: float = 0.9) -> Pair:
    return Pair(category, risk, replace(ANSWER, category=found, risk=level, confidence=confidence))


PAIRS = st.lists(
    st.builds(
        pair, st.sampled_from(CATEGORIES), st.sampled_from(LEVELS), st.sampled_from(Category), st.sampled_from(Level),
        st.floats(0, 1),
    ),
    max_size=12,
)  # fmt: skip


@given(PAIRS, PAIRS)
def test_counts_of_parts_add_up_to_the_counts_of_the_whole(first: list[Pair], second: list[Pair]) -> None:
    whole = tally.tallies([*first, *second]).sum(axis=0)
    parts = tally.tallies(first).sum(axis=0) + tally.tallies(second).sum(axis=0)
    assert np.allclose(whole, parts)


@given(PAIRS)
def test_every_measure_is_a_number_in_its_range(pairs: list[Pair]) -> None:
    """Shares are in [0, 1] and kappa is at most 1, with any answers, Unknown among them, and without any."""
    for name, value in tally.measures(tally.tallies(pairs).sum(axis=0)).items():
        assert np.isfinite(value)
        assert value <= 1 + 1e-9
        assert value >= 0 or name == "risk_kappa"


def test_measures_of_several_sets_at_once_are_those_of_each() -> None:
    """What the resampling rests on."""
    sets = [
        [pair(Category.READ, Level.LOW, Category.WRITE, Level.HIGH, 0.4)],
        [pair(Category.DESTRUCTIVE, Level.CRITICAL, Category.DESTRUCTIVE, Level.LOW)] * 3,
    ]
    counts = [tally.tallies(one).sum(axis=0) for one in sets]
    together = tally.measures(np.array(counts))
    for at, one in enumerate(counts):
        alone = tally.measures(one)
        assert {name: together[name][at] for name in tally.MEASURES} == alone


def test_a_bin_of_confidence_has_its_mean_and_its_share_of_right_answers() -> None:
    pairs = [
        pair(Category.READ, Level.LOW, Category.READ, Level.LOW, 0.72),
        pair(Category.READ, Level.LOW, Category.WRITE, Level.LOW, 0.78),
        pair(Category.READ, Level.LOW, Category.READ, Level.LOW, 1.0),
    ]
    bins = report(pairs).bins
    assert [one.count for one in bins] == [0] * 7 + [2, 0, 1]
    assert (bins[7].confidence, bins[7].accuracy) == (pytest.approx(0.75), 0.5)


def test_the_natural_spread_weighs_categories_not_rows() -> None:
    """All Reads right, all others wrong: the accuracy is the natural share of Read, however many rows there are."""
    assert sum(NATURAL_SPREAD.values()) == pytest.approx(1)
    rows = [pair(Category.READ, Level.LOW, Category.READ, Level.LOW)] * 3
    rows += [
        pair(category, Level.HIGH, Category.READ, Level.LOW) for category in CATEGORIES[1:] for _ in range(20)
    ]
    assert natural_measures(rows)["accuracy"] == pytest.approx(0.60)
    assert report(rows).accuracy == pytest.approx(3 / 83)
    assert natural_measures([])["accuracy"] == 0


def test_an_interval_holds_the_measure_and_is_wider_over_few_groups() -> None:
    """Tools of one server err together: twenty servers tell more than two, with as many tools."""
    right = pair(Category.READ, Level.LOW, Category.READ, Level.LOW)
    wrong = pair(Category.READ, Level.LOW, Category.WRITE, Level.LOW)
    pairs = [right] * 20 + [wrong] * 20
    few = intervals(pairs, ["a"] * 20 + ["b"] * 20)["accuracy"]
    many = intervals(pairs, [f"group {at % 20}" for at in range(40)])["accuracy"]
    assert few == (0.0, 1.0)
    assert few[0] <= many[0] <= 0.5 <= many[1] <= few[1]
    assert many == intervals(pairs, [f"group {at % 20}" for at in range(40)])["accuracy"]


def test_the_difference_of_a_model_from_itself_is_nothing() -> None:
    pairs = [pair(Category.READ, Level.LOW, found, Level.LOW) for found in CATEGORIES]
    spread = differences(pairs, pairs, list("abcde"))
    assert set(spread.values()) == {(0.0, 0.0)}


def test_a_modifier_is_scored_only_where_labels_name_modifiers() -> None:
    """Two labels name host_shell, one of them is found; a label that is silent judges nobody."""
    found = replace(ANSWER, modifiers=(Modifier("host_shell", 1, QUOTED),))
    pairs = [
        Pair(Category.READ, Level.LOW, found, ("host_shell",)),
        Pair(Category.READ, Level.LOW, ANSWER, ("host_shell",)),
        Pair(Category.READ, Level.LOW, found, ()),
        Pair(Category.READ, Level.LOW, found, None),
    ]
    score = report(pairs).modifiers["host_shell"]
    assert (score.precision, score.recall, score.count, score.found) == (0.5, 0.5, 2, 2)
