"""Clients over HTTP before a server that is started: one process for each session, one for what has none."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx2
import pytest

Json = dict[str, Any]
Start = Callable[..., Any]
Call = Callable[..., Any]
STANDIN = Path(__file__).parents[1] / "standin.py"
NAMES = ("echo", "die", "half", "hang", "progress", "ask_client", "long", "noise", "change")
OPEN: Json = {
    "version": "1",
    "default": "deny",
    "hide": ["cancel_job"],
    "tools": {name: {} for name in NAMES},
}


@pytest.fixture
def command(tmp_path: Path) -> list[str]:
    """The stand-in server's command; what reaches it is written to `reached` beside it."""
    tools = [{"name": name, "inputSchema": {"type": "object"}} for name in (*NAMES, "cancel_job")]
    (tmp_path / "tools.json").write_text(json.dumps(tools))
    return [sys.executable, str(STANDIN), str(tmp_path)]


def reached(folder: Path) -> list[Json]:
    return [json.loads(line) for line in (folder / "reached").read_text().splitlines()]


def children() -> set[int]:
    """The processes that this one has started and that live."""
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            words = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if words[1] == str(os.getpid()) and words[0] != "Z":
            found.add(int(stat.parent.name))
    return found


def text(result: Json) -> str:
    return str(result["content"][0]["text"])


def test_each_session_has_a_process_of_its_own_which_ends_with_it(
    command: list[str], listening: Start, caller: Call, tmp_path: Path, until: Call
) -> None:
    """Nothing of one identity is shared with another."""
    before = children()
    gateway = listening(OPEN, command)
    clients = [caller(gateway) for _ in range(2)]
    for client in clients:
        client.initialize()
        assert text(client.call("echo", a=1)) == '{"a": 1}'
        assert text(client.call("cancel_job")) == "Unknown tool: cancel_job"
    assert len(children() - before) == 2
    assert "cancel_job" not in str([it for it in reached(tmp_path) if it.get("method") == "tools/call"])
    clients[0].http.delete(clients[0].url, headers=clients[0].standing())
    until(lambda: len(children() - before) == 1)
    assert text(clients[1].call("echo")) == "{}"


def test_what_has_no_session_shares_one_process_and_keeps_its_ids(
    command: list[str], listening: Start, caller: Call, tmp_path: Path
) -> None:
    before = children()
    gateway = listening(OPEN, command)
    clients = [caller(gateway) for _ in range(4)]
    with ThreadPoolExecutor() as pool:
        answers = list(pool.map(lambda it: it[1].modern("echo", {"n": it[0]}).json(), enumerate(clients)))
    assert [json.loads(text(it["result"])) for it in answers] == [{"n": n} for n in range(4)]
    assert [it["id"] for it in answers] == [1, 1, 1, 1]
    assert len(children() - before) == 1


@pytest.mark.parametrize("how", ["die", "half"])
def test_a_server_that_dies_is_started_again_and_the_session_goes_on(
    command: list[str], listening: Start, caller: Call, how: str, tmp_path: Path
) -> None:
    """Upstream dies: clear error, client's session survives, next call reconnects."""
    gateway = listening(OPEN, command)
    client = caller(gateway)
    client.initialize()
    answer = client.post(client.call_message(how, {})).json()
    assert (
        "the server ended with exit code 3; whether the call had its effect is unknown"
        in answer["error"]["message"]
    )
    assert text(client.call("echo")) == "{}"
    assert [it["method"] for it in reached(tmp_path)].count("initialize") == 2
    assert gateway.outcomes() == ["allowed", "unknown", "allowed", "answered"]


def test_a_server_that_cannot_be_started_is_a_clear_error(listening: Start, caller: Call) -> None:
    client = caller(listening(OPEN, ["/nowhere/to/be/found"]))
    assert "cannot start the server /nowhere/to/be/found" in client.initialize().json()["error"]["message"]
    assert "cannot start the server" in client.modern("echo").json()["error"]["message"]


@pytest.mark.parametrize("era", ["older", "modern"])
def test_progress_goes_on_the_stream_of_its_call(
    command: list[str], listening: Start, caller: Call, messages: Callable[..., Iterator[Json]], era: str
) -> None:
    client = caller(listening(OPEN, command))
    meta: Json = {"progressToken": "mine"}
    headers = {}
    if era == "modern":
        meta["io.modelcontextprotocol/protocolVersion"] = "2026-07-28"
        headers = {"MCP-Protocol-Version": "2026-07-28", "Mcp-Method": "tools/call", "Mcp-Name": "progress"}
    else:
        client.initialize()
    with client.stream(client.call_message("progress", {}, meta), **headers) as response:
        found = list(messages(response))
    assert [it["params"] for it in found[:2]] == [{"progressToken": "mine", "progress": n} for n in (1, 2)]
    assert text(found[2]["result"]) == "done"


def test_a_question_of_the_servers_reaches_the_client_and_its_answer_the_server(
    command: list[str], listening: Start, caller: Call, messages: Callable[..., Iterator[Json]]
) -> None:
    client = caller(listening(OPEN, command))
    client.initialize({"roots": {}})
    with client.stream(client.call_message("ask_client", {})) as response:
        stream = messages(response)
        question = next(stream)
        assert question["method"] == "roots/list"
        client.post({"id": question["id"], "result": {"roots": []}})
        assert text(next(stream)["result"]) == '{"roots": []}'


def test_a_long_answer_comes_whole(command: list[str], listening: Start, caller: Call) -> None:
    client = caller(listening(OPEN, command))
    client.initialize()
    assert text(client.call("long", bytes=20_000_000)) == "x" * 20_000_000


def test_a_call_whose_client_closed_the_stream_is_cancelled_at_the_server(
    command: list[str], listening: Start, caller: Call, tmp_path: Path, until: Call
) -> None:
    """Since 2026-07-28 that is how a client cancels; over a pipe the server is told in words."""
    gateway = listening(OPEN, command)
    client = caller(gateway)
    client.http.timeout = httpx2.Timeout(2)
    with pytest.raises(httpx2.ReadTimeout):
        client.modern("hang")
    client.http.close()
    until(lambda: gateway.outcomes()[-1] == "unknown")
    call = next(it for it in reached(tmp_path) if it["method"] == "tools/call")
    until(lambda: reached(tmp_path)[-1]["method"] == "notifications/cancelled")
    assert reached(tmp_path)[-1]["params"]["requestId"] == call["id"]
