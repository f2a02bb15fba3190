"""The strict JSON reader: RFC 8259 plus the refusals of the policy page ("strict parse")."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.policy.source import MAX_DEPTH, child, read

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner)
    ),
    max_leaves=20,
)


@given(JSON, st.sampled_from([None, 1, 3]), st.booleans())
def test_any_json_is_read_as_the_standard_reader_reads_it(value, indent, ascii_only):
    source = read(json.dumps(value, indent=indent, ensure_ascii=ascii_only))
    assert source.problems == []
    assert source.value == value


@given(st.text(alphabet='{}[]",:\\ntrue0eE+-.u d8\n\ufeff\ud800'))
def test_no_text_makes_it_raise_and_what_it_takes_the_standard_reader_takes(text):
    source = read(text)
    if not source.problems:
        json.loads(text)
    else:
        assert all(1 <= problem.line <= text.count("\n") + 1 for problem in source.problems)


def test_every_value_knows_its_line():
    lines = read('{\n "a": [\n  1,\n  {"b/c": 2}\n ],\n "d": 3}').lines
    assert lines == {"": 1, "/a": 2, "/a/0": 3, "/a/1": 4, "/a/1/b~1c": 4, "/d": 6}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"a": 1, "a": 2}', "twice"),
        ('{"a": 1, "\\u0061": 2}', "twice"),
        ("[NaN]", "NaN"),
        ("[Infinity]", "Infinity"),
        ("[1e400]", "too large"),
        ("[-1e400]", "too large"),
        ("[" + "9" * 5000 + "]", "too large"),
        ('["\\ud800"]', "lone surrogate"),
        ('["\ud800"]', "lone surrogate"),
        ("\ufeff{}", "byte order mark"),
        ("{} {}", "after the end"),
        ("[1,]", "value was expected"),
        ('{"a" 1}', "':' was expected"),
        ('{"a": 1', "'}' was expected"),
        ("{a: 1}", "key in double quotes"),
        ("[01]", "']' was expected"),
        ("[+1]", "value was expected"),
        ("[.5]", "value was expected"),
        ("[-]", "not a JSON number"),
        ('["a\nb"]', "control character"),
        ('["\\x"]', "escape"),
        ("// no\n{}", "value was expected"),
        ("", "end of the document"),
        ("[" * (MAX_DEPTH + 2), "nested deeper"),
    ],
)
def test_what_a_policy_must_not_hold_is_refused(text, message):
    (problem,) = read(text).problems
    assert message in problem.message


def test_it_goes_on_after_a_duplicate_a_huge_number_and_a_surrogate():
    messages = [problem.message for problem in read('{"a": 1,\n"a": 1e999,\n"b": "\\udfff"}').problems]
    assert len(messages) == 3


def test_fractions_stay_exact():
    # Policy page: "Numbers are decimals".
    assert read("[0.1, 1, 1.0]").value == [Decimal("0.1"), 1, Decimal("1.0")]
    assert [type(value) for value in read("[1, 1.0]").value] == [int, Decimal]


def test_a_pointer_escapes_slash_and_tilde():
    assert child("/tools", "a/b~c") == "/tools/a~1b~0c"  # RFC 6901


@pytest.mark.parametrize(
    ("text", "line"), [('{"a": 1,\n"b": 2\n\n\n', 2), ("", 1), ("\n\n", 1), ('{"a":\n', 1)]
)
def test_an_end_that_comes_too_soon_is_on_the_last_line_that_holds_anything(text, line):
    # An editor jumps there; the line after the last one does not exist.
    assert read(text).problems[-1].line == line
