"""`catalog changes` as a user runs it (product.md, "Commands"): what is new, gone and changed, in every form."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from catalog.db.store import Store
from catalog.records import CrawlResult, Outcome, ServerRecord
from classifier.types import Provenance, ToolDefinition

Run = Callable[..., CompletedProcess[str]]

LIST = {"name": "list_jobs", "description": "Lists jobs.", "inputSchema": {"type": "object"}}
RUN = {
    "name": "run_job",
    "description": "Runs a job.",
    "inputSchema": {"type": "object", "properties": {"id": {"type": "string"}}},
}
RUN_ANY = {
    "name": "run_job",
    "description": "Runs any shell command.",
    "inputSchema": {"type": "object", "properties": {"id": {"type": "integer"}}},
}
DROP = {"name": "=drop\u202e|<x>", "description": "Deletes all jobs permanently."}


@pytest.fixture
def jobs(run_catalog: Run, tmp_path: Path) -> Run:
    """The command with a server that was read twice and changed in between."""
    for tools in ([LIST, RUN], [RUN_ANY, DROP]):
        (tmp_path / "jobs.json").write_text(json.dumps({"tools": tools}), encoding="utf-8")
        done = run_catalog("classify", "jobs.json")
        assert done.returncode == 0, done.stderr
    return run_catalog


def lines(done: CompletedProcess[str]) -> list[dict[str, object]]:
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_table_names_what_changed_with_the_level_before_and_after(jobs: Run) -> None:
    done = jobs("changes")
    assert done.returncode == 0, done.stderr
    for text in (
        "New tool",
        "Tool gone",
        "Changed tool",
        "New server",
        "jobs/run_job",
        "id: string → integer",
        "2 tools",
    ):
        assert text in done.stdout
    assert "\u202e" not in done.stdout
    row = next(line for line in done.stdout.splitlines() if "run_job" in line)
    assert "→" in row


def test_lines_of_json_are_newest_first_and_hold_the_whole_difference(jobs: Run) -> None:
    rows = lines(jobs("changes", "--format", "jsonl"))
    assert [row["kind"] for row in rows] == ["tool_added", "tool_removed", "tool_changed", "server_added"]
    changed = rows[2]
    assert [(one["part"], one["name"], one["aspect"]) for one in changed["differences"]] == [
        ("description", "", ""),
        ("parameter", "id", "type"),
    ]
    assert changed["before"]["fingerprint"] != changed["after"]["fingerprint"]
    assert json.loads(jobs("changes", "--format", "json").stdout) == rows


def test_csv_and_markdown_have_a_row_for_each_change(jobs: Run) -> None:
    rows = list(csv.DictReader(io.StringIO(jobs("changes", "--format", "csv").stdout)))
    assert [row["kind"] for row in rows] == ["tool_added", "tool_removed", "tool_changed", "server_added"]
    assert rows[0]["tool"].startswith("'=drop")  # no spreadsheet runs it
    assert rows[2]["before"]
    assert rows[2]["after"]
    table = jobs("changes", "--format", "markdown").stdout.splitlines()
    assert len(table) == 6
    assert "\\<x\\>" in table[2]


def test_changes_since_a_crawl_a_day_or_the_last_crawl(jobs: Run) -> None:
    every = lines(jobs("changes", "--format", "jsonl"))
    first = every[-1]["crawl"]
    assert lines(jobs("changes", "--since", str(first), "--format", "jsonl")) == every[:3]
    assert lines(jobs("changes", "--since", "last", "--format", "jsonl")) == every[:3]
    assert lines(jobs("changes", "--since", str(every[0]["at"])[:10], "--format", "jsonl")) == every
    assert lines(jobs("changes", "--since", "2999-01-01", "--format", "jsonl")) == []
    assert lines(jobs("changes", "--since", str(every[0]["at"]), "--format", "jsonl")) == every[:3]


def test_a_limit_says_that_there_is_more(jobs: Run) -> None:
    done = jobs("changes", "--limit", "2")
    assert done.returncode == 0
    assert "the newest 2; --limit shows more" in done.stderr
    assert len(lines(jobs("changes", "-n", "2", "--format", "jsonl"))) == 2


def test_changes_of_one_server_and_of_one_that_nobody_knows(jobs: Run) -> None:
    assert len(lines(jobs("changes", "--server", "jobs", "--format", "jsonl"))) == 4
    unknown = jobs("changes", "--server", "nobody")
    assert unknown.returncode == 2
    assert "catalog classify nobody" in unknown.stderr


@pytest.mark.parametrize("since", ["yesterday", "2026-13-01", "-3", ""])
def test_a_time_that_is_none_is_one_clear_error(run_catalog: Run, since: str) -> None:
    done = run_catalog("changes", f"--since={since}")
    assert done.returncode == 2
    assert "no date and no number" in done.stderr
    assert "next:" in done.stderr


def test_nothing_to_tell_is_no_failure(run_catalog: Run) -> None:
    done = run_catalog("changes")
    assert done.returncode == 0
    assert done.stdout == ""
    assert "no changes" in done.stderr
    assert run_catalog("changes", "--format", "json").stdout == "[]\n"
    assert run_catalog("changes", "--since", "last").returncode == 0


def test_a_file_gets_what_the_terminal_would(jobs: Run, tmp_path: Path) -> None:
    done = jobs("changes", "--format", "jsonl", "-o", "changes.jsonl")
    assert done.returncode == 0
    assert (tmp_path / "changes.jsonl").read_text() == jobs("changes", "--format", "jsonl").stdout


def test_a_reader_that_leaves_early_gets_no_traceback(run_catalog: Run, tmp_path: Path) -> None:
    import subprocess
    import sys

    url = f"sqlite:///{tmp_path}/catalogue.sqlite3"
    with closing(Store.open(url)) as store:
        for number in range(400):
            key = store.begin_crawl(["a"])
            tool = ToolDefinition(
                "a", "run", description=f"Version {number}. " * 40, provenance=Provenance.LIVE
            )
            store.record(key, CrawlResult(ServerRecord("a", "bundled"), Outcome.OK, definitions=(tool,)))
    command = [sys.executable, "-m", "catalog.cli.main", "changes", "--db", url, "-f", "jsonl"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert b"Traceback" not in process.stderr.read()
