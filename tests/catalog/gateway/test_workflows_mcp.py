"""The gateway before a real server from PyPI, with the policy that the catalogue recommends for it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
from uv import find_uv_bin

from catalog.probe.pythons import search_path

pytestmark = pytest.mark.live

Json = dict[str, Any]


def test_the_recommended_policy_holds_for_workflows_mcp(
    behind: Callable[..., Any],
    run_catalog: Callable[..., CompletedProcess[str]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Issue, point 2, as a new user would try it."""
    assert run_catalog("classify", "workflows-mcp").returncode == 0
    assert run_catalog("policy", "export", "workflows-mcp", "-o", "policy.json").returncode == 0
    policy = json.loads((tmp_path / "policy.json").read_text())
    monkeypatch.setenv("PATH", search_path(os.environ))
    monkeypatch.setenv("UV_PYTHON", ">=3.12")  # what the package wants
    uvx = str(Path(find_uv_bin()).with_name("uvx"))
    wire = behind(policy, command=[uvx, "--with", "mcp<2", "workflows-mcp"])

    names = {tool["name"] for tool in wire.ask("tools/list")["result"]["tools"]}
    assert "cancel_job" not in names
    assert {"list_jobs", "execute_workflow"} <= names
    assert wire.text("cancel_job", job_id="1") == "Unknown tool: cancel_job"
    assert not wire.call("list_jobs").get("isError")
    for _ in range(10):
        assert "_meta" not in wire.call("execute_workflow", workflow="no-such-workflow")
    refused = wire.call("execute_workflow", workflow="no-such-workflow")
    denial = refused["_meta"]["catalog/denial"]
    assert (denial["code"], denial["retryable"]) == ("limit", True)
    assert 0 < denial["retry_after_ms"] <= 60_000
    assert "10 calls a minute" in refused["content"][0]["text"]
    assert "Wait " in refused["content"][0]["text"]
    assert wire.close() == 0
