"""The clients of a gateway that listens: their sessions, each the grant's own, and what they share without one."""

from __future__ import annotations

import asyncio
import itertools
import secrets
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from catalog.errors import CatalogError, PolicyError
from catalog.gateway.core import Session
from catalog.gateway.gateway import Peer
from catalog.gateway.http.conversation import Conversation
from catalog.gateway.http.stream import Renumbered, Stream, Streams
from catalog.gateway.message import INTERNAL_ERROR, Kind, Message, RequestId, error
from catalog.gateway.policy_file import PolicyFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from catalog.db.grants import Grant
    from catalog.gateway.gateway import Gateway
    from catalog.gateway.http.link import Connect

IDLE: Final = 1800.0  # seconds without a request or an open stream, after which a session ends
_REVIEW: Final = 5.0  # seconds after which a revoked grant's open streams are ended, at the latest
_CANCELLED: Final = -32800  # what ends the stream of a cancelled request in the older eras
_LISTEN: Final = "subscriptions/listen"


class Unserved(CatalogError):
    """A client cannot be served now; the text is sent to it."""


class Client:
    """One identity: a grant's session of the older eras, or all that a grant asks since 2026-07-28."""

    def __init__(self, grant: Grant, peer: Peer, gateway: Gateway, connect: Connect) -> None:
        self.grant = grant
        self.session = peer.session
        self.seen = time.monotonic()
        self.streams = Streams(keeps=bool(peer.session))
        self.conversation = Conversation(Session(gateway, peer), connect, self)

    def ask(self, message: Message, claims: Mapping[str, str]) -> Stream:
        """Send a request; its answer, and what belongs to it, comes on the stream."""
        return self._asked(Stream(message.id), message, claims)

    def _asked(self, stream: Stream, message: Message, claims: Mapping[str, str]) -> Stream:
        self.seen = time.monotonic()
        meta = message.params.get("_meta")
        stream.token = meta.get("progressToken") if isinstance(meta, dict) else None
        self.streams.open(stream)
        self.conversation.from_client(message, claims)
        return stream

    def tell(self, message: Message) -> None:
        """Send a notification, or the answer to a question of the server's."""
        self.seen = time.monotonic()
        self.conversation.from_client(message)
        id_ = message.params.get("requestId")
        if message.method == "notifications/cancelled" and isinstance(id_, (int, str)):
            self.streams.deliver(error(id_, _CANCELLED, "Request cancelled"))

    def left(self, stream: Stream) -> None:
        """The client holds the stream no more. In the older eras that cancels nothing."""
        self.streams.close(stream)
        self.seen = time.monotonic()

    @property
    def crowded(self) -> bool:
        """See `Outlet`."""
        return self.streams.crowded

    def deliver(self, message: Message) -> None:
        """See `Outlet`."""
        self.streams.deliver(message)

    def broke(self, reason: str) -> None:
        """See `Outlet`."""
        for id_ in self.streams.asked():
            self.streams.deliver(error(id_, INTERNAL_ERROR, reason))

    async def room(self, about: RequestId | None = None) -> None:
        """See `Outlet`."""
        await self.streams.room(about)

    def expired(self, now: float) -> bool:
        """Whether it has been idle for too long."""
        return not self.streams.used and self.conversation.idle and now - self.seen > IDLE


class Stateless(Client):
    """A grant's requests since 2026-07-28: numbered anew on their way, and as they were on the way back."""

    def __init__(self, grant: Grant, peer: Peer, gateway: Gateway, connect: Connect) -> None:
        super().__init__(grant, peer, gateway, connect)
        self._numbers = itertools.count(1)

    def ask(self, message: Message, claims: Mapping[str, str]) -> Stream:
        """See `Client`."""
        own = next(self._numbers)
        meta = message.params["_meta"]
        body = {**message.body, "id": own}
        if "progressToken" in meta:
            body["params"] = {**message.params, "_meta": {**meta, "progressToken": own}}
        stream = Renumbered(own, message, lasts=message.method == _LISTEN)
        return self._asked(stream, Message(Kind.REQUEST, body, own, message.method), claims)

    def left(self, stream: Stream) -> None:
        """See `Client`; a stream that is closed before its answer came cancels its request."""
        self.seen = time.monotonic()
        if self.streams.close(stream) and stream.id is not None:
            self.conversation.cancelled(stream.id)

    def deliver(self, message: Message) -> None:
        """See `Outlet`. A question of the server's goes nowhere: this era has none."""
        if message.kind is not Kind.REQUEST:
            self.streams.deliver(message)


class Clients:
    """All clients. `most`: how many there may be at a time."""

    def __init__(self, gateway: Gateway, connect: Connect, most: int) -> None:
        self._gateway = gateway
        self._connect = connect
        self._most = most
        self._sessions: dict[str, Client] = {}
        self._stateless: dict[Grant, Stateless] = {}
        self._policies: dict[str, PolicyFile] = {}
        self._endings: set[asyncio.Task[None]] = set()
        self._reviewed = time.monotonic()

    def begin(self, grant: Grant) -> Client:
        """Make a session.

        Raises:
            Unserved: there are too many, or the grant's own policy cannot be read.

        """
        peer = self._peer(grant, secrets.token_urlsafe(24))
        client = self._sessions[peer.session] = Client(grant, peer, self._gateway, self._connect)
        return client

    def find(self, grant: Grant, session: str) -> Client | None:
        """The session, if it is this grant's; another's, or that of the grant before it was made anew, is unknown."""
        client = self._sessions.get(session)
        return client if client is not None and client.grant == grant else None

    def stateless(self, grant: Grant) -> Stateless:
        """What serves this grant's requests since 2026-07-28; errors as in `begin`."""
        if (found := self._stateless.get(grant)) is None:
            peer = self._peer(grant, "")
            found = self._stateless[grant] = Stateless(grant, peer, self._gateway, self._connect)
        return found

    def end(self, client: Client, reason: str) -> None:
        """End a session, or what a grant shares."""
        self._sessions.pop(client.session, None)
        self._stateless = {key: it for key, it in self._stateless.items() if it is not client}
        client.streams.end_all()
        task = asyncio.get_running_loop().create_task(client.conversation.close(reason))
        self._endings.add(task)
        task.add_done_callback(self._endings.discard)

    def tick(self) -> None:
        """To be called about once a second."""
        now = time.monotonic()
        in_force = self._grants_in_force() if now - self._reviewed > _REVIEW else None
        for client in self._all():
            if in_force is not None and client.grant not in in_force:
                self.end(client, "the grant has ended")
            elif client.expired(now):
                self.end(client, "the session was idle")
            else:
                client.conversation.tick()

    @property
    def waiting(self) -> bool:
        """Whether any client waits for an answer."""
        return any(client.streams.asked() for client in self._all())

    def end_lasting(self) -> None:
        """End the streams that would never end by themselves."""
        for client in self._all():
            client.streams.end_lasting()

    async def close(self) -> None:
        """End all of them."""
        for client in self._all():
            self.end(client, "the gateway ends")
        await asyncio.gather(*self._endings)

    def _all(self) -> Iterable[Client]:
        return [*self._sessions.values(), *self._stateless.values()]

    def _peer(self, grant: Grant, session: str) -> Peer:
        if len(self._sessions) + len(self._stateless) >= self._most:
            raise Unserved(
                f"there are {self._most:,} sessions, and no more are served",
                hint="end those that are not needed (DELETE), or wait until they are idle for long enough",
            )
        return Peer(grant=grant.name, session=session, policy=self._policy(grant))

    def _policy(self, grant: Grant) -> PolicyFile | None:
        if grant.policy is None:
            return None
        if grant.policy not in self._policies:
            try:
                self._policies[grant.policy] = PolicyFile(Path(grant.policy), self._gateway.say)
            except PolicyError as error:
                self._gateway.say(f"the grant {grant.name} cannot be used: {error}")
                hint = "mend the file, or make the grant anew with another policy"
                raise Unserved("the policy of this grant cannot be read", hint=hint) from error
        return self._policies[grant.policy]

    def _grants_in_force(self) -> frozenset[Grant] | None:
        self._reviewed = time.monotonic()
        try:
            grants = self._gateway.ledger.grants()
        except CatalogError:
            return None  # calls are denied meanwhile; streams go on until the ledger can be read again
        at = datetime.now(UTC)
        return frozenset(it for it in grants if not it.ended(at))
