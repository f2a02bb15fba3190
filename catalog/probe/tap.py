"""A tap on the wire between the SDK and a server: limits in both directions, and tool pages as they were sent.

The SDK validates a page as a whole and would lose it for one odd tool; the tap keeps the page.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Self

import anyio
from mcp_types import JSONRPCError, JSONRPCNotification, JSONRPCRequest, JSONRPCResponse

from catalog.probe.fault import Fault
from catalog.records import Outcome

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from contextlib import AbstractAsyncContextManager
    from types import TracebackType

    from mcp.client._transport import TransportStreams
    from mcp.shared._stream_protocols import ReadStream, WriteStream
    from mcp.shared.message import SessionMessage

    from catalog.probe.limits import Limits


def too_many_tools(limits: Limits) -> Fault:
    """The fault of a server with more tools than are read."""
    return Fault(Outcome.REFUSED_LIMITS, f"the server lists more than {limits.tools:,} tools")


class Tap:
    """What was seen on one connection.

    `fault` is set as soon as the server breaks a limit or the protocol; the connection then ends.
    `answered` says that it sent at least one well-formed message, `stray` that it answered something
    that was not asked.
    """

    def __init__(self, limits: Limits) -> None:
        self.fault: Fault | None = None
        self.answered = False
        self.stray = False
        self._limits = limits
        self._ids: set[str] = set()
        self._requests_left = limits.requests
        self._notifications_left = limits.notifications
        self._asked: int | str | None = None
        self._page: dict[str, Any] | None = None

    def give_up(self, fault: Fault) -> None:
        """Remember the first reason."""
        self.fault = self.fault or fault

    def take_page(self) -> dict[str, Any] | None:
        """The raw result of the last `tools/list`, once; None when it was not answered."""
        page, self._page = self._page, None
        return page

    def sent(self, message: object) -> None:
        """Note what the client asks."""
        if isinstance(message, JSONRPCRequest):
            self._ids.add(str(message.id))
            if message.method == "tools/list":
                self._asked, self._page = message.id, None

    def passes(self, message: object) -> bool:
        """Whether a message of the server reaches the SDK. Notifications do not: nothing here wants them."""
        self.answered = True
        if isinstance(message, JSONRPCNotification):
            self._notifications_left -= 1
            if self._notifications_left < 0:
                self.give_up(Fault(Outcome.REFUSED_LIMITS, "the server floods the client with notifications"))
            return False
        if isinstance(message, JSONRPCRequest):
            self._requests_left -= 1
            if self._requests_left < 0:
                self.give_up(
                    Fault(Outcome.REFUSED_LIMITS, "the server asks the client one thing after another")
                )
        elif isinstance(message, JSONRPCResponse):
            self._answer(message)
        return isinstance(message, JSONRPCRequest | JSONRPCResponse | JSONRPCError)

    def _answer(self, message: JSONRPCResponse) -> None:
        """Keep a page of tools and hide its tools from the SDK, which need not validate them one by one."""
        self.stray = self.stray or str(message.id) not in self._ids
        if self._asked is None or message.id != self._asked:
            return
        self._page = message.result
        tools = message.result.get("tools")
        if isinstance(tools, list):
            if len(tools) > self._limits.tools:
                self.give_up(too_many_tools(self._limits))
            message.result = {**message.result, "tools": []}

    @asynccontextmanager
    async def on(
        self, transport: AbstractAsyncContextManager[TransportStreams]
    ) -> AsyncIterator[TransportStreams]:
        """The transport with this tap on it; itself a transport of the SDK."""
        async with transport as (read, write):
            yield _Reading(read, self), _Writing(write, self)


class _Reading:
    """The server's messages that pass; ends when the tap has a fault."""

    def __init__(self, inner: ReadStream[SessionMessage | Exception], tap: Tap) -> None:
        self._inner = inner
        self._tap = tap

    @property
    def last_context(self) -> Any:
        """The sender's context, which the SDK looks for on its own streams."""
        return getattr(self._inner, "last_context", None)

    async def receive(self) -> SessionMessage | Exception:
        while True:
            item = await self._inner.receive()
            passes = isinstance(item, Exception) or self._tap.passes(item.message)
            if self._tap.fault is not None:
                raise anyio.EndOfStream
            if passes:
                return item

    async def aclose(self) -> None:
        await self._inner.aclose()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> SessionMessage | Exception:
        try:
            return await self.receive()
        except anyio.EndOfStream:
            raise StopAsyncIteration from None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()


class _Writing:
    """The client's messages, noted by the tap."""

    def __init__(self, inner: WriteStream[SessionMessage], tap: Tap) -> None:
        self._inner = inner
        self._tap = tap

    async def send(self, item: SessionMessage, /) -> None:
        self._tap.sent(item.message)
        await self._inner.send(item)

    async def aclose(self) -> None:
        await self._inner.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()
