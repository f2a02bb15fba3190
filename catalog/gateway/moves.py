"""What an event causes: messages for either side."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from catalog.gateway.message import Message


@dataclass(slots=True)
class Moves:
    """Messages for one side go out in this order."""

    to_server: list[Message] = field(default_factory=list)
    to_client: list[Message] = field(default_factory=list)

    def add(self, other: Moves) -> Moves:
        """These and then the other ones."""
        self.to_server += other.to_server
        self.to_client += other.to_client
        return self
