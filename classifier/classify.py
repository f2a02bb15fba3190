"""The entry point: a definition in, a classification out."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from classifier import model as models
from classifier.combination import answer, assured, conclude
from classifier.features import features
from classifier.reading import Reading
from classifier.rules import RULES, RULES_VERSION, fire
from classifier.types import UNDESCRIBED_CAP

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from classifier.features import Blocks
    from classifier.model import Scores
    from classifier.types import Basis, Classification, RuleHit, ToolDefinition

_HANDFUL: Final = 32  # definitions that are added up together
_CHARACTERS: Final = 1 << 20  # of descriptions in a handful, so that long ones do not pile up


@dataclass(frozen=True)
class Classifier:
    """Rules and model together. Pure: the same definition gets the same classification, always."""

    model: models.Model

    @classmethod
    def load(cls, folder: Path) -> Classifier:
        """Load the model of a folder such as `data/models/3`.

        Raises:
            classifier.model.ModelFormatError: the folder holds no usable model.

        """
        return cls(models.load(folder))

    @property
    def version(self) -> str:
        """The versions of rules and model, as `Classification.classifier_version` gives them."""
        return f"{RULES_VERSION}/{self.model.version}"

    def classify(self, definition: ToolDefinition) -> Classification:
        """What the definition permits, how sure that is, and why."""
        return next(self.classify_many((definition,)))

    def classify_many(self, definitions: Iterable[ToolDefinition]) -> Iterator[Classification]:
        """Classify a stream, in its order, a handful at a time; each one as if it were alone."""
        for handful in _handfuls(definitions):
            yield from self._assured(handful)

    def _assured(self, definitions: list[ToolDefinition]) -> list[Classification]:
        """Each definition is looked at again without its description where that could be surer."""
        readings = [Reading(definition) for definition in definitions]
        found = [conclude(*seen, self.model) for seen in self._seen(readings)]
        again = [
            at
            for at, each in enumerate(definitions)
            if each.description and found[at].confidence < UNDESCRIBED_CAP
        ]
        bare = self._seen([readings[at].undescribed() for at in again])
        for at, seen in zip(again, bare, strict=True):
            found[at] = assured(found[at], answer(*seen, self.model))
        return found

    def _seen(self, readings: list[Reading]) -> Iterator[tuple[Reading, list[RuleHit], Scores]]:
        """Each reading with the rules that fired and the scores of the model, all readings together."""
        hits = [fire(RULES, reading) for reading in readings]
        asked: dict[Basis, list[Blocks]] = defaultdict(list)
        for reading, fired in zip(readings, hits, strict=True):
            asked[reading.basis].append(features(reading, fired))
        scores = {basis: iter(self.model.table(basis).scores(blocks)) for basis, blocks in asked.items()}
        for reading, fired in zip(readings, hits, strict=True):
            yield reading, fired, next(scores[reading.basis])


def _handfuls(definitions: Iterable[ToolDefinition]) -> Iterator[list[ToolDefinition]]:
    """The stream cut where enough have come, in number or in characters."""
    handful: list[ToolDefinition] = []
    characters = 0
    for definition in definitions:
        handful.append(definition)
        characters += len(definition.description or "")
        if len(handful) >= _HANDFUL or characters > _CHARACTERS:
            yield handful
            handful, characters = [], 0
    if handful:
        yield handful
