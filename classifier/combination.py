"""From the rules' hits and the model's scores to the final answer, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from classifier import conflicts, effects, quotation
from classifier.risk import BASE, counts, level
from classifier.rules import RULES
from classifier.types import (
    CATEGORIES,
    LEVELS,
    NAME_ONLY_CAP,
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
    from classifier.types import RuleHit

LEVEL_SHARE: Final = 0.6  # of the level model in the expected level, beside categories and modifiers
_NEVER_CERTAIN: Final = 0.99  # what a sentence says at most; the figures themselves are not cut
_RULES: Final = {rule.id: rule for rule in RULES}
_WEAK: Final = frozenset({"bare-manage", "noun-only-name"})  # they say that no act is stated


@dataclass(frozen=True, slots=True)
class _Decision:
    """A category with what it rests on. `sure`: calibrated, before any cap."""

    category: Category
    weights: tuple[float, ...]
    sure: float
    backing: tuple[RuleHit, ...]
    by: DecidedBy


def combine(
    reading: Reading, hits: list[RuleHit], blocks: tuple[list[str], ...], model: Model
) -> Classification:
    """The classification of a reading, from the rules that fired and the model's scores."""
    table = model.table(reading.basis)
    scores = table.scores(blocks)
    decision = _decide(scores, hits, table)
    modifiers = _modifiers(decision.category, hits)
    stated = level(decision.category, _names(modifiers, 1), _names(modifiers, -1))
    clash = conflicts.annotation_conflict(reading, decision.category)
    doubts = conflicts.contradictions(reading, decision.category)
    risk, step = _after_doubt(stated, decision, hits, scores, model)
    risk = max(
        risk,
        *(floor for _, floor in doubts),
        conflicts.annotated_floor(reading, decision.category, stated),
        key=_rank,
    )
    review = [reason for reason, _ in doubts]
    doubt = step if _doubtful(decision, model) else None
    serious = clash if conflicts.plays_down(reading) or decision.category is Category.READ else None
    review += [text for text in (serious, doubt, _unsure(decision, reading, model)) if text]
    return Classification(
        fingerprint=reading.definition.fingerprint,
        category=decision.category,
        risk=risk,
        effects=effects.stated(reading, decision.category, hits),
        modifiers=modifiers,
        confidence=min(decision.sure, NAME_ONLY_CAP) if reading.basis is Basis.NAME else decision.sure,
        evidence=quotation.best_quotes(reading, decision.category, decision.backing, modifiers, table),
        basis=reading.basis,
        rule_hits=tuple(hits),
        verdict=ModelVerdict(model.version, scores.categories),
        decided_by=decision.by,
        reason=_reason(decision, scores, stated, risk, step),
        annotation_conflict=clash,
        review_reasons=tuple(review),
        rules_version=model.rules_version,
    )


def weighted(probabilities: tuple[float, ...], hits: list[RuleHit]) -> tuple[float, ...]:
    """The model's probabilities with the odds of certain rules added, summing to 1."""
    odds = dict.fromkeys(CATEGORIES, 1.0)
    for hit in hits:
        rule = _RULES[hit.rule]
        if rule.category is not None:
            odds[rule.category] = max(odds[rule.category], rule.odds)
    raw = [p * odds[c] for c, p in zip(CATEGORIES, probabilities, strict=True)]
    total = sum(raw)
    return tuple(value / total for value in raw)


def _decide(scores: Scores, hits: list[RuleHit], table: Table) -> _Decision:
    weights = weighted(scores.categories, hits)
    best = max(range(len(CATEGORIES)), key=weights.__getitem__)
    category = CATEGORIES[best]
    backing = tuple(hit for hit in hits if hit.argues_for == category.value)
    alone = scores.categories[best] < max(scores.categories)
    by = DecidedBy.RULES if alone else DecidedBy.BOTH if backing else DecidedBy.MODEL
    return _Decision(category, weights, table.calibrated(weights[best]), backing, by)


def _modifiers(category: Category, hits: list[RuleHit]) -> tuple[Modifier, ...]:
    """Each modifier once, with its first quotation; one that is no step for the category is noted."""
    found: dict[str, Modifier] = {}
    for hit in hits:
        rule = _RULES[hit.rule]
        if rule.category is None and hit.argues_for not in found:
            raising = rule.direction == 1 and counts(category, hit.argues_for)
            direction = rule.direction if raising or rule.direction == -1 else 0
            found[hit.argues_for] = Modifier(hit.argues_for, direction, hit.evidence)
    return tuple(found.values())


def _names(modifiers: tuple[Modifier, ...], direction: int) -> list[str]:
    return [modifier.name for modifier in modifiers if modifier.direction == direction]


def _rank(risk: Level) -> int:
    return risk.rank


def _after_doubt(
    stated: Level, decision: _Decision, hits: list[RuleHit], scores: Scores, model: Model
) -> tuple[Level, str | None]:
    """One step up or down when other categories are likely enough, and the sentence that says so.

    The expected level weighs each category's level by its probability, and the level model's own view.
    What a certain rule decided, and what a quoted modifier raised, is not lowered.
    """
    if any(_RULES[hit.rule].odds > 1 for hit in decision.backing):
        return stated, None
    gap = _expected_rank(decision, hits, scores) - stated.rank
    if gap > model.thresholds["raise_above"] and stated is not Level.CRITICAL:
        raised = LEVELS[stated.rank + 1]
        return raised, f"raised from {stated} to {raised}: it may be worse than {decision.category}"
    base = BASE[decision.category].rank
    may_fall = base - 1 < stated.rank <= base and stated is not Level.LOW
    if may_fall and _doubtful(decision, model) and -gap > model.thresholds["lower_below"]:
        lowered = LEVELS[stated.rank - 1]
        return lowered, f"lowered from {stated} to {lowered}: it may be less than {decision.category}"
    return stated, None


def _doubtful(decision: _Decision, model: Model) -> bool:
    return max(decision.weights) < model.thresholds["doubt_below"]


def _expected_rank(decision: _Decision, hits: list[RuleHit], scores: Scores) -> float:
    by_category = 0.0
    for category, weight in zip(CATEGORIES, decision.weights, strict=True):
        if weight >= 0.01:
            modifiers = _modifiers(category, hits)
            by_category += weight * level(category, _names(modifiers, 1), _names(modifiers, -1)).rank
    by_model = sum(rank * p for rank, p in enumerate(scores.levels))
    return (1 - LEVEL_SHARE) * by_category + LEVEL_SHARE * by_model


def _unsure(decision: _Decision, reading: Reading, model: Model) -> str | None:
    if decision.sure < model.thresholds["review_below"]:
        second = sorted(zip(decision.weights, CATEGORIES, strict=True), reverse=True)[1]
        return f"unsure between {decision.category} and {second[1]} ({second[0]:.0%})"
    if {hit.rule for hit in decision.backing} == {"bare-manage"}:
        return "no act is stated, only that something is managed"
    if reading.basis is Basis.NAME and reading.name_act is None:
        return "the name states no act"
    return None


def _reason(decision: _Decision, scores: Scores, stated: Level, risk: Level, step: str | None) -> str:
    best = max(range(len(CATEGORIES)), key=scores.categories.__getitem__)
    sure = min(scores.categories[best], _NEVER_CERTAIN)
    view = f"the model says {CATEGORIES[best]} ({sure:.0%})"
    names = list(dict.fromkeys(hit.rule for hit in decision.backing))
    rules = f"{'rules' if len(names) > 1 else 'rule'} {', '.join(names)}"
    if decision.by is DecidedBy.RULES:
        text = f"{decision.category} by {rules}, although {view}"
    elif decision.by is DecidedBy.BOTH:
        text = f"{view}, in agreement with {rules}"
    else:
        text = f"{view}; no rule argues for it"
    if step or risk is stated:
        return f"{text}; {step}" if step else text
    return f"{text}; risk raised from {stated} to {risk}"
