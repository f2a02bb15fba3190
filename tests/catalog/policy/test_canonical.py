"""The canonical spelling behind a policy's digest."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.policy.canonical import canonical
from catalog.policy.grammar import parse
from catalog.policy.source import read

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(JSON)
def test_the_canonical_spelling_is_json_that_means_the_same(value):
    text = canonical(value)
    assert text.isascii()
    assert (
        read(text).value == value or "e" in text
    )  # beyond the reader's range a number is refused, not changed


@pytest.mark.parametrize(
    ("one", "other"), [("1", "1.0"), ("100", "1e2"), ("0", "-0.0"), ("0.10", "1e-1"), ("-5", "-50e-1")]
)
def test_equal_numbers_are_spelt_alike(one, other):
    assert canonical(read(one).value) == canonical(read(other).value)


def test_a_number_with_a_huge_exponent_is_not_written_out():
    assert len(canonical(Decimal("1e-999999"))) < 20


def test_order_and_white_space_do_not_change_a_policy_s_digest_and_content_does():
    one = parse('{"version": "2", "default": "deny", "hide": ["a"]}', "p").digest
    assert parse('{"hide":["a"],\n"default":"deny","version":"2"}', "p").digest == one
    assert parse(json.dumps({"version": "2", "default": "deny", "hide": ["b"]}), "p").digest != one
    assert len(one) == 64
