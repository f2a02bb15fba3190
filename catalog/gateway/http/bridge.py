"""A client on standard streams before a server that is reached over HTTP."""

from __future__ import annotations

import asyncio
import os
import queue
import select
import threading
import time
from concurrent.futures import CancelledError
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from catalog.gateway.http.conversation import Conversation
from catalog.gateway.lines import Lines
from catalog.gateway.message import Message, MessageError, RequestId, read
from catalog.gateway.stdio import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from catalog.gateway.core import Session
    from catalog.gateway.http.link import Connect

_CHUNK: Final = 1 << 18  # bytes read at a time
_HIGH: Final = 8 << 20  # bytes that the client has not read, beyond which the server is not read from
_TICK: Final = 1.0  # seconds
_LOOK: Final = 0.02  # seconds


def bridge(session: Session, connect: Connect, source: int, sink: int, patience: float = PATIENCE) -> str:
    """Carry messages between descriptors `source` and `sink` (the client's) and the server until the client is gone.

    `patience`: as for `StdioGateway`. Gives what was wrong with the server then, "" for nothing.
    """
    return asyncio.run(_Bridge(session, connect, sink, patience).run(source))


class _Bridge:
    """The loop; also the `Outlet` of its conversation."""

    def __init__(self, session: Session, connect: Connect, sink: int, patience: float) -> None:
        self._patience = patience
        self._conversation = Conversation(session, connect, self)
        self._sink = sink
        self._reader = select.poll()  # whether anybody can read what is written
        self._reader.register(sink, 0)
        self._broken = False
        self._written = 0.0  # when the client last took something
        self._size = 0  # bytes that wait to be written
        self._waiting: queue.SimpleQueue[bytearray] = queue.SimpleQueue()
        self._room = asyncio.Event()
        self._lines = Lines()

    async def run(self, source: int) -> str:
        """See `bridge`."""
        async with asyncio.TaskGroup() as group:
            self._hearing = group.create_task(self._hear(source))
            ticking = group.create_task(self._tick())
            _pour(self._waiting, self._sink, self._wrote, self._leave)
            await asyncio.wait((self._hearing,))
            trouble = await self._farewell()
            await self._conversation.close("the client is gone")
            ticking.cancel()
        return trouble

    async def _hear(self, source: int) -> None:
        chunks: asyncio.Queue[bytes] = asyncio.Queue(4)
        _pump(source, chunks)
        while chunk := await chunks.get():
            self._read(self._lines.feed(chunk))
        self._read(self._lines.end())

    def _read(self, lines: Iterable[bytes | MessageError]) -> None:
        for line in lines:
            try:
                if isinstance(line, MessageError):
                    raise line
                message = read(line)
            except MessageError as trouble:
                self._conversation.unreadable_from_client(trouble)
            else:
                self._conversation.from_client(message)

    async def _farewell(self) -> str:
        """Once the client sends nothing more: its answers, or an error in their place; what was wrong."""
        self._conversation.client_ended()
        if await self._drained() or self._conversation.idle:
            return ""
        trouble = f"the server did not answer within {self._patience:g} seconds"
        self._conversation.lost(f"{trouble}, and the client sends nothing more")
        await self._drained()
        return trouble

    async def _drained(self) -> bool:
        """Wait until nobody waits for an answer any more; False if nothing has moved for too long."""
        since = time.monotonic()
        while not self._gone and (self._size or not self._conversation.idle):
            moved = max(since, self._written, self._conversation.heard)
            if time.monotonic() - moved > self._patience:
                return False
            await asyncio.sleep(_LOOK)
        return True

    @property
    def _gone(self) -> bool:
        """Whether nobody can read an answer any more."""
        return self._broken or bool(self._reader.poll(0))

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(_TICK)
            self._conversation.tick()

    def _wrote(self, size: int) -> None:
        self._size -= size
        self._written = time.monotonic()
        if self._size < _HIGH:
            self._room.set()

    @property
    def crowded(self) -> bool:
        """See `Outlet`."""
        return self._size >= _HIGH

    def deliver(self, message: Message) -> None:
        """See `Outlet`."""
        line = message.line()
        self._size += len(line)
        self._waiting.put(line)

    def broke(self, reason: str) -> None:
        """See `Outlet`: the client is left, which is all that it can be told."""
        del reason
        self._leave()

    def _leave(self) -> None:
        self._broken = True
        self._hearing.cancel()
        self._room.set()

    async def room(self, about: RequestId | None = None) -> None:
        """See `Outlet`."""
        del about
        while self.crowded and not self._broken:
            self._room.clear()
            await self._room.wait()


def _write_all(descriptor: int, data: bytearray) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def _pump(source: int, chunks: asyncio.Queue[bytes]) -> None:
    """Read in a thread of its own: standard input may be a file or a terminal, which no loop can wait for."""
    loop = asyncio.get_running_loop()

    def pump() -> None:
        chunk = b"-"
        while chunk:
            try:
                chunk = os.read(source, _CHUNK)
            except OSError:
                chunk = b""
            with suppress(RuntimeError, CancelledError):  # nobody hears the client any more
                asyncio.run_coroutine_threadsafe(chunks.put(chunk), loop).result()

    threading.Thread(target=pump, name="client", daemon=True).start()


def _pour(
    lines: queue.SimpleQueue[bytearray], sink: int, wrote: Callable[[int], None], broke: Callable[[], None]
) -> None:
    """Write in a thread of its own, for the same reason; one that hangs keeps no program from ending."""
    loop = asyncio.get_running_loop()

    def pour() -> None:
        with suppress(RuntimeError):  # the loop is over
            while True:
                line = lines.get()
                try:
                    _write_all(sink, line)
                except OSError:
                    loop.call_soon_threadsafe(broke)
                loop.call_soon_threadsafe(wrote, len(line))

    threading.Thread(target=pour, name="answers", daemon=True).start()
