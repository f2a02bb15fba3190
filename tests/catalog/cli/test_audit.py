"""The journal through the command line: shown, verified and replayed (issue 4, point 6)."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from catalog.db.ledger import CallEntry, Ledger, Opened, Outcome, Refused
from catalog.policy.call import Call
from catalog.policy.decide import decide, limited
from catalog.policy.decision import Verdict
from catalog.policy.grammar import parse
from catalog.policy.model import Policy
from classifier.types import ToolDefinition

Run = Callable[..., CompletedProcess[str]]

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
OPEN = json.dumps({"version": "1", "default": "allow"})
JOBS = {
    "tools": [
        {
            "name": "refund",
            "description": "Pays money back.",
            "inputSchema": {
                "type": "object",
                "properties": {"amount": {"type": "number"}},
                "required": ["amount"],
            },
        },
        {"name": "list_jobs", "description": "Lists jobs."},
    ]
}


class Gate:
    """What a gateway does with a call, without a server: judge, count, write down, end."""

    def __init__(self, url: str) -> None:
        self.time = NOON
        self.ledger = Ledger.open(url, clock=lambda: self.time)
        self.ledger.local_grant("local")
        self.policy: Policy = parse(OPEN, "policy.json")

    def call(
        self,
        tool: str = "refund",
        arguments: Mapping[str, Any] | None = None,
        *,
        keep: bool = True,
        after: float = 1,
        outcome: Outcome | None = Outcome.ANSWERED,
        definition: ToolDefinition | None = None,
    ) -> int:
        """Returns the number of the call's line."""
        self.time += timedelta(seconds=after)
        arguments = {"amount": Decimal(5)} if arguments is None else arguments
        known = definition or ToolDefinition("shop", tool)
        decision = decide(self.policy, Call(tool=tool, arguments=arguments, at=self.time, definition=known))
        entry: dict[str, Any] = {
            "at": self.time,
            "gateway": self.ledger.run,
            "server": "shop",
            "grant": "local",
            "tool": tool,
            "arguments_digest": self.ledger.digest(arguments),
            "argument_names": tuple(arguments),
            "policy": self.policy.digest,
            "definition": known.fingerprint,
            "arguments": arguments if keep else None,
        }
        if decision.verdict is Verdict.ALLOW:
            answer = self.ledger.open_call(CallEntry(**entry, decision=decision), decision.reservations)
            if isinstance(answer, Opened):
                if outcome is not None:
                    self.ledger.close_call(answer, outcome)
                return answer.number
            assert isinstance(answer, Refused)
            decision = limited(decision, answer.reservation, answer.retry_after_ms)
        self.ledger.note(CallEntry(**entry, decision=decision))
        return self.ledger.verify().lines


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Gate]:
    made = Gate(f"sqlite:///{tmp_path}/catalogue.sqlite3")
    yield made
    made.ledger.close()


@pytest.fixture
def replay(run_catalog: Run, tmp_path: Path) -> Callable[..., list[dict[str, Any]]]:
    """`catalog audit replay` with a policy given as a document; the rows that it lists."""

    def run(document: dict[str, Any], *options: str) -> list[dict[str, Any]]:
        (tmp_path / "other.json").write_text(json.dumps(document))
        done = run_catalog("audit", "replay", "--policy", "other.json", "--format", "json", *options)
        assert done.returncode == 0, done.stderr
        rows: list[dict[str, Any]] = json.loads(done.stdout)
        return rows

    return run


def edit(tmp_path: Path, statement: str) -> None:
    with sqlite3.connect(tmp_path / "catalogue.sqlite3") as connection:
        connection.execute(statement)


def told(rows: list[dict[str, Any]]) -> list[tuple[int, str, str]]:
    """(line, answer then, answer now or `?`) of each row."""
    return [
        (row["number"], row["was"]["verdict"], row["would_be"]["verdict"] if row["certain"] else "?")
        for row in rows
    ]


# show


def test_the_journal_is_shown_with_answers_and_outcomes(run_catalog: Run, gate: Gate) -> None:
    gate.call()
    gate.policy = parse('{"version": "1", "default": "deny"}', "policy.json")
    gate.call("list_jobs", keep=False)
    gate.policy = parse(OPEN, "policy.json")
    gate.call(outcome=None)
    shown = run_catalog("audit", "show").stdout.splitlines()
    assert ["grant added" in shown[1], "answered" in shown[2], "deny: not_listed" in shown[3], "unknown" in shown[4]] == [True] * 4  # fmt: skip
    assert '{"amount":5}' in shown[2]
    assert "5" not in shown[3].rpartition("not_listed")[2]  # values only where they were kept
    rows = json.loads(run_catalog("audit", "show", "--format", "json").stdout)
    assert [row.get("outcome") for row in rows] == [None, "answered", None, "unknown"]
    assert [row.get("arguments") for row in rows] == [None, {"amount": 5}, None, {"amount": 5}]


@pytest.mark.parametrize(
    ("options", "numbers"),
    [
        (("--tool", "list_jobs"), [4]),
        (("--outcome", "not_sent"), [4]),
        (("--verdict", "allow"), [2, 4]),
        (("--server", "other"), []),
        (("--grant", "local", "--limit", "1"), [4]),
        (("--limit", "2"), [2, 4]),
    ],
)
def test_what_is_shown_can_be_narrowed(
    run_catalog: Run, gate: Gate, options: tuple[str, ...], numbers: list[int]
) -> None:
    gate.call()
    gate.call("list_jobs", outcome=Outcome.NOT_SENT)
    rows = json.loads(run_catalog("audit", "show", "--format", "json", *options).stdout)
    assert [row["number"] for row in rows] == numbers


def test_an_empty_journal_says_so(run_catalog: Run) -> None:
    done = run_catalog("audit", "show")
    assert (done.returncode, done.stdout) == (0, "")
    assert "no call was made yet" in done.stderr


def test_hostile_names_are_shown_and_act_on_nothing(run_catalog: Run, gate: Gate) -> None:
    trick = "a\x1b[2J\u202eb"
    gate.call(trick, {trick: trick})
    gate.call(trick, {trick: trick}, keep=False)
    text = run_catalog("audit", "show").stdout
    assert not any(character in text for character in "\x1b\u202e")
    assert "‹U+202E›" in text


# verify


def test_a_whole_journal_gives_the_line_to_keep(run_catalog: Run, gate: Gate) -> None:
    gate.call()
    done = run_catalog("audit", "verify")
    assert done.returncode == 0
    head = done.stdout.strip()
    assert head == f"3:{gate.ledger.verify().hash}"
    gate.call()
    assert run_catalog("audit", "verify", "--noted", head).returncode == 0


def test_an_edited_line_is_named(run_catalog: Run, gate: Gate, tmp_path: Path) -> None:
    gate.call()
    edit(tmp_path, "UPDATE journal SET body = replace(body, 'refund', 'rebate') WHERE number = 2")
    done = run_catalog("audit", "verify")
    assert done.returncode == 1
    assert "2  its text is not what was written: edited" in done.stdout
    assert "1 problem" in done.stderr
    (row,) = json.loads(run_catalog("audit", "verify", "--format", "json").stdout)
    assert row["problems"] == [{"line": 2, "problem": "its text is not what was written: edited"}]


def test_a_journal_that_was_cut_off_to_fit_is_found_by_the_noted_line(
    run_catalog: Run, gate: Gate, tmp_path: Path
) -> None:
    gate.call()
    head = run_catalog("audit", "verify").stdout.strip()
    edit(tmp_path, "DELETE FROM journal WHERE number > 1")
    edit(tmp_path, "UPDATE journal_head SET lines = 1, hash = (SELECT hash FROM journal)")
    assert run_catalog("audit", "verify").returncode == 0
    assert "cut off" in run_catalog("audit", "verify", "--noted", head).stdout


@pytest.mark.parametrize("noted", ["", "3", "3:abc", f"x:{'0' * 64}", f"3:{'0' * 64}0"])
def test_a_noted_line_that_is_none_is_refused(run_catalog: Run, noted: str) -> None:
    done = run_catalog("audit", "verify", "--noted", noted)
    assert (done.returncode, "is no line's number and hash" in done.stderr) == (2, True)


# replay


def test_the_same_policy_answers_alike(gate: Gate, replay: Callable[..., list[dict[str, Any]]]) -> None:
    limits = [{"counter": "refund_rate", "window": "minute", "max": 2, "scope": "grant"}]
    document = {
        "version": "1",
        "default": "deny",
        "tools": {"refund": {"limits": limits, "deny_if": [{"conditions": [{"path": "args.amount", "op": "gt", "value": 100}]}]}},
    }  # fmt: skip
    gate.policy = parse(json.dumps(document), "policy.json")
    for arguments in ({"amount": 5}, {"amount": 500}, {"amount": 6}, {"amount": 7}):
        gate.call(arguments=arguments)
    gate.call("list_jobs")
    gate.call(after=60)
    assert replay(document) == []


def test_every_call_that_would_be_answered_otherwise_is_listed(
    gate: Gate, replay: Callable[..., list[dict[str, Any]]]
) -> None:
    small, large, jobs = (
        gate.call(),
        gate.call(arguments={"amount": Decimal("100.01")}),
        gate.call("list_jobs"),
    )
    stricter = {
        "version": "1",
        "default": "deny",
        "tools": {
            "refund": {"deny_if": [{"conditions": [{"path": "args.amount", "op": "gt", "value": 100}]}]}
        },
    }
    rows = replay(stricter)
    assert told(rows) == [(large, "allow", "deny"), (jobs, "allow", "deny")]
    assert small not in [row["number"] for row in rows]
    assert [row["would_be"]["rule"] for row in rows] == ["/tools/refund/deny_if/0", "/default"]


def test_limits_are_counted_anew_at_the_journal_s_own_times(
    gate: Gate, replay: Callable[..., list[dict[str, Any]]]
) -> None:
    numbers = [
        gate.call(),
        gate.call(outcome=Outcome.NOT_SENT),
        gate.call(),
        gate.call(),
        gate.call(after=60),
    ]
    limits = [{"counter": "refund_rate", "window": "minute", "max": 2, "scope": "grant"}]
    rows = replay({"version": "1", "default": "allow", "tools": {"refund": {"limits": limits}}})
    assert told(rows) == [
        (numbers[3], "allow", "deny")
    ]  # the second was given back, the fifth has a minute of its own
    assert rows[0]["would_be"]["code"] == "limit"


def test_calls_under_way_are_counted_until_their_end(
    gate: Gate, replay: Callable[..., list[dict[str, Any]]]
) -> None:
    first, second, third = gate.call(), gate.call(outcome=None), gate.call()
    limits = [{"counter": "refund_cap", "concurrent": True, "max": 1}]
    rows = replay({"version": "2", "default": "allow", "tools": {"refund": {"limits": limits}}})
    assert first not in [row["number"] for row in rows]
    assert told(rows) == [(third, "allow", "deny")]
    assert second == 4


def test_where_the_answer_hangs_on_values_that_were_not_kept_the_line_says_so(
    run_catalog: Run, gate: Gate, replay: Callable[..., list[dict[str, Any]]]
) -> None:
    number = gate.call(keep=False)
    gate.call("list_jobs", keep=False)
    looking = {
        "version": "1",
        "default": "allow",
        "tools": {
            "refund": {"require": [{"conditions": [{"path": "args.amount", "op": "lte", "value": 100}]}]}
        },
    }
    rows = replay(looking)
    assert told(rows) == [(number, "allow", "?")]
    assert "values were not kept" in rows[0]["doubt"]
    table = run_catalog("audit", "replay", "--policy", "other.json")
    assert "cannot be told" in table.stdout
    assert "2 calls: 0 would be answered otherwise, 1 alike; for 1 it cannot be told" in table.stderr


def test_what_is_decided_before_the_arguments_needs_no_values(
    gate: Gate, replay: Callable[..., list[dict[str, Any]]]
) -> None:
    number = gate.call(keep=False)
    looking = {"require": [{"conditions": [{"path": "args.amount", "op": "lte", "value": 100}]}]}
    assert told(
        replay({"version": "1", "default": "allow", "hide": ["refund"], "tools": {"refund": looking}})
    ) == [(number, "allow", "hide")]


def test_arguments_are_held_against_the_schema_that_the_catalogue_has(
    run_catalog: Run, gate: Gate, tmp_path: Path, replay: Callable[..., list[dict[str, Any]]]
) -> None:
    (tmp_path / "jobs.json").write_text(json.dumps(JOBS))
    assert run_catalog("classify", "jobs.json").returncode == 0
    refund = ToolDefinition(
        "shop", "refund", description="Pays money back.", input_schema=JOBS["tools"][0]["inputSchema"]
    )
    bad = gate.call(arguments={"amount": "5"}, definition=refund)
    gate.call(definition=refund)
    gate.policy = parse('{"version": "1", "default": "deny"}', "policy.json")
    wrong, right = gate.call(arguments={}, definition=refund), gate.call(definition=refund)
    rows = replay({"version": "1", "default": "allow"})
    assert told(rows) == [(right, "deny", "allow")]
    assert {bad, wrong} & {row["number"] for row in rows} == set()


def test_a_schema_that_nobody_looked_at_leaves_a_doubt(
    gate: Gate, replay: Callable[..., list[dict[str, Any]]]
) -> None:
    gate.policy = parse('{"version": "1", "default": "deny"}', "policy.json")
    number = gate.call(keep=False)
    rows = replay({"version": "1", "default": "allow"})
    assert told(rows) == [(number, "deny", "?")]
    assert "schema" in rows[0]["doubt"]


def test_a_pin_is_judged_by_the_fingerprint_that_was_written_down(
    gate: Gate, replay: Callable[..., list[dict[str, Any]]]
) -> None:
    first = gate.call(keep=False)
    changed = gate.call(keep=False, definition=ToolDefinition("shop", "refund", description="Changed."))
    pinned = ToolDefinition("shop", "refund").fingerprint
    rows = replay({"version": "2", "default": "allow", "pin": {"refund": pinned}})
    assert told(rows) == [(changed, "allow", "deny")]
    assert rows[0]["would_be"]["code"] == "drift"
    assert first == 2


def test_a_policy_that_cannot_be_read_is_named(run_catalog: Run, tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text('{"version": "1", "default": "maybe"}')
    for name in ("bad.json", "missing.json"):
        done = run_catalog("audit", "replay", "--policy", name)
        assert (done.returncode, name in done.stderr) == (2, True)
