"""Labels and definitions for the policy tests."""

import json
from datetime import UTC, datetime

import pytest

from catalog.policy.call import Call
from catalog.policy.grammar import parse
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


NOW = datetime(2030, 1, 1, 12, tzinfo=UTC)


def make_policy(version="2", **parts):
    return parse(json.dumps({"version": version, "default": "deny", **parts}), "policy.json")


def make_call(tool="t", arguments=None, /, **parts):
    fields = {"at": NOW, "definition": ToolDefinition("s", tool), **parts}
    return Call(tool=tool, arguments={} if arguments is None else arguments, **fields)


@pytest.fixture(scope="session")
def policy():
    """A policy of version 2 (or the one named) from parts of its document; default deny."""
    return make_policy


@pytest.fixture(scope="session")
def call():
    """A call at noon of a tool that the server lists, without a schema."""
    return make_call
