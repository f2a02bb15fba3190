"""The judge: the order of evaluation of the policy page, totality, and the properties the issue asks for."""

import copy
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from timeit import repeat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.policy.call import Call
from catalog.policy.decide import State, decide, limited, visible
from catalog.policy.decision import Code, Match, Verdict
from catalog.policy.grammar import InvalidPolicy, parse
from classifier.types import ToolDefinition

EQ = {"conditions": [{"path": "args.a", "op": "eq", "value": 1}]}
ALWAYS = {"conditions": []}
SCHEMA = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}
WITH_SCHEMA = ToolDefinition("s", "t", input_schema=SCHEMA)
PAST, FUTURE = "2020-01-01T00:00:00Z", "2099-01-01T00:00:00Z"


def said(decision):
    return decision.verdict, decision.code, decision.rule


ORDER = [
    # what is wrong, from the last step of the evaluation to the first: (document, rule, call) and the answer
    ({}, {"limits": [{"counter": "c", "window": "day", "max": 1, "add": "args.n"}]}, Code.ARGUMENTS, "/tools/t/limits/0"),
    ({}, {"require": [EQ]}, Code.REQUIRE, "/tools/t/require/0"),
    ({}, {"deny_if": [ALWAYS]}, Code.DENY_IF, "/tools/t/deny_if/0"),
    ({}, {"action": "deny"}, Code.DENIED, "/tools/t/action"),
    ({}, {"expires": PAST}, Code.EXPIRED, "/tools/t/expires"),
    ({"pin": {"t": "0" * 64}}, {}, Code.DRIFT, "/pin/t"),
    ({"hide": ["t"]}, {}, Code.HIDDEN, "/hide/0"),
    ({"expires": PAST}, {}, Code.EXPIRED, "/expires"),
]  # fmt: skip


def test_the_first_denial_in_the_order_of_evaluation_decides(policy, call):
    document, rule = {}, {}
    for more, more_of_rule, code, pointer in ORDER:
        document, rule = {**document, **more}, {**rule, **more_of_rule}
        found = decide(policy(**document, tools={"t": rule}), call("t", {"a": 2}))
        assert (found.code, found.rule) == (code, pointer)
        assert found.verdict is (Verdict.HIDE if code is Code.HIDDEN else Verdict.DENY)


def test_every_rule_that_matched_is_told(policy, call):
    rule = {"deny_if": [ALWAYS, EQ, ALWAYS], "require": [EQ]}
    found = decide(policy(tools={"t": rule}), call("t", {"a": 2}))
    assert [match.rule for match in found.matched] == [
        "/tools/t/deny_if/0",
        "/tools/t/deny_if/2",
        "/tools/t/require/0",
    ]


def test_an_unknown_tool_is_answered_like_a_hidden_one(policy, call):
    # Policy page: "A hidden tool answers like an unknown one".
    hidden = decide(policy(tools={"t": {"action": "hide"}}), call())
    unknown = decide(policy(tools={"t": {}}), call(definition=None))
    assert said(hidden) == (Verdict.HIDE, Code.HIDDEN, "/tools/t/action")
    assert said(unknown) == (Verdict.HIDE, Code.UNKNOWN_TOOL, "")
    assert hidden.reason == unknown.reason


def test_a_name_is_exact_and_case_sensitive(policy, call):
    for name in ("T", " t", "t ", "t\x00", "\u0442", "ｔ", ""):
        assert said(decide(policy(tools={"t": {}}), call(name))) == (
            Verdict.DENY,
            Code.NOT_LISTED,
            "/default",
        )


def test_the_default_governs_what_is_not_listed(policy, call):
    assert said(decide(policy(), call())) == (Verdict.DENY, Code.NOT_LISTED, "/default")
    assert said(decide(policy(default="allow"), call())) == (Verdict.ALLOW, Code.ALLOWED, "/default")


@pytest.mark.parametrize(
    ("name", "rule"),
    [("delete_all", "/tools/delete_all"), ("delete_all_x", "/tools/delete_all*"), ("delete_x", "/tools/delete_*"),
     ("x", "/tools/*"), ("delete_all*", "/tools/delete_all*")],
)  # fmt: skip
def test_the_exact_name_beats_the_longest_pattern_which_beats_the_star(policy, call, name, rule):
    tools = {"*": {}, "delete_*": {}, "delete_all*": {}, "delete_all": {}}
    assert decide(policy(tools=tools), call(name)).rule == rule


def test_in_version_1_a_star_in_a_name_is_a_letter(policy, call):
    one = policy("1", tools={"a*": {}}, hide=["b*"], default="deny")
    assert decide(one, call("ab")).code is Code.NOT_LISTED
    assert decide(one, call("a*")).verdict is Verdict.ALLOW
    assert decide(one, call("bc")).code is Code.NOT_LISTED


def test_doubt_fails_a_requirement_and_holds_a_denial_and_an_approval(policy, call):
    # Policy page: "A missing path fails `require` and holds `deny_if`".
    for part, code in (("require", Code.REQUIRE), ("deny_if", Code.DENY_IF), ("approve_if", Code.APPROVAL)):
        found = decide(policy(tools={"t": {part: [EQ]}}), call("t", {}))
        assert found.code is code


def test_arguments_are_held_against_the_tool_s_own_schema(policy, call):
    listed = policy(tools={"t": {}})
    assert decide(listed, call("t", {"a": 1}, definition=WITH_SCHEMA)).verdict is Verdict.ALLOW
    for wrong in ({}, {"a": "secret"}, {"a": None}, {"a": True}):
        found = decide(listed, call("t", wrong, definition=WITH_SCHEMA))
        assert said(found) == (Verdict.DENY, Code.ARGUMENTS, "")
        assert "secret" not in found.reason


@pytest.mark.parametrize("arguments", [None, [], "{}", 7, True])
def test_arguments_that_are_no_object_are_denied_and_never_an_error(policy, call, arguments):
    for rule in ({}, {"require": [EQ]}, {"deny_if": [EQ]}, {"approve_if": [EQ]}):
        made = Call(tool="t", arguments=arguments, at=call().at, definition=ToolDefinition("s", "t"))
        found = decide(policy(tools={"t": rule}), made)
        assert found.verdict is Verdict.DENY
        assert found.code is not Code.ERROR


def test_an_approval_is_asked_for_and_then_passes_on_to_the_limits(policy, call):
    rule = {"action": "approve", "limits": [{"counter": "c", "window": "day", "max": 1}]}
    waiting = decide(policy(tools={"t": rule}), call())
    assert said(waiting) == (Verdict.APPROVE, Code.APPROVAL, "/tools/t/action")
    assert waiting.reservations == ()
    passed = decide(policy(tools={"t": rule}), call(approved=True))
    assert passed.verdict is Verdict.ALLOW
    assert [room.key for room in passed.reservations] == ["c"]


def test_nobody_is_asked_about_a_call_that_is_denied_anyway(policy, call):
    rule = {"action": "approve", "approve_if": [ALWAYS], "deny_if": [EQ]}
    assert decide(policy(tools={"t": rule}), call("t", {"a": 1})).code is Code.DENY_IF
    drifting = policy(tools={"t": rule}, pin={"t": "0" * 64}, on_drift="approve")
    assert decide(drifting, call("t", {"a": 1})).code is Code.DENY_IF


def test_an_approval_never_lifts_a_denial(policy, call):
    for rule in ({"deny_if": [ALWAYS]}, {"action": "deny"}, {"require": [EQ]}, {"action": "hide"}):
        assert decide(policy(tools={"t": rule}), call(approved=True)).verdict is not Verdict.ALLOW


@pytest.mark.parametrize(
    ("on_drift", "verdict"), [("deny", Verdict.DENY), ("approve", Verdict.APPROVE), ("log", Verdict.ALLOW)]
)
def test_drift_is_denied_asked_about_or_noted(policy, call, on_drift, verdict):
    found = decide(policy(tools={"t": {}}, pin={"t": "0" * 64}, on_drift=on_drift), call())
    assert found.verdict is verdict
    assert [match.rule for match in found.matched] == ["/pin/t"]


def test_a_pinned_definition_passes(policy, call):
    pinned = policy(tools={"t": {}}, pin={"t": WITH_SCHEMA.fingerprint})
    assert decide(pinned, call("t", {"a": 1}, definition=WITH_SCHEMA)).verdict is Verdict.ALLOW


def test_shadow_rules_only_add_to_what_matched(policy, call):
    group = {**ALWAYS, "mode": "shadow", "on_deny": "would be denied"}
    found = decide(policy(tools={"t": {"deny_if": [group]}}), call())
    assert found.verdict is Verdict.ALLOW
    assert found.matched == (
        Match("/tools/t/deny_if/0", Verdict.DENY, shadow=True, reason="would be denied"),
    )


def test_a_tool_s_rule_in_shadow_leaves_the_tool_to_the_next_one(policy, call):
    tools = {"t": {"mode": "shadow", "action": "hide"}, "*": {}}
    found = decide(policy(tools=tools), call())
    assert (found.verdict, found.rule) == (Verdict.ALLOW, "/tools/*")
    assert [(match.rule, match.shadow) for match in found.matched] == [("/tools/t/action", True)]
    alone = policy(tools={"t": {"mode": "shadow"}})
    assert decide(alone, call()).code is Code.NOT_LISTED
    assert not visible(alone, "t")


def test_a_document_in_shadow_lets_all_pass_and_reserves_nothing(policy, call):
    limit = {"counter": "c", "window": "day", "max": 1}
    watching = policy(mode="shadow", tools={"t": {"deny_if": [ALWAYS], "limits": [limit]}}, hide=["t"])
    found = decide(watching, call())
    assert (found.verdict, found.reservations) == (Verdict.ALLOW, ())
    assert {match.rule for match in found.matched} == {"/hide/0", "/tools/t/deny_if/0"}
    assert visible(watching, "t")


def test_expiry_begins_at_its_moment(policy, call):
    moment = datetime(2030, 6, 30, 16, tzinfo=UTC)
    ending = policy(expires="2030-06-30T18:00:00+02:00", tools={"t": {}})
    assert decide(ending, call(at=moment - timedelta(microseconds=1))).verdict is Verdict.ALLOW
    assert decide(ending, call(at=moment)).code is Code.EXPIRED


def test_a_call_without_a_zone_in_its_time_is_in_doubt_and_denied(policy, call):
    naive = datetime(2030, 1, 1)  # noqa: DTZ001 - that is the point
    assert decide(policy(expires=FUTURE, tools={"t": {}}), call(at=naive)).code is Code.ERROR


def test_limits_of_all_tools_and_of_the_tool_are_reserved_together(policy, call):
    limit = {"window": "day", "max": 5}
    both = policy(
        all_tools={"limits": [{**limit, "counter": "all"}]},
        tools={"t": {"limits": [{**limit, "counter": "own"}]}},
    )
    found = decide(both, call())
    assert [(room.key, room.rule) for room in found.reservations] == [
        ("all", "/all_tools/limits/0"),
        ("own", "/tools/t/limits/0"),
    ]


def test_a_used_up_counter_denies_and_says_that_waiting_helps(policy, call):
    rule = {"limits": [{"counter": "c", "window": "minute", "max": 10}]}
    at_nine = decide(policy(tools={"t": rule}), call(), State({"c": Decimal(9)}))
    at_ten = decide(policy(tools={"t": rule}), call(), State({"c": Decimal(10)}))
    assert at_nine.verdict is Verdict.ALLOW
    assert said(at_ten) == (Verdict.DENY, Code.LIMIT, "/tools/t/limits/0")
    assert at_ten.retryable
    assert "10 calls a minute" in at_ten.reason


def test_a_call_that_alone_is_more_than_the_limit_is_denied_for_good(policy, call):
    rule = {"action": "approve", "limits": [{"counter": "c", "window": "day", "max": 10, "add": "args.n"}]}
    found = decide(policy(tools={"t": rule}), call("t", {"n": Decimal("10.01")}))
    assert said(found) == (Verdict.DENY, Code.LIMIT, "/tools/t/limits/0")
    assert not found.retryable


def test_a_refused_reservation_becomes_a_denial_with_the_time_to_wait(policy, call):
    rule = {"limits": [{"counter": "c", "window": "minute", "max": 10}]}
    allowed = decide(policy(tools={"t": rule}), call())
    found = limited(allowed, allowed.reservations[0], 1200)
    assert said(found) == (Verdict.DENY, Code.LIMIT, "/tools/t/limits/0")
    assert (found.retryable, found.retry_after_ms, found.reservations) == (True, 1200, ())


def test_rules_for_results_of_document_and_tool_both_hold(policy, call):
    both = policy(
        results={"max_bytes": 10, "redact": ["a"]},
        tools={"t": {"results": {"max_bytes": 20, "redact": ["b", "a"]}}},
    )
    found = decide(both, call()).results
    assert (found.max_bytes, found.redact) == (10, ("a", "b"))


@pytest.mark.parametrize(
    ("parts", "shown"),
    [
        ({}, False),
        ({"default": "allow"}, True),
        ({"tools": {"t": {}}}, True),
        ({"tools": {"t": {"action": "deny"}}}, True),
        ({"tools": {"t": {"action": "approve"}}}, True),
        ({"tools": {"t": {"action": "hide"}}}, False),
        ({"tools": {"t": {}}, "hide": ["t*"]}, False),
        ({"default": "allow", "hide": ["*"]}, False),
    ],
)
def test_a_tool_is_shown_or_gone(policy, parts, shown):
    assert visible(policy(**parts), "t") is shown


# --- properties -----------------------------------------------------------------------------------

VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.decimals(-2, 2, places=1),
    st.sampled_from(["", "a", "1", "/srv/x", "https://a.b"]),
)
ARGUMENTS = st.dictionaries(st.sampled_from(["a", "b"]), VALUES | st.lists(VALUES, max_size=2), max_size=2)
JSON_VALUES = st.one_of(st.none(), st.booleans(), st.integers(-3, 3), st.sampled_from(["", "a", "1"]))


def conditions(operators):
    return st.one_of(*(
        st.fixed_dictionaries({"path": st.sampled_from(["args.a", "args.b", "args.a.0"]), "op": st.just(op), "value": operand})
        for op, operand in operators.items()
    ))  # fmt: skip


V1_OPS = {
    "eq": JSON_VALUES, "neq": JSON_VALUES, "in": st.lists(JSON_VALUES, max_size=2), "not_in": st.lists(JSON_VALUES, max_size=2),
    "lt": st.integers(-2, 2), "gte": st.integers(-2, 2), "regex": st.sampled_from(["a", "^$"]), "contains": JSON_VALUES,
    "exists": st.booleans(),
}  # fmt: skip
V2_OPS = {
    **V1_OPS, "starts_with": st.sampled_from(["", "a"]), "length_lte": st.integers(0, 2), "between": st.just([-1, 1]),
    "type": st.sampled_from(["string", "integer", "null"]), "path_within": st.just(["/srv"]), "host_in": st.just(["a.b"]),
}  # fmt: skip
V1_GROUPS = st.fixed_dictionaries({"conditions": st.lists(conditions(V1_OPS), max_size=2)})
V2_GROUPS = st.one_of(
    V1_GROUPS,
    st.fixed_dictionaries({"any": st.lists(conditions(V2_OPS), min_size=1, max_size=2)}, optional={"mode": st.sampled_from(["enforce", "shadow"])}),
    st.fixed_dictionaries({"not": conditions(V2_OPS)}),
)  # fmt: skip
NAMES = st.sampled_from(["t", "tu", "u"])
PATTERNS = NAMES | st.sampled_from(["t*", "*", "*u", "t*u"])


def rules(groups, **more):
    return st.fixed_dictionaries({}, optional={
        "require": st.lists(groups, max_size=1), "deny_if": st.lists(groups, max_size=1), **more,
        "limits": st.lists(st.fixed_dictionaries({"window": st.just("day"), "max": st.integers(1, 3)}), max_size=1),
    })  # fmt: skip


V1 = st.fixed_dictionaries(
    {"version": st.just("1"), "default": st.sampled_from(["deny", "allow"])},
    optional={"hide": st.lists(NAMES | st.just("*"), max_size=1), "tools": st.dictionaries(NAMES, rules(V1_GROUPS), max_size=2)},
)  # fmt: skip
V2 = st.fixed_dictionaries(
    {"version": st.just("2"), "default": st.sampled_from(["deny", "allow"])},
    optional={
        "hide": st.lists(PATTERNS, max_size=1),
        "mode": st.sampled_from(["enforce", "enforce", "enforce", "shadow"]),
        "expires": st.sampled_from([FUTURE, FUTURE, PAST]),
        "pin": st.just({"t": "0" * 64}),
        "on_drift": st.sampled_from(["deny", "approve", "log"]),
        "tools": st.dictionaries(PATTERNS, rules(
            V2_GROUPS,
            action=st.sampled_from(["allow", "allow", "deny", "hide", "approve"]),
            approve_if=st.lists(V2_GROUPS, max_size=1),
            mode=st.sampled_from(["enforce", "enforce", "shadow"]),
            expires=st.sampled_from([FUTURE, PAST]),
        ), max_size=3),
    },
)  # fmt: skip
CALLS = st.builds(
    Call, tool=NAMES, arguments=ARGUMENTS, at=st.just(datetime(2030, 1, 1, tzinfo=UTC)), approved=st.booleans(),
    definition=st.sampled_from([None, ToolDefinition("s", "t"), ToolDefinition("s", "t"), WITH_SCHEMA]),
)  # fmt: skip


def read(document):
    """Parse, with a counter's name for each limit."""
    document = copy.deepcopy(document)
    for index, rule in enumerate(document.get("tools", {}).values()):
        for limit in rule.get("limits", []):
            limit["counter"] = f"c{index}"
    return parse(json.dumps(document), "p")


@given(V2, CALLS)
def test_the_judge_is_total_and_deterministic(document, call):
    # Issue on the engine: "`decide` is total and deterministic".
    policy = read(document)
    found = decide(policy, call)
    assert found == decide(policy, call) == decide(read(document), call)
    assert found.code is not Code.ERROR
    assert (found.verdict is Verdict.ALLOW) == (found.code is Code.ALLOWED)
    assert bool(found.reason) == (found.verdict is not Verdict.ALLOW)
    assert found.verdict is Verdict.ALLOW or not found.reservations


@given(
    V2,
    st.text(max_size=8),
    st.recursive(
        VALUES | st.floats() | st.binary(),
        lambda it: st.lists(it) | st.dictionaries(st.text(), it),
        max_leaves=6,
    ),
)
def test_no_value_makes_the_judge_raise(document, tool, arguments):
    when = datetime(2030, 1, 1, tzinfo=UTC)
    for given_arguments in (arguments, {"a": arguments}):
        made = Call(
            tool=tool,
            arguments=given_arguments,
            at=when,
            definition=ToolDefinition("s", tool, input_schema=SCHEMA),
        )
        assert decide(read(document), made).verdict in set(Verdict)
    assert visible(read(document), tool) in (True, False)


@given(V1, CALLS)
def test_a_version_1_document_means_the_same_read_as_version_2(document, call):
    # Issue on the engine.
    one, two = read(document), read({**document, "version": "2"})
    assert one == replace(two, version="1")
    assert decide(one, call) == decide(two, call)
    assert visible(one, call.tool) == visible(two, call.tool)


def openness(decision):
    """How far a call gets: not at all, to a person, or through."""
    return {Verdict.ALLOW: 2, Verdict.APPROVE: 1}.get(decision.verdict, 0)


ADDITIONS = st.one_of(
    st.tuples(st.just("hide"), PATTERNS),
    st.tuples(st.just("closed"), PATTERNS, st.sampled_from(["deny", "hide"])),
    st.tuples(st.sampled_from(["deny_if", "require"]), PATTERNS, V2_GROUPS),
    st.tuples(st.just("approve_if"), PATTERNS, V2_GROUPS),
    st.tuples(st.just("limits"), PATTERNS, st.just({"window": "hour", "max": 1})),
)  # fmt: skip


def stricter(document, addition):
    """The document with one rule more that can only deny, or None where there is no place for it."""
    more = copy.deepcopy(document)
    kind, name, *what = addition
    tools = more.setdefault("tools", {})
    if kind == "hide":
        more["hide"] = [*more.get("hide", []), name]
    elif kind == "closed":
        tools[name] = {"action": what[0]}
    elif name not in tools or (kind == "limits" and tools[name].get("limits")):
        return None
    else:
        tools[name].setdefault(kind, []).append(what[0])
    return more


@given(V2, ADDITIONS, CALLS)
def test_adding_a_rule_that_denies_never_lets_more_through(document, addition, call):
    # Issue on the engine: "adding a deny rule never lets more through".
    more = stricter(document, addition)
    if more is None:
        return
    if addition[0] == "closed" and document.get("tools", {}).get(addition[1], {}).get("mode") == "shadow":
        return  # a shadow rule was replaced, which is no addition
    before, after = decide(read(document), call), decide(read(more), call)
    assert openness(after) <= openness(before)
    if addition[0] == "hide":
        assert visible(read(more), call.tool) <= visible(read(document), call.tool)


def problems_of(text):
    """What the parser lists, nothing where it takes the text; any other error than its own goes through."""
    try:
        parse(text, "p")
    except InvalidPolicy as refused:
        return refused.problems
    return None


@given(st.text(max_size=40))
def test_no_text_makes_the_parser_raise_anything_but_its_own_error(text):
    document = {"version": "2", "default": "deny", "tools": {text: {"reason": text}}, "hide": [text]}
    assert problems_of(text)
    assert problems_of(json.dumps(document)) != ()


def test_a_typical_call_is_judged_within_sixty_microseconds(policy, call):
    # Issue on the engine: the whole gateway may add half a millisecond.
    group = {
        "conditions": [
            {"path": "args.amount", "op": "lte", "value": 99.5},
            {"path": "args.currency", "op": "in", "value": ["EUR"]},
        ]
    }
    schema = {
        "type": "object",
        "properties": {"amount": {"type": "number"}, "currency": {"type": "string"}},
        "required": ["amount"],
    }
    rule = {
        "require": [group],
        "limits": [
            {"counter": "spend", "window": "day", "max": 500, "add": "args.amount", "by": ["args.currency"]}
        ],
    }
    made = policy(tools={f"tool_{index}": {} for index in range(200)} | {"pay_*": rule})
    paying = call(
        "pay_out",
        {"amount": Decimal("12.5"), "currency": "EUR"},
        definition=ToolDefinition("s", "pay_out", input_schema=schema),
    )
    assert decide(made, paying).verdict is Verdict.ALLOW
    assert min(repeat(lambda: decide(made, paying), number=500, repeat=7)) / 500 < 60e-6
