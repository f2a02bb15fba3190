"""Reading one message, so strictly that nobody behind the gateway can read another one."""

from __future__ import annotations

import json
from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.gateway.message import MAX_DEPTH, Kind, MessageError, claimed_id, dump, read

CALL = b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"t","arguments":%s}}'
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner),
)


def with_arguments(text: str | bytes) -> bytes:
    return CALL % (text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text)


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"\xef\xbb\xbf" + CALL % b"{}", "not strict JSON"),
        (with_arguments('{"a":1,"a":2}'), "a key is given twice"),
        (with_arguments(r'{"a":1,"\u0061":2}'), "a key is given twice"),
        (with_arguments('{"amount":1,"Amount":2}'), "only by case"),
        (with_arguments('{"k":1,"\u212a":2}'), "only by case"),
        (with_arguments('{"a":"\x00"}'), "not strict JSON"),
        (with_arguments(r'{"a":"\u0000"}'), "NUL"),
        (with_arguments(r'{"\u0000":1}'), "NUL"),
        (with_arguments(r'{"a":"\ud800"}'), "not strict JSON"),
        (with_arguments('{"a":"\ud800"}'), "not strict JSON"),
        (with_arguments(b'{"a":"\xff"}'), "not strict JSON"),
        (with_arguments('{"a":NaN}'), "not strict JSON"),
        (with_arguments('{"a":-Infinity}'), "not strict JSON"),
        (with_arguments('{"a":1e400}'), "out of range"),
        (with_arguments('{"a":-1e400}'), "out of range"),
        (with_arguments('{"a":1e-400}'), "out of range"),
        (with_arguments('{"a":' + "9" * 5000 + "}"), "not strict JSON"),
        (with_arguments('{"a":01}'), "not strict JSON"),
        (with_arguments('{"a":1,}'), "not strict JSON"),
        (with_arguments("{}") + b"{}", "not strict JSON"),
        (with_arguments('{"a":' * 64 + "1" + "}" * 64), "deeper"),
        (with_arguments("[" * 100_000 + "]" * 100_000), "not strict JSON"),
        (b"[]", "batches"),
        (b"[" + CALL % b"{}" + b"]", "batches"),
        (b"1", "object"),
        (b"", "not strict JSON"),
        (b'{"id":1,"method":"ping"}', '"2.0"'),
        (b'{"jsonrpc":2.0,"id":1,"method":"ping"}', '"2.0"'),
        (b'{"jsonrpc":"2.0","id":1,"Method":"tools/call"}', "case"),
        (b'{"jsonrpc":"2.0","id":1,"method":"ping","METHOD":"tools/call"}', "case"),
        (b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":[]}', "`params`"),
        (b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":null}', "`params`"),
        (b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"Name":"x"}}', "case"),
        (b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"x","Arguments":{}}}', "case"),
        (b'{"jsonrpc":"2.0","id":null,"method":"ping"}', "`id`"),
        (b'{"jsonrpc":"2.0","id":true,"method":"ping"}', "`id`"),
        (b'{"jsonrpc":"2.0","id":1.0,"method":"ping"}', "`id`"),
        (b'{"jsonrpc":"2.0","id":[1],"method":"ping"}', "`id`"),
        (b'{"jsonrpc":"2.0","id":1,"method":7}', "`method`"),
        (b'{"jsonrpc":"2.0","id":1,"method":"ping","result":{}}', "either"),
        (b'{"jsonrpc":"2.0","id":1}', "neither"),
        (b'{"jsonrpc":"2.0","id":1,"result":{},"error":{}}', "neither"),
        (b'{"jsonrpc":"2.0","id":1,"result":[]}', "objects"),
        (b'{"jsonrpc":"2.0","result":{}}', "`id`"),
    ],
)
def test_what_could_be_read_in_two_ways_is_refused(raw: bytes, words: str) -> None:
    """Policy page, "strict parse"; the bypass corpus."""
    with pytest.raises(MessageError) as refused:
        read(raw)
    assert words in str(refused.value)


def test_a_message_longer_than_the_limit_is_refused_with_its_id() -> None:
    """The answer must reach whoever waits for it."""
    with pytest.raises(MessageError, match="more than 20 bytes") as refused:
        read(CALL % b"{}", limit=20)
    assert refused.value.id == 1


def test_the_deepest_honest_nesting_is_read() -> None:
    """MAX_DEPTH levels, the envelope's three among them."""
    inside = MAX_DEPTH - 3
    assert read(with_arguments('{"a":' * inside + "1" + "}" * inside)).id == 1


def test_numbers_keep_every_digit() -> None:
    """What the policy judged is what the server gets."""
    raw = with_arguments(f'{{"a":1.50,"b":0.1,"c":{10**30},"d":-0.0,"e":1E+5}}')
    message = read(raw)
    assert message.params["arguments"]["a"] == Decimal("1.50")
    assert message.dump() == raw


def test_minus_zero_reaches_the_server_as_the_policy_saw_it() -> None:
    """The bypass corpus: -0 is the integer 0."""
    assert b'"a":0' in read(with_arguments('{"a":-0}')).dump()


@given(JSON)
def test_what_is_written_reads_as_the_same_value(value: object) -> None:
    """An invariant: the re-serialised body means what was read."""
    raw = json.dumps({"jsonrpc": "2.0", "id": 1, "result": {"value": value}}).encode()
    message = read(raw, trusting=True)
    assert json.loads(message.dump()) == json.loads(raw)
    assert b"\n" not in message.dump()


@given(st.binary(max_size=60) | st.text(max_size=60).map(lambda text: text.encode("utf-8", "replace")))
def test_no_bytes_raise_anything_but_the_own_error(raw: bytes) -> None:
    """Total: a message or a MessageError."""
    with suppress(MessageError):
        read(raw)


@given(JSON)
def test_no_json_raises_anything_but_the_own_error(value: object) -> None:
    """The same one level up, where the envelope is looked at."""
    with suppress(MessageError):
        read(dump(value))


def test_kinds_are_told_apart() -> None:
    """JSON-RPC 2.0: a request has an id and a method, a notification no id, a response no method."""
    assert read(b'{"jsonrpc":"2.0","id":"a","method":"ping"}').kind is Kind.REQUEST
    assert read(b'{"jsonrpc":"2.0","method":"ping"}').kind is Kind.NOTIFICATION
    assert read(b'{"jsonrpc":"2.0","id":7,"result":{}}').kind is Kind.RESPONSE
    assert read(b'{"jsonrpc":"2.0","id":null,"error":{"code":1,"message":""}}').kind is Kind.RESPONSE


def test_a_servers_nul_and_depth_are_nobodys_harm() -> None:
    """Results hold what tools read: only the client's side is judged by what it holds."""
    deep = "[" * 100 + r'"\u0000"' + "]" * 100
    assert read(f'{{"jsonrpc":"2.0","id":1,"result":{{"a":{deep}}}}}'.encode(), trusting=True).id == 1


@pytest.mark.parametrize(
    ("raw", "id_"),
    [
        (b'{"jsonrpc":"2.0","id":5,"result":{"a"', 5),
        (b' { "jsonrpc" : "2.0" , "id" : "x-1" , "result"', "x-1"),
        (b'{"id":-3,"jsonrpc"', -3),
        (b'{"result":{"id":5,', None),
        (b'{"jsonrpc":"2.0","id":5.5,', None),
        (b"Server is ready!", None),
    ],
)
def test_the_id_at_the_head_of_broken_bytes_is_guessed(raw: bytes, id_: object) -> None:
    """So that an unreadable answer still ends somebody's waiting."""
    assert claimed_id(raw) == id_
