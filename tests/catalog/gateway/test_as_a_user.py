"""A day with the gateway, by its commands alone: a call is refused, approved, passes once, and stands in the journal."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

POLICY = {
    "version": "2",
    "default": "deny",
    "tools": {"echo": {}, "long": {"action": "approve", "reason": "long answers cost money"}},
}


def test_a_call_is_denied_approved_and_read_in_the_journal(
    behind: Callable[..., Any], start_catalog: Callable[..., CompletedProcess[str]], tmp_path: Path
) -> None:
    """Issue, "done means"."""
    database = f"sqlite:///{tmp_path}/catalogue.sqlite3"  # the commands' own
    wire = behind(POLICY, database=database)
    denial = wire.call("long", bytes=3)
    approval = denial["_meta"]["catalog/denial"]["approval_id"]
    assert f"catalog approvals approve {approval}" in denial["content"][0]["text"]
    listed = start_catalog("approvals", "list")
    assert approval in listed.stdout
    assert "long answers cost money" in listed.stdout
    assert start_catalog("approvals", "approve", approval, "--by", "ada").returncode == 0
    assert wire.call("long", bytes=4)["isError"]
    assert wire.text("long", bytes=3) == "xxx"
    assert wire.call("long", bytes=3)["isError"]
    assert wire.close() == 0

    shown = start_catalog("audit", "show", "--format", "jsonl")
    assert shown.returncode == 0, shown.stderr
    codes = [
        row.get("code") for row in map(json.loads, shown.stdout.splitlines()) if row.get("kind") == "call"
    ]
    assert codes == ["approval_required"] * 2 + ["allowed", "approval_required"]
    assert start_catalog("audit", "verify").returncode == 0
