"""The exported document: it says exactly what the table recommends, or something stricter."""

import json
from collections import Counter

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.errors import PolicyError
from catalog.policy.check import check
from catalog.policy.document import document, render
from catalog.policy.finding import Severity
from catalog.policy.grammar import parse
from catalog.policy.recommend import Profile, recommend
from catalog.policy.treatment import treatment
from catalog.resources import DATA
from classifier.types import Action, Category, Level

SCHEMA = jsonschema.Draft202012Validator(json.loads((DATA / "policy-1.schema.json").read_text("utf-8")))
# Policy page, "in a version-1 document": approve is rounded to deny, the rest stands.
TIGHTNESS = {Action.ALLOW: 0, Action.LIMIT: 1, Action.DENY: 2, Action.HIDE: 2}
IN_VERSION_1 = {Action.APPROVE: Action.DENY}


def test_a_destructive_tool_alone_gives_the_document_of_its_page(tool):
    # Policy page: "cancel_job: version 1, default deny, hide [cancel_job]".
    made = document([tool("cancel_job", Category.DESTRUCTIVE, Level.CRITICAL)])
    assert made.as_json() == {"version": "1", "default": "deny", "hide": ["cancel_job"]}
    assert made.roundings == ()


def test_allowed_limited_and_hidden_tools_stand_in_the_order_of_their_names(tool):
    made = document(
        [
            tool("execute_workflow", Category.EXECUTE, Level.HIGH),
            tool("cancel_job", Category.DESTRUCTIVE, Level.CRITICAL),
            tool("list_jobs"),
            tool("add_note", Category.WRITE, Level.MEDIUM),
        ]
    )
    limits = {"window": "minute", "scope": "grant"}
    assert made.as_json() == {
        "version": "1",
        "default": "deny",
        "hide": ["cancel_job"],
        "tools": {
            "add_note": {"limits": [{"counter": "add_note_rate", "max": 30, **limits}]},
            "execute_workflow": {"limits": [{"counter": "execute_workflow_rate", "max": 10, **limits}]},
            "list_jobs": {},
        },
    }
    assert list(made.as_json()["tools"]) == ["add_note", "execute_workflow", "list_jobs"]


def test_approve_becomes_a_refusal_of_every_call_with_the_reason(tool):
    # Policy page: "`deny_if` with empty conditions and the reason".
    made = document([tool("refund", Category.FINANCIAL, Level.CRITICAL)])
    (group,) = made.as_json()["tools"]["refund"]["deny_if"]
    assert group["conditions"] == []
    assert "moves money" in group["on_deny"]
    (rounding,) = made.roundings
    assert (rounding.tool, rounding.wanted) == ("refund", Action.APPROVE)


def test_a_doubtful_tool_is_not_listed_and_the_export_says_so(tool):
    # Policy page: "Unknown or needs_review: deny: not listed"; "The export states what it rounded".
    made = document([tool("mystery", doubtful=True), tool("list_jobs")])
    assert made.as_json() == {"version": "1", "default": "deny", "tools": {"list_jobs": {}}}
    assert [rounding.tool for rounding in made.roundings] == ["mystery"]


def test_no_tools_give_a_document_that_denies_everything():
    made = document([])
    assert made.as_json() == {"version": "1", "default": "deny"}
    assert made.summary() == "0 tools: all denied"


def test_a_tool_called_star_is_left_out_so_that_it_neither_hides_nor_opens_everything(tool):
    # Policy page: `"*"` in hide hides all; in version 2 a `*` in a key of tools is a pattern.
    made = document([tool("*", Category.DESTRUCTIVE, Level.CRITICAL), tool("a*"), tool("list_jobs")])
    assert made.as_json() == {"version": "1", "default": "deny", "tools": {"list_jobs": {}}}
    assert {rounding.tool for rounding in made.roundings} == {"*", "a*"}


def test_a_name_that_a_server_lists_twice_gets_the_strictest_recommendation(tool):
    harmless, deadly = tool("x", schema={"type": "object"}), tool("x", Category.DESTRUCTIVE, Level.CRITICAL)
    for both in ([harmless, deadly], [deadly, harmless]):
        made = document(both)
        assert made.as_json()["hide"] == ["x"]
        assert "more than once" in made.roundings[0].why


def test_the_same_name_on_two_servers_is_refused_with_the_way_out(tool):
    # Our decision: one document cannot tell them apart, and must not guess.
    tools = [tool("search", server="one"), tool("search", server="two"), tool("only", server="two")]
    with pytest.raises(PolicyError, match=r"search \(one and two\)") as refused:
        document(tools)
    assert "one file per server" in refused.value.hint
    assert "only" not in str(refused.value)


def test_tools_of_several_servers_without_a_common_name_share_one_document(tool):
    made = document([tool("a", server="one"), tool("b", server="two")])
    assert list(made.as_json()["tools"]) == ["a", "b"]


def test_the_summary_counts_each_treatment(tool):
    made = document([tool("a"), tool("b"), tool("c", Category.DESTRUCTIVE, Level.CRITICAL)])
    assert made.summary() == "3 tools: 2 allowed, 1 hidden"


def test_a_hostile_name_is_ascii_in_the_file(tool):
    text = render(document([tool("list\u202ejobs\x1b[2J")]))
    assert text.isascii()
    assert "\x1b" not in text
    assert parse(text, "policy.json").tools.keys() == {"list\u202ejobs\x1b[2J"}


NAMES = st.one_of(
    st.text(min_size=1, max_size=12), st.sampled_from(["*", "a/b", "~", "\ud800", "__proto__", "x"])
)
LABELS = st.tuples(NAMES, st.sampled_from(Category), st.sampled_from(Level), st.booleans())


@given(st.lists(LABELS, max_size=8), st.sampled_from(Profile))
def test_every_document_is_valid_and_gives_each_tool_the_recommended_action_or_a_stricter_one(
    tool, rows, profile
):
    # Issue: "validated against a JSON Schema that the project ships; each recommendation as in the table".
    tools = [tool(name, category, risk, doubtful=doubtful) for name, category, risk, doubtful in rows]
    text = render(document(tools, profile))
    SCHEMA.validate(json.loads(text))
    policy = parse(text, "policy.json")
    names = Counter(name for name, *_ in rows)
    for definition, found in tools:
        wanted = recommend(found, definition.name, profile).action
        wanted = IN_VERSION_1.get(wanted, wanted)
        got = treatment(policy, definition.name)
        assert TIGHTNESS[got] >= TIGHTNESS[wanted]
        if names[definition.name] == 1 and not {"*", "\ud800"} & set(definition.name):
            assert got is wanted


@given(st.lists(LABELS, max_size=8), st.sampled_from(Profile))
def test_our_own_documents_give_the_lint_nothing_to_complain_about(tool, rows, profile):
    tools = [tool(name, category, risk, doubtful=doubtful) for name, category, risk, doubtful in rows]
    policy = parse(render(document(tools, profile)), "policy.json")
    findings = check(policy, [definition for definition, _ in tools])
    assert {finding.severity for finding in findings} <= {Severity.INFO}


@given(st.lists(LABELS, max_size=8))
def test_the_order_of_the_tools_does_not_change_the_document(tool, rows):
    tools = [tool(name, category, risk, doubtful=doubtful) for name, category, risk, doubtful in rows]
    assert render(document(tools)) == render(document(tools[::-1]))
