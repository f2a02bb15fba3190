"""Labelled definitions from a file that the user names, and the project's own labels."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from catalog import resources
from catalog.errors import NotDefinitions, NothingCollected
from classifier.labels import LabelError, LabelledDefinition, read_labelled

SHIPPED: Final = resources.DATA / "labels.jsonl"
PRACTICE: Final = resources.DATA / "practice.jsonl"

LabelsFile = Annotated[
    Path,
    typer.Argument(metavar="FILE", help="Labels as references, JSON Lines.", show_default="the shipped ones"),
]


def read_rows(path: Path) -> list[LabelledDefinition]:
    """The labelled definitions of a file.

    Raises:
        NotDefinitions: it cannot be read, or a line is no labelled definition.
        NothingCollected: it holds none.

    """
    try:
        rows = read_labelled(path)
    except (LabelError, OSError, UnicodeDecodeError) as error:
        raise NotDefinitions(
            f"cannot read {path}: {error}", hint="each line is a definition with its label"
        ) from error
    if not rows:
        raise NothingCollected(
            f"{path} holds no labelled definitions", hint="each line is a definition with its label"
        )
    return rows
