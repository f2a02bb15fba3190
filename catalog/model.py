"""The classifier with the model that the catalogue ships, or with one of the user's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from catalog import resources
from catalog.errors import ModelError
from classifier.classify import Classifier
from classifier.model import ModelFormatError

if TYPE_CHECKING:
    from pathlib import Path

SHIPPED: Final = "3"  # the folder in data/models that is used unless the user names another


def load_classifier(folder: Path | None = None) -> Classifier:
    """Load the shipped model, or the one in `folder`.

    Raises:
        ModelError: the folder is missing, damaged, or written for another version.

    """
    chosen = folder or resources.DATA / "models" / SHIPPED
    try:
        return Classifier.load(chosen)
    except (ModelFormatError, OSError) as error:
        raise ModelError(
            f"cannot load the model in {chosen}: {error}",
            hint="name a folder that `catalog train` wrote, or leave --model out to use the shipped one",
        ) from error
