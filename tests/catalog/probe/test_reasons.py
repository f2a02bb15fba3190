"""A dying server's own words: the right line, what it means, and no secret in it (crawling.md, "Outcomes")."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.probe.fault import ConnectionEnded, Fault
from catalog.probe.masking import REASON_WIDTH, known_secrets, mask, shown
from catalog.probe.reasons import died_of_sdk_2, explain, last_words
from catalog.records import EnvironmentVariable, Launch, LaunchKind, Outcome

LAUNCH = Launch(LaunchKind.PYPI, package="a-server")

PYTHON = """Traceback (most recent call last):
  File "/x/server.py", line 3, in <module>
    import nothing
ModuleNotFoundError: No module named 'nothing'
"""
GROUP = """  + Exception Group Traceback (most recent call last):
  |   File "/x/server.py", line 9
  | ExceptionGroup: unhandled errors in a TaskGroup (1 sub-exception)
  +-+---------------- 1 ----------------
    | ValueError: the real cause
    +------------------------------------
"""
NODE = """file:///x/index.js:7
    throw new Error("no");
    ^

Error: Cannot do it
    at main (file:///x/index.js:7:11)

Node.js v20.20.2
"""


@pytest.mark.parametrize(
    ("stderr", "words"),
    [
        (PYTHON, "ModuleNotFoundError: No module named 'nothing'"),
        (GROUP, "ValueError: the real cause"),
        (NODE, "Error: Cannot do it"),
        ("starting\nall is lost\n", "all is lost"),
        ("", ""),
    ],
)
def test_the_line_that_says_why_is_found(stderr, words) -> None:
    assert last_words(stderr) == words


@pytest.mark.parametrize(
    ("stderr", "outcome"),
    [
        ("Error: GITHUB_TOKEN is not set", Outcome.NEEDS_CREDENTIALS),
        ("Missing required environment variable: SLACK_BOT", Outcome.NEEDS_CREDENTIALS),
        ("ValueError: API key must be provided", Outcome.NEEDS_CREDENTIALS),
        ("Please provide an API key", Outcome.NEEDS_CREDENTIALS),
        ("HTTP 401 from the service", Outcome.NEEDS_CREDENTIALS),
        ("usage: x [-h] db\nx: error: the following arguments are required: db", Outcome.NEEDS_ARGUMENTS),
        ("Usage: mcp-server-files <allowed-directory>", Outcome.NEEDS_ARGUMENTS),
        ("Please provide a database URL as a command-line argument", Outcome.NEEDS_ARGUMENTS),
        (PYTHON, Outcome.START_FAILED),
        ("Unexpected token } in JSON", Outcome.START_FAILED),
        ("", Outcome.START_FAILED),
    ],
)
def test_what_a_dying_server_lacks_is_told_apart(stderr, outcome) -> None:
    fault = explain(ConnectionEnded(), stderr, LAUNCH, networked=True)
    assert fault.outcome is outcome
    assert fault.hint


def test_a_lack_of_network_is_only_blamed_where_there_was_none() -> None:
    stderr = "Error: getaddrinfo EAI_AGAIN api.example.invalid"
    assert "--allow-network" in explain(ConnectionEnded(), stderr, LAUNCH, networked=False).hint
    assert "--allow-network" not in explain(ConnectionEnded(), stderr, LAUNCH, networked=True).hint


def test_an_answer_that_speaks_of_the_network_is_blamed_on_its_lack() -> None:
    fault = Fault(Outcome.PROTOCOL_ERROR, "the server answers with an error: fetch failed")
    assert "--allow-network" in explain(fault, "", LAUNCH, networked=False).hint
    assert explain(fault, "", LAUNCH, networked=True) is fault


def test_a_bare_heading_gives_way_to_the_error_above_it() -> None:
    stderr = "Error: no current context is set\nUsage:\n  server [flags]"
    fault = explain(ConnectionEnded(), stderr, LAUNCH, networked=True)
    assert (fault.outcome, fault.reason) == (Outcome.NEEDS_ARGUMENTS, "Error: no current context is set")


def test_a_fault_that_says_itself_what_was_wrong_is_left_alone() -> None:
    fault = Fault(Outcome.REFUSED_LIMITS, "too much")
    assert explain(fault, "Error: TOKEN is not set", LAUNCH, networked=True) is fault


def test_a_silent_server_is_quoted_behind_the_timeout() -> None:
    fault = explain(Fault(Outcome.TIMEOUT, "no answer"), "loading the model", LAUNCH, networked=True)
    assert (fault.outcome, fault.reason) == (Outcome.TIMEOUT, "no answer; its last words: loading the model")


@pytest.mark.parametrize(
    ("stderr", "died"),
    [
        ("ModuleNotFoundError: No module named 'mcp.server.fastmcp'. This is mcp 2.x", True),
        ("AttributeError: 'Server' object has no attribute 'list_resources'", True),
        ("ImportError: cannot import name 'X' from 'mcp.types'", True),
        ("ModuleNotFoundError: No module named 'numpy'", False),
        ("AttributeError: 'Thing' object has no attribute 'x'", False),
    ],
)
def test_code_for_sdk_1_is_recognised_by_how_it_dies(stderr, died) -> None:
    """The messages of Python and of SDK 2 itself."""
    assert died_of_sdk_2(stderr) is died


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Authorization: Bearer abcdefghij", "Authorization: Bearer [hidden]"),
        ("postgres://me:word@host/db", "postgres://[hidden]@host/db"),
        ("api_key=abcdefgh&x=1", "api_key=[hidden]&x=1"),
        ('"token": "abcdefgh"', '"token": "[hidden]"'),
        ("used ghp_0123456789abcdefghij here", "used [hidden] here"),
        ("eyJhbGciOiJI.eyJzdWIiOiIx.abc", "[hidden]"),
        ("the token is missing – naïve", "the token is missing – naïve"),
    ],
)
def test_what_has_the_shape_of_a_secret_is_hidden(text, masked) -> None:
    assert mask(text) == masked


def test_every_value_given_to_a_server_is_a_secret() -> None:
    launch = Launch(
        LaunchKind.HTTP,
        headers=(("X-Key", "header value"),),
        environment=(
            EnvironmentVariable("A", "variable value"),
            EnvironmentVariable("B"),
            EnvironmentVariable("C", "1"),
        ),
    )
    assert set(known_secrets(launch)) == {"header value", "variable value"}


@given(st.text(), st.text("abcxyz0189", min_size=4))
def test_a_known_secret_never_survives(text, secret) -> None:
    assert secret not in mask(f"{text}{secret}{text}", [secret])


@given(st.text(st.characters()))
def test_a_shown_reason_is_one_plain_line(text) -> None:
    line = shown(text, ())
    assert line.isprintable()
    assert len(line) <= REASON_WIDTH
