"""Limits against reconnects, crowds, crashes and servers that fail after the effect: counted by what truly happened.

Source: design, bypass corpus ("nothing gets through, nothing is counted twice or lost"); issue, reliability.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

Json = dict[str, Any]


def limited(tool: str, most: int, **more: Any) -> Json:
    limit = {"counter": "n", "window": "day", "max": most, **more}
    return {"version": "2", "default": "deny", "tools": {"note": {}, tool: {"limits": [limit]}}}


def passed(answer: Json) -> bool:
    return "result" in answer and not answer["result"].get("isError")


def code(answer: Json) -> str:
    found: str = answer["result"]["_meta"]["catalog/denial"]["code"]
    return found


@pytest.mark.parametrize("gateways", [1, 3])
def test_of_two_hundred_calls_at_once_ten_have_an_effect(fronts: Any, gateways: int) -> None:
    """200 concurrent calls against a cap of 10, with one gateway and with three on one database."""
    clients = [fronts(limited("pay", 10)) for _ in range(gateways)]
    for client in clients:
        assert client.passes("note")
    under_way = [
        clients[n % gateways].begin("tools/call", {"name": "pay", "arguments": {"n": n}}) for n in range(200)
    ]
    answers = [wait() for wait in under_way]
    assert sum(map(passed, answers)) == 10
    assert {code(answer) for answer in answers if not passed(answer)} == {"limit"}
    assert fronts.place.done().count("pay") == 10


def test_neither_a_reconnect_nor_a_new_gateway_resets_a_limit(fronts: Any) -> None:
    first = fronts(limited("pay", 3))
    assert [first.passes("pay") for _ in range(2)] == [True, True]
    first.kill()
    second = fronts(limited("pay", 3))
    assert [second.passes("pay") for _ in range(2)] == [True, False]
    assert fronts.place.done() == ["pay"] * 3


def test_a_changed_policy_with_the_same_counter_resets_nothing(fronts: Any) -> None:
    """Reload as a way to a fresh window."""
    client = fronts(limited("pay", 2))
    assert [client.passes("pay") for _ in range(3)] == [True, True, False]
    client.policy.write_text(json.dumps({**limited("pay", 2), "hide": ["wipe"]}))
    assert not client.passes("pay")
    client.policy.write_text(json.dumps(limited("pay", 3)))
    assert [client.passes("pay") for _ in range(2)] == [True, False]
    assert fronts.place.done() == ["pay"] * 3


def test_another_grant_gets_its_own_count_and_takes_none(fronts: Any) -> None:
    client = fronts(limited("pay", 1), grant="one")
    assert client.passes("pay")
    other = client.another("two")
    assert [other.passes("pay") for _ in range(2)] == [True, False]
    assert fronts.place.done() == ["pay", "pay"]


def test_a_gateway_killed_between_forward_and_settle_leaves_the_call_counted(fronts: Any) -> None:
    """Kill -9 after the effect and before the answer."""
    first = fronts(limited("slow", 1))
    first.begin("tools/call", {"name": "slow", "arguments": {}})
    fronts.place.until_done("slow")
    first.kill()
    fronts.place.go()
    second = fronts(limited("slow", 1))
    assert code(second.call("slow")) == "limit"
    assert fronts.place.done() == ["slow"]


def test_a_server_that_fails_after_the_effect_has_used_the_count_up(fronts: Any) -> None:
    """Upstream 500 after the effect: not given back, and never tried again."""
    client = fronts(limited("broken", 1))
    assert "error" in client.call("broken")
    assert code(client.call("broken")) == "limit"
    assert client.passes("note")
    assert fronts.place.done() == ["broken", "note"]


def test_a_cancelled_call_has_used_the_count_up(fronts: Any) -> None:
    """Cancelling is no way to a second effect: the first has happened, or may yet happen."""
    client = fronts(limited("slow", 1))
    client.begin("tools/call", {"name": "slow", "arguments": {}}, id="mine")
    fronts.place.until_done("slow")
    client.send({"method": "notifications/cancelled", "params": {"requestId": "mine"}})
    assert not client.passes("slow")
    fronts.place.go()
    assert fronts.place.done() == ["slow"]


def test_a_cap_on_calls_at_a_time_holds_while_the_server_works(fronts: Any) -> None:
    """A place is free again after the answer, and not before."""
    limit = {"counter": "n", "concurrent": True, "max": 2}
    client = fronts({"version": "2", "default": "deny", "tools": {"slow": {"limits": [limit]}, "note": {}}})
    waiting = [client.begin("tools/call", {"name": "slow", "arguments": {}}) for _ in range(2)]
    fronts.place.until_done("slow", 2)
    assert code(client.call("slow")) == "limit"
    fronts.place.go()
    assert [passed(wait()) for wait in waiting] == [True, True]
    assert client.passes("slow")
    assert fronts.place.done() == ["slow"] * 3


def test_several_limits_are_taken_together_or_not_at_all(fronts: Any) -> None:
    """A call that one limit refuses uses nothing up of the other."""
    limits = [
        {"counter": "calls", "window": "day", "max": 3},
        {"counter": "money", "window": "day", "max": 10, "add": "args.amount"},
    ]
    client = fronts({"version": "2", "default": "deny", "tools": {"pay": {"limits": limits}}})
    assert [client.passes("pay", amount=n) for n in (9, 2, 2, 2, 2)] == [True, False, False, False, False]
    assert [client.passes("pay", amount=n) for n in (0.5, 0.5, 0)] == [True, True, False]
    assert [it["arguments"]["amount"] for it in fronts.place.effects()] == [9, 0.5, 0.5]


def test_a_policy_that_gets_stricter_in_mid_call_lets_that_call_end_and_no_other_begin(fronts: Any) -> None:
    """Reload in mid-call."""
    client = fronts(limited("slow", 5))
    waiting = client.begin("tools/call", {"name": "slow", "arguments": {}})
    fronts.place.until_done("slow")
    client.policy.write_text(json.dumps({"version": "1", "default": "deny", "tools": {"note": {}}}))
    assert code(client.call("slow")) == "not_listed"
    fronts.place.go()
    assert passed(waiting())
    assert client.passes("note")
    assert fronts.place.done() == ["slow", "note"]


def test_a_policy_file_that_is_broken_in_mid_flight_opens_nothing(fronts: Any) -> None:
    """The old one holds, whatever stands in the file or whether there is one."""
    client = fronts(limited("pay", 1))
    assert client.passes("pay")
    for broken in (
        "",
        "{",
        '{"version":"1","default":"allow"',
        '{"version":"1","default":"allow","x":1}',
        "\0",
    ):
        client.policy.write_text(broken)
        assert code(client.call("pay")) == "limit"
        assert code(client.call("wipe")) == "not_listed"
    client.policy.unlink()
    assert code(client.call("wipe")) == "not_listed"
    assert client.passes("note")
    assert fronts.place.done() == ["pay", "note"]


@pytest.mark.parametrize(
    "fronts", ["stdio", "http"], indirect=True
)  # in the new era ids are of one request alone
def test_an_id_that_is_under_way_is_no_second_call(fronts: Any) -> None:
    """Reuse of an id, so that the answer to one settles the other."""
    client = fronts(limited("slow", 5))
    first = client.begin("tools/call", {"name": "slow", "arguments": {}}, id=7)
    fronts.place.until_done("slow")
    client.raw(b'{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"note","arguments":{}}}')
    client.raw(b'{"jsonrpc":"2.0","id":7,"method":"tools/list"}')
    second = client.begin("tools/call", {"name": "note", "arguments": {}}, id="7")  # a text is another id
    assert passed(second())
    fronts.place.go()
    if fronts.transport == "http":
        assert passed(first())
    assert fronts.place.done() == ["slow", "note"]
