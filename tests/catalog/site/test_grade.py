"""The exposure grade: an open sum in which every point can be found in a tool (site.md, "Server")."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.site.grade import (
    COMBINATIONS,
    OUTSIDE_RULES,
    STEPS,
    UNTRUSTED_RULES,
    Leg,
    exposure,
    formula,
    grade,
    legs,
)
from classifier.labels import MODIFIERS
from classifier.rules import RULES
from classifier.types import (
    CATEGORIES,
    Basis,
    Category,
    Classification,
    DecidedBy,
    Evidence,
    Level,
    Modifier,
    RuleHit,
)

ROOT = Path(__file__).parents[3]
QUOTED = Evidence("name", "tool", "model")
GRADES = [letter for letter, _ in reversed(STEPS)]


def label(
    level: Level,
    category: Category = Category.READ,
    modifiers: tuple[str, ...] = (),
    rules: tuple[str, ...] = (),
) -> Classification:
    return Classification(
        fingerprint="0" * 64,
        category=category,
        risk=level,
        effects=(category,),
        modifiers=tuple(Modifier(name, 1, QUOTED) for name in modifiers),
        confidence=0.9,
        evidence=(QUOTED,),
        basis=Basis.TEXT,
        rule_hits=tuple(RuleHit(rule, "Read", QUOTED) for rule in rules),
        verdict=None,
        decided_by=DecidedBy.RULES,
        reason="as made for this test",
        annotation_conflict=None,
        review_reasons=(),
        rules_version="1",
    )


def numbered(labels: list[Classification]) -> list[tuple[str, Classification]]:
    return [(f"tool {number}", one) for number, one in enumerate(labels)]


LABELS = st.builds(
    label,
    st.sampled_from(Level),
    st.sampled_from(CATEGORIES),
    st.sets(st.sampled_from(sorted(MODIFIERS)), max_size=3).map(tuple),
    st.sets(st.sampled_from([rule.id for rule in RULES]), max_size=3).map(tuple),
)


@pytest.mark.parametrize(
    ("levels", "points", "letter"),
    [
        ([], 0, "A"),
        ([Level.LOW] * 300, 0, "A"),
        ([Level.MEDIUM], 5 + 1, "B"),
        ([Level.HIGH], 20 + 2, "C"),
        ([Level.CRITICAL], 30 + 4, "C"),
        ([Level.CRITICAL] * 3, 30 + 12, "D"),
        ([Level.CRITICAL] * 7, 30 + 28, "E"),
        ([Level.CRITICAL] * 300, 30 + 30, "E"),
    ],
)
def test_the_worst_tool_counts_once_and_breadth_to_its_limit(
    levels: list[Level], points: int, letter: str
) -> None:
    """The formula of docs/classification.md, by hand."""
    found = exposure(numbered([label(level) for level in levels]))
    assert (found.points, found.grade) == (points, letter)


def test_three_legs_on_different_tools_are_a_combination() -> None:
    """Reads what is private, takes in text from strangers, sends outside."""
    tools = [
        ("fetch_page", label(Level.MEDIUM, modifiers=("ssrf",))),
        ("get_key", label(Level.HIGH, modifiers=("secrets_out",))),
        ("send_mail", label(Level.HIGH, Category.EXECUTE, rules=("contacts-outside",))),
    ]
    lines = [line for line in exposure(tools).lines if line.part == "combination"]
    assert [(line.points, line.tools) for line in lines] == [
        (20, ("fetch_page", "get_key", "send_mail")),
        (5, ("get_key", "send_mail")),
    ]
    for absent in range(3):
        rest = exposure(tools[:absent] + tools[absent + 1 :])
        assert 20 not in [line.points for line in rest.lines if line.part == "combination"]


def test_all_three_with_breadth_are_the_worst_grade() -> None:
    shell = label(Level.CRITICAL, Category.EXECUTE, ("host_shell", "host_files", "ssrf"))
    assert exposure(numbered([shell] * 8)).grade == "F"


@pytest.mark.parametrize(
    ("one", "found"),
    [
        (label(Level.LOW), set()),
        (label(Level.MEDIUM, modifiers=("host_files",)), {Leg.PRIVATE}),
        (label(Level.CRITICAL, Category.DESTRUCTIVE, ("host_files",)), set()),
        (label(Level.MEDIUM, Category.WRITE, ("comms",)), set()),
        (label(Level.HIGH, Category.WRITE, ("public",)), {Leg.OUTSIDE}),
        (label(Level.MEDIUM, Category.EXECUTE, rules=("drives-an-interface",)), {Leg.UNTRUSTED}),
        (label(Level.CRITICAL, Category.EXECUTE, ("host_shell",)), {Leg.COMMANDS}),
    ],
)
def test_a_leg_is_told_by_category_modifiers_and_rules(one: Classification, found: set[Leg]) -> None:
    """Deleting files shows nobody their content; a comment in one's own workspace goes nowhere."""
    assert legs(one) == found


def test_the_rules_that_tell_a_leg_exist() -> None:
    assert {rule.id for rule in RULES} >= UNTRUSTED_RULES | OUTSIDE_RULES


@given(st.lists(LABELS, max_size=12), LABELS, st.integers(0, 12))
def test_one_more_tool_never_makes_a_grade_better(
    labels: list[Classification], one: Classification, at: int
) -> None:
    before, after = exposure(numbered(labels)), exposure(numbered([*labels[:at], one, *labels[at:]]))
    assert after.points >= before.points
    assert GRADES.index(after.grade) >= GRADES.index(before.grade)


@given(st.lists(LABELS, max_size=12))
def test_every_point_can_be_found_in_a_tool(labels: list[Classification]) -> None:
    """Traceable: no line without tools, and the lines are the whole sum."""
    found, keys = exposure(numbered(labels)), {key for key, _ in numbered(labels)}
    assert found.points == sum(line.points for line in found.lines)
    assert all(line.tools and keys.issuperset(line.tools) for line in found.lines)


def test_the_documentation_states_the_formula_that_is_used() -> None:
    """docs/classification.md, "Exposure grade"."""
    text = " ".join((ROOT / "docs/classification.md").read_text(encoding="utf-8").split())
    assert [sentence for sentence in formula() if sentence not in text] == []
    assert [rule for rule in UNTRUSTED_RULES | OUTSIDE_RULES if f"`{rule}`" not in text] == []


def test_the_formula_names_every_number() -> None:
    """What the methodology page shows is made from the table that is used."""
    text = " ".join(formula())
    for letter, least in STEPS:
        assert f"{letter} from {least}" in text
        assert grade(least) == letter
    for combination in COMBINATIONS:
        assert f"{combination.points} points" in text
