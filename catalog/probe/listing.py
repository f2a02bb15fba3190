"""Reading a server's whole tool list with the official SDK client: the handshake, all pages, nothing else."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import anyio
import httpx2
from mcp import Client, MCPError
from mcp_types import CONNECTION_CLOSED, METHOD_NOT_FOUND, PARSE_ERROR, Implementation, PaginatedRequestParams
from pydantic import ValidationError

from catalog import __version__
from catalog.probe.fault import ConnectionEnded, Fault
from catalog.probe.reasons import asks_for_credentials
from catalog.probe.tap import too_many_tools
from catalog.records import Outcome
from catalog.visible import one_line
from classifier.definition import parse

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractAsyncContextManager

    from mcp.client._transport import TransportStreams

    from catalog.probe.limits import Limits
    from catalog.probe.tap import Tap
    from classifier.types import Provenance, ToolDefinition

# The SDK logs what servers do wrong, with tracebacks; here that is an outcome, not news for a terminal.
for _name in ("mcp", "client", "httpx2", "httpcore2"):
    logging.getLogger(_name).addHandler(logging.NullHandler())

_CLIENT: Final = Implementation(name="mcp-tool-risk-catalogue", version=__version__)
# What the SDK raises for things that servers do; RuntimeError and ValueError are its words for versions it
# does not know and messages it cannot read.
_SERVER_ERRORS: Final = (
    Fault, MCPError, ValidationError, ValueError, RuntimeError, OSError, httpx2.HTTPError, httpx2.InvalidURL,
    httpx2.StreamError, anyio.BrokenResourceError, anyio.ClosedResourceError, anyio.EndOfStream,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pages:
    """A whole tool list as it was sent: tools as JSON values, and the protocol version agreed on."""

    tools: tuple[Any, ...]
    protocol_version: str


async def read_pages(
    transport: AbstractAsyncContextManager[TransportStreams],
    tap: Tap,
    limits: Limits,
    progress: Callable[[str], None],
    *,
    legacy: bool = False,
) -> Pages:
    """Connect (either protocol era, or only the older one), read every page of `tools/list`, disconnect.

    Raises:
        Fault: whatever goes wrong; `httpx2` errors and OSError, for the caller to explain, come as its cause.

    """
    pages: Pages | None = None
    failure: BaseException | None = None
    connected = False
    began = anyio.current_time()
    try:
        with anyio.move_on_after(limits.first_answer) as scope:
            mode = "legacy" if legacy else "auto"
            async with Client(tap.on(transport), mode=mode, cache=None, client_info=_CLIENT) as client:
                connected, scope.deadline = True, began + limits.total
                progress("reading tools")
                pages = Pages(await _all_tools(client, tap, limits), client.protocol_version)
    except* _SERVER_ERRORS as group:
        failure = _first(group)
    if tap.fault is not None:
        raise tap.fault
    if pages is not None:
        return pages
    if failure is not None:
        raise _as_fault(failure) from failure
    if tap.stray:
        raise Fault(Outcome.PROTOCOL_ERROR, "the server answers what it was not asked, and not what it was")
    if connected:
        raise Fault(Outcome.TIMEOUT, f"the server did not list all its tools within {limits.total:g} s")
    raise Fault(Outcome.TIMEOUT, f"the server did not answer within {limits.first_answer:g} s")


async def _all_tools(client: Client, tap: Tap, limits: Limits) -> tuple[Any, ...]:
    tools: list[Any] = []
    cursor: str | None = None
    seen: set[str] = set()
    for _ in range(limits.pages):
        page = await _page(client, tap, cursor)
        tools += page["tools"]
        if len(tools) > limits.tools:
            raise too_many_tools(limits)
        cursor = page.get("nextCursor")
        if cursor is None or cursor == "":  # an empty one is common for "no more"
            return tuple(tools)
        if not isinstance(cursor, str):
            raise Fault(Outcome.PROTOCOL_ERROR, "the server's cursor is no string")
        if cursor in seen:
            raise Fault(
                Outcome.REFUSED_LIMITS,
                f"the server repeats its cursor {one_line(cursor, 40)}: its list has no end",
            )
        seen.add(cursor)
    raise Fault(Outcome.REFUSED_LIMITS, f"the server's list has more than {limits.pages} pages")


async def _page(client: Client, tap: Tap, cursor: str | None) -> dict[str, Any]:
    """One page as it was sent, also when the SDK would refuse it for one odd tool."""
    try:
        await client.session.list_tools(params=PaginatedRequestParams(cursor=cursor) if cursor else None)
    except MCPError as error:
        if error.code == METHOD_NOT_FOUND:
            return {"tools": []}
        raise
    except ValidationError:
        pass  # what can be read of the page is read from the tap
    page = tap.take_page()
    if page is None or not isinstance(page.get("tools"), list):
        raise Fault(Outcome.PROTOCOL_ERROR, "the server's answer to tools/list has no list of tools")
    return page


def _first(group: BaseExceptionGroup[Any]) -> BaseException:
    """The first error of a tree of groups; one that says more than that the connection ended is preferred."""
    leaves = list(_leaves(group))
    return next((leaf for leaf in leaves if not _is_closing(leaf)), leaves[0])


def _leaves(error: BaseException) -> Sequence[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        return [leaf for inner in error.exceptions for leaf in _leaves(inner)]
    return [error]


def _is_closing(error: BaseException) -> bool:
    if isinstance(error, MCPError):  # servers use that code for errors of their own
        return error.code == CONNECTION_CLOSED and error.message == "Connection closed"
    return isinstance(error, anyio.BrokenResourceError | anyio.ClosedResourceError | anyio.EndOfStream)


def _as_fault(error: BaseException) -> Fault:
    if isinstance(error, Fault):
        return error
    if _is_closing(error):
        return ConnectionEnded()
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        return Fault(Outcome.PROTOCOL_ERROR, f"the server's answer is not MCP: {where}: {first['msg']}")
    if isinstance(error, MCPError) and error.code == PARSE_ERROR:
        return Fault(Outcome.PROTOCOL_ERROR, "the server sends broken JSON-RPC")
    if isinstance(error, MCPError):
        outcome = Outcome.NEEDS_CREDENTIALS if asks_for_credentials(error.message) else Outcome.PROTOCOL_ERROR
        return Fault(outcome, f"the server answers with an error: {error.message}")
    return Fault(Outcome.PROTOCOL_ERROR, str(error) or type(error).__name__)


def definitions(
    tools: Sequence[Any], server: str, provenance: Provenance
) -> tuple[tuple[ToolDefinition, ...], tuple[str, ...], tuple[str, ...]]:
    """Tools as definitions; what could not be read, a line each; remarks about names given twice.

    A tool that is odd costs only itself. Tools that share a name but differ are all kept.
    """
    read: dict[str, ToolDefinition] = {}
    unread: list[str] = []
    names: dict[str, int] = {}
    for number, tool in enumerate(tools, 1):
        # `server` is no field of the protocol, and no server speaks for another.
        body = (
            {key: value for key, value in tool.items() if key != "server"} if isinstance(tool, dict) else tool
        )
        try:
            definition = parse(body, server=server, provenance=provenance)
        except ValueError as error:
            unread.append(f"tool {number}: {error}")
            continue
        names[definition.name] = names.get(definition.name, 0) + 1
        read.setdefault(definition.fingerprint, definition)
    twice = [one_line(name, 60) for name, count in names.items() if count > 1]
    remarks = (f"listed more than once: {one_line(', '.join(twice), 200)}",) if twice else ()
    return tuple(read.values()), tuple(unread), remarks
