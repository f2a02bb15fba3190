"""How often each rule fires and is right, counted on labelled definitions that were classified."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

from classifier.labels import MODIFIERS
from classifier.risk import BASE
from classifier.rules import RULES, RULES_VERSION

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from classifier.metrics import Pair
    from classifier.rules import Rule

FILE: Final = "rules.json"


class StatisticsError(ValueError):
    """A file of rule statistics cannot be used; the message names the file."""


@dataclass(frozen=True, slots=True)
class RuleStatistics:
    """Counts of definitions, `fired` of which the rule fired on.

    `judged`: of those, the ones whose label can tell (all of them for a category; for a modifier of the
    codebook those whose label names modifiers; none for a signal that the codebook does not name).
    `right`: the label has that category, or names that modifier. `moved`: the label's level stands on
    the side of the category's base that the modifier argues for; None for categories and for what is
    only noted. `answered`: the final answer has that category or modifier.
    """

    fired: int
    judged: int
    right: int
    moved: int | None
    answered: int

    @property
    def share_right(self) -> float | None:
        """`right` of `judged`, or None where no label can tell."""
        return self.right / self.judged if self.judged else None


def rule_statistics(pairs: Sequence[Pair]) -> dict[str, RuleStatistics]:
    """The statistics of every rule, by id, in the order of the table of rules."""
    fired: dict[str, list[Pair]] = {rule.id: [] for rule in RULES}
    for pair in pairs:
        for rule in {hit.rule for hit in pair.found.rule_hits}:
            fired[rule].append(pair)
    return {
        rule.id: _of_category(rule, fired[rule.id]) or _of_modifier(rule, fired[rule.id]) for rule in RULES
    }


def _of_category(rule: Rule, pairs: list[Pair]) -> RuleStatistics | None:
    if rule.category is None:
        return None
    right = sum(pair.category is rule.category for pair in pairs)
    answered = sum(pair.found.category is rule.category for pair in pairs)
    return RuleStatistics(len(pairs), len(pairs), right, None, answered)


def _of_modifier(rule: Rule, pairs: list[Pair]) -> RuleStatistics:
    judged = [pair.modifiers for pair in pairs if pair.modifiers is not None and rule.argues_for in MODIFIERS]
    answered = sum(rule.argues_for in {modifier.name for modifier in pair.found.modifiers} for pair in pairs)
    return RuleStatistics(
        fired=len(pairs),
        judged=len(judged),
        right=sum(rule.argues_for in names for names in judged),
        moved=sum(_moved(pair, rule.direction) for pair in pairs) if rule.direction else None,
        answered=answered,
    )


def _moved(pair: Pair, direction: int) -> bool:
    return (pair.risk.rank - BASE[pair.category].rank) * direction > 0


def as_text(statistics: Mapping[str, RuleStatistics], definitions: int) -> str:
    """What stands in `rules.json`: the rules' version, the number of definitions, the counts by rule id.

    One rule on a line, so that what a training changed can be read as a difference.
    """
    rules = ",\n".join(f" {json.dumps(name)}: {json.dumps(asdict(one))}" for name, one in statistics.items())
    known = f'"rules_version": {json.dumps(RULES_VERSION)}, "definitions": {definitions}'
    return f'{{{known}, "rules": {{\n{rules}\n}}}}\n'


@dataclass(frozen=True, slots=True)
class MeasuredRules:
    """The statistics of a model folder; empty where there are none for the rules as they are now."""

    definitions: int
    rules: Mapping[str, RuleStatistics]


def read(folder: Path) -> MeasuredRules:
    """The statistics in a model folder.

    Raises:
        StatisticsError: `rules.json` is there but damaged. OSError: it cannot be read.

    """
    path = folder / FILE
    try:
        about = json.loads(path.read_text(encoding="utf-8"))
        if about["rules_version"] != RULES_VERSION:
            return MeasuredRules(0, {})
        rules = {str(name): RuleStatistics(**counts) for name, counts in about["rules"].items()}
        return MeasuredRules(int(about["definitions"]), rules)
    except FileNotFoundError:
        return MeasuredRules(0, {})
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise StatisticsError(f"{path}: {error!r} while reading it") from error
