"""Parts of a labelled set that are worth a look of their own: by language, and by what there was to go by."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from catalog.evaluation.measuring import FULL

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from catalog.evaluation.measuring import Measured
    from classifier.labels import LabelledDefinition
    from classifier.metrics import Pair

NO_TEXT: Final = "none"
# First letter, last letter, language; looked at in this order, because Japanese also writes in Han characters.
_SCRIPTS: Final = (
    ("\u3040", "\u30ff", "ja"),
    ("\uac00", "\ud7a3", "ko"),
    ("\u3400", "\u9fff", "zh"),
    ("\u0400", "\u04ff", "cyrillic"),
)
_ENOUGH: Final = 0.1  # of the letters; a name in another script does not change the language of a text

Slices = dict[str, list["Pair"]]


def by_language(measured: Measured) -> Slices:
    """Full definitions by the language of their description, the most frequent first."""
    return _parts(measured, lambda row, _: language(row))


def by_basis(measured: Measured) -> Slices:
    """Full definitions by what there was to go by: text, name and schema, the name alone."""
    return _parts(measured, lambda _, pair: pair.found.basis.value)


def _parts(measured: Measured, key: Callable[[LabelledDefinition, Pair], str]) -> Slices:
    parts: Mapping[str, list[Pair]] = defaultdict(list)
    for row, pair in zip(measured.rows, measured.pairs[FULL], strict=True):
        parts[key(row, pair)].append(pair)
    return dict(sorted(parts.items(), key=lambda item: (-len(item[1]), item[0])))


def language(row: LabelledDefinition) -> str:
    """The language somebody noted; else `ja`, `ko`, `zh`, `cyrillic` or `latin` by script; `none` without a text."""
    text = row.definition.description
    if not text or not text.strip():
        return NO_TEXT
    if row.language:
        return row.language
    letters = [character for character in text if character.isalpha()]
    for first, last, name in _SCRIPTS:
        if sum(first <= letter <= last for letter in letters) > _ENOUGH * len(letters):
            return name
    return "latin"
