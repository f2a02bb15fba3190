"""Which words of a definition to show as evidence for its category and its level."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from classifier.evidence import quote
from classifier.keys import packed
from classifier.lexicon import CATEGORY_OF_FAMILY
from classifier.sentence import IN_LEAD, IN_TEXT
from classifier.types import CATEGORIES, Category

if TYPE_CHECKING:
    from classifier.model import Table
    from classifier.reading import Reading
    from classifier.types import Evidence, Modifier, RuleHit

MAX_QUOTES: Final = 6
_FIELDS: Final = ("description", "title", "name")  # text before name, both before parameters


def best_quotes(
    reading: Reading,
    category: Category,
    backing: tuple[RuleHit, ...],
    modifiers: tuple[Modifier, ...],
    table: Table,
) -> tuple[Evidence, ...]:
    """One to `MAX_QUOTES` quotations: the category's, best first, then those that moved the level."""
    quotes = sorted([hit.evidence for hit in backing], key=_order)
    if not quotes or quotes[0].field != "description":
        own = _model_quote(reading, category, table)  # the text's own words come before the name's
        quotes = [own, *quotes] if own.field == "description" or not quotes else quotes
    quotes += [modifier.evidence for modifier in modifiers if modifier.direction]
    seen: dict[tuple[str, str], Evidence] = {}
    for each in quotes:
        seen.setdefault((each.field, each.excerpt), each)
    return tuple(seen.values())[:MAX_QUOTES]


def _order(evidence: Evidence) -> int:
    return _FIELDS.index(evidence.field) if evidence.field in _FIELDS else len(_FIELDS)


def _model_quote(reading: Reading, category: Category, table: Table) -> Evidence:
    """The sentence that states a fitting act, else the one that weighed most, else the name."""
    definition, act = reading.definition, reading.text_act
    if act is not None and CATEGORY_OF_FAMILY.get(act.family) is category:
        own = reading.quote(reading.span_of(act), "model")
        if own is not None:
            return own
    words = [
        packed((IN_TEXT if at else IN_LEAD).keys_of(each.stems)) for at, each in enumerate(reading.sentences)
    ]
    weights = table.weights_of(words, CATEGORIES.index(category)) if words else [0]
    most = max(weights)
    if most <= 0:
        return quote(definition, "name", 0, len(definition.name), "model")
    start, end = reading.spans[weights.index(most)]
    return quote(definition, "description", start, end, "model")
