"""What stands between a conversation and its server, whatever carries the bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from catalog.gateway.message import Message, MessageError, RequestId


class Inbox(Protocol):
    """What a link tells."""

    @property
    def crowded(self) -> bool:
        """Whether the client is far behind with taking what it was sent."""

    def take(self, raw: bytes | MessageError, about: RequestId | None = None) -> Message | None:
        """What the server sent as a message; `about`: the request on whose stream it came.

        Gives the message, None if it was none.
        """

    def failed(self, id: RequestId, reason: str, *, sent: bool) -> None:  # noqa: A002 – its name
        """One request will not be answered; `sent`: a part of it may have reached the server."""

    def refused(self, id: RequestId, reason: str) -> None:  # noqa: A002 – its name
        """The server says that it did not take one request."""

    def lost(self, reason: str, unsent: Collection[RequestId] = ()) -> None:
        """The server, or its side of the session, is gone."""

    def broke(self, error: BaseException) -> None:
        """The gateway itself failed at reading what the server sent."""

    async def room(self, about: RequestId | None = None) -> None:
        """Wait until the client has taken most of what it was sent."""


class Link(Protocol):
    """One connection to a server, for one conversation and nobody else."""

    @property
    def down(self) -> bool:
        """Whether `start` has to come before `send`."""

    def start(self) -> None:
        """Begin, or begin anew.

        Raises:
            UsageError: the server cannot be started.

        """

    def send(self, message: Message, headers: Mapping[str, str]) -> None:
        """Send a message, in order; `headers` go beside it where the transport has headers."""

    def drop(self) -> None:
        """Give this connection up: `start` comes before the next message."""

    async def close(self) -> None:
        """End the connection in good order."""


if TYPE_CHECKING:
    Connect = Callable[[Inbox], Link]
