"""What a correction makes of a label (docs/review.md, "What a correction changes")."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.overrides.book import NO_OVERRIDES, Overrides
from catalog.overrides.correction import apply, floor
from catalog.policy.recommend import recommend
from classifier.types import (
    CATEGORIES,
    LEVELS,
    NAME_ONLY_CAP,
    Action,
    Basis,
    Category,
    DecidedBy,
    Level,
    ToolDefinition,
)

TODAY = date(2026, 11, 25)


def test_a_correction_gives_the_persons_category_and_level_and_says_whose_they_are(make) -> None:
    found = make.label()
    label = apply(make.definition, found, make.override())
    assert (label.category, label.risk, label.decided_by) == (Category.WRITE, Level.MEDIUM, DecidedBy.PERSON)
    assert label.reason == (
        "corrected by Ada on 2026-11-01: it only archives (the classifier said Destructive, Critical risk, 90%)"
    )
    assert not label.needs_review


def test_the_confidence_is_what_the_classifier_gives_the_persons_category(make) -> None:
    """Our decision: a person's word was not measured, so no confidence is made up for it."""
    other = apply(make.definition, make.label(), make.override())
    same = apply(make.definition, make.label(), make.override(category=Category.DESTRUCTIVE, risk=Level.HIGH))
    assert other.confidence == 0.125
    assert same.confidence == 0.9


def test_worse_effects_than_the_persons_category_go_and_lesser_ones_stay(make) -> None:
    label = apply(make.definition, make.label(), make.override())
    assert label.effects == (Category.WRITE, Category.READ)


def test_effects_stay_as_they_are_when_only_the_level_is_corrected(make) -> None:
    found = make.label()
    label = apply(make.definition, found, make.override(category=found.category, risk=Level.HIGH))
    assert label.effects == found.effects


def test_modifiers_are_kept_but_are_not_said_to_have_moved_the_persons_level(make) -> None:
    label = apply(make.definition, make.label(), make.override())
    assert [(modifier.name, modifier.direction) for modifier in label.modifiers] == [("bulk", 0)]
    assert "raised by" not in recommend(label, "cancel_job").reason


def test_the_recommendation_follows_the_correction_and_names_it(make) -> None:
    """Policy page: Destructive is hidden, Write of Medium risk is limited."""
    assert recommend(make.label(), "cancel_job").action is Action.HIDE
    corrected = recommend(apply(make.definition, make.label(), make.override()), "cancel_job")
    assert corrected.action is Action.LIMIT
    assert "as a person corrected it" in corrected.reason


def test_the_servers_own_annotations_are_held_against_the_corrected_label(make) -> None:
    claims = replace(make.definition, annotations={"readOnlyHint": True})
    written = apply(claims, make.label(claims), make.override())
    read = apply(claims, make.label(claims), make.override(category=Category.READ, risk=Level.LOW))
    assert "Write" in (written.annotation_conflict or "")
    assert read.annotation_conflict is None


@given(
    st.sampled_from(CATEGORIES), st.sampled_from(LEVELS), st.sampled_from(Basis), st.sampled_from(CATEGORIES)
)
def test_any_correction_of_any_label_is_a_valid_classification(make, category, risk, basis, was) -> None:
    """The constructor's invariants; the category is always among the effects."""
    found = make.label(category=was, effects=(was,), basis=basis, confidence=0.5)
    label = apply(make.definition, found, make.override(category=category, risk=risk))
    assert label.category in label.effects
    assert label.evidence == found.evidence
    assert basis is not Basis.NAME or label.confidence <= NAME_ONLY_CAP


@pytest.mark.parametrize(
    ("category", "modifiers", "least"),
    [
        (Category.READ, (), Level.LOW),
        (Category.WRITE, (), Level.LOW),
        (Category.EXECUTE, (), Level.MEDIUM),
        (Category.EXECUTE, ("simulated",), Level.LOW),
        (Category.DESTRUCTIVE, (), Level.HIGH),
        (Category.DESTRUCTIVE, ("own_session",), Level.MEDIUM),
        (Category.FINANCIAL, (), Level.HIGH),
        (Category.FINANCIAL, ("simulated",), Level.MEDIUM),
        (Category.FINANCIAL, ("bulk",), Level.HIGH),
    ],
)
def test_the_floors_are_those_of_the_codebook(category, modifiers, least) -> None:
    """Codebook, "Risk", floors."""
    assert floor(category, modifiers) is least


def test_a_correction_is_for_one_server_unless_it_says_any(make) -> None:
    one = Overrides.in_force([make.override()], TODAY)
    every = Overrides.in_force([make.override(any_server=True)], TODAY)
    assert one.correct("jobs", make.definition, make.label()).override is not None
    assert one.correct("other", make.definition, make.label()).override is None
    assert every.correct("other", make.definition, make.label()).override is not None


def test_the_correction_for_the_server_itself_goes_before_the_one_for_any_server(make) -> None:
    own, every = make.override(), make.override(risk=Level.HIGH, any_server=True, server="other")
    for entries in ([own, every], [every, own]):
        book = Overrides.in_force(entries, TODAY)
        assert book.correct("jobs", make.definition, make.label()).classification.risk is Level.MEDIUM
        assert book.correct("third", make.definition, make.label()).classification.risk is Level.HIGH


def test_a_changed_definition_is_not_corrected_but_put_up_for_review(make) -> None:
    """Our decision: a correction is for one fingerprint; what comes after it has not been looked at."""
    changed = ToolDefinition("jobs", "cancel_job", description="Ends all jobs.")
    found = make.label(changed, review_reasons=())
    result = Overrides.in_force([make.override()], TODAY).correct("jobs", changed, found)
    assert (result.override, result.outdated) == (None, make.override())
    assert result.classification.category is Category.DESTRUCTIVE
    assert "the definition changed since the correction" in result.classification.review_reasons[0]


def test_a_renewed_correction_ends_the_drift_of_the_older_one(make) -> None:
    changed = ToolDefinition("jobs", "cancel_job", description="Ends all jobs.")
    book = Overrides.in_force([make.override(), make.override(fingerprint=changed.fingerprint)], TODAY)
    result = book.correct("jobs", changed, make.label(changed))
    assert result.override is not None
    assert result.outdated is None


@pytest.mark.parametrize(
    ("expires", "applies"),
    [(None, True), (date(2026, 11, 26), True), (TODAY, True), (date(2026, 11, 24), False)],
)
def test_a_correction_applies_up_to_and_on_its_last_day(make, expires, applies) -> None:
    book = Overrides.in_force([make.override(expires=expires)], TODAY)
    assert (book.correct("jobs", make.definition, make.label()).override is not None) is applies


def test_without_corrections_every_label_stays_the_very_same(make) -> None:
    found = make.label()
    assert NO_OVERRIDES.correct("jobs", make.definition, found).classification is found
