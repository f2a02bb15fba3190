"""The lint: what a valid policy most likely does not mean, alone and against definitions."""

import json

import pytest

from catalog.policy.check import check
from catalog.policy.finding import Severity
from catalog.policy.grammar import parse
from classifier.types import Category, Level, ToolDefinition

REFUND = ToolDefinition(
    "shop",
    "refund",
    input_schema={
        "type": "object",
        "properties": {
            "amount": {"type": "number"},
            "currency": {"type": "string", "enum": ["EUR", "GBP"]},
            "customer": {"$ref": "#/$defs/customer"},
            "lines": {
                "type": "array",
                "items": {"type": "object", "properties": {"sku": {"type": "string"}}},
            },
        },
        "$defs": {"customer": {"type": "object", "properties": {"country": {"type": "string"}}}},
    },
)
LIST = ToolDefinition("shop", "list_orders")


def findings(definitions=(), labels=None, /, **parts):
    return check(
        parse(json.dumps({"version": "1", "default": "deny", **parts}, indent=1), "p"), definitions, labels
    )


def with_condition(**condition):
    return {"tools": {"refund": {"require": [{"conditions": [condition]}]}, "list_orders": {}}}


def test_a_sound_policy_has_no_findings():
    assert findings((REFUND, LIST), **with_condition(path="args.amount", op="lte", value=10)) == ()


def test_without_definitions_only_the_policy_itself_is_looked_at():
    assert findings(tools={"nobody_knows_it": {}}) == ()


def test_an_unknown_tool_is_a_warning_with_the_near_name():
    (found, *_) = findings((REFUND, LIST), tools={"refunds": {}, "list_orders": {}})
    assert (found.severity, found.pointer) == (Severity.INFO, "/default")
    (found,) = [
        found
        for found in findings((REFUND, LIST), tools={"refunds": {}})
        if found.pointer == "/tools/refunds"
    ]
    assert found.severity is Severity.WARNING
    assert found.hint == "did you mean refund?"


def test_a_misspelt_name_under_default_allow_is_an_error():
    # Our decision: the tool that was meant to be hidden stays wide open.
    found = findings((REFUND, LIST), default="allow", hide=["Refund"])
    assert (found[-1].severity, found[-1].pointer, found[-1].hint) == (
        Severity.ERROR,
        "/hide/0",
        "did you mean refund?",
    )


def test_a_path_that_the_schema_lacks_is_an_error_with_the_near_name():
    (found,) = findings((REFUND, LIST), **with_condition(path="args.amuont", op="lte", value=10))
    assert found.severity is Severity.ERROR
    assert found.pointer == "/tools/refund/require/0/conditions/0/path"
    assert found.line > 1
    assert found.hint == "did you mean amount?"


@pytest.mark.parametrize("path", ["args.customer.country", "args.lines.0.sku", "args.lines.12.sku"])
def test_references_and_list_items_are_followed(path):
    assert findings((REFUND, LIST), **with_condition(path=path, op="eq", value="x")) == ()


@pytest.mark.parametrize("path", ["args.customer.land", "args.lines.0.id", "args.lines.sku"])
def test_a_nested_path_that_the_schema_lacks_is_found(path):
    (found,) = findings((REFUND, LIST), **with_condition(path=path, op="eq", value="x"))
    assert "the tool's schema has no" in found.message


@pytest.mark.parametrize(
    "schema",
    [
        None,
        {"type": "object"},
        {"properties": {"a": {}}, "additionalProperties": True},
        {"properties": {"a": {}}, "patternProperties": {"^x": {}}},
        {"$ref": "https://elsewhere.example/schema"},
        {"anyOf": [{"properties": {"a": {}}}, {"properties": {"any": {}}}]},
        {"properties": {"any": {"$ref": "#"}}, "$ref": "#"},
    ],
)
def test_an_open_or_combined_schema_lets_the_path_pass(schema):
    tool = ToolDefinition("s", "t", input_schema=schema)
    assert (
        findings(
            (tool,),
            tools={"t": {"deny_if": [{"conditions": [{"path": "args.any", "op": "eq", "value": 1}]}]}},
        )
        == ()
    )


def test_a_tool_without_arguments_has_no_path_at_all():
    tool = ToolDefinition("s", "t", input_schema={"type": "object", "properties": {}})
    (found,) = findings(
        (tool,), tools={"t": {"deny_if": [{"conditions": [{"path": "args.a", "op": "eq", "value": 1}]}]}}
    )
    assert found.severity is Severity.ERROR


@pytest.mark.parametrize(
    ("op", "value"), [("eq", "USD"), ("in", ["EUR", "USD"]), ("neq", "USD"), ("not_in", ["USD"])]
)
def test_a_value_outside_the_enumeration_is_a_warning(op, value):
    (found,) = findings((REFUND, LIST), **with_condition(path="args.currency", op=op, value=value))
    assert (found.severity, found.hint) == (Severity.WARNING, "they are EUR, GBP")
    assert found.message.startswith("USD is none")


def test_a_nullable_enumeration_allows_null_too_and_an_open_alternative_allows_anything():
    nullable = {"anyOf": [{"type": "string", "enum": ["a", "b"]}, {"type": "null"}]}
    loose = {"anyOf": [{"type": "string", "enum": ["a", "b"]}, {"type": "integer"}]}
    tool = ToolDefinition("s", "t", input_schema={"properties": {"nullable": nullable, "loose": loose}})
    conditions = [
        {"path": "args.nullable", "op": "in", "value": ["a", None, "c"]},
        {"path": "args.loose", "op": "eq", "value": 7},
    ]
    (found,) = findings((tool,), tools={"t": {"require": [{"conditions": conditions}]}})
    assert found.message.startswith("c is none")


@pytest.mark.parametrize(
    ("path", "op", "value"),
    [("args.currency", "lt", 5), ("args.amount", "regex", "^1"), ("args.amount", "contains", "1")],
)
def test_an_operator_for_another_type_is_an_error(path, op, value):
    # Policy page: "a value of another type than the operator needs makes `require` fail".
    (found,) = findings((REFUND, LIST), **with_condition(path=path, op=op, value=value))
    assert (found.severity, found.pointer[-3:]) == (Severity.ERROR, "/op")


def test_an_uncovered_tool_is_told_under_default_deny():
    (found,) = findings((REFUND, LIST), tools={"refund": {}})
    assert (found.severity, found.pointer) == (Severity.INFO, "/default")
    assert "list_orders is not listed: denied" in found.message


def test_an_uncovered_dangerous_tool_is_a_warning_under_default_allow(tool):
    harmless, deadly = tool("look"), tool("erase", Category.DESTRUCTIVE, Level.CRITICAL)
    labels = {definition.fingerprint: found for definition, found in (harmless, deadly)}
    found = findings((harmless[0], deadly[0]), labels, default="allow")
    assert {(it.severity, it.message.split()[0]) for it in found} == {
        (Severity.INFO, "look"),
        (Severity.WARNING, "erase"),
    }


def test_without_labels_every_uncovered_tool_counts_as_dangerous_under_default_allow():
    assert {found.severity for found in findings((REFUND, LIST), default="allow")} == {Severity.WARNING}


def test_a_rule_for_a_hidden_tool_never_counts():
    (found,) = findings(hide=["a"], tools={"a": {}})
    assert (found.severity, found.pointer) == (Severity.WARNING, "/tools/a")


def test_a_star_hides_every_rule_and_every_other_name():
    assert [found.pointer for found in findings(hide=["*", "b"], tools={"a": {}})] == ["/hide/1", "/tools/a"]


def test_a_name_hidden_twice_is_told():
    assert [found.pointer for found in findings(hide=["a", "a"])] == ["/hide/1"]


def test_what_stands_beside_a_denial_of_every_call_never_counts():
    group = {"conditions": [{"path": "args.a", "op": "eq", "value": 1}]}
    limits = [{"counter": "c", "window": "day", "max": 1}]
    rule = {"deny_if": [group, {"conditions": []}], "require": [group], "limits": limits}
    assert {found.pointer for found in findings(tools={"t": rule})} == {
        "/tools/t/deny_if/0",
        "/tools/t/require/0",
        "/tools/t/limits/0",
    }


def test_a_requirement_without_conditions_does_nothing():
    (found,) = findings(tools={"t": {"require": [{"conditions": []}]}})
    assert found.pointer == "/tools/t/require/0"


def test_an_empty_rule_under_default_allow_says_nothing():
    (found,) = findings(default="allow", tools={"t": {}})
    assert found.severity is Severity.INFO


def test_hostile_names_are_made_visible():
    found = findings((LIST,), tools={"\x1b[31m": {}, "list_orders": {}})
    assert "\x1b" not in found[0].message


def test_a_schema_that_refers_to_itself_without_end_is_survived():
    looping = {
        "$ref": "#/$defs/a",
        "$defs": {"a": {"anyOf": [{"$ref": "#/$defs/b"}]}, "b": {"$ref": "#/$defs/a"}},
    }
    tool = ToolDefinition("s", "t", input_schema=looping)
    condition = {"path": "args.x.y.z", "op": "eq", "value": 1}
    assert findings((tool,), tools={"t": {"require": [{"conditions": [condition]}]}})
