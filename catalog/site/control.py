"""How to control tools: the recommended policies as a page shows them, and what they do in words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from catalog.policy.document import document, is_sayable, render
from catalog.policy.document_2 import document_2
from catalog.site.enforce import POLICY_FILE
from catalog.site.language import code, counted, listed_briefly, sentence, times_a_minute
from catalog.site.views import PolicyView
from catalog.site.words import ENFORCED
from classifier.types import Action, Category

if TYPE_CHECKING:
    from collections.abc import Iterable

    from catalog.policy.document import PolicyDocument
    from catalog.site.facts import ServerFacts, ToolFacts

POLICY_2_FILE: Final = "policy-2.json"
# What the document of one tool does, by version and action; `{tool}` is its name.
_DOES: Final = {
    "1": {
        Action.ALLOW: "This policy lets every call of {tool} pass, and calls of nothing else",
        Action.LIMIT: "A call of {tool} over the limit is refused until the window has passed",
        Action.APPROVE: "Version 1 cannot ask a person, so this policy refuses every call of {tool} and says why",
        Action.HIDE: "An agent under this policy is not even told that {tool} exists",
        Action.DENY: "The default refuses every call of {tool}, because this document does not list it",
    },
    "2": {
        Action.ALLOW: "Version 2 says the same here; it can also be tied to this very definition, with {pin}",
        Action.LIMIT: "The limit is the same in version 2, which can also tie the tool to this very definition, with {pin}",
        Action.APPROVE: "Each call of {tool} waits until a person has said yes or no, with {approve}",
        Action.HIDE: "Hidden in version 2 as well: {tool} is neither listed nor callable",
        Action.DENY: "Every call of {tool} is refused here by a rule of its own, and the agent is told the reason",
    },
}
_UNSAYABLE: Final = {
    "1": "The default refuses every call of {tool}, because a policy cannot hold such a name",
    "2": "No version of the grammar can single this name out, so here too the default refuses it",
}
_VERSION_2: Final = "--policy-version 2"
_PIN: Final = f"{_VERSION_2} --pin"
_APPROVE: Final = "catalog approvals"
_IN_DATA: Final = "/:,;=@!$()*+?"  # what a `data:` address may hold as it is; the rest is spelt out
_SPELT_OUT: Final = {at: quote(chr(at), safe=_IN_DATA) for at in range(128)}  # a policy's text is ASCII
_INDENT: Final = re.compile(r"^ +", re.MULTILINE)


def recommended(tools: Iterable[ToolFacts]) -> PolicyDocument:
    """The recommended version-1 document for these tools of one server."""
    return document([(facts.definition, facts.label) for facts in tools])


def recommended_2(tools: Iterable[ToolFacts]) -> PolicyDocument:
    """The recommended version-2 document for these tools of one server."""
    return document_2([(facts.definition, facts.label) for facts in tools])


def can_be_named(tool: str) -> bool:
    """Whether a policy can speak of this tool: `*` would mean every tool, a lone surrogate is no text."""
    return is_sayable(tool)


def tool_policies(facts: ToolFacts) -> tuple[PolicyView, ...]:
    """The documents for one tool alone, each with a link that saves it without a server."""
    return (
        _tool_policy(facts, "1", recommended([facts]), POLICY_FILE),
        _tool_policy(facts, "2", recommended_2([facts]), POLICY_2_FILE),
    )


def _tool_policy(facts: ToolFacts, version: str, made: PolicyDocument, file: str) -> PolicyView:
    text = render(made).rstrip("\n")
    tabbed = _INDENT.sub(lambda found: "\t" * (len(found[0]) // 2), text)  # each blank would take three bytes
    address = f"data:application/json,{tabbed.translate(_SPELT_OUT)}"
    return PolicyView(version, text, address, f"{facts.slug}.{file}", _tool_says(facts, version, made))


def _tool_says(facts: ToolFacts, version: str, made: PolicyDocument) -> str:
    action = facts.recommendation.action
    text = _DOES[version][action] if can_be_named(facts.name) else _UNSAYABLE[version]
    first = sentence(text.format(tool=facts.code, pin=code(_PIN), approve=code(_APPROVE)))
    money = facts.category is Category.FINANCIAL and version == "2"
    return " ".join([first, *(_of_money(made) if money else ())])


def _of_money(made: PolicyDocument) -> list[str]:
    """What the document says about amounts, or why it cannot."""
    return [
        sentence(rounding.why)
        for rounding in made.roundings
        if rounding.became in ("a spend cap", "no spend cap")
    ]


def server_policies(server: ServerFacts) -> tuple[PolicyView, ...]:
    """The documents for all tools of a server; real files lie beside the page."""
    one, two = recommended(server.tools), recommended_2(server.tools)
    return (
        PolicyView("1", render(one).rstrip("\n"), POLICY_FILE, POLICY_FILE, sentence(_summary(one))),
        PolicyView("2", render(two).rstrip("\n"), POLICY_2_FILE, POLICY_FILE, sentence(_summary(two))),
    )


def _summary(made: PolicyDocument) -> str:
    return f"Version {made.body['version']}: {made.summary().replace(':', ',', 1)}"


def effect(facts: ToolFacts) -> list[str]:
    """What we recommend, and why."""
    return [sentence(facts.recommendation.reason)]


def server_effect(server: ServerFacts) -> list[str]:
    """What is recommended for the tools, in one sentence for each action."""
    texts = {
        Action.ALLOW: "{n} may be called freely: {names}",
        Action.LIMIT: "{n} may {each}be called {rate}: {names}",
        Action.APPROVE: "{n} should wait for a person at each call, which version 1 rounds to a refusal: {names}",
        Action.HIDE: "{n} will not be seen at all: {names}",
        Action.DENY: "{n} will be refused because nobody is sure about {them} yet: {names}",
    }
    said = []
    for action, text in texts.items():
        tools = [facts for facts in server.tools if facts.recommendation.action is action]
        if tools:
            shown = listed_briefly([facts.code for facts in tools], 5)
            them = "it" if len(tools) == 1 else "them"
            said.append(
                sentence(
                    text.format(
                        n=counted(len(tools), "tool"),
                        names=shown,
                        rate=allowed_rate(tools),
                        them=them,
                        each="" if len(tools) == 1 else "each ",
                    )
                )
            )
    return said


def allowed_rate(tools: Iterable[ToolFacts]) -> str:
    """How often the recommended limits let these tools be called, in words."""
    return times_a_minute(limit.max_calls for facts in tools for limit in facts.recommendation.limits)


def enforced(facts: ToolFacts) -> str:
    """What the exported document makes of a tool: `is refused`, `may be called freely`."""
    action = facts.recommendation.action if can_be_named(facts.name) else Action.DENY
    return ENFORCED[action].format(rate=allowed_rate([facts]), version=code(_VERSION_2))
