"""Source of real servers from PyPI, read and not run, against what those servers list when they run."""

import shutil
import subprocess

import pytest
from uv import find_uv_bin

from catalog.sources.target import resolve

SERVERS = {
    "workflows-mcp==10.0.0": {
        "execute_workflow", "execute_inline_workflow", "list_workflows", "get_workflow_info", "get_workflow_schema",
        "validate_workflow_yaml", "reload_workflows", "resume_workflow", "get_job_status", "cancel_job", "list_jobs",
        "get_queue_stats",
    },
    "mcp-server-git": {
        "git_status", "git_diff_unstaged", "git_diff_staged", "git_diff", "git_commit", "git_add", "git_reset", "git_log",
        "git_create_branch", "git_checkout", "git_show", "git_branch",
    },
    "mcp-server-time": {"get_current_time", "convert_time"},
    "mcp-server-fetch": {"fetch"},
    "mcp-server-sqlite": {"read_query", "write_query", "create_table", "list_tables", "describe_table", "append_insight"},
}  # fmt: skip


@pytest.fixture
def source(tmp_path):
    """Fetch a package's files without its dependencies and without building or running anything."""

    def fetch(requirement):
        folder = tmp_path / "source"
        flags = ["--no-deps", "--only-binary", ":all:", "--python-version", "3.12", "--target", str(folder)]
        subprocess.run(
            [find_uv_bin(), "pip", "install", "--quiet", *flags, requirement], check=True, timeout=300
        )
        return folder

    return fetch


@pytest.mark.live
@pytest.mark.parametrize("requirement", SERVERS)
def test_the_source_of_a_real_server_names_the_tools_it_lists(source, requirement):
    """Issue, 2: a Python source folder or archive. workflows-mcp has three more that it registers only if set up to."""
    folder = source(requirement)
    name = requirement.split("==")[0]
    archives = [shutil.make_archive(str(folder.parent / name), kind, folder) for kind in ("zip", "gztar")]
    records = resolve([str(folder), *archives])
    assert [record.name for record in records] == [name] * 3
    for record in records:
        assert {tool.name for tool in record.definitions} - {
            "memory",
            "project_onboard",
            "project_sync",
        } == SERVERS[requirement]
        assert all(tool.description and tool.location for tool in record.definitions)
        assert record.unread == ()


@pytest.mark.live
def test_cancel_jobs_docstring_and_hint_are_read(source):
    """crawling.md: a page in this field calls this description empty although the source has one."""
    (record,) = resolve([str(source("workflows-mcp==10.0.0"))])
    cancel = next(tool for tool in record.definitions if tool.name == "cancel_job")
    assert cancel.description
    assert not cancel.description_unread
    assert cancel.annotations["destructiveHint"] is True
    assert cancel.location.startswith("workflows_mcp/tools.py:")
