"""The same over HTTP, with what only HTTP can do wrong (crawling.md, "Outcomes"; MCP, "Transports")."""

from __future__ import annotations

import anyio
import pytest

from catalog.probe.limits import ProbeOptions
from catalog.probe.probe import probe
from catalog.records import Launch, LaunchKind, Outcome, ServerRecord
from classifier.types import Provenance

CASES = (
    ("http-401", Outcome.NEEDS_CREDENTIALS, "401 Unauthorized"),
    ("http-403", Outcome.NEEDS_CREDENTIALS, "403 Forbidden"),
    ("http-404", Outcome.UNREACHABLE, "404 Not Found"),
    ("http-503", Outcome.UNREACHABLE, "503 Service Unavailable"),
    ("http-redirect", Outcome.UNREACHABLE, "redirects to http://other.invalid/mcp"),
    ("http-html", Outcome.PROTOCOL_ERROR, "answers with text/html"),
    ("http-gzip", Outcome.PROTOCOL_ERROR, "compressed"),
    ("http-endless", Outcome.REFUSED_LIMITS, "more than 16 MiB"),
    ("too-long", Outcome.REFUSED_LIMITS, "more than 16 MiB"),
    ("many-tools", Outcome.REFUSED_LIMITS, "more than 10,000 tools"),
    ("endless-pages", Outcome.REFUSED_LIMITS, "more than 200 pages"),
    ("loop-cursor", Outcome.REFUSED_LIMITS, "repeats its cursor"),
    ("broken-json", Outcome.PROTOCOL_ERROR, "broken JSON-RPC"),
    ("not-a-list", Outcome.PROTOCOL_ERROR, "no list of tools"),
    ("hang", Outcome.TIMEOUT, "did not answer"),
)


@pytest.mark.parametrize(("mode", "outcome", "words"), CASES)
def test_what_a_remote_server_does_becomes_an_outcome(over_http, mode, outcome, words) -> None:
    result = over_http(mode)
    assert (result.outcome, result.definitions) == (outcome, ())
    assert words in result.reason
    assert result.next_step


def test_a_remote_server_is_read_and_marked_as_remote(over_http) -> None:
    result = over_http("good")
    assert [tool.name for tool in result.definitions] == ["read_value"]
    assert result.provenance is Provenance.LIVE_REMOTE
    assert result.isolation == ""


def test_one_odd_tool_of_a_remote_server_does_not_cost_the_others(over_http) -> None:
    result = over_http("odd")
    assert (len(result.definitions), len(result.unread)) == (3, 6)


def test_headers_of_the_record_are_never_shown(over_http) -> None:
    result = over_http("http-401", ("Authorization", "Bearer plain-words"))
    assert "plain-words" not in result.reason + result.next_step


UNREACHABLE = (
    ("http://127.0.0.1:9/mcp", Outcome.UNREACHABLE),
    ("https://nowhere.invalid/mcp", Outcome.UNREACHABLE),
    ("ftp://127.0.0.1/mcp", Outcome.UNREACHABLE),
    ("not a url", Outcome.UNREACHABLE),
    ("https://{tenant}.invalid/mcp", Outcome.NEEDS_ARGUMENTS),
)


@pytest.mark.parametrize("kind", [LaunchKind.HTTP, LaunchKind.SSE])
@pytest.mark.parametrize(("url", "outcome"), UNREACHABLE)
def test_a_url_that_leads_nowhere_is_told_so(url, outcome, kind) -> None:
    record = ServerRecord("nowhere", "test", launch=Launch(kind, url=url))
    result = anyio.run(probe, record, ProbeOptions(), lambda _: None)
    assert result.outcome is outcome
    assert result.reason
    assert result.next_step


def test_a_host_that_nobody_knows_is_named_in_plain_words() -> None:
    """The system's own words are `[Errno -2] Name or service not known`; RFC 6761: `.invalid` never resolves."""
    launch = Launch(LaunchKind.HTTP, url="https://nowhere.invalid/mcp")
    result = anyio.run(probe, ServerRecord("nowhere", "url", launch=launch), ProbeOptions(), lambda _: None)
    assert result.reason == "the host name nowhere.invalid is not known"
    assert result.next_step


def test_a_key_in_a_url_is_never_shown(over_http) -> None:
    result = over_http("error-path", query="key=s3cr3t-words")
    assert "[hidden]" in result.reason
    assert "s3cr3t-words" not in f"{result}".replace(f"{result.record}", "")
