"""A client's request that the server has not answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

from catalog.gateway.message import notification

if TYPE_CHECKING:
    from catalog.gateway.calls import Ticket
    from catalog.gateway.message import Message, RequestId

_SUBSCRIBE: Final = "subscriptions/listen"
_SUBSCRIPTION: Final = "io.modelcontextprotocol/subscriptionId"


@dataclass(slots=True)
class UnderWay:
    """`cursor`: it asks for a later page; `tools_wanted`: a subscription to changes of the list of tools."""

    method: str
    ticket: Ticket | None = None
    cursor: bool = False
    tools_wanted: bool = False

    @classmethod
    def of(cls, request: Message) -> Self:
        """For a request that passes as it is."""
        wanted = request.params.get("notifications")
        return cls(
            request.method,
            cursor=request.params.get("cursor") is not None,
            tools_wanted=request.method == _SUBSCRIBE
            and isinstance(wanted, dict)
            and wanted.get("toolsListChanged") is True,
        )

    @property
    def waits(self) -> bool:
        """Whether an answer is due: a subscription has none until it ends."""
        return self.method != _SUBSCRIBE


def subscribed(method: str, id: RequestId) -> Message:  # noqa: A002 – its name
    """News for the subscription that was asked for under this id."""
    news = notification(method, {"_meta": {_SUBSCRIPTION: id}})
    news.about = id
    return news
