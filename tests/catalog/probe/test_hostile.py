"""What the hostile server does over stdio becomes an outcome, in bounded time, and nothing of it survives.

Expectations: crawling.md ("Starting a stranger's server", "Outcomes") and the MCP specification's transport page.
"""

from __future__ import annotations

import time
from dataclasses import replace

import anyio
import pytest

from catalog.probe.limits import Limits, ProbeOptions, Sandbox
from catalog.probe.probe import probe
from catalog.records import EnvironmentVariable, Outcome

REFUSED = (
    ("flood-line", "more than 16 MiB"),
    ("long-line", "more than 16 MiB"),
    ("too-long", "more than 16 MiB"),
    ("flood-notifications", "notifications"),
    ("flood-requests", "asks the client"),
    ("loop-cursor", "repeats its cursor the-same"),
    ("endless-pages", "more than 200 pages"),
    ("many-tools", "more than 10,000 tools"),
)
BROKEN = (
    ("broken-json", "broken JSON-RPC"),
    ("broken-start", "broken JSON-RPC"),
    ("deep", "broken JSON-RPC"),
    ("huge-number", "broken JSON-RPC"),
    ("odd-cursor", "cursor is no string"),
    ("not-a-list", "no list of tools"),
    ("error", "the list is"),
    ("other-id", "what it was not asked"),
    ("only-text", "Press any key"),
)


@pytest.mark.parametrize(("mode", "words"), REFUSED)
def test_a_server_beyond_a_limit_is_refused_and_nothing_of_it_is_kept(hostile, mode, words) -> None:
    began = time.monotonic()
    result = hostile(mode)
    assert (result.outcome, result.definitions) == (Outcome.REFUSED_LIMITS, ())
    assert words in result.reason
    assert result.next_step
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(("mode", "words"), BROKEN)
def test_a_server_that_breaks_the_protocol_is_told_so(hostile, mode, words) -> None:
    result = hostile(mode)
    assert (result.outcome, result.definitions) == (Outcome.PROTOCOL_ERROR, ())
    assert words in result.reason


def test_broken_json_is_noticed_at_once_and_not_after_the_timeout(hostile) -> None:
    began = time.monotonic()
    hostile("broken-start", limits=Limits(first_answer=60, total=120))
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("mode", ["hang", "hang-late"])
def test_a_server_that_hangs_is_a_timeout(hostile, mode) -> None:
    result = hostile(mode, limits=Limits(first_answer=1, total=1.5))
    assert result.outcome is Outcome.TIMEOUT
    assert result.seconds < 6


def test_children_that_ignore_signals_and_leave_the_group_end_with_the_probe(hostile) -> None:
    assert [tool.name for tool in hostile("children").definitions] == ["parent"]


def test_a_server_that_dies_while_its_children_hold_the_pipes_is_noticed(hostile) -> None:
    result = hostile("die-with-children")
    assert (result.outcome, result.reason) == (Outcome.START_FAILED, "ValueError: gone, but not my children")
    assert result.seconds < 3


def test_children_end_with_the_sandbox_too(hostile, bwrap_works) -> None:
    result = hostile("children", sandbox=Sandbox.BWRAP)
    assert (result.outcome, result.isolation) == (Outcome.OK, "bwrap")


def test_a_server_that_ends_in_mid_answer_is_quoted_without_its_colours(hostile) -> None:
    result = hostile("half-answer")
    assert (result.outcome, result.reason) == (
        Outcome.START_FAILED,
        "RuntimeError: I fall over in mid-answer",
    )


def test_much_noise_on_stderr_costs_nothing(hostile) -> None:
    assert [tool.name for tool in hostile("flood-stderr").definitions] == ["loud"]


def test_a_banner_and_log_lines_on_stdout_are_tolerated(hostile) -> None:
    assert [tool.name for tool in hostile("banner").definitions] == ["after_a_banner"]


def test_an_empty_cursor_is_the_end_of_the_list(hostile) -> None:
    assert [tool.name for tool in hostile("empty-cursor").definitions] == ["last_page"]


@pytest.mark.parametrize("mode", ["none", "no-method"])
def test_a_server_without_tools_has_its_own_outcome(hostile, mode) -> None:
    assert hostile(mode).outcome is Outcome.NO_TOOLS


def test_one_odd_tool_does_not_cost_the_others(hostile) -> None:
    result = hostile("odd")
    assert [tool.name for tool in result.definitions] == ["good", "good_too", "good_too"]
    assert len(result.unread) == 6
    assert "'odd_schema'" in result.unread[3]
    assert result.notes[-1] == "listed more than once: good, good_too"


def test_tricks_in_names_are_kept_as_they_are_and_no_server_speaks_for_another(hostile) -> None:
    """Making them harmless is the work of whoever shows them (catalog.visible)."""
    result = hostile("tricks")
    assert len(result.definitions) == 10
    assert "ansi\x1b[2J\x1b]0;title\x07" in [tool.name for tool in result.definitions]
    assert {tool.server for tool in result.definitions} == {"tricks"}


def test_a_description_of_a_megabyte_is_read(hostile) -> None:
    (tool,) = hostile("long-description").definitions
    assert len(tool.description or "") > 1_000_000


def test_a_server_that_wants_arguments_says_which(hostile) -> None:
    result = hostile("usage")
    assert result.outcome is Outcome.NEEDS_ARGUMENTS
    assert "required: folder" in result.reason


def test_a_server_that_lists_only_with_credentials_says_so(hostile) -> None:
    result = hostile("unauthorised")
    assert result.outcome is Outcome.NEEDS_CREDENTIALS
    assert "set WEATHER_KEY" in result.reason
    assert result.next_step


def test_a_server_that_dies_of_the_newer_handshake_is_asked_in_the_older_way(hostile) -> None:
    result = hostile("only-initialize")
    assert [tool.name for tool in result.definitions] == ["old_school"]
    assert result.protocol_version == "2025-06-18"


def test_a_secret_of_the_record_is_never_shown(hostile) -> None:
    result = hostile("secret", EnvironmentVariable("HOSTILE_API_KEY", "plain-words", secret=True))
    assert result.outcome is Outcome.NEEDS_CREDENTIALS
    assert result.reason == "Error: API key [hidden] is invalid"


def test_what_has_the_shape_of_a_secret_is_never_shown(hostile) -> None:
    assert hostile("secret").reason == "Error: API key [hidden] is invalid"


def test_a_server_without_network_is_told_how_to_get_it(hostile, bwrap_works) -> None:
    result = hostile("offline", sandbox=Sandbox.BWRAP)
    assert result.outcome is Outcome.START_FAILED
    assert result.reason.startswith("without network: ")
    assert "--allow-network" in result.next_step


def test_a_command_that_does_not_exist_is_a_failed_start(hostile) -> None:
    record = hostile.record("good")
    record = replace(record, launch=replace(record.launch, command=("no-such-program-here",)))
    result = anyio.run(probe, record, ProbeOptions(), lambda _: None)
    assert result.outcome is Outcome.START_FAILED
    assert "no-such-program-here" in result.reason
