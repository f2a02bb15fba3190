"""Reading pages with the SDK's own client against the SDK's own server, and tools out of what was sent (MCP, "Tools")."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import anyio
import mcp_types as types
from hypothesis import given
from hypothesis import strategies as st
from mcp.client._memory import InMemoryTransport
from mcp.server.lowlevel import Server

from catalog.probe.fault import Fault
from catalog.probe.limits import Limits
from catalog.probe.listing import definitions, read_pages
from catalog.probe.tap import Tap
from classifier.types import Provenance

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


def test_all_pages_are_read_in_order() -> None:
    async def list_tools(context: Any, params: types.PaginatedRequestParams | None) -> types.ListToolsResult:
        number = int((params and params.cursor) or 0)
        tool = types.Tool(name=f"tool_{number}", input_schema={"type": "object"})
        return types.ListToolsResult(tools=[tool], next_cursor=str(number + 1) if number < 4 else None)

    async def read() -> list[str]:
        tap = Tap(Limits())
        transport = InMemoryTransport(Server("paged", on_list_tools=list_tools))
        pages = await read_pages(transport, tap, Limits(), lambda _: None)
        return [tool["name"] for tool in pages.tools]

    assert anyio.run(read) == [f"tool_{number}" for number in range(5)]


def test_what_goes_wrong_while_connecting_is_a_fault_and_not_a_group_of_errors() -> None:
    @asynccontextmanager
    async def nowhere() -> AsyncIterator[Any]:
        async with anyio.create_task_group():
            raise OSError("no way")
        yield

    async def read() -> str:
        try:
            await read_pages(nowhere(), Tap(Limits()), Limits(), lambda _: None)
        except Fault as error:
            return error.reason
        return ""

    assert anyio.run(read) == "no way"


@given(st.lists(JSON))
def test_every_tool_is_read_or_named_as_unread(tools) -> None:
    read, unread, _ = definitions(tools, "server", Provenance.LIVE)
    assert len(read) + len(unread) <= len(tools)
    assert all(line.isprintable() for line in unread)
    assert not tools or read or unread


def test_identical_tools_are_kept_once_and_different_ones_of_one_name_all() -> None:
    tools = [{"name": "a"}, {"name": "a"}, {"name": "a", "description": "b"}, {"name": "c"}]
    read, unread, remarks = definitions(tools, "server", Provenance.LIVE)
    assert [(tool.name, tool.description) for tool in read] == [("a", None), ("a", "b"), ("c", None)]
    assert (unread, remarks) == ((), ("listed more than once: a",))


def test_a_definition_is_what_was_sent_and_not_what_the_sdk_makes_of_it() -> None:
    """An absent description is not an empty one, and nothing is filled in (classifier.types)."""
    raw = {
        "name": "a",
        "inputSchema": {"x-odd": [1, None]},
        "annotations": {"unknownHint": "yes"},
        "_meta": {"k": 1},
    }
    ((tool,), _, _) = definitions([raw], "server", Provenance.LIVE)
    assert tool.description is None
    assert tool.input_schema == {"x-odd": [1, None]}
    assert tool.annotations == {"unknownHint": "yes"}
