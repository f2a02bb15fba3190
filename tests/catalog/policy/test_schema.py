"""Arguments against a tool's own schema: exact, without a look outside, and never hanging."""

import json
import time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.policy.schema import objection
from classifier.types import ToolDefinition


def why(schema, arguments):
    return objection(ToolDefinition("s", "t", input_schema=schema), arguments)


def test_what_the_schema_takes_raises_no_objection():
    schema = {"type": "object", "properties": {"a": {"type": "number", "maximum": 10}}, "required": ["a"]}
    assert why(schema, {"a": Decimal("9.99")}) == ""
    assert why(None, {"anything": 1}) == ""


def test_numbers_are_exact():
    # Policy page: "Numbers are decimals".
    assert why({"properties": {"a": {"maximum": 10}}}, {"a": Decimal("10.0000000000000000000001")})
    assert why({"properties": {"a": {"multipleOf": 0.01}}}, {"a": Decimal("0.07")}) == ""
    assert why({"properties": {"a": {"maximum": 5}}}, {"a": 10**300})


def test_an_objection_names_the_place_and_never_the_value():
    found = why({"properties": {"a": {"items": {"type": "integer"}}}}, {"a": [1, "hunter2"]})
    assert "args.a.1" in found
    assert "hunter2" not in found


@pytest.mark.parametrize(
    "draft", ["http://json-schema.org/draft-07/schema#", "https://json-schema.org/draft/2020-12/schema"]
)
def test_the_drafts_that_servers_use_are_known(draft):
    assert why({"$schema": draft, "required": ["a"]}, {"a": 1}) == ""
    assert why({"$schema": draft, "required": ["a"]}, {})


def test_a_recursive_schema_is_followed():
    schema = {"properties": {"and": {"type": "array", "items": {"$ref": "#"}}, "name": {"type": "string"}}}
    assert why(schema, {"and": [{"and": [{"name": "x"}]}]}) == ""
    assert why(schema, {"and": [{"and": [{"name": 1}]}]})


def doubling(levels):
    parts = {f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 2} for n in range(levels)}
    return {"$ref": "#/$defs/d0", "$defs": {**parts, f"d{levels}": {}}}


def deep(levels):
    value = {}
    for _ in range(levels):
        value = {"a": value}
    return value


HOSTILE = {
    "a reference over the network": {"$ref": "http://example.test/schema"},
    "a reference to a file": {"$ref": "file:///etc/passwd"},
    "a dialect elsewhere": {"$schema": "http://example.test/dialect"},
    "a reference to itself": {"$ref": "#"},
    "references in a circle": {
        "$ref": "#/$defs/a",
        "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}},
    },
    "work that doubles at each step": doubling(60),
    "work that doubles at each level of a value": {"allOf": [{"properties": {"a": {"$ref": "#"}}}] * 2},
    "patterns that both lead back": {"patternProperties": {"a": {"$ref": "#"}, "^a": {"$ref": "#"}}},
    "a reference that leads nowhere": {"$ref": "#/$defs/none"},
    "a base elsewhere": {"properties": {"a": {"$id": "http://example.test/", "$ref": "#/x"}}},
    "a pattern that looks around": {"properties": {"a": {"pattern": "(?=x)"}}},
    "a pattern with a back reference": {"properties": {"a": {"pattern": "(x)\\1"}}},
    "a pattern without end": {"properties": {"a": {"pattern": "((x{1000}){1000}){1000}"}}},
    "patterns that take much memory": {
        "properties": {f"p{n}": {"pattern": f"(a{{0,200}}){{0,40}}{n}"} for n in range(400)}
    },
    "patterns without end": {"patternProperties": {f"^p{n}": {} for n in range(20_000)}},
    "a wrong type": {"type": "str"},
    "a keyword of the wrong type": {"required": True},
}


@pytest.mark.parametrize("schema", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_schema_that_cannot_be_checked_safely_is_an_objection_at_once(schema):
    # Issue on the engine: "a hostile schema must not hang or raise: doubt is deny".
    started = time.monotonic()
    assert "cannot be checked" in why(schema, deep(40))
    assert time.monotonic() - started < 2


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"pattern": "(a+)+$"}, "a" * 200_000 + "b"),
        ({"uniqueItems": True}, [{"i": n} for n in range(50_000)]),
        ({"contains": {"const": -1}}, list(range(100_000))),
        ({"additionalProperties": {"type": "integer"}}, {str(n): n for n in range(50_000)}),
    ],
)
def test_a_large_value_takes_time_in_proportion(schema, value):
    started = time.monotonic()
    why({"properties": {"a": schema}}, {"a": value})
    assert time.monotonic() - started < 2


def test_many_references_to_one_part_are_no_attack():
    schema = {
        "properties": {f"p{n}": {"$ref": "#/$defs/text"} for n in range(500)},
        "$defs": {"text": {"type": "string"}},
    }
    assert why(schema, {"p7": "x"}) == ""
    assert why(schema, {"p7": 7})


KEYWORDS = st.sampled_from(
    ["type", "properties", "items", "$ref", "allOf", "anyOf", "not", "enum", "const", "pattern", "required", "additionalProperties",
     "$defs", "if", "then", "minimum", "maxLength", "patternProperties", "$schema", "$id", "prefixItems", "dependentSchemas", "format"]
)  # fmt: skip
WORDS = st.sampled_from(
    ["string", "object", "#", "#/$defs/a", "#/properties/a", "a", "^a", "(", "http://x", "email", ""]
)
SCHEMAS = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-2, 2), WORDS),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(KEYWORDS | st.just("a"), inner, max_size=3)
    ),
    max_leaves=15,
)


@given(st.dictionaries(KEYWORDS, SCHEMAS, max_size=4), SCHEMAS)
def test_no_schema_makes_it_raise(schema, value):
    json.dumps(schema)
    assert isinstance(why(schema, {"a": value}), str)


def test_the_patterns_of_a_large_honest_schema_are_checked():
    schema = {"properties": {f"p{n}": {"pattern": f"^[a-z0-9-]{{1,63}}{n}$"} for n in range(200)}}
    assert why(schema, {"p7": "a-7"}) == ""
    assert why(schema, {"p7": "a-8"})
