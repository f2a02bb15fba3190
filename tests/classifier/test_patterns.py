"""Many patterns in one pass find what each of them finds alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.patterns import Patterns, compiled

SOURCES = [
    r"\bsaves?\b[^.\n]{0,12}\bfile\b",
    r"\bfile\b",
    r"(删|file).{0,12}(除|now)",
    r"x{2,3}y",
    r"^$",
    *[rf"\bword{number}\b" for number in range(150)],
]


@pytest.fixture(scope="module")
def patterns() -> Patterns:
    known = Patterns()
    for source in SOURCES:
        known.add(source)
    return known


@given(
    st.lists(
        st.sampled_from(["save", "file", "the", ".", "\n", "删", "除", "now", "xxy", "xy", "word7"])
    ).map(" ".join)
)
def test_all_at_once_finds_what_each_finds_alone(patterns: Patterns, text: str) -> None:
    """The automata know wide gaps without their limit; the limit must count all the same."""
    alone = {at for at, source in enumerate(SOURCES) if compiled(source).search(text)}
    assert set(patterns.found_in(text)) == alone


def test_a_gap_wider_than_its_limit_is_no_match(patterns: Patterns) -> None:
    """`{0,12}` means at most twelve characters."""
    assert 0 in patterns.found_in("save it to a file")
    assert 0 not in patterns.found_in("save it to a quite different file")


def test_the_same_pattern_has_one_number() -> None:
    """Rules share patterns; each is looked for once."""
    known = Patterns()
    assert known.add(r"\ba\b") == known.add(r"\ba\b") != known.add(r"\bb\b")


def test_a_pattern_that_comes_too_late_is_refused() -> None:
    """An automaton cannot grow; a silent miss would be a rule that never fires."""
    known = Patterns()
    known.add("a")
    assert known.found_in("a") == [0]
    with pytest.raises(RuntimeError, match="comes after"):
        known.add("b")
