"""Approvals: exact, used once, expiring, never one's own (policy page: "approval is bound to grant + tool + …")."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text

from catalog.db.approvals import LASTS, MAX_WAITING
from catalog.db.ledger import ApprovalState
from catalog.errors import DatabaseError, UnknownTarget, UsageError

PAY = {"to": "ada", "amount": Decimal("10.50")}


def approved(ledger, request, by="ada"):
    return ledger.answer(ledger.ask(request).id, approve=True, by=by)


def stored(ledger):
    with ledger._engine.connect() as connection:
        return connection.execute(text("SELECT arguments FROM approvals")).scalars().all()


def test_the_same_call_passes_once_after_its_approval(ledger, calls):
    request = calls.request(arguments=PAY)
    assert ledger.claim(request) is None
    asked = ledger.ask(request)
    assert ledger.claim(request) is None
    ledger.answer(asked.id, approve=True, by="ada", reason="it is due")
    assert ledger.claim(request).id == asked.id
    assert ledger.claim(request) is None
    assert ledger.ask(request).id != asked.id


@pytest.mark.parametrize(
    "other",
    [
        {"arguments": {**PAY, "amount": Decimal("10.5")}},
        {"arguments": {**PAY, "amount": "10.50"}},
        {"arguments": {**PAY, "note": None}},
        {"arguments": {}},
        {"grant": "other"},
        {"tool": "Refund"},
        {"server": "shop2"},
        {"policy": "e" * 64},
        {"definition": "d" * 64},
    ],
    ids=str,
)
def test_an_approval_is_good_for_nothing_but_the_exact_call(ledger, calls, other):
    # Bypass corpus: "replay of … an approval by another grant; swapped arguments".
    approved(ledger, calls.request(arguments=PAY))
    assert ledger.claim(calls.request(**{"arguments": PAY, **other})) is None
    assert ledger.claim(calls.request(arguments=dict(reversed(PAY.items())))) is not None


def test_a_question_that_stands_is_not_asked_again(ledger, calls):
    first = ledger.ask(calls.request())
    assert ledger.ask(calls.request()) == first
    ledger.answer(first.id, approve=True, by="ada")
    assert (ledger.ask(calls.request()).id, ledger.ask(calls.request()).state) == (
        first.id,
        ApprovalState.APPROVED,
    )
    assert len(ledger.approvals()) == 1


def test_a_refusal_holds_against_the_same_call_until_its_time_is_over(ledger, calls, hands):
    first = ledger.ask(calls.request())
    ledger.answer(first.id, approve=False, by="ada", reason="no")
    again = ledger.ask(calls.request())
    assert (again.id, again.state) == (first.id, ApprovalState.DENIED)
    assert ledger.claim(calls.request()) is None
    hands.move(LASTS.total_seconds())
    assert ledger.ask(calls.request()).state is ApprovalState.PENDING


def test_a_question_and_an_approval_expire(ledger, calls, hands):
    asked = ledger.ask(calls.request())
    hands.move(LASTS.total_seconds())
    with pytest.raises(UsageError, match="is expired already"):
        ledger.answer(asked.id, approve=True, by="ada")
    approved(ledger, calls.request())
    hands.move(LASTS.total_seconds() - 1)
    assert ledger.claim(calls.request(tool="x")) is None
    hands.move(1)
    assert ledger.claim(calls.request()) is None
    assert [it.state for it in ledger.approvals()] == [ApprovalState.EXPIRED] * 2


def test_an_approval_lasts_from_its_answer(ledger, calls, hands):
    asked = ledger.ask(calls.request(lasts=timedelta(minutes=10)))
    hands.move(590)
    ledger.answer(asked.id, approve=True, by="ada")
    hands.move(590)
    assert ledger.claim(calls.request()) is not None


def test_a_clock_that_steps_back_brings_nothing_back(ledger, calls, hands):
    approved(ledger, calls.request())
    hands.move(LASTS.total_seconds())
    ledger.grant("somebody")  # any gateway's line tells the time
    hands.move(-LASTS.total_seconds())
    assert ledger.claim(calls.request()) is None


def test_the_approver_sees_all_arguments_exactly(ledger, calls):
    # Policy page: "The approver sees all arguments."
    arguments = {
        "text": "\u202e\ud800\x00",
        "n": Decimal("0.10"),
        "big": 10**30,
        "deep": {"list": [1, [None, True]]},
    }
    ledger.ask(calls.request(arguments=arguments))
    (shown,) = ledger.approvals(ApprovalState.PENDING)
    assert shown.arguments == arguments
    assert str(shown.arguments["n"]) == "0.10"


def test_arguments_are_kept_no_longer_than_the_question_stands(ledger, calls, hands):
    for number, approve in ((1, True), (2, False)):
        asked = ledger.ask(calls.request(arguments={"secret": number}))
        assert ledger.answer(asked.id, approve=approve, by="ada").arguments is None
    ledger.ask(calls.request(arguments={"secret": 3}))
    assert stored(ledger).count(None) == 2
    hands.move(LASTS.total_seconds())
    ledger.approvals()
    assert stored(ledger) == [None] * 3


@pytest.mark.parametrize("by", ["agent", "Agent", " agent ", "ａｇｅｎｔ"])
def test_nobody_approves_for_a_grant_of_their_own_name(ledger, calls, by):
    asked = ledger.ask(calls.request(grant="agent"))
    with pytest.raises(UsageError, match="asks itself"):
        ledger.answer(asked.id, approve=True, by=by)
    assert ledger.answer(asked.id, approve=False, by=by).state is ApprovalState.DENIED


def test_who_answers_must_have_a_name(ledger, calls):
    with pytest.raises(UsageError, match="no name"):
        approved(ledger, calls.request(), by="  ")


def test_four_eyes_are_two_people(ledger, calls):
    request = calls.request(four_eyes=True)
    asked = ledger.ask(request)
    first = ledger.answer(asked.id, approve=True, by="Ada")
    assert (first.state, first.arguments) == (ApprovalState.PENDING, request.arguments)
    assert ledger.claim(request) is None
    with pytest.raises(UsageError, match="two people"):
        ledger.answer(asked.id, approve=True, by="ada ")
    with pytest.raises(UsageError, match="asks itself"):
        ledger.answer(asked.id, approve=True, by="local")
    assert ledger.answer(asked.id, approve=True, by="Grace").state is ApprovalState.APPROVED
    assert [answer.by for answer in ledger.claim(request).answers] == ["Ada", "Grace"]


def test_one_of_four_eyes_is_enough_to_refuse(ledger, calls):
    asked = ledger.ask(calls.request(four_eyes=True))
    ledger.answer(asked.id, approve=True, by="Ada")
    assert ledger.answer(asked.id, approve=False, by="Grace").state is ApprovalState.DENIED
    assert ledger.claim(calls.request(four_eyes=True)) is None


def test_an_approval_can_be_taken_back_until_it_is_used(ledger, calls):
    asked = approved(ledger, calls.request())
    ledger.answer(asked.id, approve=False, by="grace")
    assert ledger.claim(calls.request()) is None
    again = approved(ledger, calls.request(tool="other"))
    ledger.claim(calls.request(tool="other"))
    with pytest.raises(UsageError, match="is used already"):
        ledger.answer(again.id, approve=False, by="grace")


def test_an_answered_question_is_not_answered_again(ledger, calls):
    asked = ledger.ask(calls.request())
    ledger.answer(asked.id, approve=False, by="ada")
    with pytest.raises(UsageError, match="is denied already"):
        ledger.answer(asked.id, approve=True, by="grace")


def test_an_unknown_id_is_named_with_the_next_step(ledger):
    with pytest.raises(UnknownTarget, match="no approval has the id") as refused:
        ledger.answer("\u202enope", approve=True, by="ada")
    assert refused.value.hint == "catalog approvals list"


def test_an_agent_cannot_fill_the_database_with_questions(ledger, calls):
    for number in range(MAX_WAITING):
        ledger.ask(calls.request(arguments={"n": number}))
    with pytest.raises(DatabaseError, match="wait for an answer already"):
        ledger.ask(calls.request(arguments={"n": MAX_WAITING}))
    assert ledger.ask(calls.request(arguments={"n": 0})).state is ApprovalState.PENDING
    assert ledger.ask(calls.request(grant="other", arguments={})).state is ApprovalState.PENDING


def test_one_approval_is_used_by_one_of_many_who_claim_it_at_once(open_ledger, ledger, calls):
    # Bypass corpus: "expired or double-used approval".
    approved(ledger, calls.request())
    gateways = [open_ledger() for _ in range(3)]
    with ThreadPoolExecutor(12) as threads:
        claims = list(threads.map(lambda number: gateways[number % 3].claim(calls.request()), range(24)))
    assert sum(claim is not None for claim in claims) == 1


def test_one_call_asked_for_by_many_at_once_is_one_question(open_ledger, ledger, calls):
    gateways = [open_ledger() for _ in range(3)]
    with ThreadPoolExecutor(12) as threads:
        asked = set(threads.map(lambda number: gateways[number % 3].ask(calls.request()).id, range(24)))
    assert len(asked) == len(ledger.approvals()) == 1


def test_another_process_computes_the_same_digest(ledger, url):
    # The key of the hashes lies in the database; with another one no gateway would find another's approvals.
    program = "import sys; from catalog.db.ledger import Ledger; sys.stdout.write(Ledger.open(sys.argv[1]).digest({'n': 1}))"
    done = subprocess.run([sys.executable, "-c", program, url], capture_output=True, text=True, check=True)
    assert done.stdout == ledger.digest({"n": 1})
