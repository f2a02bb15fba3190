"""From the rules' hits and the model's scores to the final answer, and why."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from operator import mul
from typing import TYPE_CHECKING, Final, NamedTuple

from classifier import conflicts, effects, quotation
from classifier.risk import BASE, counts, level, lowers
from classifier.rules import RULES
from classifier.types import (
    CATEGORIES,
    LEVELS,
    NAME_ONLY_CAP,
    UNDESCRIBED_CAP,
    Basis,
    Category,
    Classification,
    DecidedBy,
    Level,
    ModelVerdict,
    Modifier,
)

if TYPE_CHECKING:
    from classifier.model import Model, Scores, Table
    from classifier.reading import Reading
    from classifier.rules import Rule
    from classifier.types import RuleHit

LEVEL_SHARE: Final = 0.6  # of the level model in the expected level, beside categories and modifiers
_LIKELY: Final = 0.01  # probability from which a category counts in the expected level
_REMEMBERED: Final = 4_096  # sets of rules that fired together whose meaning is kept
_NEVER_CERTAIN: Final = 0.99  # what a sentence says at most; the figures themselves are not cut
_RULES: Final = {rule.id: rule for rule in RULES}


class _Argued(NamedTuple):
    """What a set of rules that fired together says for one category, whatever they quote.

    `steps`: each modifier with its direction for the category and the first rule that argues for it.
    `backing`: which of the rules argue for the category. `names`: those, in words.
    """

    level: Level
    steps: tuple[tuple[str, int, int], ...]
    backing: tuple[int, ...]
    certain: bool
    bare: bool
    names: str


class _Decision(NamedTuple):
    """A category with what it rests on. `sure`: calibrated, before any cap."""

    category: Category
    weights: tuple[float, ...]
    sure: float
    by: DecidedBy
    argued: _Argued
    ranks: tuple[int, ...]


class Answer(NamedTuple):
    """The part of a classification that a second look is about."""

    category: Category
    confidence: float


def answer(reading: Reading, hits: list[RuleHit], scores: Scores, model: Model) -> Answer:
    """Category and confidence as `conclude` finds them, and nothing else of it."""
    decision = _decide(scores, hits, model.table(reading.basis))
    return Answer(decision.category, min(decision.sure, _cap(reading)))


def conclude(reading: Reading, hits: list[RuleHit], scores: Scores, model: Model) -> Classification:
    """The classification of a reading, from the rules that fired and the model's scores."""
    table = model.table(reading.basis)
    decision = _decide(scores, hits, table)
    category, argued = decision.category, decision.argued
    modifiers = tuple([Modifier(name, step, hits[at].evidence) for name, step, at in argued.steps])
    clash = conflicts.annotation_conflict(reading, category)
    doubts = conflicts.contradictions(reading, category)
    risk, step = _after_doubt(decision, scores, model)
    floors = [conflicts.annotated_floor(reading, category, argued.level), *[floor for _, floor in doubts]]
    risk = max(risk, *floors, key=LEVELS.index)
    review = [reason for reason, _ in doubts]
    doubt = step if step and _doubtful(decision, model) else None
    serious = clash if clash and (category is Category.READ or conflicts.plays_down(reading)) else None
    review += [text for text in (serious, doubt, _unsure(decision, reading, model)) if text]
    backing = tuple([hits[at] for at in argued.backing])
    return Classification(
        fingerprint=reading.definition.fingerprint,
        category=category,
        risk=risk,
        effects=effects.stated(reading, category, hits),
        modifiers=modifiers,
        confidence=min(decision.sure, _cap(reading)),
        evidence=quotation.best_quotes(reading, category, backing, modifiers, table),
        basis=reading.basis,
        rule_hits=tuple(hits),
        verdict=ModelVerdict(model.version, scores.categories),
        decided_by=decision.by,
        reason=_reason(decision, scores, risk, step),
        annotation_conflict=clash,
        review_reasons=tuple(review),
        rules_version=model.rules_version,
    )


def _cap(reading: Reading) -> float:
    if reading.basis is Basis.NAME:
        return NAME_ONLY_CAP
    return 1.0 if reading.described else UNDESCRIBED_CAP


def assured(found: Classification, undescribed: Answer) -> Classification:
    """`found`, at least as sure as the same definition is without its description.

    So nobody gains confidence by leaving a description out. Where the two disagree, a person should look.
    """
    if undescribed.confidence <= found.confidence:
        return found
    reasons = found.review_reasons
    if undescribed.category is not found.category:
        reasons += (f"without its description it would be {undescribed.category}",)
    return replace(found, confidence=undescribed.confidence, review_reasons=reasons)


def weighted(probabilities: tuple[float, ...], hits: list[RuleHit]) -> tuple[float, ...]:
    """The model's probabilities with the odds of certain rules added, summing to 1."""
    return _weighted(probabilities, _ids(hits))


def _weighted(probabilities: tuple[float, ...], ids: tuple[str, ...]) -> tuple[float, ...]:
    raw = list(map(mul, probabilities, _odds(ids)))
    total = sum(raw)
    return tuple([value / total for value in raw])


def _ids(hits: list[RuleHit]) -> tuple[str, ...]:
    return tuple([hit.rule for hit in hits])


@lru_cache(maxsize=_REMEMBERED)
def _odds(ids: tuple[str, ...]) -> tuple[float, ...]:
    """By how much the rules that fired multiply the probability of each category."""
    odds = dict.fromkeys(CATEGORIES, 1.0)
    for rule in map(_RULES.__getitem__, ids):
        if rule.category is not None:
            odds[rule.category] = max(odds[rule.category], rule.odds)
    return tuple(odds.values())


@lru_cache(maxsize=_REMEMBERED)
def _argued(category: Category, ids: tuple[str, ...]) -> _Argued:
    rules = [_RULES[each] for each in ids]
    steps: dict[str, tuple[str, int, int]] = {}
    for at, rule in enumerate(rules):
        name = rule.argues_for
        if rule.category is None and name not in steps:
            steps[name] = (name, rule.direction if _steps(rule, category) else 0, at)
    up = [name for name, direction, _ in steps.values() if direction == 1]
    down = [name for name, direction, _ in steps.values() if direction == -1]
    backing = [at for at, rule in enumerate(rules) if rule.category is category]
    names = [ids[at] for at in backing]
    return _Argued(
        level=level(category, up, down),
        steps=tuple(steps.values()),
        backing=tuple(backing),
        certain=any(rules[at].odds > 1 for at in backing),
        bare=names == ["bare-manage"],
        names=f"{'rules' if len(names) > 1 else 'rule'} {', '.join(names)}",
    )


def _steps(rule: Rule, category: Category) -> bool:
    """Whether the modifier that a rule argues for moves the level of this category, or is only noted."""
    return (counts if rule.direction == 1 else lowers)(category, rule.argues_for)


@lru_cache(maxsize=_REMEMBERED)
def _ranks(ids: tuple[str, ...]) -> tuple[int, ...]:
    """The rank of each category's level with the modifiers that the rules argue for."""
    return tuple([_argued(category, ids).level.rank for category in CATEGORIES])


def _decide(scores: Scores, hits: list[RuleHit], table: Table) -> _Decision:
    ids, probabilities = _ids(hits), scores.categories
    weights = _weighted(probabilities, ids)
    best = weights.index(max(weights))
    argued = _argued(CATEGORIES[best], ids)
    alone = probabilities[best] < max(probabilities)
    by = DecidedBy.RULES if alone else DecidedBy.BOTH if argued.backing else DecidedBy.MODEL
    return _Decision(CATEGORIES[best], weights, table.calibrated(weights[best]), by, argued, _ranks(ids))


def _after_doubt(decision: _Decision, scores: Scores, model: Model) -> tuple[Level, str | None]:
    """One step up or down when other categories are likely enough, and the sentence that says so.

    The expected level weighs each category's level by its probability, and the level model's own view.
    What a certain rule decided, and what a quoted modifier raised, is not lowered.
    """
    stated = decision.argued.level
    if decision.argued.certain:
        return stated, None
    rank = LEVELS.index(stated)
    gap = _expected_rank(decision, scores) - rank
    if gap > model.thresholds["raise_above"] and stated is not Level.CRITICAL:
        raised = LEVELS[rank + 1]
        return raised, f"raised from {stated} to {raised}: it may be worse than {decision.category}"
    if -gap > model.thresholds["lower_below"] and stated is not Level.LOW and _doubtful(decision, model):
        base = LEVELS.index(BASE[decision.category])
        if base - 1 < rank <= base:
            lowered = LEVELS[rank - 1]
            return lowered, f"lowered from {stated} to {lowered}: it may be less than {decision.category}"
    return stated, None


def _doubtful(decision: _Decision, model: Model) -> bool:
    return max(decision.weights) < model.thresholds["doubt_below"]


def _expected_rank(decision: _Decision, scores: Scores) -> float:
    by_category = 0.0
    for weight, rank in zip(decision.weights, decision.ranks, strict=True):
        if weight >= _LIKELY:
            by_category += weight * rank
    by_model = sum([rank * p for rank, p in enumerate(scores.levels)])
    return (1 - LEVEL_SHARE) * by_category + LEVEL_SHARE * by_model


def _unsure(decision: _Decision, reading: Reading, model: Model) -> str | None:
    if decision.sure < model.thresholds["review_below"]:
        second = sorted(zip(decision.weights, CATEGORIES, strict=True), reverse=True)[1]
        return f"unsure between {decision.category} and {second[1]} ({second[0]:.0%})"
    if decision.argued.bare:
        return "no act is stated, only that something is managed"
    if reading.basis is Basis.NAME and reading.name_act is None:
        return "the name states no act"
    return None


def _reason(decision: _Decision, scores: Scores, risk: Level, step: str | None) -> str:
    probability = max(scores.categories)
    best = CATEGORIES[scores.categories.index(probability)]
    view = f"the model says {best} ({min(probability, _NEVER_CERTAIN):.0%})"
    stated, rules = decision.argued.level, decision.argued.names
    if decision.by is DecidedBy.RULES:
        text = f"{decision.category} by {rules}, although {view}"
    elif decision.by is DecidedBy.BOTH:
        text = f"{view}, in agreement with {rules}"
    else:
        text = f"{view}; no rule argues for it"
    if step or risk is stated:
        return f"{text}; {step}" if step else text
    return f"{text}; risk raised from {stated} to {risk}"
