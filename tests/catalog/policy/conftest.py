"""Labels and definitions for the policy tests."""

import pytest

from classifier.types import (
    Basis,
    Category,
    Classification,
    DecidedBy,
    Evidence,
    Level,
    Modifier,
    ToolDefinition,
)


def make_label(category=Category.READ, risk=Level.LOW, *, doubtful=False, raised_by=(), fingerprint="0" * 64):
    quotation = Evidence("name", "tool", "a-rule")
    return Classification(
        fingerprint=fingerprint,
        category=category,
        risk=risk,
        effects=(category,),
        modifiers=tuple(Modifier(name, 1, quotation) for name in raised_by),
        confidence=0.9,
        evidence=(quotation,),
        basis=Basis.TEXT,
        rule_hits=(),
        verdict=None,
        decided_by=DecidedBy.RULES,
        reason="",
        annotation_conflict=None,
        review_reasons=("rules and model differ",) if doubtful else (),
        rules_version="1",
    )


def make_tool(
    name, category=Category.READ, risk=Level.LOW, *, server="a-server", doubtful=False, schema=None
):
    definition = ToolDefinition(server, name, input_schema=schema)
    return definition, make_label(category, risk, doubtful=doubtful, fingerprint=definition.fingerprint)


@pytest.fixture(scope="session")
def label():
    return make_label


@pytest.fixture(scope="session")
def tool():
    return make_tool
