"""Which attacks a tool lends itself to: by its category, effects, modifiers and the rules that fired."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from catalog.attacks.attack import Attack, Match
    from classifier.types import Category, Classification


@dataclass(frozen=True, slots=True)
class Profile:
    """What of a tool counts here. `words` are those of its name, in lower case."""

    category: Category
    effects: frozenset[Category]
    modifiers: frozenset[str]
    rules: frozenset[str]
    words: frozenset[str]
    suspicious: bool


@dataclass(frozen=True, slots=True)
class Fit:
    """An attack and the first of its matches that holds for a tool."""

    attack: Attack
    match: Match


def profile(label: Classification, words: Iterable[str], *, suspicious: bool) -> Profile:
    """The profile of a tool with this label."""
    return Profile(
        label.category,
        frozenset((label.category, *label.effects)),
        frozenset(modifier.name for modifier in label.modifiers),
        frozenset(hit.rule for hit in label.rule_hits),
        frozenset(words),
        suspicious,
    )


def fitting(attacks: Iterable[Attack], tool: Profile) -> list[Fit]:
    """The attacks that a tool lends itself to, the weightiest first; each by its weightiest match."""
    found = []
    for attack in attacks:
        holding = [match for match in attack.matches if _holds(match, tool)]
        if holding:
            found.append(Fit(attack, max(holding, key=lambda match: match.weight)))
    return sorted(found, key=lambda fit: (-fit.match.weight, fit.attack.title))


def _holds(match: Match, tool: Profile) -> bool:
    return (
        (not match.suspicious or tool.suspicious)
        and (not match.categories or tool.category in match.categories)
        and (not match.effects or not tool.effects.isdisjoint(match.effects))
        and (not match.modifiers or not tool.modifiers.isdisjoint(match.modifiers))
        and (not match.rules or not tool.rules.isdisjoint(match.rules))
        and (not match.words or not tool.words.isdisjoint(match.words))
        and tool.modifiers.isdisjoint(match.unless)
    )
