"""The recommendation table: each expectation is a row of the policy page, "What we recommend"."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.policy.recommend import Profile, recommend
from catalog.policy.signals import BECAUSE
from classifier.risk import BASE
from classifier.rules import RULES
from classifier.types import CATEGORIES, LEVELS, Action, Category, Level

STRICTNESS = list(Action)  # "from lax to strict"


@pytest.mark.parametrize(
    ("category", "risk", "action", "per_minute"),
    [
        (Category.READ, Level.LOW, Action.ALLOW, None),
        (Category.READ, Level.MEDIUM, Action.LIMIT, 60),
        (Category.READ, Level.HIGH, Action.APPROVE, None),
        (Category.WRITE, Level.LOW, Action.LIMIT, 30),
        (Category.WRITE, Level.MEDIUM, Action.LIMIT, 30),
        (Category.WRITE, Level.HIGH, Action.LIMIT, 10),
        (Category.EXECUTE, Level.MEDIUM, Action.LIMIT, 30),
        (Category.EXECUTE, Level.HIGH, Action.LIMIT, 10),
        (Category.EXECUTE, Level.CRITICAL, Action.APPROVE, 10),
        (Category.DESTRUCTIVE, Level.HIGH, Action.HIDE, None),
        (Category.DESTRUCTIVE, Level.CRITICAL, Action.HIDE, None),
        (Category.FINANCIAL, Level.MEDIUM, Action.APPROVE, None),
        (Category.FINANCIAL, Level.CRITICAL, Action.APPROVE, None),
        (Category.UNKNOWN, Level.UNKNOWN, Action.DENY, None),
        (Category.READ, Level.UNKNOWN, Action.DENY, None),
    ],
)
def test_each_row_of_the_table_gives_its_action_and_limit(label, category, risk, action, per_minute):
    recommendation = recommend(label(category, risk), "t")
    assert recommendation.action is action
    assert [limit.max_calls for limit in recommendation.limits] == ([per_minute] if per_minute else [])
    assert all(limit.window == "minute" for limit in recommendation.limits)


def test_the_counter_is_named_after_the_tool(label):
    # Policy page: "Counters are <tool>_rate".
    assert (
        recommend(label(Category.WRITE, Level.HIGH), "execute_workflow").limits[0].counter
        == "execute_workflow_rate"
    )


@pytest.mark.parametrize("category", [Category.READ, Category.WRITE, Category.EXECUTE, Category.FINANCIAL])
def test_a_doubtful_label_is_denied(label, category):
    # Policy page: "Unknown or needs_review: deny".
    assert recommend(label(category, Level.LOW, doubtful=True), "t").action is Action.DENY


def test_a_doubtful_destructive_tool_stays_hidden(label):
    # Our decision: hide holds under any default, "not listed" only under default deny.
    assert recommend(label(Category.DESTRUCTIVE, Level.CRITICAL, doubtful=True), "t").action is Action.HIDE


def test_the_strict_profile_allows_only_read_low(label):
    # Policy page, profiles: "strict (only Read/Low allowed)".
    permitted = {
        (category, level)
        for category in Category
        for level in Level
        if recommend(label(category, level), "t", Profile.STRICT).action not in {Action.HIDE, Action.DENY}
    }
    assert permitted == {(Category.READ, Level.LOW)}


def test_the_read_only_profile_keeps_read_as_in_the_table_and_permits_nothing_else(label):
    for category in Category:
        for level in Level:
            action = recommend(label(category, level), "t", Profile.READ_ONLY).action
            if category is Category.READ:
                assert action is recommend(label(category, level), "t").action
            else:
                assert action in {Action.HIDE, Action.DENY}


def tightness(recommendation):
    """An action's place from lax to strict, and within it the calls let through (fewer is stricter)."""
    calls = min((limit.max_calls for limit in recommendation.limits), default=10**9)
    return STRICTNESS.index(recommendation.action), -calls


@given(
    st.sampled_from(CATEGORIES), st.sampled_from(LEVELS), st.sampled_from(LEVELS), st.sampled_from(Profile)
)
def test_a_higher_level_never_gets_a_laxer_recommendation(label, category, one, other, profile):
    # Architecture, invariants: "more evidence of risk never gives a laxer recommendation".
    low, high = sorted((one, other), key=lambda level: level.rank)
    assert tightness(recommend(label(category, high), "t", profile)) >= tightness(
        recommend(label(category, low), "t", profile)
    )


@given(st.sampled_from(Category), st.sampled_from(Level), st.sampled_from(Profile))
def test_doubt_never_makes_a_recommendation_laxer(label, category, level, profile):
    certain = recommend(label(category, level), "t", profile)
    assert tightness(recommend(label(category, level, doubtful=True), "t", profile)) >= tightness(certain)


@given(st.sampled_from(Category), st.sampled_from(Level), st.booleans(), st.sampled_from(Profile))
def test_no_profile_is_laxer_than_the_recommended_one(label, category, level, doubtful, profile):
    it = label(category, level, doubtful=doubtful)
    assert tightness(recommend(it, "t", profile)) >= tightness(recommend(it, "t"))


@given(st.sampled_from(Category), st.sampled_from(Level), st.booleans(), st.sampled_from(Profile))
def test_what_is_unknown_is_never_callable(label, category, level, doubtful, profile):
    # Product page: "Unknown is a value, with a reason, and its policy is deny".
    if category is Category.UNKNOWN or level is Level.UNKNOWN:
        action = recommend(label(category, level, doubtful=doubtful), "t", profile).action
        assert action in {Action.HIDE, Action.DENY}


@given(st.sampled_from(Category), st.sampled_from(Level), st.booleans(), st.sampled_from(Profile))
def test_the_reason_is_one_sentence(label, category, level, doubtful, profile):
    reason = recommend(label(category, level, doubtful=doubtful), "t", profile).reason
    assert reason[0].isupper()
    assert reason.count(".") == 1
    assert reason.endswith(".")


def test_the_reason_names_what_raised_the_level_and_never_the_server_s_own_words(label):
    reason = recommend(label(Category.READ, Level.MEDIUM, raised_by=("ssrf",)), "<b>fetch</b>").reason
    assert "because it fetches any address it is given" in reason
    assert "<b>" not in reason


RAISING = sorted({rule.argues_for for rule in RULES if rule.category is None and rule.direction > 0})


def test_every_modifier_that_raises_has_words():
    assert set(RAISING) <= set(BECAUSE)


@given(
    st.sampled_from(Category),
    st.sampled_from(Level),
    st.booleans(),
    st.lists(st.sampled_from([*RAISING, "of_a_newer_version"]), max_size=3).map(tuple),
    st.sampled_from(Profile),
)
def test_no_reason_holds_an_internal_name(label, category, level, doubtful, raised_by, profile):
    # The reason goes into on_deny, which people and agents read.
    reason = recommend(label(category, level, doubtful=doubtful, raised_by=raised_by), "t", profile).reason
    assert not re.search(r"[a-z]_[a-z]|\bssrf\b", reason)


@given(st.sampled_from(CATEGORIES), st.sampled_from(LEVELS), st.sampled_from(RAISING))
def test_a_cause_is_only_named_where_the_level_is_above_the_categorys_own(label, category, level, modifier):
    reason = recommend(label(category, level, raised_by=(modifier,)), "t").reason
    assert (BECAUSE[modifier] in reason) is (level.rank > BASE[category].rank)


def test_the_reason_for_a_doubtful_label_asks_for_a_person(label):
    assert "in doubt" in recommend(label(Category.WRITE, Level.LOW, doubtful=True), "t").reason
