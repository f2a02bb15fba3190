"""Tools passed on in the bytes they were read from."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from catalog.gateway.message import MessageError, read
from catalog.gateway.spans import tools_as_read

InMemory = Callable[..., Any]
HIDING = {"version": "1", "default": "allow", "hide": ["b"], "tools": {}}
AS_WRITTEN = b'{"name": "a", "inputSchema": {"type":"object", "maximum": 1.00, "title": "\\u00e9\\/"}}'


def page(*tools: bytes, after: bytes = b"") -> bytes:
    return b'{"jsonrpc":"2.0","id":1,"result":{"tools":[' + b",".join(tools) + b"]" + after + b"}}"


def listed(memory: Any, raw: bytes) -> bytes:
    memory.client(id=1, method="tools/list")
    [answer] = memory.session.from_server(read(raw, trusting=True)).to_client
    found: bytes = answer.dump()
    return found


def test_what_is_shown_of_a_list_is_byte_for_byte_what_the_server_sent(in_memory: InMemory) -> None:
    """Spaces, escapes and digits stay; only the hidden tool goes, and other fields of the page stay."""
    raw = page(AS_WRITTEN, b'{"name":"b"}', b'{"name":"c"}', after=b',"nextCursor":""')
    assert listed(in_memory(HIDING), raw) == page(AS_WRITTEN, b'{"name":"c"}', after=b',"nextCursor":""')


@pytest.mark.parametrize("end", [b"\n", b"\r"])
def test_a_list_on_several_lines_is_written_anew(in_memory: InMemory, end: bytes) -> None:
    """A body over HTTP may be laid out in lines, which would break the lines of stdio and of event streams."""
    answer = listed(in_memory(HIDING), page(b'{"name":' + end + b'"a"}', b'{"name":"b"}'))
    assert end not in answer
    assert [tool["name"] for tool in json.loads(answer)["result"]["tools"]] == ["a"]


@pytest.mark.parametrize(
    "raw",
    [
        page(b'{"name":"a","name":"b"}'),
        page(b'{"name":"a","inputSchema":{"x":1,"x":2}}'),
        page(b'{"name":"a"}', after=b',"tools":[{"name":"b"}]'),
        page(b'{"name":"a"}', after=b',"t\\u006fols":[{"name":"b"}]'),
        page(b'{"name":"a","title":"\xff"}'),
        page(b'{"name":"a","title":"\\ud800"}'),
    ],
)
def test_no_bytes_pass_that_another_reader_could_take_differently(raw: bytes) -> None:
    """Everything is read strictly before any of it is passed on."""
    with pytest.raises(MessageError):
        read(raw, trusting=True)


def test_a_key_that_is_spelt_with_an_escape_means_the_same_list(in_memory: InMemory) -> None:
    """Whether its bytes can be found or not."""
    raw = page(AS_WRITTEN, b'{"name":"b"}').replace(b'"tools"', b'"t\\u006fols"')
    names = [tool["name"] for tool in json.loads(listed(in_memory(HIDING), raw))["result"]["tools"]]
    assert names == ["a"]


def test_bytes_that_do_not_fit_what_was_read_are_not_used() -> None:
    """Another count than was read: none of them."""
    raw = page(b'{"name":"a"}', b'{"name":"b"}')
    assert len(tools_as_read(raw, 2)) == 2
    assert tools_as_read(raw, 3) == tools_as_read(b"", 0) == tools_as_read(b"nonsense", 1) == []
