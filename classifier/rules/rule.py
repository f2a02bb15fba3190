"""What a rule is, and the small set of matchers that rules are built from.

A matcher looks at a `Reading` and returns the span that it saw, or None. Patterns are RE2: they run
in time linear in the text, whatever a server sends.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from classifier.evidence import Match, quote
from classifier.patterns import IN_NAME, IN_OBJECT, IN_TEXT, compiled
from classifier.types import Category, RuleHit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from classifier.act import Act
    from classifier.reading import Reading


CERTAIN: Final = 6.0  # odds of a rule that is seldom wrong; by cross-validation
DECISIVE: Final = 1000.0  # odds of a rule that the codebook lets decide alone

Matcher = Callable[["Reading"], Match | None]


@dataclass(frozen=True, slots=True)
class Example:
    """A definition in short: name, description, parameters (name → JSON Schema), the required ones."""

    name: str
    description: str | None = None
    parameters: dict[str, dict[str, Any]] | None = None
    required: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
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


def text(pattern: str, *, unless: str = "", lead: bool = False) -> Matcher:
    """A pattern anywhere in the description, or (`lead`) in its first sentence; case is ignored.

    A sentence that also matches `unless` does not count.
    """
    number, seen = IN_TEXT.add(pattern), compiled(pattern)
    barred = compiled(unless) if unless else None

    def match(reading: Reading) -> Match | None:
        if number not in reading.seen_in_text:
            return None
        for start, end in reading.sentences[:1] if lead else reading.sentences:
            sentence = reading.text[start:end]
            hit = seen.search(sentence)
            if hit is not None and (barred is None or barred.search(sentence) is None):
                return Match("description", start + hit.start(), start + hit.end())
        return None

    return match


def words_in_name(*words: str, unless: Iterable[str] = ()) -> Matcher:
    """Any of the words among the words of the name, and none of `unless`."""
    wanted, barred = frozenset(words), frozenset(unless)

    def match(reading: Reading) -> Match | None:
        if wanted.isdisjoint(reading.name) or not barred.isdisjoint(reading.name):
            return None
        return whole_name(reading)

    return match


def name_pattern(pattern: str) -> Matcher:
    """A pattern in the words of the name joined by one blank; the whole name is quoted."""
    number = IN_NAME.add(pattern)

    def match(reading: Reading) -> Match | None:
        return whole_name(reading) if number in reading.seen_in_name else None

    return match


def whole_name(reading: Reading) -> Match:
    """The name as a quotation."""
    return Match("name", 0, len(reading.definition.name))


def act(*verbs: str, kinds: Iterable[str] = (), objects: str = "", name: bool = True) -> Matcher:
    """The act of the first sentence (or, with `name`, of the name) is one of the verbs or `@families`.

    With `kinds` or `objects` (a pattern over the object's words) its object must be one of those.
    When the description states an act, the name's act does not count (codebook, tie-break 2).
    """
    wanted, of_kind = frozenset(verbs), frozenset(kinds)
    number = IN_OBJECT.add(objects) if objects else None

    def fits(done: Act | None) -> bool:
        if done is None or wanted.isdisjoint((done.verb, f"@{done.family}")):
            return False
        if not of_kind and number is None:
            return True
        return number in done.seen or not of_kind.isdisjoint(done.kinds or ("other",))

    def match(reading: Reading) -> Match | None:
        stated = reading.text_act
        if stated is not None:
            return reading.span_of(stated) if fits(stated) else None
        return whole_name(reading) if name and fits(reading.name_act) else None

    return match


def translated(*verbs: str) -> Matcher:
    """The act of the description is one of the verbs, said in another language than English."""
    wanted = frozenset(verbs)

    def match(reading: Reading) -> Match | None:
        stated = reading.text_act
        if stated is None or stated.field != "description" or stated.verb not in wanted:
            return None
        said = stated.verb[:4] in reading.plain_sentences[reading.act_sentence]
        return None if said else reading.span_of(stated)

    return match


def parameter(pattern: str, *, kind: str = "", required: bool = False, values: str = "") -> Matcher:
    """A parameter whose name (its words joined by a blank) matches; optionally with such values."""
    seen, listed = compiled(pattern), compiled(values) if values else None

    def match(reading: Reading) -> Match | None:
        for at in reading.parameters:
            if (kind and at.kind not in {kind, "any"}) or (required and not at.required):
                continue
            if seen.search(" ".join(at.tokens)) is None:
                continue
            if listed is None or any(listed.search(value) for value in at.values):
                return Match(at.path, 0, reading.length_of(at.path))
        return None if listed is not None else _documented(reading, seen)

    return match


def _documented(reading: Reading, seen: Any) -> Match | None:
    """An argument that only the description lists; nobody can say whether it is required."""
    for tokens, start, end in reading.documented:
        if seen.search(" ".join(tokens)):
            return Match("description", start, end)
    return None


def any_of(*matchers: Matcher) -> Matcher:
    """The first of the matchers that matches."""

    def match(reading: Reading) -> Match | None:
        for each in matchers:
            found = each(reading)
            if found is not None:
                return found
        return None

    return match


def all_of(first: Matcher, *others: Matcher) -> Matcher:
    """All matchers match; the first one is quoted."""

    def match(reading: Reading) -> Match | None:
        found = first(reading)
        return found if found is not None and all(each(reading) is not None for each in others) else None

    return match


def but_not(matcher: Matcher, *barred: Matcher) -> Matcher:
    """The matcher matches and none of the barred ones does."""

    def match(reading: Reading) -> Match | None:
        found = matcher(reading)
        return None if found is None or any(each(reading) is not None for each in barred) else found

    return match


def fire(rules: Iterable[Rule], reading: Reading) -> list[RuleHit]:
    """The rules that match, in the order of the table, each with its quotation."""
    hits = []
    for rule in rules:
        found = rule.matcher(reading)
        if found is not None and found.end > found.start:
            proof = quote(reading.definition, found.field, found.start, found.end, rule.id)
            hits.append(RuleHit(rule.id, rule.argues_for, proof))
    return hits
