"""The official SDK's client, unchanged, in both eras, before a server of the same SDK and the gateway between."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import anyio
import mcp_types as types
import pytest
from mcp import Client, StdioServerParameters
from mcp.client.session import ClientRequestContext
from mcp.shared.exceptions import MCPError
from mcp.shared.subscriptions import ToolsListChanged

Json = dict[str, Any]
SERVER = Path(__file__).parent / "sdk_server.py"
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
Connect = Callable[..., AbstractAsyncContextManager[Client]]


@pytest.fixture
def connect(tmp_path: Path) -> Connect:
    """The SDK's client on `catalog gateway` before the SDK's server."""

    def start(policy: Json, era: str, **more: Any) -> Client:
        (tmp_path / "policy.json").write_text(json.dumps(policy))
        arguments = ["-m", "catalog.cli.main", "gateway", "--policy", str(tmp_path / "policy.json"), "--"]
        parameters = StdioServerParameters(
            command=sys.executable,
            args=[*arguments, sys.executable, str(SERVER)],
            env={"CATALOG_DB": f"sqlite:///{tmp_path}/ledger.sqlite3"},
        )
        return Client(parameters, mode=era, **more)

    return start


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
def test_lists_calls_and_refusals_reach_the_client(connect: Connect, era: str) -> None:
    """Issue, point 9: the client runs against the gateway unchanged."""

    async def body() -> None:
        async with connect(OPEN, era) as client:
            assert {tool.name for tool in (await client.list_tools()).tools} == {"add", "greet", "count"}
            result = await client.call_tool("add", {"a": 1, "b": 2})
            assert (text(result), result.structured_content) == ("3", {"result": 3})
            assert text(await client.call_tool("delete_everything", {})) == "Unknown tool: delete_everything"
            await client.call_tool("add", {"a": 1, "b": 2})
            refused = await client.call_tool("add", {"a": 1, "b": 2})
            assert refused.is_error
            assert "the limit of 2 calls" in text(refused)
            assert refused.meta
            assert refused.meta["catalog/denial"]["code"] == "limit"

    run(body)


@ERAS
def test_resources_prompts_progress_and_errors_pass(connect: Connect, era: str) -> None:
    """Everything else passes through."""

    async def body() -> None:
        steps: list[float] = []

        async def progressed(progress: float, total: float | None, message: str | None) -> None:
            steps.append(progress)

        async with connect(OPEN, era) as client:
            assert (await client.read_resource("text://note")).contents[0].text == "a note"  # type: ignore[union-attr]
            assert (await client.get_prompt("hello")).messages[0].content.text == "Say hello."  # type: ignore[union-attr]
            assert (
                text(await client.call_tool("count", {"steps": 3}, progress_callback=progressed)) == "counted"
            )
            assert steps == [1, 2, 3]
            with pytest.raises(MCPError):
                await client.get_prompt("no-such-prompt")

    run(body)


@ERAS
def test_a_servers_own_question_reaches_the_person_and_the_call_is_counted_once(
    connect: Connect, era: str
) -> None:
    """Elicitation by the server: a request in the older eras, rounds in the new one."""

    async def named(context: ClientRequestContext, params: types.ElicitRequestParams) -> types.ElicitResult:
        return types.ElicitResult(action="accept", content={"name": "Ada"})

    async def body() -> None:
        async with connect(OPEN, era, elicitation_callback=named) as client:
            assert text(await client.call_tool("greet", {})) == "Hello Ada"
            assert "refused by the gateway" in text(await client.call_tool("greet", {}))

    run(body)


@ERAS
@pytest.mark.parametrize(("approve", "words"), [(True, "3"), (False, "did not approve")])
def test_an_approval_is_asked_through_the_client(
    connect: Connect, era: str, approve: bool, words: str
) -> None:
    """Issue, point 4: by elicitation in both eras."""
    asked: list[str] = []

    async def answered(
        context: ClientRequestContext, params: types.ElicitRequestParams
    ) -> types.ElicitResult:
        asked.append(params.message)
        return types.ElicitResult(action="accept", content={"approve": approve})

    async def body() -> None:
        async with connect(APPROVING, era, elicitation_callback=answered) as client:
            assert words in text(await client.call_tool("add", {"a": 1, "b": 2}))
        assert len(asked) == 1
        assert "sums are costly" in asked[0]
        assert '"a": 1' in asked[0]

    run(body)


@ERAS
def test_a_client_that_cannot_ask_gets_an_approval_id(connect: Connect, era: str) -> None:
    """Issue, point 4: else an approval id."""

    async def body() -> None:
        async with connect(APPROVING, era) as client:
            assert "catalog approvals approve " in text(await client.call_tool("add", {"a": 1, "b": 2}))

    run(body)


def test_a_changed_policy_is_told_in_the_older_era(connect: Connect, tmp_path: Path) -> None:
    """Issue, point 7."""

    async def body() -> None:
        changed = anyio.Event()

        async def received(message: object) -> None:
            if isinstance(message, types.ToolListChangedNotification):
                changed.set()

        async with connect(OPEN, "legacy", message_handler=received) as client:
            await client.list_tools()
            (tmp_path / "policy.json").write_text('{"version":"1","default":"deny","tools":{"add":{}}}')
            await changed.wait()
            assert [tool.name for tool in (await client.list_tools()).tools] == ["add"]

    run(body)


def test_a_changed_policy_is_told_on_a_subscription_of_the_new_era(connect: Connect, tmp_path: Path) -> None:
    """Issue, point 7; MCP 2026-07-28, subscriptions/listen."""

    async def body() -> None:
        async with (
            connect(OPEN, "2026-07-28") as client,
            client.listen(tools_list_changed=True) as subscription,
        ):
            (tmp_path / "policy.json").write_text('{"version":"1","default":"deny","tools":{"add":{}}}')
            async for event in subscription:
                assert event == ToolsListChanged()
                break
            assert [tool.name for tool in (await client.list_tools()).tools] == ["add"]

    run(body)
