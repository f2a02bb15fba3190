"""Cutting a stream into lines."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from catalog.gateway.lines import Lines
from catalog.gateway.message import MessageError


@given(st.lists(st.binary(min_size=1, max_size=20)), st.integers(1, 7))
def test_lines_come_out_however_the_stream_is_cut(chunks: list[bytes], size: int) -> None:
    """An invariant: only newlines cut."""
    whole = b"".join(chunks) + b"\n"
    lines = Lines()
    found = [line for start in range(0, len(whole), size) for line in lines.feed(whole[start : start + size])]
    assert found == [line for line in whole.split(b"\n") if line.strip()]


def test_a_line_that_is_too_long_is_an_error_and_the_next_one_is_read() -> None:
    """Its size is counted, its bytes are not kept."""
    lines = Lines(limit=40)
    found = [*lines.feed(b'{"jsonrpc":"2.0","id":9,'), *lines.feed(b"x" * 100), *lines.feed(b"\n{}\n")]
    assert isinstance(found[0], MessageError)
    assert "124 bytes; at most 40" in str(found[0])
    assert found[0].id == 9
    assert found[1] == b"{}"


def test_an_endless_line_is_not_kept() -> None:
    """A peer that never sends a newline costs no memory."""
    lines = Lines(limit=1000)
    for _ in range(1000):
        assert not list(lines.feed(b"x" * 1000))
    assert sum(map(len, lines._parts)) <= 1000


def test_the_last_line_needs_no_newline() -> None:
    """Some clients close without one."""
    lines = Lines()
    assert not list(lines.feed(b"{}"))
    assert list(lines.end()) == [b"{}"]
