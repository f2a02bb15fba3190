"""Server-sent events, however the bytes are split. Source: HTML standard, server-sent events."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from catalog.gateway.http.events import Event, Events, TooLong, framed

STREAM = (
    b"\xef\xbb\xbf: welcome\n\n"
    b'event: message\r\nid: 1\r\ndata: {"a":1}\r\n\r\n'
    b'data: {"b":\rdata: 2}\r\r'
    b"id: 2\nretry: 1500\ndata:\n\n"
    b"event: other\ndata: x\n\n"
    b": only a comment\n\n"
    b'data:{"c":"\xc3\xa9"}\n\n'
)
EXPECTED = [
    Event(b'{"a":1}', "message", "1"),
    Event(b'{"b":\n2}'),
    Event(b"", "message", "2", 1.5),
    Event(b"x", "other"),
    Event('{"c":"é"}'.encode()),
]


@example([STREAM.index(b"\r") + 1] * 2)  # an empty piece between the two halves of a line's end
@given(st.lists(st.integers(0, len(STREAM))))
def test_events_are_the_same_wherever_the_stream_is_split(cuts: list[int]) -> None:
    events = Events()
    edges = [0, *sorted(cuts), len(STREAM)]
    found = [event for start, end in pairwise(edges) for event in events.feed(STREAM[start:end])]
    assert found == EXPECTED


@given(st.binary())
def test_no_bytes_make_the_reader_fail(stream: bytes) -> None:
    for event in Events().feed(stream + b"\n\n"):
        assert isinstance(event.data, bytes)


def test_an_event_without_its_blank_line_is_not_given() -> None:
    """The standard: an event that the end of the stream cuts off is discarded."""
    assert not list(Events().feed(b"data: 1\n"))


@pytest.mark.parametrize("stream", [b"data: " + b"x" * 100_000, b"data: x\n" * 20_000, b": x\n" * 20_000])
def test_an_event_longer_than_a_message_may_be_is_refused(stream: bytes) -> None:
    events = Events(limit=0)
    with pytest.raises(TooLong):
        list(events.feed(stream))


def test_many_small_events_are_not_one_long_one() -> None:
    events = Events(limit=0)
    assert sum(len(list(events.feed(b"data: x\n\n" * 100))) for _ in range(1000)) == 100_000


def test_what_is_framed_is_read_back() -> None:
    assert list(Events().feed(framed(b'{"jsonrpc":"2.0"}'))) == [Event(b'{"jsonrpc":"2.0"}')]
