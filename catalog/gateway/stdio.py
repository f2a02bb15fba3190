"""The stdio transport: lines between a client on our standard streams and a server that is our child.

One loop around one `Session`: it waits for whichever side speaks, and writes what follows at once. A side
that does not read is not written to beyond a limit, and then the other side is not read from.
"""

from __future__ import annotations

import os
import select
import time
from collections import deque
from typing import TYPE_CHECKING, Final

from catalog.errors import UsageError
from catalog.gateway.again import Again
from catalog.gateway.child import Child
from catalog.gateway.lines import Lines
from catalog.gateway.message import Kind, Message, MessageError, RequestId, read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from catalog.gateway.core import Session
    from catalog.gateway.moves import Moves

_CHUNK: Final = 1 << 16  # bytes read at a time: what a pipe holds
_ATOMIC: Final = 4096  # bytes that a pipe that is ready takes without blocking (POSIX: PIPE_BUF, 512 or more)
_HIGH: Final = 8 << 20  # bytes waiting to be written, beyond which the other side is not read from
_TICK: Final = 1.0  # seconds
_GRACE: Final = 0.8  # seconds for the server to end, twice; clients give the gateway about two
PATIENCE: Final = 60.0  # seconds without a sign of life, once the client sends nothing more
_GONE: Final = select.POLLHUP | select.POLLERR | select.POLLNVAL
_IN: Final = select.POLLIN | select.POLLHUP | select.POLLERR


class Outbox:
    """What is to be written to one descriptor, in order, as far as it can be written without waiting."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self.broken = False
        self.size = 0
        self._lines: deque[tuple[memoryview, RequestId | None]] = deque()
        self._begun = False  # a part of the first line is written
        self._at_once = hasattr(os, "RWF_NOWAIT")
        self._ready = select.poll()
        self._ready.register(descriptor, select.POLLOUT)

    def __bool__(self) -> bool:
        return bool(self._lines)

    @property
    def gone(self) -> bool:
        """Whether nobody can read what is written here any more."""
        return self.broken or any(events & _GONE for _, events in self._ready.poll(0))

    def put(self, message: Message) -> None:
        """Write a message, or keep it until there is room."""
        line = memoryview(message.line())
        self._lines.append((line, message.id if message.kind is Kind.REQUEST else None))
        self.size += len(line)
        self.flush()

    def flush(self) -> None:
        """Write as much as there is room for; `broken` once the reader is gone."""
        while self._lines and not self.broken and self._ready.poll(0):
            line, id_ = self._lines[0]
            try:
                written = self._write(line)
            except BlockingIOError:
                return
            except OSError:
                self.broken = True
                return
            self.size -= written
            self._begun = written < len(line)
            if self._begun:
                self._lines[0] = (line[written:], id_)
            else:
                self._lines.popleft()

    def _write(self, line: memoryview) -> int:
        """Write what there is room for. Our client's descriptor may be shared, so it is not made non-blocking."""
        if self._at_once and len(line) > _ATOMIC:
            try:
                return os.pwritev(self.descriptor, (line,), -1, os.RWF_NOWAIT)  # Linux, pipes
            except OSError:
                self._at_once = False  # not here; if there is more wrong, it shows below
        return os.write(self.descriptor, line[:_ATOMIC])

    def unsent(self) -> set[RequestId]:
        """The requests of which no byte was written."""
        begun = 1 if self._begun else 0
        return {id_ for _, id_ in list(self._lines)[begun:] if id_ is not None}


class StdioGateway:
    """Runs one session over descriptors `source` and `sink` (the client's) and the command's own pipes.

    `patience`: seconds that open requests wait once the client sends nothing more, from the last sign of life on.
    """

    def __init__(
        self,
        session: Session,
        command: Sequence[str],
        say: Callable[[str], None],
        patience: float = PATIENCE,
    ) -> None:
        self._session = session
        self._command = command
        self._say = say
        self._child: Child | None = None
        self._from_client = Lines()
        self._from_server = Lines()
        self._again = Again()
        self._hears_client = True
        self._poll, self._wanted = select.poll(), dict[int, int]()  # what is waited for
        self._patience = patience
        self._moved = time.monotonic()  # when the last byte came or went
        self._trouble = ""
        self._broken_at: float | None = None  # since when the server reads nothing more

    def run(self, source: int, sink: int) -> str:
        """Carry messages until the client is gone; what was wrong with the server then, "" for nothing.

        Raises:
            UsageError: the server cannot be started at the beginning.

        """
        self._source, self._client = source, Outbox(sink)
        self._start()
        try:
            self._loop()
            return self._trouble or ("" if self._child else "the server had ended before its client did")
        finally:
            if self._child is not None:
                self._child.end(_GRACE)
            self._session.close("the client is gone")

    def _start(self) -> None:
        self._child = Child(self._command)
        self._server = Outbox(self._child.stdin)
        self._from_server = Lines()
        self._broken_at = None

    def _loop(self) -> None:
        tick = time.monotonic() + _TICK
        while not self._over():
            awake = self._awake(max(0.0, tick - time.monotonic()))
            if awake:
                self._moved = time.monotonic()
            for descriptor in awake:
                if descriptor == self._source:
                    self._read_client()
                elif self._child is not None and descriptor == self._child.stdout:
                    self._read_server()
            self._server.flush()
            self._client.flush()
            if time.monotonic() >= tick:
                tick = time.monotonic() + _TICK
                self._carry(self._session.tick())
                self._watch()

    def _over(self) -> bool:
        """The client is gone, or sends nothing more and has all its answers."""
        if self._hears_client:
            return self._client.broken
        if self._client.gone:
            return True
        carried = not self._client and (self._child is None or not self._server)
        return self._session.idle and (carried or self._is_still)

    @property
    def _is_still(self) -> bool:
        """Whether nothing has moved for too long."""
        return time.monotonic() - self._moved > self._patience

    def _awake(self, seconds: float) -> list[int]:
        """Wait until somebody can be read from or written to; who can be read from."""
        wanted: dict[int, int] = {}
        if self._hears_client and self._server.size < _HIGH:
            wanted[self._source] = _IN
        if self._child is not None and self._client.size < _HIGH:
            wanted[self._child.stdout] = _IN
        if self._client:
            wanted[self._client.descriptor] = select.POLLOUT
        if self._child is not None and self._server and not self._server.broken:
            wanted[self._server.descriptor] = select.POLLOUT
        if wanted != self._wanted:
            self._poll, self._wanted = select.poll(), wanted
            for descriptor, events in wanted.items():
                self._poll.register(descriptor, events)
        return [descriptor for descriptor, _ in self._poll.poll(seconds * 1000)]

    # the client

    def _read_client(self) -> None:
        chunk = _read(self._source)
        for line in self._from_client.feed(chunk) if chunk else self._from_client.end():
            try:
                if isinstance(line, MessageError):
                    raise line
                message = read(line)
            except MessageError as trouble:
                self._carry(self._session.unreadable_from_client(trouble))
            else:
                self._from_client_message(message)
        if not chunk:
            self._hears_client = False
            self._carry(self._session.client_ended())

    def _from_client_message(self, message: Message) -> None:
        if self._child is None:
            if message.kind is not Kind.REQUEST:
                return  # it was meant for the server that is gone
            try:
                self._start()
            except UsageError as trouble:
                self._carry(self._session.unserved(message, f"the server is gone, and {trouble}"))
                return
            self._carry(self._session.reconnected())
        self._carry(self._session.from_client(message))

    # the server

    def _read_server(self) -> None:
        child = self._child
        assert child is not None  # noqa: S101 – its descriptor was ready
        chunk = _read(child.stdout)
        lines: Iterable[bytes | MessageError] = (
            self._from_server.feed(chunk) if chunk else self._from_server.end()
        )
        for line in lines:
            try:
                if isinstance(line, MessageError):
                    raise line
                message = self._again.read(line)
            except MessageError as trouble:
                self._carry(self._session.unreadable_from_server(trouble))
            else:
                self._carry(self._session.from_server(message))
        if not chunk:
            self._lose()

    def _lose(self) -> None:
        """The server has closed its output: it is over, whatever else of it may live on."""
        assert self._child is not None  # noqa: S101 – it was just read from
        unsent = self._server.unsent()
        how = self._child.end(0.2)
        self._child = None
        if self._hears_client:
            self._say(f"{how}; it is started again with the next request")
        self._carry(self._session.lost(how, unsent))

    def _watch(self) -> None:
        """A server that reads no more and yet does not end is given up, and one that is of no use."""
        if self._child is None:
            return
        if not self._hears_client and not self._session.idle and self._is_still:
            self._give_up()
        elif self._session.stuck:
            self._lose()
        elif self._server.broken:
            self._broken_at = self._broken_at or time.monotonic()
            if time.monotonic() - self._broken_at > _TICK:
                self._lose()

    def _give_up(self) -> None:
        """The answers that the client still waits for do not come."""
        assert self._child is not None  # noqa: S101 – without a server nobody waits
        self._trouble = f"the server did not answer within {self._patience:g} seconds"
        self._carry(
            self._session.lost(f"{self._trouble}, and the client sends nothing more", self._server.unsent())
        )
        self._moved = time.monotonic()  # there is as long again to read that
        self._child.end(_GRACE)
        self._child = None

    def _carry(self, moves: Moves) -> None:
        for message in moves.to_server:
            if self._child is not None:
                self._server.put(message)
        for message in moves.to_client:
            self._client.put(message)


def _read(descriptor: int) -> bytes:
    """What is there; nothing at the end of the stream, or when its other side broke."""
    try:
        return os.read(descriptor, _CHUNK)
    except OSError:
        return b""
