"""Server-sent events: cut out of a stream of bytes wherever it is split, and written.

Source: HTML standard, server-sent events, interpreting an event stream.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from catalog.gateway.message import MAX_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator

_LINE_END: Final = re.compile(rb"\r\n|\n|\r")
_SLACK: Final = 1 << 16  # bytes that field names and ids may take beside a message


class TooLong(ValueError):
    """An event that is longer than a message may be."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event. `data` is empty for one that only marks a place in the stream; `retry` is in seconds."""

    data: bytes
    type: str = "message"
    id: str = ""
    retry: float | None = None


class Events:
    """The events in a stream that comes in chunks. Comments are left out: they only keep connections open."""

    def __init__(self, limit: int = MAX_BYTES) -> None:
        self._limit = limit + _SLACK
        self._rest: list[bytes] = []  # of a line whose end has not come
        self._size = 0  # of the event so far
        self._begun = False  # a byte order mark may only stand before
        self._after_cr = False
        self._data: list[bytes] = []
        self._type = self._id = ""
        self._retry: float | None = None

    def feed(self, chunk: bytes) -> Iterator[Event]:
        """The events that end in this chunk.

        Raises:
            TooLong: the event under way exceeds the limit; the stream cannot be read any further.

        """
        if self._after_cr and chunk:
            self._after_cr = False
            chunk = chunk.removeprefix(b"\n")
        start = 0
        for end in _LINE_END.finditer(chunk):
            line = b"".join((*self._rest, chunk[start : end.start()]))
            self._count(end.end() - start)
            self._rest, start = [], end.end()
            event = self._line(line)
            if event is not None:
                yield event
        self._after_cr = chunk.endswith(b"\r") if chunk else self._after_cr
        if start < len(chunk):
            self._rest.append(chunk[start:])
            self._count(len(chunk) - start)

    def _count(self, size: int) -> None:
        self._size += size
        if self._size > self._limit:
            raise TooLong(f"an event of more than {self._limit:,} bytes")

    def _line(self, line: bytes) -> Event | None:
        if not self._begun:
            self._begun = True
            line = line.removeprefix(b"\xef\xbb\xbf")
        if not line:
            return self._dispatch()
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if name == b"data":
            self._data.append(value)
        elif name == b"event":
            self._type = value.decode("utf-8", "replace")
        elif name == b"id" and b"\0" not in value:
            self._id = value.decode("utf-8", "replace")
        elif name == b"retry" and value.isdigit() and len(value) < 10:
            self._retry = int(value) / 1000
        return None

    def _dispatch(self) -> Event | None:
        event = Event(b"\n".join(self._data), self._type or "message", self._id, self._retry)
        told = self._data or event.id or event.retry is not None
        self._clear()
        return event if told else None

    def _clear(self) -> None:
        self._data = []
        self._type = self._id = ""
        self._retry = None
        self._size = 0


def framed(message: bytes) -> bytes:
    """One message (a line of JSON) as an event."""
    return b"event: message\ndata: " + message + b"\n\n"
