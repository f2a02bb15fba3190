"""What the gateway's tests share: a client on a wire, a gateway as a process, and one in memory."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from catalog.db.journal import Kind
from catalog.db.ledger import Ledger
from catalog.gateway.core import Session
from catalog.gateway.gateway import Gateway, Peer
from catalog.gateway.message import Message, read
from catalog.gateway.policy_file import PolicyFile

Json = dict[str, Any]
STANDIN = Path(__file__).parent / "standin.py"
LIMIT = 60.0  # seconds after which an answer is not coming any more
MODERN_META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
    "io.modelcontextprotocol/clientCapabilities": {},
}


def tool(name: str, **more: Any) -> Json:
    return {"name": name, "description": f"Does {name}.", "inputSchema": {"type": "object"}, **more}


ALL_TOOLS = [
    tool(name)
    for name in (
        "echo", "fail", "refuse", "secret", "long", "hang", "die", "half", "change", "round", "noise", "twice",
        "ask_client", "progress", "cancel_job",
    )
]  # fmt: skip


class Wire:
    """A client of a process that speaks lines of JSON-RPC."""

    def __init__(self, command: list[str], environment: dict[str, str], folder: Path) -> None:
        self.folder = folder
        self.errors = folder / "stderr"
        with self.errors.open("ab") as stderr:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                env=environment,
                cwd=folder,
                start_new_session=True,
            )
        self._lines: queue.Queue[bytes] = queue.Queue()
        self._seen: list[Json] = []
        self._count = 0
        threading.Thread(target=self._pump, daemon=True).start()

    def _pump(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self._lines.put(line)
        self._lines.put(b"")

    def write(self, line: bytes) -> None:
        assert self.process.stdin
        self.process.stdin.write(line + b"\n")
        self.process.stdin.flush()

    def send(self, message: Json) -> None:
        self.write(json.dumps({"jsonrpc": "2.0", **message}).encode())

    def receive(self, wanted: Callable[[Json], bool] = lambda message: True) -> Json:
        """The next message that is wanted; others are kept for later."""
        for number, message in enumerate(self._seen):
            if wanted(message):
                return self._seen.pop(number)
        while True:
            line = self._lines.get(timeout=LIMIT)
            assert line, f"the gateway closed its output: {self.told()}"
            message = json.loads(line)
            if wanted(message):
                return message
            self._seen.append(message)

    def ask(self, method: str, params: Json | None = None) -> Json:
        """A request and its answer."""
        return self.answer_to(self.start(method, params))

    def start(self, method: str, params: Json | None = None) -> int:
        self._count += 1
        self.send({"id": self._count, "method": method, **({} if params is None else {"params": params})})
        return self._count

    def answer_to(self, number: int) -> Json:
        return self.receive(lambda message: message.get("id") == number and "method" not in message)

    def call(self, name: str, **arguments: Any) -> Json:
        answer = self.ask("tools/call", {"name": name, "arguments": arguments})
        assert "result" in answer, answer
        found: Json = answer["result"]
        return found

    def text(self, name: str, **arguments: Any) -> str:
        return str(self.call(name, **arguments)["content"][0]["text"])

    def notified(self, method: str) -> Json:
        return self.receive(lambda message: message.get("method") == method)

    def reached(self) -> list[Json]:
        """What reached the server."""
        file = self.folder / "reached"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    def calls_reached(self) -> list[str]:
        return [it["params"]["name"] for it in self.reached() if it.get("method") == "tools/call"]

    def told(self) -> str:
        return self.errors.read_text()

    def close(self) -> int:
        """Leave as a client does: close the input and wait."""
        assert self.process.stdin
        self.process.stdin.close()
        return self.process.wait(timeout=LIMIT)


Behind = Callable[..., Wire]


@pytest.fixture
def behind(tmp_path: Path) -> Iterator[Behind]:
    """Start `catalog gateway` before the stand-in server, and shake hands as a client of the older era."""
    wires: list[Wire] = []

    def start(
        policy: Json | str,
        *flags: str,
        tools: Any = ALL_TOOLS,
        capabilities: Json | None = None,
        handshake: bool = True,
        database: str | None = None,
        command: list[str] | None = None,
    ) -> Wire:
        folder = tmp_path / f"run{len(wires)}"
        folder.mkdir()
        (folder / "tools.json").write_text(json.dumps(tools))
        write_policy(folder / "policy.json", policy)
        url = database or f"sqlite:///{tmp_path}/ledger.sqlite3"
        own = [sys.executable, "-m", "catalog.cli.main", "gateway", "--policy", "policy.json", *flags]
        server = command or [sys.executable, str(STANDIN), str(folder)]
        environment = {**os.environ, "CATALOG_DB": url, "NO_COLOR": "1", "COLUMNS": "400"}
        wire = Wire([*own, "--", *server], environment, folder)
        wires.append(wire)
        if handshake:
            shake_hands(wire, capabilities or {})
        return wire

    yield start
    for wire in wires:
        wire.process.kill()
        wire.process.wait()


def shake_hands(wire: Wire, capabilities: Json) -> Json:
    params = {
        "protocolVersion": "2025-11-25",
        "capabilities": capabilities,
        "clientInfo": {"name": "test", "version": "1"},
    }
    answer = wire.ask("initialize", params)
    wire.send({"method": "notifications/initialized"})
    return answer


def write_policy(path: Path, policy: Json | str) -> None:
    path.write_text(policy if isinstance(policy, str) else json.dumps(policy))


class Memory:
    """A session in memory: what the test sends, and what comes out at either side."""

    def __init__(self, session: Session, ledger: Ledger, said: list[str], policy: Path) -> None:
        self.session = session
        self.ledger = ledger
        self.said = said
        self.policy = policy

    def client(self, **message: Any) -> tuple[list[Json], list[Json]]:
        """The client sends; what goes to the server and to the client then."""
        return self._moved(self.session.from_client(parsed(message)))

    def server(self, **message: Any) -> tuple[list[Json], list[Json]]:
        """The server sends."""
        return self._moved(self.session.from_server(parsed(message, trusting=True)))

    def call(self, id: Any, name: str, **arguments: Any) -> tuple[list[Json], list[Json]]:  # noqa: A002
        return self.client(id=id, method="tools/call", params={"name": name, "arguments": arguments})

    def learn(self, tools: list[Json] | None = None) -> None:
        """Let the client list the tools, so that the gateway knows them."""
        self.client(id="list", method="tools/list")
        self.server(id="list", result={"tools": ALL_TOOLS if tools is None else tools})

    def outcomes(self) -> list[Any]:
        """The journal's words on calls and how they ended, in order."""
        words = []
        for line in self.ledger.journal():
            if line.kind is Kind.CALL:
                words.append(line.facts["code"])
            elif line.kind is Kind.OUTCOME:
                words.append(line.facts["outcome"])
        return words

    @staticmethod
    def _moved(moves: Any) -> tuple[list[Json], list[Json]]:
        return [as_sent(it) for it in moves.to_server], [as_sent(it) for it in moves.to_client]


def as_sent(message: Message) -> Json:
    found: Json = json.loads(message.dump())
    return found


def parsed(message: Json, *, trusting: bool = False) -> Message:
    return read(json.dumps({"jsonrpc": "2.0", **message}).encode(), trusting=trusting)


InMemory = Callable[..., Memory]


@pytest.fixture
def in_memory(tmp_path: Path) -> Iterator[InMemory]:
    """A session with a real ledger and policy file, and no transport."""
    opened: list[Ledger] = []

    def start(policy: Json, *, clock: Callable[[], float] = lambda: 0.0, **more: Any) -> Memory:
        path = tmp_path / "policy.json"
        write_policy(path, policy)
        ledger = Ledger.open(f"sqlite:///{tmp_path}/memory.sqlite3")
        opened.append(ledger)
        ledger.local_grant("local")
        said: list[str] = []
        gateway = Gateway(
            policy=PolicyFile(path, said.append), ledger=ledger, server="standin", say=said.append, **more
        )
        return Memory(Session(gateway, Peer(), clock), ledger, said, path)

    yield start
    for ledger in opened:
        ledger.close()


@pytest.fixture
def modern_meta() -> Json:
    return dict(MODERN_META)


@pytest.fixture
def make_tool() -> Callable[..., Json]:
    return tool
