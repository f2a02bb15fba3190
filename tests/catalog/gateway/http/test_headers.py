"""Headers against the body. Source: MCP 2026-07-28, streamable HTTP, standard headers."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mcp.shared.inbound import decode_header_value, encode_header_value

from catalog.gateway.http.headers import (
    VERSION,
    VERSION_KEY,
    Mismatch,
    check,
    collected,
    decoded,
    encoded,
    routing,
)
from catalog.gateway.message import Message, request

META = {"io.modelcontextprotocol/protocolVersion": "2026-07-28"}


def call(name: Any = "echo", *, modern: bool = True) -> Message:
    return request(1, "tools/call", {"name": name, "arguments": {}} | ({"_meta": META} if modern else {}))


HONEST = {"mcp-protocol-version": "2026-07-28", "mcp-method": "tools/call", "mcp-name": "echo"}


def test_honest_headers_pass_in_both_eras() -> None:
    check(call(), HONEST)
    check(call(modern=False), {"mcp-protocol-version": "2025-11-25"})
    check(call(modern=False), {})


@pytest.mark.parametrize(
    "lie",
    [
        {"mcp-name": "other"},
        {"mcp-name": "Echo"},
        {"mcp-name": "=?base64?b3RoZXI=?="},
        {"mcp-name": None},
        {"mcp-method": "tools/list"},
        {"mcp-method": None},
        {"mcp-protocol-version": "2025-11-25"},
        {"mcp-protocol-version": None},
    ],
)
def test_a_header_that_lies_or_is_missing_is_refused(lie: dict[str, str | None]) -> None:
    headers = {key: value for key, value in {**HONEST, **lie}.items() if value is not None}
    with pytest.raises(Mismatch) as refused:
        check(call(), headers)
    assert refused.value.code == -32020


@pytest.mark.parametrize("lie", [{"mcp-name": "other"}, {"mcp-method": "tools/list"}])
def test_an_older_message_is_not_lied_about_either(lie: dict[str, str]) -> None:
    with pytest.raises(Mismatch):
        check(call(modern=False), lie)


def test_a_version_that_nobody_here_knows_is_refused_with_those_that_are() -> None:
    """Such a version could call tools in a way that the gateway does not judge."""
    with pytest.raises(Mismatch) as refused:
        check(call(modern=False), {"mcp-protocol-version": "2031-01-01"})
    assert (refused.value.code, refused.value.data["requested"]) == (-32022, "2031-01-01")
    meta = {"io.modelcontextprotocol/protocolVersion": "2031-01-01"}
    message = request(1, "tools/list", {"_meta": meta})
    with pytest.raises(Mismatch) as refused:
        check(message, {"mcp-protocol-version": "2031-01-01", "mcp-method": "tools/list"})
    assert refused.value.code == -32022


def test_an_older_body_under_a_new_version_is_refused() -> None:
    with pytest.raises(Mismatch):
        check(call(modern=False), HONEST)


@pytest.mark.parametrize("name", ["Mcp-Name", "Authorization", "Mcp-Session-Id", "Mcp-Param-X", "Host"])
def test_a_header_given_twice_is_refused(name: str) -> None:
    """Whoever reads the first and whoever reads the last would differ."""
    assert collected([(name.encode(), b"a"), (name.lower().encode(), b"b")]) is None
    assert collected([(b"accept", b"a"), (b"accept", b"b")]) == {"accept": "b"}


@given(st.text())
def test_values_are_written_as_the_official_sdk_reads_them(text: str) -> None:
    assert decode_header_value(encoded(text)) == text
    assert decoded(encode_header_value(text)) == text
    assert encoded(text).isascii()


@pytest.mark.parametrize("value", ["=?base64?=a?=", "=?base64?/w==?=", "=?base64?b3RoZXJ=?="])
def test_a_value_that_is_no_canonical_base64_equals_nothing(value: str) -> None:
    assert decoded(value) is None


def test_requests_to_the_server_carry_headers_made_from_the_body() -> None:
    assert routing(call("é")) == {
        "mcp-protocol-version": "2026-07-28",
        "mcp-method": "tools/call",
        "mcp-name": encode_header_value("é"),
    }
    assert routing(call(modern=False)) == {}


def test_a_version_that_no_header_can_hold_is_encoded() -> None:
    """Over standard streams nothing has checked it before: it must neither break nor add a header."""
    meta = {VERSION_KEY: "é\r\nx-evil: 1"}
    assert routing(request(1, "ping", {"_meta": meta}))[VERSION].startswith("=?base64?")
