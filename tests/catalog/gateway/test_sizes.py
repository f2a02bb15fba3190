"""How many values a message may hold."""

from __future__ import annotations

import json

import pytest

from catalog.gateway.message import INVALID_REQUEST, MAX_VALUES, MessageError, read
from catalog.gateway.sizes import has_more_values
from tests.bench.gateway_parts import answered, listed


def call(argument: bytes) -> bytes:
    return (
        b'{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"t","arguments":{"a":%s}}}'
        % argument
    )


def many(element: bytes, count: int) -> bytes:
    return b"[" + b",".join([element] * count) + b"]"


@pytest.mark.parametrize("trusting", [False, True])
@pytest.mark.parametrize("element", [b"{}", b"[]", b"1", b'"a"', b'{"a":{}}'])
def test_a_message_whose_values_would_fill_the_memory_is_refused_before_they_are_made(
    element: bytes, trusting: bool
) -> None:
    """Eight megabytes of empty objects took 229 MB. The sender is told, under the request's own id."""
    raw = call(many(element, MAX_VALUES + 1))
    with pytest.raises(MessageError, match="1,000,000 values") as refused:
        read(raw, trusting=trusting)
    assert (refused.value.code, refused.value.id) == (INVALID_REQUEST, 7)


@pytest.mark.parametrize(
    "raw",
    [
        answered(b'{"jsonrpc":"2.0","id":1,"method":"tools/list"}', listed(5_000)),
        call(many(b"1", 500_000)),
        call(json.dumps("x" * 20_000_000).encode()),
        call(json.dumps('{"a": [1, 2], "b\\\\": "{"},' * 400_000).encode()),
    ],
    ids=["5,000 tools", "a megabyte of digits", "a long text", "JSON in a text"],
)
def test_honest_messages_pass(raw: bytes) -> None:
    """However long a text is, and whatever stands in it: it is one value."""
    assert read(raw, trusting=True).id is not None


@pytest.mark.parametrize(
    ("raw", "count"),
    [
        (b'["a,b","c\\",{[","d\\\\",{"e\\\\\\"[":[]}]', 6),
        (b'["' + b"," * (1 << 20) + b'",1]', 2),
        (b'["' + b"x" * ((1 << 20) - 3) + b'",{}]', 3),
    ],
    ids=["escapes", "a text across slices", "a text that ends with a slice"],
)
def test_only_what_stands_outside_of_texts_counts(raw: bytes, count: int) -> None:
    """Wherever the bytes are cut for counting."""
    padded = raw + b" " * count
    assert has_more_values(padded, count - 1)
    assert not has_more_values(padded, count)


def test_nesting_without_end_is_refused() -> None:
    """From the server too, whose depth is not looked at otherwise."""
    with pytest.raises(MessageError, match="recursion"):
        read(
            b'{"jsonrpc":"2.0","id":1,"result":{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}}", trusting=True
        )
