"""Text from a server is made visible before anybody looks at it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from catalog.visible import one_line, visible


@given(st.text(st.characters(codec=None)))
def test_nothing_unseen_survives(text: str) -> None:
    assert one_line(text).isprintable()
    assert visible(text, keep_newlines=True).replace("\n", "").replace("\t", "").isprintable()


def test_overrides_and_controls_are_named() -> None:
    assert visible("a\u202eb\u001b[31m") == "a‹U+202E›b‹U+001B›[31m"


def test_long_lines_are_cut_with_an_ellipsis() -> None:
    assert one_line("one   two\nthree", 8) == "one two…"
