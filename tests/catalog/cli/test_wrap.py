"""`catalog gateway wrap` and `unwrap` at the command line."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

CatalogCommand = Callable[..., CompletedProcess[str]]
Json = dict[str, Any]
SERVER = """\
import json, sys
TOOLS = [{"name": n, "description": d, "inputSchema": {"type": "object"}} for n, d in (
    ("list_lamps", "Lists all lamps. Read-only."),
    ("delete_lamp", "Permanently deletes a lamp. This cannot be undone."))]
for line in sys.stdin:
    m = json.loads(line)
    if "id" not in m:
        continue
    if m["method"] == "initialize":
        r = {"protocolVersion": "2025-06-18", "capabilities": {"tools": {}}, "serverInfo": {"name": "lamp", "version": "1"}}
    elif m["method"] == "tools/list":
        r = {"tools": TOOLS}
    elif m["method"] == "tools/call":
        r = {"content": [{"type": "text", "text": m["params"]["name"]}]}
    else:
        print(json.dumps({"jsonrpc": "2.0", "id": m["id"], "error": {"code": -32601, "message": "no"}}), flush=True)
        continue
    print(json.dumps({"jsonrpc": "2.0", "id": m["id"], "result": r}), flush=True)
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "lamp.py").write_text(SERVER)
    path = tmp_path / "mcp.json"
    path.write_text(
        json.dumps(
            {"mcpServers": {"lamp": {"command": sys.executable, "args": [str(tmp_path / "lamp.py")]}}},
            indent=1,
        )
    )
    return path


def talk(entry: Json, *messages: Json) -> list[Json]:
    """Start an entry as a client does, and give the answers."""
    begin = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}
    lines = [
        {"id": 0, "method": "initialize", "params": begin},
        {"method": "notifications/initialized"},
        *({"id": number, **message} for number, message in enumerate(messages, 1)),
    ]
    done = subprocess.run(
        [entry["command"], *entry["args"]],
        input="".join(json.dumps({"jsonrpc": "2.0", **line}) + "\n" for line in lines),
        capture_output=True, text=True, timeout=60, check=False, env={"PATH": "/usr/bin:/bin", "HOME": "/nowhere"},
    )  # fmt: skip
    answers = {answer.get("id"): answer for answer in map(json.loads, done.stdout.splitlines())}
    assert 0 in answers, done.stderr
    return [answers[number] for number in range(1, len(messages) + 1)]


def test_a_config_is_classified_wrapped_enforced_and_put_back(
    run_catalog: CatalogCommand, config: Path
) -> None:
    """Issue, "done means": wrap a client config, see a call denied, read the journal."""
    before = config.read_bytes()
    assert run_catalog("classify", "mcp.json", "--sandbox", "none").returncode == 0
    done = run_catalog("gateway", "wrap", "mcp.json", "--format", "json")
    assert done.returncode == 0, done.stderr
    (row,) = json.loads(done.stdout)
    assert (row["server"], row["state"]) == ("lamp", "wrapped")
    assert Path(row["policy"]).parent == config.parent / "policies"
    assert "unwrap mcp.json" in done.stderr

    listed, called, refused = talk(
        json.loads(config.read_text())["mcpServers"]["lamp"],
        {"method": "tools/list"},
        {"method": "tools/call", "params": {"name": "list_lamps", "arguments": {}}},
        {"method": "tools/call", "params": {"name": "delete_lamp", "arguments": {}}},
    )
    assert [tool["name"] for tool in listed["result"]["tools"]] == ["list_lamps"]
    assert called["result"]["content"][0]["text"] == "list_lamps"
    assert refused["result"]["isError"]
    shown = run_catalog("audit", "show", "--format", "jsonl")
    calls = [row for row in map(json.loads, shown.stdout.splitlines()) if row["kind"] == "call"]
    assert [(row["server"], row["verdict"]) for row in calls] == [("lamp", "allow"), ("lamp", "hide")]

    again = run_catalog("classify", "mcp.json", "--sandbox", "none", "--format", "json")
    assert {row["name"] for row in json.loads(again.stdout)} == {"list_lamps", "delete_lamp"}
    assert run_catalog("gateway", "wrap", "mcp.json").returncode == 0
    done = run_catalog("gateway", "unwrap", "mcp.json")
    assert done.returncode == 0, done.stderr
    assert "byte for byte" in done.stderr
    assert config.read_bytes() == before
    assert list(config.parent.glob("*.before-gateway.*")) == []
    assert "no server is behind the gateway" in run_catalog("gateway", "unwrap", "mcp.json").stderr


def test_a_server_that_was_never_classified_is_left_and_the_next_step_told(
    run_catalog: CatalogCommand, config: Path
) -> None:
    before = config.read_bytes()
    done = run_catalog("gateway", "wrap", "mcp.json")
    assert done.returncode == 2
    assert "never classified" in done.stdout
    assert "catalog classify mcp.json" in done.stderr
    assert config.read_bytes() == before


@pytest.fixture
def policy(tmp_path: Path) -> str:
    (tmp_path / "policy.json").write_text('{"version": "1", "default": "deny"}')
    return "policy.json"


def test_a_dry_run_writes_nothing_and_shows_no_secret(
    run_catalog: CatalogCommand, config: Path, policy: str, tmp_path: Path
) -> None:
    document = json.loads(config.read_text())
    document["mcpServers"]["lamp"]["env"] = {"KEY": "s3cret"}
    config.write_text(json.dumps(document))
    before = {path: path.read_bytes() for path in tmp_path.iterdir() if "sqlite" not in path.name}
    done = run_catalog("gateway", "wrap", "mcp.json", "--policy", policy, "--dry-run")
    assert done.returncode == 0
    assert "lamp" in done.stdout
    assert "s3cret" not in done.stdout + done.stderr
    assert {path: path.read_bytes() for path in tmp_path.iterdir() if "sqlite" not in path.name} == before


def test_one_policy_for_all_needs_no_catalogue(
    run_catalog: CatalogCommand, config: Path, policy: str
) -> None:
    done = run_catalog("gateway", "wrap", "mcp.json", "--policy", policy)
    assert done.returncode == 0, done.stderr
    assert str(config.parent / policy) in json.loads(config.read_text())["mcpServers"]["lamp"]["args"]
    dry = run_catalog("gateway", "unwrap", "mcp.json", "--dry-run")
    assert dry.returncode == 0
    assert "gateway" in config.read_text()


def test_strict_tells_that_a_server_was_left_out(
    run_catalog: CatalogCommand, config: Path, policy: str
) -> None:
    document = json.loads(config.read_text())
    document["mcpServers"]["desk"] = {"url": "https://desk.example/sse"}
    config.write_text(json.dumps(document))
    done = run_catalog("gateway", "wrap", "mcp.json", "--policy", policy, "--strict")
    assert done.returncode == 4
    assert "SSE" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["none.json"], "none.json"),
        (["mcp.json", "--server", "lmap"], "no server 'lmap'"),
        (["mcp.json", "--policy", "none.json"], "cannot read the policy none.json"),
        (["mcp.json", "--policy", "mcp.json"], "mcp.json"),
        (["mcp.json", "--policy", "a", "--policies", "b"], "--policies"),
        (["mcp.json", "--grant", "a b"], "name of a grant"),
        (["mcp.json", "--db", "postgresql://ada:s3cret@host/db"], "password"),
        (["mcp.json", "--", "npx"], "a command after --"),
    ],
)
def test_what_cannot_work_is_told_and_nothing_is_written(
    run_catalog: CatalogCommand, config: Path, arguments: list[str], said: str
) -> None:
    before = config.read_bytes()
    done = run_catalog("gateway", "wrap", *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert "next:" in done.stderr
    assert "s3cret" not in done.stderr
    assert config.read_bytes() == before


def test_options_of_the_gateway_before_wrap_are_not_dropped_silently(
    run_catalog: CatalogCommand, config: Path
) -> None:
    done = run_catalog("gateway", "--four-eyes", "wrap", "mcp.json")
    assert done.returncode == 2
    assert "--four-eyes is not for wrap" in done.stderr


def test_a_config_changed_since_keeps_its_changes_and_the_backup_is_named(
    run_catalog: CatalogCommand, config: Path, policy: str
) -> None:
    run_catalog("gateway", "wrap", "mcp.json", "--policy", policy)
    document = json.loads(config.read_text())
    config.write_text(json.dumps({**document, "theme": "dark"}))
    done = run_catalog("gateway", "unwrap", "mcp.json")
    assert done.returncode == 0
    assert "was changed after it was wrapped" in done.stderr
    assert "before-gateway" in done.stderr
    after = json.loads(config.read_text())
    assert after["theme"] == "dark"
    assert after["mcpServers"]["lamp"]["command"] == sys.executable


@pytest.mark.parametrize("command", ["wrap", "unwrap"])
def test_the_help_shows_an_example_to_copy(run_catalog: CatalogCommand, command: str) -> None:
    done = run_catalog("gateway", command, "--help")
    assert done.returncode == 0
    assert f"catalog gateway {command} ~/.cursor/mcp.json" in done.stdout
