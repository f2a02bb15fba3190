"""`catalog gateway` with its options for HTTP, as a process."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from catalog.db.ledger import Ledger

Json = dict[str, Any]
Run = Callable[..., subprocess.Popen[bytes]]
OPEN: Json = {"version": "1", "default": "deny", "hide": ["cancel_job"], "tools": {"echo": {}, "other": {}}}


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    """Start `catalog gateway`; its words go to the file `said`."""
    (tmp_path / "policy.json").write_text(json.dumps(OPEN))
    started: list[subprocess.Popen[bytes]] = []

    def start(*flags: str, **environment: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "catalog.cli.main", "gateway", "--policy", "policy.json", *flags]
        own = {"CATALOG_DB": f"sqlite:///{tmp_path}/ledger.sqlite3", "NO_COLOR": "1", "COLUMNS": "400"}
        with (tmp_path / "said").open("wb") as said:
            process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=said,
                env={**os.environ, **own, **environment},
                cwd=tmp_path,
            )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                stream.close()


def said(folder: Path) -> str:
    return (folder / "said").read_text()


def address(process: subprocess.Popen[bytes], folder: Path) -> str:
    """Where it listens, once it says so."""
    while not (found := re.search(r"listening at (\S+)", said(folder))):
        assert process.poll() is None, said(folder)
    return found[1]


def refusal(process: subprocess.Popen[bytes], folder: Path, code: int = 2) -> str:
    assert process.wait(60) == code, said(folder)
    return said(folder)


def ask(process: subprocess.Popen[bytes], message: Json) -> None:
    assert process.stdin
    process.stdin.write(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")
    process.stdin.flush()


def answer(process: subprocess.Popen[bytes]) -> Json:
    assert process.stdout
    found: Json = json.loads(process.stdout.readline())
    return found


def test_it_listens_says_where_and_ends_in_order(
    run: Run, server: Any, caller: Callable[..., Any], tmp_path: Path
) -> None:
    """Issue, point 3; design: SIGTERM ends as documented, 128 and the signal's number."""
    process = run("--listen", "127.0.0.1:0", "--upstream", server.url)
    client = caller(address(process, tmp_path))
    assert "every program on this machine may call as local" in said(tmp_path)
    client.initialize()
    with client.listen():
        assert client.call("echo")
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 128 + signal.SIGTERM
    assert not server.sessions


def test_no_secret_is_ever_said(run: Run, server: Any, caller: Callable[..., Any], tmp_path: Path) -> None:
    """Nothing of a secret in any log: neither the client's token nor the server's, nor what was asked."""
    with Ledger.open(f"sqlite:///{tmp_path}/ledger.sqlite3") as ledger:
        _, token = ledger.grant("agent")
    flags = (
        "--listen",
        "127.0.0.1:0",
        "--upstream",
        f"{server.url}?key=s3cret-key",
        "--upstream-header",
        "X-Key=SECRET",
    )
    process = run(*flags, SECRET="s3cret-header", CATALOG_DEBUG="1")
    client = caller(address(process, tmp_path), token)
    client.initialize()
    client.call("echo", password="s3cret-argument")
    server.stop()
    assert "cannot be reached" in client.post(client.call_message("echo", {})).json()["error"]["message"]
    assert caller(client.url, "wrong-s3cret").post({"id": 1, "method": "ping"}).status_code == 401
    process.send_signal(signal.SIGINT)
    process.wait(60)
    assert "s3cret" not in said(tmp_path)
    assert token not in said(tmp_path)
    assert server.called()[0].headers["x-key"] == "s3cret-header"


def test_a_local_grant_that_was_revoked_keeps_nobody_with_a_token_out(
    run: Run, server: Any, caller: Callable[..., Any], tmp_path: Path
) -> None:
    """Whoever revokes `local` to close the door still has a gateway."""
    with Ledger.open(f"sqlite:///{tmp_path}/ledger.sqlite3") as ledger:
        ledger.local_grant("local")
        ledger.revoke("local")
    flags = ("--listen", "127.0.0.1:0", "--upstream", server.url)
    assert "the grant local was revoked" in refusal(run(*flags), tmp_path)
    with Ledger.open(f"sqlite:///{tmp_path}/ledger.sqlite3") as ledger:
        _, token = ledger.grant("agent")
    assert caller(address(run(*flags), tmp_path), token).modern("echo").status_code == 200


def test_a_port_that_is_taken_is_a_clear_error(run: Run, server: Any, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        words = refusal(run("--listen", f"127.0.0.1:{port}", "--upstream", server.url), tmp_path)
    assert f"cannot listen at 127.0.0.1:{port}: address already in use" in words
    assert "choose another with --listen" in words


def test_a_public_address_without_grants_is_refused(run: Run, server: Any, tmp_path: Path) -> None:
    """Design: loopback by default; a loud refusal."""
    words = refusal(run("--listen", "0.0.0.0:0", "--upstream", server.url), tmp_path)
    assert "is reached from other machines, and no grant has a token" in words
    assert "catalog grants add" in words
    assert words.count("reached from other machines") == 1  # said once, and no advice for a start that is not


def test_a_public_address_with_grants_is_served_with_one_warning(
    run: Run, server: Any, tmp_path: Path
) -> None:
    """Tokens travel in the clear there."""
    with Ledger.open(f"sqlite:///{tmp_path}/ledger.sqlite3") as ledger:
        ledger.grant("agent")
    address(run("--listen", "0.0.0.0:0", "--upstream", server.url), tmp_path)
    assert said(tmp_path).count("reached from other machines") == 1


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (("--listen", "127.0.0.1:0"), "no server to stand before"),
        (("--upstream", "ftp://x"), "no http or https address"),
        (("--upstream", "http://x", "--", "true"), "two servers"),
        (("--upstream-header", "A=B", "--", "true"), "reached over HTTP"),
        (("--allow-host", "x", "--", "true"), "clients over HTTP"),
        (("--listen", "nowhere", "--upstream", "http://x"), "no address to listen at"),
        (
            ("--listen", "127.0.0.1:0", "--upstream", "http://x", "--upstream-header", "A=NOT_THERE"),
            "no variable NOT_THERE",
        ),
        (("--listen", "host.invalid:0", "--upstream", "http://x"), "is reached from other machines"),
    ],
)
def test_options_that_do_not_fit_are_explained(
    run: Run, tmp_path: Path, flags: tuple[str, ...], words: str
) -> None:
    assert words in refusal(run(*flags), tmp_path)


def test_a_client_on_standard_streams_reaches_a_server_over_http(
    run: Run, server: Any, tmp_path: Path
) -> None:
    """Issue, point 3: the bridge."""
    process = run("--upstream", server.url)
    info = {
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    }
    ask(process, {"id": 1, "method": "initialize", "params": info})
    assert answer(process)["result"]["serverInfo"]["name"] == "standin"
    ask(process, {"method": "notifications/initialized"})
    ask(process, {"id": 2, "method": "tools/list"})
    assert [it["name"] for it in answer(process)["result"]["tools"]] == ["echo", "other"]
    ask(process, {"id": 3, "method": "tools/call", "params": {"name": "cancel_job"}})
    assert answer(process)["result"]["content"][0]["text"] == "Unknown tool: cancel_job"
    ask(process, {"id": 4, "method": "tools/call", "params": {"name": "echo", "arguments": {"a": 1}}})
    assert answer(process)["result"]["content"][0]["text"] == '{"a": 1}'
    assert process.stdin
    process.stdin.write(b"nonsense\n")
    process.stdin.flush()
    assert answer(process)["error"]["code"] == -32700
    server.stop()
    ask(process, {"id": 5, "method": "tools/call", "params": {"name": "echo", "arguments": {}}})
    assert "cannot be reached" in answer(process)["error"]["message"]
    server.start()
    ask(process, {"id": 6, "method": "tools/call", "params": {"name": "echo", "arguments": {"a": 2}}})
    assert answer(process)["result"]["content"][0]["text"] == '{"a": 2}'
    process.stdin.close()
    assert process.wait(60) == 0
    assert server.calls() == ["echo", "echo"]
    assert said(tmp_path) == ""


def test_a_call_under_way_is_answered_before_the_bridge_ends(
    run: Run, server: Any, parts: Any, tmp_path: Path
) -> None:
    """A script that writes its requests and closes its end still gets its answers."""
    gate = parts.Gate()

    async def slow(request: Any) -> None:
        await gate.pass_through()
        await request.text("done")

    server.tools["echo"] = slow
    process = run("--upstream", server.url)
    meta = {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
    }
    ask(
        process, {"id": 1, "method": "tools/call", "params": {"name": "echo", "arguments": {}, "_meta": meta}}
    )
    assert process.stdin
    process.stdin.close()
    gate.reached()
    gate.open()
    assert answer(process)["result"]["content"][0]["text"] == "done"
    assert process.wait(60) == 0
