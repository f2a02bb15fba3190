"""How to control tools: the recommended policy as a page shows it, and what it does in words."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING
from urllib.parse import quote

from catalog.policy.document import document, render
from catalog.site.language import counted, listed_briefly, sentence, times_a_minute
from catalog.site.views import PolicyView
from catalog.site.words import ENFORCED
from catalog.visible import one_line
from classifier.types import Action

if TYPE_CHECKING:
    from collections.abc import Iterable

    from catalog.policy.document import PolicyDocument
    from catalog.site.facts import ServerFacts, ToolFacts


def recommended(tools: Iterable[ToolFacts]) -> PolicyDocument:
    """The recommended version-1 document for these tools of one server."""
    return document([(facts.definition, facts.label) for facts in tools])


def can_be_named(tool: str) -> bool:
    """Whether a policy can speak of this tool: `*` would mean every tool, a lone surrogate is no text."""
    return "*" not in tool and tool.encode("utf-8", "ignore").decode("utf-8") == tool


def tool_policy(facts: ToolFacts) -> PolicyView:
    """The document for one tool alone, with a link that saves it without a server."""
    text = render(recommended([facts])).rstrip("\n")
    return PolicyView(text, f"data:application/json;charset=utf-8,{quote(text)}", f"{facts.slug}.policy.json")


def server_policy(server: ServerFacts) -> PolicyView:
    """The document for all tools of a server; a real file lies beside the page."""
    return PolicyView(render(recommended(server.tools)).rstrip("\n"), "policy.json", "policy.json")


def effect(facts: ToolFacts) -> list[str]:
    """What we recommend and why, and what the tool's own document does when it is enforced."""
    action = facts.recommendation.action if can_be_named(facts.name) else Action.DENY
    tool = facts.code
    said = {
        Action.ALLOW: f"This policy lets every call of {tool} pass, and calls of nothing else",
        Action.LIMIT: f"A call of {tool} over the limit is refused until the window has passed",
        Action.APPROVE: f"A version 1 policy cannot ask a person, so this one refuses every call of {tool} and says why",
        Action.HIDE: f"An agent under this policy is not even told that {tool} exists",
        Action.DENY: f"The default refuses every call of {tool}, because {'this document does not list it' if can_be_named(facts.name) else 'a policy cannot hold such a name'}",
    }[action]
    return [sentence(facts.recommendation.reason), sentence(said)]


def server_effect(server: ServerFacts) -> list[str]:
    """What the whole document does, tool by tool, in one sentence for each action it uses."""
    texts = {
        Action.ALLOW: "{n} may be called freely: {names}",
        Action.LIMIT: "{n} may be called {rate}: {names}",
        Action.APPROVE: "{n} would better wait for a person, which a version 1 policy rounds to a refusal: {names}",
        Action.HIDE: "{n} will not be seen at all: {names}",
        Action.DENY: "{n} will be refused because nobody is sure about them yet: {names}",
    }
    said = []
    for action, text in texts.items():
        tools = [facts for facts in server.tools if facts.recommendation.action is action]
        if tools:
            shown = listed_briefly([facts.code for facts in tools], 5)
            rate = allowed_rate(tools)
            said.append(sentence(text.format(n=counted(len(tools), "tool"), names=shown, rate=rate)))
    return said


def allowed_rate(tools: Iterable[ToolFacts]) -> str:
    """How often the recommended limits let these tools be called, in words."""
    return times_a_minute(limit.max_calls for facts in tools for limit in facts.recommendation.limits)


def enforced(facts: ToolFacts) -> str:
    """What the exported version-1 document makes of a tool: `is refused`, `may be called freely`."""
    action = facts.recommendation.action if can_be_named(facts.name) else Action.DENY
    return ENFORCED[action].format(rate=allowed_rate([facts]))


def export_command(server: str) -> str:
    """The command that prints the whole server's policy; with `-o policy.json` it writes the file."""
    return one_line(f"catalog policy export {shlex.quote(server)}", 200)
