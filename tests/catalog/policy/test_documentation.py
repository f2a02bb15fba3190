"""Every example of docs/policy.md, run."""

import json
import re
import shlex
from datetime import UTC, datetime
from pathlib import Path

import jsonschema
import pytest

from catalog.policy.check import check
from catalog.policy.finding import Severity
from catalog.policy.grammar import parse
from catalog.policy.trial import run_tests
from catalog.resources import DATA

TEXT = (Path(__file__).parents[3] / "docs" / "policy.md").read_text("utf-8")
EXAMPLES = re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL)
COMMANDS = re.findall(r"^catalog (.*)$", re.search(r"```sh\n(.*?)```", TEXT, re.DOTALL)[1], re.MULTILINE)
NOW = datetime(2029, 1, 1, tzinfo=UTC)
SHOP = {
    "tools": [
        {"name": "list_orders", "description": "Lists orders.", "inputSchema": {"type": "object"}},
        {
            "name": "refund",
            "description": "Refunds a payment.",
            "inputSchema": {
                "type": "object",
                "properties": {"amount": {"type": "number"}, "currency": {"type": "string"}},
                "required": ["amount", "currency"],
            },
        },
    ]
}


def test_the_page_has_examples_of_both_versions():
    assert {parse(text, "p").version for text in EXAMPLES} == {"1", "2"}


@pytest.mark.parametrize("text", EXAMPLES)
def test_an_example_is_valid_under_parser_and_schema_and_its_own_tests_hold(text):
    policy = parse(text, "policy.json")
    schema = json.loads((DATA / f"policy-{policy.version}.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator(schema).validate(json.loads(text))
    outcomes = run_tests(policy, NOW)
    assert policy.version == "1" or outcomes
    assert [outcome.problem for outcome in outcomes if outcome.problem] == []
    assert {found.severity for found in check(policy, now=NOW)} <= {Severity.INFO}


def test_the_commands_of_the_page_work_one_after_the_other(run_catalog, tmp_path):
    (tmp_path / "shop.json").write_text(json.dumps(SHOP), encoding="utf-8")
    assert run_catalog("classify", "shop.json").returncode == 0
    for command in COMMANDS:
        done = run_catalog(*shlex.split(command))
        assert done.returncode == 0, f"{command}: {done.stderr}"
