"""The bundled index (crawling.md: launch facts of well-known servers; facts, no sentences)."""

import json
import re

from catalog.records import LaunchKind
from catalog.resources import DATA
from catalog.sources import bundled, snapshot
from catalog.sources.launchers import NPM_NAME, PYPI_NAME
from classifier.types import Provenance

INDEX = json.loads((DATA / "servers" / "index.json").read_text(encoding="utf-8"))
KEYS = {"name", "title", "repository", "aliases", "package", "arguments", "environment", "remote"}
REFERENCE = {
    "mcp-server-git", "mcp-server-time", "mcp-server-fetch", "mcp-server-sqlite", "server-filesystem", "server-memory",
    "server-everything", "server-sequential-thinking",
}  # fmt: skip


def test_about_eighty_servers_and_more_are_known_the_reference_servers_among_them():
    names = {entry["name"] for entry in INDEX}
    assert len(INDEX) >= 80
    assert names >= REFERENCE | {"workflows-mcp"}


def test_every_entry_has_the_documented_shape():
    for entry in INDEX:
        assert set(entry) <= KEYS, entry["name"]
        assert ("package" in entry) != ("remote" in entry), entry["name"]
        assert entry["repository"] is None or re.fullmatch(r"[\w.-]+/[\w.-]+", entry["repository"]), entry[
            "name"
        ]
        for variable in entry.get("environment", ()):
            assert set(variable) <= {"name", "required", "secret"}, entry["name"]
        package = entry.get("package", {})
        if package:
            pattern = {"pypi": PYPI_NAME, "npm": NPM_NAME}[package["registry"]]
            assert pattern.match(package["name"]), entry["name"]


def test_no_two_servers_share_a_name_or_an_alias():
    names = [name.lower() for entry in INDEX for name in (entry["name"], *entry.get("aliases", ()))]
    assert sorted(names) == sorted(set(names))


def test_names_are_fit_for_addresses_and_file_names():
    assert all(re.fullmatch(r"[a-z0-9][a-z0-9.-]*", entry["name"]) for entry in INDEX)


def test_every_record_can_be_made_and_can_be_launched():
    records = bundled.every_record()
    assert len(records) == len(INDEX)
    assert all(
        record.launch is not None and record.launch.kind is not LaunchKind.UNSUPPORTED for record in records
    )


def test_environment_variables_say_whether_they_are_needed_and_secret():
    (record,) = bundled.Bundled().records("server-brave-search")
    (variable,) = record.launch.environment
    assert (variable.name, variable.required, variable.secret, variable.value) == (
        "BRAVE_API_KEY",
        True,
        True,
        None,
    )


def test_the_reference_servers_and_workflows_can_be_shown_offline():
    """Issue, 1: without network the bundled snapshot is used."""
    for name in REFERENCE | {"workflows-mcp"}:
        (record,) = bundled.Bundled().records(name)
        assert record.fallback, name
        assert {tool.provenance for tool in record.fallback} == {Provenance.BUNDLED}
        assert {tool.server for tool in record.fallback} == {name}


def test_every_snapshot_belongs_to_a_server_of_the_index():
    names = {entry["name"] for entry in INDEX}
    assert {path.stem for path in (DATA / "servers" / "snapshots").glob("*.json")} <= names


def test_the_snapshot_of_workflows_mcp_has_its_twelve_tools_and_no_description():
    """Issue, 1: 12 tools; the model's page once took an unread description for an empty one."""
    (record,) = bundled.Bundled().records("workflows-mcp")
    assert {tool.name for tool in record.fallback} == {
        "execute_workflow", "execute_inline_workflow", "list_workflows", "get_workflow_info", "get_workflow_schema",
        "validate_workflow_yaml", "reload_workflows", "resume_workflow", "get_job_status", "cancel_job", "list_jobs",
        "get_queue_stats",
    }  # fmt: skip
    cancel = next(tool for tool in record.fallback if tool.name == "cancel_job")
    assert cancel.annotations["destructiveHint"] is True
    assert (cancel.description, cancel.description_unread) == (None, True)


def test_near_names_are_suggested_and_far_ones_are_not():
    assert bundled.similar("workflow-mcp")[0] == "workflows-mcp"
    assert bundled.similar("qtsone/workflow-mcp")[0] == "workflows-mcp"
    assert bundled.similar("playwrite") == ["playwright-mcp"]
    assert bundled.similar("zzzzzzzzzz") == []


def test_every_snapshot_tells_its_version_and_its_day():
    for path in (DATA / "servers" / "snapshots").glob("*.json"):
        assert re.fullmatch(r"\S+, \d{4}-\d\d-\d\d", snapshot.label(path)), path.name
    (record,) = bundled.Bundled().records("workflows-mcp")
    assert record.fallback_of.startswith("10.0.0, ")
