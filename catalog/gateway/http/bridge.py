"""A client on standard streams before a server that is reached over HTTP."""

from __future__ import annotations

import asyncio
import os
import threading
from concurrent.futures import CancelledError
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from catalog.gateway.http.conversation import Conversation
from catalog.gateway.lines import Lines
from catalog.gateway.message import Message, MessageError, RequestId, read

if TYPE_CHECKING:
    from collections.abc import Iterable

    from catalog.gateway.core import Session
    from catalog.gateway.http.link import Connect

_CHUNK: Final = 1 << 18  # bytes read at a time
_HIGH: Final = 8 << 20  # bytes that the client has not read, beyond which the server is not read from
_TICK: Final = 1.0  # seconds
_LOOK: Final = 0.02  # seconds
_DRAIN: Final = 10.0  # seconds for calls under way once the client sends nothing more


def bridge(session: Session, connect: Connect, source: int, sink: int) -> None:
    """Carry messages between descriptors `source` and `sink` (the client's) and the server until the client is gone."""
    asyncio.run(_Bridge(session, connect, sink).run(source))


class _Bridge:
    """The loop; also the `Outlet` of its conversation."""

    def __init__(self, session: Session, connect: Connect, sink: int) -> None:
        self._conversation = Conversation(session, connect, self)
        self._sink = sink
        self._broken = False
        self._size = 0  # bytes that wait to be written
        self._waiting: asyncio.Queue[bytes] = asyncio.Queue()
        self._room = asyncio.Event()
        self._lines = Lines()

    async def run(self, source: int) -> None:
        """See `bridge`."""
        async with asyncio.TaskGroup() as group:
            self._hearing = group.create_task(self._hear(source))
            tasks = [group.create_task(self._tick()), group.create_task(self._write())]
            await asyncio.wait((self._hearing,))
            await self._drained()
            await self._conversation.close("the client is gone")
            for task in tasks:
                task.cancel()

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

    async def _drained(self) -> None:
        """Wait until nobody waits for an answer any more, or has waited long enough."""
        for _ in range(int(_DRAIN / _LOOK)):
            if self._broken or (self._conversation.idle and not self._size):
                return
            await asyncio.sleep(_LOOK)

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(_TICK)
            self._conversation.tick()

    async def _write(self) -> None:
        while True:
            line = await self._waiting.get()
            try:
                await asyncio.to_thread(_write_all, self._sink, line)
            except OSError:
                self._leave()
            self._size -= len(line)
            if self._size < _HIGH:
                self._room.set()

    @property
    def crowded(self) -> bool:
        """See `Outlet`."""
        return self._size >= _HIGH

    def deliver(self, message: Message) -> None:
        """See `Outlet`."""
        line = message.dump() + b"\n"
        self._size += len(line)
        self._waiting.put_nowait(line)

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


def _write_all(descriptor: int, data: bytes) -> None:
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
