"""`catalog policy` as a user runs it: export in both versions, check, explain, test and diff."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

Run = Callable[..., CompletedProcess[str]]

SHOP = {
    "tools": [
        {"name": "list_orders", "description": "Lists orders.", "inputSchema": {"type": "object"}},
        {
            "name": "delete_order",
            "description": "Deletes an order permanently.",
            "inputSchema": {"type": "object"},
        },
        {
            "name": "refund",
            "description": "Refunds a payment to the customer.",
            "inputSchema": {
                "type": "object",
                "properties": {
                    "amount": {"type": "number"},
                    "currency": {"enum": ["EUR", "GBP"], "type": "string"},
                },
                "required": ["amount", "currency"],
            },
        },
    ]
}
POLICY: dict[str, Any] = {
    "version": "2",
    "default": "deny",
    "tools": {
        "refund": {
            "deny_if": [
                {"conditions": [{"path": "args.amount", "op": "gt", "value": 100}], "on_deny": "Too much."}
            ],
            "limits": [{"counter": "refund_rate", "window": "minute", "max": 3}],
        }
    },
    "tests": [{"call": {"tool": "refund", "arguments": {"amount": 5}}, "expect": "allow"}],
}


@pytest.fixture
def shop(run_catalog: Run, tmp_path: Path) -> Run:
    """The command with a catalogue of one server, `shop`, and a policy for it."""
    (tmp_path / "shop.json").write_text(json.dumps(SHOP), encoding="utf-8")
    (tmp_path / "policy.json").write_text(json.dumps(POLICY, indent=1), encoding="utf-8")
    done = run_catalog("classify", "shop.json")
    assert done.returncode == 0, done.stderr
    return run_catalog


def test_the_exported_version_2_policy_is_clean_and_asks_a_person_about_money(shop: Run) -> None:
    made = shop("policy", "export", "shop", "--policy-version", "2", "--pin", "-o", "p2.json")
    assert made.returncode == 0, made.stderr
    assert "put in the cap that you want" in made.stderr
    checked = shop("policy", "check", "p2.json", "--server", "shop", "--strict")
    assert checked.returncode == 0, checked.stdout
    assert "valid, version 2" in checked.stderr
    told = shop(
        "policy",
        "explain",
        "p2.json",
        "refund",
        "--args",
        '{"amount": 5, "currency": "EUR"}',
        "-s",
        "shop",
        "-f",
        "json",
    )
    assert json.loads(told.stdout)["verdict"] == "approve"
    one = shop("policy", "export", "shop")
    assert json.loads(one.stdout)["version"] == "1"


def test_version_1_cannot_pin_and_the_way_out_is_told(shop: Run) -> None:
    done = shop("policy", "export", "shop", "--pin")
    assert done.returncode == 2
    assert "add --policy-version 2" in done.stderr


def test_explain_tells_the_verdict_each_rule_with_its_line_and_what_is_counted(shop: Run) -> None:
    allowed = shop(
        "policy",
        "explain",
        "policy.json",
        "refund",
        "--args",
        '{"amount": 5.5, "currency": "EUR"}',
        "-f",
        "json",
    )
    told = json.loads(allowed.stdout)
    assert (told["verdict"], told["rule"], told["limits"][0]["counter"]) == (
        "allow",
        "/tools/refund",
        "refund_rate",
    )
    denied = shop("policy", "explain", "policy.json", "refund", "--args", '{"amount": 500}')
    assert denied.returncode == 0, denied.stderr
    assert "/tools/refund/deny_if/0" in denied.stdout
    assert "Too much." in denied.stdout
    full = shop(
        "policy",
        "explain",
        "policy.json",
        "refund",
        "--args",
        '{"amount": 5}',
        "--used",
        "refund_rate=3",
        "-f",
        "json",
    )
    assert (json.loads(full.stdout)["code"], json.loads(full.stdout)["retryable"]) == ("limit", True)


def test_explain_with_a_server_knows_its_schema_and_its_tools(shop: Run) -> None:
    wrong = shop(
        "policy", "explain", "policy.json", "refund", "--args", '{"amount": 5}', "-s", "shop", "-f", "json"
    )
    assert json.loads(wrong.stdout)["code"] == "arguments"
    unknown = shop("policy", "explain", "policy.json", "refunds", "-s", "shop", "-f", "json")
    assert json.loads(unknown.stdout)["code"] == "unknown_tool"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--args", "{"), "--args is no JSON"),
        (("--args", "[]"), "--args must be a JSON object"),
        (("--args", '{"a": 1, "a": 2}'), "twice"),
        (("--used", "refund_rate"), "is no COUNTER=N"),
        (("--used", "c=-1"), "is no COUNTER=N"),
        (("--at", "tomorrow"), "no moment with its zone"),
        (("--at", "2030-01-01T00:00:00"), "no moment with its zone"),
    ],
)
def test_a_wrong_option_of_explain_is_told_with_an_example(
    run_catalog: Run, tmp_path: Path, options: tuple[str, str], said: str
) -> None:
    (tmp_path / "policy.json").write_text(json.dumps(POLICY), encoding="utf-8")
    done = run_catalog("policy", "explain", "policy.json", "refund", *options)
    assert done.returncode == 2
    assert said in done.stderr
    assert f"next: {options[0]}" in done.stderr


def test_test_runs_the_policy_s_own_tests_and_fails_with_1(run_catalog: Run, tmp_path: Path) -> None:
    """Issue on the engine: "exit 1 on failure"."""
    (tmp_path / "policy.json").write_text(json.dumps(POLICY), encoding="utf-8")
    passed = run_catalog("policy", "test", "policy.json")
    assert (passed.returncode, "1 test passed" in passed.stderr) == (0, True)
    failing = {**POLICY, "tests": [{**POLICY["tests"][0], "expect": "deny"}]}
    (tmp_path / "policy.json").write_text(json.dumps(failing, indent=1), encoding="utf-8")
    failed = run_catalog("policy", "test", "policy.json", "--format", "json")
    assert failed.returncode == 1
    (row,) = json.loads(failed.stdout)
    assert (row["passed"], row["verdict"], row["pointer"]) == (False, "allow", "/tests/0")
    assert row["line"] > 1
    checked = run_catalog("policy", "check", "policy.json")
    assert checked.returncode == 2
    assert "own test fails" in checked.stdout


def test_diff_tells_what_becomes_stricter_and_what_laxer(shop: Run, tmp_path: Path) -> None:
    rule = POLICY["tools"]["refund"]
    new = {**POLICY, "default": "allow", "tools": {"refund": {**rule, "action": "approve"}}}
    (tmp_path / "new.json").write_text(json.dumps(new), encoding="utf-8")
    done = shop("policy", "diff", "policy.json", "new.json", "--format", "json")
    assert done.returncode == 0, done.stderr
    rows = {row["tool"]: (row["direction"], row["before"], row["after"]) for row in json.loads(done.stdout)}
    assert rows == {
        "(any other tool)": ("laxer", "deny", "allow"),
        "refund": ("stricter", "limit", "approve"),
    }
    by_server = shop("policy", "diff", "policy.json", "new.json", "-s", "shop", "--format", "json")
    assert {row["tool"] for row in json.loads(by_server.stdout)} == {"delete_order", "list_orders", "refund"}
    same = shop("policy", "diff", "policy.json", "policy.json")
    assert "no change in effect" in same.stderr
