"""The ASGI application: HTTP requests in, messages to the clients' conversations, their streams out."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from catalog.gateway.denial import is_modern
from catalog.gateway.http import headers as names
from catalog.gateway.http.clients import Unserved
from catalog.gateway.http.door import Refusal
from catalog.gateway.http.events import framed
from catalog.gateway.http.stream import PATIENCE
from catalog.gateway.message import (
    INVALID_PARAMS,
    INVALID_REQUEST,
    MAX_BYTES,
    METHOD_NOT_FOUND,
    PARSE_ERROR,
    Kind,
    Message,
    MessageError,
    error,
    read,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from starlette.types import Receive, Scope, Send

    from catalog.db.ledger import Grant
    from catalog.gateway.http.clients import Client, Clients
    from catalog.gateway.http.door import Door
    from catalog.gateway.http.stream import Stream

PATH: Final = "/mcp"
_JSON: Final = ("content-type", "application/json")
_STREAM: Final = (
    ("content-type", "text/event-stream"),
    ("cache-control", "no-cache, no-transform"),
    ("x-accel-buffering", "no"),  # what reverse proxies take as: do not buffer
)
_SOON: Final = 5.0  # seconds for an answer to come as plain JSON, before a stream is begun
_PING: Final = 15.0  # seconds of silence on a stream, after which a comment keeps it open
_AT_ONCE: Final = 0.1  # seconds for an answer to come before anybody looks whether its client is still there
_STATUS: Final = {
    PARSE_ERROR: HTTPStatus.BAD_REQUEST,
    INVALID_REQUEST: HTTPStatus.BAD_REQUEST,
    INVALID_PARAMS: HTTPStatus.BAD_REQUEST,
    METHOD_NOT_FOUND: HTTPStatus.NOT_FOUND,
    names.HEADER_MISMATCH: HTTPStatus.BAD_REQUEST,
    -32021: HTTPStatus.BAD_REQUEST,  # a client without a capability that is needed
    names.UNSUPPORTED_VERSION: HTTPStatus.BAD_REQUEST,
}


class Endpoint:
    """See the module. `port`: where it is reached. `closing`: nothing new is begun."""

    def __init__(self, door: Door, clients: Clients) -> None:
        self._door = door
        self._clients = clients
        self.port = 0
        self.closing = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        exchange = Exchange(scope, receive, send)
        try:
            await self._answer(scope, exchange)
        except Refusal as refusal:
            await exchange.refuse(refusal)
        except MessageError as trouble:
            body = error(trouble.id, trouble.code, str(trouble), getattr(trouble, "data", None)).dump()
            await exchange.reply(_STATUS.get(trouble.code, HTTPStatus.BAD_REQUEST), body)

    async def _answer(self, scope: Scope, exchange: Exchange) -> None:
        headers = names.collected(scope["headers"])
        if headers is None:
            raise Refusal(HTTPStatus.BAD_REQUEST, "these headers can be read in two ways")
        self._door.came_from(headers, self.port)
        if scope["path"].rstrip("/") != PATH:
            raise Refusal(HTTPStatus.NOT_FOUND, f"MCP is served at {PATH}")
        grant = self._door.grant(headers)
        if self.closing:
            raise Refusal(HTTPStatus.SERVICE_UNAVAILABLE, "the gateway is ending")
        try:
            await self._route(scope["method"], grant, headers, exchange)
        except Unserved as trouble:
            raise Refusal(HTTPStatus.SERVICE_UNAVAILABLE, str(trouble)) from trouble

    async def _route(self, method: str, grant: Grant, headers: Mapping[str, str], exchange: Exchange) -> None:
        if method == "POST":
            await self._post(grant, headers, exchange)
            return
        if method not in ("GET", "DELETE") or names.SESSION not in headers:
            allow = (("allow", "GET, POST, DELETE" if names.SESSION in headers else "POST"),)
            raise Refusal(HTTPStatus.METHOD_NOT_ALLOWED, "messages are sent with POST", allow)
        client = self._session(grant, headers)
        if method == "DELETE":
            self._clients.end(client, "the client ended its session")
            await exchange.reply(HTTPStatus.NO_CONTENT)
        elif not _accepts(headers, "text/event-stream"):
            raise Refusal(HTTPStatus.NOT_ACCEPTABLE, "the answer is a text/event-stream")
        else:
            await exchange.stream(client, client.streams.listen())

    async def _post(self, grant: Grant, headers: Mapping[str, str], exchange: Exchange) -> None:
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != _JSON[1]:
            raise Refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "messages are application/json")
        exchange.takes_json = _accepts(headers, _JSON[1])
        exchange.takes_events = _accepts(headers, "text/event-stream")
        if not exchange.takes_json and not exchange.takes_events:
            raise Refusal(HTTPStatus.NOT_ACCEPTABLE, "answers are application/json or text/event-stream")
        message = read(await exchange.body())
        names.check(message, headers)
        if message.kind is not Kind.REQUEST:
            await self._told(message, grant, headers, exchange)
        elif is_modern(message):
            if message.method == "initialize":
                raise MessageError("Method not found", code=METHOD_NOT_FOUND, id=message.id)
            await self._ask(self._clients.stateless(grant), message, headers, exchange)
        elif message.method == "initialize" and names.SESSION not in headers:
            await self._begin(message, grant, headers, exchange)
        else:
            client = self._session(grant, headers)
            if message.id in client.streams:
                raise MessageError("this id is in use by a request that is under way", code=INVALID_REQUEST)
            await self._ask(client, message, headers, exchange)

    async def _told(
        self, message: Message, grant: Grant, headers: Mapping[str, str], exchange: Exchange
    ) -> None:
        """A notification or an answer. Since 2026-07-28 there are none of a client's: they are accepted, and dropped."""
        if headers.get(names.VERSION) not in names.MODERN:
            self._session(grant, headers).tell(message)
        await exchange.reply(HTTPStatus.ACCEPTED)

    async def _begin(
        self, message: Message, grant: Grant, headers: Mapping[str, str], exchange: Exchange
    ) -> None:
        client = self._clients.begin(grant)
        exchange.always = ((names.SESSION, client.session),)
        await self._ask(client, message, headers, exchange)
        if not exchange.succeeded:
            self._clients.end(client, "the handshake failed")

    async def _ask(
        self, client: Client, message: Message, headers: Mapping[str, str], exchange: Exchange
    ) -> None:
        exchange.modern = is_modern(message)
        claims = {key: value for key, value in headers.items() if key.startswith(names.PARAM)}
        await exchange.answer(client, client.ask(message, claims))

    def _session(self, grant: Grant, headers: Mapping[str, str]) -> Client:
        session = headers.get(names.SESSION)
        if session is None:
            raise Refusal(
                HTTPStatus.BAD_REQUEST, f"the header {names.SESSION} is missing: begin with initialize"
            )
        client = self._clients.find(grant, session)
        if client is None:
            raise Refusal(HTTPStatus.NOT_FOUND, "there is no such session (any more): begin with initialize")
        return client


class Exchange:
    """One HTTP request and its response. `always`: headers of the response; `succeeded`: it held a result."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self.always: tuple[tuple[str, str], ...] = ()
        self.takes_json = self.takes_events = True
        self.modern = False
        self.succeeded = False

    async def body(self) -> bytes:
        """The request's body.

        Raises:
            Refusal: it is too long, or its sender has gone.

        """
        parts, size, more = [], 0, True
        while more:
            event = await self._receive()
            if event["type"] == "http.disconnect":
                raise Refusal(HTTPStatus.BAD_REQUEST, "the message did not come to its end")
            parts.append(event.get("body", b""))
            size += len(parts[-1])
            if size > MAX_BYTES:
                text = f"a message has at most {MAX_BYTES:,} bytes"
                raise Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, text)
            more = event.get("more_body", False)
        return b"".join(parts)

    async def refuse(self, refusal: Refusal) -> None:
        """Answer with an error; the connection ends, as the rest of the request was not read."""
        body = error(None, INVALID_REQUEST, str(refusal)).dump()
        await self.reply(refusal.status, body, (*refusal.headers, ("connection", "close")))

    async def reply(self, status: int, body: bytes = b"", headers: Iterable[tuple[str, str]] = ()) -> None:
        """Answer at once."""
        own = (*self.always, *headers, ("content-length", str(len(body))), *((_JSON,) if body else ()))
        await self._send({"type": "http.response.start", "status": int(status), "headers": _raw(own)})
        await self._send({"type": "http.response.body", "body": body})

    async def answer(self, client: Client, stream: Stream) -> None:
        """Give the answer that comes on the stream: as JSON if it is all there is, else as a stream of events."""
        watch: asyncio.Task[None] | None = None
        try:
            first = await stream.take(_AT_ONCE)
            if first is None:
                watch = asyncio.get_running_loop().create_task(self._watch(stream))
                first = await stream.take(_SOON if self.takes_json else 0)
            while first is None and not self.takes_events and not stream.done:
                first = await stream.take(PATIENCE)
            if stream.gone:
                return
            if first is not None and first[0].kind is Kind.RESPONSE and self.takes_json:
                self.succeeded = "result" in first[0].body
                self.always = self.always if self.succeeded else ()
                await self.reply(self._status(first[0]), first[1])
            else:
                watch = watch or asyncio.get_running_loop().create_task(self._watch(stream))
                await self._events(stream, first)
        finally:
            if watch is not None:
                watch.cancel()
            client.left(stream)

    async def stream(self, client: Client, stream: Stream) -> None:
        """Give what comes on a stream that answers nothing."""
        watch = asyncio.get_running_loop().create_task(self._watch(stream))
        try:
            await self._events(stream, None)
        finally:
            watch.cancel()
            client.left(stream)

    async def _events(self, stream: Stream, first: tuple[Message, bytes] | None) -> None:
        own = (*self.always, *_STREAM)
        await self._send({"type": "http.response.start", "status": 200, "headers": _raw(own)})
        item = first
        while not stream.gone:
            if item is not None:
                self.succeeded = self.succeeded or "result" in item[0].body
                await self._write(stream, framed(item[1]))
            if stream.done:
                break
            item = await stream.take(_PING)
            if item is None and not stream.done:
                await self._write(stream, b": still here\n\n")
        if not stream.gone:
            await self._send({"type": "http.response.body", "body": b""})

    async def _write(self, stream: Stream, data: bytes) -> None:
        """Write to a client; one that reads nothing for too long is given up."""
        try:
            async with asyncio.timeout(PATIENCE):
                await self._send({"type": "http.response.body", "body": data, "more_body": True})
        except TimeoutError:
            stream.leave()

    async def _watch(self, stream: Stream) -> None:
        """Notice that the client has closed the connection."""
        while (await self._receive())["type"] != "http.disconnect":
            pass
        stream.leave()

    def _status(self, message: Message) -> int:
        code = message.body["error"].get("code") if self.modern and "error" in message.body else None
        return _STATUS.get(code, HTTPStatus.OK) if isinstance(code, int) else HTTPStatus.OK


def _raw(headers: Iterable[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    return [(key.encode("latin-1"), value.encode("latin-1")) for key, value in headers]


def _accepts(headers: Mapping[str, str], kind: str) -> bool:
    """Whether the client takes this type; one that says nothing takes anything (RFC 9110, Accept)."""
    kinds = {it.partition(";")[0].strip().lower() for it in headers.get("accept", "*/*").split(",")}
    return not kinds.isdisjoint({kind, "*/*", kind.partition("/")[0] + "/*"})
