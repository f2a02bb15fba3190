"""What holds for any definition whatever (architecture, "Invariants")."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from catalog.model import SHIPPED as MODEL
from classifier.classify import Classifier
from classifier.definition import name_only, without_texts
from classifier.evidence import field_text
from classifier.features import features
from classifier.reading import MAX_READ, Reading
from classifier.rules import RULES, fire
from classifier.types import NAME_ONLY_CAP, UNDESCRIBED_CAP, Basis, Level, ToolDefinition

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
    behind = (item.evidence for item in (*found.rule_hits, *found.modifiers))
    for evidence in (*found.evidence, *behind):
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
def test_taking_the_description_away_never_makes_the_label_surer(
    shipped: Classifier, definition: ToolDefinition
) -> None:
    """Issue 3, point 4: nobody gains confidence by leaving a description out."""
    bare = shipped.classify(replace(definition, description=None))
    assert bare.confidence <= shipped.classify(definition).confidence
    assert bare.confidence <= UNDESCRIBED_CAP


@given(DEFINITIONS)
@settings(deadline=None)
def test_a_second_look_sees_what_a_definition_without_a_description_shows(definition: ToolDefinition) -> None:
    """What both looks share is not what the description changes."""
    first, alone = Reading(definition), Reading(replace(definition, description=None))
    fire(RULES, first)
    second = first.undescribed()
    assert second.basis is alone.basis
    assert fire(RULES, second) == fire(RULES, alone)
    assert features(second, ()) == features(alone, ())


@settings(max_examples=60, deadline=None)
@given(DEFINITIONS)
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


PIECES = ("a" * 64, "((((", "[(<{", "\"' «", " ", "delete from ", "create, update, ", "Args: x: ", "\u200b", "删除", "a\n\n", "is read-only ")  # fmt: skip


def hostile(size: int) -> Iterator[ToolDefinition]:
    """Definitions of about `size` characters: one piece repeated, a huge enumeration, many parameters."""
    for piece in PIECES:
        text = piece * (size // len(piece))
        prose = {"properties": {"p": {"description": text, "enum": [text]}}}
        yield ToolDefinition("demo", "tool", title=text, description=text, input_schema=prose)
    values = {"mode": {"enum": [f"delete-{at}" for at in range(size // 10)]}}
    yield ToolDefinition("demo", "tool", input_schema={"properties": values})
    many = {f"parameter_{at}": {"type": "string"} for at in range(size // 100)}
    yield ToolDefinition("demo", "tool", input_schema={"properties": many, "required": list(many)})


def test_a_megabyte_of_hostile_text_takes_less_than_a_second(shipped: Classifier) -> None:
    """Time in proportion to the text; nothing that explodes."""
    for definition in hostile(1 << 20):
        started = time.process_time()
        shipped.classify(definition)
        assert time.process_time() - started < 1.0


def calls(work: Callable[[], object]) -> int:
    """How many functions, Python's own included, are called: the same on a busy machine."""
    count = 0

    def one(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(one)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


@given(st.text(min_size=1, max_size=12) | st.lists(WORDS, min_size=1, max_size=4).map(" ".join), NAMES)
@settings(deadline=None, max_examples=60)
def test_work_grows_no_faster_than_the_text(shipped: Classifier, piece: str, name: str) -> None:
    """Four times the text, at most four times the work; the part all texts have in common aside."""
    least, small, large = (
        calls(
            lambda text=(piece * size)[:size]: shipped.classify(
                ToolDefinition("demo", name, description=text)
            )
        )
        for size in (1, 1_400, 5_600)
    )
    assert large - least <= 4.5 * max(small - least, 200)


@given(st.text(min_size=1, max_size=12) | st.lists(WORDS, min_size=1, max_size=4).map(" ".join))
@settings(deadline=None, max_examples=30)
def test_beyond_what_is_read_a_longer_text_is_no_more_work(shipped: Classifier, piece: str) -> None:
    """Reading stops at `MAX_READ` characters, whatever they are."""
    small, large = (
        calls(
            lambda text=(piece * size)[:size]: shipped.classify(
                ToolDefinition("demo", "tool", description=text)
            )
        )
        for size in (MAX_READ, 20 * MAX_READ)
    )
    assert large <= 1.1 * small + 100


@given(DEFINITIONS, st.lists(DEFINITIONS, max_size=20))
@settings(deadline=None, max_examples=50)
def test_what_was_classified_before_makes_no_difference(
    shipped: Classifier, definition: ToolDefinition, others: list[ToolDefinition]
) -> None:
    """A classifier that remembers words must not remember tools."""
    alone = Classifier(shipped.model).classify(definition)
    among = list(shipped.classify_many([*others, definition, *others]))
    assert among[len(others)] == alone


CLASSIFY = """
import json, sys
from pathlib import Path
from classifier.classify import Classifier
from classifier.definition import parse
tools = [parse(body, server="any") for body in json.load(sys.stdin)]
print("\\n".join(map(ascii, Classifier.load(Path(sys.argv[1])).classify_many(tools))))
"""


@given(st.lists(DEFINITIONS.filter(lambda each: each.name.strip() != ""), min_size=20, max_size=60))
@settings(deadline=None, max_examples=3, phases=[Phase.generate])
def test_another_process_gives_the_same_bytes(shipped: Classifier, definitions: list[ToolDefinition]) -> None:
    """No hash order, no clock, no environment in a result."""
    folder = str(Path(__file__).parents[2] / "data" / "models" / MODEL)
    bodies = json.dumps([definition.body() for definition in definitions]).encode()
    runs = [
        subprocess.run(
            [sys.executable, "-c", CLASSIFY, folder],
            input=bodies,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout.decode()
        for seed in ("0", "4242")
    ]
    assert runs[0] == runs[1]
    assert runs[0].splitlines() == [ascii(label) for label in shipped.classify_many(definitions)]


def test_classifying_imports_no_training_library() -> None:
    """Start-up budget: scikit-learn and scipy belong to training alone."""
    code = "import sys, classifier.classify; print([m for m in ('sklearn', 'scipy') if m in sys.modules])"
    assert (
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        ).stdout.strip()
        == "[]"
    )
