"""The version-1 grammar, as the policy page writes it down; version 2 is in test_grammar_2.py."""

import contextlib
import json
from decimal import Decimal

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.policy.grammar import InvalidPolicy, parse
from catalog.policy.model import Condition, Default, Group, Limit, Op, Policy, ToolRule, Window
from catalog.resources import DATA

SCHEMA = jsonschema.Draft202012Validator(json.loads((DATA / "policy-1.schema.json").read_text("utf-8")))
WHOLE = """{ "version": "1",
  "default": "deny",
  "hide": ["cancel_job"],
  "all_tools": { "limits": [{ "counter": "all", "window": "day", "max": 500, "scope": "grant" }] },
  "tools": {
    "list_jobs": {},
    "refund": {
      "require": [{ "conditions": [{ "path": "args.amount", "op": "lte", "value": 99.5 },
                                   { "path": "args.customer.country", "op": "in", "value": ["GB", "IE"] }],
                    "on_deny": "Too much." }],
      "deny_if": [{ "conditions": [] }],
      "limits": [{ "counter": "refund_rate", "window": "hour", "max": 3 }] } } }
"""


def problems(text):
    with pytest.raises(InvalidPolicy) as refused:
        parse(text, "policy.json")
    return refused.value.problems


def policy(**parts):
    return json.dumps({"version": "1", "default": "deny", **parts})


def rule(**parts):
    return policy(tools={"t": parts})


def condition(**parts):
    return rule(require=[{"conditions": [{"path": "args.a", "op": "eq", "value": 1, **parts}]}])


def limit(**parts):
    return rule(limits=[{"counter": "c", "window": "minute", "max": 1, **parts}])


def test_a_document_with_everything_is_read():
    assert parse(WHOLE, "policy.json") == Policy(
        default=Default.DENY,
        hide=("cancel_job",),
        all_tools=(Limit("all", Window.DAY, 500),),
        tools={
            "list_jobs": ToolRule(),
            "refund": ToolRule(
                require=(
                    Group(
                        (
                            Condition(("amount",), Op.LTE, Decimal("99.5")),
                            Condition(("customer", "country"), Op.IN, ["GB", "IE"]),
                        ),
                        "Too much.",
                    ),
                ),
                deny_if=(Group(()),),
                limits=(Limit("refund_rate", Window.HOUR, 3),),
            ),
        },
    )
    SCHEMA.validate(json.loads(WHOLE))


def test_the_lines_of_a_policy_are_known():
    assert parse(WHOLE, "policy.json").lines["/tools/refund/require/0/conditions/1/op"] == 9


@pytest.mark.parametrize(
    ("text", "pointer", "message"),
    [
        ("[]", "", "an object"),
        ('{"default": "deny"}', "", '"version" is missing'),
        ('{"version": "1"}', "", '"default" is missing'),
        (policy(version=1), "/version", 'must be "1" or "2", not 1'),
        (policy(version="3"), "/version", 'must be "1" or "2"'),
        (policy(default="Deny"), "/default", "did you mean deny?"),
        (policy(default=None), "/default", "not null"),
        (policy(hiden=[]), "/hiden", "did you mean hide?"),
        (policy(Hide=[]), "/Hide", "did you mean hide?"),
        (policy(hide="x"), "/hide", "a list"),
        (policy(hide=[1]), "/hide/0", "a string"),
        (policy(hide=[""]), "/hide/0", "empty"),
        (policy(all_tools=[]), "/all_tools", "an object"),
        (policy(all_tools={"deny_if": []}), "/all_tools/deny_if", "unknown key"),
        (policy(tools=[]), "/tools", "an object"),
        (policy(tools={"": {}}), "/tools/", "empty"),
        (policy(tools={"t": None}), "/tools/t", "an object"),
        (rule(action="hide"), "/tools/t/action", "unknown key"),
        (rule(require={}), "/tools/t/require", "a list"),
        (rule(deny_if=[[]]), "/tools/t/deny_if/0", "an object"),
        (rule(deny_if=[{}]), "/tools/t/deny_if/0", '"conditions" is missing'),
        (rule(deny_if=[{"conditions": {}}]), "/tools/t/deny_if/0/conditions", "a list"),
        (rule(deny_if=[{"conditions": [], "on_deny": 5}]), "/tools/t/deny_if/0/on_deny", "a string"),
        (condition(path="amount"), "/tools/t/require/0/conditions/0/path", '"args."'),
        (condition(path="args"), "/tools/t/require/0/conditions/0/path", '"args."'),
        (condition(path="args..a"), "/tools/t/require/0/conditions/0/path", '"args."'),
        (condition(path=7), "/tools/t/require/0/conditions/0/path", "a string"),
        (condition(op="equals"), "/tools/t/require/0/conditions/0/op", "one of eq"),
        (condition(op="in", value="a"), "/tools/t/require/0/conditions/0/value", "a list for in"),
        (condition(op="lt", value="1"), "/tools/t/require/0/conditions/0/value", "a number for lt"),
        (condition(op="lt", value=True), "/tools/t/require/0/conditions/0/value", "a number for lt"),
        (condition(op="exists", value=1), "/tools/t/require/0/conditions/0/value", "true or false"),
        (condition(op="regex", value="(a"), "/tools/t/require/0/conditions/0/value", "does not compile"),
        (condition(op="regex", value="(a)\\1"), "/tools/t/require/0/conditions/0/value", "does not compile"),
        (condition(op="regex", value=1), "/tools/t/require/0/conditions/0/value", "a pattern"),
        (condition(also=1), "/tools/t/require/0/conditions/0/also", "unknown key"),
        (limit(window="second"), "/tools/t/limits/0/window", "one of minute, hour, day"),
        (limit(max=0), "/tools/t/limits/0/max", "above 0"),
        (limit(max=-1), "/tools/t/limits/0/max", "above 0"),
        (limit(max=True), "/tools/t/limits/0/max", "above 0"),
        (limit(max=1.0), "/tools/t/limits/0/max", "above 0"),
        (limit(max="10"), "/tools/t/limits/0/max", "above 0"),
        (limit(counter=""), "/tools/t/limits/0/counter", "needs a name"),
        (limit(scope="session"), "/tools/t/limits/0/scope", '"grant"'),
        (rule(limits=[{"counter": "c", "window": "day"}]), "/tools/t/limits/0", '"max" is missing'),
    ],
)
def test_what_breaks_the_grammar_is_named_at_its_pointer(text, pointer, message):
    # Policy page: "Unknown keys, duplicate JSON keys, wrong types, a regex that does not compile,
    # a duplicate counter: errors with the JSON pointer and line".
    (problem,) = problems(text)
    assert problem.pointer == pointer
    assert message in problem.message


def test_a_counter_may_be_used_only_once_in_a_document():
    text = policy(
        all_tools={"limits": [{"counter": "c", "window": "day", "max": 1}]},
        tools={"t": {"limits": [{"counter": "c", "window": "hour", "max": 1}]}},
    )
    (problem,) = problems(text)
    assert problem.pointer == "/tools/t/limits/0/counter"
    assert "/all_tools/limits/0/counter" in problem.message


def test_all_errors_are_listed_at_once_in_the_order_of_their_lines():
    text = '{"version": "1",\n"default": "no",\n"hide": 5,\n"tools": {"a": {"x": 1},\n"a": {}}}'
    assert [(found.line, found.pointer) for found in problems(text)] == [
        (2, "/default"),
        (3, "/hide"),
        (5, "/tools/a"),
    ]


def test_the_message_names_the_file_each_pointer_and_the_next_step():
    with pytest.raises(InvalidPolicy) as refused:
        parse(policy(default="x", hide=3), "team/policy.json")
    assert str(refused.value).startswith("team/policy.json: 2 errors")
    assert "line 1, /default:" in str(refused.value)
    assert "line 1, /hide:" in str(refused.value)
    assert "catalog policy check" in refused.value.hint


def test_hostile_text_is_made_visible_in_the_message():
    with pytest.raises(InvalidPolicy) as refused:
        parse(policy(**{"\x1b[2J\u202e": 1}), "policy.json")
    assert "\x1b" not in str(refused.value)
    assert "\u202e" not in str(refused.value)


def test_a_syntax_error_is_one_error_with_its_line():
    (problem,) = problems('{"version": "1",\n "default": deny}')
    assert (problem.line, problem.pointer) == (2, "/default")


def test_tool_names_that_differ_in_case_are_two_tools():
    # Policy page: "tool resolved by exact, case-sensitive name".
    assert parse(policy(tools={"a": {}, "A": {}}), "p").tools.keys() == {"a", "A"}


VALUES = (
    st.none() | st.booleans() | st.integers(-3, 3) | st.floats(-2, 2) | st.sampled_from(["", "a", "(", "1"])
)
LOOSE = st.one_of(VALUES, st.lists(VALUES, max_size=2))


def members(**strategies):
    return st.fixed_dictionaries({}, optional=strategies)


CONDITIONS = members(
    path=st.sampled_from(["args.a", "args.a.0", "args", "b"]), op=st.sampled_from([*Op, "x"]), value=LOOSE
)
GROUPS = members(conditions=st.lists(CONDITIONS, max_size=2), on_deny=st.sampled_from(["", "no", 1]))
LIMITS = members(
    counter=st.sampled_from(["a", "b", "c", "d", ""]),
    window=st.sampled_from([*Window, "week"]),
    max=st.sampled_from([1, 10, 0, True, 1.0, "1"]),
    scope=st.sampled_from(["grant", "session"]),
)
RULES = members(
    require=st.lists(GROUPS, max_size=2),
    deny_if=st.lists(GROUPS, max_size=2),
    limits=st.lists(LIMITS, max_size=2),
)
POLICIES = members(
    version=st.sampled_from(["1", "1", "1", "3", 1]),
    default=st.sampled_from(["deny", "allow", "no"]),
    hide=st.lists(st.sampled_from(["*", "a", ""]), max_size=2),
    all_tools=members(limits=st.lists(LIMITS, max_size=1)),
    tools=st.dictionaries(st.sampled_from(["a", "b", ""]), RULES, max_size=2),
    extra=st.just(1),
)


@given(POLICIES)
def test_what_the_parser_accepts_the_schema_accepts(document):
    # Our decision: the published schema is never narrower than the parser.
    try:
        parse(json.dumps(document), "policy.json")
    except InvalidPolicy:
        return
    SCHEMA.validate(document)


@given(POLICIES)
def test_what_the_schema_refuses_the_parser_refuses_too(document):
    if not SCHEMA.is_valid(document):
        assert problems(json.dumps(document))


@given(st.text())
def test_no_text_makes_the_parser_raise_anything_but_its_own_error(text):
    # Issue on the engine: "no input makes the parser raise anything but its own error".
    for attempt in (text, json.dumps(text), policy(tools={text: {}}), policy(hide=[text])):
        with contextlib.suppress(InvalidPolicy):
            assert isinstance(parse(attempt, text), Policy)
