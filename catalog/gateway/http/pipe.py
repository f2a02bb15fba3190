"""The link to a server that is our child, over its standard streams, inside an event loop."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Any, Final

from catalog.gateway.child import Child
from catalog.gateway.lines import Lines
from catalog.gateway.message import Kind, Message, MessageError
from catalog.gateway.stdio import Outbox

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterable, Mapping, Sequence

    from catalog.gateway.http.link import Inbox
    from catalog.gateway.message import RequestId

_CHUNK: Final = 1 << 18  # bytes read at a time
_HIGH: Final = 32 << 20  # bytes that a server has not read, beyond which it is given up
_GRACE: Final = 1.5  # seconds for the server to end
_HASTE: Final = 0.2  # seconds for one that has closed its output


class Pipe:
    """See the module. The command is started with the first message, and again with the next after it has ended."""

    def __init__(self, command: Sequence[str], inbox: Inbox) -> None:
        self._command = command
        self._inbox = inbox
        self._child: Child | None = None
        self._ending = False  # the server is over, and not all of it is cleared away
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def down(self) -> bool:
        """Whether no server runs."""
        return self._child is None

    def start(self) -> None:
        """Start the server.

        Raises:
            UsageError: the command cannot be started.

        """
        self._child, self._ending = Child(self._command), False
        self._outbox, self._lines = Outbox(self._child.stdin), Lines()
        self._hear(self._child)

    def send(self, message: Message, headers: Mapping[str, str]) -> None:
        """Write a message, or keep it until the server reads on."""
        del headers
        if self._child is not None and not self._ending:
            self._outbox.put(message)
            self._write(self._child)
        elif message.kind is Kind.REQUEST and message.id is not None:
            self._inbox.failed(message.id, "the server is gone", sent=False)

    def drop(self) -> None:
        """End a server that is of no use."""
        if self._child is not None:
            self._lose(self._child)

    async def close(self) -> None:
        """End the server."""
        child = self._child
        if child is not None and not self._ending:
            self._deaf(child)
            self._child = None
            await asyncio.to_thread(child.end, _GRACE)
        await asyncio.gather(*self._tasks)

    def _hear(self, child: Child) -> None:
        asyncio.get_running_loop().add_reader(child.stdout, self._readable, child)

    def _deaf(self, child: Child) -> None:
        loop = asyncio.get_running_loop()
        loop.remove_reader(child.stdout)
        loop.remove_writer(child.stdin)

    def _write(self, child: Child) -> None:
        loop = asyncio.get_running_loop()
        self._outbox.flush()
        if self._outbox.broken or self._outbox.size > _HIGH:
            self._lose(child)
        elif self._outbox:
            loop.add_writer(child.stdin, self._write, child)
        else:
            loop.remove_writer(child.stdin)

    def _readable(self, child: Child) -> None:
        try:
            chunk = os.read(child.stdout, _CHUNK)
        except OSError:
            chunk = b""
        lines: Iterable[bytes | MessageError] = self._lines.feed(chunk) if chunk else self._lines.end()
        for line in lines:
            self._inbox.take(line)
        if not chunk:
            self._lose(child)
        elif self._inbox.crowded and not self._ending:
            asyncio.get_running_loop().remove_reader(child.stdout)
            self._spawn(self._hear_later(child))

    async def _hear_later(self, child: Child) -> None:
        """Read on once the client has taken what it was sent."""
        await self._inbox.room()
        if child is self._child and not self._ending:
            self._hear(child)

    def _lose(self, child: Child) -> None:
        """The server has closed its output, or reads no more: it is over, whatever else of it may live on."""
        if not self._ending:
            self._ending = True
            self._deaf(child)
            self._spawn(self._cleared(child, self._outbox.unsent()))

    async def _cleared(self, child: Child, unsent: set[RequestId]) -> None:
        how = await asyncio.to_thread(child.end, _HASTE)
        self._child = None
        self._inbox.lost(how, unsent)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._inbox.broke(error)
