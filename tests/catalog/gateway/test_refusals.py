"""Errors in place of lists, and calls that no server can take: what the client learns, and what is written down."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from catalog.gateway.message import read

Json = dict[str, Any]
InMemory = Callable[..., Any]
OPEN: Json = {"version": "1", "default": "deny", "hide": ["cancel_job"], "tools": {"echo": {}}}
LEAKING = {"code": -32601, "message": "no list: cancel_job is broken", "data": {"tools": ["cancel_job"]}}


@pytest.mark.parametrize(
    ("said", "code"), [(LEAKING, -32601), ({**LEAKING, "code": "cancel_job"}, -32603), ({}, -32603)]
)
def test_an_error_in_place_of_a_list_names_no_hidden_tool(in_memory: InMemory, said: Json, code: int) -> None:
    """Neither its text nor its data passes; the code does, as it tells a client what to do."""
    memory = in_memory(OPEN)
    memory.client(id=1, method="tools/list")
    (answer,) = memory.server(id=1, error=said)[1]
    assert answer["error"] == {"code": code, "message": "the server answers its list of tools with an error"}


def test_an_error_in_place_of_a_list_keeps_the_versions_that_a_client_can_choose_from(
    in_memory: InMemory,
) -> None:
    """Source: MCP 2026-07-28, negotiation; and nothing else of the data."""
    memory = in_memory(OPEN)
    memory.client(id=1, method="tools/list")
    data = {"supported": ["2025-11-25", "cancel_job", 7], "requested": "cancel_job"}
    (answer,) = memory.server(id=1, error={"code": -32022, "message": "no", "data": data})[1]
    assert (answer["error"]["code"], answer["error"]["data"]) == (-32022, {"supported": ["2025-11-25"]})


def test_a_call_that_was_held_for_a_server_that_went_is_written_down(in_memory: InMemory) -> None:
    """It waited for the list of tools, and was never sent."""
    memory = in_memory(OPEN)
    memory.call(1, "echo", a=1)
    moves = memory.session.lost("the server ended with exit code 1")
    assert "was not sent" in moves.to_client[0].body["error"]["message"]
    assert memory.outcomes() == ["error"]


def test_a_call_for_which_no_server_can_be_started_is_written_down(in_memory: InMemory) -> None:
    """And so is one for which the list of tools cannot be read."""
    memory = in_memory(OPEN)
    call = read(b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{}}}')
    (answer,) = memory.session.unserved(call, "cannot start the server").to_client
    assert answer.body["error"]["message"] == "cannot start the server"
    memory.call(2, "echo")
    memory.session.from_server(read(b'{"jsonrpc":"2.0","id":2,"result":{}}', trusting=True))
    assert memory.outcomes() == ["error"]
