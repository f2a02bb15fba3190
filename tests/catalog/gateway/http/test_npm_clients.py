"""Clients from npm, unchanged: the TypeScript SDKs of both eras, and the Inspector's command-line mode."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.npm import from_npm

pytestmark = pytest.mark.live

Json = dict[str, Any]
Start = Callable[..., Any]
SERVER = Path(__file__).parents[1] / "sdk_server.py"
PACKAGES = (
    "@modelcontextprotocol/sdk@1.32.2",
    "@modelcontextprotocol/client@2.4.0",
    "@modelcontextprotocol/inspector@0.15.0",
)
POLICY: Json = {
    "version": "1",
    "default": "deny",
    "hide": ["delete_everything"],
    "tools": {"add": {"limits": [{"counter": "add_rate", "window": "hour", "max": 1}]}, "count": {}},
}
IMPORTS = {
    "older": """
        import { Client } from "@modelcontextprotocol/sdk/client/index.js";
        import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
        const options = {};""",
    "modern": """
        import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
        const options = { versionNegotiation: { mode: "auto" } };""",
}
SCRIPT = """
const client = new Client({ name: "test", version: "1" }, { capabilities: {}, ...options });
const headers = { Authorization: `Bearer ${process.argv[3]}` };
await client.connect(new StreamableHTTPClientTransport(new URL(process.argv[2]), { requestInit: { headers } }));
const call = (name, args) => client.callTool({ name, arguments: args });
const steps = [];
const found = {
  tools: (await client.listTools()).tools.map((tool) => tool.name),
  sum: await call("add", { a: 1, b: 2 }),
  refused: await call("add", { a: 1, b: 2 }),
  hidden: await call("delete_everything", {}),
  counted: await client.callTool(...counting),
  steps,
};
console.log(JSON.stringify(found));
await client.close();
"""
COUNTING = {
    "older": 'const counting = [{ name: "count", arguments: { steps: 2 } }, undefined, { onprogress: (it) => steps.push(it.progress) }];',
    "modern": 'const counting = [{ name: "count", arguments: { steps: 2 } }, { onprogress: (it) => steps.push(it.progress) }];',
}


@pytest.fixture(scope="session")
def installed(pytestconfig: pytest.Config) -> Path:
    return from_npm(pytestconfig, *PACKAGES)


def inspect(folder: Path, *arguments: str, environment: dict[str, str] | None = None) -> Json:
    program = folder / "node_modules" / ".bin" / "mcp-inspector"
    done = subprocess.run(
        [str(program), "--cli", *arguments],
        capture_output=True,
        check=False,
        text=True,
        timeout=60,
        env={**os.environ, **(environment or {})},
        cwd=folder,
    )
    assert done.returncode == 0, done.stderr
    found: Json = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("era", ["older", "modern"])
def test_the_typescript_sdk_runs_unchanged(installed: Path, listening: Start, era: str) -> None:
    """Issue, point 9."""
    gateway = listening(POLICY, [sys.executable, str(SERVER)])
    _, token = gateway.ledger.grant("agent")
    script = installed / f"{era}.mjs"
    script.write_text(IMPORTS[era] + SCRIPT.replace("const found", f"{COUNTING[era]}\nconst found"))
    done = subprocess.run(
        ["node", str(script), gateway.url, token],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
        cwd=installed,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["tools"] == ["add", "count"]
    assert found["sum"]["structuredContent"] == {"result": 3}
    assert found["refused"]["_meta"]["catalog/denial"]["code"] == "limit"
    assert found["hidden"]["content"][0]["text"] == "Unknown tool: delete_everything"
    assert found["counted"]["content"][0]["text"] == "counted"
    assert found["steps"] == [1, 2]


def test_the_inspector_runs_over_http(installed: Path, listening: Start) -> None:
    """Issue, point 9."""
    gateway = listening(POLICY, [sys.executable, str(SERVER)])
    over = (gateway.url, "--transport", "http")
    listed = inspect(installed, *over, "--method", "tools/list")
    assert [tool["name"] for tool in listed["tools"]] == ["add", "count"]
    call = ("--method", "tools/call", "--tool-name", "add", "--tool-arg", "a=1", "b=2")
    assert inspect(installed, *over, *call)["structuredContent"] == {"result": 3}
    assert inspect(installed, *over, *call)["_meta"]["catalog/denial"]["code"] == "limit"


def test_the_inspector_runs_over_standard_streams(installed: Path, tmp_path: Path) -> None:
    """Issue, point 9."""
    (tmp_path / "policy.json").write_text(json.dumps(POLICY))
    command = [
        sys.executable,
        "-m",
        "catalog.cli.main",
        "gateway",
        "--policy",
        str(tmp_path / "policy.json"),
        "--",
    ]
    start = tmp_path / "start.sh"
    start.write_text(f"#!/bin/sh\nexec {shlex.join([*command, sys.executable, str(SERVER)])}\n")
    start.chmod(0o700)
    environment = {"CATALOG_DB": f"sqlite:///{tmp_path}/ledger.sqlite3"}
    own = ("-e", f"CATALOG_DB={environment['CATALOG_DB']}", str(start))
    listed = inspect(installed, *own, "--method", "tools/list", environment=environment)
    assert [tool["name"] for tool in listed["tools"]] == ["add", "count"]
    hidden = inspect(installed, *own, "--method", "tools/call", "--tool-name", "delete_everything")
    assert hidden["content"][0]["text"] == "Unknown tool: delete_everything"
