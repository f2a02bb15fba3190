"""Clients that take their time, or take nothing. Source: the issue, point 3 and bad input."""

from __future__ import annotations

import socket
from collections.abc import Callable
from types import ModuleType
from typing import Any

import httpx2
import pytest

from catalog.gateway.http import endpoint, serve, stream

Json = dict[str, Any]
Start = Callable[..., Any]
OPEN: Json = {"version": "1", "default": "deny", "tools": {"echo": {}}}


def connected(url: str) -> socket.socket:
    parsed = httpx2.URL(url)
    return socket.create_connection((parsed.host, parsed.port or 80), timeout=20)


@pytest.mark.parametrize(
    "begun",
    [
        b"",
        b"POST /mcp HTTP/1.1\r\nHost: local",
        b"POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{",
    ],
)
def test_a_request_that_does_not_come_to_its_end_is_not_waited_for(
    server: Any, listening: Start, monkeypatch: pytest.MonkeyPatch, begun: bytes
) -> None:
    monkeypatch.setattr(serve, "_REQUEST", 0.2)
    with connected(listening(OPEN, server.url).url) as connection:
        connection.sendall(begun)
        assert connection.recv(100) == b""


def test_a_client_that_reads_nothing_holds_up_the_server_and_is_given_up(
    server: Any,
    listening: Start,
    parts: ModuleType,
    caller: Start,
    monkeypatch: pytest.MonkeyPatch,
    until: Start,
) -> None:
    """Memory is bounded: the server is not read from beyond a limit; the call's outcome is known all the same."""
    monkeypatch.setattr(stream, "PATIENCE", 0.5)
    monkeypatch.setattr(endpoint, "PATIENCE", 0.5)
    monkeypatch.setattr(stream, "HIGH", 1 << 20)
    sizes: list[int] = []
    notice = {"jsonrpc": "2.0", "method": "notifications/message", "params": {"data": "x" * 100_000}}

    async def flood(request: Any) -> None:
        await request.start(200, parts.EVENTS)
        for _ in range(300):
            await request.write(parts.event(notice))
            for client in list(gateway.clients._sessions.values()):
                sizes.extend(it.size for it in list(client.streams._open.values()))
        await request.write(request.answer_event("flooded"), more=False)

    server.tools["echo"] = flood
    gateway = listening(OPEN, server.url)
    client = caller(gateway)
    client.initialize()
    body = b'{"jsonrpc":"2.0","id":9,"method":"tools/call","params":{"name":"echo","arguments":{}}}'
    lines = {**client.standing(), "Host": "localhost", "Content-Length": str(len(body))}
    head = "POST /mcp HTTP/1.1\r\n" + "".join(f"{key}: {value}\r\n" for key, value in lines.items()) + "\r\n"
    with connected(gateway.url) as connection:
        connection.sendall(head.encode() + body)
        assert connection.recv(10)
        until(lambda: gateway.outcomes() == ["allowed", "answered"])
    assert 0 < max(sizes) < 1_500_000
