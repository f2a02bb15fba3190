"""What a terminal of 80 columns shows: whole words beside each other, and help that says only what helps."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from subprocess import CompletedProcess

import pytest

CatalogCommand = Callable[..., CompletedProcess[str]]
COLUMNS = 80
DOUBTFUL = {"name": "sync_thing", "description": "Synchronises."}


@pytest.fixture
def narrow(run_catalog: CatalogCommand, start_catalog: CatalogCommand, tmp_path: Path) -> CatalogCommand:
    """The command in a terminal of 80 columns, with two servers in the catalogue."""
    for server in ("a-server-with-a-rather-long-name", "jobs"):
        tools = [{"name": "cancel_the_job_that_runs", "description": f"Ends a job of {server}."}, DOUBTFUL]
        (tmp_path / f"{server}.json").write_text(json.dumps({"tools": tools}), encoding="utf-8")
        assert run_catalog("classify", f"{server}.json").returncode == 0
    return partial(start_catalog, COLUMNS=str(COLUMNS))


def words(text: str) -> set[str]:
    return set(text.split())


def test_a_crawl_tells_each_remark_in_whole_words(narrow: CatalogCommand) -> None:
    done = narrow("crawl", "jobs.json", "http://127.0.0.1:9/mcp", "--fresh")
    assert "unreachable" in words(done.stdout)
    assert "check" in words(done.stdout)
    assert all(len(line) <= COLUMNS for line in done.stdout.splitlines())


def test_the_queue_of_doubts_shows_a_command_in_whole_words(narrow: CatalogCommand) -> None:
    done = narrow("review")
    assert {"catalog", "override", "a-server-with-a-rather-long-name/sync_thing"} <= words(done.stdout)


def test_a_search_over_all_servers_names_the_server_of_a_lone_hit(narrow: CatalogCommand) -> None:
    assert "jobs/cancel_the_job_that_runs" in words(narrow("search", "job of jobs").stdout)
    assert "jobs/cancel_the_job_that_runs" not in words(narrow("search", "cancel", "--server", "jobs").stdout)


@pytest.mark.parametrize("command", ["crawl", "search", "policy export", "gateway", "labels check"])
def test_help_says_no_type_of_a_switch_or_an_argument(run_catalog: CatalogCommand, command: str) -> None:
    shown = run_catalog(*command.split(), "--help").stdout
    assert "--help" in shown
    for noise in ("<bool>", "<list[str]>", "<str>", "<path>"):
        assert noise not in shown.partition("Options")[0]
    assert "<bool>" not in shown


def test_a_wrong_choice_is_named_without_the_words_of_a_library(run_catalog: CatalogCommand) -> None:
    done = run_catalog("search", "x", "--level", "nope")
    assert done.returncode == 2
    assert "'nope' is not one of 'low'" in " ".join(done.stderr.replace("│", " ").split())
    assert "Value error" not in done.stderr
