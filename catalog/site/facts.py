"""What is known about one tool, gathered once, for every text and table that speaks of it."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from catalog.policy.recommend import recommend
from catalog.public import tool_json, tool_row
from catalog.site import language
from catalog.site.grade import exposure
from catalog.site.parameters import Parameter, parameters
from catalog.site.rows import tool_row_view
from classifier.act import Act, act_of, act_of_name, kinds_of
from classifier.findings import findings
from classifier.tokens import name_tokens
from classifier.types import Category

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from catalog.records import ToolEntry
    from catalog.site.grade import Exposure
    from catalog.site.views import RowView
    from classifier.findings import Finding
    from classifier.types import Classification, Level, Recommendation, ToolDefinition

_SPELT_OUT: Final = {
    "del": "delete",
    "rm": "remove",
    "exec": "execute",
    "init": "initialise",
    "deletes": "delete",
    "cleanup": "clean up",
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
_OF_MANY: Final = frozenset({"list", "search", "query", "browse"})  # acts that have many for their object
_CHOOSING: Final = re.compile(
    r"(?:^|[_-])(?:ids?|name|key|path|slug|uuid|number|ref|handle)$|Ids?$|Name$|Path$|Key$", re.ASCII
)
_CONTAINERS: Final = frozenset(
    [
        "web", "internet", "directory", "folder", "repository", "database", "index", "graph", "registry", "library",
        "catalog", "catalogue", "wiki", "map", "base", "workspace", "table", "space",
    ]
)  # fmt: skip
# Of these a thing has one, so that no argument picks one of many.
_ONE_EACH: Final = frozenset(
    [
        "history", "status", "config", "configuration", "schema", "state", "context", "version", "balance", "structure",
        "time", "weather", "overview", "statistic", "usage", "health", "metadata", "size", "count",
    ]
)  # fmt: skip
_LOOKING: Final = frozenset({"look", "compute"})
_ANY_ONE: Final = frozenset(
    ["URL", "URI", "page", "webpage", "website", "link", "address", "text"]
)  # no call has one of them
# Nouns that say nothing by themselves: of what, the name often tells.
VAGUE: Final = frozenset(
    [
        "list", "number", "set", "details", "detail", "information", "info", "collection", "summary",
        "content", "contents", "copy", "type", "status", "one", "listing", "result", "results", "output",
    ]
)  # fmt: skip
_PROGRAMS: Final = frozenset(
    ["kubectl", "helm", "docker", "git", "npm", "aws", "gcloud", "az", "gh"]
)  # they begin names
_NO_NOUN: Final = frozenset(
    [
        "force",
        "bulk",
        "batch",
        "all",
        "multi",
        "many",
        "my",
        "direct",
        "new",
        "safe",
        "smart",
        "public",
        "private",
        "local",
        "remote",
        "self",
        "simulated",
    ]
)
_FILLING: Final = frozenset(
    [
        "all", "complete", "comprehensive", "current", "detailed", "entire", "exact", "full", "latest", "new",
        "paginated", "raw", "recursive", "simple", "single", "whole",
    ]
)  # fmt: skip
_SPELLING: Final = {
    word.lower(): word
    for word in [
        "API", "APIs", "AWS", "CLI", "CPU", "CSS", "CSV", "DNS", "GPU", "HTML", "HTTP", "ID", "IDs",
        "IP", "JSON", "JWT", "LLM", "MCP", "NFT", "OCR", "PDF", "PDFs", "PR", "PRs", "REST", "RSS",
        "SDK", "SMS", "SQL", "SSH", "SSL", "SVG", "TLS", "UI", "URI", "URL", "URLs", "UUID", "VM",
        "VMs", "VPC", "XML", "YAML", "GitHub", "GitLab", "Slack", "Docker", "Kubernetes", "Jira",
        "Notion", "Google", "Gmail", "Stripe", "PayPal", "WhatsApp", "YouTube", "LinkedIn", "Markdown",
    ]
}  # fmt: skip
_CUT: Final = re.compile(
    r"\b(as|by|to|from|for|of|in|on|at|with|including|includes|such|like|plus|whose|whether|how|what|not|optionally|have|has|currently|pass|contain|can|could|may|will|both|only)\b.*"
)


@dataclass(frozen=True)
class ToolFacts:
    """A tool with its slug, act, parameters and recommendation; what is asked for often is found out once."""

    entry: ToolEntry
    slug: str
    act: Act
    parameters: tuple[Parameter, ...]
    recommendation: Recommendation

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """Suspicious texts in the definition."""
        return findings(self.entry.definition)

    @cached_property
    def row(self) -> Mapping[str, Any]:
        """The tool in its server's public JSON."""
        return tool_row(self.definition, self.label)

    @cached_property
    def record(self) -> Mapping[str, Any]:
        """The tool's own public JSON."""
        return tool_json(self.entry, self.findings, self.row)

    @property
    def name(self) -> str:
        """The tool's own name, as the server spells it."""
        return self.entry.definition.name

    @cached_property
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

    @cached_property
    def level(self) -> Level:
        """The risk level."""
        return self.entry.classification.risk

    @cached_property
    def category(self) -> Category:
        """The category."""
        return self.entry.classification.category

    @cached_property
    def modifiers(self) -> frozenset[str]:
        """Names of all modifiers."""
        return frozenset(modifier.name for modifier in self.label.modifiers)

    @cached_property
    def required(self) -> tuple[Parameter, ...]:
        """The parameters a call cannot do without."""
        return tuple(parameter for parameter in self.parameters if parameter.required)

    @cached_property
    def verb(self) -> str:
        """A verb that a sentence can use and that does not contradict the label, or ""."""
        verb = _SPELT_OUT.get(self.act.verb, self.act.verb)
        too_mild = self.act.family in _LOOKING and self.category is not Category.READ
        return "" if too_mild or verb in _UNUSABLE or not verb.isascii() else verb

    @cached_property
    def noun(self) -> str:
        """What the act is done to, without article, or "" when the text gives nothing usable."""
        noun = _as_spelt(_noun(self.act.object), self.definition.description or "")
        return _with_its_head(noun, self.definition)

    @cached_property
    def object(self) -> str:
        """The noun with the article that fits: *the* configuration, *a* job where an argument says which, *jobs* to list."""
        noun = self.noun
        if not noun or language.is_plural(noun) or self.act.family != "look":
            return language.with_article(noun) if noun else ""
        if self.act.verb in _OF_MANY and self.head not in _CONTAINERS:
            return noun if language.is_mass(noun) else language.plural(noun)
        if self.head in _ANY_ONE or (self.head not in _ONE_EACH and self._is_chosen):
            return language.with_article(noun)
        return f"the {noun}"

    @cached_property
    def _is_chosen(self) -> bool:
        """Whether an argument says which one is meant."""
        return any(_CHOOSING.search(parameter.name) for parameter in self.required)

    @cached_property
    def head(self) -> str:
        """The head noun in the singular: what siblings that concern the same thing share."""
        last = self.noun.rpartition(" ")[2]
        if last.endswith("ies") and len(last) > 4:
            return last[:-3] + "y"
        return last[:-1] if language.is_plural(last) and last.endswith("s") else last


@dataclass(frozen=True)
class ServerFacts:
    """All tools of a server, riskiest first, which of them concern the same thing, and their rows by slug.

    `folder` is the name of the server's folder in the site. What each of its pages asks for is found out once.
    """

    name: str
    tools: tuple[ToolFacts, ...]
    by_head: Mapping[str, tuple[ToolFacts, ...]]
    rows: Mapping[str, RowView]
    folder: str = ""

    @cached_property
    def code(self) -> str:
        """The server's name for running text."""
        return language.code(self.name)

    @cached_property
    def levels(self) -> Counter[Level]:
        """How many tools stand at each level."""
        return Counter(facts.level for facts in self.tools)

    @cached_property
    def exposure(self) -> Exposure:
        """What an agent can do through it; the tools in it by name."""
        return exposure((facts.name, facts.label) for facts in self.tools)


def tool_facts(entry: ToolEntry, slug: str) -> ToolFacts:
    """Gather the facts of one tool."""
    definition, label = entry.definition, entry.classification
    return ToolFacts(
        entry,
        slug,
        _telling_act(definition),
        parameters(definition, label),
        recommend(label, definition.name),
    )


def _telling_act(definition: ToolDefinition) -> Act:
    """The act of the text; where its object says nothing ("a list of …"), the act of the name if that is the same."""
    act = act_of(definition)
    named = act_of_name(_without_product(name_tokens(definition.name), definition.server))
    if act.field == "name":
        return named or act
    if _noun(act.object) and not _is_vague(act.object):
        return act
    return named if named and _noun(named.object) and named.family == act.family else act


def _without_product(tokens: tuple[str, ...], server: str) -> tuple[str, ...]:
    """The words of a name without the product that it begins with: `brave_web_search`, `kubectl_delete`.

    A product that is also the word for a thing stays: `workflows_list` of `workflows` lists workflows.
    """
    product = {*server.lower().replace("_", "-").split("-"), *_PROGRAMS}
    while (
        len(tokens) > 1
        and tokens[0] in product
        and not (kinds_of(tokens[0]) or language.is_plural(tokens[0]))
    ):
        tokens = tokens[1:]
    return tokens


def _is_vague(phrase: str) -> bool:
    """Whether nothing is left beside words such as "complete", "detailed" and "list"."""
    return all(word in VAGUE or word in _FILLING for word in phrase.split())


def _noun(phrase: str) -> str:
    """The part of an object that a sentence can use, or ""."""
    words = _CUT.sub("", phrase).removesuffix(" tool").split()
    words = words[1:] if words and words[0] in ("a", "an", "the") else words
    plain = all(word.isascii() and word.replace("-", "").isalnum() for word in words)
    usable = plain and 0 < len(words) == len(set(words)) <= 4
    if not usable or len(phrase) > 64 or words[-1].endswith("ly") or words[-1].isdigit():
        return ""
    if len(words) == 1 and words[0] in _NO_NOUN:
        return ""
    return " ".join(_SPELLING.get(word, word) for word in words).replace("o auth", "OAuth")


def _as_spelt(noun: str, text: str) -> str:
    """The noun as the text writes it, where a word of it is a name: MongoDB, PivotTable, but not a Title Case Word."""
    at = text.lower().find(noun)
    found = text[at : at + len(noun)] if noun and at >= 0 else ""
    if found.lower() != noun:
        return noun
    words = [
        new if any(c.isupper() for c in new[1:]) and any(c.islower() for c in new) else old
        for old, new in zip(noun.split(" "), found.split(" "), strict=False)
    ]
    return " ".join(words)


def _with_its_head(noun: str, definition: ToolDefinition) -> str:
    """`stock order` for the `stock` of "a stock or ETF order", where the name `place_stock_order` says it whole."""
    *_, before, last = ("", "", *name_tokens(definition.name))
    shared = before == noun and f"{noun} or " in (definition.description or "").lower()
    return f"{noun} {last}" if noun and shared else noun


def server_facts(name: str, tools: Iterable[ToolFacts], folder: str = "") -> ServerFacts:
    """Put the tools of one server in order and group them by what they concern."""
    ordered = tuple(sorted(tools, key=riskiest_first))
    groups: dict[str, list[ToolFacts]] = defaultdict(list)
    for facts in ordered:
        if facts.head:
            groups[facts.head].append(facts)
    by_head = {head: tuple(group) for head, group in groups.items()}
    return ServerFacts(
        name, ordered, by_head, {facts.slug: tool_row_view(facts) for facts in ordered}, folder
    )


def riskiest_first(facts: ToolFacts) -> tuple[int, float, str]:
    """Sort key: level, worst first; then the surer label; then the name."""
    return -facts.level.rank, -facts.label.confidence, facts.name
