"""Documented attacks beside the tools, servers, levels and categories that they concern."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Final

from catalog.attacks import fitting, profile, read_attacks
from catalog.attacks.attack import TOOL
from catalog.site.gather import tool_key, tool_slugs
from catalog.site.language import figure, number, sentence
from catalog.site.reference_views import AttackCardView, AttackToolsView
from catalog.site.rows import day
from catalog.site.views import FactView
from catalog.site.words import ALL_CATEGORIES
from classifier.tokens import name_tokens
from classifier.types import Level

if TYPE_CHECKING:
    from catalog.attacks import Attack, Fit, Profile
    from catalog.records import ServerEntry
    from catalog.site.facts import ServerFacts, ToolFacts
    from catalog.site.made import Whole
    from classifier.types import Category, Classification

KIND: Final = "attacks"  # the name under which servers' attacks are gleaned
CARDS: Final = 3  # on a tool's page; the weightiest ones
_TOOLS: Final = 4  # of a server, named with an attack
_LEVELS: Final = tuple(Level)


@dataclass(slots=True)
class Tally:
    """How many tools of the whole catalogue an attack fits, and where most of them are."""

    counts: Counter[tuple[Level, Category]] = field(default_factory=Counter)
    servers: list[tuple[int, str, str]] = field(default_factory=list)  # tools, server, slug of the riskiest

    @property
    def total(self) -> int:
        """Tools in all."""
        return sum(self.counts.values())


def cards(facts: ToolFacts) -> tuple[AttackCardView, ...]:
    """The attacks that a tool lends itself to most."""
    return tuple(_card(fit, facts) for fit in _fits(facts)[:CARDS])


def server_attacks(server: ServerFacts) -> tuple[AttackToolsView, ...]:
    """The attacks that tools of a server lend themselves to, those with the most tools first."""
    tools: defaultdict[str, list[str]] = defaultdict(list)
    for facts in server.tools:
        for fit in _fits(facts):
            tools[fit.attack.id].append(facts.slug)
    ordered = sorted(
        ((attack, tools[attack.id]) for attack in read_attacks() if attack.id in tools),
        key=lambda item: (-len(item[1]), item[0].title),
    )
    return tuple(
        AttackToolsView(
            attack.title,
            f"../../attacks/{attack.id}.html",
            tuple(server.rows[slug] for slug in slugs[:_TOOLS]),
            f"and {number(len(slugs) - _TOOLS)} more" if len(slugs) > _TOOLS else "",
        )
        for attack, slugs in ordered
    )


def incident_line(attack: Attack) -> str:
    """The first incident in a few words: `CVE-2025-54136 (1 August 2025)`."""
    first = attack.incidents[0]
    cited = first.reference if first.reference.startswith("CVE") else first.name
    return f"{cited} ({day(first.day)})"


def glean(entry: ServerEntry) -> dict[str, Any] | None:
    """By attack: level, category and number of the tools that it fits, and the slug of the riskiest.

    Suspicious text is left aside: looking for it takes longer than all else that is gleaned.
    """
    slug_of = tool_slugs(entry.tools)
    counts: defaultdict[str, Counter[tuple[int, int]]] = defaultdict(Counter)
    first: dict[str, str] = {}
    for tool in entry.tools:
        label = tool.classification
        for fit in _fitting(_profile(label, tool.definition.name, suspicious=False)):
            counts[fit.attack.id][label.risk.rank, ALL_CATEGORIES.index(label.category)] += 1
            first.setdefault(fit.attack.id, slug_of[tool_key(tool)])
    return {
        one: [[[*place, count] for place, count in sorted(found.items())], first[one]]
        for one, found in counts.items()
    } or None


def tallies(whole: Whole) -> dict[str, Tally]:
    """What was gleaned, added up, by attack."""
    found = {attack.id: Tally() for attack in read_attacks()}
    for server, gleaned in whole.gleaned(KIND):
        for attack, (counts, slug) in gleaned.items():
            tally = found[attack]
            for level, category, count in counts:
                tally.counts[_LEVELS[level], ALL_CATEGORIES[category]] += count
            tally.servers.append((sum(count for _, _, count in counts), server.name, slug))
    return found


def attacks_among(
    found: dict[str, Tally], level: Level | None = None, category: Category | None = None
) -> tuple[FactView, ...]:
    """The attacks that fit the most tools of a level or category, for a page beside the folder of attacks."""
    counted = [
        (
            sum(
                count
                for (one, other), count in found[attack.id].counts.items()
                if level in (None, one) and category in (None, other)
            ),
            attack,
        )
        for attack in read_attacks()
    ]
    ordered = sorted(
        ((count, attack) for count, attack in counted if count), key=lambda one: (-one[0], one[1].title)
    )
    return tuple(
        FactView(attack.title, figure(count, "tool"), f"../attacks/{attack.id}.html")
        for count, attack in ordered
    )


def _fits(facts: ToolFacts) -> tuple[Fit, ...]:
    return _fitting(_profile(facts.label, facts.name, suspicious=bool(facts.findings)))


def _profile(label: Classification, name: str, *, suspicious: bool) -> Profile:
    """Without the words and rules that no attack asks for, so that tools have few profiles."""
    words, rules = _asked_for()
    whole = profile(label, name_tokens(name), suspicious=suspicious)
    return replace(whole, words=whole.words & words, rules=whole.rules & rules)


@cache
def _asked_for() -> tuple[frozenset[str], frozenset[str]]:
    matches = [match for attack in read_attacks() for match in attack.matches]
    return (
        frozenset(word for match in matches for word in match.words),
        frozenset(rule for match in matches for rule in match.rules),
    )


@lru_cache(maxsize=4_096)
def _fitting(known: Profile) -> tuple[Fit, ...]:
    return tuple(fitting(read_attacks(), known))


def _card(fit: Fit, facts: ToolFacts) -> AttackCardView:
    return AttackCardView(
        fit.attack.title,
        f"../../attacks/{fit.attack.id}.html",
        sentence(fit.match.because.replace(TOOL, facts.code)),
        incident_line(fit.attack),
    )
