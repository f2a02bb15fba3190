"""The invented definitions of `data/practice.jsonl`: ours, each name once, labelled within the codebook."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from classifier.labels import LabelledDefinition, read_labelled
from classifier.types import CATEGORIES, Category, Level

DATA = Path(__file__).parents[2] / "data"
EXEMPT = {"simulated", "own_session"}  # lift the floors (codebook, "Floors")


@pytest.fixture(scope="module")
def practice() -> list[LabelledDefinition]:
    return read_labelled(DATA / "practice.jsonl")


def test_each_name_stands_once_and_every_category_is_there(practice: list[LabelledDefinition]) -> None:
    """A name twice could carry two labels."""
    names = [row.definition.name for row in practice]
    assert len(names) == len(set(names))
    assert {row.category for row in practice} == set(CATEGORIES)


def test_no_level_is_below_its_category_s_floor(practice: list[LabelledDefinition]) -> None:
    """Codebook, "Floors"."""
    for row in practice:
        exempt = EXEMPT & set(row.modifiers or ())
        if row.category in (Category.DESTRUCTIVE, Category.FINANCIAL):
            assert row.risk.rank >= (Level.MEDIUM if exempt else Level.HIGH).rank, row.definition.name
        if row.category is Category.EXECUTE and "simulated" not in (row.modifiers or ()):
            assert row.risk is not Level.LOW, row.definition.name


def test_none_is_a_published_definition(practice: list[LabelledDefinition]) -> None:
    """What is measured must not be what was practised on."""
    with (DATA / "labels.jsonl").open(encoding="utf-8") as lines:
        published = {json.loads(line)["fingerprint"] for line in lines}
    own = {row.definition.fingerprint for row in practice if row.definition.description}
    assert not own & published
