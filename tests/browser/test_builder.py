"""The policy builder in a real browser: every control is used, and what comes out is parsed, checked and asked to decide."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import unquote

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select, WebDriverWait

from catalog.policy.call import Call
from catalog.policy.check import check
from catalog.policy.decide import State, decide
from catalog.policy.finding import Severity
from catalog.policy.grammar import parse
from catalog.policy.model import Policy
from classifier.types import ToolDefinition

pytestmark = pytest.mark.browser

NOW = datetime(2026, 12, 1, tzinfo=UTC)


class Bench:
    """The builder's page with one server on it."""

    def __init__(self, browser: Any, site: Path, definitions: dict[str, ToolDefinition]) -> None:
        self.browser, self.driver = browser, browser.driver
        self.site, self.definitions = site, definitions

    def open(self, fragment: str, width: int = 1280, scheme: str = "light") -> None:
        self.browser.look("about:blank")
        self.browser.look(f"{self.site.as_uri()}/builder.html#{fragment}", width, scheme)
        self.wait(lambda: self.find("#bench").is_displayed() and self.find("#policy").text)

    def wait(self, condition: Callable[[], Any]) -> Any:
        return WebDriverWait(self.driver, 30, poll_frequency=0.05).until(lambda _: condition())

    def find(self, selector: str) -> Any:
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector: str) -> list[Any]:
        return list(self.driver.find_elements(By.CSS_SELECTOR, selector))

    def row(self, tool: str) -> Any:
        script = "return [...document.querySelectorAll('.rule')].find(one => one.querySelector('code').textContent === arguments[0])"
        return self.browser.run(script, tool)

    def choose(self, tool: str, choice: str) -> None:
        self.row(tool).find_element(By.CSS_SELECTOR, f"input[value='{choice}']").click()

    def custom(self, tool: str) -> None:
        """Choose Custom, which begins with what is recommended, and take all of that away."""
        self.choose(tool, "custom")
        if not self.part(tool, "ask").is_displayed():
            self.part(tool, "unfold").click()
        if self.part(tool, "ask").is_selected():
            self.part(tool, "ask").click()
        while found := self.row(tool).find_elements(By.CSS_SELECTOR, "[data-key$=' remove']"):
            found[0].click()

    def part(self, tool: str, key: str) -> Any:
        """A control of a tool's row by the end of its key: `add require`, `require 0 0 op`."""
        row = self.row(tool)
        return row.find_element(By.CSS_SELECTOR, f"[data-key='{row.get_attribute('data-tool')} {key}']")

    def pick(self, tool: str, key: str, value: str) -> None:
        Select(self.part(tool, key)).select_by_value(value)

    def write(self, tool: str, key: str, text: str, nth: int = 0) -> None:
        row = self.row(tool)
        field = row.find_elements(By.CSS_SELECTOR, f"[data-key='{row.get_attribute('data-tool')} {key}']")[
            nth
        ]
        field.clear()
        field.send_keys(text)

    def settled(self) -> str:
        """The policy's text once typing has come to rest."""
        self.browser.run("document.activeElement?.dispatchEvent(new Event('x'))")
        self.driver.execute_async_script("setTimeout(arguments[0], 200)")
        return str(self.browser.run("return document.getElementById('policy').textContent"))

    def policy(self) -> Policy:
        """What the page holds, which must pass the check without an error, as a parsed policy."""
        found = parse(self.settled(), "policy.json")
        findings = check(found, [*self.definitions.values()], now=NOW)
        assert [one for one in findings if one.severity is Severity.ERROR] == []
        assert "valid" in self.find("#verdict").text
        return found

    def verdict(self, tool: str, arguments: dict[str, Any] | None = None, **used: int) -> str:
        call = Call(tool=tool, arguments=arguments or {}, at=NOW, definition=self.definitions[tool])
        policy = self.policy()
        first = decide(policy, call)
        state = {room.key: Decimal(used.get(room.key, 0)) for room in first.reservations}
        return str((decide(policy, call, State(state)) if any(state.values()) else first).verdict)


@pytest.fixture
def shop(browser: Any, bench: ModuleType, bench_site: Path) -> Bench:
    found = Bench(browser, bench_site, {one.name: one for one in bench.shop_definitions()})
    found.open("server=shop&preset=none")
    return found


@pytest.fixture
def real(browser: Any, bench: ModuleType, bench_site: Path) -> Bench:
    return Bench(browser, bench_site, {one.name: one for one in bench.real_definitions()})


@pytest.mark.parametrize(
    ("choice", "verdict"),
    [("allow", "allow"), ("deny", "deny"), ("hide", "hide"), ("approve", "approve"), ("", "deny")],
)
def test_each_choice_decides_as_it_says(shop: Bench, choice: str, verdict: str) -> None:
    shop.choose("list_orders", "allow" if choice != "allow" else "hide")
    shop.choose("list_orders", choice)
    assert shop.verdict("list_orders") == verdict
    assert json.loads(shop.settled())["version"] == ("2" if choice == "approve" else "1")


CONDITIONS = [
    ("args.amount", "lte", "100", {"amount": 100}, {"amount": 100.5}),
    ("args.amount", "lt", "0.5", {"amount": 0}, {"amount": 1}),
    ("args.amount", "gt", "5", {"amount": 6}, {"amount": 5}),
    ("args.amount", "gte", "5", {"amount": 5}, {"amount": 4}),
    ("args.amount", "eq", "7", {"amount": 7}, {"amount": 8}),
    ("args.amount", "neq", "7", {"amount": 8}, {"amount": 7}),
    ("args.amount", "in", "1\n2", {"amount": 2}, {"amount": 3}),
    ("args.amount", "not_in", "1\n2", {"amount": 3}, {"amount": 2}),
    ("args.note", "regex", "^ok$", {"note": "ok"}, {"note": "not ok"}),
    ("args.note", "contains", "paid", {"note": "was paid"}, {"note": "was not"}),
    ("args.note", "starts_with", "re:", {"note": "re: you"}, {"note": "you"}),
    ("args.note", "ends_with", ".", {"note": "so."}, {"note": "so"}),
    ("args.note", "length_lte", "3", {"note": "abc"}, {"note": "abcd"}),
    ("args.note", "eq", "a b", {"note": "a b"}, {"note": "a"}),
    ("args.note", "in", "x\ny y", {"note": "y y"}, {"note": "y"}),
    ("args.note", "path_within", "/srv/data", {"note": "/srv/data/a"}, {"note": "/etc"}),
    (
        "args.note",
        "host_in",
        "example.com\n*.example.com",
        {"note": "https://a.example.com/"},
        {"note": "https://example.org"},
    ),
    ("args.to.limit", "gte", "3", {"to": {"limit": 3}}, {"to": {"limit": 2}}),
    ("args.to.iban", "starts_with", "DE", {"to": {"iban": "DE1"}}, {"to": {"iban": "FR1"}}),
]


@pytest.mark.parametrize(
    ("path", "op", "text", "good", "bad"), CONDITIONS, ids=[f"{one[0]} {one[1]}" for one in CONDITIONS]
)
def test_a_condition_on_an_argument_holds_as_it_is_written(
    shop: Bench, path: str, op: str, text: str, good: dict[str, Any], bad: dict[str, Any]
) -> None:
    usual = {"amount": 1, "currency": "EUR"}
    shop.custom("refund_payment")
    shop.part("refund_payment", "add require").click()
    shop.pick("refund_payment", "require 0 0 path", path)
    shop.pick("refund_payment", "require 0 0 op", op)
    shop.write("refund_payment", "require 0 0 value", text)
    assert shop.verdict("refund_payment", usual | good) == "allow"
    assert shop.verdict("refund_payment", usual | bad) == "deny"
    assert json.loads(shop.settled())["version"] == (
        "2" if op in ("starts_with", "ends_with", "length_lte", "path_within", "host_in") else "1"
    )


def test_values_that_a_schema_lists_are_boxes_and_a_menu(shop: Bench) -> None:
    shop.custom("refund_payment")
    shop.part("refund_payment", "add require").click()
    shop.pick("refund_payment", "require 0 0 path", "args.currency")
    assert "not finished" in (shop.settled() and shop.find("#verdict").text)
    boxes = shop.row("refund_payment").find_elements(By.CSS_SELECTOR, ".boxes label")
    assert [box.text for box in boxes] == ["EUR", "GBP", "USD"]
    boxes[0].click()
    boxes[2].click()
    assert shop.verdict("refund_payment", {"amount": 1, "currency": "USD"}) == "allow"
    assert shop.verdict("refund_payment", {"amount": 1, "currency": "GBP"}) == "deny"
    shop.pick("refund_payment", "require 0 0 op", "eq")
    Select(shop.part("refund_payment", "require 0 0 value")).select_by_visible_text("GBP")
    assert shop.verdict("refund_payment", {"amount": 1, "currency": "GBP"}) == "allow"


def test_between_given_and_truth_are_fields_of_their_own(shop: Bench) -> None:
    usual = {"amount": 1, "currency": "EUR"}
    shop.custom("refund_payment")
    shop.part("refund_payment", "add require").click()
    shop.pick("refund_payment", "require 0 0 path", "args.amount")
    shop.pick("refund_payment", "require 0 0 op", "between")
    shop.write("refund_payment", "require 0 0 value", "2", 0)
    shop.write("refund_payment", "require 0 0 value", "4", 1)
    assert [shop.verdict("refund_payment", usual | {"amount": amount}) for amount in (1, 2, 4, 5)] == [
        "deny",
        "allow",
        "allow",
        "deny",
    ]
    shop.pick("refund_payment", "require 0 0 path", "args.notify")
    Select(shop.part("refund_payment", "require 0 0 value")).select_by_visible_text("false")
    assert shop.verdict("refund_payment", usual | {"notify": False}) == "allow"
    assert shop.verdict("refund_payment", usual | {"notify": True}) == "deny"
    shop.pick("refund_payment", "require 0 0 path", "args.note")
    shop.pick("refund_payment", "require 0 0 op", "exists")
    Select(shop.part("refund_payment", "require 0 0 value")).select_by_value("false")
    assert shop.verdict("refund_payment", usual) == "allow"
    assert shop.verdict("refund_payment", usual | {"note": "x"}) == "deny"


def test_several_conditions_are_joined_by_and_or_by_or(shop: Bench) -> None:
    shop.custom("refund_payment")
    shop.part("refund_payment", "add deny_if").click()
    shop.write("refund_payment", "deny_if 0 0 value", "10")
    shop.pick("refund_payment", "deny_if 0 0 op", "gt")
    shop.part("refund_payment", "deny_if 0 more").click()
    shop.pick("refund_payment", "deny_if 0 1 path", "args.notify")
    shop.write("refund_payment", "deny_if 0 0 value", "20")
    loud = {"amount": 30, "currency": "EUR", "notify": True}
    assert shop.verdict("refund_payment", loud) == "deny"
    assert shop.verdict("refund_payment", loud | {"notify": False}) == "allow"
    assert shop.verdict("refund_payment", loud | {"amount": 20}) == "allow"
    shop.pick("refund_payment", "deny_if 0 how", "any")
    assert shop.verdict("refund_payment", loud | {"notify": False}) == "deny"
    assert json.loads(shop.settled())["version"] == "2"
    shop.write("refund_payment", "deny_if 0 text", "Ask first.")
    shop.part("refund_payment", "deny_if 0 1 drop").click()
    group = parse(shop.settled(), "policy.json").tools["refund_payment"].deny_if[0]
    assert group.on_deny == "Ask first."
    shop.part("refund_payment", "deny_if 0 remove").click()
    assert json.loads(shop.settled())["tools"]["refund_payment"] == {}


def test_calls_that_match_wait_for_a_person(shop: Bench) -> None:
    shop.custom("refund_payment")
    shop.part("refund_payment", "add approve_if").click()
    shop.pick("refund_payment", "approve_if 0 0 op", "gt")
    shop.write("refund_payment", "approve_if 0 0 value", "100")
    assert shop.verdict("refund_payment", {"amount": 101, "currency": "EUR"}) == "approve"
    assert shop.verdict("refund_payment", {"amount": 100, "currency": "EUR"}) == "allow"
    shop.part("refund_payment", "ask").click()
    shop.write("refund_payment", "reason", "Money leaves.")
    shop.part("refund_payment", "approve_if 0 remove").click()
    assert shop.verdict("refund_payment", {"amount": 1, "currency": "EUR"}) == "approve"
    assert parse(shop.settled(), "policy.json").tools["refund_payment"].reason == "Money leaves."


def test_a_limit_of_calls_of_a_sum_and_of_calls_at_a_time(shop: Bench) -> None:
    usual = {"amount": 40, "currency": "EUR"}
    shop.custom("refund_payment")
    shop.part("refund_payment", "add limits").click()
    shop.write("refund_payment", "limit 0 max", "3")
    assert shop.verdict("refund_payment", usual, refund_payment_rate=2) == "allow"
    assert shop.verdict("refund_payment", usual, refund_payment_rate=3) == "deny"
    shop.pick("refund_payment", "limit 0 window", "hour")
    shop.write("refund_payment", "limit 0 counter", "mine")
    limit = parse(shop.settled(), "policy.json").tools["refund_payment"].limits[0]
    assert (limit.counter, limit.window, limit.maximum) == ("mine", "hour", 3)
    shop.pick("refund_payment", "limit 0 kind", "args.amount")
    shop.write("refund_payment", "limit 0 max", "99.5")
    shop.pick("refund_payment", "limit 0 by", "args.currency")
    shop.part("refund_payment", "limit 0 rolling").click()
    limit = shop.policy().tools["refund_payment"].limits[0]
    assert (limit.add, limit.by, limit.maximum, limit.rolling) == (
        ("amount",),
        ("args.currency",),
        Decimal("99.5"),
        True,
    )
    assert shop.verdict("refund_payment", usual | {"amount": 100}) == "deny"
    shop.pick("refund_payment", "limit 0 kind", "concurrent")
    shop.pick("refund_payment", "limit 0 by", "session")
    limit = shop.policy().tools["refund_payment"].limits[0]
    assert (limit.concurrent, limit.by, limit.maximum) == (True, ("session",), 100)
    shop.part("refund_payment", "add limits").click()
    shop.pick("refund_payment", "limit 1 window", "second")
    assert len(shop.policy().tools["refund_payment"].limits) == 2
    shop.part("refund_payment", "limit 0 remove").click()
    shop.part("refund_payment", "limit 0 remove").click()
    assert json.loads(shop.settled())["tools"]["refund_payment"] == {}


def test_the_settings_of_the_whole_policy(shop: Bench) -> None:
    shop.find(".options summary").click()
    Select(shop.find("#fallback")).select_by_value("allow")
    assert shop.verdict("list_orders") == "allow"
    shop.find("#everywhere-add").click()
    most = shop.find("#everywhere [data-key='all limit 0 max']")
    most.clear()
    most.send_keys("2")
    assert shop.verdict("list_orders", all_calls=2) == "deny"
    Select(shop.find("#everywhere [data-key='all limit 0 window']")).select_by_value("day")
    assert shop.policy().all_tools[0].window == "day"
    shop.find("#everywhere [data-key='all limit 0 remove']").click()
    assert shop.policy().all_tools == ()
    shop.choose("list_orders", "allow")
    shop.find("#pin").click()
    assert shop.policy().pin == {"list_orders": shop.definitions["list_orders"].fingerprint}
    assert json.loads(shop.settled())["version"] == "2"
    shop.choose("fetch_page", "approve")
    assert set(shop.policy().pin) == {"list_orders", "fetch_page"}
    shop.find("#pin").click()
    assert shop.policy().pin == {}


def test_the_version_follows_the_rules_or_is_forced_with_what_is_rounded_said(shop: Bench) -> None:
    shop.find(".options summary").click()
    shop.choose("list_orders", "approve")
    shop.settled()
    assert "It needs version 2 for: approve" in shop.find("#why").text
    Select(shop.find("#version")).select_by_value("1")
    assert shop.verdict("list_orders") == "deny"
    assert shop.policy().version == "1"
    assert (
        "list_orders: every call is denied, since version 1 cannot ask a person" in shop.find("#rounded").text
    )
    Select(shop.find("#version")).select_by_value("2")
    assert shop.verdict("list_orders") == "approve"
    shop.choose("list_orders", "allow")
    assert shop.policy().version == "2"
    Select(shop.find("#version")).select_by_value("1")
    shop.find("#pin").click()
    shop.settled()
    assert "Version 1 can say neither pin" in shop.find("#why").text


def test_presets_replace_everything_and_the_back_button_brings_it_back(real: Bench) -> None:
    real.open("server=server-github")
    recommended = real.settled()
    real.find("[data-preset=strict]").click()
    strict = real.policy()
    assert real.find("[data-preset=strict]").get_attribute("aria-pressed") == "true"
    assert real.settled() != recommended
    assert all(
        decide(strict, Call(tool=name, arguments={}, at=NOW, definition=None)).verdict
        for name in real.definitions
    )
    for preset, allowed in (("allow", len(real.definitions)), ("none", 0)):
        real.find(f"[data-preset='{preset}']").click()
        assert sum(rule.action == "allow" for rule in real.policy().tools.values()) == allowed
    for _ in range(3):
        real.driver.back()
        real.settled()
    real.wait(lambda: real.settled() == recommended)


def test_a_change_survives_a_reload_and_fits_in_a_short_address(real: Bench) -> None:
    real.open("server=server-github")
    assert len(real.driver.current_url.partition("#")[2]) < 40
    name = next(iter(real.definitions))
    real.choose(name, "approve")
    real.find(".options summary").click()
    Select(real.find("#fallback")).select_by_value("allow")
    before = real.settled()
    address = real.driver.current_url.partition("#")[2]
    assert len(address) < 250
    real.open(address)
    assert real.settled() == before
    assert real.driver.current_url.partition("#")[2] == address


@pytest.mark.parametrize(
    "state",
    [
        "server=shop&state=zAAAA", "server=shop&state=j" + "A" * 50, "server=shop&state=%3Cscript%3E", "server=shop&state=z", "server=shop&state=j",
        "server=shop&preset=__proto__", "server=shop&preset=constructor", "server=shop&tool=%3Cimg%20src=x%20onerror=alert(1)%3E", "server=shop&server=x",
    ],
)  # fmt: skip
def test_a_hostile_address_leaves_a_sound_page(shop: Bench, state: str) -> None:
    shop.open(state)
    assert shop.policy().default == "deny"
    assert shop.browser.console() == []


HOSTILE_STATES = [
    {"t": [["list_orders", {"limits": 5}]]}, {"t": [["list_orders", {"require": [{"conditions": [{"path": {}, "op": "eq", "value": 1}]}]}]]},
    {"t": {"length": 3}}, {"t": [[1, 2]]}, {"t": [["**", {}]]}, {"t": [["list_orders", "deny"]]}, {"o": {"tests": 7}}, {"o": {"tools": {"x": {}}}},
    {"o": {"all_tools": {"limits": [{"counter": {}, "window": "day", "max": 1}]}}}, [], 7, {"t": [["list_orders", {"__proto__": {}}]]},
]  # fmt: skip


@pytest.mark.parametrize("state", HOSTILE_STATES, ids=[json.dumps(one)[:40] for one in HOSTILE_STATES])
def test_a_state_of_another_shape_is_refused_with_a_word(shop: Bench, state: Any) -> None:
    import base64

    shop.open(
        f"server=shop&state=j{base64.urlsafe_b64encode(json.dumps(state).encode()).decode().rstrip('=')}"
    )
    assert "cannot be used" in shop.find("#notice").text
    shop.policy()
    assert shop.browser.console() == []


def test_a_state_that_swells_is_stopped(shop: Bench) -> None:
    import base64
    import zlib

    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    bomb = packer.compress(b'{"t":"' + b"a" * 50_000_000 + b'"}') + packer.flush()
    shop.open(f"server=shop&state=z{base64.urlsafe_b64encode(bomb).decode().rstrip('=')}")
    assert "too long" in shop.find("#notice").text


@pytest.mark.parametrize("server", ["..%2F..%2Fx", "nobody", "a/b", "%00", "SHOP", "javascript:alert(1)"])
def test_a_server_that_is_not_there_leads_to_the_list(shop: Bench, server: str) -> None:
    shop.browser.look("about:blank")
    shop.browser.look(f"{shop.site.as_uri()}/builder.html#server={server}")
    shop.wait(lambda: shop.all("#servers a"))
    assert not shop.find("#bench").is_displayed()


IMPORTED = {
    "version": "2",
    "default": "allow",
    "mode": "shadow",
    "hide": ["delete_*"],
    "tools": {
        "list_*": {"limits": [{"counter": "lists", "window": "second", "max": 2}]},
        "refund_payment": {
            "deny_if": [{"id": "odd", "not": {"path": "args.currency", "op": "in", "value": ["EUR"]}}],
            "require": [
                {
                    "any": [
                        {"path": "args.amount", "op": "lt", "value": 5},
                        {"all": [{"path": "args.note", "op": "exists", "value": True}]},
                    ]
                }
            ],
        },
        "fetch_page": {"results": {"max_bytes": 10, "redact": ["x"]}, "expires": "2099-01-01T00:00:00Z"},
    },
    "tests": [{"call": {"tool": "list_orders"}, "expect": "allow", "rule": "/tools/list_*"}],
}


def test_a_pasted_policy_comes_out_as_it_went_in(shop: Bench) -> None:
    shop.find("#open").click()
    shop.browser.run("document.getElementById('pasted').value = arguments[0]", json.dumps(IMPORTED))
    shop.find("#use").click()
    assert json.loads(shop.settled()) == IMPORTED
    assert "As list_* says" in shop.row("list_orders").text
    assert shop.find("#kept").text == (
        "Kept as it is, without a field here: “mode” of the whole policy; “tests” of the whole policy; the rule for "
        "delete_*; the rule for list_*; nested conditions, “id” or “mode” of conditions of refund_payment; “expires”, "
        "“results” of fetch_page."
    )
    address = shop.driver.current_url.partition("#")[2]
    shop.open(address)
    assert json.loads(shop.settled()) == IMPORTED
    shop.choose("refund_payment", "allow")
    shop.choose("refund_payment", "custom")
    assert json.loads(shop.settled())["tools"]["refund_payment"] == IMPORTED["tools"]["refund_payment"]  # type: ignore[index]


def test_a_file_is_opened_and_a_broken_one_is_told_where(shop: Bench, tmp_path: Path) -> None:
    file = tmp_path / "policy.json"
    file.write_text(
        json.dumps(
            {
                "version": "1",
                "default": "deny",
                "hide": ["list_orders"],
                "tools": {
                    "list_orders": {},
                    "read_file": {"deny_if": [{"conditions": [], "on_deny": "No."}]},
                },
            }
        )
    )
    shop.find("#open").click()
    shop.find("#file").send_keys(str(file))
    shop.wait(lambda: "list_orders is hidden, so its rule never counted" in shop.find("#notice").text)
    assert json.loads(shop.settled())["tools"] == {
        "read_file": {"deny_if": [{"conditions": [], "on_deny": "No."}]}
    }
    assert shop.row("read_file").find_element(By.CSS_SELECTOR, "input[value=deny]").is_selected()
    before = shop.settled()
    file.write_text('{"version": "1", "default": "deny", "tool": {}}')
    shop.find("#file").send_keys(str(file))
    shop.wait(lambda: 'unknown key "tool"; did you mean tools?' in shop.find("#import-problems").text)
    assert shop.settled() == before


def test_remarks_lead_to_their_tool_and_unfinished_rules_cannot_be_taken_away(shop: Bench) -> None:
    shop.custom("refund_payment")
    shop.part("refund_payment", "add require").click()
    shop.settled()
    assert not shop.find("figcaption button").is_enabled()
    assert shop.find("figcaption a").get_attribute("href") is None
    assert shop.part("refund_payment", "require 0 0 value").get_attribute("aria-invalid") == "true"
    shop.write("refund_payment", "require 0 0 value", "5")
    shop.part("refund_payment", "require 0 more").click()
    shop.pick("refund_payment", "require 0 1 op", "gt")
    shop.write("refund_payment", "require 0 1 value", "6")
    shop.settled()
    assert (
        "no value of args.amount can meet all of these conditions: it denies every call"
        in shop.find("#findings").text
    )
    assert shop.find("figcaption button").is_enabled()
    shop.find("#filter [name=q]").send_keys("list_orders")
    assert [one.text for one in shop.all("#rules code")] == ["list_orders"]
    shop.find("#findings button").click()
    assert (
        shop.row("refund_payment").find_element(By.CSS_SELECTOR, "input:checked")
        == shop.driver.switch_to.active_element
    )


def test_what_is_hidden_by_the_filter_still_counts_as_unfinished(shop: Bench) -> None:
    shop.custom("refund_payment")
    shop.part("refund_payment", "add require").click()
    Select(shop.find("#filter [name=set]")).select_by_value("default")
    shop.settled()
    assert shop.row("refund_payment") is None
    assert not shop.find("figcaption button").is_enabled()


def test_copy_and_download_give_the_text_that_is_shown(real: Bench) -> None:
    real.open("server=server-github&preset=read-only")
    text = real.settled()
    link = real.find("figcaption a")
    head, _, data = link.get_attribute("href").partition(",")
    assert head == "data:application/json;charset=utf-8"
    assert unquote(data) == text + "\n"
    assert link.get_attribute("download") == "policy.json"
    real.driver.execute_cdp_cmd(
        "Browser.grantPermissions", {"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]}
    )
    real.find("figcaption button").click()
    real.wait(lambda: real.find("figcaption button").text == "Copied")


def test_names_are_text_and_never_markup(shop: Bench, bench: ModuleType) -> None:
    shop.open("server=shop&preset=allow")
    names = [one.text for one in shop.all("#rules code")]
    assert "</script><img src=x onerror=alert(1)>" in names
    assert shop.all("main img") == []
    odd = "</script><img src=x onerror=alert(1)>"
    shop.choose(odd, "custom")
    shop.part(odd, "add require").click()
    shop.row(odd).find_element(By.CSS_SELECTOR, ".boxes label").click()
    assert shop.verdict(odd, {"<b>bold</b>": "<i>"}) == "allow"
    assert shop.verdict(odd, {"<b>bold</b>": "'quoted\\'"}) == "deny"
    for name in ("__proto__", "a/b~c"):
        shop.choose(name, "hide")
        assert shop.verdict(name) == "hide"
    assert "cannot hold this name" in shop.row("gum*").text
    assert shop.browser.console() == []


def test_a_tool_page_and_a_server_page_lead_to_their_place_in_the_builder(shop: Bench) -> None:
    shop.browser.look(f"{shop.site.as_uri()}/tools/shop/fetch_page.html")
    shop.find("a[href*='builder.html#']").click()
    shop.wait(lambda: shop.row("fetch_page"))
    assert shop.driver.switch_to.active_element.get_attribute("name").startswith("choice-")
    assert "meant" in shop.row("fetch_page").get_attribute("class")
    shop.browser.look(f"{shop.site.as_uri()}/tools/shop/index.html")
    shop.find("a[href*='builder.html#server=']").click()
    shop.wait(lambda: shop.find("#bench-head").text == "shop")


def test_a_server_is_found_by_a_piece_of_its_name_and_changed_again(shop: Bench) -> None:
    shop.find("#bench-other").click()
    field = shop.find("#server")
    shop.wait(lambda: shop.driver.switch_to.active_element == field)
    field.send_keys("github")
    shop.wait(lambda: [one.text for one in shop.all("#servers a")] == ["server-github"])
    field.send_keys(Keys.ENTER)
    shop.wait(lambda: shop.find("#bench-head").text == "server-github")
    shop.driver.back()
    shop.wait(lambda: shop.find("#pick").is_displayed())
    shop.find("#server").send_keys("zzz")
    shop.wait(lambda: "No server is called so" in shop.find("#servers").text)


def test_everything_is_done_by_keyboard_alone(shop: Bench) -> None:
    def press(*keys: str) -> Any:
        for key in keys:
            shop.driver.switch_to.active_element.send_keys(key)
        return shop.driver.switch_to.active_element

    shop.open("server=shop&preset=none&tool=fetch_page")
    assert (
        press(
            Keys.SPACE,
            Keys.ARROW_RIGHT,
            Keys.ARROW_RIGHT,
            Keys.ARROW_RIGHT,
            Keys.ARROW_RIGHT,
            Keys.ARROW_RIGHT,
        ).get_attribute("value")
        == "custom"
    )
    while "add require" not in (press(Keys.TAB).get_attribute("data-key") or ""):
        pass
    assert press(Keys.ENTER).get_attribute("data-key").endswith("add require")
    while "require 0 0 value" not in (shop.driver.switch_to.active_element.get_attribute("data-key") or ""):
        press(Keys.SHIFT + Keys.TAB)
    press("https://example.com/")
    assert shop.verdict("fetch_page", {"url": "https://example.com/"}) == "allow"
    assert shop.verdict("fetch_page", {"url": "https://example.org/"}) == "deny"


def test_long_servers_are_shown_in_steps_and_none_is_left_out(shop: Bench) -> None:
    shop.open("server=loom-9")
    assert len(shop.all(".rule")) == 60
    shop.find("#more").click()
    assert len(shop.all(".rule")) == 90
    assert not shop.find("#more").is_displayed()
    assert shop.driver.switch_to.active_element == shop.all(".rule")[60].find_element(
        By.CSS_SELECTOR, "input, a"
    )


AXE = """
const done = arguments[arguments.length - 1];
axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]})
  .then(result => done(result.violations.map(v => `${v.id}: ${v.nodes.map(n => n.target).slice(0, 3)}`)));
"""


def unfold_all(bench: Bench) -> None:
    """Every kind of control open at once."""
    bench.open("server=shop")
    bench.find("#open").click()
    bench.find(".options summary").click()
    bench.find("#everywhere-add").click()
    bench.custom("refund_payment")
    for key in ("add require", "add deny_if", "add approve_if", "add limits"):
        bench.part("refund_payment", key).click()
    bench.part("refund_payment", "deny_if 0 more").click()
    bench.browser.run("for (const one of document.querySelectorAll('details')) one.open = true")
    bench.settled()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_all_controls_fit_and_axe_finds_nothing(shop: Bench, axe: str, width: int, scheme: str) -> None:
    unfold_all(shop)
    metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    shop.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    shop.driver.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    )
    assert shop.browser.run("return document.documentElement.scrollWidth") <= width
    assert shop.browser.console() == []
    shop.browser.run(axe)
    assert shop.driver.execute_async_script(AXE) == []


def test_nothing_is_asked_for_but_the_site_s_own_files(shop: Bench) -> None:
    shop.open("server=shop")
    asked = shop.browser.requests()
    for url, status in asked:
        assert url.startswith((shop.site.as_uri(), "data:", "about:")), url
        assert status in (0, 200)
    assert [url.rpartition("/tools/")[2] for url, _ in asked if "/tools/" in url] == ["shop/builder.js"]


def test_without_script_the_page_says_where_policies_are(shop: Bench) -> None:
    shop.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        shop.browser.look("about:blank")
        shop.browser.look(f"{shop.site.as_uri()}/builder.html")
        assert "needs a script" in shop.find("main").text
        assert not shop.find("#builder").is_displayed()
    finally:
        shop.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
