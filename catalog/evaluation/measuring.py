"""A classifier's answers on labelled definitions, in three forms: whole, without texts, by name alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from classifier.definition import name_only, without_texts
from classifier.metrics import Pair

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from classifier.classify import Classifier
    from classifier.labels import LabelledDefinition
    from classifier.types import ToolDefinition

FULL: Final = "full"
FORMS: Final[Mapping[str, Callable[[ToolDefinition], ToolDefinition]]] = {
    FULL: lambda definition: definition,
    "no_texts": without_texts,
    "name_only": name_only,
}
FORM_TITLES: Final = {FULL: "Full definition", "no_texts": "Texts blanked", "name_only": "Name only"}


@dataclass(frozen=True, slots=True)
class Measured:
    """Labelled definitions and what one classifier says of each, per form, in their order."""

    version: str
    rows: tuple[LabelledDefinition, ...]
    pairs: Mapping[str, tuple[Pair, ...]]

    @property
    def groups(self) -> list[str]:
        """The group of servers of each row."""
        return [row.group for row in self.rows]


def measured(rows: Sequence[LabelledDefinition], classifier: Classifier) -> Measured:
    """Classify every row in every form."""
    pairs = {
        form: tuple(
            Pair(row.category, row.risk, classifier.classify(seen(row.definition)), row.modifiers)
            for row in rows
        )
        for form, seen in FORMS.items()
    }
    return Measured(classifier.version, tuple(rows), pairs)
