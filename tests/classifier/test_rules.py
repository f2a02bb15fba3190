"""The rules' own examples are their tests, as the architecture asks (“Plugging things in”)."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from classifier.reading import Reading
from classifier.rules import RULES, Example, Rule, fire
from classifier.types import CATEGORIES, ToolDefinition

POSITIVE = [
    pytest.param(rule, example, id=f"{rule.id}+{at}")
    for rule in RULES
    for at, example in enumerate(rule.positive)
]
NEGATIVE = [
    pytest.param(rule, example, id=f"{rule.id}-{at}")
    for rule in RULES
    for at, example in enumerate(rule.negative)
]
# The codebook's table "Risk", and three names of ours for what its tie-breaks 5, 18 and 19 say in prose.
MODIFIERS = {
    "bulk", "overwrites", "secrets_out", "secrets_in", "host_shell", "shared_infra",
    "access_change", "ssrf", "public", "recurring", "sensitive", "host_files",
    "sandboxed", "simulated", "draft", "dry_run_default", "own_session", "undo_stated",
    "confirm_token", "bounded_amount", "small_object", "comms", "spends", "named_delete",
    "hosted_model", "money_terms",
}  # fmt: skip


def reading_of(example: Example) -> Reading:
    schema = None
    if example.parameters is not None:
        schema = {"type": "object", "properties": example.parameters, "required": list(example.required)}
    return Reading(ToolDefinition("demo", example.name, description=example.description, input_schema=schema))


@pytest.mark.parametrize(("rule", "example"), POSITIVE)
def test_a_rule_fires_on_its_positive_examples(rule: Rule, example: Example) -> None:
    """Architecture: the examples are the rule's tests."""
    assert [hit.rule for hit in fire([rule], reading_of(example))] == [rule.id]


@pytest.mark.parametrize(("rule", "example"), NEGATIVE)
def test_a_rule_is_silent_on_its_negative_examples(rule: Rule, example: Example) -> None:
    """Architecture: the examples are the rule's tests."""
    assert fire([rule], reading_of(example)) == []


def test_every_rule_has_two_examples_of_each_kind() -> None:
    """Architecture: at least two positive and two negative examples."""
    assert [rule.id for rule in RULES if len(rule.positive) < 2 or len(rule.negative) < 2] == []


def test_rule_ids_are_kebab_case_and_unique() -> None:
    """An id is the anchor of the rule's page."""
    assert [rule.id for rule in RULES if not re.fullmatch(r"[a-z]+(-[a-z]+)*", rule.id)] == []
    assert [name for name, count in Counter(rule.id for rule in RULES).items() if count > 1] == []


def test_a_rule_argues_for_a_category_or_a_modifier_of_the_codebook() -> None:
    """Codebook: the five categories, and the modifiers of “Risk”."""
    known = MODIFIERS | {category.value for category in CATEGORIES}
    assert [rule.id for rule in RULES if rule.argues_for not in known] == []


def test_only_modifiers_have_a_direction() -> None:
    """A category has a base level; only a modifier moves it."""
    assert [rule.id for rule in RULES if rule.category is not None and rule.direction] == []


def test_every_rule_explains_itself() -> None:
    """Title and rationale are what a rule's page shows."""
    assert [
        rule.id for rule in RULES if not (rule.title and rule.rationale.endswith((".", ")")) and rule.since)
    ] == []
