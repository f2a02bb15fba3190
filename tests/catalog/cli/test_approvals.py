"""Approvals through the command line (policy page: "the approver sees all arguments")."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from catalog.db.ledger import ApprovalRequest, ApprovalState, Ledger

Run = Callable[..., CompletedProcess[str]]


def request(**fields: Any) -> ApprovalRequest:
    known: dict[str, Any] = {
        "server": "shop",
        "grant": "agent",
        "tool": "refund",
        "arguments": {"amount": Decimal("10.50"), "to": "ada"},
        "policy": "f" * 64,
        "reason": "refunds wait for a person",
    }
    return ApprovalRequest(**{**known, **fields})


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """The ledger of the database that the command uses."""
    with Ledger.open(f"sqlite:///{tmp_path}/catalogue.sqlite3") as opened:
        yield opened


def test_a_call_waits_is_approved_and_passes_once(run_catalog: Run, ledger: Ledger) -> None:
    asked = ledger.ask(request())
    shown = run_catalog("approvals", "list")
    assert asked.id in shown.stdout
    assert "refund of shop, for the grant agent" in shown.stdout
    assert '{"amount":10.50,"to":"ada"}' in shown.stdout
    assert "refunds wait for a person" in shown.stdout
    done = run_catalog("approvals", "approve", asked.id, "--by", "ada", "--reason", "ticket 311")
    assert (done.returncode, done.stdout) == (0, "approved\n")
    assert 'refund of shop, for the grant agent with {"amount":10.50,"to":"ada"}' in done.stderr
    assert "approved" not in done.stderr  # it is said once, where programs read it
    assert "passes once, until" in done.stderr
    assert ledger.claim(request()) is not None
    assert ledger.claim(request()) is None


def test_a_refused_call_does_not_pass(run_catalog: Run, ledger: Ledger) -> None:
    asked = ledger.ask(request())
    assert run_catalog("approvals", "deny", asked.id).stdout == "denied\n"
    assert ledger.claim(request()) is None
    assert run_catalog("approvals", "list").stderr.strip() == "no call waits for a person"


def test_all_that_waited_is_listed_for_programs(run_catalog: Run, ledger: Ledger) -> None:
    first, second = ledger.ask(request()), ledger.ask(request(tool="pay", four_eyes=True))
    run_catalog("approvals", "approve", first.id, "--by", "ada", "--reason", "due")
    run_catalog("approvals", "approve", second.id, "--by", "ada")
    rows = json.loads(run_catalog("approvals", "list", "--all", "--format", "json").stdout)
    assert [(row["id"], row["state"], row["four_eyes"]) for row in rows] == [
        (first.id, "approved", False),
        (second.id, "pending", True),
    ]
    assert rows[0]["arguments"] is None
    assert rows[0]["answers"] == [{"by": "ada", "approve": True, "reason": "due"}]
    assert rows[1]["arguments"] == {"amount": 10.5, "to": "ada"}
    assert rows[1]["arguments_text"] == '{"amount":10.50,"to":"ada"}'
    waiting = run_catalog("approvals", "list", "--format", "jsonl").stdout.splitlines()
    assert [json.loads(line)["id"] for line in waiting] == [second.id]


def test_a_number_that_a_program_would_round_is_given_as_text(run_catalog: Run, ledger: Ledger) -> None:
    exact = "0.1000000000000000055511151231257827"
    ledger.ask(request(arguments={"amount": Decimal(exact), "half": Decimal("0.5")}))
    (row,) = json.loads(run_catalog("approvals", "list", "--format", "json").stdout)
    assert row["arguments"] == {"amount": exact, "half": 0.5}
    assert exact in run_catalog("approvals", "list").stdout


def test_four_eyes_need_a_second_person(run_catalog: Run, ledger: Ledger) -> None:
    asked = ledger.ask(request(four_eyes=True))
    first = run_catalog("approvals", "approve", asked.id, "--by", "ada")
    assert (first.returncode, first.stdout) == (0, "pending\n")
    assert "a second person" in first.stderr
    again = run_catalog("approvals", "approve", asked.id, "--by", "Ada")
    assert (again.returncode, again.stdout) == (2, "")
    assert "four eyes are two people" in again.stderr
    assert run_catalog("approvals", "approve", asked.id, "--by", "grace").stdout == "approved\n"


def test_nobody_answers_for_a_grant_of_their_own_name(run_catalog: Run, ledger: Ledger) -> None:
    asked = ledger.ask(request())
    refused = run_catalog("approvals", "approve", asked.id, "--by", "agent")
    assert (refused.returncode, "asks itself" in refused.stderr) == (2, True)
    assert ledger.approvals(ApprovalState.PENDING) != []


def test_hostile_text_is_shown_and_acts_on_nothing(run_catalog: Run, ledger: Ledger) -> None:
    # A name or an argument must not clear the screen, hide its end, or pass for another column.
    trick = "a\x1b[2J\u202eb\u200b\n  why  all is well [red]x[/]"
    asked = ledger.ask(request(tool=trick, server=trick, arguments={trick: trick}, reason=trick))
    for done in (
        run_catalog("approvals", "list"),
        run_catalog("approvals", "approve", asked.id, "--by", "ada"),
    ):
        text = done.stdout + done.stderr
        assert not any(character in text for character in "\x1b\u202e\u200b")
        assert "‹U+202E›" in text
        assert "\\u202e" in text  # inside the arguments' JSON
        assert "[red]x[/]" in text
        assert not [line for line in text.splitlines() if line.startswith("  why  all")]
    csv = run_catalog("approvals", "list", "--all", "--format", "csv").stdout
    assert "\x1b" not in csv


def test_an_id_that_is_not_there_is_named_with_the_next_step(run_catalog: Run) -> None:
    done = run_catalog("approvals", "approve", "nope")
    assert (done.returncode, done.stdout) == (2, "")
    assert "no approval has the id 'nope'" in done.stderr
    assert "next: catalog approvals list" in done.stderr


def test_an_answered_question_says_how_it_stands(run_catalog: Run, ledger: Ledger) -> None:
    asked = ledger.ask(request())
    run_catalog("approvals", "deny", asked.id)
    again = run_catalog("approvals", "approve", asked.id)
    assert (again.returncode, f"approval {asked.id} is denied already" in again.stderr) == (2, True)
