"""`catalog gateway` at the command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

CatalogCommand = Callable[..., CompletedProcess[str]]


@pytest.fixture
def policy(tmp_path: Path) -> str:
    path = tmp_path / "policy.json"
    path.write_text('{"version":"1","default":"deny"}')
    return str(path)


def test_without_a_server_the_usage_is_told(run_catalog: CatalogCommand, policy: str) -> None:
    """Product: every error names the next step."""
    done = run_catalog("gateway", "--policy", policy)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "catalog gateway --policy" in done.stderr
    assert "-- COMMAND" in done.stderr


def test_without_a_policy_nothing_starts(run_catalog: CatalogCommand, tmp_path: Path) -> None:
    """Policy page: no policy is a deny."""
    done = run_catalog("gateway", "--", "touch", "started")
    assert done.returncode == 2
    done = run_catalog("gateway", "--policy", "none.json", "--", "touch", "started")
    assert done.returncode == 2
    assert "cannot read none.json" in done.stderr
    assert "catalog policy export" in done.stderr
    assert not (tmp_path / "started").exists()


@pytest.mark.parametrize("grant", ["", "a b", "x" * 65, "../x"])
def test_a_grants_name_is_checked(run_catalog: CatalogCommand, policy: str, grant: str) -> None:
    """Names are typed, shown and compared by people."""
    done = run_catalog("gateway", "--policy", policy, "--grant", grant, "--", "cat")
    assert done.returncode == 2
    assert "name of a grant" in done.stderr


def test_a_database_that_cannot_be_used_is_told_before_the_server_starts(
    run_catalog: CatalogCommand, policy: str, tmp_path: Path
) -> None:
    """Policy page: store unreachable is a deny."""
    (tmp_path / "broken").write_text("this is no database" * 100)
    done = run_catalog(
        "gateway", "--policy", policy, "--db", f"sqlite:///{tmp_path}/broken", "--", "touch", "started"
    )
    assert done.returncode == 1
    assert "broken" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "started").exists()


def test_the_servers_words_are_its_own(run_catalog: CatalogCommand, policy: str) -> None:
    """What stands after -- is no option of ours."""
    done = run_catalog(
        "gateway", "--policy", policy, "--", "sh", "-c", "echo $0 >&2; cat >/dev/null", "--help"
    )
    assert done.returncode == 0
    assert done.stdout == ""
    assert "--help" in done.stderr


def test_the_help_shows_an_example_to_copy(run_catalog: CatalogCommand) -> None:
    """Product: help that can be copied."""
    done = run_catalog("gateway", "--help")
    assert done.returncode == 0
    assert (
        "catalog gateway --policy policy.json -- uvx --python 3.12 --with 'mcp<2' workflows-mcp"
        in done.stdout
    )
