"""The entry point: a definition in, a classification out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from classifier import model as models
from classifier.combination import combine
from classifier.features import features
from classifier.reading import Reading
from classifier.rules import RULES, RULES_VERSION, fire

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from classifier.types import Classification, ToolDefinition


@dataclass(frozen=True)
class Classifier:
    """Rules and model together. Pure: the same definition gets the same classification, always."""

    model: models.Model

    @classmethod
    def load(cls, folder: Path) -> Classifier:
        """Load the model of a folder such as `data/models/1`.

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
        reading = Reading(definition)
        hits = fire(RULES, reading)
        blocks = features(reading, hits)
        return combine(reading, hits, blocks, self.model)

    def classify_many(self, definitions: Iterable[ToolDefinition]) -> Iterator[Classification]:
        """Classify a stream, in its order, holding one definition at a time."""
        return map(self.classify, definitions)
