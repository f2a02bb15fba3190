"""What is kept for a client that holds no stream. Source: MCP, streamable HTTP; the issue, reliability."""

from __future__ import annotations

from catalog.gateway.http.stream import HIGH, Streams
from catalog.gateway.message import Message, notification


def news(number: int, size: int = 0) -> Message:
    return notification("notifications/message", {"number": number, "data": "x" * size})


def heard(streams: Streams) -> list[int]:
    return [message.params["number"] for message in streams.listen().rest()]


def test_what_comes_while_nobody_listens_is_kept_once_and_in_order() -> None:
    streams = Streams()
    for number in (1, 2, 2, 3):
        streams.deliver(news(number))
    assert heard(streams) == [1, 2, 3]
    assert heard(Streams(keeps=False)) == []


def test_a_server_cannot_fill_the_memory_while_nobody_listens() -> None:
    """The latest are kept, as many as one stream may hold; what is longer than that is not."""
    streams = Streams()
    for number in range(10):
        streams.deliver(news(number, HIGH // 3))
    streams.deliver(news(10, HIGH))
    assert heard(streams) == [8, 9]
