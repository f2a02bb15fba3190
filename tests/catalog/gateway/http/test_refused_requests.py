"""Requests that are refused before anything is judged. Source: design, bypass corpus and order of evaluation."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from typing import Any

import httpx2
import pytest

Json = dict[str, Any]
Start = Callable[..., Any]
Call = Callable[..., Any]
OPEN: Json = {"version": "1", "default": "deny", "hide": ["cancel_job"], "tools": {"echo": {}}}
ECHO = b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{}}}'


@pytest.fixture
def gateway(server: Any, listening: Start) -> Any:
    return listening(OPEN, server.url)


def raw(url: str, request: bytes) -> bytes:
    """Bytes on a bare connection, and what comes back until it is closed."""
    parsed = httpx2.URL(url)
    with socket.create_connection((parsed.host, parsed.port or 80), timeout=20) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        while part := connection.recv(65536):
            answer += part
        return answer


@pytest.mark.parametrize(
    "body",
    [
        b"hello",
        b"",
        b"[" + ECHO + b"]",
        b"\xef\xbb\xbf" + ECHO,
        ECHO.replace(b'"echo"', b'"echo","name":"cancel_job"'),
        ECHO.replace(b'"name":"echo"', b'"Name":"cancel_job","name":"echo"'),
        ECHO.replace(b'"method"', b'"Method":"ping","method"'),
        ECHO.replace(b"{}", b'{"n":1e400}'),
        ECHO.replace(b"{}", b'{"n":NaN}'),
        ECHO.replace(b"{}", b'{"s":"\\ud800"}'),
        ECHO.replace(b'"echo"', b'"ec\\u0000ho"'),
        ECHO.replace(b"{}", b'{"a":' * 70 + b"1" + b"}" * 70),
        ECHO[:-1],
        b"\xff\xfe" + ECHO,
    ],
)
def test_what_cannot_be_read_strictly_is_answered_with_400_and_goes_nowhere(
    gateway: Any, server: Any, caller: Call, body: bytes
) -> None:
    client = caller(gateway)
    client.initialize()
    answer = client.post(body)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] in (-32700, -32600, -32602)
    assert client.call("echo")
    assert server.calls() == ["echo"]


def test_a_lying_name_is_refused_in_both_eras(gateway: Any, server: Any, caller: Call) -> None:
    """Decided on the body; a header that names another tool is refused, whichever of the two is allowed."""
    client = caller(gateway)
    for name, lie in (("echo", "cancel_job"), ("cancel_job", "echo")):
        answer = client.modern(name, Mcp_Name=lie)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, -32020)
    client.initialize()
    assert client.post(client.call_message("echo", {}), Mcp_Name="cancel_job").status_code == 400
    assert client.post(client.call_message("cancel_job", {}), Mcp_Method="tools/list").status_code == 400
    assert server.calls() == []


def test_a_message_without_end_is_refused(gateway: Any, server: Any, caller: Call) -> None:
    """A size limit with a clear error."""
    client = caller(gateway)
    client.initialize()
    answer = client.post(b'{"jsonrpc":"2.0","id":1,"method":"' + b"x" * (33 << 20) + b'"}')
    assert answer.status_code == 413
    assert "33,554,432" in answer.json()["error"]["message"]
    assert client.call("echo")


def test_a_message_whose_sender_is_gone_is_not_carried_out(gateway: Any, server: Any, caller: Call) -> None:
    """The part that came may be a whole message by accident."""
    head = b"POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n"
    client = caller(gateway)
    client.initialize()
    session = f"Mcp-Session-Id: {client.session}\r\nContent-Type".encode()
    raw(gateway.url, head.replace(b"Content-Type", session) + ECHO)
    assert client.call("echo")
    assert server.calls() == ["echo"]


@pytest.mark.parametrize(
    "head",
    [
        b"POST /mcp HTTP/1.1\r\nHost: localhost\r\nHost: evil\r\n",
        b"POST /mcp HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n",
        b"POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: 86\r\nContent-Length: 3\r\n",
        b"POST /mcp HTTP/1.1\r\nHost: localhost\r\nMcp-Name: echo\r\nmcp-name: cancel_job\r\nContent-Length: 86\r\n",
        b"POST /mcp HTTP/1.1\r\nContent-Length: 86\r\n",
    ],
)
def test_a_head_that_can_be_read_in_two_ways_is_refused(gateway: Any, server: Any, head: bytes) -> None:
    body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(ECHO), ECHO) if b"chunked" in head else ECHO
    answer = raw(gateway.url, head + b"Content-Type: application/json\r\nConnection: close\r\n\r\n" + body)
    assert answer.split()[1] in (b"400", b"421")
    assert server.requests == []


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("POST", "/mcp", {"Content-Type": "text/plain"}, 415),
        ("POST", "/mcp", {"Accept": "text/html"}, 406),
        ("POST", "/", {}, 404),
        ("POST", "/mcp/../mcp", {}, 404),
        ("GET", "/mcp", {"Mcp-Session-Id": ""}, 404),
        ("GET", "/mcp", {}, 405),
        ("DELETE", "/mcp", {}, 405),
        ("PUT", "/mcp", {}, 405),
        ("POST", "/mcp", {"Host": "evil.example"}, 421),
        ("POST", "/mcp", {"Origin": "https://evil.example"}, 403),
        ("POST", "/mcp", {"Authorization": "Bearer nothing"}, 401),
        ("POST", "/mcp", {"Mcp-Session-Id": "never-was"}, 404),
        ("POST", "/mcp", {"MCP-Protocol-Version": "2031-01-01"}, 400),
        ("POST", "/mcp", {}, 400),
    ],
)
def test_what_does_not_fit_is_refused_in_http_and_in_json(
    gateway: Any, server: Any, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    own = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
    parsed = httpx2.URL(gateway.url)
    lines = {"Host": f"127.0.0.1:{parsed.port}", **own, "Content-Length": str(len(ECHO)), **headers}
    head = f"{method} {path} HTTP/1.1\r\n" + "".join(f"{key}: {value}\r\n" for key, value in lines.items())
    answer = raw(gateway.url, head.encode() + b"\r\n" + ECHO)
    assert int(answer.split()[1]) == status
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["error"]["message"]
    if status == 401:
        assert b'www-authenticate: Bearer realm="catalog gateway"' in answer
    assert server.requests == []


def test_no_more_sessions_are_begun_than_there_may_be(server: Any, listening: Start, caller: Call) -> None:
    gateway = listening(OPEN, server.url, most=2)
    clients = [caller(gateway) for _ in range(3)]
    assert [it.initialize().status_code for it in clients] == [200, 200, 503]
    clients[0].http.delete(gateway.url, headers=clients[0].standing())
    assert clients[2].initialize().status_code == 200


def test_an_id_that_is_in_use_is_refused_without_disturbing_its_owner(
    server: Any, listening: Start, caller: Call, parts: Any
) -> None:
    gate = parts.Gate()

    async def slow(request: Any) -> None:
        await gate.pass_through()
        await request.text("slow")

    server.tools["echo"] = slow
    client = caller(listening(OPEN, server.url))
    client.initialize()
    with client.stream({**client.call_message("echo", {}), "id": "twice"}) as response:
        gate.reached()
        assert client.post({**client.call_message("echo", {}), "id": "twice"}).status_code == 400
        gate.open()
        assert "slow" in response.read().decode()
    assert server.calls() == ["echo"]
