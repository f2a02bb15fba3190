"""`--input`: the form through which the classifier is measured (issue: in-and-out form, kept stable)."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import PIPE, CompletedProcess, Popen
from typing import Any

CatalogCommand = Callable[..., CompletedProcess[str]]

KEYS = [
    "id", "server", "name", "category", "risk", "effects", "modifiers", "confidence", "basis", "evidence", "needs_review", "recommendation",
]  # fmt: skip


def classified(done: CompletedProcess[str]) -> list[dict[str, Any]]:
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_line_out_has_exactly_the_documented_keys(run_catalog: CatalogCommand) -> None:
    line = {
        "id": "x1",
        "server": "jobs",
        "name": "cancel_job",
        "description": "Ends a running job. It cannot be resumed.",
        "colour": "blue",
    }
    (row,) = classified(run_catalog("classify", "--input", "-", "--format", "jsonl", stdin=json.dumps(line)))
    assert list(row) == KEYS
    assert row["id"] == "x1"
    assert (row["category"], row["risk"]) == ("Destructive", "Critical")
    assert all(set(evidence) == {"field", "excerpt", "rule"} for evidence in row["evidence"])
    assert row["recommendation"]["action"] == "hide"


def test_order_and_ids_are_kept_and_a_list_works_as_lines_do(
    run_catalog: CatalogCommand, tmp_path: Path
) -> None:
    rows = [
        {"id": number, "server": "s", "name": name}
        for number, name in enumerate(("delete_x", "get_x", "pay_x", "get_y"))
    ]
    (tmp_path / "rows.json").write_text(json.dumps(rows), encoding="utf-8")
    as_list = classified(run_catalog("classify", "--input", "rows.json", "--format", "jsonl"))
    as_lines = classified(
        run_catalog("classify", "--input", "-", "--format", "jsonl", stdin="\n".join(map(json.dumps, rows)))
    )
    assert as_list == as_lines
    assert [row["id"] for row in as_list] == [0, 1, 2, 3]


def test_it_streams_each_line_is_answered_before_the_next_is_sent() -> None:
    """A reader at the other end can talk to it, line by line."""
    command = [sys.executable, "-m", "catalog.cli.main", "classify", "--input", "-", "--format", "jsonl"]
    with Popen(command, stdin=PIPE, stdout=PIPE, text=True, env={**os.environ, "NO_COLOR": "1"}) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for number in range(3):
            process.stdin.write(json.dumps({"id": number, "server": "s", "name": "get_time"}) + "\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["id"] == number
        process.stdin.close()
        assert process.wait(timeout=60) == 0


def test_hostile_text_comes_out_as_escapes_never_raw(run_catalog: CatalogCommand) -> None:
    """ANSI, bidi overrides and lone surrogates must not reach the terminal (architecture: untrusted text)."""
    line = json.dumps({"server": "s", "name": "get\u001b[31m_\u202etime\ud800"})
    for form in ("jsonl", "json", "table", "csv", "markdown", "sarif"):
        done = run_catalog("classify", "--input", "-", "--format", form, stdin=line)
        assert done.returncode == 0, done.stderr
        assert "\u001b" not in done.stdout
        assert "\u202e" not in done.stdout


def test_a_spreadsheet_formula_in_a_name_is_defused(run_catalog: CatalogCommand) -> None:
    line = json.dumps({"server": "s", "name": "=cmd|' /C calc'!A0"})
    done = run_catalog("classify", "--input", "-", "--format", "csv", stdin=line)
    assert "'=cmd" in done.stdout
