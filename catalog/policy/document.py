"""From recommendations to a version-1 policy document, with a remark for each thing it cannot say.

What version 1 lacks is rounded to the stricter side: `approve` becomes a refusal of every call with
the reason. Tool names are a server's own text, so the ones that a policy would read as something
else (`*`) are left out, which denies them.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass, field
from json.encoder import encode_basestring_ascii as _text
from typing import TYPE_CHECKING, Any, Final

from catalog.errors import PolicyError
from catalog.policy.recommend import Profile, recommend
from catalog.visible import one_line
from classifier.types import Action

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from classifier.types import Classification, RateLimit, Recommendation, ToolDefinition

    Tool = tuple[ToolDefinition, Classification]

VERSION: Final = "1"
NOT_LISTED: Final = "not listed, so denied by default"

# In a version-1 document `hide` binds more firmly than "not listed", which is how it says `deny`.
_STRICTNESS: Final = (Action.ALLOW, Action.LIMIT, Action.APPROVE, Action.DENY, Action.HIDE)
_UNSAYABLE: Final = re.compile("[*\ud800-\udfff]")
_SUMMARY: Final = {
    Action.ALLOW: "allowed",
    Action.LIMIT: "limited",
    Action.APPROVE: "denied until a person can be asked",
    Action.HIDE: "hidden",
    Action.DENY: "denied",
}


@dataclass(frozen=True, slots=True)
class Rounding:
    """What a tool should get, what the document makes of it, and why; never laxer."""

    tool: str
    wanted: Action
    became: str
    why: str


@dataclass(frozen=True, slots=True)
class PolicyDocument:
    """A document, the recommendation it gives each tool, by name, and what it rounded."""

    recommendations: Mapping[str, Recommendation]
    roundings: tuple[Rounding, ...]
    body: Mapping[str, Any]
    words: Mapping[Action, str] = field(default_factory=lambda: _SUMMARY)

    def as_json(self) -> dict[str, Any]:
        """The document: `version`, `default`, then what is not empty of the rest."""
        return {key: value for key, value in self.body.items() if value}

    def summary(self) -> str:
        """`12 tools: 9 allowed, 2 limited, 1 hidden`."""
        counts = Counter(recommendation.action for recommendation in self.recommendations.values())
        parts = [f"{counts[action]} {self.words[action]}" for action in Action if counts[action]]
        total = len(self.recommendations)
        return f"{total} {'tool' if total == 1 else 'tools'}: {', '.join(parts) or 'all denied'}"


@dataclass(frozen=True, slots=True)
class Choice:
    """One name, what to do about it, and everything that the server lists under it."""

    name: str
    recommendation: Recommendation
    candidates: tuple[Recommendation, ...]
    tools: tuple[tuple[ToolDefinition, Classification], ...]


def document(tools: Sequence[Tool], profile: Profile = Profile.RECOMMENDED) -> PolicyDocument:
    """The recommended version-1 policy for these tools: for one tool, a server, or several together.

    Tools are ordered by name. Where one server lists a name twice, the strictest recommendation wins.

    Raises:
        PolicyError: two servers have a tool of the same name, which one document cannot tell apart.

    """
    choices = choose(tools, profile)
    roundings = tuple(rounding for choice in choices for rounding in _roundings(choice))
    chosen = {choice.name: choice.recommendation for choice in choices}
    sayable = {name: it for name, it in chosen.items() if is_sayable(name)}
    body = {
        "version": VERSION,
        "default": "deny",
        "hide": [name for name, it in sayable.items() if it.action is Action.HIDE],
        "tools": {
            name: _rule(it) for name, it in sayable.items() if it.action not in (Action.HIDE, Action.DENY)
        },
    }
    return PolicyDocument(chosen, roundings, body)


def choose(tools: Sequence[Tool], profile: Profile) -> tuple[Choice, ...]:
    """The recommendation for each name, in the order of the names.

    Raises:
        PolicyError: two servers have a tool of the same name.

    """
    _refuse_collisions([definition for definition, _ in tools])
    found: dict[str, list[Tool]] = {}
    for tool in tools:
        found.setdefault(tool[0].name, []).append(tool)
    choices = []
    for name in sorted(found):
        candidates = tuple(recommend(label, name, profile) for _, label in found[name])
        strictest = max(candidates, key=_strictness) if len(candidates) > 1 else candidates[0]
        choices.append(Choice(name, strictest, candidates, tuple(found[name])))
    return tuple(choices)


def is_sayable(name: str) -> bool:
    """Whether a policy can hold this name: `*` stands for other names, a lone surrogate is no text."""
    return not _UNSAYABLE.search(name)


def render(made: PolicyDocument) -> str:
    """The text of a policy.json: ASCII, so that look-alike and invisible characters show as escapes."""
    return pretty(made.as_json()) + "\n"


def pretty(value: object, margin: str = "\n") -> str:
    """`json.dumps(value, indent=2)`, which is written in Python and takes three times as long."""
    inner = margin + "  "
    if isinstance(value, dict) and value:
        members = [f"{_text(key)}: {pretty(child, inner)}" for key, child in value.items()]
        return "{" + inner + f",{inner}".join(members) + margin + "}"
    if isinstance(value, list | tuple) and value:
        return "[" + inner + f",{inner}".join([pretty(child, inner) for child in value]) + margin + "]"
    if isinstance(value, str):
        return _text(value)
    return repr(value) if type(value) is int else json.dumps(value)


def _rule(recommendation: Recommendation) -> dict[str, Any]:
    if recommendation.action is Action.APPROVE:
        reason = f"{recommendation.reason} This policy cannot ask a person, so every call is denied."
        return {"deny_if": [{"conditions": [], "on_deny": reason}]}
    if not recommendation.limits:
        return {}
    return {"limits": [limit_json(limit) for limit in recommendation.limits]}


def limit_json(limit: RateLimit) -> dict[str, Any]:
    """A limit in the words of both grammars."""
    return {"counter": limit.counter, "window": limit.window, "max": limit.max_calls, "scope": "grant"}


def _strictness(recommendation: Recommendation) -> tuple[int, int, str]:
    """The reason only breaks ties, so that the order of a server's list changes nothing."""
    calls = min((limit.max_calls for limit in recommendation.limits), default=1 << 62)
    return _STRICTNESS.index(recommendation.action), -calls, recommendation.reason


def common_roundings(choice: Choice) -> list[Rounding]:
    """What either version rounds: a name that stands twice, and one that cannot be said."""
    action = choice.recommendation.action
    why = "the server lists this name more than once; the strictest holds"
    made = [
        Rounding(choice.name, other.action, action.value, why)
        for other in choice.candidates
        if other.action is not action
    ]
    if not is_sayable(choice.name):
        why = "a policy cannot hold this name as it is (`*` stands for every tool)"
        made.append(Rounding(choice.name, action, NOT_LISTED, f"{why}: {NOT_LISTED}"))
    return made


def _roundings(choice: Choice) -> list[Rounding]:
    name, action, reason = choice.name, choice.recommendation.action, choice.recommendation.reason
    made = common_roundings(choice)
    if is_sayable(name) and action is Action.APPROVE:
        became = "every call denied, with the reason"
        made.append(Rounding(name, action, became, f"{reason} Version 1 cannot ask a person: {became}."))
    elif is_sayable(name) and action is Action.DENY:
        made.append(Rounding(name, action, NOT_LISTED, f"{reason} In version 1 that means: {NOT_LISTED}."))
    return made


def _refuse_collisions(definitions: Sequence[ToolDefinition]) -> None:
    if len({definition.server for definition in definitions}) < 2:
        return
    servers: dict[str, set[str]] = {}
    for definition in definitions:
        servers.setdefault(definition.name, set()).add(definition.server)
    shared = sorted(name for name, owners in servers.items() if len(owners) > 1)
    if shared:
        names = ", ".join(f"{one_line(name, 60)} ({_owners(servers[name])})" for name in shared[:10])
        more = f" and {len(shared) - 10} more" if len(shared) > 10 else ""
        raise PolicyError(
            f"one policy cannot tell tools of the same name apart: {names}{more}",
            hint="export one file per server: catalog policy export SERVER -o SERVER.json",
        )


def _owners(servers: set[str]) -> str:
    return " and ".join(one_line(server, 60) for server in sorted(servers))
