"""Grants through the command line (policy page: "Sessions and grants")."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from catalog.db.ledger import Ledger

Run = Callable[..., CompletedProcess[str]]


def test_a_token_is_printed_once_and_alone_on_standard_output(run_catalog: Run, tmp_path: Path) -> None:
    done = run_catalog("grants", "add", "agent")
    token = done.stdout.strip()
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 1)
    assert token not in done.stderr
    assert token not in run_catalog("grants", "list", "--format", "json").stdout
    with Ledger.open(f"sqlite:///{tmp_path}/catalogue.sqlite3") as ledger:
        grant = ledger.by_token(token)
    assert grant is not None
    assert grant.name == "agent"


def test_grants_are_listed_with_what_became_of_them(run_catalog: Run) -> None:
    assert run_catalog("grants", "list").stderr.strip() == "there are no grants yet: catalog grants add NAME"
    run_catalog("grants", "add", "b", "--expires", "2099-01-31")
    run_catalog("grants", "add", "a")
    assert run_catalog("grants", "revoke", "a").returncode == 0
    rows = [
        json.loads(line) for line in run_catalog("grants", "list", "--format", "jsonl").stdout.splitlines()
    ]
    assert [(row["name"], row["state"], row["token"]) for row in rows] == [
        ("a", "revoked", True),
        ("b", "in force", True),
    ]
    assert rows[1]["expires"] == "2099-02-01T00:00:00+00:00"  # the day that is named is the last one
    table = run_catalog("grants", "list").stdout
    assert "in force" in table
    assert "2099-02-01 00:00:00" in table


def test_a_grant_s_policy_is_read_before_the_grant_is_made(run_catalog: Run, tmp_path: Path) -> None:
    (tmp_path / "own.json").write_text('{"version": "1", "default": "deny"}')
    assert run_catalog("grants", "add", "a", "--policy", "own.json").returncode == 0
    (row,) = json.loads(run_catalog("grants", "list", "--format", "json").stdout)
    assert row["policy"] == str(tmp_path / "own.json")
    (tmp_path / "own.json").write_text('{"version": "1", "default": "maybe"}')
    for file in ("own.json", "missing.json"):
        refused = run_catalog("grants", "add", "b", "--policy", file)
        assert (refused.returncode, refused.stdout) == (2, "")
        assert file in refused.stderr
    assert len(json.loads(run_catalog("grants", "list", "--format", "json").stdout)) == 1


@pytest.mark.parametrize(
    ("arguments", "said", "step"),
    [
        (("add", "a b"), "cannot be the name of a grant", "use 1 to 64 letters"),
        (("add", "agent"), "there is a grant agent already", "catalog grants revoke agent"),
        (("add", "new", "--expires", "soon"), "'soon' is no date", "2027-01-31"),
        (("add", "new", "--expires", "2001-01-01"), "over already", "name a time to come"),
        (("revoke", "agnt"), "there is no grant 'agnt'", "did you mean agent?"),
        (("revoke", "\u202enobody"), "there is no grant", "catalog grants list"),
    ],
)
def test_what_cannot_be_done_is_said_with_the_next_step(
    run_catalog: Run, arguments: tuple[str, ...], said: str, step: str
) -> None:
    run_catalog("grants", "add", "agent")
    done = run_catalog("grants", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert step in done.stderr


def test_a_grant_is_revoked_once(run_catalog: Run) -> None:
    run_catalog("grants", "add", "agent")
    assert run_catalog("grants", "revoke", "agent").returncode == 0
    again = run_catalog("grants", "revoke", "agent")
    assert (again.returncode, "was revoked before" in again.stderr) == (2, True)


def test_an_end_may_be_named_to_the_minute(run_catalog: Run) -> None:
    end = (datetime.now(UTC) + timedelta(hours=1)).replace(second=0, microsecond=0)
    assert run_catalog("grants", "add", "a", "--expires", end.strftime("%Y-%m-%dT%H:%M")).returncode == 0
    (row,) = json.loads(run_catalog("grants", "list", "--format", "json").stdout)
    assert row["expires"] == end.isoformat()
