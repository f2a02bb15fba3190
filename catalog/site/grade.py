"""The exposure grade of a server, A to F: an open sum of points in which each tool can be found.

It says how much an agent can do through the server, not how well the server is made: a good delete tool
is still a delete tool. Three parts, each of which only grows when a tool is added:

- the worst tool, once (`WORST`);
- breadth: every tool that is more than Low (`EACH`), together at most `BREADTH_LIMIT`;
- combinations of tools that are worse together than apart (`COMBINATIONS`).

The grade is the highest of `STEPS` that the sum reaches.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from classifier.types import Category, Level

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from classifier.types import Classification

WORST: Final = {Level.LOW: 0, Level.MEDIUM: 5, Level.HIGH: 20, Level.CRITICAL: 30, Level.UNKNOWN: 20}
EACH: Final = {Level.LOW: 0, Level.MEDIUM: 1, Level.HIGH: 2, Level.CRITICAL: 4, Level.UNKNOWN: 2}
BREADTH_LIMIT: Final = 30
STEPS: Final = (
    ("F", 70),
    ("E", 55),
    ("D", 40),
    ("C", 20),
    ("B", 1),
    ("A", 0),
)  # grade, points from which it holds


class Leg(StrEnum):
    """What a tool may add to a dangerous combination."""

    UNTRUSTED = "takes in text from strangers"
    PRIVATE = "reads what is private"
    OUTSIDE = "carries something outside"
    COMMANDS = "runs commands on the host"


@dataclass(frozen=True, slots=True)
class Combination:
    """Legs that are worse together, what they make possible, and the points for it."""

    legs: tuple[Leg, ...]
    words: str
    points: int


COMBINATIONS: Final = (
    Combination(
        (Leg.UNTRUSTED, Leg.PRIVATE, Leg.OUTSIDE),
        "one poisoned text can make an agent collect what is private and send it away",
        20,
    ),
    Combination((Leg.UNTRUSTED, Leg.COMMANDS), "a poisoned text can become a command", 10),
    Combination((Leg.PRIVATE, Leg.OUTSIDE), "what is private can be sent away", 5),
)
# Rules and modifiers by which a leg is told; ids of rules are never renamed.
UNTRUSTED_RULES: Final = frozenset({"fetches-free-url", "drives-an-interface"})
OUTSIDE_RULES: Final = frozenset({"contacts-outside", "posts-publicly", "http-request"})
_PRIVATE: Final = frozenset({"secrets_out", "host_files", "sensitive"})
_REACHING: Final = frozenset({"comms", "ssrf"})
_ACTS: Final = frozenset({Category.EXECUTE, Category.FINANCIAL})


@dataclass(frozen=True, slots=True)
class Line:
    """A part of the sum: what it is for, its points, and the keys of the tools it comes from."""

    part: str
    words: str
    points: int
    tools: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Exposure:
    """A server's points, line by line, and the legs that its tools have."""

    lines: tuple[Line, ...]
    legs: dict[Leg, tuple[str, ...]]

    @property
    def points(self) -> int:
        """The sum."""
        return sum(line.points for line in self.lines)

    @property
    def grade(self) -> str:
        """The letter."""
        return grade(self.points)


def exposure(tools: Iterable[tuple[str, Classification]]) -> Exposure:
    """The exposure of a server with these tools; each is known by a key that tells it from the others."""
    known = list(tools)
    adding = [(key, legs(label)) for key, label in known]
    having = {leg: tuple(key for key, found in adding if leg in found) for leg in Leg}
    return Exposure((*_worst(known), *_breadth(known), *_combined(having)), having)


def grade(points: int) -> str:
    """The letter for a sum of points."""
    return next(letter for letter, least in STEPS if points >= least)


def legs(label: Classification) -> frozenset[Leg]:
    """What a tool may add to a combination, by its category, effects, modifiers and the rules that fired."""
    modifiers = {modifier.name for modifier in label.modifiers}
    rules = {hit.rule for hit in label.rule_hits}
    found = {
        Leg.UNTRUSTED: "ssrf" in modifiers or not rules.isdisjoint(UNTRUSTED_RULES),
        Leg.PRIVATE: not modifiers.isdisjoint(_PRIVATE) and label.category is not Category.DESTRUCTIVE,
        Leg.OUTSIDE: _carries_outside(label, modifiers, rules),
        Leg.COMMANDS: "host_shell" in modifiers,
    }
    return frozenset(leg for leg, holds in found.items() if holds)


def _carries_outside(label: Classification, modifiers: set[str], rules: set[str]) -> bool:
    """Publishing always does; a message or a request does where something runs or value moves."""
    reaches = not modifiers.isdisjoint(_REACHING) or not rules.isdisjoint(OUTSIDE_RULES)
    return "public" in modifiers or (reaches and not _ACTS.isdisjoint({label.category, *label.effects}))


def _worst(tools: Sequence[tuple[str, Classification]]) -> Iterator[Line]:
    most = max((WORST[label.risk] for _, label in tools), default=0)
    if most:
        chosen = [(key, label.risk) for key, label in tools if WORST[label.risk] == most]
        level = max((risk for _, risk in chosen), key=lambda risk: risk.rank)
        yield Line("worst", f"the worst tool is {level}", most, tuple(key for key, _ in chosen))


def _breadth(tools: Sequence[tuple[str, Classification]]) -> Iterator[Line]:
    """A line per level; the last ones give less when the limit is reached."""
    left = BREADTH_LIMIT
    for level in sorted(EACH, key=lambda level: (-EACH[level], level.rank)):
        keys = tuple(key for key, label in tools if label.risk is level)
        points = min(left, len(keys) * EACH[level])
        if keys and EACH[level]:
            cut = "" if points == len(keys) * EACH[level] else f", up to {BREADTH_LIMIT} for breadth in all"
            yield Line("breadth", f"{len(keys):,} {level}, {EACH[level]} each{cut}", points, keys)
            left -= points


def _combined(having: dict[Leg, tuple[str, ...]]) -> Iterator[Line]:
    for combination in COMBINATIONS:
        if all(having[leg] for leg in combination.legs):
            keys = dict.fromkeys(key for leg in combination.legs for key in having[leg])
            yield Line("combination", combination.words, combination.points, tuple(keys))


def formula() -> tuple[str, ...]:
    """The whole formula in sentences, for the methodology page."""
    shown = (Level.MEDIUM, Level.HIGH, Level.CRITICAL, Level.UNKNOWN)
    worst = ", ".join(f"{level} {WORST[level]}" for level in shown)
    each = ", ".join(f"{level} {EACH[level]}" for level in shown)
    return (
        f"The worst tool counts once: {worst}; a server of nothing but Low tools has no points.",
        f"Breadth: every tool above Low counts: {each}; together at most {BREADTH_LIMIT}.",
        *(f"Combination, {one.points} points: {_together(one)}. Then {one.words}." for one in COMBINATIONS),
        f"Grades: {steps()}. One more tool never makes a grade better.",
    )


def _together(combination: Combination) -> str:
    *first, last = [f"a tool {leg}" for leg in combination.legs]
    return f"{', '.join(first)} and {last}"


def steps() -> str:
    """Grades and the points from which they hold, in one line."""
    return ", ".join(f"{letter} from {least}" for letter, least in reversed(STEPS))
