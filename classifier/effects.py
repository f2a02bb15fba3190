"""All categories that a definition states, worst first (codebook, tie-breaks 4 and 5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from classifier.lexicon import CATEGORY_OF_FAMILY, FAMILY_OF
from classifier.types import Category

if TYPE_CHECKING:
    from classifier.reading import Reading
    from classifier.types import RuleHit

WORST_FIRST: Final = (
    Category.FINANCIAL,
    Category.DESTRUCTIVE,
    Category.EXECUTE,
    Category.WRITE,
    Category.READ,
)


def stated(reading: Reading, category: Category, hits: list[RuleHit]) -> tuple[Category, ...]:
    """The category and the lesser ones that its own enumeration of acts names.

    A delete named inside an open language adds Destructive to an Execute.
    """
    others, at = _enumerated(reading), WORST_FIRST.index(category)
    found = {category, *[other for other in others if WORST_FIRST.index(other) > at]}
    if category is Category.EXECUTE and any(hit.argues_for == "named_delete" for hit in hits):
        found.add(Category.DESTRUCTIVE)
    if len(found) == 1:
        return (category,)
    return tuple(effect for effect in WORST_FIRST if effect in found)


def _enumerated(reading: Reading) -> set[Category]:
    verbs = [value.lower().replace("-", "_").split("_")[0] for p in reading.parameters for value in p.values]
    act = reading.text_act
    if act is not None and act.also:
        verbs += [act.verb, *act.also]
    return {CATEGORY_OF_FAMILY[FAMILY_OF[verb]] for verb in verbs if verb in FAMILY_OF}
