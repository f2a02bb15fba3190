"""The official SDK's client, unchanged, over HTTP and in both eras, before the SDK's own server over HTTP or started."""

from __future__ import annotations

import importlib.util
import json
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import anyio
import httpx2
import mcp_types as types
import pytest
import uvicorn
from mcp import Client
from mcp.client.session import ClientRequestContext
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError
from mcp.shared.subscriptions import ToolsListChanged

from catalog.gateway.http.door import Address
from catalog.gateway.http.serve import bound

Json = dict[str, Any]
Start = Callable[..., Any]
SERVER = Path(__file__).parents[1] / "sdk_server.py"
ERAS = pytest.mark.parametrize("era", ["legacy", "auto", "2026-07-28"])
OPEN: Json = {
    "version": "2",
    "default": "deny",
    "hide": ["delete_everything"],
    "tools": {
        "add": {"limits": [{"counter": "add_rate", "window": "hour", "max": 2}]},
        "greet": {"limits": [{"counter": "greet_rate", "window": "hour", "max": 1}]},
        "count": {},
    },
}
APPROVING: Json = {**OPEN, "tools": {"add": {"action": "approve", "reason": "sums are costly"}}}


@pytest.fixture(params=["events", "json", "command"])
def upstream(request: pytest.FixtureRequest) -> Iterator[str | list[str]]:
    """The SDK's server: over HTTP with streams, over HTTP with plain JSON, or as a command."""
    if request.param == "command":
        yield [sys.executable, str(SERVER)]
        return
    spec = importlib.util.spec_from_file_location("sdk_server_over_http", SERVER)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    app = module.server.streamable_http_app(json_response=request.param == "json")
    listener = bound(Address("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=1))
    thread = threading.Thread(target=lambda: anyio.run(server.serve, [listener]), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}/mcp"
    server.should_exit = server.force_exit = True
    thread.join(20)


def run(body: Callable[[], Any]) -> None:
    """Run a test's coroutine, which ends in any case."""

    async def bounded() -> None:
        with anyio.fail_after(60):
            await body()

    anyio.run(bounded)


def text(result: types.CallToolResult) -> str:
    content = result.content[0]
    assert isinstance(content, types.TextContent)
    return content.text


@ERAS
def test_lists_calls_refusals_resources_and_errors_reach_the_client(
    listening: Start, upstream: Any, era: str
) -> None:
    """Issue, point 9: the client runs against the gateway unchanged."""
    gateway = listening(OPEN, upstream)

    async def body() -> None:
        async with Client(gateway.url, mode=era) as client:
            assert {tool.name for tool in (await client.list_tools()).tools} == {"add", "greet", "count"}
            result = await client.call_tool("add", {"a": 1, "b": 2})
            assert (text(result), result.structured_content) == ("3", {"result": 3})
            assert text(await client.call_tool("delete_everything", {})) == "Unknown tool: delete_everything"
            await client.call_tool("add", {"a": 1, "b": 2})
            refused = await client.call_tool("add", {"a": 1, "b": 2})
            assert refused.meta
            assert refused.meta["catalog/denial"]["code"] == "limit"
            assert (await client.read_resource("text://note")).contents[0].text == "a note"  # type: ignore[union-attr]
            with pytest.raises(MCPError):
                await client.get_prompt("no-such-prompt")

    run(body)
    assert gateway.said == []


@ERAS
@pytest.mark.parametrize("upstream", ["events", "command"], indirect=True)
def test_progress_and_a_servers_own_question_reach_the_client(
    listening: Start, upstream: Any, era: str
) -> None:
    """Elicitation by the server: a request in the older eras, rounds in the new one; counted once."""
    gateway = listening(OPEN, upstream)
    steps: list[float] = []

    async def progressed(progress: float, total: float | None, message: str | None) -> None:
        steps.append(progress)

    async def named(context: ClientRequestContext, params: types.ElicitRequestParams) -> types.ElicitResult:
        return types.ElicitResult(action="accept", content={"name": "Ada"})

    async def body() -> None:
        async with Client(gateway.url, mode=era, elicitation_callback=named) as client:
            result = await client.call_tool("count", {"steps": 3}, progress_callback=progressed)
            assert text(result) == "counted"
            assert steps == [1, 2, 3]
            assert text(await client.call_tool("greet", {})) == "Hello Ada"
            assert "refused by the gateway" in text(await client.call_tool("greet", {}))

    run(body)


@ERAS
@pytest.mark.parametrize("upstream", ["events"], indirect=True)
@pytest.mark.parametrize(("approve", "words"), [(True, "3"), (False, "did not approve")])
def test_an_approval_is_asked_through_the_client(
    listening: Start, upstream: Any, era: str, approve: bool, words: str
) -> None:
    """Issue, point 4: by elicitation in both eras, over HTTP."""
    gateway = listening(APPROVING, upstream)
    asked: list[str] = []

    async def answered(
        context: ClientRequestContext, params: types.ElicitRequestParams
    ) -> types.ElicitResult:
        asked.append(params.message)
        return types.ElicitResult(action="accept", content={"approve": approve})

    async def body() -> None:
        async with Client(gateway.url, mode=era, elicitation_callback=answered) as client:
            assert words in text(await client.call_tool("add", {"a": 1, "b": 2}))
        async with Client(gateway.url, mode=era) as client:
            assert text(await client.call_tool("add", {"a": 3, "b": 4})).startswith("The call of")
        assert len(asked) == 1

    run(body)


@pytest.mark.parametrize("upstream", ["events", "command"], indirect=True)
def test_a_changed_policy_is_told_in_both_eras(listening: Start, upstream: Any) -> None:
    """Issue, point 7: `tools/list_changed`, and a subscription of the new era."""
    gateway = listening(OPEN, upstream)

    async def body() -> None:
        changed = anyio.Event()

        async def received(message: object) -> None:
            if isinstance(message, types.ToolListChangedNotification):
                changed.set()

        async with (
            Client(gateway.url, mode="legacy", message_handler=received) as older,
            Client(gateway.url, mode="2026-07-28") as modern,
            modern.listen(tools_list_changed=True) as subscription,
        ):
            await older.list_tools()
            gateway.policy.write_text('{"version":"1","default":"deny","tools":{"add":{}}}')
            async for event in subscription:
                assert event == ToolsListChanged()
                break
            await changed.wait()
            for client in (older, modern):
                assert [tool.name for tool in (await client.list_tools()).tools] == ["add"]

    run(body)


@ERAS
@pytest.mark.parametrize("upstream", ["events"], indirect=True)
def test_clients_with_tokens_have_limits_of_their_own_and_one_without_is_kept_out(
    listening: Start, upstream: Any, era: str
) -> None:
    """Issue, point 3: several clients, grants with tokens."""
    gateway = listening(OPEN, upstream)
    tokens = [gateway.ledger.grant(name)[1] for name in ("one", "two")]

    async def body() -> None:
        for token in tokens:
            async with (
                httpx2.AsyncClient(headers={"Authorization": f"Bearer {token}"}) as http,
                Client(streamable_http_client(gateway.url, http_client=http), mode=era) as client,
            ):
                results = [await client.call_tool("add", {"a": 1, "b": 2}) for _ in range(3)]
            assert [it.is_error for it in results] == [False, False, True]

    async def without_token() -> None:
        async with Client(gateway.url, mode=era) as client:
            await client.list_tools()

    run(body)
    with pytest.raises(ExceptionGroup) as kept_out:
        run(without_token)
    found, _ = kept_out.value.split(MCPError)
    assert found
    calls = [line.facts["grant"] for line in gateway.ledger.journal(endings=False) if "tool" in line.facts]
    assert calls == ["one"] * 3 + ["two"] * 3


def test_the_policy_of_a_grant_is_its_own(
    listening: Start, server: Any, caller: Start, tmp_path: Path
) -> None:
    """Design: a grant has a name, a token, a policy, an expiry."""
    own = tmp_path / "own.json"
    own.write_text(json.dumps({"version": "1", "default": "deny", "tools": {"other": {}}}))
    gateway = listening({"version": "1", "default": "deny", "tools": {"echo": {}}}, server.url)
    client = caller(gateway, gateway.ledger.grant("special", policy=str(own))[1])
    client.initialize()
    assert client.call("other")["content"][0]["text"] == "{}"
    assert client.call("echo")["isError"]
    broken = caller(gateway, gateway.ledger.grant("broken", policy=str(tmp_path / "missing.json"))[1])
    answer = broken.initialize()
    assert answer.status_code == 503
    assert "missing.json" not in answer.text
    assert "missing.json" in gateway.said[-1]
