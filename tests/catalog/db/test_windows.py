"""No window ever lets more through than it says, whatever the clock does (policy page: "Sessions and grants")."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from catalog.db import windows
from catalog.db.windows import Window

AMOUNTS = st.decimals(0, 5, places=2)
LENGTHS = st.sampled_from([1_000, 60_000, 3_600_000, 86_400_000])
MAXIMUM = Decimal(7)
STEPS = st.lists(
    st.tuples(st.floats(-2, 2), AMOUNTS), max_size=60
)  # in windows: how the clock moves, and what is wanted


def accepted(window, steps):
    """(time, amount) of what found room, with the time that the clock showed."""
    slots, at, found = (), 1_767_225_600_000, []
    for share, amount in steps:
        at += round(share * window.length)
        live = window.live(slots, at)
        if windows.total((*(used for _, used in live), amount)) <= MAXIMUM:
            slots, _ = window.enter(live, at, amount)
            found.append((at, amount))
    return found


@given(LENGTHS, STEPS)
def test_a_fixed_window_never_holds_more_than_its_maximum(length, steps):
    # With a clock that steps back: as if it had stood still at the latest time at which something was let in.
    used, latest = {}, 0
    for at, amount in accepted(Window(length, rolling=False), steps):
        latest = max(latest, at)
        number = latest // length
        used[number] = used.get(number, 0) + amount
    assert all(amount <= MAXIMUM for amount in used.values())


@given(LENGTHS, STEPS)
def test_a_rolling_window_never_holds_more_than_its_maximum(length, steps):
    latest, entered = 0, []
    for at, amount in accepted(Window(length, rolling=True), steps):
        latest = max(latest, at)
        entered.append((latest, amount))
        assert sum(used for time, used in entered if time > latest - length) <= MAXIMUM


@given(
    LENGTHS, st.booleans(), st.lists(st.tuples(st.floats(0, 1), AMOUNTS), min_size=1, max_size=30), AMOUNTS
)
def test_the_time_to_wait_is_enough_and_not_a_millisecond_too_long(length, rolling, steps, excess):
    window, slots, at = Window(length, rolling=rolling), (), 1_767_225_600_000
    for share, amount in steps:
        at += round(share * length)
        slots, _ = window.enter(window.live(slots, at), at, amount)

    def used(time):
        return sum(amount for _, amount in window.live(slots, time))

    before, wait = used(at), window.wait(window.live(slots, at), at, excess)
    if wait is None:
        assert excess > before
        return
    assert used(at + wait) <= before - excess
    assert excess == 0 or used(at + wait - 1) > before - excess


@given(LENGTHS, st.booleans(), st.lists(AMOUNTS, min_size=1, max_size=20))
def test_what_is_given_back_is_exactly_what_was_taken(length, rolling, amounts):
    window, slots, places = Window(length, rolling=rolling), (), []
    for step, amount in enumerate(amounts):
        slots, number = window.enter(slots, step * length // 50, amount)
        places.append(number)
    for number, amount in zip(places, amounts, strict=True):
        slots = windows.take_back(slots, number, amount)
    assert slots == ()


@given(st.lists(st.tuples(st.integers(0, 10**14), st.decimals(0, 10**20, places=6)), max_size=20))
def test_slots_read_back_as_they_were_written(slots):
    assert windows.read(windows.write(tuple(slots))) == tuple(slots)


@given(st.text())
def test_no_stored_text_raises_anything_but_its_own_error(text):
    try:
        windows.read(text)
    except ValueError:
        return
    assert windows.total(amount for _, amount in windows.read(text)) >= 0


def test_a_rolling_window_needs_at_most_a_hundred_slots_and_one():
    window, slots = Window(60_000, rolling=True), ()
    for at in range(0, 200_000, 7):
        slots, _ = window.enter(window.live(slots, at), at, Decimal(1))
    assert len(slots) <= 102
