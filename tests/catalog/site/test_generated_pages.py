"""Whole pages of thousands of generated records: correct English, nothing twice, nothing against the badge (issue, point 2)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from types import ModuleType
from typing import Any

import pytest

from catalog.policy.call import Call
from catalog.policy.check import check
from catalog.policy.decide import decide
from catalog.policy.decision import Verdict
from catalog.policy.finding import Severity
from catalog.policy.grammar import parse
from catalog.policy.treatment import treatment
from catalog.records import ServerEntry
from catalog.site.facts import ToolFacts, server_facts, tool_facts
from catalog.site.gather import tool_key, tool_slugs
from catalog.site.index import SiteIndex
from catalog.site.made import Surroundings
from catalog.site.pages import Pages
from catalog.site.server_files import home_files, tool_files
from catalog.site.views import SiteView
from catalog.site.words import CATEGORY_GIST
from classifier.classify import Classifier
from classifier.types import Action, Category, Level

TOOL_PAGE_LIMIT = 20_000  # bytes, without gzip (site.md, "Quality")
SEEDS = 700  # servers; about four tools each
NOW = datetime(2026, 11, 25, tzinfo=UTC)
SITE = SiteView("Catalogue", "1", "1 tool is catalogued here.", "1 November 2026", "2026-11-01")
# Blocks whose text is ours; what stands in the others, or in these tags within them, is a server's own or no sentence.
OURS = frozenset(["p", "li", "summary"])
THEIRS = frozenset(
    ["code", "q", "blockquote", "pre", "small", "button", "legend", "label", "title", "time", "footer"]
)
WRONG_ARTICLE = re.compile(
    r"\b(?:a (?=(?:[aeio]|hour\b|API\b|MCP\b|SQL\b|X-|HTML\b|NFT\b|umbrella|honest)\w*)(?!one\b|one-|eu|URL)|an (?=[bcdfgjklpqtvwyz][a-z]|user\b|unit\b|URL\b|Europ|one-))",
    re.IGNORECASE,
)
DOUBLED = re.compile(r"\.\.|,,|\s[.,;:](?!\w)|[.,;:][.,;]|\b(\w+) \1\b|“”|\(\)|  ")
NUMBER = re.compile(
    r"\b(?:one|1) (?:other |further )?(?:tools|calls|parameters|arguments|points|servers|records|tokens|signals)\b"
    r"|\b(?:two|three|four|five|six|seven|eight|nine|ten|\d\d+) (?:other |further )?(?:tool|call|parameter|argument|point|server|token)\b"
    r"|\bone stand\b|\b(?:they|calls|tokens) is\b|\bit are\b"
)
QUOTED = re.compile(r"“[^”]*”")
LEVELS = {level.value for level in Level}
CHANGES_NOTHING = (
    "nothing is different",
    "everything stays as it was",
    "changes nothing",
    "leaves everything as it was",
    "touches nothing else",
)


class Blocks(HTMLParser):
    """The texts of a page's blocks of prose, as they stand and with marks for what is not ours; its badges and snippets."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[tuple[list[str], list[str]]] = []
        self.snippets: dict[str, str] = {}
        self.badges: list[tuple[str, str]] = []
        self._open: list[str] = []
        self._inside = False
        self._theirs = 0
        self._catching: list[str] | None = None
        self._badge = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag in THEIRS or {"by", "subtitle"} & {*values.get("class", "").split()}:
            self._theirs += 1
            self._say("", f"⟨{tag}⟩")
            self._open.append(f"their {tag}")
        else:
            self._open.append(tag)
        if tag in OURS:
            self.blocks.append(([], []))
            self._inside = True
        if tag == "pre":
            self.snippets[values["id"]] = ""
            self._catching = [values["id"]]
        kind = values.get("class", "").split()
        if tag in ("a", "span") and kind and kind[0] in ("lv", "cat"):
            self._badge = kind[0]
        if tag in ("br", "input", "link", "meta", "rect"):
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        if self._open and self._open[-1] in (tag, f"their {tag}"):
            self._theirs -= self._open.pop() == f"their {tag}"
        if tag in OURS:
            self._inside = False
        if tag == "pre":
            self._catching = None
        if tag in ("a", "span"):
            self._badge = ""

    def handle_data(self, data: str) -> None:
        if self._catching:
            self.snippets[self._catching[0]] += data
        if self._badge and not self._theirs:
            self.badges.append((self._badge, data))
        self._say(re.sub(r"[.!?…]", "_", data) if self._theirs else data, "" if self._theirs else data)

    def _say(self, whole: str, ours: str) -> None:
        if self._inside:
            self.blocks[-1][0].append(whole)
            self.blocks[-1][1].append(ours)

    def _sentences(self, which: int) -> list[str]:
        joined = [" ".join("".join(block[which]).split()) for block in self.blocks]
        texts = [
            QUOTED.sub(lambda found: found[0].replace(" ", "_"), text) for text in joined
        ]  # no end within a quotation
        found = [one for text in texts for one in re.split(r"(?<=[.!?]) (?=[A-Z⟨“])", text)]
        return [one for one in found if re.search(r"[.!?]", one)]

    @property
    def sentences(self) -> list[str]:
        """Sentences with their stop and with marks; texts without any stop are labels and left out."""
        return self._sentences(1)

    @property
    def whole(self) -> list[str]:
        """The same with all that stands in them."""
        return self._sentences(0)


def pages_of(entry: ServerEntry) -> Iterator[tuple[ToolFacts | None, Any, str]]:
    """Each tool's facts, view and page; last the server's own with None for facts."""
    slugs = tool_slugs(entry.tools)
    tools = [tool_facts(tool, slugs[tool_key(tool)]) for tool in entry.tools]
    server = server_facts(entry.name, tools, "folder")
    around = Surroundings(server, entry, SiteIndex(), None, None)
    writer = Pages(SITE, None)
    by_slug = {facts.slug: facts for facts in tools}
    for made in (*tool_files(around), *home_files(around)):
        if made.path.endswith(".html"):
            facts = by_slug.get(made.path.rpartition("/")[2].removesuffix(".html"))
            yield facts, made.view, writer.render(made)


@pytest.fixture(scope="module", params=range(10))
def entries(
    request: pytest.FixtureRequest, generated: ModuleType, records: ModuleType, classifier: Classifier
) -> list[ServerEntry]:
    """A tenth of all servers."""
    return [records.records(generated, classifier, seed) for seed in range(request.param, SEEDS, 10)]


def test_every_page_of_any_record_reads_well_and_never_against_itself(entries: list[ServerEntry]) -> None:
    for entry in entries:
        for facts, view, page in pages_of(entry):
            blocks = Blocks(page)
            english(blocks)
            once(blocks)
            if facts is not None:
                assert len(page.encode("utf-8", "replace")) <= TOOL_PAGE_LIMIT, facts.name
                agrees(facts, view, blocks)
                policies_hold(facts, view, blocks)


def english(blocks: Blocks) -> None:
    """No doubled stop, right articles and numbers, a capital first and a stop last."""
    for text in blocks.sentences:
        bare = QUOTED.sub("⟨q⟩", text)
        assert not DOUBLED.search(bare), text
        assert not WRONG_ARTICLE.search(bare), text
        assert not NUMBER.search(bare), text
        assert bare[0].isupper() or bare[0] in "⟨“" or bare[0].isdigit(), text
        assert bare[-1] in ".!?…”⟩" or bare.endswith("⟨span⟩"), text
        assert bare.count(": ") <= 1, text
        assert not re.search(r"[a-z]_[a-z]|\bssrf\b|\bNone\b(?! of| stands)|\d\s%|100%", bare), text


def once(blocks: Blocks) -> None:
    """No sentence stands twice; what differs only by a name that is quoted is not the same."""
    counts = Counter(text for text in blocks.whole if text.count(" ") > 3)
    assert not [text for text, count in counts.items() if count > 1], counts.most_common(1)


def agrees(facts: ToolFacts, view: Any, blocks: Blocks) -> None:
    """Badge, rationale, questions and rule speak of one level, one category and one fate."""
    level, category = facts.level.value, facts.category.value
    assert blocks.badges[:2] == [("lv", level), ("cat", category)]
    assert view.questions[2].answer.startswith(f"{level}, ")
    assert category in view.questions[0].answer
    assert CATEGORY_GIST[facts.category] in view.questions[0].answer
    first = re.split(r"(?<=\.) ", QUOTED.sub("", view.why))[0]
    named = [word for word in re.findall(r"[A-Z][a-z]+", first) if word in LEVELS - {"Unknown"}]
    assert not named or named[-1] == level or facts.entry.override, first
    ours = " ".join([view.does, view.why, view.policy_effect, *(one.answer for one in view.questions)])
    if facts.category is not Category.READ:
        assert not [text for text in CHANGES_NOTHING if text in QUOTED.sub("", ours)], ours
    assert ("No undo" in view.why) <= ("undo_stated" not in facts.modifiers)
    assert ("A person should look" in view.why) is facts.label.needs_review
    assert ("takes no arguments" in view.does) is (
        facts.definition.input_schema is not None and not facts.parameters
    )
    if facts.label.needs_review and facts.category is not Category.DESTRUCTIVE:
        assert view.action == "Deny"


def policies_hold(facts: ToolFacts, view: Any, blocks: Blocks) -> None:
    """Each snippet is valid, has no error, is shown as it is, and decides as the page says."""
    action, sayable = facts.recommendation.action, "*" not in facts.name and "\ud800" not in facts.name
    one, two = view.policies
    expected_1 = Action.DENY if action is Action.APPROVE or not sayable else action
    expected_2 = action if sayable else Action.DENY
    assert blocks.snippets["policy"] == one.text
    assert blocks.snippets["policy2"] == two.text
    for text, expected in ((one.text, expected_1), (two.text, expected_2)):
        holds(facts, text, expected)
    says = {Action.HIDE: "not even told", Action.APPROVE: "refuses every call", Action.LIMIT: "over the limit", Action.DENY: "refuses every call", Action.ALLOW: "lets every call"}  # fmt: skip
    assert says[action if sayable else Action.DENY] in one.says
    limit, block = view.questions[3], view.questions[4]
    if sayable:
        holds(facts, limit.policy, Action.LIMIT)
        holds(facts, block.policy, Action.HIDE)
        stated = re.search(r"(\w+|[\d,]+) calls? an? (minute|hour)", limit.answer)
        assert stated is not None
        assert parse(limit.policy, "limit").tools[facts.name].limits[0].window.value == stated[2]
        assert limit.answer.startswith("We advise against it") is (expected_1 in (Action.DENY, Action.HIDE))
    else:
        assert limit.policy == ""
        assert limit.answer.startswith("No: ")
        holds(facts, block.policy, Action.DENY)


def holds(facts: ToolFacts, text: str, expected: Action) -> None:
    policy = parse(text, "snippet")
    errors = [finding for finding in check(policy, now=NOW) if finding.severity is Severity.ERROR]
    assert not errors, errors
    assert treatment(policy, facts.name) is expected, text
    listed = replace(facts.definition, input_schema=None)  # so that it is the policy that decides
    decision = decide(policy, Call(tool=facts.name, arguments={}, at=NOW, definition=listed))
    if policy.version == "2" and decision.verdict is Verdict.DENY and expected is Action.APPROVE:
        assert decision.rule.startswith("/tools"), decision  # a call without its amount is refused at once
        return
    verdicts = {
        Action.ALLOW: Verdict.ALLOW, Action.LIMIT: Verdict.ALLOW, Action.APPROVE: Verdict.APPROVE,
        Action.HIDE: Verdict.HIDE, Action.DENY: Verdict.DENY,
    }  # fmt: skip
    assert decision.verdict is verdicts[expected], (decision, text)
    assert bool(decision.reservations) is (expected is Action.LIMIT), decision
    other = decide(policy, Call(tool="some other tool", arguments={}, at=NOW))
    assert other.verdict not in (Verdict.ALLOW, Verdict.APPROVE)
