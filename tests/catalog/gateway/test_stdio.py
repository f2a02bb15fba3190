"""The gateway as a process between a client on a wire and a real server process."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

STANDIN = Path(__file__).parent / "standin.py"
Json = dict[str, Any]
Behind = Callable[..., Any]
META = "catalog/denial"
NAMES = (
    "echo",
    "fail",
    "hang",
    "die",
    "half",
    "change",
    "noise",
    "twice",
    "ask_client",
    "progress",
    "long",
    "round",
)
OPEN: Json = {
    "version": "1",
    "default": "deny",
    "hide": ["cancel_job"],
    "tools": {name: {} for name in NAMES},
}


def limited(most: int) -> Json:
    limit = {"counter": "echo_rate", "window": "hour", "max": most}
    return {"version": "1", "default": "deny", "tools": {"echo": {"limits": [limit]}, "hang": {}, "die": {}}}


def alive(mark: str) -> list[str]:
    """Processes whose command line holds the mark."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            line = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if mark.encode() in line:
            found.append(folder.name)
    return found


def test_a_hidden_tool_is_gone_from_the_list_and_its_call_never_reaches_the_server(behind: Behind) -> None:
    """Issue, point 2."""
    wire = behind(OPEN)
    names = {tool["name"] for tool in wire.ask("tools/list")["result"]["tools"]}
    assert names == set(NAMES)
    assert wire.text("cancel_job") == "Unknown tool: cancel_job"
    assert json.loads(wire.text("echo", a=1.5, b="é\n")) == {"a": 1.5, "b": "é\n"}
    assert wire.calls_reached() == ["echo"]
    assert wire.close() == 0
    assert wire.told() == ""


def test_the_call_over_the_limit_is_refused_and_no_restart_resets_it(behind: Behind) -> None:
    """The bypass corpus: a reconnect or a new process is the same grant."""
    first = behind(limited(3))
    assert [first.call("echo").get("isError", False) for _ in range(2)] == [False, False]
    first.process.kill()
    second = behind(limited(3))
    assert [second.call("echo").get("isError", False) for _ in range(3)] == [False, True, True]
    assert len(second.calls_reached()) == 1


def test_another_grant_has_limits_of_its_own(behind: Behind) -> None:
    """Counters belong to the grant."""
    assert not behind(limited(1)).call("echo").get("isError")
    assert behind(limited(1)).call("echo")["isError"]
    assert not behind(limited(1), "--grant", "other").call("echo").get("isError")


@pytest.mark.parametrize("gateways", [1, 3])
def test_of_many_calls_at_once_exactly_as_many_pass_as_may(behind: Behind, gateways: int) -> None:
    """Issue, reliability: 200 calls against a cap of 10, with one gateway and with three on one database."""
    wires = [behind(limited(10)) for _ in range(gateways)]

    def hammer(wire: Any) -> int:
        started = [
            wire.start("tools/call", {"name": "echo", "arguments": {"n": n}}) for n in range(200 // gateways)
        ]
        return sum(not wire.answer_to(number)["result"].get("isError") for number in started)

    with ThreadPoolExecutor() as pool:
        assert sum(pool.map(hammer, wires)) == 10
    assert sum(len(wire.calls_reached()) for wire in wires) == 10


def test_a_killed_gateway_leaves_its_calls_counted(behind: Behind, tmp_path: Path) -> None:
    """Issue, reliability: kill -9 between forward and settle."""
    policy = {
        "version": "1",
        "default": "deny",
        "tools": {"hang": {"limits": [{"counter": "n", "window": "hour", "max": 1}]}},
    }
    first = behind(policy)
    first.start("tools/call", {"name": "hang", "arguments": {}})
    while "hang" not in first.calls_reached():
        first.process.poll()
    first.process.kill()
    first.process.wait()
    second = behind(policy)
    assert second.call("hang")["isError"]
    assert second.calls_reached() == []


def test_what_cannot_be_read_is_answered_with_an_error_and_goes_nowhere(behind: Behind) -> None:
    """Bad input: a client that speaks nonsense; the session goes on."""
    wire = behind(OPEN)
    nonsense = (
        b"hello",
        b'[{"jsonrpc":"2.0","id":1,"method":"ping"}]',
        b'{"jsonrpc":"2.0","id":"x","method":"tools/call","params":{"name":"echo","name":"cancel_job"}}',
        b'\xef\xbb\xbf{"jsonrpc":"2.0","id":1,"method":"ping"}',
        b"\xff\xfe\x00",
        b'{"jsonrpc":"2.0","id":"x","method":"tools/call","params":{"name":"echo","arguments":{"n":1e400}}}',
    )
    for line in nonsense:
        wire.write(line)
        assert wire.receive(lambda message: "error" in message)["error"]["code"] in (-32700, -32600)
    wire.write(b"")
    assert wire.text("echo") == "{}"
    assert wire.calls_reached() == ["echo"]
    assert {it["method"] for it in wire.reached()} <= {
        "initialize", "notifications/initialized", "tools/list", "tools/call",
    }  # fmt: skip


def test_a_line_without_end_is_refused_and_the_next_one_read(behind: Behind) -> None:
    """A limit on line length with a clear error."""
    wire = behind(OPEN)
    wire.write(b'{"jsonrpc":"2.0","id":"big","method":"tools/call","params":"' + b"x" * (33 << 20) + b'"}')
    answer = wire.receive(lambda message: "error" in message)
    assert answer["id"] == "big"
    assert "at most 33,554,432 are accepted" in answer["error"]["message"]
    assert wire.text("echo") == "{}"


def test_a_server_that_answers_nonsense_costs_only_that(behind: Behind) -> None:
    """Bad input: banners, bytes, answers to nothing; an answer with a key twice becomes an error."""
    wire = behind(OPEN)
    assert wire.text("noise") == "after the noise"
    answer = wire.ask("tools/call", {"name": "twice", "arguments": {}})
    assert "a key is given twice" in answer["error"]["message"]
    assert wire.text("echo") == "{}"
    assert "what it was not asked" in wire.told()


def test_a_server_that_dies_is_an_error_for_who_waits_and_the_next_call_starts_it_again(
    behind: Behind,
) -> None:
    """Issue, reliability: the client's session survives."""
    wire = behind(OPEN, capabilities={"roots": {}})
    hanging = wire.start("tools/call", {"name": "hang", "arguments": {}})
    dying = wire.ask("tools/call", {"name": "die", "arguments": {}})
    assert "exit code 3" in dying["error"]["message"]
    assert "unknown" in dying["error"]["message"]
    assert "exit code 3" in wire.answer_to(hanging)["error"]["message"]
    assert wire.text("echo") == "{}"
    handshakes = [it["params"] for it in wire.reached() if it.get("method") == "initialize"]
    assert len(handshakes) == 2
    assert handshakes[0] == handshakes[1]
    assert "it is started again with the next request" in wire.told()
    assert wire.close() == 0


def test_half_an_answer_is_no_answer(behind: Behind) -> None:
    """The server died in the middle of a line."""
    wire = behind(OPEN)
    assert "exit code 3" in wire.ask("tools/call", {"name": "half", "arguments": {}})["error"]["message"]
    assert wire.text("echo") == "{}"


def test_tools_that_changed_while_the_server_was_away_are_told(
    behind: Behind, make_tool: Callable[..., Json]
) -> None:
    """notifications/tools/list_changed, from the gateway itself."""
    wire = behind(OPEN)
    wire.ask("tools/list")
    wire.ask("tools/call", {"name": "die", "arguments": {}})
    (wire.folder / "tools.json").write_text(json.dumps([make_tool("echo", title="New")]))
    wire.text("echo")
    wire.notified("notifications/tools/list_changed")


def test_a_server_that_does_not_start_is_told(behind: Behind, tmp_path: Path) -> None:
    """Bad input: each request finds out, and the exit code tells it too."""
    wire = behind(OPEN, handshake=False)
    wire.process.kill()
    wire.process.wait()
    (tmp_path / "refuses-to-start").touch()
    wire = behind(OPEN, handshake=False, command=[sys.executable, str(STANDIN), str(tmp_path)])
    answer = wire.ask("initialize", {})
    assert "exit code 4" in answer["error"]["message"]
    assert "I do not start" in wire.told()
    assert wire.close() == 1


@pytest.mark.parametrize(
    ("policy", "command", "words"),
    [
        (OPEN, ["no-such-program-anywhere"], "cannot start the server no-such-program-anywhere"),
        (OPEN, ["/"], "cannot start the server /"),
        ("{", None, "in the policy"),
        ('{"version":"1","default":"alow"}', None, "line 1, /default"),
    ],
)
def test_what_cannot_work_is_told_at_once(
    behind: Behind, policy: Any, command: list[str] | None, words: str
) -> None:
    """Bad input: a usage error, exit code 2, and nothing on standard output."""
    wire = behind(policy, handshake=False, command=command)
    assert wire.process.wait(timeout=60) == 2
    assert words in wire.told()
    assert "Traceback" not in wire.told()


def test_a_policy_that_breaks_in_mid_flight_leaves_the_old_one_and_a_good_one_is_taken(
    behind: Behind,
) -> None:
    """Issue, reliability; point 7."""
    wire = behind(OPEN)
    file = wire.folder / "policy.json"
    assert wire.text("echo") == "{}"
    file.write_text("{")
    assert wire.text("echo") == "{}"
    assert "the policy read before stays in force" in wire.told()
    file.write_text('{"version":"1","default":"deny","hide":["echo"]}')
    assert wire.text("echo") == "Unknown tool: echo"
    wire.notified("notifications/tools/list_changed")


def test_a_locked_database_denies_and_recovers(behind: Behind, tmp_path: Path) -> None:
    """Bad input: database locked."""
    wire = behind(OPEN, database=f"sqlite:///{tmp_path}/locked.sqlite3?timeout=0.1")
    assert wire.text("echo") == "{}"
    other = sqlite3.connect(tmp_path / "locked.sqlite3", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    answer = wire.call("echo")
    assert answer["_meta"][META]["code"] == "error"
    assert "calls are denied" in wire.told()
    other.execute("ROLLBACK")
    other.close()
    assert wire.text("echo") == "{}"
    assert wire.calls_reached() == ["echo", "echo"]


def test_the_servers_own_questions_and_progress_pass(behind: Behind) -> None:
    """Everything else passes through."""
    wire = behind(OPEN)
    number = wire.start("tools/call", {"name": "ask_client", "arguments": {}})
    question = wire.notified("roots/list")
    wire.send({"id": question["id"], "result": {"roots": []}})
    assert wire.answer_to(number)["result"]["content"][0]["text"] == '{"roots": []}'
    params = {"name": "progress", "arguments": {}, "_meta": {"progressToken": "p"}}
    assert wire.ask("tools/call", params)["result"]["content"][0]["text"] == "done"
    assert [wire.notified("notifications/progress")["params"]["progress"] for _ in range(2)] == [1, 2]
    assert wire.ask("resources/list")["result"] == {"resources": []}


def test_large_results_and_arguments_pass_whole(behind: Behind) -> None:
    """Both directions, far beyond what a pipe holds."""
    wire = behind(OPEN)
    assert len(wire.text("long", bytes=5_000_000)) == 5_000_000
    assert json.loads(wire.text("echo", text="y" * 3_000_000))["text"] == "y" * 3_000_000


def test_a_client_that_does_not_read_does_not_stop_what_it_sends(behind: Behind) -> None:
    """No deadlock: many large answers wait while many large requests are sent."""
    wire = behind(OPEN)
    numbers: list[int] = []
    sender = threading.Thread(
        target=lambda: numbers.extend(
            wire.start("tools/call", {"name": "echo", "arguments": {"t": "z" * 300_000}}) for _ in range(30)
        )
    )
    sender.start()
    sender.join(timeout=60)
    assert len(numbers) == 30
    for number in numbers:
        assert len(wire.answer_to(number)["result"]["content"][0]["text"]) > 300_000


DEAF = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
if len(sys.argv) == 2:
    subprocess.Popen([sys.executable, *sys.orig_argv[1:], "child"])
    print('{"jsonrpc":"2.0","method":"notifications/x"}', flush=True)
time.sleep(600)
"""


@pytest.mark.parametrize("impatient", [False, True])
def test_when_the_client_leaves_the_server_and_its_children_are_gone(
    behind: Behind, tmp_path: Path, impatient: bool
) -> None:
    """Killed with its group, also what is deaf to being asked, and when the client loses patience meanwhile."""
    mark = f"mark-{tmp_path.name}-{impatient}"
    wire = behind(OPEN, handshake=False, command=[sys.executable, "-c", DEAF, mark])
    wire.notified("notifications/x")
    assert len(alive(mark)) == 3  # the gateway's own command line holds it too
    if impatient:
        wire.process.stdin.close()
        os.kill(wire.process.pid, signal.SIGTERM)
        assert wire.process.wait(timeout=60) == 143
    else:
        assert wire.close() == 0
    assert alive(mark) == []


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_ends_the_gateway_and_the_server(
    behind: Behind, tmp_path: Path, number: int, code: int
) -> None:
    """Ctrl-C and SIGTERM, with their exit codes and without a traceback."""
    wire = behind(OPEN)
    wire.start("tools/call", {"name": "hang", "arguments": {}})
    while "hang" not in wire.calls_reached():
        wire.process.poll()
    os.kill(wire.process.pid, number)
    assert wire.process.wait(timeout=60) == code
    assert "Traceback" not in wire.told()
    assert not alive(str(wire.folder))


def test_the_environment_reaches_the_server_and_its_words_reach_us(
    behind: Behind, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The child is the user's own command; nothing of a secret is in what the gateway says itself."""
    monkeypatch.setenv("SERVER_KEY", "sk-very-secret-0123456789")
    program = "import os,sys;sys.stderr.write('len %d' % len(os.environ['SERVER_KEY']));sys.exit(5)"
    wire = behind(OPEN, handshake=False, command=[sys.executable, "-c", program, "sk-very-secret-0123456789"])
    assert "exit code 5" in wire.ask("initialize", {})["error"]["message"]
    wire.close()
    assert "len 25" in wire.told()
    assert "sk-very" not in wire.told()


def test_calls_sent_before_the_client_closes_are_still_answered(behind: Behind) -> None:
    """As in a shell's pipe."""
    wire = behind(OPEN)
    number = wire.start("tools/call", {"name": "echo", "arguments": {"last": True}})
    assert wire.process.stdin
    wire.process.stdin.close()
    assert wire.answer_to(number)["result"]["content"][0]["text"] == '{"last": true}'
    assert wire.process.wait(timeout=60) == 0


def test_elicitation_through_the_gateways_own_question(behind: Behind) -> None:
    """Legacy approvals, over the wire."""
    policy = {"version": "2", "default": "deny", "tools": {"echo": {"action": "approve"}}}
    wire = behind(policy, capabilities={"elicitation": {}})
    number = wire.start("tools/call", {"name": "echo", "arguments": {"a": 1}})
    question = wire.notified("elicitation/create")
    assert wire.calls_reached() == []
    wire.send({"id": question["id"], "result": {"action": "accept", "content": {"approve": True}}})
    assert wire.answer_to(number)["result"]["content"][0]["text"] == '{"a": 1}'
