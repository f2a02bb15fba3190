"""States that a client carries."""

from __future__ import annotations

import pytest

from catalog.gateway.seal import LIFETIME, Seal


def test_a_state_comes_back_as_it_went_and_only_once() -> None:
    """Policy page: integrity-protected state; a replay is nothing."""
    seal = Seal()
    token = seal.close({"kind": "approval", "n": 1})
    assert seal.open(token) == {"kind": "approval", "n": 1}
    assert seal.open(token) is None


def test_a_changed_state_is_not_opened() -> None:
    """Every single character of it is protected."""
    seal = Seal()
    token = seal.close({"a": 1})
    for place in range(len(token)):
        other = "A" if token[place] != "A" else "B"
        assert seal.open(token[:place] + other + token[place + 1 :]) is None
    assert seal.open(token) == {"a": 1}


@pytest.mark.parametrize("token", ["", ".", "x.y", "\ud800", "é.é", "a" * 10_000])
def test_what_is_no_state_of_ours_is_not_opened(token: str) -> None:
    """A client can send anything."""
    assert Seal().open(token) is None


def test_a_state_of_another_process_is_not_opened() -> None:
    """The key never leaves the process."""
    assert Seal().open(Seal().close({})) is None


def test_a_state_expires() -> None:
    """And is forgotten then."""
    now = [0.0]
    seal = Seal(lambda: now[0])
    token = seal.close({})
    now[0] = LIFETIME
    assert seal.open(token) is None
    seal.close({})
    assert len(seal._open) == 1
