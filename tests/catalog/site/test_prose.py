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
from catalog.site.made import Surroundings
from catalog.site.prose_act import what_it_does
from catalog.site.prose_questions import block_policy, rate_limit_policy, tool_questions
from catalog.site.prose_why import confidence_words, why_a_policy
from catalog.site.related import safest
from catalog.site.rows import footer
from catalog.site.server_view import server_view
from catalog.site.tool_view import tool_view
from catalog.site.words import CATEGORY_GIST, CATEGORY_MEANING, LEVEL_GIST, LEVEL_MEANING, MODIFIERS
from classifier.lexicon import FAMILY_OF
from classifier.rules import RULES
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
    ours = [view.does, view.why, view.sure, view.policy_effect, view.safest, view.elsewhere_more, *view.history.lines,
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
        assert treatment(parse(view.policies[0].text, "page"), facts.name) is rounded
        assert treatment(parse(view.questions[3].policy, "limit"), facts.name) is Action.LIMIT
        assert treatment(parse(view.questions[4].policy, "block"), facts.name) is Action.HIDE


CLAUSE = re.compile(r"[.;:,()]+ ?")


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10_000), tools=st.integers(1, 14))
def test_no_sentence_holds_a_colon_within_a_colon(generated: ModuleType, seed: int, tools: int) -> None:
    for view in view_of(generated, seed, tools):
        for text in [*texts(view), view.claims_note]:
            assert CITED.sub("x", text).count(": ") <= 1, text


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10_000), tools=st.integers(1, 14))
def test_the_rationale_says_nothing_twice(generated: ModuleType, seed: int, tools: int) -> None:
    for view in view_of(generated, seed, tools):
        clauses = [one.lower() for one in CLAUSE.split(f"{view.why} {view.sure}") if one.count(" ") >= 3]
        assert len(clauses) == len(set(clauses)), clauses


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10_000), tools=st.integers(1, 14))
def test_no_text_holds_a_modifiers_internal_name_or_certainty(
    generated: ModuleType, seed: int, tools: int
) -> None:
    """Shares have one form, `97%`, and nothing here is certain."""
    for view in view_of(generated, seed, tools):
        ours = [view.does, view.why, view.sure, view.policy_effect, view.safest, view.confidence, view.claims_note,
                *(one.word for one in view.signals), *(question.answer for question in view.questions)]  # fmt: skip
        for text in ours:
            bare = CITED.sub("x", text.replace("\ue000", "`").replace("\ue001", "`"))
            assert not re.search(r"[a-z]_[a-z]|\bssrf\b|raised by", bare), text
            assert not re.search(r"\d\s%|100%", bare), text
        assert not re.search(r"on_deny.*(?:raised by|\w_out|\bssrf\b)", view.policies[0].text)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10_000), tools=st.integers(1, 14))
def test_the_answers_fit_the_exported_policy(generated: ModuleType, seed: int, tools: int) -> None:
    """Version 1 cannot ask a person: nobody waits; a limit has its number; what is refused is advised against."""
    for view in view_of(generated, seed, tools):
        enforce, limit = view.questions[1].answer, view.questions[3].answer
        exported = parse(view.policies[0].text, "page")
        how = treatment(exported, view.name)
        assert "waits for a person" not in enforce
        assert ("is refused" in enforce or "refused when called" in enforce) is (
            how in (Action.DENY, Action.HIDE)
        )
        assert bool(re.search(r"at most \d+ times a minute", enforce)) is (how is Action.LIMIT)
        assert limit.startswith("We advise against it") is (how in (Action.DENY, Action.HIDE))


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10_000), tools=st.integers(1, 14))
def test_the_company_of_a_level_is_counted_in_good_english(
    generated: ModuleType, seed: int, tools: int
) -> None:
    for view in view_of(generated, seed, tools):
        answer = view.questions[2].answer
        assert not re.search(r"\bNo other|\band \w+ above it", answer), answer
        assert not re.search(r"\bone stand\b|\b(?!one )\w+ stands above", answer), answer
        assert view.level != "Critical" or "above it" not in answer


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10_000), tools=st.integers(2, 40))
def test_the_safest_sibling_does_a_similar_thing(generated: ModuleType, seed: int, tools: int) -> None:
    """What only reads does not stand in for what writes; the thing is named by both."""
    entry = generated.server("orchard", tools, seed)
    server = server_facts(
        entry.name, (tool_facts(tool, tool.definition.name.lower()) for tool in entry.tools)
    )
    for facts in server.tools:
        other = safest(facts, server)
        if other is not None:
            assert other.level.rank < facts.level.rank
            assert (other.category is Category.READ) is (facts.category is Category.READ)
            assert other.head == facts.head != ""
            assert {"create", "delete"} != {facts.act.family, other.act.family}


def test_a_reader_of_contents_is_no_substitute_for_adding_them(generated: ModuleType) -> None:
    """git_add and git_show of the git server."""
    add = made(generated, (Category.WRITE, Level.MEDIUM), name="git_add", description="Adds file contents.")
    show = made(
        generated, (Category.READ, Level.LOW), name="git_show", description="Shows the contents of a commit."
    )
    assert safest(add, server_facts("git", [add, show])) is None


def test_a_milder_tool_of_the_same_act_is_named(generated: ModuleType) -> None:
    purge = made(
        generated,
        (Category.DESTRUCTIVE, Level.CRITICAL),
        name="delete_note",
        description="Deletes the note.",
    )
    archive = made(
        generated, (Category.WRITE, Level.LOW), name="archive_note", description="Archives the note."
    )
    assert safest(purge, server_facts("notes", [purge, archive])) is archive


@given(
    verb=st.sampled_from(sorted(word for word, family in FAMILY_OF.items() if family == "drive")),
    thing=st.sampled_from(["workflow registry", "cache", "index", "list of jobs"]),
)
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_only_what_has_a_page_or_a_session_acts_on_what_it_shows(
    generated: ModuleType, verb: str, thing: str
) -> None:
    label = (Category.EXECUTE, Level.MEDIUM)
    sentence = "whatever the session shows"
    plain = made(generated, label, name=f"{verb}_thing", description=f"{verb.title()} the {thing}.")
    assert sentence not in " ".join(what_it_does(plain, "x"))
    page = made(generated, label, name=f"{verb}_page", description="Click a button in the browser.")
    assert sentence in " ".join(what_it_does(page, "x"))


@pytest.mark.parametrize(
    ("count", "words"), [(2, "two arguments, both of which"), (3, "three arguments, all of which")]
)
def test_two_arguments_are_both(generated: ModuleType, count: int, words: str) -> None:
    names = [f"part_{number}" for number in range(count)]
    schema = {"properties": {name: {"type": "string"} for name in names}, "required": names}
    facts = made(generated, (Category.WRITE, Level.MEDIUM), name="join", input_schema=schema)
    assert words in " ".join(why_a_policy(facts, server_facts("x", [facts])))


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10_000), tools=st.integers(1, 14))
def test_every_text_of_a_server_is_correct_english(generated: ModuleType, seed: int, tools: int) -> None:
    entry = generated.server("orchard", tools, seed)
    server = server_facts(
        entry.name, (tool_facts(tool, tool.definition.name.lower()) for tool in entry.tools)
    )
    view = server_view(server, entry, SiteIndex())
    ours = [*view.summary, *view.policy_effect, view.footer, *(one.answer for one in view.questions)]
    for text in ours:
        bare = CITED.sub("x", text.replace("\ue000", "`").replace("\ue001", "`"))
        assert not DOUBLED.search(bare), text
        assert not ONE_AND_MANY.search(bare), text
        assert not re.search(r"\bone further ones|\d\s%|100%", bare), text
        assert "waits for a person" not in bare, text


@pytest.mark.parametrize(
    ("tools", "known", "text"),
    [
        (1, 1, "1 tool of loom is catalogued and classified here, in an index of 1 server."),
        (12, 16, "12 tools of loom are catalogued and classified here, in an index of 16 servers."),
    ],
)
def test_the_footer_counts_in_good_english(tools: int, known: int, text: str) -> None:
    assert footer("loom", tools, known) == text


@pytest.mark.parametrize(
    ("package", "word", "said"),
    [
        ("https://tools.example.org/mcp", "Address", "reached at the address"),
        ("npm:loom", "Package", "published as the package"),
        ("loom-server", "Command", "started by the command"),
    ],
)
def test_what_a_server_was_started_from_has_its_right_name(
    generated: ModuleType, package: str, word: str, said: str
) -> None:
    entry = replace(generated.server("loom", 3, seed=1), package=package)
    server = server_facts("loom", (tool_facts(tool, tool.definition.name) for tool in entry.tools))
    fact = server_view(server, entry, SiteIndex()).facts[0]
    assert (fact.name, package in fact.value) == (word, True)
    assert said in tool_questions(server.tools[0], server, entry)[5].answer


CONTENT = re.compile(r"[a-z]{4,}")
FILLING = frozenset(["something", "with", "that", "what", "this", "from", "have", "will"])


def stems(text: str) -> set[str]:
    return {word[:5] for word in CONTENT.findall(text.lower()) if word not in FILLING}


@pytest.mark.parametrize("category", list(Category))
def test_a_categorys_meaning_does_not_repeat_its_gist(category: Category) -> None:
    """They stand side by side on its page and on the overview."""
    gist = stems(CATEGORY_GIST[category])
    for text in CATEGORY_MEANING[category]:
        assert len(gist & stems(text)) <= len(gist) / 3, text


@pytest.mark.parametrize("level", list(Level))
def test_a_levels_meaning_does_not_repeat_its_gist(level: Level) -> None:
    gist = stems(LEVEL_GIST[level])
    assert len(gist & stems(LEVEL_MEANING[level])) <= len(gist) / 3


def test_every_modifier_of_the_rules_has_words() -> None:
    assert {rule.argues_for for rule in RULES if rule.category is None} <= set(MODIFIERS)


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


@pytest.mark.parametrize(
    ("category", "name", "description", "modifiers", "said"),
    [
        (
            Category.DESTRUCTIVE,
            "remove_project_from_plan",
            "Remove a project from a plan",
            (),
            "no longer there",
        ),
        (Category.DESTRUCTIVE, "clear_range", "Clear a range's values.", (), "The range is empty when"),
        (
            Category.EXECUTE,
            "type_into",
            "Send input to a running process",
            (),
            "takes effect where it arrives",
        ),
        (Category.EXECUTE, "tell", "Send an email to a customer", ("comms",), "A message leaves"),
        (Category.EXECUTE, "fill_form", "Fill out a form on the page", (), "whatever the session shows"),
        (Category.FINANCIAL, "place_stock_order", "Place a stock or ETF order.", (), "place a stock order"),
        (Category.DESTRUCTIVE, "delete_pivot", "Delete a PivotTable.", (), "The PivotTable is gone"),
        (Category.DESTRUCTIVE, "delete_pivot", "Delete a Pivot Table.", (), "The pivot table is gone"),
    ],
)
def test_what_is_left_behind_fits_the_act(
    generated: ModuleType,
    category: Category,
    name: str,
    description: str,
    modifiers: tuple[str, ...],
    said: str,
) -> None:
    facts = made(generated, (category, Level.CRITICAL), modifiers, name=name, description=description)
    assert said in " ".join(what_it_does(facts, "x"))


def test_an_act_of_ones_own_session_has_no_effect_in_what_follows(generated: ModuleType) -> None:
    label, text = (Category.EXECUTE, Level.MEDIUM), "Resize the browser window"
    facts = made(generated, label, ("own_session",), name="resize", description=text)
    assert "what follows" not in " ".join(what_it_does(facts, "x"))
    assert "what follows" in " ".join(
        what_it_does(made(generated, label, name="resize", description=text), "x")
    )


def test_a_person_to_ask_is_no_refusal_in_the_answers(generated: ModuleType) -> None:
    """Version 1 rounds to a refusal, and the page says that this is the file's limit and not the advice."""
    facts = made(
        generated, (Category.EXECUTE, Level.CRITICAL), name="run_shell", description="Runs a command."
    )
    server = server_facts("workflows", [facts])
    answers = [one.answer for one in tool_questions(facts, server, generated.entry("workflows", ()))]
    assert "which is of version 1 and cannot ask a person" in answers[1]
    assert "has a person look at each call" in answers[3]


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
    [(1.0, "almost certain (99%)"), (0.86, "very likely (86%)"), (0.2, "a guess (20%)")],
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
    assert [[row.name for row in leg.tools] for leg in view.legs] == [
        ["fetch_page"],
        ["get_key"],
        ["send_mail"],
        [],
    ]
    assert view.legs_notes == (
        "With this server alone, one poisoned text can make an agent collect what is private and send it away.",
    )
    assert view.grade == "D"
    combined = next(score for score in view.scores if score.part == "Combination")
    assert [row.name for row in combined.tools] == ["fetch_page", "get_key", "send_mail"]


def test_the_grade_can_be_added_up_from_the_page(
    generated: ModuleType, build_site: Callable[..., object], tmp_path: Path, reader: ModuleType
) -> None:
    build_site(generated.catalogue(), tmp_path / "site")
    twin = json.loads((tmp_path / "site/tools/harbour/index.json").read_text())
    exposure, names = twin["exposure"], {tool["name"] for tool in twin["tools"]}
    assert exposure["points"] == sum(line["points"] for line in exposure["lines"]) > 0
    assert all(line["tools"] and names.issuperset(line["tools"]) for line in exposure["lines"])
    page = reader.read(tmp_path / "site/tools/harbour/index.html").text
    for line in exposure["lines"]:
        assert line["words"] in page


def test_the_policies_of_the_answers_are_the_published_form(generated: ModuleType) -> None:
    """policy.md, grammar version 1: exactly these keys."""
    facts = made(generated, (Category.READ, Level.LOW), name="list_jobs", description="Lists jobs.")
    assert block_policy("list_jobs") == {"version": "1", "default": "deny", "hide": ["list_jobs"]}
    assert rate_limit_policy(facts)["tools"]["list_jobs"]["limits"] == [
        {"counter": "list_jobs_rate", "window": "minute", "max": 60, "scope": "grant"}
    ]
