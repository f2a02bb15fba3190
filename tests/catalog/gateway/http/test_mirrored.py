"""Arguments repeated in headers, as the official SDK writes and checks them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mcp.shared.inbound import mcp_param_headers, x_mcp_header_map

from catalog.gateway.http.mirrored import MOST, Mirror
from catalog.gateway.message import Message, request

SCHEMA = {
    "type": "object",
    "properties": {
        "region": {"type": "string", "x-mcp-header": "Region"},
        "count": {"type": "integer", "x-mcp-header": "Count"},
        "dry": {"type": "boolean", "x-mcp-header": "Dry"},
        "price": {"type": "number", "x-mcp-header": "Price"},
        "where": {"type": "object", "properties": {"zone": {"type": "string", "x-mcp-header": "Zone"}}},
        "plain": {"type": "string"},
    },
}
ALLOWED = {**SCHEMA, "properties": {key: it for key, it in SCHEMA["properties"].items() if key != "price"}}  # type: ignore[index]


def mirror() -> Mirror:
    known = Mirror()
    known.learn({"tools": [{"name": "deploy", "inputSchema": SCHEMA}, {"name": 3}, None]})
    return known


def call(arguments: Any, name: str = "deploy") -> Message:
    return request(1, "tools/call", {"name": name, "arguments": arguments})


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "region": st.text(),
            "count": st.integers(),
            "dry": st.booleans(),
            "where": st.fixed_dictionaries({}, optional={"zone": st.text()}),
            "plain": st.text(),
        },
    )
)
def test_headers_are_those_that_the_official_client_sends(arguments: dict[str, Any]) -> None:
    theirs = mcp_param_headers(x_mcp_header_map(ALLOWED), arguments)
    ours = mirror().headers(call(arguments))
    assert ours == {key.lower(): value for key, value in theirs.items()}
    assert mirror().lie(call(arguments), ours) is None


@pytest.mark.parametrize(
    ("claim", "arguments"),
    [
        ({"mcp-param-region": "eu"}, {"region": "us"}),
        ({"mcp-param-region": "eu"}, {}),
        ({"mcp-param-count": "2"}, {"count": 3}),
        ({"mcp-param-dry": "True"}, {"dry": True}),
        ({"mcp-param-zone": "=?base64?=?="}, {"where": {"zone": "a"}}),
        ({"mcp-param-region": "eu"}, None),
    ],
)
def test_a_header_that_does_not_agree_is_found(claim: dict[str, str], arguments: Any) -> None:
    assert mirror().lie(call(arguments), claim) == next(iter(claim))


def test_a_whole_number_may_be_written_with_a_point() -> None:
    """The specification: numbers are compared as numbers."""
    assert mirror().lie(call({"count": 3}), {"mcp-param-count": "3.0"}) is None


def test_headers_of_unknown_tools_and_arguments_mean_nothing() -> None:
    assert mirror().lie(call({}, "other"), {"mcp-param-region": "eu"}) is None
    assert mirror().lie(call({}), {"mcp-param-unknown": "eu"}) is None
    assert mirror().headers(call({"region": "eu"}, "other")) == {}


def test_a_server_that_lists_tools_without_end_fills_no_memory() -> None:
    """The latest ones are kept; tools that repeat nothing need none."""
    known = Mirror()
    for number in range(MOST + 10):
        known.learn({"tools": [{"name": f"tool{number}", "inputSchema": SCHEMA}, {"name": f"plain{number}"}]})
    assert len(known._tools) == MOST
    assert known.headers(call({"region": "x"}, f"tool{MOST + 9}"))
