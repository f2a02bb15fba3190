"""Clients over HTTP, a server over HTTP: what passes, and how. Source: MCP, streamable HTTP; the issue, point 3."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType
from typing import Any

import pytest

Json = dict[str, Any]
Start = Callable[..., Any]
Call = Callable[..., Any]
OPEN: Json = {
    "version": "1",
    "default": "deny",
    "hide": ["cancel_job"],
    "tools": {"echo": {}, "other": {}, "slow": {}},
}
MODERN = {"MCP-Protocol-Version": "2026-07-28", "Mcp-Method": "tools/list"}


def limited(most: int) -> Json:
    limit = {"counter": "echo_rate", "window": "hour", "max": most}
    return {"version": "1", "default": "deny", "tools": {"echo": {"limits": [limit]}}}


def text(result: Json) -> str:
    return str(result["content"][0]["text"])


def test_hidden_tools_are_gone_and_their_calls_never_reach_the_server(
    server: Any, listening: Start, caller: Call
) -> None:
    client = caller(listening(OPEN, server.url))
    client.initialize()
    listed = client.post({"id": "list", "method": "tools/list"}).json()["result"]["tools"]
    assert [tool["name"] for tool in listed] == ["echo", "other"]
    assert text(client.call("cancel_job")) == "Unknown tool: cancel_job"
    assert json.loads(text(client.call("echo", a=1.50, b="é\n"))) == {"a": 1.5, "b": "é\n"}
    assert server.calls() == ["echo"]


def test_the_same_in_the_era_without_sessions(server: Any, listening: Start, caller: Call) -> None:
    client = caller(listening(OPEN, server.url))
    answer = client.modern("echo", {"a": 1})
    assert answer.json()["result"]["resultType"] == "complete"
    assert json.loads(text(answer.json()["result"])) == {"a": 1}
    assert text(client.modern("cancel_job").json()["result"]) == "Unknown tool: cancel_job"
    assert server.calls() == ["echo"]
    call = server.called()[0]
    assert (call.headers["mcp-name"], call.headers["mcp-method"]) == ("echo", "tools/call")
    assert "mcp-session-id" not in call.headers


def test_what_is_forwarded_is_written_anew(server: Any, listening: Start, caller: Call) -> None:
    """Design: never the raw bytes; every number and character is kept."""
    client = caller(listening(OPEN, server.url))
    client.initialize()
    raw = (
        b' { "jsonrpc" : "2.0", "id":"x\\u0041", "method":"tools/call",'
        b'"params":{"name":"ech\\u006f","arguments":{"n":12345678901234567890123,"d":1.10}}}'
    )
    assert client.post(raw).status_code == 200
    call = server.called()[0]
    assert call.body["id"] == "xA"
    assert call.body["params"]["arguments"]["n"] == 12345678901234567890123
    assert int(call.headers["content-length"]) < len(raw)


def test_no_header_of_the_client_reaches_the_server(
    server: Any, listening: Start, caller: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No token pass-through; the server's own credentials come from the environment."""
    monkeypatch.setenv("UPSTREAM_TOKEN", "Bearer of-the-gateway")
    gateway = listening(OPEN, server.url, headers=("Authorization=UPSTREAM_TOKEN",))
    _, token = gateway.ledger.grant("agent")
    client = caller(gateway, token)
    client.http.headers["X-Mine"] = "1"
    client.http.cookies.set("mine", "1")
    client.initialize()
    client.call("echo")
    client.modern("echo")
    for request in server.requests:
        assert request.headers["authorization"] == "Bearer of-the-gateway"
        assert token not in str(request.headers)
        assert "x-mine" not in request.headers
        assert "mine" not in request.headers.get("cookie", "")
    assert all(token not in line for line in gateway.said)


def test_the_servers_session_and_cookies_belong_to_one_client(
    server: Any, listening: Start, caller: Call
) -> None:
    """Upstream connections are never shared between identities, and their session ids never shown."""
    gateway = listening(OPEN, server.url)
    first, second = caller(gateway), caller(gateway)
    first.initialize()
    second.initialize()
    assert first.session != second.session
    first.call("echo", who=1)
    second.call("echo", who=2)
    sessions = {}
    for request in server.called():
        who = request.body["params"]["arguments"]["who"]
        sessions[who] = request.headers["mcp-session-id"]
        assert request.headers["cookie"] == f"who={sessions[who]}"
    assert sessions[1] != sessions[2]
    assert not {first.session, second.session} & set(sessions.values())


def test_another_grants_session_is_as_unknown_as_one_that_never_was(
    server: Any, listening: Start, caller: Call
) -> None:
    """The bypass corpus: replay of a session by another grant."""
    gateway = listening(OPEN, server.url)
    mine, theirs = (caller(gateway, gateway.ledger.grant(name)[1]) for name in ("mine", "theirs"))
    mine.initialize()
    theirs.session = mine.session
    replayed = theirs.post(theirs.call_message("echo", {}))
    theirs.session = "never-was"
    unknown = theirs.post(theirs.call_message("echo", {}))
    assert (replayed.status_code, replayed.text) == (unknown.status_code, unknown.text)
    assert replayed.status_code == 404
    theirs.session = mine.session
    assert theirs.http.delete(theirs.url, headers=theirs.standing()).status_code == 404
    assert theirs.http.get(theirs.url, headers=theirs.standing()).status_code == 404
    assert server.calls() == []
    assert text(mine.call("echo")) == "{}"


def test_two_clients_of_one_grant_may_use_the_same_ids_at_once(
    server: Any, listening: Start, caller: Call, parts: ModuleType
) -> None:
    """Since 2026-07-28 they share one connection to the server: ids are theirs alone."""
    gate = parts.Gate()

    async def slow(request: Any) -> None:
        await gate.pass_through()
        await request.text(request.body["params"]["arguments"]["who"])

    server.tools["slow"] = slow
    server.listed.append({"name": "slow", "inputSchema": {"type": "object"}})
    gateway = listening(OPEN, server.url)
    clients = [caller(gateway) for _ in range(5)]
    with ThreadPoolExecutor() as pool:
        answers = [pool.submit(it.modern, "slow", {"who": str(n)}) for n, it in enumerate(clients)]
        gate.reached()
        gate.open()
        found = [it.result().json() for it in answers]
    assert [text(it["result"]) for it in found] == ["0", "1", "2", "3", "4"]
    assert {it["id"] for it in found} == {1}
    assert len({it.body["id"] for it in server.called()}) == 5


@pytest.mark.parametrize("era", ["older", "modern"])
def test_events_are_passed_on_as_they_come_however_they_are_split(
    server: Any,
    listening: Start,
    caller: Call,
    parts: ModuleType,
    messages: Callable[..., Iterator[Json]],
    era: str,
) -> None:
    """Streams are unbuffered: the first event is with the client while the server has not sent the second."""
    gate = parts.Gate()

    async def slow(request: Any) -> None:
        token = request.body["params"]["_meta"]["progressToken"]
        progress = {
            "jsonrpc": "2.0",
            "method": "notifications/progress",
            "params": {"progressToken": token, "progress": 1},
        }
        await request.start(200, parts.EVENTS)
        for byte in b": hello\r\n\r\n" + parts.event(progress, id="7", end="\r\n"):
            await request.write(bytes([byte]))
        await gate.pass_through()
        for byte in request.answer_event("é done"):
            await request.write(bytes([byte]))
        await request.write(b"", more=False)

    server.tools["slow"] = slow
    server.listed.append({"name": "slow", "inputSchema": {"type": "object"}})
    client = caller(listening(OPEN, server.url))
    meta: Json = {"progressToken": "mine"}
    headers = {}
    if era == "modern":
        meta |= {
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {},
        }
        headers = {**MODERN, "Mcp-Method": "tools/call", "Mcp-Name": "slow"}
    else:
        client.initialize()
    with client.stream(client.call_message("slow", {}, meta), **headers) as response:
        assert response.headers["content-type"] == "text/event-stream"
        stream = messages(response)
        assert next(stream)["params"] == {"progressToken": "mine", "progress": 1}
        gate.open()
        assert text(next(stream)["result"]) == "é done"


def test_what_the_server_says_unasked_reaches_the_clients_own_stream(
    server: Any, listening: Start, caller: Call, messages: Callable[..., Iterator[Json]], until: Call
) -> None:
    client = caller(listening(OPEN, server.url))
    client.initialize()
    with client.listen() as response:
        stream = messages(response)
        until(lambda: bool(server.asked))
        server.push(
            {"jsonrpc": "2.0", "method": "notifications/message", "params": {"level": "info", "data": "x"}}
        )
        assert next(stream)["params"]["data"] == "x"
        server.push({"jsonrpc": "2.0", "id": 1, "method": "roots/list"})
        assert next(stream)["method"] == "roots/list"
        assert client.post({"id": 1, "result": {"roots": []}}).status_code == 202
        client.call("echo")
    assert any(it.body.get("result") == {"roots": []} for it in server.requests)


def test_a_changed_policy_is_told_on_the_clients_own_stream(
    server: Any, listening: Start, caller: Call, messages: Callable[..., Iterator[Json]]
) -> None:
    """Issue, point 7."""
    gateway = listening(OPEN, server.url)
    client = caller(gateway)
    client.initialize()
    with client.listen() as response:
        gateway.policy.write_text(json.dumps({**OPEN, "tools": {"echo": {}}}))
        assert next(messages(response))["method"] == "notifications/tools/list_changed"
    listed = client.post({"id": "list", "method": "tools/list"}).json()["result"]["tools"]
    assert [tool["name"] for tool in listed] == ["echo"]


def test_an_empty_cursor_is_passed_on_in_both_directions(server: Any, listening: Start, caller: Call) -> None:
    """The bypass corpus: an empty-string cursor is a cursor."""
    pages = {None: {"tools": server.listed[:1], "nextCursor": ""}, "": {"tools": server.listed[1:]}}

    async def paged(request: Any) -> None:
        if request.body.get("method") == "tools/list":
            await request.result(pages[request.body.get("params", {}).get("cursor")])
        else:
            await server.serve(request)

    server.on_request = paged
    client = caller(listening(OPEN, server.url))
    client.initialize()
    first = client.post({"id": "a", "method": "tools/list"}).json()["result"]
    assert ([it["name"] for it in first["tools"]], first["nextCursor"]) == (["echo"], "")
    second = client.post({"id": "b", "method": "tools/list", "params": {"cursor": ""}}).json()["result"]
    assert [it["name"] for it in second["tools"]] == ["other"]
    assert text(client.call("other")) == "{}"


def test_a_session_ends_when_its_client_says_so(
    server: Any, listening: Start, caller: Call, until: Call
) -> None:
    client = caller(listening(OPEN, server.url))
    client.initialize()
    assert len(server.sessions) == 1
    assert client.http.delete(client.url, headers=client.standing()).status_code == 204
    assert client.post(client.call_message("echo", {})).status_code == 404
    until(lambda: not server.sessions)


def test_parameter_headers_are_made_from_the_body_and_lies_refused(
    server: Any, listening: Start, caller: Call
) -> None:
    """MCP 2026-07-28, custom headers; a refused call is given back."""
    properties = {"region": {"type": "string", "x-mcp-header": "Region"}}
    server.listed[0]["inputSchema"] = {"type": "object", "properties": properties}
    gateway = listening(limited(1), server.url)
    client = caller(gateway)
    lie = client.modern("echo", {"region": "us"}, Mcp_Param_Region="eu")
    assert "mcp-param-region does not agree" in lie.json()["error"]["message"]
    assert server.calls() == []
    assert text(client.modern("echo", {"region": "us"}).json()["result"]) == '{"region": "us"}'
    call = server.called()[0]
    assert call.headers["mcp-param-region"] == "us"
    assert gateway.outcomes() == ["allowed", "not_sent", "allowed", "answered"]


def test_a_subscription_tells_of_a_changed_policy(
    server: Any, listening: Start, caller: Call, parts: ModuleType, messages: Callable[..., Iterator[Json]]
) -> None:
    """MCP 2026-07-28, subscriptions/listen: the ids are the client's own."""
    release = parts.Gate()

    async def listen(request: Any) -> None:
        if request.body.get("method") != "subscriptions/listen":
            await server.serve(request)
            return
        meta = {"io.modelcontextprotocol/subscriptionId": request.body["id"]}
        params = {"_meta": meta, "notifications": {"toolsListChanged": True}}
        await request.start(200, parts.EVENTS)
        acknowledged = {
            "jsonrpc": "2.0",
            "method": "notifications/subscriptions/acknowledged",
            "params": params,
        }
        await request.write(parts.event(acknowledged))
        await release.pass_through()
        await request.write(request.answer_event("over"), more=False)

    server.on_request = listen
    gateway = listening(OPEN, server.url)
    client = caller(gateway)
    params = {
        "_meta": {
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {},
        },
        "notifications": {"toolsListChanged": True},
    }
    message = {"id": "mine", "method": "subscriptions/listen", "params": params}
    with client.stream(message, **{**MODERN, "Mcp-Method": "subscriptions/listen"}) as response:
        stream = messages(response)
        subscription = "io.modelcontextprotocol/subscriptionId"
        assert next(stream)["params"]["_meta"][subscription] == "mine"
        gateway.policy.write_text(json.dumps({**OPEN, "tools": {"echo": {}}}))
        told = next(stream)
        assert (told["method"], told["params"]["_meta"][subscription]) == (
            "notifications/tools/list_changed",
            "mine",
        )
        release.open()
        assert next(stream)["id"] == "mine"


def test_what_headers_say_of_a_refused_call_is_forgotten(server: Any, listening: Start, caller: Call) -> None:
    """Neither does it pile up, nor is it held against a later call with the same id."""
    gateway = listening({"version": "1", "default": "deny", "tools": {}}, server.url)
    client = caller(gateway)
    for _ in range(3):
        assert client.modern("echo", Mcp_Param_Region="x" * 1000).json()["result"]["isError"]
    [served] = gateway.clients._all()
    assert not served.conversation._claims


@pytest.mark.parametrize("header", ["eu", "us", "=?base64?nonsense?=", ""])
def test_a_hidden_tool_whose_headers_lie_answers_like_one_that_does_not_exist(
    server: Any, listening: Start, caller: Call, header: str
) -> None:
    """What its schema wants in headers must not tell that it is there."""
    marked = {"region": {"type": "string", "x-mcp-header": "Region"}}
    server.listed.append({"name": "secret", "inputSchema": {"type": "object", "properties": marked}})
    hiding = {"version": "1", "default": "allow", "hide": ["secret"], "tools": {}}
    gateway = listening(hiding, server.url)
    client = caller(gateway)
    assert client.modern("echo").json()["result"]  # the gateway has read the list
    for arguments in ({"region": "us"}, {"region": 7}, {}):
        hidden = client.modern("secret", arguments, Mcp_Param_Region=header)
        unknown = client.modern("nosuch", arguments, Mcp_Param_Region=header)
        assert hidden.status_code == unknown.status_code == 200
        assert (
            hidden.text.replace("secret", "nosuch").partition('"result"')[2]
            == unknown.text.partition('"result"')[2]
        )
    assert server.calls() == ["echo"]


def test_an_explanation_of_the_gateways_own_passes_in_place_of_a_list(
    server: Any, listening: Start, caller: Call
) -> None:
    """The server's own words do not, as they may name hidden tools."""

    async def refused(request: Any) -> None:
        if request.body.get("method") == "tools/list":
            await request.answer(401, b"cancel_job", ("content-type", "text/html"))
        else:
            await server.serve(request)

    server.on_request = refused
    client = caller(listening(OPEN, server.url))
    client.initialize()
    text = client.post({"id": 9, "method": "tools/list"}).text
    assert "--upstream-header" in text
    assert "cancel_job" not in text
