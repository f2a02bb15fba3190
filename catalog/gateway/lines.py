"""Lines out of a stream of bytes, none of them longer than it may be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from catalog.gateway.message import INVALID_REQUEST, MAX_BYTES, MessageError, claimed_id

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEAD: Final = 512  # bytes kept of a line that is too long, to find whom it answers


class Lines:
    """Cuts chunks at newlines (MCP, stdio: messages are delimited by newlines). Blank lines are left out."""

    def __init__(self, limit: int = MAX_BYTES) -> None:
        self._limit = limit
        self._parts: list[bytes] = []
        self._size = 0

    def feed(self, chunk: bytes) -> Iterator[bytes | MessageError]:
        """The lines that end in this chunk; an error in place of one that was too long."""
        *ends, rest = chunk.split(b"\n")
        for end in ends:
            self._keep(end)
            line = self._taken()
            if isinstance(line, MessageError) or line.strip():
                yield line
        self._keep(rest)

    def end(self) -> Iterator[bytes | MessageError]:
        """What stands after the last newline, once the stream is over."""
        yield from self.feed(b"\n")

    def _keep(self, part: bytes) -> None:
        self._size += len(part)
        if self._size <= self._limit:
            self._parts.append(part)
        elif len(self._parts) != 1 or len(self._parts[0]) > _HEAD:
            self._parts = [b"".join((*self._parts, part))[:_HEAD]]  # the rest of it is only counted

    def _taken(self) -> bytes | MessageError:
        line, size = b"".join(self._parts), self._size
        self._parts, self._size = [], 0
        if size <= self._limit:
            return line
        why = f"a message of {size:,} bytes; at most {self._limit:,} are accepted"
        return MessageError(why, code=INVALID_REQUEST, id=claimed_id(line))
