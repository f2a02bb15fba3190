"""Corrections and labels for the tests of overrides."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from catalog.records import Override
from classifier.types import (
    Basis,
    Category,
    Classification,
    DecidedBy,
    Evidence,
    Level,
    ModelVerdict,
    Modifier,
    ToolDefinition,
)

DEFINITION = ToolDefinition("jobs", "cancel_job", description="Ends a running job.")


def make_override(**changes: Any) -> Override:
    values: dict[str, Any] = {
        "server": "jobs",
        "tool": "cancel_job",
        "fingerprint": DEFINITION.fingerprint,
        "category": Category.WRITE,
        "risk": Level.MEDIUM,
        "reason": "it only archives",
        "author": "Ada",
        "date": date(2026, 11, 1),
    }
    return Override(**{**values, **changes})


def make_label(definition: ToolDefinition = DEFINITION, **changes: Any) -> Classification:
    quotation = Evidence("name", definition.name, "a-rule")
    values: dict[str, Any] = {
        "fingerprint": definition.fingerprint,
        "category": Category.DESTRUCTIVE,
        "risk": Level.CRITICAL,
        "effects": (Category.DESTRUCTIVE, Category.EXECUTE, Category.READ),
        "modifiers": (Modifier("bulk", 1, quotation),),
        "confidence": 0.9,
        "evidence": (quotation,),
        "basis": Basis.TEXT,
        "rule_hits": (),
        "verdict": ModelVerdict("1", (0.05, 0.125, 0.025, 0.7, 0.1)),
        "decided_by": DecidedBy.BOTH,
        "reason": "the model says Destructive",
        "annotation_conflict": None,
        "review_reasons": ("unsure",),
        "rules_version": "1",
    }
    return Classification(**{**values, **changes})


@pytest.fixture(scope="session")
def make() -> SimpleNamespace:
    return SimpleNamespace(override=make_override, label=make_label, definition=DEFINITION)
