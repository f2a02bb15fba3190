"""The main job, end to end, on real servers, as a user types it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from classifier.types import NAME_ONLY_CAP

pytestmark = pytest.mark.live

CatalogCommand = Callable[..., CompletedProcess[str]]

WORKFLOWS_TOOLS = {
    "cancel_job", "execute_inline_workflow", "execute_workflow", "get_job_status", "get_queue_stats", "get_workflow_info",
    "get_workflow_schema", "list_jobs", "list_workflows", "reload_workflows", "resume_workflow", "validate_workflow_yaml",
}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def environments(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The first test prepares an environment as on a new machine; the others find it kept."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CATALOG_ENVIRONMENTS", str(tmp_path_factory.mktemp("environments")))
        yield


def rows(text: str) -> dict[str, dict[str, Any]]:
    return {row["name"]: row for row in map(json.loads, text.splitlines())}


def test_a_name_gives_twelve_classified_tools_and_cancel_job_is_destructive_and_critical(
    start_catalog: CatalogCommand,
) -> None:
    """Product, first user; codebook rule 10: cancelling a running job loses its work."""
    done = start_catalog("classify", "workflows-mcp", "--format", "jsonl")
    assert done.returncode == 0, done.stderr
    tools = rows(done.stdout)
    assert set(tools) == WORKFLOWS_TOOLS
    cancel = tools["cancel_job"]
    assert (cancel["category"], cancel["risk"], cancel["basis"]) == ("Destructive", "Critical", "text")
    assert cancel["recommendation"]["action"] == "hide"
    assert cancel["evidence"][0]["field"] == "description"
    assert "mcp<2" in done.stderr
    assert "Traceback" not in done.stderr


def test_names_alone_still_say_destructive_and_critical_with_capped_confidence(
    start_catalog: CatalogCommand,
) -> None:
    """Codebook rule 14 and the cap of the architecture's invariants."""
    done = start_catalog("classify", "workflows-mcp", "--name-only", "--format", "jsonl")
    cancel = rows(done.stdout)["cancel_job"]
    assert (cancel["category"], cancel["risk"], cancel["basis"]) == ("Destructive", "Critical", "name only")
    assert cancel["confidence"] <= NAME_ONLY_CAP
    assert cancel["evidence"][0]["field"] == "name"
    assert "names alone" in done.stderr


def test_the_table_is_riskiest_first_and_names_the_next_commands(start_catalog: CatalogCommand) -> None:
    """Issue: the table, then counts and the next commands to try."""
    done = start_catalog("classify", "qtsone/workflows-mcp")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert "cancel_job" in lines[1]
    assert "12 tools: " in done.stderr
    assert "catalog policy export workflows-mcp -o policy.json" in done.stderr


def test_stored_tools_are_shown_searched_exported_checked_and_built(
    start_catalog: CatalogCommand, tmp_path: Path
) -> None:
    """The whole path, from a name to a policy and a site."""
    assert start_catalog("classify", "pypi:workflows-mcp").returncode == 0
    shown = start_catalog("show", "workflows-mcp/cancel_job")
    assert "Destructive" in shown.stdout
    found = start_catalog("search", "cancel", "--format", "jsonl")
    assert "cancel_job" in rows(found.stdout)
    exported = start_catalog("policy", "export", "workflows-mcp", "-o", "policy.json")
    assert exported.returncode == 0, exported.stderr
    policy = json.loads((tmp_path / "policy.json").read_text())
    assert policy["version"] == "1"
    assert policy["default"] == "deny"
    assert policy["hide"] == ["cancel_job"]
    assert policy["tools"]["list_jobs"] == {}
    checked = start_catalog("policy", "check", "policy.json", "--server", "workflows-mcp")
    assert checked.returncode == 0, checked.stderr
    built = start_catalog("build", "--out", "site")
    assert built.returncode == 0, built.stderr
    page = (tmp_path / "site/tools/workflows-mcp/cancel_job.html").read_text()
    assert "Destructive" in page
    assert "Critical" in page
    twin = json.loads((tmp_path / "site/tools/workflows-mcp/cancel_job.json").read_text())
    assert twin == json.loads(start_catalog("show", "workflows-mcp/cancel_job", "--format", "json").stdout)


def test_a_command_after_two_dashes_is_started_as_it_is(start_catalog: CatalogCommand) -> None:
    """Product: a command after `--`."""
    done = start_catalog("classify", "--format", "jsonl", "--", "uvx", "--version")
    assert done.returncode == 3
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("level", "code"),
    [("low", 14), ("critical", 14)],
)
def test_fail_on_exits_with_the_code_of_the_highest_level(
    start_catalog: CatalogCommand, level: str, code: int
) -> None:
    """Exit-code table: 14 is Critical."""
    assert start_catalog("classify", "workflows-mcp", "--fail-on", level, "--quiet").returncode == code
