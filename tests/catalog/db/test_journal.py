"""The journal is only added to, and shows what was done to it (policy page: "audit: append-only, hash-chained")."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from sqlalchemy import text

from catalog.db.audit import Problem
from catalog.db.journal import MAX_NAME, MAX_NAMES, NO_LINE, Kind, line_hash
from catalog.db.ledger import Outcome
from catalog.errors import DatabaseError
from catalog.policy.decision import Code, Verdict


def fill(ledger, calls, count=4):
    """After the grant's line: pairs of a call and its outcome; the last number is 2 × count + 1."""
    for _ in range(count):
        ledger.close_call(ledger.open_call(calls.entry(ledger), []), Outcome.ANSWERED)
    return ledger


def tamper(ledger, *statements):
    with ledger._engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


def found(ledger, noted=None):
    return [
        (problem.number, problem.what.split(":")[-1].strip()) for problem in ledger.verify(noted).problems
    ]


def test_a_call_is_written_down_without_values_and_reads_back(ledger, calls):
    entry = calls.entry(
        ledger, arguments={"card": "4111", "amount": Decimal("1.50")}, session="the-session-id"
    )
    ledger.close_call(ledger.open_call(entry, []), Outcome.FAILED, "said no")
    line = list(ledger.journal(endings=False))[-1]
    assert (line.kind, line.at, line.outcome, line.note) == (Kind.CALL, entry.at, Outcome.FAILED, "said no")
    assert line.facts["argument_names"] == ["card", "amount"]
    assert line.facts["arguments_digest"] == ledger.digest({"amount": Decimal("1.50"), "card": "4111"})
    assert line.facts["matched"] == [{"rule": "/tools/refund", "effect": "allow", "shadow": False}]
    with ledger._engine.connect() as connection:
        stored = "".join(connection.execute(text("SELECT body FROM journal")).scalars())
    # neither values, nor the id that would open the session, nor a reason that may repeat a value
    assert not any(secret in stored for secret in ("4111", "1.5", "the-session-id", "a secret"))


def test_values_are_kept_when_asked_for_and_keep_every_digit(ledger, calls):
    arguments = {
        "amount": Decimal("0.10"),
        "big": 10**40,
        "text": "\u202e\ud800\x00é",
        "list": [None, True, {}],
    }
    ledger.open_call(calls.entry(ledger, arguments=arguments, keep=True), [])
    (line,) = ledger.journal(last=1)
    assert line.facts["arguments"] == arguments
    assert str(line.facts["arguments"]["amount"]) == "0.10"


def test_a_call_that_was_not_forwarded_has_no_outcome(ledger, calls):
    ledger.note(calls.entry(ledger, decision=calls.decision(Verdict.DENY, Code.DENY_IF)))
    (line,) = ledger.journal(last=1)
    assert (line.outcome, line.facts["forwarded"], line.facts["verdict"]) == (None, False, "deny")


def test_a_call_without_a_recorded_end_is_unknown(ledger, calls):
    # Policy page: "an unclear outcome stays counted and is logged as unknown".
    opened = ledger.open_call(calls.entry(ledger), [])
    assert [line.outcome for line in ledger.journal(last=1)] == [Outcome.UNKNOWN]
    ledger.close_call(opened, Outcome.ANSWERED)
    assert [line.outcome for line in ledger.journal(last=1, endings=False)] == [Outcome.ANSWERED]


def test_lines_stay_short_whatever_a_caller_sends(ledger, calls):
    arguments = {f"{number:03}{'n' * 10_000}": 1 for number in range(200)}
    ledger.note(calls.entry(ledger, tool="t" * 100_000, arguments=arguments))
    (line,) = ledger.journal(last=1)
    assert len(line.facts["tool"]) == MAX_NAME
    assert {len(name) for name in line.facts["argument_names"]} == {MAX_NAME}
    assert (len(line.facts["argument_names"]), line.facts["argument_names_left_out"]) == (MAX_NAMES, 150)


def test_the_last_lines_and_those_after_a_number(ledger, calls):
    fill(ledger, calls)
    assert [line.number for line in ledger.journal(last=2)] == [8, 9]
    assert [line.number for line in ledger.journal(after=6)] == [7, 8, 9]
    assert [line.number for line in ledger.journal(last=3, endings=False)] == [4, 6, 8]
    assert [line.number for line in ledger.journal(last=99, endings=False)] == [1, 2, 4, 6, 8]
    assert list(ledger.journal(last=0)) == []


def test_grants_and_approvals_have_their_lines(ledger, calls):
    ledger.grant("agent")
    asked = ledger.ask(calls.request())
    ledger.answer(asked.id, approve=True, by="ada", reason="it is due")
    ledger.claim(calls.request())
    ledger.revoke("agent")
    told = [(line.kind.value, line.facts["event"]) for line in ledger.journal()]
    approval = [("approval", event) for event in ("asked", "approved", "used")]
    assert told == [("grant", "added"), ("grant", "added"), *approval, ("grant", "revoked")]
    said = list(ledger.journal())[3].facts
    assert (said["by"], said["reason"], said["id"]) == ("ada", "it is due", asked.id)


def test_a_whole_chain_has_no_problems_and_its_hashes_can_be_recomputed(ledger, calls):
    fill(ledger, calls)
    checked = ledger.verify()
    assert (checked.lines, checked.problems) == (9, ())
    previous = NO_LINE
    with ledger._engine.connect() as connection:
        for number, body, digest in connection.execute(
            text("SELECT number, body, hash FROM journal ORDER BY number")
        ):
            previous = line_hash(number, previous, body)
            assert previous == digest
    assert checked.hash == previous


def test_a_removed_line_leaves_a_gap(ledger, calls):
    tamper(fill(ledger, calls), "DELETE FROM journal WHERE number = 4")
    assert found(ledger) == [(5, "removed")]


def test_many_removed_lines_leave_one_gap(ledger, calls):
    tamper(fill(ledger, calls), "DELETE FROM journal WHERE number BETWEEN 1 AND 4")
    assert ledger.verify().problems == (Problem(5, "lines 1 to 4 missing before it: removed"),)


def test_a_removed_line_is_found_though_the_rest_was_renumbered(ledger, calls):
    tamper(
        fill(ledger, calls),
        "DELETE FROM journal WHERE number = 9",
        "UPDATE journal_head SET lines = 8, hash = (SELECT hash FROM journal WHERE number = 8)",
        "DELETE FROM journal WHERE number = 7",
        "UPDATE journal SET number = 7 WHERE number = 8",
        "UPDATE journal_head SET lines = 7",
    )
    assert [number for number, _ in found(ledger)][:1] == [7]


def test_an_edited_line_is_found_and_told_once(ledger, calls):
    tamper(
        fill(ledger, calls), "UPDATE journal SET body = replace(body, 'refund', 'rebate') WHERE number = 4"
    )
    assert found(ledger) == [(4, "edited")]


def test_an_edited_line_with_a_hash_of_its_own_no_longer_has_its_successor(ledger, calls):
    fill(ledger, calls)
    with ledger._engine.begin() as connection:
        body, previous = connection.execute(text("SELECT body, previous FROM journal WHERE number = 4")).one()
        forged = body.replace("refund", "rebate")
        values = {"body": forged, "hash": line_hash(4, previous, forged)}
        connection.execute(text("UPDATE journal SET body = :body, hash = :hash WHERE number = 4"), values)
    assert found(ledger) == [(5, "one of the two was replaced or moved")]


def test_two_lines_that_changed_places_are_found(ledger, calls):
    tamper(
        fill(ledger, calls),
        "UPDATE journal SET number = 99 WHERE number = 4",
        "UPDATE journal SET number = 4 WHERE number = 6",
        "UPDATE journal SET number = 6 WHERE number = 99",
    )
    assert {number for number, _ in found(ledger)} >= {4, 6}


def test_an_outcome_that_was_moved_to_another_call_is_found(ledger, calls):
    fill(ledger, calls)
    tamper(
        ledger,
        "UPDATE journal SET call = 98 WHERE number = 3",
        "UPDATE journal SET call = 2 WHERE number = 5",
    )
    assert found(ledger) == [
        (3, "the call that it belongs to was changed"),
        (5, "the call that it belongs to was changed"),
    ]


def test_lines_cut_off_at_the_end_are_found_by_the_kept_head(ledger, calls):
    tamper(fill(ledger, calls), "DELETE FROM journal WHERE number > 6")
    assert found(ledger) == [(6, "cut off")]


def test_a_line_added_by_another_hand_is_found_by_the_kept_head(ledger, calls):
    fill(ledger, calls)
    with ledger._engine.begin() as connection:
        last = connection.execute(text("SELECT hash FROM journal WHERE number = 9")).scalar()
        row = {"number": 10, "body": "{}", "previous": last, "hash": line_hash(10, last, "{}")}
        connection.execute(
            text(
                "INSERT INTO journal (number, body, previous, hash) VALUES (:number, :body, :previous, :hash)"
            ),
            row,
        )
    assert found(ledger) == [(10, "replaced or added")]


def test_only_a_head_that_was_noted_elsewhere_shows_that_all_was_cut_off_consistently(ledger, calls):
    # What the kept head cannot show (module `audit`): whoever writes the database writes the head, too.
    fill(ledger, calls)
    noted = (ledger.verify().lines, ledger.verify().hash)
    tamper(
        ledger,
        "DELETE FROM journal WHERE number > 6",
        "UPDATE journal_head SET lines = 6, hash = (SELECT hash FROM journal WHERE number = 6)",
    )
    assert found(ledger) == []
    assert found(ledger, noted) == [(6, "cut off")]
    fill(ledger, calls)
    assert found(ledger) == []
    assert found(ledger, noted) == [(9, "the journal was written anew")]


def test_a_noted_head_stays_good_while_the_journal_grows(ledger, calls):
    fill(ledger, calls)
    noted = (ledger.verify().lines, ledger.verify().hash)
    assert found(fill(ledger, calls), noted) == []


def test_a_removed_head_is_found_and_nothing_more_is_written(ledger, calls):
    tamper(fill(ledger, calls), "DELETE FROM journal_head")
    assert found(ledger) == [(9, "removed")]
    with pytest.raises(DatabaseError, match="lost its head"):
        ledger.open_call(calls.entry(ledger), [])


def test_an_unreadable_line_names_itself(ledger, calls):
    tamper(fill(ledger, calls), "UPDATE journal SET body = '[' WHERE number = 4")
    with pytest.raises(DatabaseError, match="line 4 of the journal"):
        list(ledger.journal())
    assert found(ledger) == [(4, "edited")]


def test_a_verification_is_not_disturbed_by_a_gateway_that_goes_on(open_ledger, ledger, calls, monkeypatch):
    # One snapshot: what is written meanwhile belongs to the next verification.
    fill(ledger, calls)
    other, lines = open_ledger(), ledger.journal()
    next(lines)
    fill(other, calls)
    assert sum(1 for _ in lines) == 8
    assert ledger.verify().lines == 17


def test_a_line_can_be_checked_without_this_program(ledger, calls):
    # docs: SHA-256 over "number, newline, previous hash, newline, text"
    import hashlib

    fill(ledger, calls, 1)
    with ledger._engine.connect() as connection:
        row = connection.execute(
            text("SELECT number, previous, body, hash FROM journal WHERE number = 2")
        ).one()
    assert hashlib.sha256(f"{row.number}\n{row.previous}\n{row.body}".encode()).hexdigest() == row.hash
    assert json.loads(row.body)["kind"] == "call"
    assert datetime.fromisoformat(json.loads(row.body)["at"]) == datetime(2026, 3, 1, 12, tzinfo=UTC)
