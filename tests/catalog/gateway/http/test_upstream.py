"""The server's address and headers, as they are typed."""

from __future__ import annotations

import pytest

from catalog.errors import UsageError
from catalog.gateway.http.upstream import Upstream


def test_a_header_comes_from_the_environment_and_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Design: no secret on a command line, none in a log."""
    monkeypatch.setenv("THE_TOKEN", "Bearer s3cret")
    upstream = Upstream.at("https://mcp.example/mcp?key=s3cret", ["Authorization=THE_TOKEN"])
    assert upstream.headers == (("Authorization", "Bearer s3cret"),)
    assert upstream.shown == "https://mcp.example/mcp"
    assert "s3cret" not in repr(upstream)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("mcp.example/mcp", "no http or https address"),
        ("ftp://mcp.example", "no http or https address"),
        ("https://", "no http or https address"),
        ("https://user:s3cret@mcp.example", "holds a user or password"),
        ("https://[::1/", "no address"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused(url: str, words: str) -> None:
    with pytest.raises(UsageError, match=words) as refused:
        Upstream.at(url)
    assert "s3cret" not in str(refused.value)
    assert refused.value.hint


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("Authorization", "NAME=VARIABLE"),
        ("Bad Name=THE_TOKEN", "NAME=VARIABLE"),
        ("X=", "NAME=VARIABLE"),
        ("X=NOT_THERE", "no variable NOT_THERE"),
        ("X=TWO_LINES", "cannot carry"),
        ("Mcp-Session-Id=THE_TOKEN", "the gateway's own"),
        ("Host=THE_TOKEN", "the gateway's own"),
    ],
)
def test_a_header_that_cannot_be_sent_is_refused(
    monkeypatch: pytest.MonkeyPatch, given: str, words: str
) -> None:
    monkeypatch.setenv("THE_TOKEN", "s3cret")
    monkeypatch.setenv("TWO_LINES", "s3cret\r\nX-Evil: 1")
    with pytest.raises(UsageError, match=words) as refused:
        Upstream.at("https://mcp.example", [given])
    assert "s3cret" not in str(refused.value) + refused.value.hint
