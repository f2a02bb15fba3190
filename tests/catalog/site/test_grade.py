"""The exposure grade: an open sum (site.md, "Server")."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.site.grade import grade, points
from classifier.types import Level


@pytest.mark.parametrize(
    ("levels", "letter"),
    [
        ([], "A"),
        ([Level.LOW] * 300, "A"),
        ([Level.MEDIUM], "B"),
        ([Level.CRITICAL], "C"),
        ([Level.CRITICAL] * 2, "D"),
        ([Level.CRITICAL] * 4, "E"),
        ([Level.CRITICAL] * 10, "F"),
    ],
)
def test_grades_at_their_borders(levels: list[Level], letter: str) -> None:
    assert grade(points(levels)) == letter


@given(st.lists(st.sampled_from(Level)), st.sampled_from(Level))
def test_one_more_tool_never_makes_a_grade_better(levels: list[Level], one: Level) -> None:
    assert grade(points([*levels, one])) >= grade(points(levels))
