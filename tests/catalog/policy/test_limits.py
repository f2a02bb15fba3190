"""What a call takes of a counter (policy page: "0.99 counts 0.99", "finite and ≥ 0")."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.policy.decide import decide
from catalog.policy.decision import Code
from catalog.policy.limits import counter_of


def reserved(policy, made, **limit):
    rule = {"limits": [{"counter": "c", "window": "minute", "max": 10, **limit}]}
    if limit.get("concurrent"):
        del rule["limits"][0]["window"]
    found = decide(policy(tools={"*": rule}), made)
    return found.reservations[0] if found.reservations else found.code


@pytest.mark.parametrize(
    ("window", "seconds"), [("second", 1), ("minute", 60), ("hour", 3600), ("day", 86_400)]
)
def test_a_window_has_its_length(policy, call, window, seconds):
    room = reserved(policy, call(), window=window)
    assert (room.key, room.amount, room.maximum, room.window_seconds) == ("c", 1, 10, seconds)
    assert room.what == f"10 calls {'an' if window == 'hour' else 'a'} {window}"


def test_rolling_and_concurrent_are_told(policy, call):
    assert reserved(policy, call(), rolling=True).rolling
    room = reserved(policy, call(), concurrent=True)
    assert (room.concurrent, room.window_seconds, room.what) == (True, 0, "10 calls at a time")


@pytest.mark.parametrize("amount", [0, 1, Decimal("0.99"), Decimal("0.0000000000000000000000000000000001")])
def test_an_amount_counts_exactly(policy, call, amount):
    assert reserved(policy, call("t", {"n": amount}), add="args.n").amount == amount


def test_minus_zero_counts_nothing(policy, call):
    amount = reserved(policy, call("t", {"n": Decimal("-0.0")}), add="args.n").amount
    assert str(amount) == "0.0"


@pytest.mark.parametrize(
    "arguments", [{}, {"n": None}, {"n": "1"}, {"n": True}, {"n": -1}, {"n": Decimal("-0.01")}, {"n": [1]}, {"n": Decimal("NaN")},
                  {"n": Decimal("Infinity")}, {"n": 1.0}]
)  # fmt: skip
def test_an_amount_that_cannot_be_added_up_is_denied(policy, call, arguments):
    assert reserved(policy, call("t", arguments), add="args.n") is Code.ARGUMENTS


def test_a_counter_is_kept_apart_by_what_it_names(policy, call):
    words = ["grant", "session", "tool", "args.currency"]
    keys = {
        reserved(policy, call(tool, {"currency": currency}, session=session), by=words).key
        for tool in ("t", "u")
        for currency in ("EUR", "GBP")
        for session in ("", "1")
    }
    assert len(keys) == 8
    assert {counter_of(key) for key in keys} == {"c"}


def test_equal_numbers_share_a_cell_and_the_text_of_one_does_not(policy, call):
    def key(value):
        return reserved(policy, call("t", {"a": value}), by=["args.a"]).key

    assert key(1) == key(Decimal("1.0"))
    assert len({key(1), key("1"), key(True), key(None)}) == 4


@pytest.mark.parametrize("arguments", [{}, {"a": []}, {"a": {}}, {"a": "x" * 257}])
def test_a_cell_needs_a_short_value(policy, call, arguments):
    assert reserved(policy, call("t", arguments), by=["args.a"]) is Code.ARGUMENTS


CELLS = st.tuples(st.text(max_size=4), st.text(max_size=4))


@given(CELLS, CELLS)
def test_different_cells_never_share_a_key(policy, call, one, other):
    def key(cell):
        return reserved(policy, call("t", {"a": cell[0], "b": cell[1]}), by=["args.a", "args.b"]).key

    assert (key(one) == key(other)) is (one == other)


def test_a_pattern_s_counter_is_shared_by_its_tools_unless_kept_apart(policy, call):
    assert reserved(policy, call("t")).key == reserved(policy, call("u")).key
    assert reserved(policy, call("t"), by=["tool"]).key != reserved(policy, call("u"), by=["tool"]).key
