"""Real servers from PyPI and npm, crawled side by side through the command line: tools and labels by name.

Each label is read off the codebook; where its rules leave two levels open, both stand here.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import platformdirs
import pytest

from catalog.db.store import Store
from catalog.policy.grammar import parse
from tests import forked
from tests.proving import unproven

pytestmark = pytest.mark.live

SCOPE = "npm:@modelcontextprotocol"

# Server as it is typed -> tool -> category and level (or levels).
LABELS: dict[str, dict[str, str]] = {
    "workflows-mcp": {
        "cancel_job": "Destructive Critical",
        "execute_workflow": "Execute High",
        "execute_inline_workflow": "Execute High Critical",
        "resume_workflow": "Execute High",
        "reload_workflows": "Execute Medium High",
        "get_job_status": "Read Low",
        "get_queue_stats": "Read Low",
        "get_workflow_info": "Read Low",
        "get_workflow_schema": "Read Low",
        "list_jobs": "Read Low",
        "list_workflows": "Read Low",
        "validate_workflow_yaml": "Read Low",
    },
    "pypi:mcp-server-git": {
        "git_add": "Write Low Medium",
        "git_branch": "Read Low",
        "git_checkout": "Write Medium",
        "git_commit": "Write Medium",
        "git_create_branch": "Write Medium",
        "git_diff": "Read Low",
        "git_diff_staged": "Read Low",
        "git_diff_unstaged": "Read Low",
        "git_log": "Read Low",
        "git_reset": "Write Medium",
        "git_show": "Read Low",
        "git_status": "Read Low",
    },
    "pypi:mcp-server-time": {"convert_time": "Read Low", "get_current_time": "Read Low"},
    "pypi:mcp-server-fetch": {"fetch": "Read Medium"},
    "pypi:mcp-server-sqlite": {
        "append_insight": "Write Medium",
        "create_table": "Write Medium",
        "describe_table": "Read Low",
        "list_tables": "Read Low",
        "read_query": "Read Low",
        "write_query": "Execute Critical",
    },
    f"{SCOPE}/server-filesystem": {
        "create_directory": "Write Low Medium",
        "directory_tree": "Read Low Medium",
        "edit_file": "Write Medium High",
        "get_file_info": "Read Low Medium",
        "list_allowed_directories": "Read Low",
        "list_directory": "Read Low Medium",
        "list_directory_with_sizes": "Read Low Medium",
        "move_file": "Write Medium",
        "read_file": "Read Medium",
        "read_media_file": "Read Medium",
        "read_multiple_files": "Read Medium",
        "read_text_file": "Read Medium",
        "search_files": "Read Low Medium",
        "write_file": "Write High",
    },
    f"{SCOPE}/server-memory": {
        "add_observations": "Write Medium High",
        "create_entities": "Write Medium High",
        "create_relations": "Write Medium High",
        "delete_entities": "Destructive Critical",
        "delete_observations": "Destructive High Critical",
        "delete_relations": "Destructive High Critical",
        "open_nodes": "Read Low",
        "read_graph": "Read Low",
        "search_nodes": "Read Low",
    },
    f"{SCOPE}/server-everything": {
        "echo": "Read Low",
        "get-annotated-message": "Read Low",
        "get-env": "Read Low Medium High",
        "get-resource-links": "Read Low",
        "get-resource-reference": "Read Low",
        "get-structured-content": "Read Low",
        "get-sum": "Read Low",
        "get-tiny-image": "Read Low",
        "gzip-file-as-resource": "Read Low Medium",
        "simulate-research-query": "Read Low",
        "toggle-simulated-logging": "Write Low",
        "toggle-subscriber-updates": "Write Low Medium",
        "trigger-long-running-operation": "Execute Medium High",
    },
}


@pytest.fixture(scope="module")
def crawled(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[subprocess.CompletedProcess[str], dict[str, str]]:
    """One crawl of all eight, four at a time, in environments that are kept for the next run."""
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed")
    folder = tmp_path_factory.mktemp("crawl")
    kept = platformdirs.user_cache_path("catalog") / "test-environments"
    environment = {
        **os.environ,
        "CATALOG_DB": f"sqlite:///{folder}/catalogue.sqlite3",
        "CATALOG_ENVIRONMENTS": str(kept),
        **forked.TERMINAL,
    }
    command = [sys.executable, "-m", "catalog.cli.main", "crawl", *LABELS, "--jobs", "4", "--format", "json"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=folder, check=False)
    return done, environment


def test_every_server_ends_with_ok_and_its_number_of_tools(crawled: Any) -> None:
    done, _ = crawled
    assert done.returncode == 0, done.stderr
    outcomes = {row["server"]: (row["outcome"], row["tools"]) for row in json.loads(done.stdout)}
    expected = {target.split(":")[-1].split("/")[-1]: ("ok", len(tools)) for target, tools in LABELS.items()}
    assert outcomes == expected


@pytest.mark.parametrize("target", LABELS)
def test_tools_and_labels_are_as_the_codebook_says(crawled: Any, target: str, tmp_path: Path) -> None:
    _, environment = crawled
    name = target.rsplit(":", maxsplit=1)[-1].rsplit("/", maxsplit=1)[-1]
    done = forked.run(["show", name, "--format", "json"], b"", environment, tmp_path, 120)
    assert done.returncode == 0, done.stderr
    tools = {tool["name"]: tool for tool in json.loads(done.stdout)["tools"]}
    assert set(tools) == set(LABELS[target])
    wrong = {
        tool: f"{tools[tool]['category']} {tools[tool]['risk']}, not {label}"
        for tool, label in LABELS[target].items()
        if not _fits(tools[tool], *label.split())
    }
    assert wrong == {}


@pytest.mark.parametrize("version", ["1", "2"])
@pytest.mark.parametrize("target", LABELS)
def test_the_exported_policy_treats_each_tools_own_call_as_recommended(
    crawled: Any, target: str, version: str, tmp_path: Path
) -> None:
    """Issue on the gateway, point 8: the policy is loaded by the engine, the calls are made from the schemas."""
    _, environment = crawled
    name = target.rsplit(":", maxsplit=1)[-1].rsplit("/", maxsplit=1)[-1]
    export = ["policy", "export", name, "--policy-version", version]
    done = forked.run(export, b"", environment, tmp_path, 120)
    assert done.returncode == 0, done.stderr
    with closing(Store.open(environment["CATALOG_DB"])) as store:
        [entry] = [entry for entry in store.servers() if entry.name == name]
    tools = [(tool.definition, tool.classification) for tool in entry.tools]
    assert len(tools) == len(LABELS[target])
    assert unproven(parse(done.stdout, name), tools) == {}


def _fits(tool: Any, category: str, *levels: str) -> bool:
    return tool["category"] == category and tool["risk"] in levels
