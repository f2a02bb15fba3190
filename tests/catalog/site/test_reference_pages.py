"""Pages about attacks, rules and disagreements, and what of them stands on other pages (site.md)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from catalog.attacks import read_attacks
from catalog.policy.grammar import parse
from catalog.site import rule_pages
from classifier.classify import Classifier
from classifier.rule_statistics import MeasuredRules, RuleStatistics
from classifier.rules import RULES
from classifier.types import ToolDefinition

DEFINITIONS = (
    ToolDefinition("quay", "cancel_job", description="Cancel a running job.", annotations={"destructiveHint": False}),
    ToolDefinition("quay", "list_jobs", description="List the jobs of a queue.", annotations={"readOnlyHint": True}),
    ToolDefinition("quay", "update_job", description="Change the title of a job.", annotations={"destructiveHint": True}),
    ToolDefinition("quay", "delete_job", description="Delete a job for good.", annotations={"readOnlyHint": True}),
    ToolDefinition("quay", "send_email", description="Send an e-mail to an address.", annotations=None),
    ToolDefinition("quay", "fetch_page", description="Fetch any URL and return its text.", input_schema={"type": "object", "properties": {"url": {"type": "string"}}}),
    ToolDefinition("quay", "</script><b>x", description="Delete all records.", annotations={"readOnlyHint": True}),
)  # fmt: skip


@pytest.fixture(scope="session")
def quay(generated: ModuleType) -> object:
    """A server whose labels are the classifier's own."""
    classifier = Classifier.load(rule_pages.resources.DATA / "models" / rule_pages.SHIPPED)
    base = generated.tool("quay", generated.random.Random(1))
    tools = [replace(base, definition=one, classification=classifier.classify(one)) for one in DEFINITIONS]
    ordered = sorted(tools, key=lambda tool: (-tool.classification.risk.rank, tool.definition.name))
    return generated.entry("quay", tuple(ordered))


@pytest.fixture(scope="session")
def pages(
    quay, generated: ModuleType, build_site: Callable[..., object], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    out = tmp_path_factory.mktemp("reference") / "site"
    build_site(generated.Listed((*generated.catalogue().entries, quay)), out)
    return out


def test_there_is_a_page_and_a_twin_for_each_attack_and_rule(pages: Path) -> None:
    for attack in read_attacks():
        assert (pages / f"attacks/{attack.id}.html").is_file()
        assert json.loads((pages / f"attacks/{attack.id}.json").read_text())["title"] == attack.title
    for rule in RULES:
        assert (pages / f"rules/{rule.id}.html").is_file()
        assert json.loads((pages / f"rules/{rule.id}.json").read_text())["argues_for"] == rule.argues_for


def test_the_policy_that_an_attack_page_shows_is_a_valid_one(pages: Path, reader: ModuleType) -> None:
    for attack in read_attacks():
        text = reader.read(pages / f"attacks/{attack.id}.html").text
        assert attack.policy.document.rstrip() in text
        assert parse(attack.policy.document, attack.id).version in ("1", "2")


def test_every_attack_page_has_all_its_parts(pages: Path, reader: ModuleType) -> None:
    """site.md: steps, needs, incident with reference, detection, policy, what it does not stop, OWASP."""
    for attack in read_attacks():
        page = reader.read(pages / f"attacks/{attack.id}.html")
        assert {"how", "needs", "incidents", "detect", "policy", "leaves", "tools"} <= set(page.ids)
        assert all(one.url in page.links and one.reference in page.text for one in attack.incidents)
        assert all(f"{number}:2025" in page.text for number in attack.owasp)


def test_a_tool_page_says_why_an_attack_fits_this_tool(pages: Path, reader: ModuleType) -> None:
    page = reader.read(pages / "tools/quay/cancel_job.html")
    assert "../../attacks/destructive-action-autonomy.html" in page.links
    assert "One call of cancel_job removes or ends something" in page.text


def test_a_tool_that_fits_no_attack_says_so(pages: Path, reader: ModuleType) -> None:
    page = reader.read(pages / "tools/quay/list_jobs.html")
    assert "fits what the definition states" in page.text
    assert not [link for link in page.links if re.search(r"attacks/(?!index)", link)]


def test_evidence_links_to_the_rule_that_used_it(pages: Path, reader: ModuleType) -> None:
    assert "../../rules/cancel-job.html" in reader.read(pages / "tools/quay/cancel_job.html").links


def test_a_rule_page_names_the_tools_it_fired_on(pages: Path, reader: ModuleType) -> None:
    page = reader.read(pages / "rules/cancel-job.html")
    assert "../tools/quay/cancel_job.html" in page.links
    assert "It fired on 1 tool of 1 server." in page.text
    idle = reader.read(pages / "rules/trades.html")
    assert "It fired on no tool of this catalogue." in idle.text


def test_levels_and_categories_name_the_attacks_on_such_tools(pages: Path, reader: ModuleType) -> None:
    for name in ("risk/critical.html", "category/destructive.html"):
        assert "../attacks/destructive-action-autonomy.html" in reader.read(pages / name).links


def test_a_server_page_names_the_tools_of_each_attack(pages: Path, reader: ModuleType) -> None:
    page = reader.read(pages / "tools/quay/index.html")
    assert "../../attacks/destructive-action-autonomy.html" in page.links


def test_disagreements_stand_in_both_directions_grouped_by_server(pages: Path, reader: ModuleType) -> None:
    twin = {one["server"]: one["tools"] for one in json.loads((pages / "disagreements.json").read_text())}
    claims = {tool["name"]: tool["claims"] for tool in twin["quay"]}
    assert claims == {
        "cancel_job": {"destructiveHint": False},
        "delete_job": {"readOnlyHint": True},
        "update_job": {"destructiveHint": True},
        "</script><b>x": {"readOnlyHint": True},
    }
    text = reader.read(pages / "disagreements.html").text
    assert "The server claims less: 3" in text
    assert "The server claims more: 1" in text


def test_every_disagreement_stands_once_on_some_page_and_no_server_is_parted(
    quay, build_site: Callable[..., object], generated: ModuleType, tmp_path: Path, reader: ModuleType
) -> None:
    servers = tuple(
        replace(
            quay,
            name=f"quay-{at:03}",
            tools=tuple(replace(tool, server=f"quay-{at:03}") for tool in quay.tools),
        )
        for at in range(70)
    )
    build_site(generated.Listed(servers), tmp_path / "site")
    found = sorted((tmp_path / "site").glob("disagreements*.html"))
    assert len(found) == 2
    tools = [
        link
        for path in found
        for link in reader.read(path).links
        if link.startswith("tools/") and not link.endswith("index.html")
    ]
    assert len(tools) == len(set(tools)) == 280
    assert "280 tools on 2 pages" in reader.read(found[0]).text


def test_a_hostile_name_breaks_no_page(pages: Path, reader: ModuleType) -> None:
    for name in (
        "disagreements.html",
        "attacks/destructive-action-autonomy.html",
        "rules/delete-record.html",
    ):
        page = reader.read(pages / name)
        assert not page.mismatched
        assert page.open_tags == []


def test_what_was_measured_of_a_rule_is_said_in_whole_sentences() -> None:
    """The counts are those of `classifier.rule_statistics`, whose meanings stand there."""
    rule = next(rule for rule in RULES if rule.id == "cancel-job")
    measured = MeasuredRules(1_000, {"cancel-job": RuleStatistics(40, 40, 30, None, 36)})
    assert [*rule_pages._sentences(rule, measured)] == [
        "It fired on 40 of the 1,000 labelled definitions.",
        "The final answer had the category Destructive in 36 of them (90.0%).",
        "The label had that category in 30 of them (75.0%).",
    ]
    raising = next(rule for rule in RULES if rule.id == "bulk-change")
    measured = MeasuredRules(1_000, {"bulk-change": RuleStatistics(20, 10, 5, 15, 20)})
    assert [*rule_pages._sentences(raising, measured)][2:] == [
        "The label named that signal in 5 of the 10 whose label can tell (50.0%).",
        "The level of the label stood above the one that its category starts at in 15.",
    ]


def test_a_rule_that_was_not_counted_has_no_figures() -> None:
    assert [*rule_pages._sentences(RULES[0], MeasuredRules(0, {}))] == []
    assert [
        *rule_pages._sentences(RULES[0], MeasuredRules(9, {RULES[0].id: RuleStatistics(0, 0, 0, None, 0)}))
    ] == ["It fired on none of the 9 labelled definitions."]


def test_the_riskiest_tool_of_a_server_stands_for_it(pages: Path, quay, reader: ModuleType) -> None:
    """The rule fires on both; fetching any address is Medium, listing is Low (codebook, "Risk")."""
    fired = {
        tool.definition.name
        for tool in quay.tools
        if "looks-up" in {hit.rule for hit in tool.classification.rule_hits}
    }
    assert {"fetch_page", "list_jobs"} <= fired
    links = reader.read(pages / "rules/looks-up.html").links
    assert "../tools/quay/fetch_page.html" in links
    assert "../tools/quay/list_jobs.html" not in links
