"""The older era's handshake: nothing overtakes it, and a server that is started again gets the same one.

Source: MCP up to 2025-11-25, lifecycle. Since 2026-07-28 there is none, and nothing here is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from catalog.gateway.message import Kind, Message, RequestId, request

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator

PATIENCE: Final = 60.0  # seconds for a server that is started again; some fetch what they need first
_MOST: Final = 10_000  # messages that are kept for the end of a handshake
_AT_ONCE: Final = ("notifications/cancelled", "ping")  # lifecycle: pings may come before it


class Handshake:
    """`capabilities` are the client's own; `done` once it has said that it is initialized.

    `failed`: the new server refused the handshake, or did not answer it; nothing can be done with it.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._since = 0.0
        self.failed = False
        self.capabilities: Any = None
        self.done = False
        self._params: dict[str, Any] | None = None
        self._first: RequestId | None = None  # the client's own, that has not been answered
        self._again: RequestId | None = None  # the one that is repeated
        self._held: list[Message] = []  # what the client sent meanwhile

    @property
    def under_way(self) -> bool:
        """Whether the server has not answered a handshake yet."""
        return self._again is not None or self._first is not None

    @property
    def overdue(self) -> bool:
        """Whether the new server has had time enough to answer."""
        return self._again is not None and self._clock() - self._since > PATIENCE

    def begun(self, id: RequestId, params: dict[str, Any]) -> None:  # noqa: A002 – its name
        """The client sends its `initialize`."""
        self._first, self._params = id, params
        self.capabilities = params.get("capabilities")

    def again(self, id: RequestId) -> Message | None:  # noqa: A002 – its name
        """The client's own `initialize` for a new server; None when there was none."""
        if self._params is None or not self.done:
            return None
        self._again, self._since, self.failed = id, self._clock(), False
        return request(id, "initialize", self._params)

    def awaits(self, id: RequestId | None) -> bool:  # noqa: A002 – its name
        """Whether this is the id of the repeated handshake."""
        return self._again is not None and self._again == id

    def opens(self, id: RequestId | None) -> bool:  # noqa: A002 – its name
        """Whether this is the id of the client's own handshake."""
        return self._first is not None and self._first == id

    @staticmethod
    def overtaken_by(message: Message, asked: Container[RequestId | None]) -> bool:
        """Whether a message need not wait for the end: it says so itself, or answers what the server has `asked`."""
        return message.method in _AT_ONCE or (message.kind is Kind.RESPONSE and message.id in asked)

    def hold(self, message: Message) -> bool:
        """Keep a message until the server is ready for it; whether there is room."""
        if len(self._held) >= _MOST:
            return False
        self._held.append(message)
        return True

    def held(self) -> Iterator[Message]:
        """The requests that are kept."""
        return (message for message in self._held if message.kind is Kind.REQUEST)

    def drop(self, id: RequestId | None) -> bool:  # noqa: A002 – its name
        """Forget a kept request; whether there was one."""
        before = len(self._held)
        self._held = [it for it in self._held if it.kind is not Kind.REQUEST or it.id != id]
        return len(self._held) < before

    def over(self) -> list[Message]:
        """The handshake has ended, well or not: what was kept meanwhile."""
        held, self._held, self._first, self._again = self._held, [], None, None
        return held


def announce_changes(result: dict[str, Any]) -> None:
    """The gateway itself tells of changed tools, when the policy changes; clients only listen if that is announced."""
    capabilities = result.get("capabilities")
    tools = capabilities.get("tools") if isinstance(capabilities, dict) else None
    if isinstance(tools, dict):
        tools["listChanged"] = True
