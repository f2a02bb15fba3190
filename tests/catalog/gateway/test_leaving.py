"""A client that closes its input, as a pipe from a file does: what is open is answered before the gateway ends."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from catalog.gateway.stdio import StdioGateway

Json = dict[str, Any]
Behind = Callable[..., Any]
STANDIN = Path(__file__).parent / "standin.py"
OPEN: Json = {
    "version": "1",
    "default": "deny",
    "hide": ["cancel_job"],
    "tools": {"echo": {}, "hang": {}},
}
CLIENT = {"protocolVersion": "2025-06-18", "clientInfo": {"name": "t", "version": "1"}}
SLOW = """
import runpy, sys
_, standin, folder, gate = sys.argv
open(gate).read()  # until somebody opens the other end
sys.argv = [standin, folder]
runpy.run_path(standin, run_name="__main__")
"""
WORKING = """
import sys, time
request = sys.stdin.readline()
for _ in range(8):
    time.sleep(0.5)
    print('{"jsonrpc":"2.0","method":"notifications/message","params":{}}', flush=True)
print('{"jsonrpc":"2.0","id":"r","result":{}}', flush=True)
sys.stdin.read()
"""


def calls(*names: str) -> list[Json]:
    return [
        {"id": number, "method": "tools/call", "params": {"name": name, "arguments": {}}}
        for number, name in enumerate(names, start=1)
    ]


def ended(folder: Path) -> bool:
    """Whether no process is left whose command line names the folder."""
    lines = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            lines.append((process / "cmdline").read_bytes())
        except OSError:
            continue
    return not any(str(folder).encode() in line for line in lines)


def piped(wire: Any, *messages: Json) -> None:
    """All at once and the end, as from a file."""
    for message in messages:
        wire.send(message)
    wire.process.stdin.close()


def test_a_server_that_starts_after_the_client_has_closed_answers_everything_in_order(
    behind: Behind, tmp_path: Path
) -> None:
    """A file before a server that is fetched first. Source: lifecycle; nothing overtakes the handshake."""
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    folder = tmp_path / "run0"
    wire = behind(
        OPEN, handshake=False, command=[sys.executable, "-c", SLOW, str(STANDIN), str(folder), str(gate)]
    )
    hello = {"id": 0, "method": "initialize", "params": {**CLIENT, "capabilities": {}}}
    piped(wire, hello, {"method": "notifications/initialized"}, *calls("echo", "cancel_job", "echo"))
    gate.write_text("start")  # blocks until the server is there
    assert {wire.receive()["id"] for _ in range(4)} == {0, 1, 2, 3}
    assert wire.process.wait(timeout=60) == 0
    assert [it["method"] for it in wire.reached()] == [
        "initialize", "notifications/initialized", "tools/list", "tools/call", "tools/call",
    ]  # fmt: skip


def test_nothing_but_a_ping_overtakes_the_handshake(behind: Behind) -> None:
    """Source: lifecycle; a request that comes too early waits for the answer to `initialize`."""
    wire = behind(OPEN, handshake=False)
    hello = {"id": 0, "method": "initialize", "params": {**CLIENT, "capabilities": {}}}
    piped(wire, *calls("echo"), hello, {"id": 7, "method": "ping"}, {"id": 8, "method": "resources/list"})
    assert {wire.receive()["id"] for _ in range(4)} == {0, 1, 7, 8}
    methods = [it["method"] for it in wire.reached()]
    assert methods.index("resources/list") > methods.index("initialize")
    assert wire.process.wait(timeout=60) == 0


def test_questions_to_a_client_that_has_closed_are_answered_for_it(behind: Behind) -> None:
    """Neither the server nor a call waits for a person that cannot answer any more."""
    policy = {"version": "2", "default": "deny", "tools": {"echo": {"action": "approve"}, "ask_client": {}}}
    wire = behind(policy, capabilities={"elicitation": {}, "roots": {}})
    number = wire.start("tools/call", {"name": "echo", "arguments": {}})
    wire.notified("elicitation/create")
    wire.start("tools/call", {"name": "ask_client", "arguments": {}})
    wire.notified("roots/list")
    wire.process.stdin.close()
    denial = wire.answer_to(number)["result"]
    assert "catalog approvals approve" in denial["content"][0]["text"]
    wire.process.wait(timeout=60)
    assert any("answers nothing more" in it.get("error", {}).get("message", "") for it in wire.reached())


class Transport:
    """The transport in this process, with a real server process; the client is the test."""

    def __init__(self, session: Any, command: list[str], patience: float) -> None:
        self.source, self.client = os.pipe()
        self.answers, self.sink = os.pipe()
        self.gateway = StdioGateway(session, command, lambda text: None, patience)
        self.deaf = False

    def deafen(self) -> None:
        """The client reads nothing more."""
        self.deaf = True
        os.close(self.answers)

    def run(self, *messages: Json) -> tuple[list[Json], str]:
        """What comes of these messages and then the end, and what was wrong."""
        lines = [json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n" for message in messages]
        os.write(self.client, b"".join(lines))
        os.close(self.client)
        trouble = self.gateway.run(self.source, self.sink)
        os.close(self.sink)
        os.close(self.source)
        if self.deaf:
            return [], trouble
        with os.fdopen(self.answers, "rb") as answers:
            return [json.loads(line) for line in answers], trouble


def test_signs_of_life_keep_the_gateway_waiting(in_memory: Callable[..., Any]) -> None:
    """The server works for longer than patience lasts, and says so."""
    memory = in_memory(OPEN)
    transport = Transport(memory.session, [sys.executable, "-SE", "-c", WORKING], 2.5)
    answers, trouble = transport.run({"id": "r", "method": "resources/list"})
    assert trouble == ""
    assert answers[-1] == {"jsonrpc": "2.0", "id": "r", "result": {}}


def test_a_client_that_is_gone_altogether_is_not_waited_for(
    in_memory: Callable[..., Any], tmp_path: Path
) -> None:
    """It reads no answer either: patience, which would end in trouble, is not spent."""
    transport = Transport(in_memory(OPEN).session, [sys.executable, str(STANDIN), str(tmp_path)], 15.0)
    transport.deafen()
    assert transport.run(*calls("hang")) == ([], "")
    assert ended(tmp_path)


def test_when_time_is_up_each_open_request_gets_an_error_and_is_settled(
    in_memory: Callable[..., Any], tmp_path: Path
) -> None:
    """None is left open: not in the client, and not in the journal."""
    memory = in_memory(OPEN)
    memory.learn()
    (tmp_path / "tools.json").write_text("[]")
    transport = Transport(memory.session, [sys.executable, str(STANDIN), str(tmp_path)], 1.5)
    answers, trouble = transport.run(*calls("hang", "hang"), {"id": 9, "method": "ping"})
    assert trouble == "the server did not answer within 1.5 seconds"
    assert {answer["id"] for answer in answers} == {1, 2, 9}
    errors = [answer["error"]["message"] for answer in answers if answer["id"] != 9]
    assert all("did not answer within 1.5 seconds" in text and "unknown" in text for text in errors)
    assert sorted(memory.outcomes()) == ["allowed", "allowed", "unknown", "unknown"]
    assert ended(tmp_path)
