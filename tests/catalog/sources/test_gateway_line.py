"""The gateway's command line, read for the server behind it (issue, point 7: a wrapped config is still classified)."""

import pytest

from catalog.records import LaunchKind
from catalog.sources.client_entries import record
from catalog.sources.gateway_line import Guarded, guarded

OPTIONS = ["gateway", "--policy", "p.json", "--server", "x"]


@pytest.mark.parametrize(
    "program",
    [
        ["catalog"],
        ["/home/ada/.local/bin/catalog"],
        ["/usr/bin/python3", "-E", "-P", "-m", "catalog.cli.main"],
        ["uvx", "--from", "mcp-tool-risk-catalogue", "catalog"],
    ],
)
def test_however_the_gateway_is_started_the_servers_command_is_seen(program):
    words = [*program, *OPTIONS, "--", "npx", "-y", "@acme/lamp", "--", "x"]
    found = guarded(words)
    assert found.command == ("npx", "-y", "@acme/lamp", "--", "x")
    assert words[found.options :] == list(found.command)


def test_an_address_and_its_headers_are_seen_in_both_spellings():
    words = ["catalog", *OPTIONS, "--upstream=https://desk.example/mcp", "--upstream-header", "X-Key=KEY"]
    assert guarded(words) == Guarded(url="https://desk.example/mcp", headers=(("X-Key", "KEY"),))


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["npx", "-y", "gateway"],
        ["catalog", "classify", "gateway"],
        ["catalog", *OPTIONS],
        ["catalog", *OPTIONS, "--"],
        ["./catalog", *OPTIONS, "--", "npx"],
        ["node_modules/.bin/catalog", *OPTIONS, "--", "npx"],
        ["kong", *OPTIONS, "--", "npx"],
    ],
)
def test_other_command_lines_are_what_they_are(words):
    """A program called `catalog` that comes with a config is not ours: nobody knows what it starts."""
    assert guarded(words) is None


def test_an_entry_behind_the_gateway_is_the_server_itself():
    entry = {"command": "catalog", "args": [*OPTIONS, "--", "npx", "-y", "@acme/lamp"], "env": {"KEY": "k"}}
    direct = {"command": "npx", "args": ["-y", "@acme/lamp"], "env": {"KEY": "k"}}
    assert record("lamp", entry, "mcp.json") == record("lamp", direct, "mcp.json")


def test_a_bridged_entry_is_the_remote_server_with_its_headers():
    args = [*OPTIONS, "--upstream", "https://desk.example/mcp", "--upstream-header", "X-Key=KEY"]
    launch = record(
        "desk", {"type": "stdio", "command": "catalog", "args": args, "env": {"KEY": "k"}}, "m"
    ).launch
    assert (launch.kind, launch.url) == (LaunchKind.HTTP, "https://desk.example/mcp")
    assert launch.headers == (("X-Key", "k"),)
