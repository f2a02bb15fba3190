"""Labelled definitions of our own invention, and answers made by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from classifier.classify import Classifier
from classifier.labels import LabelledDefinition
from classifier.metrics import Pair
from classifier.types import Category, Classification, Level, ToolDefinition

MakeRow = Callable[..., LabelledDefinition]
MakePair = Callable[..., Pair]
TEXTS = {
    "list_jobs": ("Lists the jobs of a queue.", Category.READ, Level.LOW),
    "create_job": ("Creates a job.", Category.WRITE, Level.MEDIUM),
    "run_command": ("Runs a shell command on the host.", Category.EXECUTE, Level.CRITICAL),
    "delete_job": ("Deletes a job for good.", Category.DESTRUCTIVE, Level.CRITICAL),
    "refund_payment": ("Refunds a payment to the customer.", Category.FINANCIAL, Level.CRITICAL),
}


@pytest.fixture(scope="session")
def make_row() -> MakeRow:
    """A labelled definition; the label is the one of its name in `TEXTS` unless another is given."""

    def row(
        name: str,
        *,
        description: str | None = "",
        server: str = "demo",
        group: str = "demo",
        language: str | None = None,
    ) -> LabelledDefinition:
        text, category, level = TEXTS.get(name, ("", Category.READ, Level.LOW))
        text = text if description == "" else description  # type: ignore[assignment]
        definition = ToolDefinition(server, name, description=text)
        return LabelledDefinition(definition, category, level, (category,), (), group, language=language)

    return row  # fmt: skip


@pytest.fixture(scope="session")
def rows(make_row: MakeRow) -> list[LabelledDefinition]:
    """Each of the five tools on three servers."""
    return [
        make_row(name, server=server, group=server) for server in ("ash", "birch", "cedar") for name in TEXTS
    ]


@pytest.fixture(scope="session")
def make_pair(classifier: Classifier) -> MakePair:
    """A row's label beside an answer made by hand."""
    template = classifier.classify(ToolDefinition("demo", "list_jobs", description="Lists jobs."))

    def pair(
        row: LabelledDefinition, category: Category, level: Level, confidence: float = 0.9, *, doubt: str = ""
    ) -> Pair:
        found: Classification = replace(
            template,
            fingerprint=row.definition.fingerprint,
            category=category,
            risk=level,
            confidence=confidence,
            review_reasons=(doubt,) if doubt else (),
        )
        return Pair(row.category, row.risk, found, row.modifiers)

    return pair
