"""Without network: the bundled facts where there are some, else a reason and a next step (crawling.md, issue 2)."""

from __future__ import annotations

import shutil

import anyio
import pytest

from catalog.probe.limits import ProbeOptions
from catalog.probe.probe import probe
from catalog.records import CrawlResult, Launch, LaunchKind, Outcome, ServerRecord
from classifier.types import Provenance, ToolDefinition

FACTS = (ToolDefinition("a-server", "read_value", provenance=Provenance.BUNDLED),)
NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
def offline(monkeypatch, tmp_path):
    """Probes with package indexes that cannot be reached, and empty caches."""
    monkeypatch.setenv("UV_DEFAULT_INDEX", f"{NOWHERE}/simple")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv"))
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    monkeypatch.setenv("npm_config_registry", NOWHERE)
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "npm"))
    monkeypatch.setenv("npm_config_fetch_retries", "0")

    def go(record: ServerRecord) -> CrawlResult:
        return anyio.run(probe, record, ProbeOptions(cache=tmp_path / "cache"), lambda _: None)

    return go


def launches():
    yield Launch(LaunchKind.PYPI, package="a-server")
    yield Launch(LaunchKind.PYPI, package="a-server", version="1.0")
    if shutil.which("npm"):
        yield Launch(LaunchKind.NPM, package="a-server")


@pytest.mark.parametrize("launch", [*launches()], ids=lambda launch: f"{launch.kind}-{launch.version}")
def test_the_bundled_facts_stand_in_and_the_result_says_so(offline, launch) -> None:
    result = offline(
        ServerRecord("a-server", "test", launch=launch, fallback=FACTS, fallback_of="1.0, 2026-11-25")
    )
    assert (result.outcome, result.definitions, result.provenance) == (Outcome.OK, FACTS, Provenance.BUNDLED)
    assert result.notes == (
        "no network: the bundled snapshot of a-server (1.0, 2026-11-25; names, parameters and annotations only) is used",
    )


@pytest.mark.parametrize("launch", [*launches()], ids=lambda launch: f"{launch.kind}-{launch.version}")
def test_without_bundled_facts_the_index_is_named_as_the_trouble(offline, launch) -> None:
    result = offline(ServerRecord("a-server", "test", launch=launch))
    assert result.outcome is Outcome.INSTALL_FAILED
    assert "cannot be reached" in result.reason
    assert "network" in result.next_step


@pytest.mark.parametrize(
    "launch",
    [
        Launch(LaunchKind.PYPI, package="--index-url=http://evil.invalid"),
        Launch(LaunchKind.PYPI, package="a @ https://evil.invalid/a.whl"),
        Launch(LaunchKind.PYPI, package="a", version="1 --extra-index-url x"),
        Launch(LaunchKind.PYPI, package="git+https://evil.invalid/a"),
        Launch(LaunchKind.NPM, package="--registry=http://evil.invalid"),
        Launch(LaunchKind.NPM, package="../folder"),
        Launch(LaunchKind.NPM, package="a", version="https://evil.invalid/a.tgz"),
        Launch(LaunchKind.NPM, package="a", version="file:../x"),
    ],
    ids=lambda launch: f"{launch.kind}:{launch.package}@{launch.version}",
)
def test_what_is_no_name_never_reaches_a_package_manager(offline, launch) -> None:
    """Names come from other people's registries and configs; options, URLs and paths would be obeyed."""
    result = offline(ServerRecord("a", "test", launch=launch, fallback=FACTS))
    assert result.outcome is Outcome.INSTALL_FAILED
    assert "no name and version" in result.reason


def test_definitions_from_a_file_go_straight_through(offline) -> None:
    result = offline(ServerRecord("a-server", "file", definitions=FACTS, unread=("line 3",)))
    assert (result.outcome, result.definitions, result.unread) == (Outcome.OK, FACTS, ("line 3",))


def test_a_file_without_definitions_has_no_tools(offline) -> None:
    assert offline(ServerRecord("a-server", "file")).outcome is Outcome.NO_TOOLS


def test_a_kind_of_package_without_a_runtime_is_unsupported(offline) -> None:
    result = offline(ServerRecord("a", "test", launch=Launch(LaunchKind.UNSUPPORTED, package="oci:a/b")))
    assert result.outcome is Outcome.UNSUPPORTED
    assert result.next_step
