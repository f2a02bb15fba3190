"""Names and patterns (policy page: "exact beats longest pattern beats `*`")."""

import re
import time

from hypothesis import given
from hypothesis import strategies as st

from catalog.policy.names import Names, fits

PATTERNS = st.text("ab*", min_size=1, max_size=6)
TEXTS = st.text("ab", max_size=8)


def expression(pattern):
    return re.compile(".*".join(map(re.escape, pattern.split("*"))), re.DOTALL)


@given(PATTERNS, TEXTS)
def test_a_star_stands_for_any_text(pattern, text):
    assert fits(pattern, text) is (expression(pattern).fullmatch(text) is not None)


@given(PATTERNS, PATTERNS, TEXTS)
def test_a_pattern_that_fits_another_fits_all_that_the_other_fits(wider, narrower, text):
    if fits(wider, narrower) and fits(narrower, text):
        assert fits(wider, text)


@given(st.sets(PATTERNS, max_size=5), TEXTS)
def test_one_entry_is_meant_and_it_is_the_most_particular(patterns, text):
    names = Names(dict.fromkeys(patterns), patterns=True)
    key = names.key(text)
    fitting = [pattern for pattern in patterns if fits(pattern, text)]
    assert (key in fitting) if fitting else key is None
    if key is not None and key != text:
        assert len(key.replace("*", "")) == max(len(pattern.replace("*", "")) for pattern in fitting)


def test_a_pattern_of_many_stars_is_no_attack():
    started = time.monotonic()
    assert not fits("*a" * 60 + "b", "a" * 100_000)
    assert time.monotonic() - started < 1
