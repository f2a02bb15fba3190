"""A server for the tests of the gateway over HTTP: both eras, and misbehaving on request.

It runs in a thread of the test, so that the test sees what reached it and says what it answers.
"""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

import uvicorn

Json = dict[str, Any]
MODERN = "io.modelcontextprotocol/protocolVersion"
JSON = ("content-type", "application/json")
EVENTS = ("content-type", "text/event-stream")


@dataclass
class Request:
    """One request as it arrived, and the means to answer it."""

    method: str
    headers: dict[str, str]
    body: Json
    send: Callable[[Json], Awaitable[None]]

    async def start(self, status: int, *headers: tuple[str, str]) -> None:
        raw = [(key.encode(), value.encode()) for key, value in headers]
        await self.send({"type": "http.response.start", "status": status, "headers": raw})

    async def write(self, data: bytes, *, more: bool = True) -> None:
        await self.send({"type": "http.response.body", "body": data, "more_body": more})

    async def answer(self, status: int, body: bytes = b"", *headers: tuple[str, str]) -> None:
        await self.start(status, ("content-length", str(len(body))), *headers)
        await self.write(body, more=False)

    async def result(self, result: Json, *headers: tuple[str, str]) -> None:
        if MODERN in self.body.get("params", {}).get("_meta", {}):
            result = {"resultType": "complete", **result}
        body = json.dumps({"jsonrpc": "2.0", "id": self.body["id"], "result": result})
        await self.answer(200, body.encode(), JSON, *headers)

    async def text(self, words: str) -> None:
        await self.result({"content": [{"type": "text", "text": words}]})

    def answer_event(self, words: str) -> bytes:
        result = {"content": [{"type": "text", "text": words}], "resultType": "complete"}
        return event({"jsonrpc": "2.0", "id": self.body["id"], "result": result})


def event(message: Json, *, id: str = "", end: str = "\n") -> bytes:  # noqa: A002
    head = f"id: {id}{end}" if id else ""
    return f"{head}event: message{end}data: {json.dumps(message)}{end}{end}".encode()


Tool = Callable[[Request], Awaitable[None]]


async def echo(request: Request) -> None:
    await request.text(json.dumps(request.body["params"].get("arguments", {})))


@dataclass
class StandinHttp:
    """See the module. `tools`: what each tool does; `listed`: what the server lists."""

    tools: dict[str, Tool] = field(default_factory=dict)
    listed: list[Json] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    sessions: set[str] = field(default_factory=set)
    port: int = 0
    on_request: Tool | None = None  # takes every request before all else, if it is set
    asked: list[asyncio.Queue[bytes]] = field(default_factory=list)  # the streams opened with GET

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/mcp"

    def called(self) -> list[Request]:
        """The calls that reached the server."""
        return [it for it in self.requests if it.body.get("method") == "tools/call"]

    def calls(self) -> list[str]:
        """The names of their tools."""
        return [it.body["params"]["name"] for it in self.called()]

    def push(self, message: Json, id: str = "") -> None:  # noqa: A002
        """Send a message on the streams opened with GET."""
        for queue in self.asked:
            self._loop.call_soon_threadsafe(queue.put_nowait, event(message, id=id))

    # serving

    def start(self) -> None:
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.port))
        self.port = listener.getsockname()[1]
        listener.listen()
        config = uvicorn.Config(self, http="h11", ws="none", lifespan="off", log_level="critical", timeout_graceful_shutdown=1)  # fmt: skip
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run, args=(listener,), daemon=True)
        self._thread.start()

    def _run(self, listener: socket.socket) -> None:
        asyncio.run(self._server.serve([listener]))

    def stop(self) -> None:
        self._server.should_exit = self._server.force_exit = True
        self._thread.join(10)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self._loop = asyncio.get_running_loop()
        raw, more = b"", True
        while more:
            part = await receive()
            raw += part.get("body", b"")
            more = part.get("more_body", False)
        headers = {key.decode(): value.decode() for key, value in scope["headers"]}
        request = Request(scope["method"], headers, json.loads(raw or b"{}"), send)
        self.requests.append(request)
        if self.on_request is not None:
            await self.on_request(request)
        else:
            await self.serve(request)

    async def serve(self, request: Request) -> None:
        if request.method == "GET":
            await self._listen(request)
        elif request.method == "DELETE":
            self.sessions.discard(request.headers.get("mcp-session-id", ""))
            await request.answer(200)
        elif request.body["method"] == "initialize":
            await self._initialize(request)
        elif not self._known(request):
            await request.answer(404, b'{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"no session"}}', JSON)  # fmt: skip
        elif "id" not in request.body:
            await request.answer(202)
        else:
            await self._ask(request)

    def _known(self, request: Request) -> bool:
        if MODERN in request.body.get("params", {}).get("_meta", {}):
            assert request.headers["mcp-method"] == request.body["method"]
            return True
        return request.headers.get("mcp-session-id") in self.sessions

    async def _initialize(self, request: Request) -> None:
        session = f"upstream-{len(self.requests)}"
        self.sessions.add(session)
        result = {
            "protocolVersion": request.body["params"]["protocolVersion"],
            "capabilities": {"tools": {}},
            "serverInfo": {"name": "standin", "version": "1"},
        }
        await request.result(result, ("mcp-session-id", session), ("set-cookie", f"who={session}"))

    async def _ask(self, request: Request) -> None:
        method, params = request.body["method"], request.body.get("params", {})
        if method == "tools/list":
            await request.result({"tools": self.listed})
        elif method == "tools/call":
            await self.tools[params["name"]](request)
        else:
            await request.result({})

    async def _listen(self, request: Request) -> None:
        queue: asyncio.Queue[bytes] = asyncio.Queue()
        await request.start(200, EVENTS)
        await request.write(b": welcome\n\n")
        self.asked.append(queue)
        while True:
            await request.write(await queue.get())


class Gate:
    """A place where the server waits until the test lets it go on."""

    def __init__(self) -> None:
        self._reached: Future[None] = Future()
        self._open: Future[None] = Future()

    async def pass_through(self) -> None:
        if not self._reached.done():
            self._reached.set_result(None)
        await asyncio.wrap_future(self._open)

    def reached(self) -> None:
        """Wait until the server stands here."""
        self._reached.result(20)

    def open(self) -> None:
        self._open.set_result(None)
