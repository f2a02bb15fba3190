"""The gateway over HTTP: what a call costs, beside a pass-through of Starlette and httpx and beside FastMCP's proxy.

    python -m tests.bench.gateway_http [CALLS]

All stand before the same tiny server, and take turns. The client is a bare socket that is kept open.
"""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

from tests.bench.gateway import PARTS, POLICY, figures, in_turns
from tests.bench.proxies import fastmcp_python

COUNT = int(sys.argv[1]) if len(sys.argv) > 1 else 2_000
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


class Caller:
    """A client in a session of the era that has sessions."""

    def __init__(self, port: int) -> None:
        self._socket = self._connected(port)
        self._head = (
            f"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
            "Accept: application/json, text/event-stream\r\n"
        )
        self._count = 0
        self._seen = b""
        hello = {
            "protocolVersion": "2025-11-25",
            "capabilities": {},
            "clientInfo": {"name": "b", "version": "1"},
        }
        head, _ = self.send("initialize", 1, **hello)
        session = re.search(rb"mcp-session-id: *(\S+)", head, re.IGNORECASE)
        self._head += "MCP-Protocol-Version: 2025-11-25\r\n"
        if session:
            self._head += f"Mcp-Session-Id: {session[1].decode()}\r\n"
        self.send("notifications/initialized", None)

    def _connected(self, port: int) -> socket.socket:
        for _ in range(400):
            with suppress(OSError):
                found = socket.create_connection(("127.0.0.1", port), timeout=20)
                found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                return found
            time.sleep(0.05)
        raise AssertionError("nobody listens")

    def send(self, method: str, id_: int | None, **params: Any) -> tuple[bytes, bytes]:
        """Send a message; the head and the body of the response."""
        message = {
            "jsonrpc": "2.0",
            **({} if id_ is None else {"id": id_}),
            "method": method,
            "params": params,
        }
        body = json.dumps(message).encode()
        self._socket.sendall(f"{self._head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        head = self._until(b"\r\n\r\n")
        if length := _LENGTH.search(head):
            return head, self._exactly(int(length[1]))
        return head, self._until(b"0\r\n\r\n") if b"chunked" in head else b""

    def call(self) -> float:
        """One call; milliseconds."""
        self._count += 1
        begin = time.perf_counter()
        _, body = self.send("tools/call", self._count, name="echo", arguments={"text": "the same short text"})
        took = (time.perf_counter() - begin) * 1e3
        assert b"the same short text" in body, body
        return took

    def _until(self, end: bytes) -> bytes:
        while end not in self._seen:
            self._receive()
        found, self._seen = self._seen.split(end, 1)
        return found + end

    def _exactly(self, count: int) -> bytes:
        while len(self._seen) < count:
            self._receive()
        found, self._seen = self._seen[:count], self._seen[count:]
        return found

    def _receive(self) -> None:
        part = self._socket.recv(1 << 16)
        assert part, "the connection was closed"
        self._seen += part


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port


def start(stack: ExitStack, folder: str) -> dict[str, Caller]:
    """A client on each way."""
    Path(folder, "policy.json").write_text(json.dumps(POLICY))
    ports = {name: free_port() for name in ("direct", "floor", "gateway", "fastmcp")}
    url = f"http://127.0.0.1:{ports['direct']}/mcp"
    own = [sys.executable, "-m", "catalog.cli.main", "gateway", "--policy", f"{folder}/policy.json"]
    commands = {
        "direct": [sys.executable, PARTS, "http-server", str(ports["direct"])],
        "floor": [sys.executable, PARTS, "http-relay", str(ports["floor"]), url],
        "gateway": [*own, "--listen", f"127.0.0.1:{ports['gateway']}", "--upstream", url],
    }
    if fastmcp_python():
        commands["fastmcp"] = [fastmcp_python(), PARTS, "fastmcp-http", str(ports["fastmcp"]), url]
    environment = {
        **os.environ,
        "CATALOG_DB": f"sqlite:///{folder}/ledger.sqlite3",
        "PYTHONPATH": str(Path.cwd()),
    }
    for command in commands.values():
        process = subprocess.Popen(
            command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        stack.callback(process.wait)
        stack.callback(process.kill)
    return {name: Caller(ports[name]) for name in commands}


def main() -> None:
    """Print one JSON object."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        times = in_turns(start(stack, folder), COUNT)
    title = f"Gateway over HTTP, journal on: {COUNT:,} calls, one at a time"
    print(json.dumps({"title": title, **figures(times, wanted="in the floor's time, median (at most 1.5)")}))


if __name__ == "__main__":
    main()
