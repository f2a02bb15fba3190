"""The builder's own readings of a policy against the ones that decide: grammar, lint, rounding, presets.

What the page says must be what `catalog policy check` says, so both are asked about many made-up policies.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from catalog.policy.call import Call
from catalog.policy.check import check
from catalog.policy.decide import decide
from catalog.policy.decision import Verdict
from catalog.policy.document import render
from catalog.policy.document_2 import document_2
from catalog.policy.grammar import InvalidPolicy, parse
from catalog.policy.recommend import Profile
from classifier.classify import Classifier
from classifier.types import Classification, ToolDefinition

pytestmark = pytest.mark.browser

NOW = datetime(2026, 12, 1, tzinfo=UTC)
STRICTNESS = (Verdict.ALLOW, Verdict.APPROVE, Verdict.DENY, Verdict.HIDE)
NAMES = (
    "refund_payment", "fetch_page", "read_file", "list_orders", "delete_order", "set_mode", "open_door", "__proto__", "a/b~c",
    "refund_paymnt", "Read_File", "nothing_like_it", "e\u0301\u202e",
)  # fmt: skip
PATTERNS = ("*", "re*", "*_order", "*_o*", "list_*", "zz*")
PATHS = (
    "args.amount", "args.currency", "args.url", "args.path", "args.to.iban", "args.to.nothing", "args.lines.0.sku", "args.mode",
    "args.door", "args.amuont", "args.tries", "args.__proto__", "args.id",
)  # fmt: skip
PLAIN_OPS = {
    "eq": ("EUR", 5, True, None, "nope", 2), "neq": ("EUR", 1), "in": (["EUR", "USD"], [], [1, 2], ["EURO"]), "not_in": (["EUR"], ["x", 3]),
    "lt": (5, 0.5), "lte": (100,), "gt": (3, 100), "gte": (1,), "regex": ("^a", "x+$"), "contains": ("a", 1), "exists": (True, False),
}  # fmt: skip
NEW_OPS = {
    "starts_with": ("https://",), "ends_with": (".txt",), "length_lte": (3, 40), "between": ([1, 5], [0.5, 100]), "path_within": (["/srv/data"],),
    "host_in": (["example.com", "*.example.org"],), "type": ("string", "integer"),
}  # fmt: skip


class Maker:
    """Made-up policies, the same for the same seed; `new` whether version 2's words may be used."""

    def __init__(self, seed: int, *, new: bool) -> None:
        self.chance = random.Random(seed)
        self.new = new
        self.counters = 0

    def often(self, share: float) -> bool:
        return self.chance.random() < share

    def condition(self) -> dict[str, Any]:
        ops = {**PLAIN_OPS, **(NEW_OPS if self.new else {})}
        op = self.chance.choice([*ops])
        return {"path": self.chance.choice(PATHS), "op": op, "value": deepcopy(self.chance.choice(ops[op]))}

    def part(self, depth: int) -> dict[str, Any]:
        if not self.new or depth == 0 or self.often(0.8):
            return self.condition()
        how = self.chance.choice(("all", "any", "not"))
        if how == "not":
            return {"not": self.part(depth - 1)}
        return {how: [self.part(depth - 1) for _ in range(self.chance.randint(1, 2))]}

    def group(self) -> dict[str, Any]:
        parts = [self.part(2) for _ in range(self.chance.choice((0, 1, 1, 1, 2, 2, 3)))]
        holder = self.chance.choice(
            ("conditions", "conditions", "all", "any", "not") if self.new and parts else ("conditions",)
        )
        made: dict[str, Any] = {holder: parts[0] if holder == "not" else parts}
        if self.often(0.3):
            made["on_deny"] = "Not like this."
        if self.new and self.often(0.1):
            made["mode"] = "shadow"
        return made

    def limit(self) -> dict[str, Any]:
        self.counters += 1
        made: dict[str, Any] = {"counter": f"c{self.counters}"}
        if self.new and self.often(0.1):
            return {**made, "concurrent": True, "max": self.chance.randint(1, 5)}
        made |= {"window": self.chance.choice(("minute", "hour", "day")), "max": self.chance.randint(1, 6)}
        if self.new and self.often(0.3):
            made["rolling"] = self.often(0.7)
        if self.new and self.often(0.2):
            made["by"] = [self.chance.choice(("session", "tool", "grant", "args.currency", "args.nothing"))]
        if self.new and self.often(0.2):
            made["add"] = self.chance.choice(("args.amount", "args.note", "args.missing"))
        return made

    def rule(self) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for key in ("deny_if", "require", *(("approve_if",) if self.new else ())):
            if self.often(0.3):
                made[key] = [self.group() for _ in range(self.chance.randint(1, 2))]
        if self.often(0.3):
            made["limits"] = [self.limit() for _ in range(self.chance.randint(1, 3))]
        if self.new and self.often(0.35):
            made["action"] = self.chance.choice(("allow", "deny", "approve", "hide"))
        if self.new and self.often(0.1):
            made["mode"] = "shadow"
        if self.new and self.often(0.1):
            made["expires"] = self.chance.choice(("2020-01-01T00:00:00Z", "2099-01-01T00:00:00+02:00"))
        return made

    def policy(self) -> dict[str, Any]:
        names = (*NAMES, *PATTERNS) if self.new else (*NAMES, "*", "list_*")
        made: dict[str, Any] = {
            "version": "2" if self.new else "1",
            "default": self.chance.choice(("deny", "deny", "allow")),
        }
        if self.often(0.5):
            made["hide"] = [self.chance.choice(names) for _ in range(self.chance.randint(1, 4))]
        if self.often(0.3):
            made["all_tools"] = {"limits": [self.limit() for _ in range(self.chance.randint(1, 2))]}
        made["tools"] = {name: self.rule() for name in self.chance.sample(names, self.chance.randint(0, 7))}
        if self.new and self.often(0.2):
            made["pin"] = {self.chance.choice(NAMES): "0" * 64}
        if self.new and self.often(0.1):
            made["on_drift"] = "log"
        if self.new and self.often(0.1):
            made["mode"] = "shadow"
        return made

    def broken(self) -> dict[str, Any]:
        """A policy with a few values and keys that the grammar refuses."""
        made = self.policy()
        wrong: list[Any] = [
            "",
            "Deny",
            "alow",
            -1,
            0,
            1.5,
            None,
            True,
            [],
            {},
            ["x"],
            "args",
            "args.",
            "minutes",
            "(",
            99,
            "**",
        ]
        for _ in range(self.chance.randint(1, 4)):
            holders = [one for one in walk(made) if one]
            holder = self.chance.choice(holders)
            key = self.chance.choice([*holder] if isinstance(holder, dict) else range(len(holder)))
            if isinstance(holder, dict) and self.often(0.3):
                holder[
                    self.chance.choice(("limit", "require_", "verison", "conditon", "on_deny", "values"))
                ] = holder.pop(key)
            else:
                holder[key] = deepcopy(self.chance.choice(wrong))
        return made


def walk(value: Any) -> Iterator[Any]:
    if isinstance(value, dict | list):
        yield value
        for inner in value.values() if isinstance(value, dict) else value:
            yield from walk(inner)


@pytest.fixture(scope="module")
def labelled(
    bench: ModuleType, classifier: Classifier
) -> dict[str, list[tuple[ToolDefinition, Classification]]]:
    servers = {"shop": bench.shop_definitions(), bench.REAL: bench.real_definitions()}
    return {name: [(one, classifier.classify(one)) for one in some] for name, some in servers.items()}


@pytest.fixture(scope="module")
def page(browser: Any, bench_site: Path) -> Any:
    browser.look(f"{bench_site.as_uri()}/builder.html")
    return browser


@pytest.fixture(scope="module")
def shop(bench: ModuleType, classifier: Classifier, bench_site: Path) -> list[dict[str, Any]]:
    """The shop's tools as its script holds them."""
    return data_of(bench_site, "shop")["tools"]


def data_of(site: Path, server: str) -> dict[str, Any]:
    """What a server's script gives to the page."""
    text = (site / "tools" / server / "builder.js").read_text(encoding="ascii")
    literal = text.removeprefix("policyBuilder.server('").removesuffix("');\n")
    found: dict[str, Any] = json.loads(literal.replace("\\'", "'").replace("\\\\", "\\"))
    return found


LINT = """
const [texts, given, now] = arguments, tools = JSON.parse(given);
return texts.map(text => {
  const {value, problems} = PolicyText.read(text);
  return {read: problems.map(one => one.message), text: value === undefined ? "" : PolicyText.write(value).text, found: value === undefined ? [] : PolicyLint.findings(value, tools, now)};
});
"""


def said(page: Any, policies: list[dict[str, Any]], tools: list[dict[str, Any]]) -> list[Any]:
    texts = [json.dumps(one) for one in policies]
    found: list[Any] = page.run(LINT, texts, json.dumps(tools), NOW.timestamp() * 1000)
    return found


@pytest.mark.parametrize("new", [False, True], ids=["version 1", "version 2"])
def test_the_lint_says_what_the_check_says(
    page: Any, shop: list[dict[str, Any]], labelled: Any, new: bool
) -> None:
    """Severity, place, line, words and hint of every remark, on 400 policies of each version."""
    definitions = [definition for definition, _ in labelled["shop"]]
    labels = {definition.fingerprint: label for definition, label in labelled["shop"]}
    policies = [Maker(seed, new=new).policy() for seed in range(400)]
    kinds = set()
    for policy, here in zip(policies, said(page, policies, shop), strict=True):
        there = check(parse(here["text"], "made up"), definitions, labels, NOW)
        expected = sorted((one.line, one.pointer, one.severity.value, one.message, one.hint) for one in there)
        assert (
            sorted(
                (one["line"], one["pointer"], one["severity"], one["message"], one["hint"])
                for one in here["found"]
            )
            == expected
        ), policy
        kinds |= {message.split(" ")[-1] for _, _, _, message, _ in expected}
    assert len(kinds) > (15 if new else 10), "the policies must call many remarks forth"


@pytest.mark.parametrize("new", [False, True], ids=["version 1", "version 2"])
def test_the_page_refuses_what_the_grammar_refuses(page: Any, shop: list[dict[str, Any]], new: bool) -> None:
    policies = [Maker(seed, new=new).broken() for seed in range(600)]
    refused = 0
    for policy, here in zip(policies, said(page, policies, shop), strict=True):
        if here["read"]:
            assert any("cannot keep the number" in message for message in here["read"]), here["read"]
            continue
        try:
            parse(here["text"], "broken")
            expected = set()
        except InvalidPolicy as error:
            expected = {(it.pointer, _but_engine(it.message)) for it in error.problems}
            refused += 1
        errors = (
            {
                (one["pointer"], _but_engine(one["message"]))
                for one in here["found"]
                if one["severity"] == "error"
            }
            if expected
            else set()
        )
        assert errors == expected, policy
        if not expected:
            assert not any("was expected" in one["message"] for one in here["found"])
    assert refused > 300


def _but_engine(message: str) -> str:
    """The words without what the pattern engine itself says, which is another in a browser."""
    return message.partition("under RE2")[0]


@pytest.mark.parametrize(
    "text",
    [
        '{"a":1,"a":2}',
        '{"a":NaN}',
        '{"a":1e999}',
        "[1,",
        '{"a" 1}',
        "{} {}",
        "\ufeff{}",
        '{"a":"\\ud800"}',
        "[" * 40,
        '"a\nb"',
        "01",
        "tru",
        "",
    ],
)
def test_the_strict_reader_says_what_the_strict_reader_says(page: Any, text: str) -> None:
    with pytest.raises(InvalidPolicy) as caught:
        parse(text, "broken")
    here = page.run("return PolicyText.read(arguments[0]).problems", text)
    theirs = {(it.pointer, it.line, it.message) for it in caught.value.problems}
    assert {(it["pointer"], it["line"], it["message"]) for it in here} <= theirs
    assert here


CALLS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("refund_payment", {"amount": 4, "currency": "EUR"}), ("refund_payment", {"amount": 400, "currency": "USD", "note": "abc"}),
    ("refund_payment", {"amount": 1, "currency": "GBP", "to": {"iban": "x"}}), ("fetch_page", {"url": "https://example.com/a.txt"}),
    ("fetch_page", {"url": "http://a", "tries": 2}), ("read_file", {"path": "/srv/data/a.txt"}), ("read_file", {"path": "/etc/passwd", "amount": 3}),
    ("list_orders", {}), ("delete_order", {"id": "a"}), ("set_mode", {"mode": 2}), ("open_door", {"door": 5}), ("open_door", {"door": "EUR"}),
    ("a/b~c", {"x": 1}), ("__proto__", {"__proto__": "a"}),
)  # fmt: skip
ROUND = """
const tools = JSON.parse(arguments[1]);
return arguments[0].map(text => {
  const value = PolicyText.read(text).value;
  const draft = {...PolicyDraft.adopted(value).draft, version: "1"};
  const {made, rounded, barred} = PolicyDraft.outcome(draft, tools);
  return {text: PolicyText.write(made).text, rounded: rounded.length, barred: barred.length, whole: PolicyText.write(PolicyDraft.whole(draft)).text};
});
"""


def test_version_1_never_lets_more_through_and_says_where_it_lets_less(
    page: Any, shop: list[dict[str, Any]], labelled: Any
) -> None:
    """600 policies of version 2, each asked to be said in version 1, and 14 calls under both."""
    definitions = {definition.name: definition for definition, _ in labelled["shop"]}
    policies = [Maker(seed, new=True).policy() for seed in range(600)]
    for policy in policies:
        policy.pop("pin", None)
        policy.pop("on_drift", None)
        for rule in policy["tools"].values():
            rule.pop("expires", None)
    stricter = exact = 0
    for policy, here in zip(
        policies, page.run(ROUND, [json.dumps(one) for one in policies], json.dumps(shop)), strict=True
    ):
        whole, rounded = parse(here["whole"], "whole"), parse(here["text"], "rounded")
        original = parse(json.dumps(policy), "original")
        assert here["barred"] or rounded.version == "1"
        for tool, arguments in CALLS:
            call = Call(tool=tool, arguments=arguments, at=NOW, definition=definitions[tool])
            second, first = decide(whole, call), decide(rounded, call)
            assert decide(original, call).verdict is second.verdict, (policy, tool)
            assert STRICTNESS.index(first.verdict) >= STRICTNESS.index(second.verdict), (
                policy,
                tool,
                arguments,
            )
            if first.verdict is not second.verdict:
                assert here["rounded"], (policy, tool, arguments)
                stricter += 1
            exact += not here["rounded"]
    assert stricter > 100
    assert exact > 500


@pytest.mark.parametrize("profile", [*Profile])
def test_a_preset_is_what_the_command_line_exports(
    page: Any, bench: ModuleType, bench_site: Path, labelled: Any, profile: Profile
) -> None:
    for server in ("shop", bench.REAL):
        text = page.run(
            "return PolicyText.write(PolicyDraft.whole(PolicyDraft.begun(JSON.parse(arguments[0]), arguments[1]))).text",
            json.dumps(data_of(bench_site, server)["tools"]),
            profile.value,
        )
        assert text == render(document_2(labelled[server], profile))
