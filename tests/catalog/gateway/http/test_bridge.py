"""A client on standard streams before a server over HTTP, which closes its input: what is open is answered first."""

from __future__ import annotations

import asyncio
import json
import os
from functools import partial
from typing import Any

from catalog.gateway.http.bridge import bridge
from catalog.gateway.http.posting import Posting
from catalog.gateway.http.upstream import Upstream

Json = dict[str, Any]
OPEN: Json = {"version": "1", "default": "allow", "tools": {}}
META: Json = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
}


class Bridge:
    """The bridge in this process, before a server over HTTP; the client is the test."""

    def __init__(self, memory: Any, url: str, patience: float) -> None:
        self.source, self.client = os.pipe()
        self.answers, self.sink = os.pipe()
        connect = partial(Posting, Upstream.at(url))
        self._run = partial(bridge, memory.session, connect, self.source, self.sink, patience)

    def run(self, *messages: Json) -> tuple[list[Json], str]:
        """What comes of these messages and then the end, and what was wrong."""
        lines = [json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n" for message in messages]
        os.write(self.client, b"".join(lines))
        os.close(self.client)
        trouble = self._run()
        os.close(self.sink)
        with os.fdopen(self.answers, "rb") as answers:
            return [json.loads(line) for line in answers], trouble


def slow_call(number: int) -> Json:
    params = {"name": "echo", "arguments": {"n": number}, "_meta": META}
    return {"id": number, "method": "tools/call", "params": params}


def test_when_time_is_up_the_bridge_gives_each_open_call_an_error_and_settles_it(
    in_memory: Any, server: Any, parts: Any
) -> None:
    """None is left open: not in the client, and not in the journal."""
    gate = parts.Gate()

    async def never(request: Any) -> None:
        await gate.pass_through()

    server.tools["echo"] = never
    memory = in_memory(OPEN)
    answers, trouble = Bridge(memory, server.url, 1.0).run(slow_call(1), slow_call(2))
    gate.open()
    assert trouble == "the server did not answer within 1 seconds"
    assert {answer["id"] for answer in answers} == {1, 2}
    assert all("did not answer within 1 seconds" in it["error"]["message"] for it in answers)
    assert sorted(memory.outcomes()) == ["allowed", "allowed", "unknown", "unknown"]


def test_signs_of_life_keep_the_bridge_waiting(in_memory: Any, server: Any, parts: Any) -> None:
    """The server works for longer than patience lasts, and says so."""

    async def working(request: Any) -> None:
        await request.start(200, parts.EVENTS)
        for _ in range(5):
            await asyncio.sleep(0.5)
            await request.write(
                parts.event({"jsonrpc": "2.0", "method": "notifications/message", "params": {}})
            )
        await request.write(request.answer_event("done"), more=False)

    server.tools["echo"] = working
    memory = in_memory(OPEN)
    answers, trouble = Bridge(memory, server.url, 1.5).run(slow_call(1))
    assert trouble == ""
    assert answers[-1]["result"]["content"][0]["text"] == "done"


def test_a_person_is_not_waited_for_once_the_client_of_a_bridge_has_closed(
    in_memory: Any, server: Any
) -> None:
    """The question that was asked becomes a denial with the id of its approval."""
    memory = in_memory({"version": "2", "default": "deny", "tools": {"echo": {"action": "approve"}}})
    info = {
        "protocolVersion": "2025-11-25",
        "capabilities": {"elicitation": {}},
        "clientInfo": {"name": "test", "version": "1"},
    }
    answers, trouble = Bridge(memory, server.url, 5.0).run(
        {"id": 1, "method": "initialize", "params": info},
        {"method": "notifications/initialized"},
        {"id": 2, "method": "tools/call", "params": {"name": "echo", "arguments": {}}},
    )
    assert trouble == ""
    assert "catalog approvals approve" in answers[-1]["result"]["content"][0]["text"]
