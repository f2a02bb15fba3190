"""No secret of a launch reaches a reason or a note (crawling.md: "secrets in them are never stored nor shown")."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.probe.masking import hide, known_secrets
from catalog.records import Launch, LaunchKind

SECRET = "plainw0rds"  # without the shape of a key: only knowing it helps
ARGUMENTS = (
    ("--api-key", SECRET),
    ("-k", SECRET),
    (f"--api-key={SECRET}",),
    (f"-k{SECRET}",),
    (SECRET,),
    ("--connection-string", f"Server=h;Uid=me;Pwd={SECRET};"),
    ("--header", f"X-Key:{SECRET}"),
    ("--header", f"Authorization: Bearer {SECRET}"),
    ("--env", f"API_KEY={SECRET}"),
    (f"https://h.example/?key={SECRET}",),
    (f"https://h.example/mcp?a=1&key={SECRET}#top",),
    (f"https://me:{SECRET}@h.example/mcp",),
    ("--url", f"postgresql://me:{SECRET}@h.example/db"),
    ("--config", f'{{"key": "{SECRET}"}}'),
)


@pytest.mark.parametrize("arguments", ARGUMENTS, ids=" ".join)
def test_a_secret_among_the_arguments_is_not_shown_when_the_server_repeats_them(hostile, arguments) -> None:
    result = hostile("echo", arguments=arguments)
    assert "cannot start with" in result.reason
    assert SECRET not in f"{result.reason} {result.next_step} {result.notes}"


@pytest.mark.parametrize("arguments", ARGUMENTS, ids=" ".join)
def test_a_secret_among_the_arguments_is_known_also_alone(arguments) -> None:
    for launch in (
        Launch(LaunchKind.COMMAND, command=("lampd", *arguments)),
        Launch(LaunchKind.COMMAND, command=("npx", "-y", "mcp-remote", *arguments)),
        Launch(LaunchKind.NPM, package="mcp-remote", arguments=arguments),
    ):
        assert SECRET not in hide(f"cannot use {SECRET}", known_secrets(launch))


@pytest.mark.parametrize("url", [f"https://h.example/?key={SECRET}", f"https://{SECRET}@h.example/mcp"])
def test_a_secret_in_the_url_of_a_remote_server_is_known(url) -> None:
    assert SECRET in known_secrets(Launch(LaunchKind.HTTP, url=url))


def test_a_secret_that_is_spelled_in_percent_codes_is_known_in_both_spellings() -> None:
    secrets = known_secrets(Launch(LaunchKind.HTTP, url="https://h.example/?key=plain%20words"))
    assert {"plain%20words", "plain words"} <= set(secrets)


def test_each_line_of_a_secret_of_several_lines_is_known() -> None:
    launch = Launch(LaunchKind.HTTP, headers=(("X-Key", "BEGIN KEY\nabcdefgh\n"),))
    assert "abcdefgh" in known_secrets(launch)


def test_the_longest_secret_goes_first() -> None:
    assert hide("abcdef", ["abcd", "abcdef"]) == "[hidden]"


def test_what_is_started_is_no_secret(tmp_path) -> None:
    launches = (
        Launch(LaunchKind.COMMAND, command=("npx", "-y", "@acme/lamp")),
        Launch(LaunchKind.COMMAND, command=("python3", "-u", "-m", "lamp_mcp.server")),
        Launch(LaunchKind.COMMAND, command=("lampd", "--folder", str(tmp_path), str(tmp_path), "--stdio")),
        Launch(LaunchKind.COMMAND, command=("python", "lamp-server.py", "--transport", "stdio")),
        Launch(LaunchKind.PYPI, package="lamp-mcp", executable="lampd", arguments=("serve",)),
    )
    assert [known_secrets(launch) for launch in launches] == [()] * len(launches)


@given(st.lists(st.text(max_size=30), max_size=5), st.text(max_size=40))
def test_no_command_line_and_no_url_is_too_odd(words, url) -> None:
    secrets = known_secrets(Launch(LaunchKind.COMMAND, command=tuple(words)))
    secrets += known_secrets(Launch(LaunchKind.HTTP, url=f"https://{url}"))
    assert all(len(secret) >= 4 for secret in secrets)
