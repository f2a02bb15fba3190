"""The attacks that ship: site.md, "Attacks", and the policies they show, judged as the gateway judges."""

from __future__ import annotations

import json
from datetime import date

import pytest

from catalog.attacks import lint, read_attacks
from catalog.attacks.attack import OWASP
from catalog.attacks.lint import judged, redacted
from catalog.gateway.message import Kind, Message
from catalog.gateway.results import ruled
from catalog.policy.decision import Verdict
from catalog.policy.grammar import parse

ATTACKS = read_attacks()
CALLS = [(attack, claim) for attack in ATTACKS for claim in attack.policy.calls]


def test_the_files_have_no_problem() -> None:
    assert [str(problem) for problem in lint()] == []


def test_the_thirteen_of_the_design_are_there() -> None:
    """site.md, "Other pages"."""
    assert {attack.id for attack in ATTACKS} >= {
        "destructive-action-autonomy", "runaway-tool-loop", "tool-poisoning", "rug-pull", "token-mis-redemption",
        "confused-deputy", "prompt-injection-through-tool-results", "indirect-prompt-injection",
        "data-exfiltration-by-tool-chaining", "credential-leak-through-errors", "compromised-package", "typosquatting",
        "command-injection-in-a-server",
    }  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.id)
def test_each_attack_names_a_dated_incident_and_what_its_policy_leaves(attack) -> None:
    assert all(one.day > date(2017, 1, 1) and one.reference and one.text for one in attack.incidents)
    assert attack.detect
    assert attack.leaves
    assert set(attack.owasp) <= set(OWASP)


@pytest.mark.parametrize(
    ("attack", "claim"), CALLS, ids=lambda one: getattr(one, "id", getattr(one, "tool", ""))
)
def test_a_policy_decides_as_its_page_claims(attack, claim) -> None:
    decision = judged(parse(attack.policy.document, attack.id), claim)
    assert decision.verdict is claim.expect
    if claim.answer is not None:
        assert redacted(decision, claim.answer) == claim.shown != claim.answer


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.id)
def test_a_policy_lets_the_honest_call_pass_or_wait_and_stops_another(attack) -> None:
    verdicts = {claim.expect for claim in attack.policy.calls}
    assert verdicts & {Verdict.ALLOW, Verdict.APPROVE}
    assert verdicts & {Verdict.DENY, Verdict.HIDE, Verdict.APPROVE}


@pytest.mark.parametrize("claim", [claim for _, claim in CALLS if claim.answer], ids=lambda claim: claim.tool)
def test_the_gateway_blacks_out_what_the_page_says(claim) -> None:
    attack = next(attack for attack, one in CALLS if one is claim)
    rule = judged(parse(attack.policy.document, attack.id), claim).results
    answer = Message(Kind.RESPONSE, {"result": {"content": [{"type": "text", "text": claim.answer}]}}, 1)
    shown, note = ruled(answer, rule)
    assert note == "redacted"
    assert claim.shown in json.loads(json.dumps(shown.body))["result"]["content"][0]["text"]
