"""From category and modifiers to a level: the codebook's "Risk"."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.risk import BASE, NOTED, level
from classifier.types import CATEGORIES, Category, Level

UPS = [
    "bulk",
    "overwrites",
    "secrets_out",
    "secrets_in",
    "host_shell",
    "shared_infra",
    "access_change",
    "ssrf",
    "public",
    "host_files",
]
DOWNS = ["sandboxed", "simulated", "draft", "own_session", "small_object", "hosted_model"]


@pytest.mark.parametrize(
    ("category", "up", "down", "expected"),
    [
        (Category.READ, ["ssrf"], [], Level.MEDIUM),
        (Category.READ, ["secrets_out"], [], Level.HIGH),
        (Category.READ, ["host_files"], [], Level.MEDIUM),
        (Category.WRITE, ["host_files"], [], Level.MEDIUM),
        (Category.WRITE, ["overwrites"], [], Level.HIGH),
        (Category.WRITE, [], ["small_object"], Level.LOW),
        (Category.WRITE, ["bulk", "access_change"], [], Level.HIGH),
        (Category.EXECUTE, ["host_shell"], [], Level.CRITICAL),
        (Category.EXECUTE, ["public"], [], Level.HIGH),
        (Category.EXECUTE, ["host_shell"], ["sandboxed"], Level.HIGH),
        (Category.EXECUTE, [], ["hosted_model"], Level.MEDIUM),
        (Category.EXECUTE, [], ["own_session", "sandboxed"], Level.MEDIUM),
        (Category.DESTRUCTIVE, [], ["small_object"], Level.HIGH),
        (Category.DESTRUCTIVE, [], ["own_session"], Level.MEDIUM),
        (Category.DESTRUCTIVE, [], ["small_object", "sandboxed"], Level.HIGH),
        (Category.FINANCIAL, [], ["draft"], Level.HIGH),
        (Category.FINANCIAL, [], ["money_terms"], Level.HIGH),
        (Category.FINANCIAL, [], ["simulated"], Level.MEDIUM),
    ],
)
def test_modifiers_move_the_base_level(
    category: Category, up: list[str], down: list[str], expected: Level
) -> None:
    """Codebook, "Risk": base, steps, the ways to Critical, floors."""
    assert level(category, up, down) is expected


@pytest.mark.parametrize("category", CATEGORIES)
def test_without_modifiers_the_base_stands(category: Category) -> None:
    """Codebook: Read Low, Write Medium, Execute High, Destructive and Financial Critical."""
    assert level(category, (), ()) is BASE[category]


@pytest.mark.parametrize(
    ("category", "up", "down"),
    [
        (Category.WRITE, [], ["hosted_model"]),
        (Category.WRITE, [], ["money_terms"]),
        (Category.EXECUTE, [], ["money_terms"]),
        (Category.READ, ["named_delete"], []),
    ],
)
def test_what_is_said_of_another_category_is_no_step(
    category: Category, up: list[str], down: list[str]
) -> None:
    """Codebook rules 5, 18 and 19: a generated file is a Write like any other."""
    assert level(category, up, down) is BASE[category]


@pytest.mark.parametrize("noted", sorted(NOTED))
@pytest.mark.parametrize("category", CATEGORIES)
def test_noted_modifiers_are_no_step(category: Category, noted: str) -> None:
    """Codebook rule 17."""
    assert level(category, [noted], ()) is BASE[category]


@given(
    st.sampled_from(CATEGORIES),
    st.lists(st.sampled_from(UPS)),
    st.lists(st.sampled_from(DOWNS)),
    st.sampled_from(UPS),
)
def test_one_more_raising_modifier_never_lowers_the_level(
    category: Category, up: list[str], down: list[str], more: str
) -> None:
    """More evidence of risk never gives a laxer answer."""
    assert level(category, [*up, more], down).rank >= level(category, up, down).rank
