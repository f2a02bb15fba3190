"""What goes back to a client over HTTP: messages on the streams that it holds open."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from catalog.gateway.message import Kind, Message, RequestId

if TYPE_CHECKING:
    from collections.abc import Iterator

HIGH: Final = 8 << 20  # bytes waiting on one stream, beyond which the server is not read from
PATIENCE: Final = 60.0  # seconds for a client to take what is waiting
_BACKLOG: Final = 100  # messages kept for a client that holds no stream
SUBSCRIPTION: Final = "io.modelcontextprotocol/subscriptionId"


class Stream:
    """The messages of one HTTP response, in order. `id`: the request that it answers, None for unasked ones."""

    def __init__(self, id: RequestId | None, *, lasts: bool = False) -> None:  # noqa: A002 – its name
        self.id = id
        self.lasts = lasts  # has no answer until it is over (a subscription, or the unasked ones)
        self.token: Any = None  # of the request's progress, as the server knows it
        self.gone = False  # nobody reads it any more
        self.over = False  # nothing more will come
        self.size = 0
        self._queue: deque[tuple[Message, bytes]] = deque()
        self._waiter: asyncio.Future[None] | None = None
        self._emptied = asyncio.Event()

    def put(self, message: Message) -> None:
        """Add a message; the request's own answer is the last."""
        line = self.outward(message).dump()
        self._queue.append((message, line))
        self.size += len(line)
        self.over = self.over or (message.kind is Kind.RESPONSE and message.id == self.id)
        self._wake()

    def outward(self, message: Message) -> Message:
        """The message as the client gets it."""
        return message

    def end(self) -> None:
        """Nothing more will come."""
        self.over = True
        self._wake()

    def leave(self) -> None:
        """Nobody reads it any more."""
        self.gone = True
        self._emptied.set()
        self._wake()

    async def take(self, seconds: float) -> tuple[Message, bytes] | None:
        """The next message and its bytes; None once it is over, or after so many seconds."""
        if not self._queue and not self.over and not self.gone:
            loop = asyncio.get_running_loop()
            self._waiter = loop.create_future()
            timer = loop.call_later(seconds, self._wake)
            try:
                await self._waiter
            finally:
                timer.cancel()
                self._waiter = None
        if not self._queue or self.gone:
            return None
        message, line = self._queue.popleft()
        self.size -= len(line)
        if self.size < HIGH:
            self._emptied.set()
        return message, line

    @property
    def done(self) -> bool:
        """Whether everything was taken and nothing will come, or nobody is there."""
        return self.gone or (self.over and not self._queue)

    @property
    def crowded(self) -> bool:
        """Whether more waits than should."""
        return self.size >= HIGH and not self.gone

    async def room(self) -> None:
        """Wait while it is crowded; a client that takes nothing for too long is given up."""
        while self.crowded:
            self._emptied.clear()
            try:
                async with asyncio.timeout(PATIENCE):
                    await self._emptied.wait()
            except TimeoutError:
                self.leave()

    def rest(self) -> Iterator[Message]:
        """What nobody took."""
        return (message for message, _ in self._queue)

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


class Renumbered(Stream):
    """The stream of a request that goes to the server under another id; the client gets its own back."""

    def __init__(self, id: RequestId, request: Message, *, lasts: bool) -> None:  # noqa: A002 – its name
        super().__init__(id, lasts=lasts)
        self._theirs = request.id
        self._token = request.params["_meta"].get("progressToken")

    def outward(self, message: Message) -> Message:
        """See `Stream`."""
        body, params = message.body, message.params
        if message.kind is Kind.RESPONSE:
            return Message(Kind.RESPONSE, {**body, "id": self._theirs}, self._theirs)
        changed: dict[str, Any] = {}
        if message.method == "notifications/progress" and params.get("progressToken") == self.id:
            changed["progressToken"] = self._token
        meta = params.get("_meta")
        if isinstance(meta, dict) and meta.get(SUBSCRIPTION) == self.id:
            changed["_meta"] = {**meta, SUBSCRIPTION: self._theirs}
        return Message(message.kind, {**body, "params": {**params, **changed}}) if changed else message


class Streams:
    """Which message goes on which stream: an `Outlet` for one conversation.

    Source: MCP, streamable HTTP, sending messages: what belongs to a request goes on its stream, anything
    else on the one that the client opened for it (up to 2025-11-25).
    """

    def __init__(self, *, keeps: bool = True) -> None:
        self._open: dict[RequestId, Stream] = {}
        self._unasked: Stream | None = None
        self._keeps = keeps
        self._kept: deque[tuple[Message, bytes]] = deque()
        self._kept_size = 0  # bytes

    def __contains__(self, id_: object) -> bool:
        return id_ in self._open

    def open(self, stream: Stream) -> None:
        """Add the stream of a request."""
        assert stream.id is not None  # noqa: S101 – a request has one
        self._open[stream.id] = stream

    def close(self, stream: Stream) -> bool:
        """The client holds it no more; whether its request is still unanswered."""
        stream.leave()
        if stream is self._unasked:
            self._unasked = None
            for message in stream.rest():
                self._keep(message)
        if stream.id is None or self._open.get(stream.id) is not stream:
            return False
        del self._open[stream.id]
        return not stream.over

    def listen(self) -> Stream:
        """The stream for unasked messages; one that was open before ends."""
        if self._unasked is not None:
            self._unasked.end()
        self._unasked = stream = Stream(None, lasts=True)
        while self._kept:
            stream.put(self._kept.popleft()[0])
        self._kept_size = 0
        return stream

    @property
    def used(self) -> bool:
        """Whether the client holds any stream open."""
        return bool(self._open) or self._unasked is not None

    def asked(self) -> list[RequestId]:
        """The requests whose answer is still to come."""
        return [id_ for id_, stream in self._open.items() if not stream.lasts]

    def end_lasting(self) -> None:
        """End what would never end by itself."""
        for stream in self._all():
            if stream.lasts:
                stream.end()

    def end_all(self) -> None:
        """End them all."""
        for stream in self._all():
            stream.end()

    @property
    def crowded(self) -> bool:
        """See `Outlet`."""
        return any(stream.crowded for stream in self._all())

    def deliver(self, message: Message) -> None:
        """See `Outlet`."""
        if message.kind is Kind.RESPONSE:
            stream = self._open.pop(message.id, None) if message.id is not None else None
        else:
            stream = self._for(message)
        if stream is not None and not stream.gone:
            stream.put(message)
        elif message.kind is not Kind.RESPONSE:
            self._keep(message)

    def _keep(self, message: Message) -> None:
        """Keep a message until the client listens, once; the oldest go where there are too many."""
        line = message.dump()
        if not self._keeps or len(line) > HIGH or line in (it for _, it in self._kept):
            return
        self._kept.append((message, line))
        self._kept_size += len(line)
        while len(self._kept) > _BACKLOG or self._kept_size > HIGH:
            self._kept_size -= len(self._kept.popleft()[1])

    async def room(self, about: RequestId | None = None) -> None:
        """See `Outlet`."""
        stream = self._open.get(about) if about is not None else None
        for it in (stream,) if stream is not None else self._all():
            await it.room()

    def _all(self) -> tuple[Stream, ...]:
        return (*self._open.values(), *((self._unasked,) if self._unasked is not None else ()))

    def _for(self, message: Message) -> Stream | None:
        about = self._about(message)
        if about is not None and about in self._open:
            return self._open[about]
        if self._unasked is not None:
            return self._unasked
        with suppress(StopIteration):
            return next(it for it in reversed(self._open.values()) if not it.lasts)
        return None

    def _about(self, message: Message) -> RequestId | None:
        if message.about is not None:
            return message.about
        meta = message.params.get("_meta")
        subscription = meta.get(SUBSCRIPTION) if isinstance(meta, dict) else None
        if isinstance(subscription, (int, str)):
            return subscription
        token = message.params.get("progressToken")
        if message.method == "notifications/progress" and token is not None:
            return next((id_ for id_, it in self._open.items() if it.token == token), None)
        return None
