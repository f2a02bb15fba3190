"""Real servers from PyPI and npm, started for real: each gives exactly the tools it is known to have.

The lists are of the pinned versions. An unpinned crawl of newer versions is the business of a user.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from typing import TYPE_CHECKING

import anyio
import platformdirs
import pytest

from catalog.crawl.engine import crawl
from catalog.probe.limits import ProbeOptions
from catalog.probe.prepared import environment
from catalog.probe.probe import probe
from catalog.records import CrawlResult, Launch, LaunchKind, Outcome, ServerRecord
from classifier.types import Provenance

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.live

SCOPE = "@modelcontextprotocol"
EVERYTHING = """echo get-annotated-message get-env get-resource-links get-resource-reference get-structured-content get-sum
    get-tiny-image gzip-file-as-resource toggle-simulated-logging toggle-subscriber-updates
    trigger-long-running-operation simulate-research-query"""

# For each package: its kind, its version, its arguments, its tools.
SERVERS: dict[str, tuple[LaunchKind, str, tuple[str, ...], str]] = {
    "workflows-mcp": (
        LaunchKind.PYPI,
        "10.0.0",
        (),
        """execute_workflow execute_inline_workflow list_workflows get_workflow_info get_workflow_schema
        validate_workflow_yaml reload_workflows resume_workflow get_job_status cancel_job list_jobs get_queue_stats""",
    ),
    "mcp-server-git": (
        LaunchKind.PYPI,
        "2026.10.19",
        (),
        """git_status git_diff_unstaged git_diff_staged git_diff git_commit git_add git_reset git_log
        git_create_branch git_checkout git_show git_branch""",
    ),
    "mcp-server-time": (LaunchKind.PYPI, "2026.10.19", (), "get_current_time convert_time"),
    "mcp-server-fetch": (LaunchKind.PYPI, "2026.10.24", (), "fetch"),
    "mcp-server-sqlite": (
        LaunchKind.PYPI,
        "2025.4.25",
        (),
        "read_query write_query create_table list_tables describe_table append_insight",
    ),
    f"{SCOPE}/server-filesystem": (
        LaunchKind.NPM,
        "2026.8.31",
        ("/usr/share",),
        """read_file read_text_file read_media_file read_multiple_files write_file edit_file create_directory
        list_directory list_directory_with_sizes directory_tree move_file search_files get_file_info
        list_allowed_directories""",
    ),
    f"{SCOPE}/server-memory": (
        LaunchKind.NPM,
        "2026.8.31",
        (),
        """create_entities create_relations add_observations delete_entities delete_observations
        delete_relations read_graph search_nodes open_nodes""",
    ),
    f"{SCOPE}/server-everything": (LaunchKind.NPM, "2026.8.31", (), EVERYTHING),
}


def launch(name: str) -> Launch:
    kind, version, arguments, _ = SERVERS[name]
    return Launch(kind, package=name, version=version, arguments=arguments)


@pytest.fixture(scope="session")
def shared() -> ProbeOptions:
    """Environments that are prepared once and kept for the next test run."""
    return ProbeOptions(environments=platformdirs.user_cache_path("catalog") / "test-environments")


class Silent:
    """Nobody watches."""

    def started(self, record: ServerRecord) -> None:
        pass

    def step(self, record: ServerRecord, text: str) -> None:
        pass

    def finished(self, result: CrawlResult) -> None:
        pass


@pytest.fixture(scope="session")
def results(shared: ProbeOptions) -> dict[str, CrawlResult]:
    """All of them, crawled side by side, once."""
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed")
    records = [ServerRecord(name, "test", launch=launch(name)) for name in SERVERS]

    async def go() -> list[CrawlResult]:
        return await crawl(records, jobs=4, options=shared, save=lambda _: None, progress=Silent())

    return {result.record.name: result for result in anyio.run(go)}


@pytest.mark.parametrize("name", SERVERS)
def test_a_real_server_gives_all_its_tools(results, name) -> None:
    result = results[name]
    assert (result.outcome, result.reason) == (Outcome.OK, "")
    assert {tool.name for tool in result.definitions} == set(SERVERS[name][3].split())
    assert len(result.definitions) == len(SERVERS[name][3].split())
    assert result.unread == ()
    assert result.provenance is Provenance.LIVE
    assert result.package_version == SERVERS[name][1]


@pytest.mark.parametrize("name", ["workflows-mcp", "mcp-server-sqlite"])
def test_a_server_written_for_sdk_1_is_started_with_it(results, name) -> None:
    """crawling.md, "Known breakages": not reported as the server's fault."""
    assert any(note.startswith("written for MCP SDK 1: started with mcp 1.") for note in results[name].notes)


def test_both_protocol_eras_are_spoken(results) -> None:
    versions = {result.protocol_version for result in results.values()}
    assert "2026-07-28" in versions
    assert "2025-11-25" in versions


def test_a_throw_away_environment_gives_the_same_and_is_gone(results, tmp_path: Path) -> None:
    record = ServerRecord("mcp-server-time", "test", launch=launch("mcp-server-time"))
    result = anyio.run(probe, record, ProbeOptions(cache=tmp_path), lambda _: None)
    assert result.definitions == results["mcp-server-time"].definitions
    assert list(tmp_path.iterdir()) == []


def test_without_a_version_the_newest_one_is_taken(tmp_path: Path) -> None:
    """Also when the running Python is too old for it: never an older version without a word."""
    record = ServerRecord("workflows-mcp", "test", launch=Launch(LaunchKind.PYPI, package="workflows-mcp"))
    result = anyio.run(probe, record, ProbeOptions(cache=tmp_path), lambda _: None)
    assert result.outcome is Outcome.OK
    assert int((result.package_version or "0").split(".")[0]) >= 10


@pytest.mark.parametrize("kind", [LaunchKind.PYPI, LaunchKind.NPM])
@pytest.mark.parametrize("version", [None, "99.99.99"])
def test_a_package_or_version_that_does_not_exist_is_told_apart_from_no_network(
    kind, version, tmp_path
) -> None:
    package = "mcp-server-time" if kind is LaunchKind.PYPI else f"{SCOPE}/server-memory"
    package = package if version else "no-such-mcp-server-as-this-one"
    facts = ServerRecord("x", "test").definitions
    record = ServerRecord("x", "test", launch=Launch(kind, package=package, version=version), fallback=facts)
    result = anyio.run(probe, record, ProbeOptions(cache=tmp_path), lambda _: None)
    assert result.outcome is Outcome.INSTALL_FAILED
    assert "check the name and version" in result.next_step


@pytest.fixture(scope="session")
def everything_url(shared: ProbeOptions, results) -> Iterator[dict[LaunchKind, str]]:
    """The reference server over HTTP on this machine: streamable, and the older transport."""
    own = launch(f"{SCOPE}/server-everything")

    async def command() -> tuple[str, ...]:
        async def never(folder: Path) -> None:
            raise AssertionError("prepared above")

        async with environment(own, "", shared, never) as (folder, prepared):
            return prepared.argv(folder)

    argv = anyio.run(command)
    servers, urls = [], {}
    for kind, mode, path in ((LaunchKind.HTTP, "streamableHttp", "mcp"), (LaunchKind.SSE, "sse", "sse")):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        server = subprocess.Popen(
            [*argv, mode],
            env={**os.environ, "PORT": str(port)},
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
        )
        servers.append(server)
        assert server.stderr is not None
        while f"port {port}" not in (line := server.stderr.readline()):
            assert line, "the server ended before it listened"
        urls[kind] = f"http://127.0.0.1:{port}/{path}"
    yield urls
    for server in servers:
        server.kill()
        server.communicate()


@pytest.mark.parametrize(
    ("asked", "spoken"),
    [
        (LaunchKind.HTTP, LaunchKind.HTTP),
        (LaunchKind.SSE, LaunchKind.SSE),
        (LaunchKind.HTTP, LaunchKind.SSE),
    ],
)
def test_the_reference_server_is_read_over_http_too(everything_url, asked, spoken) -> None:
    """The last case is the specification's backwards compatibility: a refused POST, then SSE."""
    record = ServerRecord("everything", "test", launch=Launch(asked, url=everything_url[spoken]))
    result = anyio.run(probe, record, ProbeOptions(), lambda _: None)
    assert (result.outcome, result.provenance) == (Outcome.OK, Provenance.LIVE_REMOTE)
    assert {tool.name for tool in result.definitions} == set(EVERYTHING.split())
