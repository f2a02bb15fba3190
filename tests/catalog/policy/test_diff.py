"""What changes in effect between two policies, by tool."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.policy.diff import ANY_OTHER, Direction, diff
from catalog.policy.grammar import parse
from classifier.types import Action

EQ = {"conditions": [{"path": "args.a", "op": "eq", "value": 1}]}
OTHER = {"conditions": [{"path": "args.a", "op": "eq", "value": 2}]}


def limited(most, **more):
    return {"limits": [{"counter": "c", "window": "minute", "max": most, **more}]}


@pytest.mark.parametrize(
    ("before", "after", "direction"),
    [
        ({}, {"action": "approve"}, Direction.STRICTER),
        ({"action": "hide"}, {"action": "deny"}, Direction.LAXER),
        ({}, limited(5), Direction.STRICTER),
        (limited(5), limited(4), Direction.STRICTER),
        (limited(5), limited(6), Direction.LAXER),
        (limited(5), limited(5, add="args.n"), Direction.MIXED),
        ({}, {"deny_if": [EQ]}, Direction.STRICTER),
        ({"require": [EQ]}, {}, Direction.LAXER),
        ({"require": [EQ]}, {"require": [OTHER]}, Direction.MIXED),
        ({}, {"approve_if": [EQ]}, Direction.STRICTER),
        ({"expires": "2040-01-01T00:00:00Z"}, {"expires": "2039-01-01T00:00:00Z"}, Direction.STRICTER),
        ({}, {"results": {"max_bytes": 5, "redact": ["a"]}}, Direction.STRICTER),
        ({"action": "approve"}, {"action": "approve", **limited(5)}, Direction.STRICTER),
        ({"deny_if": [EQ]}, {"deny_if": [{**EQ, "mode": "shadow"}]}, Direction.LAXER),
    ],
)
def test_a_change_of_one_tool_is_told_with_its_direction(policy, before, after, direction):
    (change,) = diff(policy(tools={"t": before}), policy(tools={"t": after}))
    assert (change.tool, change.direction) == ("t", direction)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"deny_if": [{**EQ, "on_deny": "a"}]}, {"deny_if": [{**EQ, "id": "b", "on_deny": "c"}]}),
        ({"action": "deny", "reason": "a"}, {"action": "deny", "deny_if": [EQ], **limited(5)}),
        ({"action": "approve"}, {"action": "approve", "approve_if": [EQ]}),
        ({}, {"deny_if": [{**EQ, "mode": "shadow"}]}),
        (limited(5), {"limits": [{"counter": "renamed", "window": "minute", "max": 5, "by": ["grant"]}]}),
    ],
)
def test_what_changes_nothing_in_effect_is_not_told(policy, before, after):
    assert diff(policy(tools={"t": before}), policy(tools={"t": after})) == ()


def test_tools_that_neither_policy_names_are_one_entry(policy):
    (change,) = diff(policy(), policy(default="allow"))
    assert (change.tool, change.before, change.after) == (ANY_OTHER, Action.DENY, Action.ALLOW)
    assert change.direction is Direction.LAXER


def test_with_a_server_s_tools_patterns_are_told_by_tool(policy):
    before, after = policy(tools={"get_*": {}}), policy(tools={"get_a": {}})
    assert [(change.tool, change.direction) for change in diff(before, after, ["get_a", "get_b", "set"])] == [
        ("get_b", Direction.STRICTER)
    ]


def test_a_version_and_the_order_of_things_change_nothing(policy):
    one = policy("1", tools={"a": {}, "b": limited(3)}, hide=["c"])
    assert diff(one, policy(tools={"b": limited(3), "a": {}}, hide=["c"])) == ()


RULES = st.fixed_dictionaries({}, optional={
    "action": st.sampled_from(["allow", "deny", "hide", "approve"]), "deny_if": st.sampled_from([[EQ], [OTHER], [EQ, OTHER]]),
    "limits": st.sampled_from([1, 2, 3]).map(lambda most: limited(most)["limits"]), "mode": st.sampled_from(["enforce", "shadow"]),
})  # fmt: skip
DOCUMENTS = st.fixed_dictionaries(
    {"version": st.just("2"), "default": st.sampled_from(["allow", "deny"])},
    optional={"tools": st.fixed_dictionaries({"t": RULES})},
)
BACK = {
    Direction.STRICTER: Direction.LAXER,
    Direction.LAXER: Direction.STRICTER,
    Direction.MIXED: Direction.MIXED,
}


@given(DOCUMENTS, DOCUMENTS)
def test_the_way_back_is_the_opposite(one, other):
    one, other = (parse(json.dumps(document), "p") for document in (one, other))
    there, back = diff(one, other), diff(other, one)
    assert [(change.tool, BACK[change.direction]) for change in there] == [
        (change.tool, change.direction) for change in back
    ]
    assert diff(one, one) == ()
