"""The exported version-2 document: the table as it stands, with what a tool's schema says about money."""

import json
from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.policy.call import Call
from catalog.policy.check import check
from catalog.policy.decide import decide
from catalog.policy.decision import Verdict
from catalog.policy.document import render
from catalog.policy.document_2 import document_2
from catalog.policy.finding import Severity
from catalog.policy.grammar import parse
from catalog.policy.recommend import Profile, recommend
from catalog.policy.treatment import treatment
from catalog.resources import DATA
from classifier.types import Action, Category, Level

SCHEMA = jsonschema.Draft202012Validator(json.loads((DATA / "policy-2.schema.json").read_text("utf-8")))
NOW = datetime(2030, 1, 1, tzinfo=UTC)


def pay(tool, /, required=(), name="pay", **properties):
    return tool(
        name, Category.FINANCIAL, Level.CRITICAL,
        schema={"type": "object", "properties": properties, "required": list(required)},
    )  # fmt: skip


def rule(made, name="pay"):
    return made.as_json()["tools"][name]


def verdict(pair, arguments, **parts):
    policy = parse(render(document_2([pair])), "p")
    return decide(
        policy, Call(tool=pair[0].name, arguments=arguments, at=NOW, definition=pair[0], **parts)
    ).verdict


def test_each_action_of_the_table_stands_as_it_is(tool):
    made = document_2(
        [
            tool("cancel", Category.DESTRUCTIVE, Level.CRITICAL),
            tool("run", Category.EXECUTE, Level.CRITICAL),
            tool("look"),
            tool("note", Category.WRITE, Level.MEDIUM),
            tool("what", Category.UNKNOWN, Level.UNKNOWN),
        ]
    ).as_json()
    assert (made["version"], made["default"], made["hide"]) == ("2", "deny", ["cancel"])
    assert made["tools"]["look"] == {}
    assert made["tools"]["note"]["limits"][0]["max"] == 30
    assert made["tools"]["run"]["action"] == "approve"
    assert made["tools"]["run"]["limits"][0]["max"] == 10
    assert made["tools"]["what"]["action"] == "deny"
    assert "does not tell" in made["tools"]["what"]["reason"]


def test_money_gets_conditions_and_a_cap_from_the_tool_s_own_schema(tool):
    # Policy page: "amount, currency and recipient conditions taken from the tool's own schema; a spend cap".
    made = document_2([
        pay(tool, ("amount", "currency", "recipient"), amount={"type": "number", "maximum": 250},
            currency={"type": "string", "enum": ["EUR", "GBP"]}, recipient={"type": "string"})
    ])  # fmt: skip
    assert rule(made)["require"] == [
        {"conditions": [{"path": "args.amount", "op": "gt", "value": 0}]},
        {"conditions": [{"path": "args.currency", "op": "in", "value": ["EUR", "GBP"]}]},
        {"conditions": [{"path": "args.recipient", "op": "type", "value": "string"}]},
    ]
    assert rule(made)["limits"] == [
        {"counter": "pay_spend", "window": "day", "max": 250, "add": "args.amount", "by": ["args.currency"]}
    ]


def test_a_sound_payment_waits_for_a_person_and_an_unsound_one_is_denied(tool):
    pair = pay(
        tool,
        ("amount", "currency"),
        amount={"type": "number"},
        currency={"type": "string", "enum": ["EUR"]},
        to={"type": "string"},
    )
    assert verdict(pair, {"amount": 5, "currency": "EUR"}) is Verdict.APPROVE
    assert verdict(pair, {"amount": 5, "currency": "EUR", "to": "x"}, approved=True) is Verdict.ALLOW
    for wrong in (
        {"amount": 0},
        {"amount": -5},
        {"amount": "5"},
        {"currency": "USD"},
        {"to": ["a", "b"]},
        {"amount": Decimal("1000.01")},
    ):
        assert verdict(pair, {"amount": 5, "currency": "EUR", **wrong}, approved=True) is Verdict.DENY


@pytest.mark.parametrize(
    ("amount", "cap"),
    [
        ({"type": "number"}, 1000),
        ({"type": "integer", "description": "Amount in cents."}, 100_000),
        ({"type": "number", "maximum": 20}, 20),
        ({"type": "number", "exclusiveMaximum": 5000}, 5000),
        ({"type": "number", "minimum": 2000}, 2000),
        ({"type": "number", "examples": [1500]}, 1500),
    ],
)
def test_a_cap_is_the_schema_s_greatest_amount_or_ours(tool, amount, cap):
    assert rule(document_2([pay(tool, ("amount",), amount=amount)]))["limits"][0]["max"] == cap


@pytest.mark.parametrize(
    ("required", "amount"),
    [
        ((), {"type": "number"}),
        (("amount",), {"type": "string"}),
        (("amount",), {"type": ["number", "null"]}),
        ((), None),
    ],
)
def test_where_no_cap_can_be_kept_the_export_says_so(tool, required, amount):
    made = document_2([pay(tool, required, **({"amount": amount} if amount else {"id": {"type": "string"}}))])
    assert "limits" not in rule(made)
    assert [rounding.became for rounding in made.roundings] == ["no spend cap"]


def test_free_text_never_gives_a_cap_of_its_own(tool):
    # Our decision: "usd", "USD" and "Usd" would be three caps.
    made = document_2(
        [pay(tool, ("amount", "currency"), amount={"type": "number"}, currency={"type": "string"})]
    )
    assert "by" not in rule(made)["limits"][0]


def test_an_argument_that_may_be_left_out_may_be_left_out(tool):
    pair = pay(
        tool, ("id",), id={"type": "string"}, amount={"type": "number"}, recipientId={"type": "string"}
    )
    assert verdict(pair, {"id": "x"}) is Verdict.APPROVE
    assert verdict(pair, {"id": "x", "amount": -1}) is Verdict.DENY


def test_pins_tie_the_policy_to_the_present_definitions(tool):
    look, gone = tool("look"), tool("gone", Category.DESTRUCTIVE, Level.CRITICAL)
    twice = [tool("twice"), tool("twice", schema={"type": "object"})]
    made = document_2([look, gone, *twice], pin=True)
    assert made.as_json()["pin"] == {"look": look[0].fingerprint}
    assert any("several definitions" in rounding.why for rounding in made.roundings)
    assert "pin" not in document_2([look]).as_json()


PROPERTIES = st.dictionaries(
    st.sampled_from(["amount", "currency", "recipient", "to", "note", "total.sum"]),
    st.sampled_from([
        {}, {"type": "number"}, {"type": "integer", "maximum": 7}, {"type": "string"}, {"type": ["string", "null"]}, {"enum": ["EUR", 1]},
        {"type": "string", "enum": ["EUR"]}, {"anyOf": [{"type": "number"}, {"type": "null"}]}, {"$ref": "#"}, {"type": "array"},
    ]),
    max_size=3,
)  # fmt: skip
SCHEMAS = st.builds(
    lambda properties, all_required: {
        "type": "object",
        "properties": properties,
        "required": list(properties) if all_required else [],
    },
    PROPERTIES,
    st.booleans(),
) | st.sampled_from(
    [None, {}, {"properties": None}, {"properties": {"amount": {"type": "number"}}, "required": "amount"}]
)
NAMES = st.one_of(
    st.text(min_size=1, max_size=8), st.sampled_from(["*", "a*", "\ud800", "a/b", "pay", "pay_rate"])
)
ROWS = st.lists(
    st.tuples(NAMES, st.sampled_from(Category), st.sampled_from(Level), st.booleans(), SCHEMAS),
    max_size=6,
    unique_by=lambda row: row[0],
)


@given(ROWS, st.sampled_from(Profile), st.booleans())
def test_every_document_is_valid_clean_and_gives_each_tool_exactly_the_recommended_treatment(
    tool, rows, profile, pin
):
    tools = [
        tool(name, category, risk, doubtful=doubtful, schema=schema)
        for name, category, risk, doubtful, schema in rows
    ]
    text = render(document_2(tools, profile, pin=pin))
    SCHEMA.validate(json.loads(text))
    policy = parse(text, "p")
    findings = check(policy, [definition for definition, _ in tools], now=NOW)
    assert {finding.severity for finding in findings} <= {Severity.INFO}
    for definition, label in tools:
        sayable = not {"*", "\ud800"} & set(definition.name)
        wanted = recommend(label, definition.name, profile).action if sayable else Action.DENY
        assert treatment(policy, definition.name) is wanted


@given(
    st.lists(
        st.tuples(st.sampled_from(["x", "y"]), st.sampled_from(Category), st.sampled_from(Level)), max_size=6
    )
)
def test_a_name_that_stands_twice_gets_the_strictest_treatment_in_any_order(tool, rows):
    tools = [tool(name, category, risk) for name, category, risk in rows]
    assert render(document_2(tools)) == render(document_2(tools[::-1]))
    policy = parse(render(document_2(tools)), "p")
    strictness = list(Action)
    for name in Counter(name for name, *_ in rows):
        actions = [recommend(label, name).action for definition, label in tools if definition.name == name]
        strictest = max(
            actions, key=lambda action: (action in (Action.HIDE, Action.DENY), strictness.index(action))
        )
        assert treatment(policy, name) in (strictest, Action.HIDE)
