"""What a rule is, and the small set of matchers that rules are built from.

A matcher is a formula over signs (`classifier.signs`): whether it holds depends on the bits of a reading
alone, and only one that holds is asked for the span that it saw. Patterns are RE2: they run in time
linear in the text, whatever a server sends.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from classifier.evidence import Match
from classifier.patterns import compiled
from classifier.signs import IN_ACT, IN_NAME, IN_PARAMETER, IN_SENTENCE
from classifier.types import Category, RuleHit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from classifier.reading import Reading


CERTAIN: Final = 6.0  # odds of a rule that is seldom wrong; by cross-validation
DECISIVE: Final = 1000.0  # odds of a rule that the codebook lets decide alone


@dataclass(frozen=True, slots=True, eq=False)
class Matcher:
    """A formula over signs, and what to quote when it holds.

    `reasons` are signs of which at least one is set whenever it holds; `holds` looks at all of them.
    """

    reasons: int
    holds: Callable[[int], object]
    span: Callable[[Reading], Match]


@dataclass(frozen=True, slots=True)
class Example:
    """A definition in short: name, description, parameters (name → JSON Schema), the required ones."""

    name: str
    description: str | None = None
    parameters: dict[str, dict[str, Any]] | None = None
    required: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """One reason to think something of a tool.

    `id` is never renamed and never reused: it is the anchor of the rule's page. `argues_for` is a
    category, or the name of a modifier of the codebook. `direction` is 1 for modifiers that raise
    the level, -1 for those that lower it, 0 for noted ones and for categories. `odds` multiplies the
    odds that the model gives the category: a certain rule counts for itself beside the model.
    The examples are the rule's tests: it fires on every positive one and on no negative one.
    """

    id: str
    argues_for: str
    title: str
    rationale: str
    since: str
    matcher: Matcher
    positive: tuple[Example, ...]
    negative: tuple[Example, ...]
    direction: int = 0
    odds: float = 1.0

    @property
    def category(self) -> Category | None:
        """The category argued for, or None when the rule argues for a modifier."""
        return _CATEGORY.get(self.argues_for)


_CATEGORY: Final = {category.value: category for category in Category}


def _sign(sign: int, span: Callable[[Reading], Match]) -> Matcher:
    return Matcher(sign, sign.__and__, span)


def text(pattern: str, *, unless: str = "", lead: bool = False) -> Matcher:
    """A pattern anywhere in the description, or (`lead`) in its first sentence; case is ignored.

    A sentence that also matches `unless` does not count.
    """
    sign, seen = IN_SENTENCE.add(pattern, unless=unless, lead=lead), compiled(pattern)

    def span(reading: Reading) -> Match:
        at = next(at for at, sentence in enumerate(reading.sentences) if sentence.signs & sign)
        hit, start = seen.search(reading.sentences[at].text), reading.spans[at][0]
        return Match("description", start + hit.start(), start + hit.end())

    return _sign(sign, span)


def words_in_name(*words: str, unless: Iterable[str] = ()) -> Matcher:
    """Any of the words among the words of the name, and none of `unless`."""
    wanted = _sign(IN_NAME.add_words(words), whole_name)
    return but_not(wanted, words_in_name(*unless)) if unless else wanted


def name_pattern(pattern: str) -> Matcher:
    """A pattern in the words of the name joined by one blank; the whole name is quoted."""
    return _sign(IN_NAME.add_pattern(pattern), whole_name)


def whole_name(_reading: Reading) -> Match:
    """The name as a quotation."""
    return Match("name", 0, None)


def act(*verbs: str, kinds: Iterable[str] = (), objects: str = "", name: bool = True) -> Matcher:
    """The act of the first sentence (or, with `name`, of the name) is one of the verbs or `@families`.

    With `kinds` or `objects` (a pattern over the object's words) its object must be one of those.
    When the description states an act, the name's act does not count (codebook, tie-break 2).
    """
    return _sign(IN_ACT.add(verbs, kinds=kinds, objects=objects, name=name), _stated_act)


def _stated_act(reading: Reading) -> Match:
    stated = reading.text_act
    return whole_name(reading) if stated is None else reading.span_of(stated)


def translated(*verbs: str) -> Matcher:
    """The act of the description is one of the verbs, said in another language than English."""
    return _sign(IN_ACT.add_translated(verbs), _stated_act)


def parameter(pattern: str, *, kind: str = "", required: bool = False, values: str = "") -> Matcher:
    """A parameter whose name (its words joined by a blank) matches; optionally with such values."""
    sign = IN_PARAMETER.add(pattern, kind=kind, required=required, values=values)

    def span(reading: Reading) -> Match:
        for each in reading.parameters:
            if each.signs & sign:
                return Match(each.path, 0, None)
        start, end = next(
            (start, end)
            for words, start, end in reading.documented
            if IN_PARAMETER.of_documented(" ".join(words)) & sign
        )
        return Match("description", start, end)

    return _sign(sign, span)


def any_of(*matchers: Matcher) -> Matcher:
    """At least one of the matchers; the first of those is quoted."""
    reasons = 0
    for each in matchers:
        reasons |= each.reasons

    def holds(signs: int) -> bool:
        return any(each.holds(signs) for each in matchers)

    def span(reading: Reading) -> Match:
        return next(each for each in matchers if each.holds(reading.signs)).span(reading)

    return Matcher(reasons, holds, span)


def all_of(first: Matcher, *others: Matcher) -> Matcher:
    """All matchers; the first one is quoted."""

    def holds(signs: int) -> bool:
        return bool(first.holds(signs)) and all(each.holds(signs) for each in others)

    return Matcher(first.reasons, holds, first.span)


def but_not(matcher: Matcher, *barred: Matcher) -> Matcher:
    """The matcher, and none of the barred ones."""

    def holds(signs: int) -> bool:
        return bool(matcher.holds(signs)) and not any(each.holds(signs) for each in barred)

    return Matcher(matcher.reasons, holds, matcher.span)


def fire(rules: Iterable[Rule], reading: Reading) -> list[RuleHit]:
    """The rules that match, in the order of the table, each with its quotation."""
    hits = []
    for rule in _holding(tuple(rules), reading.signs):
        proof = reading.quote(rule.matcher.span(reading), rule.id)
        if proof is not None:
            hits.append(RuleHit(rule.id, rule.argues_for, proof))
    return hits


@lru_cache(maxsize=4_096)
def _holding(rules: tuple[Rule, ...], signs: int) -> tuple[Rule, ...]:
    return tuple(rule for rule in rules if signs & rule.matcher.reasons and rule.matcher.holds(signs))
