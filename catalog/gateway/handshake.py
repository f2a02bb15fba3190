"""The older era's handshake, remembered so that a server that is started again gets the same one.

Source: MCP up to 2025-11-25, lifecycle. Since 2026-07-28 there is none, and nothing here is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from catalog.gateway.message import Kind, Message, RequestId, request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PATIENCE: Final = 60.0  # seconds for a server that is started again; some fetch what they need first


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
        self._again: RequestId | None = None
        self._held: list[Message] = []  # what the client sent while the handshake is repeated

    @property
    def repeating(self) -> bool:
        """Whether a new server has not answered the repeated handshake yet."""
        return self._again is not None

    @property
    def overdue(self) -> bool:
        """Whether the new server has had time enough to answer."""
        return self._again is not None and self._clock() - self._since > PATIENCE

    def begun(self, params: dict[str, Any]) -> None:
        """The client sends its `initialize`."""
        self._params = params
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

    def hold(self, message: Message) -> None:
        """Keep a message until the new server is ready for it."""
        self._held.append(message)

    def held(self) -> Iterator[Message]:
        """The requests that are kept."""
        return (message for message in self._held if message.kind is Kind.REQUEST)

    def drop(self, id: RequestId | None) -> bool:  # noqa: A002 – its name
        """Forget a kept request; whether there was one."""
        before = len(self._held)
        self._held = [it for it in self._held if it.kind is not Kind.REQUEST or it.id != id]
        return len(self._held) < before

    def over(self) -> list[Message]:
        """The repeated handshake has ended, well or not: what was kept meanwhile."""
        held, self._held, self._again = self._held, [], None
        return held


def announce_changes(result: dict[str, Any]) -> None:
    """The gateway itself tells of changed tools, when the policy changes; clients only listen if that is announced."""
    capabilities = result.get("capabilities")
    tools = capabilities.get("tools") if isinstance(capabilities, dict) else None
    if isinstance(tools, dict):
        tools["listChanged"] = True
