"""From recommendations to a version-1 policy document, with a remark for each thing it cannot say.

What version 1 lacks is rounded to the stricter side: `approve` becomes a refusal of every call with
the reason. Tool names are a server's own text, so the ones that a policy would read as something
else (`*`) are left out, which denies them.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from catalog.errors import PolicyError
from catalog.policy.recommend import Profile, recommend
from catalog.visible import one_line
from classifier.types import Action

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from classifier.types import Classification, RateLimit, Recommendation, ToolDefinition

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
    """A version-1 document, the recommendation it gives each tool, by name, and what it rounded."""

    recommendations: Mapping[str, Recommendation]
    roundings: tuple[Rounding, ...]

    def as_json(self) -> dict[str, Any]:
        """The document: `version`, `default`, then `hide` and `tools` where they are not empty."""
        sayable = {name: it for name, it in self.recommendations.items() if not _UNSAYABLE.search(name)}
        hide = [name for name, it in sayable.items() if it.action is Action.HIDE]
        tools = {
            name: _rule(it) for name, it in sayable.items() if it.action not in (Action.HIDE, Action.DENY)
        }
        whole = {"version": VERSION, "default": "deny", "hide": hide, "tools": tools}
        return {key: value for key, value in whole.items() if value}

    def summary(self) -> str:
        """`12 tools: 9 allowed, 2 limited, 1 hidden`."""
        counts = Counter(recommendation.action for recommendation in self.recommendations.values())
        parts = [f"{counts[action]} {_SUMMARY[action]}" for action in Action if counts[action]]
        total = len(self.recommendations)
        return f"{total} {'tool' if total == 1 else 'tools'}: {', '.join(parts) or 'all denied'}"


def document(
    tools: Sequence[tuple[ToolDefinition, Classification]], profile: Profile = Profile.RECOMMENDED
) -> PolicyDocument:
    """The recommended policy for these tools: for one tool, a server, or several servers together.

    Tools are ordered by name. Where one server lists a name twice, the strictest recommendation wins.

    Raises:
        PolicyError: two servers have a tool of the same name, which one document cannot tell apart.

    """
    _refuse_collisions([definition for definition, _ in tools])
    found: dict[str, list[Recommendation]] = {}
    for definition, classification in tools:
        found.setdefault(definition.name, []).append(recommend(classification, definition.name, profile))
    chosen = {name: max(found[name], key=_strictness) for name in sorted(found)}
    roundings = (rounding for name in chosen for rounding in _roundings(name, chosen[name], found[name]))
    return PolicyDocument(chosen, tuple(roundings))


def render(made: PolicyDocument) -> str:
    """The text of a policy.json: ASCII, so that look-alike and invisible characters show as escapes."""
    return json.dumps(made.as_json(), indent=2, ensure_ascii=True) + "\n"


def _rule(recommendation: Recommendation) -> dict[str, Any]:
    if recommendation.action is Action.APPROVE:
        reason = f"{recommendation.reason} This policy cannot ask a person, so every call is denied."
        return {"deny_if": [{"conditions": [], "on_deny": reason}]}
    if not recommendation.limits:
        return {}
    return {"limits": [_limit(limit) for limit in recommendation.limits]}


def _limit(limit: RateLimit) -> dict[str, Any]:
    return {"counter": limit.counter, "window": limit.window, "max": limit.max_calls, "scope": "grant"}


def _strictness(recommendation: Recommendation) -> tuple[int, int, str]:
    """The reason only breaks ties, so that the order of a server's list changes nothing."""
    calls = min((limit.max_calls for limit in recommendation.limits), default=1 << 62)
    return _STRICTNESS.index(recommendation.action), -calls, recommendation.reason


def _roundings(name: str, chosen: Recommendation, candidates: Sequence[Recommendation]) -> list[Rounding]:
    action, reason = chosen.action, chosen.reason
    made = [
        Rounding(
            name, other.action, action.value, "the server lists this name more than once; the strictest holds"
        )
        for other in candidates
        if other.action is not action
    ]
    if _UNSAYABLE.search(name):
        why = "a policy cannot hold this name as it is (`*` stands for every tool)"
        made.append(Rounding(name, action, NOT_LISTED, f"{why}: {NOT_LISTED}"))
    elif action is Action.APPROVE:
        became = "every call denied, with the reason"
        made.append(Rounding(name, action, became, f"{reason} Version 1 cannot ask a person: {became}."))
    elif action is Action.DENY:
        made.append(Rounding(name, action, NOT_LISTED, f"{reason} In version 1 that means: {NOT_LISTED}."))
    return made


def _refuse_collisions(definitions: Sequence[ToolDefinition]) -> None:
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
