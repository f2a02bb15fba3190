"""The exposure grade of a server, A to F: an open sum of points in which each tool can be found.

Points per tool by level; the grade is the highest step the sum reaches. It says how much an agent
can do through the server, not how well the server is made: a good delete tool is still a delete tool.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from classifier.types import Level

if TYPE_CHECKING:
    from collections.abc import Iterable

POINTS: Final = {Level.LOW: 0, Level.MEDIUM: 1, Level.HIGH: 5, Level.CRITICAL: 20, Level.UNKNOWN: 10}
STEPS: Final = (
    ("F", 200),
    ("E", 80),
    ("D", 40),
    ("C", 20),
    ("B", 1),
    ("A", 0),
)  # grade, points from which it holds


def points(levels: Iterable[Level]) -> int:
    """The sum over all tools of a server."""
    return sum(POINTS[level] for level in levels)


def grade(total: int) -> str:
    """The letter for a sum of points."""
    return next(letter for letter, least in STEPS if total >= least)
