"""Conditions: type-strict, with doubt as a third answer (policy page, "Order of evaluation")."""

import json
import sys
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.policy.conditions import compile_group
from catalog.policy.grammar import parse
from catalog.policy.model import Condition, Group, Op
from catalog.policy.source import read

DOUBT = None


def answer(arguments, /, **group):
    text = json.dumps({"version": "2", "default": "deny", "tools": {"t": {"require": [group]}}})
    (found,) = parse(text, "p").tools["t"].require
    return compile_group(found)(arguments)


def holds(op, operand, value):
    given_value = read(json.dumps(value)).value  # numbers as the gateway reads them
    return answer({"a": given_value}, conditions=[{"path": "args.a", "op": op, "value": operand}])


@pytest.mark.parametrize(
    ("op", "operand", "value", "expected"),
    [
        ("eq", 1, 1.0, True),
        ("eq", 1, 2, False),
        ("eq", 1, True, DOUBT),
        ("eq", True, 1, DOUBT),
        ("eq", True, "true", DOUBT),
        ("eq", "a", "a", True),
        ("eq", "a", "A", False),
        ("eq", "a", None, DOUBT),
        ("eq", None, None, True),
        ("eq", None, "a", False),
        ("eq", [1, {"x": 1}], [1.0, {"x": 1}], True),
        ("eq", [1], [True], False),
        ("neq", "a", "b", True),
        ("neq", "a", "a", False),
        ("neq", "a", ["a"], DOUBT),
        ("neq", None, "a", True),
        ("in", ["a", "b"], "b", True),
        ("in", ["a", "b"], "c", False),
        ("in", ["a"], 1, DOUBT),
        ("in", [], "a", False),
        ("in", ["a", None], None, True),
        ("not_in", ["a"], "b", True),
        ("not_in", ["a"], "a", False),
        ("not_in", ["a"], ["a"], DOUBT),
        ("not_in", ["a"], {"a": 1}, DOUBT),
        ("not_in", [["a"]], ["b"], DOUBT),
        ("not_in", ["a"], 1, DOUBT),
        ("lt", 10, 9.99, True),
        ("lt", 10, 10, False),
        ("lte", 10, 10.0, True),
        ("gt", 10, 10.01, True),
        ("gte", 10, 9, False),
        ("lt", 10, "9", DOUBT),
        ("lt", 10, True, DOUBT),
        ("lt", 10, None, DOUBT),
        ("lt", 10, [9], DOUBT),
        ("regex", "b", "abc", True),
        ("regex", "^b$", "abc", False),
        ("regex", "1", 1, DOUBT),
        ("contains", "b", "abc", True),
        ("contains", "b", ["a", "b"], True),
        ("contains", "b", ["a"], False),
        ("contains", "b", [["b"]], DOUBT),
        ("contains", 1, "1", DOUBT),
        ("contains", "b", {"b": 1}, DOUBT),
        ("exists", True, None, True),
        ("exists", False, 0, False),
        ("starts_with", "ab", "abc", True),
        ("starts_with", "b", "abc", False),
        ("ends_with", "bc", "abc", True),
        ("ends_with", "1", 1, DOUBT),
        ("length_lte", 2, "ab", True),
        ("length_lte", 2, "abc", False),
        ("length_lte", 2, [1, 2, 3], False),
        ("length_lte", 2, 1, DOUBT),
        ("between", [0.5, 1.5], 1.5, True),
        ("between", [0.5, 1.5], 1.51, False),
        ("between", [0.5, 1.5], "1", DOUBT),
        ("type", "integer", 1.0, True),
        ("type", "integer", 1.5, False),
        ("type", "number", True, False),
        ("type", "null", None, True),
        ("type", "object", {}, True),
        ("type", "array", {}, False),
    ],
)
def test_an_operator_answers_yes_no_or_doubt(op, operand, value, expected):
    # Policy page: "a value of another type than the operator needs makes `require` fail and `deny_if` hold".
    assert holds(op, operand, value) is expected


@pytest.mark.parametrize("op", [op for op in Op if op is not Op.EXISTS])
def test_a_missing_argument_is_in_doubt_for_every_operator_but_exists(op):
    operand = {
        "in": [1], "not_in": [1], "between": [1, 2], "path_within": ["/a"], "host_in": ["a"], "type": "null",
        "regex": "a", "starts_with": "a", "ends_with": "a",
    }.get(op, 1)  # fmt: skip
    assert answer({"b": 1}, conditions=[{"path": "args.a", "op": op, "value": operand}]) is DOUBT


def test_exists_tells_a_missing_argument_plainly():
    assert answer({}, conditions=[{"path": "args.a", "op": "exists", "value": False}]) is True
    assert answer({}, conditions=[{"path": "args.a", "op": "exists", "value": True}]) is False


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("args.o.x", True),
        ("args.l.1.x", True),
        ("args.l.01.x", DOUBT),
        ("args.l.-1.x", DOUBT),
        ("args.l.2.x", DOUBT),
        ("args.l.99999999999999999999.x", DOUBT),
        ("args.o.y", DOUBT),
        ("args.s.0", DOUBT),
        ("args.l.١.x", DOUBT),
    ],
)
def test_a_path_steps_into_objects_and_lists_and_nothing_else(path, expected):
    arguments = {"o": {"x": 1}, "l": [{"x": 0}, {"x": 1}], "s": "1"}
    assert answer(arguments, conditions=[{"path": path, "op": "eq", "value": 1}]) is expected


def test_decimals_are_compared_exactly():
    # Policy page: "Numbers are decimals".
    assert answer({"a": Decimal("0.3")}, conditions=[{"path": "args.a", "op": "eq", "value": 0.3}]) is True
    big = Decimal("90071992547409.93")
    assert answer({"a": big}, conditions=[{"path": "args.a", "op": "gt", "value": 90071992547409.92}]) is True


@pytest.mark.parametrize(
    ("op", "operand", "value"),
    [
        ("eq", 9, Decimal("9.0000000000000001")),
        ("neq", 9, Decimal("9.0000000000000001")),
        ("in", [1, 9], Decimal("9.0000000000000001")),
        ("not_in", [1, 9], Decimal("9.0000000000000001")),
        ("contains", 9, [1, Decimal("9.0000000000000001")]),
        ("eq", [{"n": 9}], [{"n": Decimal("9.0000000000000001")}]),
        ("lt", 100, Decimal("99.99999999999999999")),
        ("gte", 100, Decimal("99.99999999999999999")),
        ("gt", 9007199254740992, 9007199254740993),
        ("lte", 9007199254740992, 9007199254740993),
        ("between", [0, 100], Decimal("100.00000000000000001")),
    ],
)
def test_what_only_exact_readers_tell_apart_is_in_doubt(op, operand, value):
    # The bypass corpus: a server that keeps numbers as doubles takes the one for the other.
    assert answer({"a": value}, conditions=[{"path": "args.a", "op": op, "value": operand}]) is DOUBT


def test_what_no_double_confuses_is_told_plainly():
    for value, expected in (
        (Decimal("99.99"), True),
        (10**400, False),
        (100, False),
        (Decimal("100.0"), False),
    ):
        assert answer({"a": value}, conditions=[{"path": "args.a", "op": "lt", "value": 100}]) is expected


@pytest.mark.parametrize(
    "value", [0.5, float("nan"), float("inf"), Decimal("NaN"), Decimal("Infinity"), object()]
)
def test_what_is_no_json_number_is_in_doubt(value):
    for op, operand in (("lt", 1), ("gt", 1), ("eq", 1), ("neq", 1), ("between", [0, 1]), ("type", "string")):
        assert answer({"a": value}, conditions=[{"path": "args.a", "op": op, "value": operand}]) is DOUBT


YES = {"path": "args.yes", "op": "eq", "value": 1}
NO = {"path": "args.yes", "op": "eq", "value": 2}
UNSURE = {"path": "args.missing", "op": "eq", "value": 1}


@pytest.mark.parametrize(
    ("group", "expected"),
    [
        ({"conditions": []}, True),
        ({"all": []}, True),
        ({"all": [YES, YES]}, True),
        ({"all": [YES, NO]}, False),
        ({"all": [YES, UNSURE]}, DOUBT),
        ({"all": [UNSURE, NO]}, False),
        ({"any": [NO, YES]}, True),
        ({"any": [NO, UNSURE]}, DOUBT),
        ({"any": [UNSURE, YES]}, True),
        ({"any": [NO, NO]}, False),
        ({"not": YES}, False),
        ({"not": NO}, True),
        ({"not": UNSURE}, DOUBT),
        ({"not": {"any": [NO, {"not": UNSURE}]}}, DOUBT),
        ({"conditions": [YES, {"any": [NO, {"all": [YES]}]}]}, True),
    ],
)
def test_all_any_and_not_keep_doubt(group, expected):
    # Our decision: no negation turns doubt into certainty.
    assert answer({"yes": 1}, **group) is expected


PARTS = st.recursive(
    st.sampled_from([YES, NO, UNSURE]),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"all": parts}),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"any": parts}),
        inner.map(lambda part: {"not": part}),
    ),
    max_leaves=8,
)


def kleene(part):
    """The three-valued logic of Kleene, with 0, 0.5 and 1."""
    if "path" in part:
        return {id(YES): 1, id(NO): 0, id(UNSURE): 0.5}[id(part)]
    if "not" in part:
        return 1 - kleene(part["not"])
    return min(map(kleene, part["all"])) if "all" in part else max(map(kleene, part["any"]))


@given(PARTS)
def test_combinations_follow_the_three_valued_logic(part):
    group = part if "path" not in part else {"conditions": [part]}
    assert {True: 1, False: 0, None: 0.5}[answer({"yes": 1}, **group)] == kleene(part)


ELEMENTS = st.recursive(
    st.sampled_from([None, True, False, 0, 1, 2, Decimal("1.0"), Decimal("1.0000000000000000001"), "a", "1"])
    | st.just(10**400),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=4,
)


@given(st.lists(ELEMENTS, max_size=5), ELEMENTS)
def test_contains_is_the_disjunction_of_eq_over_the_elements(elements, operand):
    # One element after the other, as slowly as it is said.
    group = {"conditions": [{"path": "args.a", "op": "eq", "value": operand}]}
    each = [compile_group(_group(group))({"a": element}) for element in elements]
    if operand is None:  # `eq` null tells every type apart plainly, `contains` has doubt about other types
        each = [DOUBT if found is False else True for found in each]
    expected = True if True in each else DOUBT if DOUBT in each else False
    contains = {"conditions": [{"path": "args.a", "op": "contains", "value": operand}]}
    assert compile_group(_group(contains))({"a": elements}) is expected


def _group(group):
    condition = group["conditions"][0]
    return Group((Condition(("a",), Op(condition["op"]), condition["value"]),))


@pytest.mark.parametrize("operand", ["zz", -1, 0.1, None, True, {"x": 1}, [1]])
@pytest.mark.parametrize(
    "element",
    ["s%d", 7, Decimal("1.5"), {}, [1], None],
    ids=["texts", "ones", "halves", "objects", "lists", "nulls"],
)
def test_the_elements_of_a_long_list_are_not_compared_one_by_one(operand, element):
    # One argument of a megabyte keeps nobody else waiting.
    elements = [element % n if isinstance(element, str) else element for n in range(200_000)]
    group = compile_group(_group({"conditions": [{"op": "contains", "value": operand}]}))
    assert _calls(lambda: group({"a": elements})) < 1_000


def _calls(work):
    """How many functions written in Python the work calls: the same on every machine, however busy."""
    found = 0

    def count(frame, event, argument):
        nonlocal found
        found += event == "call"

    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(None)
    return found


def test_more_containers_than_are_compared_leave_doubt():
    group = compile_group(_group({"conditions": [{"op": "contains", "value": {"x": 1}}]}))
    assert group({"a": [{"x": 1}] * 10_000}) is True
    assert group({"a": [{"x": 1}] * 10_001}) is DOUBT
