"""The version-2 grammar: everything is read, and everything that breaks it is named at its pointer."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.policy.decision import ResultRule, Verdict
from catalog.policy.grammar import InvalidPolicy, parse
from catalog.policy.model import (
    Combination,
    Condition,
    Default,
    Group,
    How,
    Limit,
    Mode,
    OnDrift,
    Op,
    Policy,
    PolicyTest,
    ToolRule,
    Window,
)
from catalog.resources import DATA

SCHEMA = jsonschema.Draft202012Validator(json.loads((DATA / "policy-2.schema.json").read_text("utf-8")))
EQ = {"path": "args.a", "op": "eq", "value": 1}
IS_ONE = Condition(("a",), Op.EQ, 1)
PRINT = "ab" * 32
WHOLE = {
    "version": "2",
    "default": "allow",
    "mode": "shadow",
    "expires": "2030-01-01T00:00:00+01:00",
    "hide": ["drop_*"],
    "all_tools": {"limits": [{"counter": "all", "window": "second", "max": 5}]},
    "tools": {
        "pay_*": {
            "action": "approve",
            "reason": "Money.",
            "deny_if": [{"id": "no", "any": [EQ, {"all": [EQ]}], "on_deny": "No.", "mode": "shadow"}],
            "require": [{"all": [EQ]}, {"not": {"not": EQ}}],
            "approve_if": [{"conditions": [{"any": [EQ]}]}],
            "limits": [
                {"counter": "spend", "window": "day", "max": 99.5, "add": "args.sum.total", "by": ["grant", "args.a"], "rolling": True},
                {"counter": "open", "concurrent": True, "max": 2, "by": ["tool", "session"], "scope": "grant"},
            ],
            "mode": "shadow",
            "expires": "2031-01-01T00:00:00.5Z",
            "results": {"max_bytes": 10},
        }
    },
    "pin": {"pay_x": PRINT},
    "on_drift": "log",
    "results": {"redact": ["a+"]},
    "tests": [
        {"call": {"tool": "pay_x", "arguments": {"a": 0.5}, "at": "2029-01-01T00:00Z", "grant": "g", "session": "s", "approved": True},
         "expect": "hide", "rule": "/tools/pay_*/action", "used": {"spend": 0, "open": 1.5}}
    ],
}  # fmt: skip


def test_a_document_with_everything_is_read():
    SCHEMA.validate(WHOLE)
    assert parse(json.dumps(WHOLE), "p") == Policy(
        version="2",
        default=Default.ALLOW,
        mode=Mode.SHADOW,
        expires=datetime(2029, 12, 31, 23, tzinfo=UTC),
        hide=("drop_*",),
        all_tools=(Limit("all", Window.SECOND, 5),),
        tools={
            "pay_*": ToolRule(
                action=Verdict.APPROVE,
                reason="Money.",
                deny_if=(
                    Group(
                        (Combination(How.ANY, (IS_ONE, Combination(How.ALL, (IS_ONE,)))),),
                        "No.",
                        "no",
                        Mode.SHADOW,
                    ),
                ),
                require=(
                    Group((IS_ONE,)),
                    Group((Combination(How.NOT, (Combination(How.NOT, (IS_ONE,)),)),)),
                ),
                approve_if=(Group((Combination(How.ANY, (IS_ONE,)),)),),
                limits=(
                    Limit(
                        "spend",
                        Window.DAY,
                        Decimal("99.5"),
                        ("grant", "args.a"),
                        ("sum", "total"),
                        rolling=True,
                    ),
                    Limit("open", None, 2, ("tool", "session")),
                ),
                mode=Mode.SHADOW,
                expires=datetime(2031, 1, 1, 0, 0, 0, 500_000, tzinfo=UTC),
                results=ResultRule(10),
            )
        },
        pin={"pay_x": PRINT},
        on_drift=OnDrift.LOG,
        results=ResultRule(None, ("a+",)),
        tests=(
            PolicyTest(
                tool="pay_x",
                arguments={"a": Decimal("0.5")},
                expect=Verdict.HIDE,
                rule="/tools/pay_*/action",
                at=datetime(2029, 1, 1, tzinfo=UTC),
                grant="g",
                session="s",
                approved=True,
                used={"spend": 0, "open": Decimal("1.5")},
            ),
        ),
    )


def document(**parts):
    return {"version": "2", "default": "deny", **parts}


def rule(**parts):
    return document(tools={"t": parts})


def group(**parts):
    return rule(deny_if=[parts])


def operand(op, value):
    return group(conditions=[{"path": "args.a", "op": op, "value": value}])


def limit(**parts):
    return rule(limits=[{"counter": "c", "max": 1, **parts}])


def own_test(**parts):
    return document(tests=[{"call": {"tool": "t"}, "expect": "deny", **parts}])


GROUP, VALUE = "/tools/t/deny_if/0", "/tools/t/deny_if/0/conditions/0/value"
LIMIT = "/tools/t/limits/0"
WRONG = [
    (document(mode="off"), "/mode", "one of enforce, shadow"),
    (document(expires="2030-01-01"), "/expires", "a moment with its zone"),
    (document(expires="2030-01-01T00:00:00"), "/expires", "a moment with its zone"),
    (document(expires="2030-02-31T00:00:00Z"), "/expires", "a moment with its zone"),
    (document(expires="0001-01-01T00:00:00+10:00"), "/expires", "a moment with its zone"),
    (document(expires="2030-W01-1T00:00:00Z"), "/expires", "a moment with its zone"),
    (document(expires=5), "/expires", "a moment with its zone"),
    (document(hide=["a**"]), "/hide/0", "one * stands for any text"),
    (document(tools={"a**b": {}}), "/tools/a**b", "one * stands for any text"),
    (document(pin=[]), "/pin", "a fingerprint per tool"),
    (document(pin={"t": "abc"}), "/pin/t", "64 hex digits"),
    (document(pin={"t": PRINT.upper()}), "/pin/t", "64 hex digits"),
    (document(on_drift="warn"), "/on_drift", "one of deny, approve, log"),
    (document(results={"max_bytes": 0}), "/results/max_bytes", "above 0"),
    (document(results={"max_bytes": 1.5}), "/results/max_bytes", "a whole number"),
    (document(results={"redact": ["("]}), "/results/redact/0", "does not compile"),
    (document(results={"redact": "a"}), "/results/redact", "a list"),
    (document(results={"mask": []}), "/results/mask", "unknown key"),
    (rule(action="block"), "/tools/t/action", "one of allow, deny, hide, approve"),
    (rule(reason=1), "/tools/t/reason", "a string"),
    (rule(approve_if={}), "/tools/t/approve_if", "a list"),
    (rule(aprove_if=[]), "/tools/t/aprove_if", "did you mean approve_if?"),
    (group(), GROUP, "there is none"),
    (group(all=[], any=[EQ]), GROUP, "not all and any together"),
    (group(any=[]), f"{GROUP}/any", "an empty any"),
    (group(any=[{"all": []}]), f"{GROUP}/any/0/all", "an empty all"),
    (group(any=[{"all": [EQ], "not": EQ}]), f"{GROUP}/any/0", "not all and not together"),
    (group(any=[{"any": [EQ], "id": "x"}]), f"{GROUP}/any/0/id", "unknown key"),
    (group(**{"not": [EQ]}), f"{GROUP}/not", "an object"),
    (group(all=[], id=""), f"{GROUP}/id", "cannot be empty"),
    (group(all=[], mode="x"), f"{GROUP}/mode", "one of enforce, shadow"),
    (operand("starts_with", 1), VALUE, "a string for starts_with"),
    (operand("ends_with", None), VALUE, "a string for ends_with"),
    (operand("length_lte", -1), VALUE, "a whole number for length_lte"),
    (operand("length_lte", 1.5), VALUE, "a whole number for length_lte"),
    (operand("between", [2, 1]), VALUE, "two numbers, the lower one first"),
    (operand("between", [1]), VALUE, "two numbers"),
    (operand("between", ["a", "b"]), VALUE, "two numbers"),
    (operand("type", "int"), VALUE, "one of string, number"),
    (operand("type", ["string"]), VALUE, "one of string, number"),
    (operand("path_within", "/srv"), VALUE, "a list for path_within"),
    (operand("path_within", []), VALUE, "a list for path_within"),
    (operand("path_within", ["srv"]), f"{VALUE}/0", "an absolute folder"),
    (operand("host_in", ["https://a.b"]), f"{VALUE}/0", "a host such as"),
    (operand("is", 1), f"{GROUP}/conditions/0/op", "one of eq"),
    (limit(), LIMIT, '"window" is missing'),
    (limit(window="week"), f"{LIMIT}/window", "one of minute, hour, day, second"),
    (limit(window="day", max=1.5), f"{LIMIT}/max", "a whole number above 0"),
    (limit(window="day", add="args.n", max=0), f"{LIMIT}/max", "a number above 0"),
    (limit(window="day", add="n"), f"{LIMIT}/add", '"args."'),
    (limit(window="day", by="tool"), f"{LIMIT}/by", "a list"),
    (limit(window="day", by=["user"]), f"{LIMIT}/by/0", "grant, session, tool or a path"),
    (limit(window="day", by=["args"]), f"{LIMIT}/by/0", '"args."'),
    (limit(window="day", rolling=1), f"{LIMIT}/rolling", "true or false"),
    (limit(concurrent=False), f"{LIMIT}/concurrent", "true was expected"),
    (limit(concurrent=True, window="day"), f"{LIMIT}/window", "no meaning"),
    (limit(concurrent=True, add="args.n"), f"{LIMIT}/add", "no meaning"),
    (own_test(expect="limit"), "/tests/0/expect", "one of allow, deny, hide, approve"),
    (own_test(rule="/tools/none"), "/tests/0/rule", "nothing at"),
    (own_test(used={"c": -1}), "/tests/0/used/c", "above 0"),
    (own_test(call={}), "/tests/0/call", '"tool" is missing'),
    (own_test(call={"tool": "t", "arguments": []}), "/tests/0/call/arguments", "an object with arguments"),
    (own_test(call={"tool": "t", "approved": 1}), "/tests/0/call/approved", "true or false"),
    (own_test(call={"tool": "t", "at": "now"}), "/tests/0/call/at", "a moment"),
]  # fmt: skip


@pytest.mark.parametrize(("wrong", "pointer", "message"), WRONG, ids=[pointer for _, pointer, _ in WRONG])
def test_what_breaks_the_grammar_is_named_at_its_pointer(wrong, pointer, message):
    with pytest.raises(InvalidPolicy) as refused:
        parse(json.dumps(wrong), "p")
    assert [(found.pointer, message in found.message) for found in refused.value.problems] == [
        (pointer, True)
    ]


def test_an_id_stands_once_in_a_document():
    with pytest.raises(InvalidPolicy, match="already used at /tools/t/deny_if/0/id"):
        parse(json.dumps(rule(deny_if=[{"id": "x", "all": []}, {"id": "x", "all": []}])), "p")


def test_all_errors_are_listed_at_once():
    with pytest.raises(InvalidPolicy) as refused:
        parse(
            json.dumps(
                document(mode=1, pin=1, tests=1, tools={"t": {"action": 1, "limits": [{}]}}), indent=1
            ),
            "p",
        )
    assert len(refused.value.problems) == 7
    assert all(problem.line > 1 for problem in refused.value.problems)


def test_version_1_knows_none_of_this():
    for key, value in (("mode", "shadow"), ("tests", []), ("pin", {}), ("expires", "2030-01-01T00:00:00Z")):
        with pytest.raises(InvalidPolicy, match="unknown key"):
            parse(json.dumps({"version": "1", "default": "deny", key: value}), "p")
    with pytest.raises(InvalidPolicy, match="one of eq"):
        parse(json.dumps({**operand("type", "string"), "version": "1"}), "p")


PLAIN = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-1, 2),
    st.sampled_from(["", "a", "/srv", "a.test", "string", "(", "**"]),
)
LOOSE = st.one_of(PLAIN, st.lists(PLAIN, max_size=2))


def members(**strategies):
    return st.fixed_dictionaries({}, optional=strategies)


CONDITIONS = st.fixed_dictionaries(
    {"path": st.sampled_from(["args.a", "args", "b"]), "op": st.sampled_from([*Op, "x"]), "value": LOOSE}
)
PARTS = st.recursive(
    CONDITIONS,
    lambda inner: members(all=st.lists(inner, max_size=2), any=st.lists(inner, max_size=2), **{"not": inner}),
    max_leaves=4,
)
GROUPS = members(
    conditions=st.lists(PARTS, max_size=2), all=st.lists(PARTS, max_size=1), any=st.lists(PARTS, max_size=2),
    id=st.sampled_from(["a", "b", ""]), mode=st.sampled_from([*Mode, "x"]), on_deny=st.sampled_from(["", 1]), **{"not": PARTS},
)  # fmt: skip
LIMITS = members(
    counter=st.sampled_from(["a", "b", "c", ""]), window=st.sampled_from([*Window, "week"]), max=st.sampled_from([1, 1.5, 0, "1"]),
    by=st.lists(st.sampled_from(["tool", "args.a", "x"]), max_size=1), add=st.sampled_from(["args.a", "a"]), concurrent=st.booleans(),
    rolling=st.sampled_from([True, 1]), scope=st.sampled_from(["grant", "x"]),
)  # fmt: skip
MOMENTS = st.sampled_from(["2030-01-01T00:00:00Z", "2030-01-01", "x", 5])
RESULTS = members(
    max_bytes=st.sampled_from([1, 0, "1"]), redact=st.lists(st.sampled_from(["a", 1]), max_size=1)
)
RULES = members(
    action=st.sampled_from([*Verdict, "limit"]), reason=st.sampled_from(["", 1]), deny_if=st.lists(GROUPS, max_size=1),
    approve_if=st.lists(GROUPS, max_size=1), limits=st.lists(LIMITS, max_size=1), mode=st.sampled_from([*Mode, 1]), expires=MOMENTS, results=RESULTS,
)  # fmt: skip
TESTS = members(call=members(tool=st.sampled_from(["a", 1]), arguments=st.sampled_from([{}, []]), at=MOMENTS, approved=st.sampled_from([True, 1])),
                expect=st.sampled_from([*Verdict, "x"]), used=st.sampled_from([{}, {"a": 0}, {"a": -1}]))  # fmt: skip
DOCUMENTS = st.builds(
    lambda more: {"version": "2", "default": "deny", **more},
    members(
        mode=st.sampled_from([*Mode, "x"]), expires=MOMENTS, hide=st.lists(st.sampled_from(["a*", "**", ""]), max_size=1),
        tools=st.dictionaries(st.sampled_from(["a", "a*", "**", ""]), RULES, max_size=1), pin=st.dictionaries(st.just("a"), st.sampled_from([PRINT, "x", 1])),
        on_drift=st.sampled_from([*OnDrift, "x"]), results=RESULTS, tests=st.lists(TESTS, max_size=1), extra=st.just(1),
    ),
)  # fmt: skip


def is_accepted(value):
    try:
        parse(json.dumps(value), "p")
    except InvalidPolicy:
        return False
    return True


@given(DOCUMENTS)
def test_what_the_parser_accepts_the_schema_accepts(value):
    # Our decision: the published schema is never narrower than the parser.
    assert SCHEMA.is_valid(value) or not is_accepted(value)


@given(st.sampled_from([wrong for wrong, *_ in WRONG]), DOCUMENTS)
def test_an_error_stays_one_among_whatever_else(wrong, value):
    assert not is_accepted(
        {**value, **{key: wrong[key] for key in wrong if key not in ("version", "default")}}
    )
