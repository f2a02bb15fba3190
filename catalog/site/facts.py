"""What is known about one tool, gathered once, for every text and table that speaks of it."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from catalog.policy.recommend import recommend
from catalog.site import language
from catalog.site.parameters import Parameter, parameters
from catalog.site.rows import tool_row_view
from classifier.act import Act, act_of, act_of_name
from classifier.findings import findings
from classifier.tokens import name_tokens
from classifier.types import Category

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from catalog.records import ToolEntry
    from catalog.site.views import RowView
    from classifier.findings import Finding
    from classifier.types import Classification, Level, Recommendation, ToolDefinition

_SPELT_OUT: Final = {
    "del": "delete",
    "rm": "remove",
    "exec": "execute",
    "init": "initialise",
    "deletes": "delete",
    "lists": "list",
}
# Lexicon entries that are no verb a sentence can use with an object after it.
_UNUSABLE: Final = frozenset(
    [
        "is", "has", "exists", "can", "whoami", "status", "info", "know", "figure", "look", "peek",
        "wait", "sleep", "think", "reason", "brainstorm", "echo", "greet", "hello", "roll", "turn",
        "leave", "ban", "tear", "cat", "ls", "stat", "tree", "hover", "tail", "head", "whois", "glob",
        "grep", "acknowledge", "react", "comment", "reply", "vote", "respond", "subscribe", "act",
        "help", "warn", "back", "forward", "key", "mouse", "jump", "walk", "fly", "exit", "end", "quit",
        "hangup", "standby", "python", "bash", "shell", "powershell", "ssh", "email", "mail", "sms",
        "fax", "whatsapp", "text", "page", "alert", "auth", "oauth", "login", "logout", "signin",
        "signout", "sign", "short", "long", "hedge", "topup", "base64", "score", "image", "crud",
        "administer", "work", "interact", "like", "follow", "track", "date", "navigate", "tweet",
    ]
)  # fmt: skip
_LOOKING: Final = frozenset({"look", "compute"})
# Nouns that say nothing by themselves: of what, the name often tells.
VAGUE: Final = frozenset(
    [
        "list", "number", "set", "details", "detail", "information", "info", "collection", "summary",
        "content", "contents", "copy", "type", "status", "one",
    ]
)  # fmt: skip
_SPELLING: Final = {
    word.lower(): word
    for word in [
        "API", "APIs", "AWS", "CLI", "CPU", "CSS", "CSV", "DNS", "GPU", "HTML", "HTTP", "ID", "IDs",
        "IP", "JSON", "JWT", "LLM", "MCP", "NFT", "OCR", "PDF", "PDFs", "PR", "PRs", "REST", "RSS",
        "SDK", "SMS", "SQL", "SSH", "SSL", "SVG", "TLS", "UI", "URI", "URL", "URLs", "UUID", "VM",
        "VMs", "VPC", "XML", "YAML", "GitHub", "GitLab", "Slack", "Docker", "Kubernetes", "Jira",
        "Notion", "Google",
    ]
}  # fmt: skip
_CUT: Final = re.compile(
    r"\b(including|includes|such|like|plus|whose|whether|how|what|not|optionally|have|has|currently|pass|contain|can|could|may|will|both|only)\b.*"
)


@dataclass(frozen=True, slots=True)
class ToolFacts:
    """A tool with its slug, act, parameters, recommendation and suspicious texts."""

    entry: ToolEntry
    slug: str
    act: Act
    parameters: tuple[Parameter, ...]
    recommendation: Recommendation
    findings: tuple[Finding, ...]

    @property
    def name(self) -> str:
        """The tool's own name, as the server spells it."""
        return self.entry.definition.name

    @property
    def code(self) -> str:
        """The name for running text."""
        return language.code(self.name)

    @property
    def definition(self) -> ToolDefinition:
        """The definition as it was read."""
        return self.entry.definition

    @property
    def label(self) -> Classification:
        """The classification."""
        return self.entry.classification

    @property
    def level(self) -> Level:
        """The risk level."""
        return self.entry.classification.risk

    @property
    def category(self) -> Category:
        """The category."""
        return self.entry.classification.category

    @property
    def modifiers(self) -> frozenset[str]:
        """Names of all modifiers."""
        return frozenset(modifier.name for modifier in self.label.modifiers)

    @property
    def required(self) -> tuple[Parameter, ...]:
        """The parameters a call cannot do without."""
        return tuple(parameter for parameter in self.parameters if parameter.required)

    @property
    def verb(self) -> str:
        """A verb that a sentence can use and that does not contradict the label, or ""."""
        verb = _SPELT_OUT.get(self.act.verb, self.act.verb)
        too_mild = self.act.family in _LOOKING and self.category is not Category.READ
        return "" if too_mild or verb in _UNUSABLE or not verb.isascii() else verb

    @property
    def noun(self) -> str:
        """What the act is done to, without article, or "" when the text gives nothing usable."""
        return _noun(self.act.object)

    @property
    def object(self) -> str:
        """The noun with the article that fits the act: one looks at *the* job and cancels *a* job."""
        noun = self.noun
        if noun and self.act.family == "look" and not language.is_plural(noun):
            return f"the {noun}"
        return language.with_article(noun) if noun else ""

    @property
    def head(self) -> str:
        """The head noun in the singular: what siblings that concern the same thing share."""
        last = self.noun.rpartition(" ")[2]
        if last.endswith("ies") and len(last) > 4:
            return last[:-3] + "y"
        return last[:-1] if language.is_plural(last) and last.endswith("s") else last


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """All tools of a server, riskiest first, which of them concern the same thing, and their rows by slug."""

    name: str
    tools: tuple[ToolFacts, ...]
    by_head: Mapping[str, tuple[ToolFacts, ...]]
    rows: Mapping[str, RowView]

    @property
    def code(self) -> str:
        """The server's name for running text."""
        return language.code(self.name)


def tool_facts(entry: ToolEntry, slug: str) -> ToolFacts:
    """Gather the facts of one tool."""
    definition, label = entry.definition, entry.classification
    return ToolFacts(
        entry,
        slug,
        _telling_act(definition),
        parameters(definition, label),
        recommend(label, definition.name),
        findings(definition),
    )


def _telling_act(definition: ToolDefinition) -> Act:
    """The act of the text; where its object says nothing ("a list of …"), the act of the name if that is the same."""
    act = act_of(definition)
    if _noun(act.object) and act.object not in VAGUE:
        return act
    named = act_of_name(name_tokens(definition.name))
    return named if named and _noun(named.object) and named.family == act.family else act


def _noun(phrase: str) -> str:
    """The part of an object that a sentence can use, or ""."""
    words = _CUT.sub("", phrase).split()
    usable = 0 < len(words) <= 4 and all(word.isascii() and word.replace("-", "").isalnum() for word in words)
    if not usable or len(phrase) > 64 or words[-1].endswith("ly") or words[-1].isdigit():
        return ""
    return " ".join(_SPELLING.get(word, word) for word in words)


def server_facts(name: str, tools: Iterable[ToolFacts]) -> ServerFacts:
    """Put the tools of one server in order and group them by what they concern."""
    ordered = tuple(sorted(tools, key=riskiest_first))
    groups: dict[str, list[ToolFacts]] = defaultdict(list)
    for facts in ordered:
        if facts.head:
            groups[facts.head].append(facts)
    by_head = {head: tuple(group) for head, group in groups.items()}
    return ServerFacts(name, ordered, by_head, {facts.slug: tool_row_view(facts) for facts in ordered})


def riskiest_first(facts: ToolFacts) -> tuple[int, float, str]:
    """Sort key: level, worst first; then the surer label; then the name."""
    return -facts.level.rank, -facts.label.confidence, facts.name
