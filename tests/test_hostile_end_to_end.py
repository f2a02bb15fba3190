"""Hostile servers through the whole path: terminal, database, policy, site and disk stay unharmed."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

pytestmark = pytest.mark.long

CatalogCommand = Callable[..., CompletedProcess[str]]
SERVER = Path(__file__).parent / "hostile" / "server.py"

# Everything that would act on a terminal, apart from the line end.
ACTIVE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]")


def classify(run_catalog: CatalogCommand, mode: str, *options: str) -> CompletedProcess[str]:
    return run_catalog("classify", "--timeout", "4", *options, "--", sys.executable, str(SERVER), mode)


@pytest.mark.parametrize(
    ("mode", "outcome"),
    [
        ("hang", "timeout"),
        ("flood-line", "refused limits"),
        ("flood-notifications", "refused limits"),
        ("loop-cursor", "refused limits"),
        ("endless-pages", "refused limits"),
        ("broken-json", "protocol error"),
        ("many-tools", "refused limits"),
        ("long-line", "refused limits"),
        ("deep", "protocol error"),
        ("half-answer", "start failed|protocol error"),
        ("die-with-children", "start failed|protocol error"),
        ("unauthorised", "needs credentials"),
    ],
)
def test_each_kind_of_hostility_ends_with_an_outcome_and_exit_code_three(
    run_catalog: CatalogCommand, mode: str, outcome: str
) -> None:
    """Outcomes of the crawling design; exit code 3 is nothing collected."""
    done = classify(run_catalog, mode)
    assert done.returncode == 3, done.stderr
    assert re.search(outcome, done.stderr), done.stderr
    assert "Traceback" not in done.stderr
    assert not ACTIVE.search(done.stdout + done.stderr)


def test_tricks_in_names_harm_neither_terminal_nor_policy_nor_site(
    run_catalog: CatalogCommand, tmp_path: Path
) -> None:
    """Markup, ANSI, bidi overrides, NUL and path tricks in names (architecture: untrusted text)."""
    done = classify(run_catalog, "tricks")
    assert done.returncode == 0, done.stderr
    assert not ACTIVE.search(done.stdout + done.stderr)
    (server,) = {row["server"] for row in json.loads(run_catalog("search", "--format", "json").stdout)}
    for arguments in (
        ("show", server),
        ("search", "delete"),
        ("policy", "export", server, "-o", "policy.json"),
    ):
        shown = run_catalog(*arguments)
        assert shown.returncode == 0, shown.stderr
        assert not ACTIVE.search(shown.stdout + shown.stderr)
    assert run_catalog("policy", "check", "policy.json", "--server", server).returncode == 0
    assert run_catalog("build", "--out", "site").returncode == 0
    assert not [path for path in tmp_path.rglob("*") if path.name in ("passwd", "evil.html")]
    assert {path.name for path in tmp_path.iterdir()} <= {"site", ".site.catalog", "policy.json"} | {
        f"catalogue.sqlite3{end}" for end in ("", "-wal", "-shm")
    }
    for page in (tmp_path / "site").rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert not ACTIVE.search(text), page
        assert not re.search(r"<script(?![^>]*\bsrc=)", text), page
        assert "onerror=" not in re.sub(r"&[a-z#0-9]+;", "", re.sub(r">[^<]*<", "><", text)), page


def test_a_description_of_a_megabyte_is_stored_classified_and_shown(run_catalog: CatalogCommand) -> None:
    """The size limit of one text is one MiB; what is shorter goes through all of it."""
    done = classify(run_catalog, "long-description", "--format", "jsonl")
    assert done.returncode == 0, done.stderr
    row = json.loads(done.stdout)
    assert all(len(evidence["excerpt"]) <= 200 for evidence in row["evidence"])
    assert run_catalog("build", "--out", "site").returncode == 0
