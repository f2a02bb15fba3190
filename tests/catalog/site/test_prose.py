"""The texts of tool and server pages: correct English, never twice, never against the badge (site.md)."""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.policy.grammar import parse
from catalog.policy.recommend import recommend
from catalog.policy.treatment import treatment
from catalog.site.facts import server_facts, tool_facts
from catalog.site.index import SiteIndex
from catalog.site.prose_act import what_it_does
from catalog.site.prose_questions import block_policy, rate_limit_policy, tool_questions
from catalog.site.prose_why import confidence_words, why_a_policy
from catalog.site.server_view import server_view
from catalog.site.tool_view import Surroundings, tool_view
from classifier.types import Action, Category, Level, ToolDefinition

WRONG_ARTICLE = re.compile(
    r"\b(?:a (?=[aeio]\w+|hour\b|API\b|MCP\b|SQL\b)(?!one\b|one-|eu)|an (?=[bcdfgjklpqtvwyz][a-z]|user\b|unit\b))",
    re.IGNORECASE,
)
DOUBLED = re.compile(r"\.\.|,,|\s[.,;:]|[.,;:][.,;]|\b(\w+) \1\b|“”|\(\)")
ONE_AND_MANY = re.compile(
    r"\b(?:one|1) (?:\w+ )?(?:tools|calls|parameters|arguments|points|servers|records)\b(?! of| are)"
)
CITED = re.compile(r"“[^”]*”|`[^`]*`")
LEVEL_NAMES = {level.value for level in Level if level is not Level.UNKNOWN}


def texts(view: object) -> list[str]:
    """Every sentence of ours on a tool page; quotations and names are the server's."""
    ours = [view.does, view.why, view.sure, view.policy_effect, view.safest, view.elsewhere_more, *view.history,
            *(question.answer for question in view.questions)]  # fmt: skip
    plain = [text.replace("\ue000", "`").replace("\ue001", "`") for text in ours if text]
    return [one for text in plain for one in re.split(r"(?<=[.!?]) (?=[A-Z“`])", text)]


def view_of(generated: ModuleType, seed: int, tools: int) -> list[object]:
    entry = generated.server(random.Random(seed).choice(generated.SERVERS), tools, seed)
    server = server_facts(
        entry.name, (tool_facts(tool, tool.definition.name.lower()) for tool in entry.tools)
    )
    return [tool_view(facts, Surroundings(server, entry, SiteIndex(), None)) for facts in server.tools]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10_000), tools=st.integers(1, 14))
def test_every_text_is_correct_english(generated: ModuleType, seed: int, tools: int) -> None:
    for view in view_of(generated, seed, tools):
        for text in texts(view):
            bare = CITED.sub("x", text)
            assert not DOUBLED.search(bare), text
            assert not ONE_AND_MANY.search(bare), text
            assert not WRONG_ARTICLE.search(bare), text
            assert text[0].isupper() or text[0] in "`“", text
            assert text[-1] in ".!?…`”", text


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10_000), tools=st.integers(1, 14))
def test_no_sentence_stands_twice_on_a_page(generated: ModuleType, seed: int, tools: int) -> None:
    for view in view_of(generated, seed, tools):
        repeated = [text for text, count in Counter(texts(view)).items() if count > 1]
        assert not repeated


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10_000))
def test_no_text_contradicts_the_badge(generated: ModuleType, seed: int) -> None:
    """The rationale ends at the level of the badge; the question about the level begins with it."""
    for view in view_of(generated, seed, 8):
        first = re.split(r"(?<=\.) ", view.why)[0]
        named = [word for word in re.findall(r"[A-Z][a-z]+", CITED.sub("", first)) if word in LEVEL_NAMES]
        assert named[-1] == view.level, first
        assert view.questions[2].answer.startswith(view.level)
        assert view.category in view.questions[0].answer
        if view.category != "Read":
            assert "nothing is different" not in view.does


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10_000))
def test_every_policy_on_a_page_does_what_the_page_says(generated: ModuleType, seed: int) -> None:
    """The rule of the page is the recommendation, rounded as version 1 must; the answers limit and hide."""
    entry = generated.server("orchard", 8, seed)
    server = server_facts(
        entry.name, (tool_facts(tool, tool.definition.name.lower()) for tool in entry.tools)
    )
    for facts in server.tools:
        view = tool_view(facts, Surroundings(server, entry, SiteIndex(), None))
        wanted = recommend(facts.label, facts.name).action
        rounded = Action.DENY if wanted is Action.APPROVE else wanted
        assert treatment(parse(view.policy.text, "page"), facts.name) is rounded
        assert treatment(parse(view.questions[3].policy, "limit"), facts.name) is Action.LIMIT
        assert treatment(parse(view.questions[4].policy, "block"), facts.name) is Action.HIDE


def test_a_name_that_no_policy_can_hold_is_not_put_into_one(generated: ModuleType) -> None:
    """`*` in a policy means every tool (policy.md)."""
    base = generated.tool("orchard", random.Random(1))
    definition = ToolDefinition("orchard", "*", description="Deletes a job.")
    label = generated.classification(definition, (Category.READ, Level.LOW), (), random.Random(2))
    facts = tool_facts(replace(base, definition=definition, classification=label), "x")
    entry = generated.entry("orchard", (facts.entry,))
    questions = tool_questions(facts, server_facts("orchard", [facts]), entry)
    assert questions[3].policy is None
    assert questions[4].policy == {"version": "1", "default": "deny"}


def made(
    generated: ModuleType,
    label: tuple[Category, Level],
    modifiers: tuple[str, ...] = (),
    **definition: object,
) -> object:
    whole = ToolDefinition(**{"server": "workflows", "description": None, "input_schema": None, **definition})
    chance = random.Random(4)
    entry = generated.tool("workflows", chance)
    return tool_facts(
        replace(
            entry, definition=whole, classification=generated.classification(whole, label, modifiers, chance)
        ),
        whole.name,
    )


CANCEL = {
    "name": "cancel_job",
    "description": "Cancels a running job.",
    "input_schema": {"properties": {"job_id": {"type": "string"}}, "required": ["job_id"]},
}


def test_the_act_is_said_with_its_object_and_its_loss(generated: ModuleType) -> None:
    """cancel_job is Destructive and Critical: the job's work is lost (codebook, worked examples)."""
    facts = made(generated, (Category.DESTRUCTIVE, Level.CRITICAL), **CANCEL)
    assert [
        one.replace("\ue000", "`").replace("\ue001", "`") for one in what_it_does(facts, "workflows")
    ] == [
        "`cancel_job` lets an agent cancel a running job through workflows.",
        "Whatever the running job had done so far is lost.",
        "The agent supplies `job_id`.",
    ]


def test_the_sibling_that_hands_out_the_identifier_is_named(generated: ModuleType) -> None:
    cancel = made(generated, (Category.DESTRUCTIVE, Level.CRITICAL), **CANCEL)
    listing = made(generated, (Category.READ, Level.LOW), name="list_jobs", description="Lists all jobs.")
    text = " ".join(why_a_policy(cancel, server_facts("workflows", [cancel, listing])))
    assert (
        "All a call needs is \ue000job_id\ue001, which \ue000list_jobs\ue001 on the same server hands out."
        in text
    )


def test_a_raised_level_names_what_raised_it(generated: ModuleType) -> None:
    facts = made(
        generated,
        (Category.WRITE, Level.HIGH),
        ("overwrites",),
        name="replace_file",
        description="Replaces a file.",
    )
    text = " ".join(why_a_policy(facts, server_facts("workflows", [facts])))
    assert "Write tools start at Medium; this one moves up to High because of “overwrites”." in text


@pytest.mark.parametrize(
    ("description", "unread", "note"),
    [
        (None, False, "No description is published"),
        ("", False, "and it is empty"),
        (" \n", False, "and it is empty"),
        (None, True, "could not resolve"),
    ],
)
def test_none_empty_and_unread_are_three_different_things(
    generated: ModuleType, description: str | None, unread: bool, note: str
) -> None:
    """product.md, "What it refuses to do"."""
    facts = made(
        generated,
        (Category.READ, Level.LOW),
        name="list_jobs",
        description=description,
        description_unread=unread,
    )
    entry = generated.entry("workflows", (facts.entry,))
    view = tool_view(facts, Surroundings(server_facts("workflows", [facts]), entry, SiteIndex(), None))
    assert view.description == ""
    assert note in view.description_note


def test_a_label_by_name_alone_says_so(generated: ModuleType) -> None:
    facts = made(generated, (Category.DESTRUCTIVE, Level.CRITICAL), name="cancel_job")
    entry = generated.entry("workflows", (facts.entry,))
    view = tool_view(facts, Surroundings(server_facts("workflows", [facts]), entry, SiteIndex(), None))
    assert "only the name was there to read" in view.sure
    assert view.quotes[0].field == "name"
    assert view.quotes_note == "There was nothing but the name to quote."


@pytest.mark.parametrize(
    ("confidence", "words"),
    [(1.0, "almost certain (99\u00a0%)"), (0.86, "very likely (86\u00a0%)"), (0.2, "a guess (20\u00a0%)")],
)
def test_confidence_is_a_phrase_with_its_figure(confidence: float, words: str) -> None:
    assert confidence_words(confidence) == words


def test_a_server_with_all_three_legs_is_called_dangerous(generated: ModuleType) -> None:
    """Untrusted content, private data and a way out, in one server (site.md, "Server")."""
    tools = [
        made(
            generated,
            (Category.READ, Level.MEDIUM),
            ("ssrf",),
            name="fetch_page",
            description="Fetches a page.",
        ),
        made(
            generated,
            (Category.READ, Level.HIGH),
            ("secrets_out",),
            name="get_key",
            description="Returns a key.",
        ),
        made(
            generated,
            (Category.EXECUTE, Level.HIGH),
            ("comms",),
            name="send_mail",
            description="Sends a mail.",
        ),
    ]
    entry = generated.entry("workflows", tuple(facts.entry for facts in tools))
    view = server_view(server_facts("workflows", tools), entry, SiteIndex())
    assert [leg.tools[0].name for leg in view.legs] == ["fetch_page", "get_key", "send_mail"]
    assert view.legs_note.startswith("All three are here")
    assert view.grade == "B"


def test_the_grade_can_be_added_up_from_the_page(
    generated: ModuleType, build_site: Callable[..., object], tmp_path: Path
) -> None:
    build_site(generated.catalogue(), tmp_path / "site")
    twin = json.loads((tmp_path / "site/tools/harbour/index.json").read_text())
    each = {"Low": 0, "Medium": 1, "High": 5, "Critical": 20}
    assert twin["exposure"]["points"] == sum(each[tool["risk"]] for tool in twin["tools"])


def test_the_policies_of_the_answers_are_the_published_form(generated: ModuleType) -> None:
    """policy.md, grammar version 1: exactly these keys."""
    facts = made(generated, (Category.READ, Level.LOW), name="list_jobs", description="Lists jobs.")
    assert block_policy("list_jobs") == {"version": "1", "default": "deny", "hide": ["list_jobs"]}
    assert rate_limit_policy(facts)["tools"]["list_jobs"]["limits"] == [
        {"counter": "list_jobs_rate", "window": "minute", "max": 60, "scope": "grant"}
    ]
