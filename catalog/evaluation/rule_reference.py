"""The rules as a reference: each with why it is there, the examples that are its tests, and how often it is right.

This is what the pages of the rules are made from: everything comes from the table of rules itself and from
the statistics that training wrote beside the model.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from catalog.errors import ModelError
from classifier.rule_statistics import StatisticsError, read
from classifier.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from classifier.rule_statistics import RuleStatistics
    from classifier.rules import Example, Rule


@dataclass(frozen=True, slots=True)
class RuleExample:
    """A definition in short. `parameters` are the schemas of the parameters by name."""

    name: str
    description: str | None
    parameters: Mapping[str, Mapping[str, Any]]
    required: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RuleEntry:
    """One rule. `kind`: `category`, `raises`, `lowers` or `notes`, and `argues_for` is what.

    It fires on every `positive` example and on no `negative` one. `statistics` counts among `measured_on`
    labelled definitions; None, and 0, where the model folder has none for the rules as they are now.
    """

    id: str
    kind: str
    argues_for: str
    direction: int
    title: str
    rationale: str
    since: str
    positive: tuple[RuleExample, ...]
    negative: tuple[RuleExample, ...]
    statistics: RuleStatistics | None
    measured_on: int


def rule_reference(folder: Path) -> tuple[RuleEntry, ...]:
    """Every rule in the order of the table, with the statistics that lie in a model's folder.

    Raises:
        ModelError: the statistics are there, and damaged.

    """
    try:
        measured = read(folder)
    except (StatisticsError, OSError) as error:
        raise ModelError(
            f"cannot read the statistics of the rules: {error}", hint="train the model again"
        ) from error
    return tuple(_entry(rule, measured.rules.get(rule.id), measured.definitions) for rule in RULES)


def _entry(rule: Rule, statistics: RuleStatistics | None, definitions: int) -> RuleEntry:
    return RuleEntry(
        id=rule.id,
        kind=_kind(rule),
        argues_for=rule.argues_for,
        direction=rule.direction,
        title=rule.title,
        rationale=rule.rationale,
        since=rule.since,
        positive=tuple(map(_example, rule.positive)),
        negative=tuple(map(_example, rule.negative)),
        statistics=statistics,
        measured_on=definitions if statistics else 0,
    )


def _kind(rule: Rule) -> str:
    return "category" if rule.category else {1: "raises", -1: "lowers", 0: "notes"}[rule.direction]


def _example(example: Example) -> RuleExample:
    return RuleExample(example.name, example.description, example.parameters or {}, example.required)
