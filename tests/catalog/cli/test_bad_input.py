"""Bad input: one clear line that names the subject, the next step, the documented exit code, nothing half-written."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

CatalogCommand = Callable[..., CompletedProcess[str]]

TOOLS = {
    "tools": [
        {"name": "list_jobs", "description": "Lists jobs."},
        {"name": "cancel_job", "description": "Ends a running job."},
    ]
}


def assert_clear(done: CompletedProcess[str], code: int, *words: str) -> None:
    """The documented exit code, an error and a next step, each named word, and no traceback."""
    assert done.returncode == code, done.stderr
    assert "error: " in done.stderr
    assert "next: " in done.stderr
    assert "Traceback" not in done.stderr
    assert "internal error" not in done.stderr
    for word in words:
        assert word in done.stderr


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    path = tmp_path / "jobs.json"
    path.write_text(json.dumps(TOOLS), encoding="utf-8")
    return path


def test_an_unknown_name_is_answered_with_near_ones(run_catalog: CatalogCommand) -> None:
    assert_clear(run_catalog("classify", "workflow-mcp"), 2, "workflow-mcp", "workflows-mcp")


def test_nothing_to_classify_is_a_usage_error(run_catalog: CatalogCommand) -> None:
    assert_clear(run_catalog("classify"), 2, "catalog classify workflows-mcp")


def test_input_does_not_mix_with_targets(run_catalog: CatalogCommand) -> None:
    assert_clear(run_catalog("classify", "workflows-mcp", "--input", "-"), 2, "--input")


def test_a_config_with_a_syntax_error_names_file_and_line(
    run_catalog: CatalogCommand, tmp_path: Path
) -> None:
    config = tmp_path / "mcp.json"
    config.write_text('{\n  "mcpServers": {\n    "a": {"command": oops}\n  }\n}\n', encoding="utf-8")
    assert_clear(run_catalog("classify", str(config)), 2, "mcp.json", "3")


def test_a_json_file_without_tools_says_what_was_found(run_catalog: CatalogCommand, tmp_path: Path) -> None:
    other = tmp_path / "weather.json"
    other.write_text('{"temperature": 21}', encoding="utf-8")
    assert_clear(run_catalog("classify", str(other)), 2, "weather.json")


def test_an_unreachable_address_is_an_outcome_and_nothing_is_collected(run_catalog: CatalogCommand) -> None:
    done = run_catalog("classify", "http://127.0.0.1:9/mcp")
    assert_clear(done, 3, "unreachable")


def test_a_missing_input_file_is_named(run_catalog: CatalogCommand) -> None:
    assert_clear(run_catalog("classify", "--input", "nowhere.jsonl"), 2, "nowhere.jsonl")


def test_a_broken_line_of_the_input_is_named_and_earlier_lines_are_answered(
    run_catalog: CatalogCommand,
) -> None:
    done = run_catalog(
        "classify", "--input", "-", "--format", "jsonl", stdin='{"server":"s","name":"list_jobs"}\n{broken\n'
    )
    assert_clear(done, 2, "standard input:2")
    assert [json.loads(line)["name"] for line in done.stdout.splitlines()] == ["list_jobs"]


def test_an_input_without_definitions_collects_nothing(run_catalog: CatalogCommand) -> None:
    assert_clear(
        run_catalog("classify", "--input", "-", "--format", "jsonl", stdin="[]"), 3, "standard input"
    )
    assert_clear(
        run_catalog("classify", "--input", "-", "--format", "jsonl", stdin="\n"), 2, "standard input is empty"
    )


def test_a_database_of_a_newer_version_is_left_alone(
    run_catalog: CatalogCommand, saved: Path, tmp_path: Path
) -> None:
    assert run_catalog("classify", str(saved)).returncode == 0
    with sqlite3.connect(tmp_path / "catalogue.sqlite3") as database:
        database.execute("UPDATE catalog_schema SET version_num = 'from-the-future'")
    assert_clear(run_catalog("show", "jobs"), 1, "newer")


def test_a_file_that_is_no_database_is_named(run_catalog: CatalogCommand, tmp_path: Path) -> None:
    (tmp_path / "catalogue.sqlite3").write_bytes(b"this is no database, only a text of some length" * 100)
    assert_clear(run_catalog("show", "jobs"), 1, "catalogue.sqlite3")


def test_a_full_disk_is_named_when_a_policy_is_written(run_catalog: CatalogCommand, saved: Path) -> None:
    """/dev/full answers every write with ENOSPC."""
    assert run_catalog("classify", str(saved)).returncode == 0
    assert_clear(run_catalog("policy", "export", "jobs", "-o", "/dev/full"), 1, "no space")


def test_a_missing_folder_is_named_and_nothing_half_written_stays(
    run_catalog: CatalogCommand, saved: Path, tmp_path: Path
) -> None:
    assert run_catalog("classify", str(saved)).returncode == 0
    assert_clear(run_catalog("policy", "export", "jobs", "-o", "no/such/policy.json"), 1, "policy.json")
    assert not (tmp_path / "no").exists()


def test_an_unknown_server_in_the_catalogue_is_answered_with_near_ones(
    run_catalog: CatalogCommand, saved: Path
) -> None:
    assert run_catalog("classify", str(saved)).returncode == 0
    assert_clear(run_catalog("policy", "export", "job"), 2, "jobs")
    assert_clear(run_catalog("show", "jobs/cancel_jobs"), 2, "cancel_job")


def test_an_empty_catalogue_has_nothing_to_build(run_catalog: CatalogCommand) -> None:
    assert_clear(run_catalog("build"), 3, "catalog classify")


def test_a_wrong_flag_and_a_wrong_command_are_usage_errors(run_catalog: CatalogCommand) -> None:
    assert run_catalog("classify", "--frobnicate").returncode == 2
    assert run_catalog("frobnicate").returncode == 2


def test_a_policy_with_errors_lists_all_of_them(run_catalog: CatalogCommand, tmp_path: Path) -> None:
    (tmp_path / "policy.json").write_text(
        '{\n "version": "1",\n "default": "maybe",\n "hidden": []\n}\n', encoding="utf-8"
    )
    assert_clear(run_catalog("policy", "check", "policy.json"), 2, "/default", "/hidden", "3", "4")
