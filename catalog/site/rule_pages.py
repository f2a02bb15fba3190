"""The pages about the rules: a list, and one for each, made from the rule itself and from what was measured."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from functools import lru_cache
from heapq import nsmallest
from typing import TYPE_CHECKING, Any, Final

from catalog import resources
from catalog.errors import ModelError
from catalog.model import SHIPPED
from catalog.public import to_json
from catalog.site.gather import tool_key, tool_slugs
from catalog.site.language import figure, number, sentence
from catalog.site.made import File, Page
from catalog.site.methodology import share
from catalog.site.reference_views import ExampleView, RuleEntryView, RuleGroupView, RulesView, RuleView
from catalog.site.rows import riskiest_rows
from catalog.site.views import FactView, PageView
from catalog.site.words import ALL_CATEGORIES, DIRECTION_WORD, MODIFIERS
from classifier.rule_statistics import MeasuredRules, StatisticsError, read
from classifier.rules import RULES, RULES_VERSION
from classifier.rules.rule import CERTAIN, DECISIVE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from catalog.records import ServerEntry
    from catalog.site.made import Made, Whole
    from classifier.rule_statistics import RuleStatistics
    from classifier.rules import Example, Rule

KIND: Final = "rules"  # the name under which servers' rules are gleaned
TOOLS: Final = 20  # named on the page of a rule, each on another server
_TIE_BREAK: Final = re.compile(r"\brules? \d|\btie-breaks? \d")
_KNOWN: Final = frozenset(rule.id for rule in RULES)
_EFFECT: Final = {1: "raises the level", -1: "lowers the level", 0: "is noted, and does not move the level"}
_SIGNALS: Final = (
    (1, "Signals that raise the level"), (-1, "Signals that lower the level"), (0, "Signals that are noted"),
)  # fmt: skip
Fired = dict[str, list[tuple[int, str, str]]]  # by rule: number of tools, server, slug of the riskiest


def rule_address(rule: str, root: str) -> str:
    """The page of a rule, "" for what is no rule, such as the model."""
    return f"{root}rules/{rule}.html" if rule in _KNOWN else ""


def glean(entry: ServerEntry) -> dict[str, Any] | None:
    """By rule: on how many tools it fired, and the slug of the riskiest of them."""
    slug_of = tool_slugs(entry.tools)
    found: dict[str, list[Any]] = {}
    for tool in entry.tools:
        for rule in {hit.rule for hit in tool.classification.rule_hits} & _KNOWN:
            found.setdefault(rule, [0, slug_of[tool_key(tool)]])[0] += 1
    return found or None


def rules(whole: Whole) -> Iterator[Made]:
    """The list, then page and twin of each rule."""
    fired, measured = _fired(whole), _measured()
    about = PageView(
        "Rules",
        f"{figure(len(RULES), 'rule')} that argue for a label, each with its reason",
        "../",
        section="methodology",
    )
    yield Page("rules/index.html", "rules", about, _list(fired, measured))
    for rule in RULES:
        about = PageView(rule.title, rule.rationale, "../", twin=f"{rule.id}.json", section="methodology")
        yield Page(f"rules/{rule.id}.html", "rule", about, rule_view(rule, fired[rule.id], measured, whole))
        yield File(f"rules/{rule.id}.json", _twin(rule, fired[rule.id], measured.rules.get(rule.id)))


def _fired(whole: Whole) -> Fired:
    fired: Fired = defaultdict(list)
    for server, gleaned in whole.gleaned(KIND):
        for rule, (count, slug) in gleaned.items():
            fired[rule].append((count, server.name, slug))
    return fired


@lru_cache(maxsize=1)
def _measured() -> MeasuredRules:
    """What was counted when the shipped model was made; nothing where its folder does not tell."""
    try:
        return read(resources.DATA / "models" / SHIPPED)
    except StatisticsError as error:
        raise ModelError(str(error), hint="make the model anew with `catalog train`") from error


def _list(fired: Fired, measured: MeasuredRules) -> RulesView:
    groups = [
        RuleGroupView(
            f"Arguing for {one}",
            one.value,
            _entries((r for r in RULES if r.category is one), fired, measured),
        )
        for one in ALL_CATEGORIES
    ]
    groups += [
        RuleGroupView(heading, "", _entries((r for r in RULES if r.category is None and r.direction == way), fired, measured))
        for way, heading in _SIGNALS
    ]  # fmt: skip
    return RulesView(
        RULES_VERSION,
        figure(len(RULES), "rule"),
        bool(measured.rules),
        tuple(one for one in groups if one.entries),
    )


def _entries(chosen: Iterable[Rule], fired: Fired, measured: MeasuredRules) -> tuple[RuleEntryView, ...]:
    return tuple(
        RuleEntryView(
            rule.id,
            rule.title,
            f"{rule.id}.html",
            f"{sum(count for count, _, _ in fired[rule.id]):,}",
            _agreed(measured.rules.get(rule.id)),
        )
        for rule in chosen
    )


def _agreed(counts: RuleStatistics | None) -> str:
    return f"{share(counts.answered / counts.fired)} of {counts.fired:,}" if counts and counts.fired else "–"


def rule_view(
    rule: Rule, fired: list[tuple[int, str, str]], measured: MeasuredRules, whole: Whole
) -> RuleView:
    """Everything on the page of one rule."""
    best = nsmallest(TOOLS, fired, key=lambda one: (-one[0], one[1]))
    rows = riskiest_rows(whole.index.tool(server, slug) for _, server, slug in best)
    signal, why = MODIFIERS.get(rule.argues_for, ("", ""))
    return RuleView(
        id=rule.id,
        title=rule.title,
        rationale=rule.rationale,
        tie_breaks=_TIE_BREAK.search(rule.rationale) is not None,
        category=rule.category.value if rule.category else "",
        signal=signal,
        effect=sentence(f"“{signal}” {_EFFECT[rule.direction]}: {why}") if signal else "",
        facts=_facts(rule),
        positive=tuple(_example(one) for one in rule.positive),
        negative=tuple(_example(one) for one in rule.negative),
        measured=tuple(_sentences(rule, measured)),
        fired=_fits(fired, len(best)),
        tools=rows,
    )


def _facts(rule: Rule) -> tuple[FactView, ...]:
    strength = {1.0: "one reason among others", CERTAIN: "seldom wrong", DECISIVE: "decides alone"}
    said = strength.get(rule.odds, f"multiplies the odds by {rule.odds:g}")
    how = FactView("Weight", said) if rule.category else FactView("Effect", DIRECTION_WORD[rule.direction])
    return (FactView("Id", rule.id), how, FactView("Since", f"rules {rule.since}"))


def _example(one: Example) -> ExampleView:
    needed = set(one.required)
    parameters = (
        f"{name}{'' if name in needed else '?'}: {json.dumps(schema, ensure_ascii=False)}"
        for name, schema in (one.parameters or {}).items()
    )
    return ExampleView(one.name, one.description or "", "; ".join(parameters))


def _sentences(rule: Rule, measured: MeasuredRules) -> Iterator[str]:
    """What was counted on labelled definitions; nothing where it was not."""
    counts = measured.rules.get(rule.id)
    if counts is None:
        return
    of = f"of the {measured.definitions:,} labelled definitions"
    if not counts.fired:
        yield f"It fired on none {of}."
        return
    what = f"the category {rule.argues_for}" if rule.category else "this signal"
    yield f"It fired on {counts.fired:,} {of}."
    yield f"The final answer had {what} in {counts.answered:,} of them ({share(counts.answered / counts.fired)})."
    if counts.share_right is not None:
        judged = "them" if counts.judged == counts.fired else f"the {counts.judged:,} whose label can tell"
        verb = "had that category" if rule.category else "named that signal"
        yield f"The label {verb} in {counts.right:,} of {judged} ({share(counts.share_right)})."
    if counts.moved is not None:
        way = "above" if rule.direction > 0 else "below"
        yield f"The level of the label stood {way} the one that its category starts at in {counts.moved:,}."


def _fits(fired: list[tuple[int, str, str]], shown: int) -> str:
    total = sum(count for count, _, _ in fired)
    if not total:
        return "It fired on no tool of this catalogue."
    text = f"it fired on {figure(total, 'tool')} of {figure(len(fired), 'server')}"
    if total == shown:
        return sentence(text)
    most = "" if len(fired) == shown else f" for the {number(shown)} servers with the most"
    return sentence(f"{text}; the riskiest of each server is named here{most}")


def _twin(rule: Rule, fired: list[tuple[int, str, str]], counts: RuleStatistics | None) -> str:
    """The rule for programs; `labelled` is null where nothing was counted."""
    row = {
        "id": rule.id,
        "title": rule.title,
        "argues_for": rule.argues_for,
        "direction": rule.direction,
        "odds": rule.odds,
        "since": rule.since,
        "rationale": rule.rationale,
        "fired": {"tools": sum(count for count, _, _ in fired), "servers": len(fired)},
        "labelled": {"fired": counts.fired, "answered": counts.answered, "judged": counts.judged, "right": counts.right} if counts else None,
    }  # fmt: skip
    return to_json(row, indent=1) + "\n"
