"""Commands of client configs: somebody else's words, so that they run in a sandbox or not at all."""

from __future__ import annotations

import sys

import anyio
import pytest

from catalog.probe.limits import ProbeOptions, Sandbox
from catalog.probe.probe import probe
from catalog.records import Launch, LaunchKind, Outcome, ServerRecord


def test_a_command_of_a_config_runs_in_the_sandbox(hostile, bwrap_works) -> None:
    result = hostile("good", source="config")
    assert (result.outcome, result.isolation, result.notes) == (Outcome.OK, "bwrap", ())


def test_a_command_of_a_config_has_no_network_unless_it_is_allowed(hostile, bwrap_works) -> None:
    result = hostile("offline", source="config")
    assert result.reason.startswith("without network: ")
    assert "--allow-network" in result.next_step
    assert "--sandbox none" in result.next_step


def test_a_command_of_a_config_cannot_read_the_users_files(tmp_path, bwrap_works) -> None:
    secret = tmp_path / "home" / "secret.txt"
    secret.parent.mkdir()
    secret.write_text("hunter2hunter2")
    code = f"import sys; sys.exit('Error: ' + open({str(secret)!r}).read())"
    launch = Launch(LaunchKind.COMMAND, command=(sys.executable, "-c", code))
    result = anyio.run(probe, ServerRecord("x", "config", launch=launch), ProbeOptions(), lambda _: None)
    assert result.outcome is Outcome.START_FAILED
    assert "No such file" in result.reason
    assert "hunter2" not in result.reason
    assert "--sandbox none" in result.next_step


def test_a_script_of_a_config_finds_the_modules_beside_it(tmp_path, bwrap_works) -> None:
    (tmp_path / "neighbour.py").write_text("WORD = 'found it'")
    (tmp_path / "script.py").write_text("import sys, neighbour; sys.exit('Error: ' + neighbour.WORD)")
    launch = Launch(LaunchKind.COMMAND, command=(sys.executable, str(tmp_path / "script.py")))
    result = anyio.run(probe, ServerRecord("x", "config", launch=launch), ProbeOptions(), lambda _: None)
    assert result.reason == "Error: found it"


def test_without_a_sandbox_a_command_of_a_config_is_not_started(tmp_path, monkeypatch) -> None:
    started = tmp_path / "started"
    launch = Launch(LaunchKind.COMMAND, command=(sys.executable, "-c", f"open({str(started)!r}, 'w')"))
    monkeypatch.setenv("PATH", str(tmp_path))
    result = anyio.run(probe, ServerRecord("x", "config", launch=launch), ProbeOptions(), lambda _: None)
    assert (result.outcome, result.reason) == (Outcome.UNSUPPORTED, "bubblewrap is not installed")
    assert "--sandbox none" in result.next_step
    assert not started.exists()


def test_a_command_of_a_config_runs_without_sandbox_when_that_is_asked_for(hostile) -> None:
    result = hostile("good", source="config", sandbox=Sandbox.NONE)
    assert (result.outcome, result.isolation) == (Outcome.OK, "none")
    assert result.notes == ("started without a sandbox, as asked for",)


def test_the_users_own_command_runs_as_it_is(hostile) -> None:
    assert hostile("good").isolation == "none"


def test_a_program_of_a_config_that_is_not_there_is_named() -> None:
    launch = Launch(LaunchKind.COMMAND, command=("no-such-program-here",))
    result = anyio.run(probe, ServerRecord("x", "config", launch=launch), ProbeOptions(), lambda _: None)
    assert (result.outcome, result.reason) == (
        Outcome.START_FAILED,
        "no-such-program-here: No such file or directory",
    )


@pytest.mark.parametrize("unread", ["mcp.json: server 'lamp' is disabled there", "server.py: not read"])
def test_what_cannot_be_used_says_why_and_is_not_taken_for_a_server_without_tools(unread) -> None:
    record = ServerRecord("lamp", "config", unread=(unread,))
    result = anyio.run(probe, record, ProbeOptions(), lambda _: None)
    assert (result.outcome, result.reason) == (Outcome.UNSUPPORTED, unread)
    assert result.next_step


def test_an_empty_listing_is_a_server_without_tools() -> None:
    result = anyio.run(probe, ServerRecord("lamp", "saved"), ProbeOptions(), lambda _: None)
    assert result.outcome is Outcome.NO_TOOLS
