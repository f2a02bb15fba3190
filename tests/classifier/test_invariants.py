"""What holds for any definition whatever (architecture, "Invariants")."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifier.classify import Classifier
from classifier.definition import name_only, without_texts
from classifier.evidence import field_text
from classifier.types import NAME_ONLY_CAP, Basis, Level, ToolDefinition

WORDS = st.sampled_from(
    [
        "delete",
        "get",
        "list",
        "create",
        "update",
        "run",
        "cancel",
        "pay",
        "send",
        "job",
        "issue",
        "file",
        "invoice",
        "page",
        "the",
        "a",
        "all",
        "from",
        "to",
        "trash",
        "sql",
        "query",
        "command",
        "read-only",
        "permanently",
        ".",
        ",",
        ":",
        "删除",
        "job's",
        "Args:",
        "drop",
        "restore",
        "bulk",
        "token",
        "url",
    ]
)
TEXT = st.one_of(st.none(), st.text(max_size=60), st.lists(WORDS, max_size=25).map(" ".join))
NAMES = st.one_of(st.text(min_size=1, max_size=30), st.lists(WORDS, min_size=1, max_size=4).map("_".join))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)
PROPERTY = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["string", "array", "integer"]) | JSON,
        "enum": JSON,
        "description": TEXT,
        "properties": JSON,
        "anyOf": JSON,
    },
)
SCHEMAS = st.one_of(
    st.none(),
    st.dictionaries(st.text(max_size=8), JSON, max_size=4),
    st.builds(
        lambda p, r: {"type": "object", "properties": p, "required": r},
        st.dictionaries(NAMES, PROPERTY, max_size=4),
        JSON,
    ),
)
HINTS = st.dictionaries(
    st.sampled_from(["readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint", "title"]),
    JSON,
    max_size=3,
)
DEFINITIONS = st.builds(
    ToolDefinition,
    server=st.just("any"),
    name=NAMES,
    title=TEXT,
    description=TEXT,
    input_schema=SCHEMAS,
    annotations=st.one_of(st.none(), HINTS),
)


@given(DEFINITIONS)
@settings(max_examples=300, deadline=None)
def test_any_definition_is_classified_with_evidence_that_is_a_substring(
    shipped: Classifier, definition: ToolDefinition
) -> None:
    """Total; at least one quotation; each excerpt stands in the field that it names."""
    found = shipped.classify(definition)
    assert found.evidence
    for evidence in (*found.evidence, *(hit.evidence for hit in found.rule_hits)):
        assert evidence.excerpt
        assert evidence.excerpt in field_text(definition, evidence.field)


@given(DEFINITIONS)
@settings(deadline=None)
def test_the_category_is_the_worst_effect_or_an_open_language_names_a_worse_one(
    shipped: Classifier, definition: ToolDefinition
) -> None:
    """Codebook rules 4 and 5."""
    found = shipped.classify(definition)
    assert found.category in found.effects
    worse = found.effects[: found.effects.index(found.category)]
    assert not worse or any(modifier.name == "named_delete" for modifier in found.modifiers)


@given(st.lists(DEFINITIONS, max_size=5))
@settings(deadline=None, max_examples=50)
def test_many_are_classified_exactly_as_one_by_one(
    shipped: Classifier, definitions: list[ToolDefinition]
) -> None:
    """Same results, same order."""
    assert list(shipped.classify_many(definitions)) == [shipped.classify(each) for each in definitions]


@given(DEFINITIONS, HINTS)
@settings(deadline=None)
def test_annotations_alone_never_lower_the_level(
    shipped: Classifier, definition: ToolDefinition, hints: dict[str, Any]
) -> None:
    """Codebook rule 2: they are the server's own claims."""
    bare, annotated = (shipped.classify(replace(definition, annotations=each)) for each in (None, hints))
    assert annotated.risk.rank >= bare.risk.rank


@given(DEFINITIONS)
@settings(deadline=None)
def test_the_server_makes_no_difference(shipped: Classifier, definition: ToolDefinition) -> None:
    """Codebook rule 15: identical definition, identical label."""
    assert shipped.classify(replace(definition, server="other")) == shipped.classify(definition)


@given(DEFINITIONS)
@settings(deadline=None)
def test_a_bare_name_is_capped(shipped: Classifier, definition: ToolDefinition) -> None:
    """Our decision: a name alone is never more certain than the cap."""
    found = shipped.classify(name_only(definition))
    assert found.basis is Basis.NAME
    assert found.confidence <= NAME_ONLY_CAP


@given(DEFINITIONS)
@settings(deadline=None)
def test_taking_the_texts_away_leaves_names_and_types(
    shipped: Classifier, definition: ToolDefinition
) -> None:
    """The second form the classifier is measured in has no text to go by."""
    assert shipped.classify(without_texts(definition)).basis is not Basis.TEXT


@pytest.mark.parametrize(
    "claim",
    [
        "This tool is read-only and completely safe.",
        "Gets information. Reads and lists. Never changes anything.",
    ],
)
def test_a_soothing_text_on_a_destructive_name_is_a_conflict(shipped: Classifier, claim: str) -> None:
    """The text contradicts the name: a person must look, and the level is never Low."""
    schema = {"type": "object", "properties": {"confirm": {"type": "boolean"}}, "required": ["confirm"]}
    found = shipped.classify(
        ToolDefinition("demo", "delete_everything", description=claim, input_schema=schema)
    )
    assert found.risk is not Level.LOW
    assert found.needs_review


def test_a_read_only_hint_on_a_delete_is_reported_and_lowers_nothing(shipped: Classifier) -> None:
    """Annotations against the label make a page of disagreements."""
    definition = ToolDefinition(
        "demo", "delete_page", description="Delete a page.", annotations={"readOnlyHint": True}
    )
    found = shipped.classify(definition)
    assert found.annotation_conflict is not None
    assert found.risk is Level.CRITICAL


def test_a_megabyte_of_hostile_text_takes_less_than_a_second(shipped: Classifier) -> None:
    """Time in proportion to the text; nothing that explodes."""
    for piece in (
        "a" * 64,
        "((((",
        "delete from ",
        "create, update, ",
        "Args: x: ",
        "\u200b",
        "删除",
        "a\n\n",
    ):
        text = piece * ((1 << 20) // len(piece))
        started = time.perf_counter()
        shipped.classify(
            ToolDefinition(
                "demo",
                "tool",
                title=text,
                description=text,
                input_schema={"properties": {"p": {"description": text}}},
            )
        )
        assert time.perf_counter() - started < 1.0


def test_another_process_gives_the_same_bytes() -> None:
    """No hash order, no clock, no environment in a result."""
    code = (
        "import sys; from pathlib import Path; from classifier.classify import Classifier; from classifier.types import ToolDefinition;"
        "c = Classifier.load(Path(sys.argv[1]));"
        "print([c.classify(ToolDefinition('s', n, description=d)) for n in ('delete_job', 'getX', '取消') for d in (None, 'Create, update or delete a job.')])"
    )
    folder = str(__import__("pathlib").Path(__file__).parents[2] / "data" / "models" / "1")
    seeds = ("0", "4242")
    runs = [
        subprocess.run(
            [sys.executable, "-c", code, folder],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in seeds
    ]
    assert runs[0] == runs[1] != b""


def test_classifying_imports_no_training_library() -> None:
    """Start-up budget: scikit-learn and scipy belong to training alone."""
    code = "import sys, classifier.classify; print([m for m in ('sklearn', 'scipy') if m in sys.modules])"
    assert (
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        ).stdout.strip()
        == "[]"
    )
