"""Public JSON is safe to print and says exactly what it was given."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from catalog.public import to_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters()),
    lambda v: st.lists(v) | st.dictionaries(st.text(), v),
)


@given(VALUES)
def test_json_reads_back_as_it_was_and_holds_nothing_unseen(value: object) -> None:
    text = to_json(value)
    assert json.loads(text) == value
    assert text.isprintable()
    text.encode("utf-8")


def test_readable_letters_of_any_script_stand_as_they_are() -> None:
    assert to_json({"name": "取消任务"}) == '{"name": "取消任务"}'
