"""The steps of a page put a server behind its policy: the lines are right, and are run for a real server."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from subprocess import CompletedProcess
from types import ModuleType
from typing import Any

import pytest
from uv import find_uv_bin

from catalog.probe.pythons import search_path
from catalog.site.enforce import enforce_view, start_words

Json = dict[str, Any]
BEGIN = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}
SDK_1 = "written for MCP SDK 1: started with mcp 1.9.0 (`mcp<2`)"
PYTHON = "needs Python >=3.12: started with Python 3.12.1"


@pytest.mark.parametrize(
    ("package", "version", "notes", "words"),
    [
        ("pypi:loom-mcp", "2.1.0", (), "-- uvx loom-mcp@2.1.0"),
        ("pypi:loom-mcp", None, (SDK_1, PYTHON), "-- uvx --python 3.12 --with 'mcp<2' loom-mcp"),
        ("npm:@loom/mcp", "2.1.0", (), "-- npx -y @loom/mcp@2.1.0"),
        ("pypi:serena-agent", "1.0", (), "-- uvx --from serena-agent==1.0 serena start-mcp-server"),
        ("npm:firebase-tools", None, (), "-- npx -y --package firebase-tools firebase mcp"),
        ("https://loom.example.org/mcp", None, (), "--upstream https://loom.example.org/mcp"),
        ("loom-server", None, (), ""),
        (None, None, (), ""),
    ],
)
def test_the_start_line_is_the_one_that_the_crawl_used(
    generated: ModuleType, package: str | None, version: str | None, notes: tuple[str, ...], words: str
) -> None:
    """The version that was read is the one that is started; program and arguments are those of the bundled index."""
    entry = replace(
        generated.server("loom", 1, seed=1), package=package, package_version=version, notes=notes
    )
    assert shlex.join(start_words(entry)) == words
    assert enforce_view(entry).open_ended is (not words)
    assert enforce_view(entry).gateway == f"catalog gateway --policy policy.json {words or '-- COMMAND'}"


def test_a_package_with_a_hostile_name_is_one_word(generated: ModuleType) -> None:
    """Whatever a source names is data (product.md); what a reader pastes into a shell must stay so."""
    entry = replace(
        generated.server("$(reboot)", 1, seed=1), package="npm:$(reboot); ls", package_version="1 && ls"
    )
    for line in (enforce_view(entry).gateway, enforce_view(entry).classify, enforce_view(entry).export):
        assert "'" in line
        assert not [word for word in shlex.split(line) if word in ("&&", "ls", ";")]


@pytest.mark.live
def test_the_three_steps_of_a_page_hold_a_real_server_to_its_policy(
    run_catalog: Callable[..., CompletedProcess[str]], reader: ModuleType, tmp_path: Path
) -> None:
    """Issue, "Done means": read the page, take the policy, and have the gateway enforce it."""
    assert run_catalog("classify", "workflows-mcp").returncode == 0
    assert run_catalog("build", "--out", "site").returncode == 0
    page = reader.section(tmp_path / "site/tools/workflows-mcp/cancel_job.html", "control")
    lines = [shlex.split(line) for line in page.codes if line.startswith("catalog ")]
    export, classify, gateway, wrap = [line[1:] for line in lines if line[1] != "approvals"]

    assert run_catalog(*classify).returncode == 0
    assert run_catalog(*export).returncode == 0
    saved = (tmp_path / "site/tools/workflows-mcp/policy.json").read_text()
    assert json.loads((tmp_path / "policy.json").read_text()) == json.loads(saved)
    held(ask([sys.executable, "-m", "catalog.cli.main", *gateway], tmp_path))

    start = gateway[gateway.index("--") + 1 :]
    config = tmp_path / "mcp.json"
    config.write_text(json.dumps({"mcpServers": {"workflows-mcp": {"command": start[0], "args": start[1:]}}}))
    done = run_catalog(*wrap)
    assert done.returncode == 0, done.stderr
    entry = json.loads(config.read_text())["mcpServers"]["workflows-mcp"]
    held(ask([entry["command"], *entry["args"]], tmp_path))


def ask(command: list[str], folder: Path) -> dict[int, Json]:
    """Start a command as a client does, list its tools, call the one of the page; the answers by number."""
    messages: list[Json] = [
        {"id": 0, "method": "initialize", "params": BEGIN},
        {"method": "notifications/initialized"},
        {"id": 1, "method": "tools/list"},
        {"id": 2, "method": "tools/call", "params": {"name": "cancel_job", "arguments": {"job_id": "1"}}},
    ]
    uvx = str(Path(find_uv_bin()).parent)
    environment = {
        **os.environ,
        "PATH": f"{uvx}{os.pathsep}{search_path(os.environ)}",
        "CATALOG_DB": f"sqlite:///{folder}/catalogue.sqlite3",
    }
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment, cwd=folder
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    answers: dict[int, Json] = {}
    with process:
        for message in messages:
            process.stdin.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
            process.stdin.flush()
            while message.get("id", -1) not in (-1, *answers):
                answer = json.loads(process.stdout.readline())
                answers[answer.get("id", -1)] = answer
        process.stdin.close()
    return answers


def held(answers: dict[int, Json]) -> None:
    """The hidden tool is on no list and cannot be called; the others are there."""
    names = {tool["name"] for tool in answers[1]["result"]["tools"]}
    assert "cancel_job" not in names
    assert "list_jobs" in names
    assert "Unknown tool" in json.dumps(answers[2])
