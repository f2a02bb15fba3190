"""From category and modifiers to the risk level (codebook, "Risk")."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from classifier.types import LEVELS, Category, Level

if TYPE_CHECKING:
    from collections.abc import Iterable

BASE: Final = {
    Category.READ: Level.LOW,
    Category.WRITE: Level.MEDIUM,
    Category.EXECUTE: Level.HIGH,
    Category.DESTRUCTIVE: Level.CRITICAL,
    Category.FINANCIAL: Level.CRITICAL,
}
TO_CRITICAL: Final = frozenset(
    {"host_shell", "shared_infra", "bulk", "secrets_in", "secrets_out", "named_delete"}
)
NOTED: Final = frozenset({"comms", "spends"})
_RAISES_ONLY: Final = {"host_files": Category.READ, "named_delete": Category.EXECUTE}  # rules 17 and 5
# What these say of another category is no reason for a step: a generated file is a Write like any other.
_LOWERS_ONLY: Final = {"hosted_model": Category.EXECUTE, "money_terms": Category.FINANCIAL}
_EXEMPT: Final = frozenset({"simulated", "own_session"})  # lift the floors of Destructive and Financial


def level(category: Category, up: Iterable[str], down: Iterable[str]) -> Level:
    """The level of a category with the names of its raising and lowering modifiers.

    At most one step, two where two independent modifiers apply; `secrets_out` counts two; from High
    to Critical only by `TO_CRITICAL`; then the floors.
    """
    raised = {name for name in up if counts(category, name)}
    lowered = {name for name in down if lowers(category, name)}
    steps = min(2, sum(2 if name == "secrets_out" else 1 for name in raised)) - min(
        2, _weight(category, lowered)
    )
    reached = max(0, min(Level.CRITICAL.rank, BASE[category].rank + steps))
    if reached == Level.CRITICAL.rank and not _may_be_critical(category, raised):
        reached = Level.HIGH.rank
    return LEVELS[max(reached, _floor(category, lowered))]


def _weight(category: Category, lowered: set[str]) -> int:
    """Steps down; what is simulated or one's own session is Medium although these start at Critical."""
    alone = BASE[category] is Level.CRITICAL and not _EXEMPT.isdisjoint(lowered)
    return len(lowered) + (1 if alone else 0)


def _may_be_critical(category: Category, raised: set[str]) -> bool:
    if category in {Category.DESTRUCTIVE, Category.FINANCIAL}:
        return True
    return category is Category.EXECUTE and not raised.isdisjoint(TO_CRITICAL)


def counts(category: Category, modifier: str) -> bool:
    """Whether a raising modifier is a step for this category, or only noted (codebook, rule 17)."""
    if modifier in NOTED:
        return False
    if modifier in _RAISES_ONLY:
        return category is _RAISES_ONLY[modifier]
    return category is not Category.EXECUTE or modifier in TO_CRITICAL


def lowers(category: Category, modifier: str) -> bool:
    """Whether a lowering modifier is a step for this category, or only noted (codebook, rules 18 and 19)."""
    return _LOWERS_ONLY.get(modifier, category) is category


def _floor(category: Category, lowered: set[str]) -> int:
    if category is Category.EXECUTE:
        return Level.LOW.rank if "simulated" in lowered else Level.MEDIUM.rank
    if category in {Category.DESTRUCTIVE, Category.FINANCIAL}:
        return Level.HIGH.rank if _EXEMPT.isdisjoint(lowered) else Level.MEDIUM.rank
    return Level.LOW.rank
