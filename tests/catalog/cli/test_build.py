"""`catalog build`: a choice of servers, what stays, and everything anew (site.md, "Build")."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

CatalogCommand = Callable[..., CompletedProcess[str]]


@pytest.fixture
def filled(run_catalog: CatalogCommand, tmp_path: Path) -> Path:
    """A folder with three servers in the catalogue."""
    for name in ("alpha", "beta", "gamma"):
        path = tmp_path / f"{name}.json"
        tools = [
            {"name": "list_jobs", "description": "Lists jobs."},
            {"name": "delete_job", "description": "Deletes a job."},
        ]
        path.write_text(json.dumps({"tools": tools}), encoding="utf-8")
        assert run_catalog("classify", str(path)).returncode == 0
    return tmp_path


def folders(site: Path) -> list[str]:
    return sorted(path.name for path in (site / "tools").iterdir() if path.is_dir())


def test_a_second_build_writes_nothing_and_a_fresh_one_finds_nothing_different(
    start_catalog: CatalogCommand, filled: Path
) -> None:
    out = str(filled / "site")
    first = start_catalog("build", "--out", out)
    assert first.returncode == 0, first.stderr
    assert ", 0 unchanged, 0 removed" in first.stderr
    for flags in ((), ("--fresh",)):
        again = start_catalog("build", "--out", out, *flags)
        assert "0 pages written" in again.stderr


def test_only_and_a_limit_choose_servers(run_catalog: CatalogCommand, filled: Path) -> None:
    site = filled / "site"
    run_catalog("build", "--out", str(site), "--only", "beta", "--only", "gamma")
    assert folders(site) == ["beta", "gamma"]
    run_catalog("build", "--out", str(site), "--limit-servers", "1")
    assert folders(site) == ["alpha"]


def test_a_server_that_nobody_knows_is_one_clear_error(run_catalog: CatalogCommand, filled: Path) -> None:
    done = run_catalog("build", "--out", str(filled / "site"), "--only", "delta")
    assert done.returncode == 2
    assert "knows no server delta" in done.stderr
    assert not (filled / "site").exists()
