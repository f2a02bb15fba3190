"""One client's traffic: its `Session`, its link to the server, and what goes between them."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final, Protocol

from catalog.errors import UsageError
from catalog.gateway.denial import is_modern
from catalog.gateway.http.mirrored import MARK, Mirror
from catalog.gateway.message import Kind, Message, MessageError, RequestId, read

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from catalog.gateway.core import Session
    from catalog.gateway.http.link import Connect
    from catalog.gateway.moves import Moves

_MARK: Final = MARK.encode("ascii")
_NOTHING: Final[Mapping[str, str]] = {}


class Outlet(Protocol):
    """Where messages for the client go."""

    @property
    def crowded(self) -> bool:
        """Whether the client is far behind with taking them."""

    def deliver(self, message: Message) -> None:
        """Give the client a message, or keep it."""

    def broke(self, reason: str) -> None:
        """Nothing that is asked for now will be answered."""

    async def room(self, about: RequestId | None = None) -> None:
        """Wait until the client has taken most of what it was given (on the stream of that request)."""


class Conversation:
    """An `Inbox` for its own link; see the module. `heard`: when the server last sent a message (monotonic)."""

    def __init__(self, session: Session, connect: Connect, outlet: Outlet) -> None:
        self._session = session
        self._outlet = outlet
        self.heard = time.monotonic()
        self._link = connect(self)
        self._mirror = Mirror()
        self._claims: dict[RequestId, Mapping[str, str]] = {}

    # from the client

    def from_client(self, message: Message, claims: Mapping[str, str] = _NOTHING) -> None:
        """A message of the client's; `claims`: what its headers say of a call's arguments."""
        if self._link.down and not self._started(message):
            return
        if claims and message.id is not None and message.method == "tools/call":
            self._claims[message.id] = claims
        if message.method == "notifications/cancelled" and message.cancels is not None:
            self._claims.pop(message.cancels, None)
        self._carry(self._session.from_client(message))

    def unreadable_from_client(self, trouble: MessageError) -> None:
        """What the client sent is no message."""
        self._carry(self._session.unreadable_from_client(trouble))

    def cancelled(self, id: RequestId) -> None:  # noqa: A002 – its name
        """The client closed the stream of this request, and that cancels it."""
        self._claims.pop(id, None)
        self._carry(self._session.cancelled(id))

    def client_ended(self) -> None:
        """The client sends nothing more, and waits for its answers."""
        self._carry(self._session.client_ended())

    def tick(self) -> None:
        """To be called about once a second."""
        self._carry(self._session.tick())

    @property
    def idle(self) -> bool:
        """Whether nobody waits for an answer."""
        return self._session.idle

    async def close(self, reason: str) -> None:
        """The client is gone for good: what is under way has an unknown outcome."""
        self._session.close(reason)
        await self._link.close()

    # from the server

    @property
    def crowded(self) -> bool:
        """See `Inbox`."""
        return self._outlet.crowded

    def take(self, raw: bytes | MessageError, about: RequestId | None = None) -> Message | None:
        """See `Inbox`."""
        self.heard = time.monotonic()
        try:
            if isinstance(raw, MessageError):
                raise raw
            message = read(raw, trusting=True)
        except MessageError as trouble:
            trouble.id = about if trouble.id is None else trouble.id
            self._carry(self._session.unreadable_from_server(trouble))
            return None
        if message.kind is Kind.RESPONSE:
            if _MARK in raw:
                self._mirror.learn(message.body.get("result"))
            if message.id is None and about is not None:
                message.id = message.body["id"] = (
                    about  # an error that names no request, on a request's stream
                )
        else:
            message.about = about
        self._carry(self._session.from_server(message))
        return message

    def failed(self, id: RequestId, reason: str, *, sent: bool) -> None:  # noqa: A002 – its name
        """See `Inbox`."""
        self._carry(self._session.failed(id, reason, sent=sent))

    def refused(self, id: RequestId, reason: str) -> None:  # noqa: A002 – its name
        """See `Inbox`."""
        self._carry(self._session.refused(id, reason))

    def lost(self, reason: str, unsent: Collection[RequestId] = ()) -> None:
        """See `Inbox`."""
        self._claims.clear()
        self._carry(self._session.lost(reason, unsent))

    def broke(self, error: BaseException) -> None:
        """See `Inbox`. Nobody is left waiting, and the mistake shows where it was made."""
        self._outlet.broke("the gateway itself failed; whether what was asked had its effect is unknown")
        context = {"message": "the gateway failed at reading an answer", "exception": error}
        asyncio.get_running_loop().call_exception_handler(context)

    async def room(self, about: RequestId | None = None) -> None:
        """See `Inbox`."""
        await self._outlet.room(about)

    # between them

    def _started(self, message: Message) -> bool:
        """Begin the connection; a message that was meant for one that is gone goes nowhere."""
        if message.kind is not Kind.REQUEST:
            return False
        try:
            self._link.start()
        except UsageError as trouble:
            self._carry(self._session.unserved(message, str(trouble)))
            return False
        self._carry(self._session.reconnected())
        return True

    def _carry(self, moves: Moves) -> None:
        for message in moves.to_server:
            self._send(message)
        for message in moves.to_client:
            if message.kind is Kind.RESPONSE and message.id is not None:
                self._claims.pop(message.id, None)  # of a call that was not sent
            self._outlet.deliver(message)
        if self._session.stuck and not self._link.down:
            self._link.drop()

    def _send(self, message: Message) -> None:
        if message.method != "tools/call" or message.id is None:
            self._link.send(message, _NOTHING)
            return
        claims = self._claims.pop(message.id, _NOTHING)
        if claims and (lie := self._mirror.lie(message, claims)) is not None:
            self.failed(message.id, f"the header {lie} does not agree with the arguments", sent=False)
            return
        self._link.send(message, self._mirror.headers(message) if is_modern(message) else _NOTHING)
