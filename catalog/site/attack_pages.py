"""The pages about documented attacks: a list, and one for each with the policy that stops it."""

from __future__ import annotations

import json
from dataclasses import asdict
from heapq import nsmallest
from typing import TYPE_CHECKING, Final

from catalog.attacks import read_attacks
from catalog.attacks.attack import OWASP
from catalog.policy.decision import Verdict
from catalog.public import to_json
from catalog.site.attack_cards import incident_line, tallies
from catalog.site.language import figure, listed, number, sentence
from catalog.site.made import File, Page
from catalog.site.reference_views import (
    AttackEntryView,
    AttacksView,
    AttackView,
    DecisionView,
    IncidentView,
    NeedView,
)
from catalog.site.rows import day, riskiest_rows
from catalog.site.views import PageView
from catalog.site.words import MODIFIERS
from classifier.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catalog.attacks import Attack, Claim, Incident, Match
    from catalog.site.attack_cards import Tally
    from catalog.site.made import Made, Whole

TOOLS: Final = 20  # named on the page of an attack, each on another server
_DECISION: Final = {
    Verdict.ALLOW: "passes",
    Verdict.DENY: "is refused",
    Verdict.HIDE: "is refused, and the tool is not shown",
    Verdict.APPROVE: "waits for a person",
}
_RULE_TITLE: Final = {rule.id: rule.title for rule in RULES}


def attacks(whole: Whole) -> Iterator[Made]:
    """The list, then page and twin of each attack."""
    found, known = tallies(whole), read_attacks()
    about = PageView(
        "Attacks",
        f"{figure(len(known), 'documented attack')} on agents and their tools",
        "../",
        section="attacks",
    )
    yield Page("attacks/index.html", "attacks", about, _list(known, found))
    for attack in known:
        about = PageView(attack.title, attack.summary, "../", twin=f"{attack.id}.json", section="attacks")
        yield Page(f"attacks/{attack.id}.html", "attack", about, attack_view(attack, found[attack.id], whole))
        yield File(f"attacks/{attack.id}.json", _twin(attack))


def _list(known: tuple[Attack, ...], found: dict[str, Tally]) -> AttacksView:
    return AttacksView(
        entries=tuple(
            AttackEntryView(
                attack.title,
                f"{attack.id}.html",
                attack.summary,
                incident_line(attack),
                figure(found[attack.id].total, "tool"),
            )
            for attack in known
        ),
        note="The numbers count tools whose definition gives what the attack needs. "
        "That is no accusation: a tool can be well made and still be what an attacker would like to have.",
    )


def attack_view(attack: Attack, tally: Tally, whole: Whole) -> AttackView:
    """Everything on the page of one attack."""
    best = nsmallest(TOOLS, tally.servers, key=lambda one: (-one[0], one[1]))
    rows = riskiest_rows(whole.index.tool(server, slug) for _, server, slug in best)
    return AttackView(
        title=attack.title,
        summary=attack.summary,
        owasp=tuple((f"{key}:2025", OWASP[key]) for key in attack.owasp),
        steps=attack.steps,
        needs=attack.needs,
        kinds=tuple(_need(match) for match in attack.matches),
        incidents=tuple(_incident(one) for one in attack.incidents),
        detect=attack.detect,
        policy=attack.policy.document.rstrip("\n"),
        policy_version=json.loads(attack.policy.document)["version"],
        policy_says=attack.policy.says,
        calls=tuple(_decision(claim) for claim in attack.policy.calls),
        stops=attack.stops,
        leaves=attack.leaves,
        fits=_fits(tally, len(best)),
        tools=rows,
    )


def _fits(tally: Tally, shown: int) -> str:
    servers = len(tally.servers)
    if not servers:
        return "No tool in this catalogue gives what it needs."
    have = "has" if tally.total == 1 else "have"
    text = f"{figure(tally.total, 'tool')} on {figure(servers, 'server')} {have} what it needs"
    if servers == tally.total == shown:
        return sentence(text)
    which = (
        "the riskiest of each" if servers == shown else f"the riskiest of the {number(shown)} with the most"
    )
    return sentence(
        f"{text}; named here is {which}" if servers > 1 else f"{text}; named here is the riskiest"
    )


def _need(match: Match) -> NeedView:
    """Which tools are meant, as far as the catalogue can tell them."""
    kinds = tuple(category.value for category in match.categories or match.effects)
    parts = [
        _one_of("the signal", [MODIFIERS[name][0] for name in match.modifiers]),
        _one_of("the rule", [_RULE_TITLE[name] for name in match.rules]),
        f"a name with a word such as {listed(match.words[:4], 'or')}" if match.words else "",
        "suspicious text in its definition" if match.suspicious else "",
    ]
    having = listed([part for part in parts if part])
    unless = listed([f"“{MODIFIERS[name][0]}”" for name in match.unless], "or")
    words = " ".join(
        part for part in (f"with {having}" if having else "", f"without {unless}" if unless else "") if part
    )
    return NeedView(kinds, words)


def _one_of(noun: str, names: list[str]) -> str:
    return f"{noun} {listed([f'“{name}”' for name in names], 'or')}" if names else ""


def _incident(one: Incident) -> IncidentView:
    return IncidentView(
        one.name, one.text, one.dated, day(one.day), one.day.isoformat(), one.reference, one.url
    )


def _decision(claim: Claim) -> DecisionView:
    arguments = json.dumps(claim.arguments, ensure_ascii=False) if claim.arguments else ""
    return DecisionView(
        claim.words, f"{claim.tool} {arguments}".rstrip(), _DECISION[claim.expect], claim.expect.value, claim.answer or "", claim.shown or "",
    )  # fmt: skip


def _twin(attack: Attack) -> str:
    """The attack as it stands in its file, the policy as JSON."""
    row = asdict(attack)
    for one in row["incidents"]:
        one["day"] = one["day"].isoformat()
    row["policy"]["document"] = json.loads(attack.policy.document)
    return to_json(row, indent=1) + "\n"
