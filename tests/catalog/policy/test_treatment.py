"""What a policy does with a tool whatever the arguments (policy page, grammar comments)."""

import json

import pytest

from catalog.policy.grammar import parse
from catalog.policy.treatment import treatment
from classifier.types import Action

LIMIT = {"counter": "c", "window": "day", "max": 1}
DENY_ALL = {"deny_if": [{"conditions": []}]}


@pytest.mark.parametrize(
    ("parts", "action"),
    [
        ({"tools": {"t": {}}}, Action.ALLOW),
        ({"tools": {"T": {}}}, Action.DENY),
        ({}, Action.DENY),
        ({"default": "allow"}, Action.ALLOW),
        ({"default": "allow", "hide": ["t"]}, Action.HIDE),
        ({"tools": {"t": {}}, "hide": ["*"]}, Action.HIDE),
        ({"tools": {"t": {"limits": [LIMIT]}}}, Action.LIMIT),
        ({"tools": {"t": {}}, "all_tools": {"limits": [LIMIT]}}, Action.LIMIT),
        ({"tools": {"t": DENY_ALL}}, Action.DENY),
        ({"tools": {"t": {**DENY_ALL, "limits": [LIMIT]}}}, Action.DENY),
        ({"default": "allow", "tools": {"t": DENY_ALL}}, Action.DENY),
        (
            {"tools": {"t": {"deny_if": [{"conditions": [{"path": "args.a", "op": "eq", "value": 1}]}]}}},
            Action.ALLOW,
        ),
    ],
)
def test_a_tool_is_treated_as_the_document_says(parts, action):
    policy = parse(json.dumps({"version": "1", "default": "deny", **parts}), "policy.json")
    assert treatment(policy, "t") is action


@pytest.mark.parametrize(
    ("parts", "action"),
    [
        ({"tools": {"t": {"action": "approve", "limits": [LIMIT]}}}, Action.APPROVE),
        ({"tools": {"t": {"approve_if": [{"all": []}]}}}, Action.APPROVE),
        ({"tools": {"t": {"action": "hide"}}}, Action.HIDE),
        ({"tools": {"t": {"action": "deny"}}}, Action.DENY),
        ({"tools": {"t*": {"limits": [LIMIT]}, "*": {}}}, Action.LIMIT),
        ({"tools": {"t": {"action": "hide", "mode": "shadow"}, "*": {}}}, Action.ALLOW),
        ({"tools": {"t": {"deny_if": [{"all": [], "mode": "shadow"}]}}}, Action.ALLOW),
        ({"hide": ["*"], "mode": "shadow"}, Action.ALLOW),
        ({"tools": {"t": {}}, "hide": ["t*"]}, Action.HIDE),
    ],
)
def test_a_version_2_policy_can_hold_a_tool_back_for_a_person_and_only_watch(parts, action):
    policy = parse(json.dumps({"version": "2", "default": "deny", **parts}), "policy.json")
    assert treatment(policy, "t") is action
