"""What the tests of the gateway over HTTP share: a server, a gateway that listens, and clients of both eras."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx2
import pytest

from catalog.db.journal import Kind
from catalog.db.ledger import Ledger
from catalog.gateway.gateway import Gateway
from catalog.gateway.http.clients import Clients
from catalog.gateway.http.door import Address, Door
from catalog.gateway.http.endpoint import Endpoint
from catalog.gateway.http.pipe import Pipe
from catalog.gateway.http.posting import Posting
from catalog.gateway.http.serve import Server, bound
from catalog.gateway.http.upstream import Upstream
from catalog.gateway.policy_file import PolicyFile

Json = dict[str, Any]
LIMIT = 60.0  # seconds after which an answer is not coming any more
BOTH = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}
META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
    "io.modelcontextprotocol/clientCapabilities": {},
}


def _module(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


_STANDIN = _module("standin_http")


@pytest.fixture
def parts() -> ModuleType:
    """The module of the stand-in server."""
    return _STANDIN


@pytest.fixture
def server() -> Iterator[Any]:
    """A server that lists and answers `echo` and `other`; tests add more tools."""
    standin = _STANDIN.StandinHttp()
    for name in ("echo", "other", "cancel_job"):
        standin.tools[name] = _STANDIN.echo
        standin.listed.append({"name": name, "inputSchema": {"type": "object"}})
    standin.start()
    yield standin
    standin.stop()


class Listening:
    """A gateway in a thread of the test."""

    def __init__(self, folder: Path, policy: Json, connect: Any, **more: Any) -> None:
        self.said: list[str] = []
        self.policy = folder / "policy.json"
        self.policy.write_text(json.dumps(policy))
        self.ledger = Ledger.open(f"sqlite:///{folder}/ledger.sqlite3")
        gateway = Gateway(
            policy=PolicyFile(self.policy, self.said.append),
            ledger=self.ledger,
            server="standin",
            say=self.said.append,
            database=f"sqlite:///{folder}/ledger.sqlite3",
        )
        address = Address("127.0.0.1", 0)
        listener = bound(address)
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}/mcp"
        self.clients = Clients(gateway, connect, more.pop("most", 100))
        door = Door(self.ledger, address, "local", **more)
        self.server = Server(Endpoint(door, self.clients), self.clients)
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self.server.serve([listener])), daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        self.server.should_exit = True
        self._thread.join(LIMIT)
        assert not self._thread.is_alive(), "the gateway does not end"
        self.ledger.close()

    def outcomes(self) -> list[Any]:
        """The journal's words on calls and how they ended, in order."""
        words = []
        for line in self.ledger.journal():
            if line.kind is Kind.CALL:
                words.append(line.facts["code"])
            elif line.kind is Kind.OUTCOME:
                words.append(line.facts["outcome"])
        return words


@pytest.fixture
def listening(tmp_path: Path) -> Iterator[Callable[..., Listening]]:
    """Start a gateway before a URL or a command; options as those of `Door`."""
    started: list[Listening] = []

    def start(
        policy: Json, upstream: str | list[str], *, headers: tuple[str, ...] = (), **more: Any
    ) -> Listening:
        remote = isinstance(upstream, str)
        connect = partial(Posting, Upstream.at(str(upstream), headers)) if remote else partial(Pipe, upstream)
        folder = tmp_path / f"gateway{len(started)}"
        folder.mkdir()
        started.append(Listening(more.pop("folder", folder), policy, connect, **more))
        return started[-1]

    yield start
    for it in started:
        it.stop()


class Caller:
    """A client that says exactly what the test wants; one of an older era once it has `initialized`."""

    def __init__(self, url: str, token: str = "") -> None:
        self.http = httpx2.Client(
            timeout=LIMIT, headers={"Authorization": f"Bearer {token}"} if token else {}
        )
        self.url = url
        self.session = ""
        self._count = 0

    def number(self) -> int:
        self._count += 1
        return self._count

    def post(self, message: Json | bytes, **headers: str) -> httpx2.Response:
        body = message if isinstance(message, bytes) else json.dumps({"jsonrpc": "2.0", **message}).encode()
        return self.http.post(self.url, content=body, headers={**self.standing(), **_headers(headers)})

    def standing(self) -> dict[str, str]:
        session = (
            {"Mcp-Session-Id": self.session, "MCP-Protocol-Version": "2025-11-25"} if self.session else {}
        )
        return {**BOTH, **session}

    def initialize(self, capabilities: Json | None = None) -> httpx2.Response:
        params = {
            "protocolVersion": "2025-11-25",
            "capabilities": capabilities or {},
            "clientInfo": {"name": "test", "version": "1"},
        }
        answer = self.post({"id": self.number(), "method": "initialize", "params": params})
        self.session = answer.headers.get("mcp-session-id", "")
        if self.session:
            assert self.post({"method": "notifications/initialized"}).status_code == 202
        return answer

    def call_message(self, name: str, arguments: Json, meta: Json | None = None) -> Json:
        params: Json = {"name": name, "arguments": arguments}
        return {
            "id": self.number(),
            "method": "tools/call",
            "params": params | ({"_meta": meta} if meta else {}),
        }

    def call(self, name: str, **arguments: Any) -> Json:
        """A call in an older era's session; its result."""
        answer = self.post(self.call_message(name, arguments))
        assert answer.status_code == 200, answer.text
        return _result(answer)

    def modern(
        self, name: str, arguments: Json | None = None, meta: Json | None = None, **headers: str
    ) -> httpx2.Response:
        """A call as since 2026-07-28."""
        message = self.call_message(name, arguments or {}, {**META, **(meta or {})})
        own = {"MCP-Protocol-Version": "2026-07-28", "Mcp-Method": "tools/call", "Mcp-Name": name}
        return self.post(message, **{**own, **_headers(headers)})

    def stream(self, message: Json, **headers: str) -> Any:
        """A request whose answer is read while it comes."""
        content = json.dumps({"jsonrpc": "2.0", **message}).encode()
        return self.http.stream(
            "POST", self.url, content=content, headers={**self.standing(), **_headers(headers)}
        )

    def listen(self) -> Any:
        return self.http.stream("GET", self.url, headers={**self.standing(), "Accept": "text/event-stream"})


def _headers(headers: dict[str, str]) -> dict[str, str]:
    return {key.replace("_", "-"): value for key, value in headers.items()}


def _result(answer: httpx2.Response) -> Json:
    body = answer.json()
    assert "result" in body, body
    found: Json = body["result"]
    return found


def events(response: httpx2.Response) -> Iterator[Json]:
    """The messages of a stream, as they come."""
    for line in response.iter_lines():
        if line.startswith("data: "):
            yield json.loads(line.removeprefix("data: "))


@pytest.fixture
def caller() -> Iterator[Callable[..., Caller]]:
    made: list[Caller] = []

    def make(gateway: Listening | str, token: str = "") -> Caller:
        made.append(Caller(gateway if isinstance(gateway, str) else gateway.url, token))
        return made[-1]

    yield make
    for it in made:
        it.http.close()


@pytest.fixture
def messages() -> Callable[[httpx2.Response], Iterator[Json]]:
    return events


def wait_until(condition: Callable[[], bool]) -> None:
    """Look again and again, as what is waited for happens in another thread or process."""
    deadline, pause = time.monotonic() + LIMIT, threading.Event()
    while not condition():
        assert time.monotonic() < deadline, "it does not happen"
        pause.wait(0.01)


@pytest.fixture
def until() -> Callable[[Callable[[], bool]], None]:
    return wait_until
