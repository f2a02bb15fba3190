"""What holds when things go wrong, over HTTP. Source: the issue, reliability; design, bypass corpus."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx2
import pytest

Json = dict[str, Any]
Start = Callable[..., Any]
Call = Callable[..., Any]
ERAS = pytest.mark.parametrize("era", ["older", "modern"])
APPROVING: Json = {
    "version": "2",
    "default": "deny",
    "tools": {"echo": {"action": "approve", "reason": "it costs"}},
}


def limited(most: int) -> Json:
    limit = {"counter": "echo_rate", "window": "hour", "max": most}
    return {"version": "1", "default": "deny", "tools": {"echo": {"limits": [limit]}, "other": {}}}


def ask(client: Any, era: str, name: str = "echo", **arguments: Any) -> Json:
    """A call in that era: the whole JSON-RPC answer."""
    if era == "older":
        if not client.session:
            client.initialize()
        found: Json = client.post(client.call_message(name, arguments)).json()
    else:
        found = client.modern(name, arguments).json()
    return found


def passed(answer: Json) -> bool:
    return "result" in answer and not answer["result"].get("isError")


@ERAS
def test_of_many_calls_at_once_exactly_as_many_pass_as_may(
    server: Any, listening: Start, caller: Call, era: str
) -> None:
    """200 concurrent calls against a cap of 10."""
    gateway = listening(limited(10), server.url)
    clients = [caller(gateway) for _ in range(20)]
    for client in clients:
        ask(client, era, "other")

    def hammer(client: Any) -> int:
        return sum(passed(ask(client, era, n=n)) for n in range(10))

    with ThreadPoolExecutor(len(clients)) as pool:
        assert sum(pool.map(hammer, clients)) == 10
    assert server.calls().count("echo") == 10


def test_gateways_on_one_database_share_their_limits(
    server: Any, listening: Start, caller: Call, tmp_path: Path
) -> None:
    """The same with three gateways."""
    clients = [caller(listening(limited(10), server.url, folder=tmp_path)) for _ in range(3)]

    def hammer(client: Any) -> int:
        return sum(passed(ask(client, "modern", n=n)) for n in range(20))

    with ThreadPoolExecutor(len(clients)) as pool:
        assert sum(pool.map(hammer, clients)) == 10


def test_each_grant_has_limits_of_its_own_and_no_new_session_resets_them(
    server: Any, listening: Start, caller: Call
) -> None:
    """The bypass corpus: reconnect to reset a limit."""
    gateway = listening(limited(1), server.url)
    tokens = [gateway.ledger.grant(name)[1] for name in ("one", "two")]
    for token in tokens:
        assert passed(ask(caller(gateway, token), "older"))
        assert not passed(ask(caller(gateway, token), "older"))
        assert not passed(ask(caller(gateway, token), "modern"))


@ERAS
@pytest.mark.parametrize(
    ("status", "outcome"), [(500, "unknown"), (503, "unknown"), (403, "failed"), (429, "failed")]
)
def test_an_error_of_the_server_after_the_effect_stays_counted_and_is_not_tried_again(
    server: Any, listening: Start, caller: Call, era: str, status: int, outcome: str
) -> None:
    async def broken(request: Any) -> None:
        await request.answer(status, b"<html>oh no</html>", ("content-type", "text/html"))

    server.tools["echo"] = broken
    gateway = listening(limited(1), server.url)
    client = caller(gateway)
    answer = ask(client, era)
    assert f"HTTP {status}" in answer["error"]["message"]
    assert ("effect is unknown" in answer["error"]["message"]) == (outcome == "unknown")
    assert not passed(ask(client, era))
    assert server.calls() == ["echo"]
    assert gateway.outcomes() == ["allowed", outcome, "limit"]


@ERAS
def test_an_error_that_the_server_explains_is_passed_on(
    server: Any, listening: Start, caller: Call, era: str
) -> None:
    async def explained(request: Any) -> None:
        body = b'{"jsonrpc":"2.0","id":null,"error":{"code":-32050,"message":"the moon is full"}}'
        await request.answer(500, body, ("content-type", "application/json"))

    server.tools["echo"] = explained
    gateway = listening(limited(1), server.url)
    assert ask(caller(gateway), era)["error"] == {"code": -32050, "message": "the moon is full"}
    assert gateway.outcomes() == ["allowed", "failed"]


@ERAS
@pytest.mark.parametrize("how", ["nothing", "html", "wrong-id", "half", "end", "twice-a-key", "accepted"])
def test_a_server_that_answers_nonsense_costs_only_that(
    server: Any, listening: Start, caller: Call, parts: ModuleType, era: str, how: str
) -> None:
    async def nonsense(request: Any) -> None:
        if how == "half":
            await request.start(200, parts.JSON, ("content-length", "500"))
            await request.write(b'{"jsonrpc":"2.0","id":1,"result":{"content":[]}}', more=False)
        elif how == "end":
            await request.start(200, parts.EVENTS)
            await request.write(request.answer_event("cut off")[:-1], more=False)
        elif how == "twice-a-key":
            identity = json.dumps(request.body["id"]).encode()
            await request.answer(
                200, b'{"jsonrpc":"2.0","id":%s,"result":{},"result":{"a":1}}' % identity, parts.JSON
            )
        elif how == "wrong-id":
            await request.answer(
                200, b'{"jsonrpc":"2.0","id":"not-asked","result":{"content":[]}}', parts.JSON
            )
        elif how == "accepted":
            await request.answer(202)
        else:
            await request.answer(200, b"<html>" if how == "html" else b"", ("content-type", "text/html"))

    server.tools["other"] = nonsense
    gateway = listening(limited(5), server.url)
    client = caller(gateway)
    answer = ask(client, era, "other")
    assert "effect is unknown" in answer["error"]["message"]
    assert passed(ask(client, era))
    assert gateway.outcomes() == ["allowed", "unknown", "allowed", "answered"]


@ERAS
def test_a_server_that_is_down_is_an_error_that_counts_nothing_and_the_next_call_reaches_it(
    server: Any, listening: Start, caller: Call, era: str
) -> None:
    """Upstream dies: clear error, client's session survives, next call reconnects."""
    gateway = listening(limited(2), server.url)
    client = caller(gateway)
    assert passed(ask(client, era))
    session = client.session
    server.stop()
    server.sessions.clear()
    answer = ask(client, era)
    assert "cannot be reached" in answer["error"]["message"]
    assert "may be tried again" in answer["error"]["message"]
    server.start()
    if era == "older":  # the server has forgotten the session, which the first request finds out
        assert "had ended the session" in ask(client, era, "other")["error"]["message"]
    assert passed(ask(client, era))
    assert client.session == session
    assert not passed(ask(client, era))


def test_a_server_that_refuses_to_begin_anew_is_asked_again_with_the_next_request(
    server: Any, listening: Start, caller: Call
) -> None:
    """The client's session survives that, too."""
    refused: list[Any] = []

    async def once(request: Any) -> None:
        if request.body.get("method") == "initialize" and not refused:
            refused.append(request)
            await request.answer(503)
        else:
            await server.serve(request)

    client = caller(listening(limited(2), server.url))
    client.initialize()
    server.sessions.clear()
    assert "had ended the session" in ask(client, "older")["error"]["message"]
    server.on_request = once
    assert "the call was not sent" in ask(client, "older")["error"]["message"]
    assert passed(ask(client, "older"))
    assert len(refused) == 1
    assert server.calls() == ["echo"]


def test_a_redirect_to_elsewhere_is_not_followed(server: Any, listening: Start, caller: Call) -> None:
    """Nothing that was meant for one server is sent to another."""

    async def elsewhere(request: Any) -> None:
        await request.answer(307, b"", ("location", "http://127.0.0.2:9/mcp?token=s3cret"))

    server.tools["echo"] = elsewhere
    gateway = listening(limited(5), server.url)
    message = ask(caller(gateway), "modern")["error"]["message"]
    assert "redirects to http://127.0.0.2:9/mcp;" in message
    assert "s3cret" not in message


def test_a_redirect_on_the_same_origin_is_followed(server: Any, listening: Start, caller: Call) -> None:
    async def moved(request: Any) -> None:
        server.on_request = None
        await request.answer(308, b"", ("location", "/mcp/"))

    server.on_request = moved
    assert passed(ask(caller(listening(limited(5), server.url)), "modern"))


@ERAS
def test_a_cancelled_call_stays_counted_and_the_server_is_told(
    server: Any, listening: Start, caller: Call, parts: ModuleType, era: str, until: Call
) -> None:
    """Older eras: a notification; since 2026-07-28: the stream is closed."""
    gate = parts.Gate()

    async def slow(request: Any) -> None:
        await request.start(200, parts.EVENTS)
        await gate.pass_through()

    server.tools["echo"] = slow
    gateway = listening(limited(1), server.url)
    client = caller(gateway)
    ask(client, era, "other")
    message = client.call_message("echo", {})
    headers = {}
    if era == "modern":
        message = client.call_message("echo", {}, {"io.modelcontextprotocol/protocolVersion": "2026-07-28"})
        headers = {"MCP-Protocol-Version": "2026-07-28", "Mcp-Method": "tools/call", "Mcp-Name": "echo"}
    with ThreadPoolExecutor() as pool:
        answer = pool.submit(_read_until_it_ends, client, message, headers, gate if era == "modern" else None)
        gate.reached()
        if era == "older":
            cancel = {"method": "notifications/cancelled", "params": {"requestId": message["id"]}}
            assert client.post(cancel).status_code == 202
            assert json.loads(answer.result())["error"]["code"] == -32800
        until(lambda: gateway.outcomes()[-1] == "unknown")
    if era == "older":
        told = {"requestId": message["id"]}
        until(lambda: any(it.body.get("params") == told for it in server.requests))
    assert not passed(ask(client, era))
    gate.open()


def _read_until_it_ends(client: Any, message: Json, headers: dict[str, str], leave: Any) -> str:
    if leave is None:
        return str(client.post(message).text)
    try:  # a connection of its own, which is closed while the call is under way
        httpx2.post(
            client.url,
            json={"jsonrpc": "2.0", **message},
            headers={**client.standing(), **headers},
            timeout=2,
        )
    except httpx2.ReadTimeout:
        return "left"
    return "answered"


def test_a_client_of_an_older_era_that_loses_its_connection_has_not_cancelled(
    server: Any, listening: Start, caller: Call, parts: ModuleType, until: Call
) -> None:
    """MCP up to 2025-11-25: disconnection is no cancellation; the outcome is known in the journal."""
    gate = parts.Gate()

    async def slow(request: Any) -> None:
        await gate.pass_through()
        await request.text("done")

    server.tools["echo"] = slow
    gateway = listening(limited(1), server.url)
    client = caller(gateway)
    client.initialize()
    assert _read_until_it_ends(client, client.call_message("echo", {}), {}, gate) == "left"
    gate.open()
    until(lambda: gateway.outcomes() == ["allowed", "answered"])


@ERAS
def test_a_changed_policy_holds_from_the_next_call_on_and_a_broken_one_changes_nothing(
    server: Any, listening: Start, caller: Call, parts: ModuleType, era: str
) -> None:
    """The bypass corpus: reload in mid-call."""
    gate = parts.Gate()

    async def slow(request: Any) -> None:
        await gate.pass_through()
        await request.text("done")

    server.tools["echo"] = slow
    gateway = listening(limited(5), server.url)
    client, other = caller(gateway), caller(gateway)
    ask(client, era, "other")
    with ThreadPoolExecutor() as pool:
        under_way = pool.submit(ask, client, era)
        gate.reached()
        gateway.policy.write_text('{"version":"1","default":"deny","tools":{"other":{}}}')
        assert not passed(ask(other, era))
        gateway.policy.write_text('{"version":"1","default":"allow",')
        assert not passed(ask(other, era))
        gate.open()
        assert passed(under_way.result())
    assert server.calls().count("echo") == 1
    assert any("stays in force" in line for line in gateway.said)


@pytest.mark.parametrize("place", ["place-1", "Käse ☃"])
def test_a_server_that_interrupts_a_stream_is_asked_for_the_rest_and_the_call_sent_once(
    server: Any, listening: Start, caller: Call, parts: ModuleType, place: str
) -> None:
    """MCP 2025-11-25, resumability: the gateway takes the stream up itself. HTML standard: an id is UTF-8."""
    asked: list[Any] = []

    async def interrupted(request: Any) -> None:
        asked.append(request)
        await request.start(200, parts.EVENTS)
        await request.write(f"id: {place}\nretry: 10\ndata:\n\n".encode(), more=False)

    async def resumed(request: Any) -> None:
        if request.method == "GET" and request.headers.get("last-event-id") == place:
            await request.start(200, parts.EVENTS)
            await request.write(asked[0].answer_event("the rest"), more=False)
        else:
            await server.serve(request)

    server.tools["echo"], server.on_request = interrupted, resumed
    gateway = listening(limited(1), server.url)
    answer = ask(caller(gateway), "older")
    assert answer["result"]["content"][0]["text"] == "the rest"
    assert server.calls() == ["echo"]
    assert gateway.outcomes() == ["allowed", "answered"]


def test_an_approval_is_asked_on_the_stream_of_the_call(
    server: Any, listening: Start, caller: Call, messages: Callable[..., Iterator[Json]]
) -> None:
    """Issue, point 4, older eras: a request on the open stream, answered by a POST."""
    client = caller(listening(APPROVING, server.url))
    client.initialize({"elicitation": {}})
    with client.stream(client.call_message("echo", {"amount": 5})) as response:
        stream = messages(response)
        question = next(stream)
        assert question["method"] == "elicitation/create"
        assert '"amount": 5' in question["params"]["message"]
        assert server.calls() == []
        said = {"action": "accept", "content": {"approve": True}}
        assert client.post({"id": question["id"], "result": said}).status_code == 202
        assert json.loads(next(stream)["result"]["content"][0]["text"]) == {"amount": 5}
    assert server.calls() == ["echo"]


def test_another_grant_cannot_answer_or_use_an_approval(server: Any, listening: Start, caller: Call) -> None:
    """The bypass corpus: replay of an approval by another grant; swapped arguments; double use."""
    gateway = listening(APPROVING, server.url)
    mine, theirs = (caller(gateway, gateway.ledger.grant(name)[1]) for name in ("mine", "theirs"))
    capable = {"io.modelcontextprotocol/clientCapabilities": {"elicitation": {}}}
    asked = mine.modern("echo", {"amount": 5}, capable).json()["result"]
    said = {"approval": {"action": "accept", "content": {"approve": True}}}

    def come_back(client: Any, amount: int) -> Json:
        message = client.call_message("echo", {"amount": amount}, {**_meta(), **capable})
        message["params"] |= {"requestState": asked["requestState"], "inputResponses": said}
        headers = {"MCP-Protocol-Version": "2026-07-28", "Mcp-Method": "tools/call", "Mcp-Name": "echo"}
        found: Json = client.post(message, **headers).json()
        return found

    assert "error" in come_back(theirs, 5)
    asked = mine.modern("echo", {"amount": 5}, capable).json()["result"]
    assert "error" in come_back(mine, 6)
    asked = mine.modern("echo", {"amount": 5}, capable).json()["result"]
    assert passed(come_back(mine, 5))
    assert not passed(come_back(mine, 5))
    assert [it.body["params"]["arguments"] for it in server.called()] == [{"amount": 5}]


def _meta() -> Json:
    return {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
    }


def test_a_revoked_grant_has_no_stream_left(
    server: Any, listening: Start, caller: Call, messages: Callable[..., Iterator[Json]]
) -> None:
    """What the server says is not for a client whose grant has ended."""
    gateway = listening(limited(1), server.url)
    client = caller(gateway, gateway.ledger.grant("agent")[1])
    client.initialize()
    with client.listen() as response:
        gateway.ledger.revoke("agent")
        assert list(messages(response)) == []
    assert client.post(client.call_message("echo", {})).status_code == 401


def test_calls_under_way_are_answered_when_the_gateway_is_told_to_end(
    server: Any, listening: Start, caller: Call, parts: ModuleType, until: Call
) -> None:
    """Graceful shutdown: nothing new is begun, what is under way comes to its end."""
    gate = parts.Gate()

    async def slow(request: Any) -> None:
        await gate.pass_through()
        await request.text("done")

    server.tools["echo"] = slow
    gateway = listening(limited(1), server.url)
    client = caller(gateway)
    with ThreadPoolExecutor() as pool, caller(gateway).http as other:
        under_way = pool.submit(ask, client, "modern")
        gate.reached()
        gateway.server.should_exit = True
        until(lambda: other.post(gateway.url, json={}).status_code == 503)
        gate.open()
        assert passed(under_way.result())
    gateway.server.should_exit = True
    assert gateway.outcomes() == ["allowed", "answered"]


def test_a_session_whose_id_cannot_be_sent_back_is_none(server: Any, listening: Start, caller: Call) -> None:
    """MCP, streamable HTTP, sessions: visible ASCII only. The server's mistake is no mistake of the gateway's."""

    async def strange(request: Any) -> None:
        result = {"protocolVersion": "2025-11-25", "capabilities": {}, "serverInfo": {}}
        await request.result(result, ("mcp-session-id", "☃"))

    server.on_request = strange
    answer = caller(listening(limited(1), server.url)).initialize()
    assert "cannot be sent back" in answer.json()["error"]["message"]


def test_a_session_does_not_outlive_its_grant_when_that_is_made_anew(
    server: Any, listening: Start, caller: Call, tmp_path: Path
) -> None:
    """The grant of the same name may have another policy: no session goes on under the former one."""
    policies = {name: tmp_path / name for name in ("lax.json", "strict.json")}
    policies["lax.json"].write_text(json.dumps({"version": "1", "default": "deny", "tools": {"echo": {}}}))
    policies["strict.json"].write_text(json.dumps({"version": "1", "default": "deny", "tools": {}}))
    gateway = listening(limited(1), server.url)
    _, token = gateway.ledger.grant("ada", policy=str(policies["lax.json"]))
    before = caller(gateway, token)
    assert passed(ask(before, "older"))
    gateway.ledger.revoke("ada")
    _, token = gateway.ledger.grant("ada", policy=str(policies["strict.json"]))
    after = caller(gateway, token)
    after.session = before.session
    assert after.post(after.call_message("echo", {})).status_code == 404
    assert not passed(ask(caller(gateway, token), "older"))
    assert server.calls() == ["echo"]
