"""What the policy builder is given about a server: the exported rules, schemas cut down, names that act on nothing."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.policy.arguments import look_up
from catalog.policy.document_2 import document_2
from catalog.policy.recommend import Profile
from catalog.records import ToolEntry
from catalog.site.builder import HIDDEN, server_data
from catalog.site.facts import server_facts, tool_facts
from catalog.site.schema_outline import outline
from classifier.classify import Classifier
from classifier.types import ToolDefinition

NOW = datetime(2026, 12, 1, tzinfo=UTC)


def data_of(classifier: Classifier, *definitions: ToolDefinition) -> dict[str, Any]:
    entries = [ToolEntry("s", one, classifier.classify(one), NOW, NOW) for one in definitions]
    return server_data(server_facts("s", [tool_facts(entry, f"t{at}") for at, entry in enumerate(entries)]))


@pytest.mark.parametrize("profile", [*Profile])
def test_the_rules_are_those_of_the_export(generated: Any, profile: Profile) -> None:
    for entry in generated.catalogue().entries:
        if not entry.tools:
            continue
        data = server_data(server_facts(entry.name, [tool_facts(tool, "x") for tool in entry.tools]))
        body = document_2([(tool.definition, tool.classification) for tool in entry.tools], profile).body
        rules = {
            tool["name"]: tool["rules"].get(profile.value, tool["rules"]["recommended"])
            for tool in data["tools"]
        }
        assert sorted(name for name, rule in rules.items() if rule == HIDDEN) == body["hide"]
        assert {name: rule for name, rule in rules.items() if rule != HIDDEN} == body["tools"]


def test_a_name_that_stands_twice_gets_the_strictest_rule_once(classifier: Classifier) -> None:
    data = data_of(
        classifier,
        ToolDefinition(server="s", name="same", description="Lists the orders."),
        ToolDefinition(server="s", name="same", description="Deletes all orders for ever."),
    )
    assert [tool["rules"]["recommended"] for tool in data["tools"]] == [HIDDEN]


@pytest.mark.parametrize("name", ["gum*", "half\ud800"])
def test_a_name_that_no_policy_can_hold_has_no_rule(classifier: Classifier, name: str) -> None:
    (tool,) = data_of(classifier, ToolDefinition(server="s", name=name))["tools"]
    assert tool["rules"] == {}


def test_the_script_is_one_ascii_line_that_a_name_cannot_end(
    build_site: Any, generated: Any, tmp_path: Path
) -> None:
    odd = ("'); alert(1); ('", "\\'", "</script>", "\u2028", "__proto__")
    tools = tuple(
        ToolEntry("odd", ToolDefinition(server="odd", name=name), tool.classification, NOW, NOW)
        for name, tool in zip(odd, generated.server("odd", len(odd), seed=3).tools, strict=True)
    )
    build_site(generated.Listed((generated.entry("odd", tools),)), tmp_path / "site")
    text = (tmp_path / "site/tools/odd/builder.js").read_text("ascii")
    literal = text.removeprefix("policyBuilder.server('").removesuffix("');\n")
    assert "\n" not in literal
    assert "'" not in literal.replace("\\\\", "").replace("\\'", "")
    data = json.loads(literal.replace("\\\\", "\0").replace("\\'", "'").replace("\0", "\\"))
    assert {tool["name"] for tool in data["tools"]} == set(odd)


NAMES = st.sampled_from(["a", "b", "items", "type", "properties", "$ref"])
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(0, 3)
    | st.sampled_from(["string", "number", "#/$defs/a", "object"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)
SCHEMAS = st.recursive(
    st.dictionaries(
        st.sampled_from(["type", "enum", "const", "$ref", "properties", "anyOf", "required"]),
        JSON,
        max_size=3,
    ),
    lambda inner: st.fixed_dictionaries(
        {},
        optional={
            "type": st.sampled_from(["object", "array", "string"]),
            "properties": st.dictionaries(NAMES, inner, max_size=3),
            "$defs": st.dictionaries(NAMES, inner, max_size=2),
            "anyOf": st.lists(inner, max_size=2),
            "items": inner,
            "additionalProperties": inner | st.booleans(),
            "patternProperties": st.dictionaries(NAMES, inner, max_size=1),
            "$ref": st.just("#/$defs/a"),
        },
    ),
    max_leaves=8,
)


@given(SCHEMAS, st.lists(NAMES, min_size=1, max_size=3))
def test_the_outline_says_the_same_of_every_argument(schema: dict[str, Any], path: list[str]) -> None:
    """The lint in the page looks arguments up in the outline, `catalog policy check` in the whole schema."""
    assert look_up(outline(schema), path) == look_up(schema, path)


def test_an_outline_drops_what_conditions_do_not_need() -> None:
    schema = {
        "type": "object",
        "title": "Long",
        "properties": {
            "a": {"type": "string", "default": "x" * 500, "description": "y" * 500, "examples": ["z"]}
        },
        "required": ["a"],
    }
    made = outline(schema)
    assert made["properties"]["a"].keys() == {"type", "description"}
    assert len(made["properties"]["a"]["description"]) == 100
    assert made["required"] == ["a"]
