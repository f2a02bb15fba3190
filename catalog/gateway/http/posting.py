"""The link to a server over streamable HTTP, both eras: each message is a POST, answers come on its stream.

Source: MCP, transports, streamable HTTP, as a client speaks it. A request is sent once and never again; a
stream that the server itself interrupts is taken up where it broke, which sends nothing anew.
"""

from __future__ import annotations

import asyncio
import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

import httpx2

from catalog.gateway.denial import is_modern
from catalog.gateway.http import headers as names
from catalog.gateway.http.events import Events, TooLong
from catalog.gateway.http.upstream import Upstream, never_arrived, said, sent, words
from catalog.gateway.message import MAX_BYTES, Kind, Message, MessageError, RequestId, read
from catalog.visible import one_line

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping

    from catalog.gateway.http.link import Inbox

_JSON: Final = "application/json"
_EVENTS: Final = "text/event-stream"
_BOTH: Final = {"Accept": f"{_JSON}, {_EVENTS}", "Content-Type": _JSON}
_DELAY: Final = 1.0  # seconds before a stream is taken up again, unless the server names others
_LONGEST_DELAY: Final = 30.0
_ATTEMPTS: Final = 5  # to take up one request's stream, without a single event
_FAREWELL: Final = 2.0  # seconds for the server to end its session
_LISTEN: Final = "subscriptions/listen"
_VISIBLE: Final = re.compile(r"[\x21-\x7e]*")  # what a session's id may consist of


class _Place:
    """How far a stream was read."""

    def __init__(self) -> None:
        self.last = ""
        self.delay = _DELAY
        self.events = 0


class Posting:
    """See the module."""

    def __init__(self, upstream: Upstream, inbox: Inbox) -> None:
        self._upstream = upstream
        self._inbox = inbox
        self._client = upstream.client()
        self._session = ""  # the server's own, which no client of ours ever sees
        self._version = ""  # negotiated by the older eras' handshake
        self._tasks: set[asyncio.Task[None]] = set()
        self._modern: dict[RequestId, asyncio.Task[None]] = {}
        self._before: asyncio.Task[None] | None = None  # a message that later ones must not overtake
        self._shaking = False  # the answer to a handshake has not come
        self._listening: asyncio.Task[None] | None = None
        self.down = False

    def start(self) -> None:
        """Begin a session anew, after the server has ended the one before."""
        self._session = self._version = ""
        self.down = False

    def send(self, message: Message, headers: Mapping[str, str]) -> None:
        """Send a message; what comes of it is told to the inbox."""
        if message.kind is Kind.REQUEST:
            task = self._spawn(self._ask(message, headers, self._before))
            if is_modern(message) and message.id is not None:
                self._remember(message.id, task)
        elif message.method == "notifications/cancelled" and self._given_up(message):
            return
        else:
            self._before = self._spawn(self._tell(message, self._before))

    def drop(self) -> None:
        """Forget the server's session."""
        self._session, self.down = "", True
        if self._listening is not None:
            self._listening.cancel()
            self._listening = None

    async def close(self) -> None:
        """Stop everything, and tell the server that its session is over."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._session and not self.down:
            request = self._client.build_request(
                "DELETE", self._upstream.url, headers=self._standing(), timeout=_FAREWELL
            )
            try:
                async with sent(self._client, request):
                    pass
            except httpx2.HTTPError:
                pass  # it will notice by itself
        await self._client.aclose()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        """Let nobody wait for what a task that fell over was to bring."""
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._inbox.broke(error)

    def _remember(self, id: RequestId, task: asyncio.Task[None]) -> None:  # noqa: A002 – its name
        self._modern[id] = task
        task.add_done_callback(lambda _: self._modern.pop(id, None))

    def _given_up(self, message: Message) -> bool:
        """Since 2026-07-28 a request is cancelled by closing its stream; whether that was done."""
        id_ = message.params.get("requestId")
        task = self._modern.get(id_) if isinstance(id_, (int, str)) else None
        return task is not None and task.cancel()

    def _standing(self) -> dict[str, str]:
        headers = dict(_BOTH)
        if self._session:
            headers[names.SESSION] = self._session
        if self._version:
            headers[names.VERSION] = self._version
        return headers

    # what is sent

    async def _tell(self, message: Message, before: asyncio.Task[None] | None) -> None:
        """A notification, or the answer to a question of the server's."""
        await _over(before)
        request = self._post(message, {})
        try:
            async with sent(self._client, request) as response:
                accepted = response.is_success
        except httpx2.HTTPError:
            return  # nobody waits for it; the next request says what is wrong
        if accepted and message.method == "notifications/initialized" and self._session:
            self._listen()

    async def _ask(
        self, message: Message, headers: Mapping[str, str], before: asyncio.Task[None] | None
    ) -> None:
        id_ = message.id
        assert id_ is not None  # noqa: S101 – requests have one
        await _over(before)
        session, place = self._session, _Place()
        try:
            async with sent(self._client, self._post(message, headers)) as response:
                done = await self._answer(message, response, session, place)
            while not done and place.last and place.events < _ATTEMPTS:
                done = await self._resumed(id_, place)
        except httpx2.HTTPError as error:
            why, arrived = words(error, self._upstream.shown), not never_arrived(error)
            self._inbox.failed(id_, why, sent=arrived or bool(place.last))
        except TooLong as error:
            self._inbox.failed(id_, f"the server's answer cannot be accepted: {error}", sent=True)
        else:
            if not done:
                self._inbox.failed(
                    id_, "the server ended its answer without answering this request", sent=True
                )

    def _post(self, message: Message, headers: Mapping[str, str]) -> httpx2.Request:
        modern = names.routing(message)
        own = {**_BOTH, **modern, **headers} if modern else self._standing()
        if message.method == "initialize":
            self._session, self._version, self._shaking = "", "", True
            own = dict(_BOTH)
        silence = None if message.method == _LISTEN else httpx2.USE_CLIENT_DEFAULT
        return self._client.build_request(
            "POST", self._upstream.url, content=message.dump(), headers=own, timeout=silence
        )

    # what comes back

    async def _answer(self, message: Message, response: httpx2.Response, session: str, place: _Place) -> bool:
        """Read the answer to a request; whether there was one."""
        id_, kind = message.id, said(response.headers, "content-type")
        assert id_ is not None  # noqa: S101 – requests have one
        if not response.is_success:
            await self._refused(id_, response, session)
            return True
        if message.method == "initialize":
            session = response.headers.get(names.SESSION, "")
            if not _VISIBLE.fullmatch(session):
                self._inbox.failed(id_, "the server's session has an id that cannot be sent back", sent=True)
                return True
            self._session = session
        if kind == _EVENTS and response.status_code == HTTPStatus.OK:
            return await self._events(id_, response, place)
        if kind != _JSON or response.status_code != HTTPStatus.OK:
            what = f"HTTP {response.status_code} and {one_line(kind, 60) or 'nothing'}"
            self._inbox.failed(id_, f"the server answers with {what} where MCP is due", sent=True)
            return True
        return self._took(self._inbox.take(await _body(response), id_), id_)

    async def _events(self, id_: RequestId, response: httpx2.Response, place: _Place) -> bool:
        events = Events()
        async for chunk in response.aiter_raw():
            for event in events.feed(chunk):
                place.events = 0
                place.last = event.id or place.last
                place.delay = place.delay if event.retry is None else event.retry
                if not event.data or event.type != "message":
                    continue
                message = self._inbox.take(event.data, id_)
                if self._took(message, id_):
                    return True
                await self._inbox.room(id_)
        return False

    def _took(self, message: Message | None, id_: RequestId) -> bool:
        """Whether a message is the answer; that to the handshake says which version is spoken from then on."""
        if message is None or message.kind is not Kind.RESPONSE or message.id != id_:
            return False
        result = message.body.get("result")
        version = result.get("protocolVersion") if isinstance(result, dict) else None
        if self._shaking and version in names.OLDER:
            self._version, self._shaking = version, False
        return True

    async def _refused(self, id_: RequestId, response: httpx2.Response, session: str) -> None:
        """The server answers with an error of HTTP's, which may hold one of JSON-RPC's."""
        status = response.status_code
        if status == HTTPStatus.NOT_FOUND and session and session == self._session:
            self.drop()
            self._inbox.lost("the server had ended the session; the next request begins a new one")
            return
        if said(response.headers, "content-type") == _JSON and (found := _error_in(await _body(response))):
            found.body["id"] = id_
            self._inbox.take(found.dump(), id_)
            return
        text = f"{self._upstream.shown} answers HTTP {status} {_phrase(status)}".rstrip()
        if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            text += ": it wants credentials, which the gateway sends with --upstream-header"
        if status < HTTPStatus.INTERNAL_SERVER_ERROR:
            self._inbox.refused(id_, text)
        else:
            self._inbox.failed(id_, text, sent=True)

    # streams that are not the answer to a POST

    async def _resumed(self, id_: RequestId, place: _Place) -> bool:
        """Take up a request's stream after its last event; whether the answer came."""
        place.events += 1
        await asyncio.sleep(min(place.delay, _LONGEST_DELAY))
        try:
            async with sent(self._client, self._get(place.last)) as response:
                if response.is_success and said(response.headers, "content-type") == _EVENTS:
                    return await self._events(id_, response, place)
        except httpx2.TransportError:
            pass  # there may be attempts left
        return False

    def _get(self, last: str) -> httpx2.Request:
        standing = {**self._standing(), "Accept": _EVENTS} | ({"Last-Event-ID": last} if last else {})
        del standing["Content-Type"]
        headers = httpx2.Headers(standing, encoding="utf-8")  # HTML standard, the Last-Event-ID header
        return self._client.build_request("GET", self._upstream.url, headers=headers, timeout=None)

    def _listen(self) -> None:
        """Hear what the server says unasked, as long as the session lasts."""
        if self._listening is None or self._listening.done():
            self._listening = self._spawn(self._hear())

    async def _hear(self) -> None:
        place, delay = _Place(), _DELAY
        while True:
            try:
                async with sent(self._client, self._get(place.last)) as response:
                    if not response.is_success or said(response.headers, "content-type") != _EVENTS:
                        return  # it has nothing to say
                    delay = _DELAY
                    await self._unasked(response, place)
            except (httpx2.HTTPError, TooLong):
                delay = min(delay * 2, _LONGEST_DELAY)
            await asyncio.sleep(max(delay, min(place.delay, _LONGEST_DELAY)))

    async def _unasked(self, response: httpx2.Response, place: _Place) -> None:
        events = Events()
        async for chunk in response.aiter_raw():
            for event in events.feed(chunk):
                place.last = event.id or place.last
                place.delay = place.delay if event.retry is None else event.retry
                if event.data and event.type == "message":
                    self._inbox.take(event.data)
                    await self._inbox.room()


async def _over(task: asyncio.Task[None] | None) -> None:
    if task is not None and not task.done():
        await asyncio.wait((task,))


async def _body(response: httpx2.Response) -> bytes:
    """The whole body, as long as it is no longer than a message may be."""
    parts, size = [], 0
    async for chunk in response.aiter_raw():
        size += len(chunk)
        if size > MAX_BYTES:
            raise TooLong(f"an answer of more than {MAX_BYTES:,} bytes")
        parts.append(chunk)
    return b"".join(parts)


def _error_in(body: bytes) -> Message | None:
    try:
        message = read(body, trusting=True)
    except MessageError:
        return None
    return message if message.kind is Kind.RESPONSE and "error" in message.body else None


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
