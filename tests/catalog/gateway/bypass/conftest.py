"""What the bypass corpus shares: a client before a gateway, over stdio and over HTTP, and what truly happened behind it."""

from __future__ import annotations

import importlib.util
import json
import os
import queue
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx2
import pytest

from catalog.db.ledger import ApprovalState, Ledger
from catalog.gateway.http.headers import encoded

Json = dict[str, Any]
Waiting = Callable[[], Json]
EFFECTS = Path(__file__).with_name("effects.py")
LIMIT = 120.0  # seconds after which an answer is not coming any more; 200 calls at once take a while
VERSION = "io.modelcontextprotocol/protocolVersion"
META = {
    VERSION: "2026-07-28",
    "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
    "io.modelcontextprotocol/clientCapabilities": {},
}
NAMES = ("note", "pay", "spend", "look", "slow", "broken", "asks", "cancel_job", "wipe")
TOOLS = [{"name": name, "inputSchema": {"type": "object"}} for name in NAMES]


def _effects_module() -> Any:
    spec = importlib.util.spec_from_file_location("effects_server", EFFECTS)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Place:
    """One server's folder and one database, for as many gateways as a test starts."""

    def __init__(self, folder: Path, tools: Any) -> None:
        self.folder = folder
        self.database = f"sqlite:///{folder}/ledger.sqlite3"
        self.list(TOOLS if tools is None else tools)

    def list(self, tools: Any) -> None:
        """What the server lists from now on."""
        (self.folder / "tools.json").write_text(json.dumps(tools))

    def pages(self, pages: Json) -> None:
        (self.folder / "pages.json").write_text(json.dumps(pages))

    def go(self) -> None:
        """Let the calls of `slow` end."""
        (self.folder / "go").touch()

    def effects(self) -> list[Json]:
        """What truly happened, in order."""
        file = self.folder / "effects"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    def done(self) -> list[str]:
        return [it["tool"] for it in self.effects()]

    def until_done(self, tool: str, times: int = 1) -> None:
        """Wait until it has happened so often."""
        for _ in range(int(LIMIT / 0.02)):
            if self.done().count(tool) >= times:
                return
            threading.Event().wait(0.02)
        raise AssertionError(f"{tool} did not happen {times} times: {self.done()}")

    def say_of_approvals(self, *, approve: bool = True) -> None:
        """Answer what a person was asked last."""
        with Ledger.open(self.database) as ledger:
            ledger.answer(ledger.approvals(ApprovalState.PENDING)[-1].id, approve=approve, by="a person")

    def token(self, grant: str) -> str:
        with Ledger.open(self.database) as ledger:
            return ledger.grant(grant)[1]


class Front:
    """A client of one grant before a gateway process; what both transports have in common.

    `said`: what came that answers nothing (questions and notifications).
    """

    era = "older"

    def __init__(self, place: Place, policy: Path) -> None:
        self.place = place
        self.policy = policy
        self.said: queue.Queue[Json] = queue.Queue()
        self._count = 0

    def number(self) -> int:
        self._count += 1
        return self._count

    def begin(self, method: str, params: Json, id: Any = None) -> Waiting:  # noqa: A002
        """Send a request; a function that waits for its answer."""
        raise NotImplementedError

    def raw(self, body: bytes) -> None:
        """Send bytes, and wait until the gateway has dealt with them."""
        raise NotImplementedError

    def send(self, message: Json) -> None:
        """Send a notification, or an answer."""
        raise NotImplementedError

    def another(self, grant: str) -> Front:
        """A client of another grant, under the same policy."""
        raise NotImplementedError

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    process: subprocess.Popen[bytes]

    def ask(self, method: str, params: Json | None = None) -> Json:
        return self.begin(method, params or {})()

    def call(self, name: str, /, **arguments: Any) -> Json:
        return self.ask("tools/call", {"name": name, "arguments": arguments})

    def passes(self, name: str, /, **arguments: Any) -> bool:
        return passed(self.call(name, **arguments))

    def asked(self) -> Json:
        """The next question from the gateway or the server."""
        while True:
            message = self.said.get(timeout=LIMIT)
            if "id" in message:
                return message

    def listed(self) -> list[str]:
        return [tool["name"] for tool in self.ask("tools/list")["result"]["tools"]]


def passed(answer: Json) -> bool:
    return "result" in answer and not answer["result"].get("isError")


class Stdio(Front):
    def __init__(self, place: Place, policy: Path, grant: str, capabilities: Json) -> None:
        super().__init__(place, policy)
        command = [
            sys.executable,
            "-m",
            "catalog.cli.main",
            "gateway",
            "--policy",
            str(policy),
            "--grant",
            grant,
        ]
        server = [sys.executable, str(EFFECTS), str(place.folder)]
        self.process = _started([*command, "--", *server], place, stdin=subprocess.PIPE)
        self._capabilities = capabilities
        self._answers: dict[Any, Future[Json]] = {}
        threading.Thread(target=self._pump, daemon=True).start()
        assert "result" in self.ask("initialize", _hello(capabilities))
        self.send({"method": "notifications/initialized"})

    def _pump(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            message = json.loads(line)
            answer = self._answers.pop(message.get("id"), None) if "method" not in message else None
            if answer is None:
                self.said.put(message)
            else:
                answer.set_result(message)
        for answer in self._answers.values():
            answer.set_exception(AssertionError("the gateway is gone"))

    def _write(self, line: bytes) -> None:
        assert self.process.stdin
        self.process.stdin.write(line + b"\n")
        self.process.stdin.flush()

    def begin(self, method: str, params: Json, id: Any = None) -> Waiting:  # noqa: A002
        number = self.number() if id is None else id
        answer = self._answers[number] = Future()
        self._write(_line({"id": number, "method": method, "params": params}))
        return lambda: answer.result(LIMIT)

    def raw(self, body: bytes) -> None:
        self._write(body)
        self.ask("ping")

    def send(self, message: Json) -> None:
        self._write(_line(message))

    def another(self, grant: str) -> Front:
        return Stdio(self.place, self.policy, grant, self._capabilities)


class Http(Front):
    def __init__(self, place: Place, policy: Path, url: str, token: str, capabilities: Json) -> None:
        super().__init__(place, policy)
        self.url = url
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._http = httpx2.Client(timeout=LIMIT, headers=headers, limits=httpx2.Limits(max_connections=300))
        self._pool = ThreadPoolExecutor(250)
        self._standing = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}
        self._capabilities = capabilities
        self._shake_hands(capabilities)

    def _shake_hands(self, capabilities: Json) -> None:
        params = {"id": 0, "method": "initialize", "params": _hello(capabilities)}
        answer = self._http.post(self.url, content=_line(params), headers=self._standing)
        self.session = answer.headers["mcp-session-id"]
        self._standing |= {"Mcp-Session-Id": self.session, "MCP-Protocol-Version": "2025-11-25"}
        self.send({"method": "notifications/initialized"})

    def headers(self, message: Json) -> dict[str, str]:
        return self._standing

    def begin(self, method: str, params: Json, id: Any = None) -> Waiting:  # noqa: A002
        number = self.number() if id is None else id
        return self._pool.submit(self._answered, {"id": number, "method": method, "params": params}).result

    def _answered(self, message: Json) -> Json:
        """Read a response as it comes: its answer; anything else is kept as said."""
        headers = self.headers(message)
        with self._http.stream("POST", self.url, content=_line(message), headers=headers) as response:
            if "event-stream" not in response.headers.get("content-type", ""):
                found: Json = json.loads(response.read() or b"{}")
                return found
            for line in response.iter_lines():
                if line.startswith("data: "):
                    found = json.loads(line.removeprefix("data: "))
                    if "method" not in found:
                        return found
                    self.said.put(found)
        return {}

    def raw(self, body: bytes) -> None:
        self._http.post(self.url, content=body, headers=self._standing)

    def send(self, message: Json) -> None:
        self._http.post(self.url, content=_line(message), headers=self.headers(message))

    def another(self, grant: str) -> Front:
        token = self.place.token(grant)
        other = type(self)(self.place, self.policy, self.url, token, self._capabilities)
        other.process = self.process
        return other

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True, wait=False)
        self._http.close()


class Modern(Http):
    """The protocol without sessions; its requests say in headers and in `_meta` what they are."""

    era = "modern"

    def _shake_hands(self, capabilities: Json) -> None:
        self.session = ""
        self._meta = {**META, "io.modelcontextprotocol/clientCapabilities": capabilities}

    def begin(self, method: str, params: Json, id: Any = None) -> Waiting:  # noqa: A002
        return super().begin(method, {**params, "_meta": {**self._meta, **params.get("_meta", {})}}, id)

    def headers(self, message: Json) -> dict[str, str]:
        params = message.get("params", {})
        name = params.get("name") if isinstance(params, dict) else None
        named = {"Mcp-Name": encoded(name)} if isinstance(name, str) else {}
        return {
            **self._standing,
            "MCP-Protocol-Version": "2026-07-28",
            "Mcp-Method": message.get("method", ""),
            **named,
        }

    def raw(self, body: bytes) -> None:
        meta = b'"params":{"_meta":' + json.dumps(self._meta).encode() + b","
        body = body.replace(b'"params":{', meta, 1)
        try:
            message = json.loads(body)
        except (ValueError, RecursionError):
            message = {}
        message = message if isinstance(message, dict) else {}
        headers = {**self.headers(message), "Mcp-Method": encoded(str(message.get("method", "")))}
        self._http.post(self.url, content=body, headers=headers)


def _hello(capabilities: Json) -> Json:
    return {
        "protocolVersion": "2025-11-25",
        "capabilities": capabilities,
        "clientInfo": {"name": "test", "version": "1"},
    }


def _line(message: Json) -> bytes:
    return json.dumps({"jsonrpc": "2.0", **message}).encode()


def _started(command: list[str], place: Place, **more: Any) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "CATALOG_DB": place.database, "NO_COLOR": "1", "COLUMNS": "400"}
    with (place.folder / "told").open("ab") as told:
        more = {"stderr": told, **more}
        return subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, cwd=place.folder, **more)


class Launcher:
    """Starts gateways over one transport; `fronts(policy)` is a client before a new one."""

    def __init__(self, transport: str, place: Place, stack: ExitStack) -> None:
        self.transport = transport
        self.place = place
        self._stack = stack
        self._url = ""
        self._count = 0

    def __call__(self, policy: Json, grant: str = "local", capabilities: Json | None = None) -> Front:
        self._count += 1
        path = self.place.folder / f"policy{self._count}.json"
        path.write_text(json.dumps(policy))
        if self.transport == "stdio":
            stdio = Stdio(self.place, path, grant, capabilities or {})
            self._stack.callback(stdio.kill)
            return stdio
        return self._over_http(path, grant, capabilities or {})

    def _over_http(self, path: Path, grant: str, capabilities: Json) -> Front:
        command = [
            sys.executable,
            "-m",
            "catalog.cli.main",
            "gateway",
            "--policy",
            str(path),
            "--grant",
            grant,
        ]
        command += ["--listen", "127.0.0.1:0", "--upstream", self._upstream()]
        process = _started(command, self.place, stderr=subprocess.STDOUT)
        assert process.stdout
        told = b""
        while not (found := re.search(rb"listening at (\S+)", told)):
            line = process.stdout.readline()
            assert line, told
            told += line
        threading.Thread(target=process.stdout.read, daemon=True).start()
        kind = Modern if self.transport == "http-modern" else Http
        front = kind(self.place, path, found[1].decode(), "", capabilities)
        front.process = process
        self._stack.callback(front.close)
        self._stack.callback(front.kill)
        return front

    def _upstream(self) -> str:
        if not self._url:
            listening = _effects_module().serve(self.place.folder)
            self._stack.callback(listening.server_close)
            self._stack.callback(listening.shutdown)
            self._url = f"http://127.0.0.1:{listening.server_address[1]}/mcp"
        return self._url


@pytest.fixture(scope="session")
def effects_server() -> Any:
    """The module of the server behind."""
    return _effects_module()


TRANSPORTS = ("stdio", "http", "http-modern")


@pytest.fixture(params=TRANSPORTS)
def fronts(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Launcher]:
    """Gateways over each transport, for one test."""
    with ExitStack() as stack:
        yield Launcher(request.param, Place(tmp_path, None), stack)


@pytest.fixture(scope="module", params=TRANSPORTS)
def shared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Launcher]:
    """Gateways over each transport, for a module of tests that leave nothing behind."""
    with ExitStack() as stack:
        yield Launcher(request.param, Place(tmp_path_factory.mktemp("shared"), None), stack)
