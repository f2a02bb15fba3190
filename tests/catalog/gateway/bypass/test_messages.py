"""Messages that try to be read in two ways: by the gateway as harmless, by a lenient server as a forbidden call.

Source: design, bypass corpus. Each is sent over each transport to a server that makes the worst of what it
gets (effects.py); none may have any effect, and the session goes on.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

Json = dict[str, Any]
POLICY: Json = {
    "version": "2",
    "default": "deny",
    "hide": ["cancel_job"],
    "tools": {
        "note": {},
        "pay": {
            "require": [
                {
                    "conditions": [
                        {"path": "args.amount", "op": "lte", "value": 100},
                        {"path": "args.to", "op": "not_in", "value": ["mallory", 9]},
                    ]
                }
            ]
        },
        "look": {"deny_if": [{"conditions": [{"path": "args.id", "op": "eq", "value": 7}]}]},
        "spend": {
            "limits": [
                {"counter": "spent", "window": "day", "max": 10, "add": "args.amount", "by": ["args.case"]}
            ]
        },
    },
}


def call(name: str = '"cancel_job"', arguments: str = "{}", more: str = "") -> str:
    params = f'{{"name":{name},"arguments":{arguments}{more}}}'
    return f'{{"jsonrpc":"2.0","id":"h","method":"tools/call","params":{params}}}'


def pay(amount: str, to: str = '"ada"', more: str = "") -> str:
    return call('"pay"', f'{{"amount":{amount},"to":{to}{more}}}')


NOTE = call('"note"')
CANCEL = call()

TWICE = {
    "the name twice": call('"note","name":"cancel_job"'),
    "the name twice, one of them escaped": call('"note","n\\u0061me":"cancel_job"'),
    "the parameters twice": NOTE[:-1] + ',"params":{"name":"cancel_job","arguments":{}}}',
    "the method twice": NOTE.replace('"method"', '"method":"ping","method"').replace("note", "cancel_job"),
    "the id twice": CANCEL.replace('"id":"h"', '"id":"h","id":"i"'),
    "the arguments twice": pay("5").replace('"arguments"', '"arguments":{"amount":5,"to":"ada"},"arguments"').replace(":5,", ":5000,", 1),
    "an argument twice": pay('5,"amount":5000'),
    "an argument twice, deeper": pay("5", more=',"deep":{"a":[{"x":1,"x":2}]}'),
    "a key of another case: Name": call('"note","Name":"cancel_job"'),
    "a key of another case alone: NAME": CANCEL.replace('"name"', '"NAME"'),
    "a key of another case: Method": NOTE.replace('"method"', '"Method":"tools/call","method"').replace("note", "cancel_job"),
    "a key of another case: Params": NOTE[:-1] + ',"Params":{"name":"cancel_job"}}',
    "a key of another case: Arguments": pay("5")[:-2] + ',"Arguments":{"amount":5000}}}',
    "a key of another case: an argument": pay('5,"Amount":5000'),
    "a key of another case: an argument, in Kelvin": call('"note"', '{"k":1,"\u212a":2}'),
    "the argument in another case alone": call('"pay"', '{"Amount":5000,"to":"ada"}'),
    "the argument with a blank": call('"pay"', '{"amount ":5000,"to":"ada"}'),
}  # fmt: skip
BYTES = {
    "a byte order mark": b"\xef\xbb\xbf" + CANCEL.encode(),
    "a byte order mark, twice": b"\xef\xbb\xbf" * 2 + CANCEL.encode(),
    "UTF-16": CANCEL.encode("utf-16-le"),
    "UTF-16 with its mark": CANCEL.encode("utf-16"),
    "UTF-32": CANCEL.encode("utf-32-le"),
    "a NUL in the name": call('"cancel_job\0"').encode(),
    "a NUL in the name, escaped": call('"cancel_job\\u0000"').encode(),
    "a NUL before the message": b"\0" + CANCEL.encode(),
    "a lone surrogate, escaped": call('"cancel_job\\ud800"').encode(),
    "a lone surrogate, raw": call('"cancel_job\ud800"').encode("utf-8", "surrogatepass"),
    "no UTF-8": call('"cancel_job\udcff"').encode("utf-8", "surrogateescape"),
    "an overlong slash": CANCEL.encode().replace(b"tools/call", b"tools\xc0\xafcall"),
    "a comment": CANCEL.replace("{", "/* */{", 1).encode(),
    "single quotes": CANCEL.replace('"', "'").encode(),
    "two messages in one": (NOTE + CANCEL).replace("note", "wipe").encode(),
    "two messages, a carriage return between": (CANCEL + "\r" + CANCEL).encode(),
    "a message inside a text, after a line separator": call('"wipe"', '{"text":"\u2028' + CANCEL.replace('"', '\\"') + '\u2028"}').encode(),
    "a message inside a text, after a carriage return": call('"wipe"', '{"text":"\\r' + CANCEL.replace('"', '\\"') + '\\r"}').encode(),
    "half a message": CANCEL[:-1].encode(),
    "a depth of a hundred thousand": call(arguments='{"a":' * 100_000 + "1" + "}" * 100_000).encode(),
    "a depth of seventy": call(arguments='{"a":' * 70 + "1" + "}" * 70).encode(),
}  # fmt: skip
ENVELOPES = {
    "a batch": f"[{CANCEL}]",
    "a batch of one harmless call and one other": f"[{call(chr(34) + 'wipe' + chr(34))},{CANCEL}]",
    "a batch in a batch": f"[[{CANCEL}]]",
    "an empty batch": "[]",
    "parameters as a list": CANCEL.replace('"params":{', '"params":[{').replace("}}}", "}}]}"),
    "parameters as a text": '{"jsonrpc":"2.0","id":"h","method":"tools/call","params":"{\\"name\\":\\"cancel_job\\"}"}',
    "no parameters": '{"jsonrpc":"2.0","id":"h","method":"tools/call"}',
    "null parameters": '{"jsonrpc":"2.0","id":"h","method":"tools/call","params":null}',
    "arguments null": call(arguments="null"),
    "arguments null, of a limited tool": call('"pay"', "null"),
    "arguments as a list": call('"pay"', '[{"amount":5000}]'),
    "arguments as a text": call('"pay"', '"{\\"amount\\":5000}"'),
    "arguments as a number": call('"pay"', "5"),
    "arguments left out": CANCEL.replace(',"arguments":{}', "").replace("cancel_job", "pay"),
    "a name that is null": call("null"),
    "a name that is a list": call('["cancel_job"]'),
    "a name that is an object": call('{"name":"cancel_job"}'),
    "a name that is empty": call('""'),
    "a call without an id": CANCEL.replace('"id":"h",', ""),
    "an id that is null": CANCEL.replace('"h"', "null"),
    "an id that is true": CANCEL.replace('"h"', "true"),
    "an id that is a fraction": CANCEL.replace('"h"', "1.5"),
    "an id that is a list": CANCEL.replace('"h"', "[1]"),
    "another JSON-RPC": CANCEL.replace('"2.0"', '"1.0"'),
    "no JSON-RPC": CANCEL.replace('"jsonrpc":"2.0",', ""),
    "a request that is an answer too": CANCEL[:-1] + ',"result":{}}',
    "a method that is a list": CANCEL.replace('"tools/call"', '["tools/call"]'),
    "a call dressed up as an answer": CANCEL.replace('"method":"tools/call",', '"result":{"method":"tools/call"},'),
    "a call in a notification's parameters": CANCEL.replace('"id":"h","method":"tools/call"', '"method":"notifications/tools/call"'),
}  # fmt: skip
METHODS = {
    f"the method {word!r}": CANCEL.replace("tools/call", word.encode("unicode_escape").decode().replace("\\x", "\\u00"))
    for word in (
        "Tools/Call", "tools/call ", "\ttools/call", "/tools/call", "tools//call", "tools.call", "tools call", "tools\\\\call",
        "ｔools/call", "tools/ca\u200bll", "tools\u2044call", "tools/call\u00a0", "tools/call/", "TOOLS_CALL",
    )
}  # fmt: skip
LOOK_ALIKES = {
    f"the name {word!r}": call('"' + word.encode("unicode_escape").decode().replace("\\x", "\\u00") + '"')
    for word in (
        "cancel_job", "Cancel_Job", "CANCEL_JOB", "cancel_job ", " cancel_job", "cancel_job\t", "cancel_job\n",
        "cancel_job\u200b", "\u200dcancel_job", "ｃancel_job", "ᶜancel_job", "cancel_ｊob", "cancel＿job", "cancel_job\u202e",
        "./cancel_job", "/cancel_job", "cancel_job#", "cancel_job\u00ad", "c\u0430ncel_job", "*", "cancel*", "canceł_job",
        "wipe", "w\u0131pe", "WIPE", "N\u00d6TE", "__proto__", "constructor",
    )
}  # fmt: skip
VALUES = {
    "too much": pay("100.01"),
    "too much, as an exponent": pay("1e3"),
    "too much, as a text": pay('"5000"'),
    "too much, in a list": pay("[5000]"),
    "too much, in an object": pay('{"$gt":5}'),
    "true for a number": pay("true"),
    "null for a number": pay("null"),
    "no number": call('"pay"', '{"to":"ada"}'),
    "1e400": pay("1e400"),
    "-1e400": pay("-1e400"),
    "1e-400": pay("1e-400"),
    "NaN": pay("NaN"),
    "Infinity": pay("-Infinity"),
    "a number of five thousand digits": pay("9" * 5000),
    "a number beyond all doubles": pay("9" * 400),
    "a plus sign": pay("+5"),
    "a leading zero": pay("05"),
    "a hexadecimal number": pay("0x5"),
    "a path as a key": call('"pay"', '{"args.amount":5,"to":"ada"}'),
    "an object where a name was meant": pay("5", '{"0":"mallory"}'),
    "a list where a name was meant": pay("5", '["mallory"]'),
    "the forbidden name": pay("5", '"mallory"'),
    "the forbidden number": pay("5", "9"),
    "the forbidden number, with a point": pay("5", "9.0"),
    "the forbidden number, to a double": pay("5", "9.0000000000000001"),
    "more than allowed, that a double rounds down": pay("100.000000000000001"),
    "the id 7": call('"look"', '{"id":7}'),
    "the id 7.0": call('"look"', '{"id":7.0}'),
    "the id 70e-1": call('"look"', '{"id":70e-1}'),
    "the id 7, to a double": call('"look"', '{"id":7.0000000000000001}'),
    "the id 7, as a text": call('"look"', '{"id":"7"}'),
    "the id 7, in a list": call('"look"', '{"id":[7]}'),
    "no id": call('"look"', "{}"),
}
ELSEWHERE = {
    "the name beside the parameters": call('"wipe"')[:-1] + ',"name":"cancel_job"}',
    "another name in the parameters' _meta": call('"wipe"', more=',"_meta":{"name":"note","catalog/denial":null}'),
    "an approval in _meta": call('"wipe"', more=',"_meta":{"approved":true,"approval_id":"1","catalog/approved":true}'),
    "an answer to a question that was not asked": call('"wipe"', more=',"inputResponses":{"approval":{"action":"accept","content":{"approve":true}}}'),
    "a state of the client's own making": call('"wipe"', more=',"requestState":"e30=.00","inputResponses":{}'),
    "a state that is no text": call('"pay"', '{"amount":5,"to":"ada"}', ',"requestState":{}'),
    "a task": call('"wipe"', more=',"task":{"ttl":1}'),
    "a tool as a resource": CANCEL.replace("tools/call", "tools/get"),
}  # fmt: skip
HOSTILE = TWICE | BYTES | ENVELOPES | METHODS | LOOK_ALIKES | VALUES | ELSEWHERE


@pytest.fixture(scope="module")
def front(shared: Any) -> Any:
    return shared(POLICY)


@pytest.mark.parametrize("case", HOSTILE)
def test_no_message_has_an_effect_that_the_policy_forbids(front: Any, case: str) -> None:
    body = HOSTILE[case]
    before = front.place.effects()
    front.raw(body if isinstance(body, bytes) else body.encode())
    assert front.passes("note", case=case)
    assert front.place.effects() == [*before, {"tool": "note", "arguments": {"case": case}}]


def test_without_a_gateway_most_of_these_messages_have_an_effect(effects_server: Any, tmp_path: Path) -> None:
    """The corpus is sharp: what it sends is carried out by the server that stands behind the gateway here."""
    harmful = 0
    for number, body in enumerate(HOSTILE.values()):
        folder = tmp_path / str(number)
        folder.mkdir()
        with suppress(effects_server.Broken, ValueError, TypeError):
            effects_server.Server(folder).take(
                body if isinstance(body, bytes) else body.encode(), lambda _: None
            )
        harmful += (folder / "effects").exists()
    assert harmful > 0.8 * len(HOSTILE)


HONEST = {
    "escapes": call('"n\\u006fte"', '{"t":"\\u00e9\\n"}'),
    "the keys in another order": '{"params":{"arguments":{},"name":"note"},"method":"tools\\/call","id":"h","jsonrpc":"2.0"}',
    "white space": NOTE.replace(":", " : ").replace('"params" : {', '"params":{'),
    "just enough": pay("100"),
    "just enough, in another spelling": pay("1.00e2"),
    "minus zero": pay("-0"),
}  # fmt: skip


@pytest.mark.parametrize("case", HONEST)
def test_honest_messages_of_odd_looks_have_their_effect_once(front: Any, case: str) -> None:
    """So that the cases above show more than a gateway that lets nothing through."""
    before = len(front.place.effects())
    front.raw(HONEST[case].encode())
    assert len(front.place.effects()) == before + 1


SPENT: dict[str, list[tuple[str, bool]]] = {
    "fractions": [("0.99", True)] * 10 + [("0.99", False), ("0.1", True), ("0.01", False)],
    "negative amounts": [("-100", False), ("10", True), ("-1", False), ("0.01", False)],
    "minus zero": [("-0", True), ("-0.0", True), ("10", True), ("0.01", False)],
    "exponents": [("1e1", True), ("1e-2", False)],
    "the smallest doubles": [("5e-324", True), ("10", False), ("9", True)],
    "out of range": [("1e400", False), ("NaN", False), ("Infinity", False), ("9" * 400, False), ("10", True)],
    "no numbers": [
        ('"1"', False),
        ("null", False),
        ("[1]", False),
        ("true", False),
        ("{}", False),
        ("10", True),
    ],
    "more digits than a double has": [("9.99999999999999999999", True), ("0.1", False)],
}


@pytest.mark.parametrize("case", SPENT)
def test_a_cap_holds_for_what_truly_was_spent(front: Any, case: str) -> None:
    """Negative and fractional spend: decided on the exact amount, added up by what reached the server."""
    for amount, may in SPENT[case]:
        before = len(front.place.effects())
        front.raw(call('"spend"', f'{{"case":"{case}","amount":{amount}}}').encode())
        assert len(front.place.effects()) == before + may, amount
    spent = [it["arguments"] for it in front.place.effects() if it["tool"] == "spend"]
    assert sum(it["amount"] for it in spent if it["case"] == case) <= 10.0000001


def test_no_spelling_of_a_number_is_a_counter_of_its_own(front: Any) -> None:
    """A limit `by` an argument: what a server takes for one value has one counter."""
    for which in ("9", "9.0", "9e0", "0.9e1", "9.0000000000000001", "8.9999999999999999"):
        front.raw(call('"spend"', f'{{"case":{which},"amount":6}}').encode())
    spent = [it["arguments"] for it in front.place.effects() if it["tool"] == "spend"]
    assert [it["case"] for it in spent if it["case"] == 9] == [9]
