"""The visual policy builder: its page, and for each server a script with the tools that it can set rules for.

`tools/<server>/builder.js` calls `policyBuilder.server(text)` with JSON in a text: a literal would let a name
such as `__proto__` act. The rules it holds are those that `catalog policy export --policy-version 2` writes, in
each profile, so that page and command line can never disagree.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from catalog.policy.document import is_sayable
from catalog.policy.document_2 import document_2
from catalog.policy.recommend import Profile
from catalog.site.language import listed
from catalog.site.made import File, Page
from catalog.site.schema_outline import outline
from catalog.site.views import PageView
from catalog.visible import one_line
from classifier.types import Action

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from catalog.policy.document import PolicyDocument
    from catalog.site.facts import ServerFacts, ToolFacts
    from catalog.site.made import Made, Surroundings, Whole

HIDDEN: Final = "hide"  # what stands in place of a rule for a tool that is hidden
_NAME_WIDTH: Final = 120
_TITLE_WIDTH: Final = 120


def builder_page(whole: Whole) -> Iterator[Page]:
    """The one page, which loads what it needs of the server that is chosen."""
    del whole
    text = f"Set each tool to {listed(('allow', 'deny', 'hide', 'approve'), 'or')}, limit it, and take the policy.json away"
    yield Page("builder.html", "builder", PageView("Policy builder", text, "", section="builder"))


def builder_files(around: Surroundings) -> Iterator[Made]:
    """The tools of one server, with what each profile does about them."""
    text = json.dumps(server_data(around.server), separators=(",", ":"))
    literal = text.replace("\\", "\\\\").replace("'", "\\'")
    yield File(f"{around.home}/builder.js", f"policyBuilder.server('{literal}');\n")


def server_data(server: ServerFacts) -> dict[str, Any]:
    """What the builder knows of a server: `{name, tools: [...]}`, riskiest tool first.

    Where one name stands twice, the first definition gives schema and label; the rule is the strictest, as
    in every export.
    """
    pairs = [(facts.definition, facts.label) for facts in server.tools]
    made = {profile: document_2(pairs, profile) for profile in Profile}
    tools = {facts.name: facts for facts in reversed(server.tools)}
    ordered = dict.fromkeys(facts.name for facts in server.tools)
    return {
        "name": one_line(server.name, _NAME_WIDTH),
        "tools": [_tool(tools[name], made) for name in ordered],
    }


def _tool(facts: ToolFacts, made: Mapping[Profile, PolicyDocument]) -> dict[str, Any]:
    label = facts.label
    row = {
        "name": facts.name,
        "shown": one_line(facts.name, _NAME_WIDTH),
        "title": one_line(facts.definition.title or "", _TITLE_WIDTH),
        "page": facts.slug,
        "level": label.risk.value,
        "category": label.category.value,
        "doubtful": label.needs_review,
        "fingerprint": facts.definition.fingerprint,
        "schema": outline(facts.definition.input_schema),
        "rules": _rules(facts.name, made),
    }
    return {key: value for key, value in row.items() if value or key not in ("title", "doubtful", "schema")}


def _rules(name: str, made: Mapping[Profile, PolicyDocument]) -> dict[str, Any]:
    """The rule in each profile, leaving out profiles that do as `recommended` does; {} for a name no policy can hold."""
    if not is_sayable(name):
        return {}
    found = {profile: _setting(name, document) for profile, document in made.items()}
    usual = found[Profile.RECOMMENDED]
    return {
        profile.value: rule
        for profile, rule in found.items()
        if profile is Profile.RECOMMENDED or rule != usual
    }


def _setting(name: str, document: PolicyDocument) -> Any:
    hidden = document.recommendations[name].action is Action.HIDE
    return HIDDEN if hidden else document.body["tools"][name]
