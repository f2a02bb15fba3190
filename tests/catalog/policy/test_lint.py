"""The lint of version-2 policies: what cannot do what it seems to (issue on the engine: `catalog policy check`)."""

from datetime import UTC, datetime

import pytest

from catalog.policy.check import check
from catalog.policy.finding import Severity
from classifier.types import ToolDefinition

NOW = datetime(2030, 1, 1, tzinfo=UTC)
ALWAYS = {"conditions": []}
EQ = {"conditions": [{"path": "args.a", "op": "eq", "value": 1}]}
PAST = "2029-12-31T00:00:00Z"


def tool(name, /, **properties):
    return ToolDefinition("s", name, input_schema={"type": "object", "properties": properties})


def found(made, definitions=()):
    return {(it.severity.value, it.pointer) for it in check(made, definitions, now=NOW)}


def conditions(*triples):
    return {"conditions": [{"path": f"args.{path}", "op": op, "value": value} for path, op, value in triples]}


@pytest.mark.parametrize("rule", [{"action": "deny"}, {"action": "hide"}, {"deny_if": [ALWAYS]}])
def test_what_stands_beside_a_denial_of_every_call_never_counts(policy, rule):
    limits = [{"counter": "c", "window": "day", "max": 1}]
    beside = {"require": [EQ], "approve_if": [EQ], "limits": limits}
    assert found(policy(tools={"t": {**rule, **beside}})) == {
        ("warning", f"/tools/t/{part}/0") for part in ("require", "approve_if", "limits")
    }


def test_approve_if_beside_an_approval_of_every_call_never_counts(policy):
    made = policy(tools={"t": {"action": "approve", "approve_if": [EQ], "deny_if": [EQ]}})
    assert found(made) == {("warning", "/tools/t/approve_if/0")}


@pytest.mark.parametrize(
    "group",
    [
        conditions(("a", "gt", 10), ("a", "lt", 5)),
        conditions(("a", "gt", 5), ("a", "lte", 5)),
        conditions(("a", "between", [1, 2]), ("a", "gte", 3)),
        conditions(("a", "eq", 1), ("a", "eq", 2)),
        conditions(("a", "in", [1, 2]), ("a", "gt", 2)),
        conditions(("a", "in", ["x"]), ("a", "not_in", ["x", "y"])),
        conditions(("a", "in", [])),
        conditions(("a", "exists", False), ("a", "eq", 1)),
    ],
)
def test_conditions_that_exclude_each_other_are_told(policy, group):
    for part, effect in (("deny_if", "never fires"), ("require", "denies every call")):
        (finding,) = check(policy(tools={"t": {part: [group]}}), now=NOW)
        assert finding.severity is Severity.WARNING
        assert effect in finding.message


@pytest.mark.parametrize(
    "group",
    [
        conditions(("a", "gte", 5), ("a", "lte", 5)),
        conditions(("a", "gt", 5), ("b", "lt", 5)),
        conditions(("a", "in", [1, 2]), ("a", "neq", 1)),
        {"any": [{"path": "args.a", "op": "lt", "value": 1}, {"path": "args.a", "op": "gt", "value": 2}]},
    ],
)
def test_conditions_that_can_be_met_are_left_alone(policy, group):
    assert found(policy(tools={"t": {"require": [group]}})) == set()


def test_a_group_that_stands_twice_is_told(policy):
    assert found(policy(tools={"t": {"deny_if": [EQ, EQ]}})) == {("warning", "/tools/t/deny_if/1")}


def test_what_has_expired_is_told(policy):
    made = policy(expires=PAST, tools={"t": {"expires": PAST}, "u": {"expires": "2030-01-02T00:00:00Z"}})
    assert found(made) == {("warning", "/expires"), ("warning", "/tools/t/expires")}


def test_a_name_that_a_pattern_hides_has_a_rule_that_never_counts(policy):
    made = policy(hide=["delete_*", "delete_all", "*_x"], tools={"delete_y": {}, "delete_a*": {}, "x": {}})
    assert found(made) == {
        ("warning", "/hide/1"),
        ("warning", "/tools/delete_y"),
        ("warning", "/tools/delete_a*"),
    }


def test_a_name_that_comes_before_a_stricter_pattern_is_noted(policy):
    made = policy(tools={"delete_*": {"action": "deny"}, "delete_draft": {}})
    assert found(made) == {("info", "/tools/delete_draft")}


def test_a_pattern_whose_tools_all_have_their_own_rule_never_counts(policy):
    made = policy(tools={"get_*": {}, "get_a": {}, "get_b": {}})
    assert ("warning", "/tools/get_*") in found(made, [tool("get_a"), tool("get_b")])
    assert ("warning", "/tools/get_*") not in found(made, [tool("get_a"), tool("get_b"), tool("get_c")])


def test_a_pattern_that_no_tool_fits_is_told(policy):
    made = policy(hide=["drop_*"], tools={"get_*": {}, "*": {}})
    assert found(made, [tool("list")]) == {("warning", "/hide/0"), ("warning", "/tools/get_*")}


def test_a_star_in_version_1_is_told_to_be_no_pattern(policy):
    made = policy("1", hide=["drop_*", "*"], tools={})
    assert ("warning", "/hide/0") in found(made)
    assert ("warning", "/hide/1") not in found(made)


def test_a_limit_that_another_never_lets_be_reached_is_told(policy):
    def limit(counter, most, **more):
        return {"counter": counter, "window": "minute", "max": most, **more}

    everywhere = {"limits": [limit("all", 10)]}
    made = policy(
        all_tools=everywhere, tools={"t": {"limits": [limit("a", 10)]}, "u": {"limits": [limit("b", 9)]}}
    )
    assert found(made) == {("warning", "/tools/t/limits/0")}
    own = [limit("a", 5), limit("b", 3), limit("c", 9, add="args.n"), limit("d", 2, by=["args.n"])]
    assert found(policy(tools={"t": {"limits": own}})) == {("warning", "/tools/t/limits/0")}


def test_pins_of_unknown_and_of_changed_tools_are_told(policy):
    known = tool("refund")
    made = policy(tools={"refund": {}}, pin={"refund": "0" * 64, "refunds": "0" * 64})
    findings = check(made, [known], now=NOW)
    assert {(it.severity, it.pointer) for it in findings} == {
        (Severity.WARNING, "/pin/refund"),
        (Severity.WARNING, "/pin/refunds"),
    }
    assert any(known.fingerprint in it.message for it in findings)
    assert any(it.hint == "did you mean refund?" for it in findings)
    assert found(policy(tools={"refund": {}}, pin={"refund": known.fingerprint}), [known]) == set()


def test_drift_without_a_pin_and_a_document_in_shadow_are_told(policy):
    assert found(policy(on_drift="log", mode="shadow")) == {("warning", "/on_drift"), ("info", "/mode")}


def test_a_failing_test_of_the_policy_itself_is_an_error(policy):
    tests = [{"call": {"tool": "t"}, "expect": "allow"}, {"call": {"tool": "u"}, "expect": "allow"}]
    assert found(policy(tools={"t": {}}, tests=tests)) == {("error", "/tests/1")}


def test_with_definitions_a_policy_s_tests_are_held_against_the_schema(policy):
    tests = [{"call": {"tool": "t", "arguments": {"a": "x"}}, "expect": "allow"}]
    made = policy(tools={"t": {}}, tests=tests)
    assert found(made) == set()
    assert found(made, [tool("t", a={"type": "integer"})]) == {("error", "/tests/0")}


@pytest.mark.parametrize(
    ("op", "value", "kind"),
    [("between", [1, 2], "string"), ("starts_with", "a", "integer"), ("path_within", ["/a"], "number"), ("host_in", ["a"], "array"),
     ("length_lte", 1, "boolean")],
)  # fmt: skip
def test_an_operator_for_another_type_is_an_error(policy, op, value, kind):
    made = policy(tools={"t": {"require": [conditions(("a", op, value))]}})
    assert found(made, [tool("t", a={"type": kind})]) == {("error", "/tools/t/require/0/conditions/0/op")}


def test_paths_inside_combinations_are_looked_up_at_their_own_pointer(policy):
    wrong = {"path": "args.b", "op": "eq", "value": 1}
    groups = [{"any": [wrong]}, {"not": wrong}, {"all": [{"not": {"any": [wrong]}}]}]
    made = policy(tools={"t": {"approve_if": groups}})
    base = "/tools/t/approve_if"
    assert found(made, [tool("t", a={"type": "integer"})]) == {
        ("error", f"{base}/0/any/0/path"),
        ("error", f"{base}/1/not/path"),
        ("error", f"{base}/2/all/0/not/any/0/path"),
    }
    assert all(it.line for it in check(made, [tool("t", a={})], now=NOW))


def test_what_a_limit_counts_must_be_in_the_schema_and_be_a_number(policy):
    limits = [
        {"counter": "a", "window": "day", "max": 1, "add": "args.a"},
        {"counter": "b", "window": "hour", "max": 1, "add": "args.b", "by": ["args.c"]},
    ]
    made = policy(tools={"t": {"limits": limits}})
    assert found(made, [tool("t", a={"type": "string"})]) == {
        ("error", "/tools/t/limits/0/add"),
        ("error", "/tools/t/limits/1/add"),
        ("error", "/tools/t/limits/1/by/0"),
    }


def test_a_pattern_s_conditions_are_held_against_every_tool_it_is_in_force_for(policy):
    made = policy(tools={"pay_*": {"require": [EQ]}, "pay_b": {}})
    findings = check(made, [tool("pay_a", a={"type": "integer"}), tool("pay_b"), tool("pay_c")], now=NOW)
    assert [it.message for it in findings if it.severity is Severity.ERROR] == [
        "the tool's schema has no args.a (pay_c)"
    ]
