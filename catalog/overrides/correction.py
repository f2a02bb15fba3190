"""What a correction makes of a label: pure, and the only place where a label is overruled."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from catalog.visible import one_line
from classifier.conflicts import annotation_conflict
from classifier.effects import WORST_FIRST
from classifier.reading import Reading
from classifier.risk import level
from classifier.types import CATEGORIES, NAME_ONLY_CAP, Basis, Category, Classification, DecidedBy

if TYPE_CHECKING:
    from collections.abc import Iterable

    from catalog.records import Override
    from classifier.types import Level, ToolDefinition

_LOWERING: Final = ("draft", "sandboxed")  # two modifiers that lower any level: as low as it may go
_EXEMPT: Final = frozenset({"simulated", "own_session"})  # what lifts the codebook's floors


@dataclass(frozen=True, slots=True)
class Corrected:
    """A label after the corrections: what holds, by which correction, and what the classifier said.

    Without an `override` the classification is the classifier's own, marked for review when there is
    an `outdated` correction: one of the same tool with another definition.
    """

    classification: Classification
    override: Override | None = None
    overruled: Classification | None = None
    outdated: Override | None = None


def apply(definition: ToolDefinition, found: Classification, override: Override) -> Classification:
    """The corrected label of a definition whose classification is `found`.

    Category and level are the person's. The quotations, the rules' hits and the model's verdict stay
    the classifier's, and so does the confidence: what the classifier gives the person's category.
    Modifiers are noted without a direction, because they did not move this level. Nothing is left to
    review: a person has looked.
    """
    category = override.category
    conflict = annotation_conflict(Reading(definition), category)
    return replace(
        found,
        category=category,
        risk=override.risk,
        effects=_effects(found, category),
        modifiers=tuple(replace(modifier, direction=0) for modifier in found.modifiers),
        confidence=_confidence(found, category),
        decided_by=DecidedBy.PERSON,
        reason=f"{correction(override)} (the classifier said {label(found)})",
        annotation_conflict=conflict,
        review_reasons=(),
    )


def outdate(found: Classification, override: Override) -> Classification:
    """The classifier's own label of a tool whose definition is another than the one that was corrected."""
    who = f"{one_line(override.author, 80)} on {override.date}"
    reason = (
        f"the definition changed since the correction to {override.category}, {override.risk} risk by {who}"
    )
    return replace(found, review_reasons=(*found.review_reasons, reason))


def correction(override: Override) -> str:
    """`corrected by Ada on 2026-11-25: it only archives`, on one line and safe to show."""
    return f"corrected by {one_line(override.author, 80)} on {override.date}: {one_line(override.reason)}"


def label(found: Classification) -> str:
    """`Destructive, Critical risk, 97%`."""
    return f"{found.category}, {found.risk} risk, {min(found.confidence, 0.99):.0%}"


def floor(category: Category, modifiers: Iterable[str] = ()) -> Level:
    """The least level that the codebook allows a category ("Risk", floors).

    `simulated` and `own_session` among the modifiers lower it.
    """
    return level(category, (), (*_LOWERING, *_EXEMPT.intersection(modifiers)))


def _effects(found: Classification, category: Category) -> tuple[Category, ...]:
    """The effects that are stated, without those that the person judged to be none of this tool's."""
    if category is found.category:
        return found.effects
    lesser = WORST_FIRST[WORST_FIRST.index(category) + 1 :]
    return (category, *(effect for effect in lesser if effect in found.effects))


def _confidence(found: Classification, category: Category) -> float:
    if category is found.category:
        return found.confidence
    sure = found.verdict.probabilities[CATEGORIES.index(category)] if found.verdict else 0.0
    return min(sure, NAME_ONLY_CAP) if found.basis is Basis.NAME else sure
