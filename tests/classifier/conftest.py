"""The shipped model, and a small set of labelled definitions made from the rules' own examples."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from catalog.model import SHIPPED as MODEL
from classifier.classify import Classifier
from classifier.labels import LabelledDefinition
from classifier.risk import BASE
from classifier.rules import RULES
from classifier.types import ToolDefinition

SHIPPED = Path(__file__).parents[2] / "data" / "models" / MODEL
GROUPS = 12


@pytest.fixture(scope="session")
def shipped() -> Classifier:
    """The classifier with the model of this repository."""
    return Classifier.load(SHIPPED)


@pytest.fixture(scope="session")
def labelled() -> list[LabelledDefinition]:
    """Each category rule's positive examples, labelled as the rule argues, dealt into groups."""
    rows = []
    for rule in RULES:
        if rule.category is None:
            continue
        for example in rule.positive:
            schema = {"type": "object", "properties": example.parameters} if example.parameters else None
            definition = ToolDefinition(
                "demo", example.name, description=example.description, input_schema=schema
            )
            group = int(hashlib.sha256(example.name.encode()).hexdigest(), 16) % GROUPS
            effects = (rule.category,)
            rows.append(
                LabelledDefinition(
                    definition, rule.category, BASE[rule.category], effects, (), f"group {group}"
                )
            )
    return rows
