"""The questions people ask about a tool and about a server, answered from the record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from catalog.site.control import can_be_named, enforced
from catalog.site.enforce import CLIENT_CONFIG, export_line, gateway_line
from catalog.site.language import code, counted, listed, listed_briefly, number, sentence
from catalog.site.prose_why import percent
from catalog.site.rows import origin
from catalog.site.words import CATEGORY_GIST, LEVEL_GIST, LEVEL_ORDINAL
from catalog.visible import one_line
from classifier.types import Action, Category, Level

if TYPE_CHECKING:
    from collections.abc import Mapping

    from catalog.records import ServerEntry
    from catalog.site.facts import ServerFacts, ToolFacts

_DEFAULT_RATE: Final = 60  # calls a minute, for a tool that needs no limit and is given one all the same
_CAUTIOUS_RATE: Final = 1  # calls an hour, for a tool that should rather not be called at all
_FATE: Final = {
    Action.LIMIT: "limited",
    Action.HIDE: "hidden",
    Action.APPROVE: "refused",
    Action.DENY: "refused",
}
_INSTEAD: Final = {
    Action.HIDE: "hides it from the agent",
    Action.APPROVE: "has a person look at each call",
}
_ORIGIN: Final = {
    "Package": "published as the package",
    "Address": "reached at the address",
    "Command": "started by the command",
}
# What a stray call means where the level's own gist would say too much or too little of the category.
_STRAY: Final = {
    (Category.DESTRUCTIVE, Level.MEDIUM): "a stray call ends something, but little hangs on it",
    (Category.FINANCIAL, Level.MEDIUM): "a stray call concerns money, but does little by itself",
    (Category.FINANCIAL, Level.HIGH): "a stray call can cost money, or change what will be paid",
    (
        Category.READ,
        Level.MEDIUM,
    ): "a stray call changes nothing, but may bring in what the agent should not see or obey",
    (
        Category.READ,
        Level.HIGH,
    ): "a stray call changes nothing, but what it brings back can do harm in other hands",
    (Category.READ, Level.CRITICAL): "a stray call changes nothing, but what it brings back opens every door",
    (Category.WRITE, Level.CRITICAL): "a stray call changes more than anybody can put back in time",
    (Category.EXECUTE, Level.CRITICAL): "a stray call can start more than anybody can stop in time",
    (Category.DESTRUCTIVE, Level.CRITICAL): "a stray call cannot be undone",
    (Category.FINANCIAL, Level.CRITICAL): "a stray call costs money",
}
_QUOTED: Final = 120  # characters of evidence inside an answer


@dataclass(frozen=True, slots=True)
class Question:
    """A question, the sentences that answer it, and a policy document where the answer is one."""

    asked: str
    answer: str
    policy: Mapping[str, Any] | None = None


def tool_questions(facts: ToolFacts, server: ServerFacts, entry: ServerEntry) -> tuple[Question, ...]:
    """The six questions of a tool page."""
    return (
        Question(f"What does {facts.code} do?", _does(facts)),
        Question(f"How do I enforce a policy on {facts.code}?", _enforce(facts, entry)),
        Question(f"What risk level is {facts.code}?", _level(facts, server)),
        _limit_question(facts),
        _block_question(facts),
        Question(f"Which server provides {facts.code}?", _provider(server, entry)),
    )


def _limit_question(facts: ToolFacts) -> Question:
    asked = f"Can I rate-limit {facts.code}?"
    if can_be_named(facts.name):
        return Question(asked, _may_limit(facts), rate_limit_policy(facts))
    return Question(asked, "No: its name is one that a policy cannot single out.")


def _block_question(facts: ToolFacts) -> Question:
    asked = f"How do I block {facts.code} completely?"
    if can_be_named(facts.name):
        return Question(asked, _block(facts), block_policy(facts.name))
    return Question(
        asked,
        "Leave it out of a policy whose default is deny: what is not listed is refused.",
        {"version": "1", "default": "deny"},
    )


def rate_limit_policy(facts: ToolFacts) -> dict[str, Any]:
    """A version-1 document that lets this tool through, so many times, and nothing else."""
    window, most = _rate(facts)
    limit = {"counter": f"{facts.name}_rate", "window": window, "max": most, "scope": "grant"}
    return {"version": "1", "default": "deny", "tools": {facts.name: {"limits": [limit]}}}


def block_policy(tool: str) -> dict[str, Any]:
    """A version-1 document under which this tool does not exist for the agent."""
    return {"version": "1", "default": "deny", "hide": [tool]}


def _rate(facts: ToolFacts) -> tuple[str, int]:
    if facts.recommendation.limits:
        limit = facts.recommendation.limits[0]
        return limit.window, limit.max_calls
    return (
        ("minute", _DEFAULT_RATE) if facts.recommendation.action is Action.ALLOW else ("hour", _CAUTIOUS_RATE)
    )


def _does(facts: ToolFacts) -> str:
    evidence = facts.label.evidence[0]
    where = "name" if evidence.field == "name" else "definition"
    quoted = one_line(evidence.excerpt, _QUOTED)
    gist = CATEGORY_GIST[facts.category]
    if facts.category is Category.UNKNOWN:
        return sentence(f"What it does {gist}, so we class it as {facts.category.value}")
    act = f"It is there to {facts.verb} {facts.object}" if facts.verb and facts.object else ""
    classed = f"{act}, which makes it {facts.category.value}" if act else f"It is {facts.category.value}"
    return f"{classed}: a tool that {gist}. " + sentence(
        f"That rests {'above all ' if len(facts.label.evidence) > 1 else ''}on these words of its {where}: “{quoted}”"
    )


def _enforce(facts: ToolFacts, entry: ServerEntry) -> str:
    """Three sentences: what a rule needs, what the recommended rules do, how to change them."""
    check = code("catalog policy check policy.json")
    return (
        f"A rule counts only where something enforces it: write the rules of the whole server to a file with "
        f"{code(export_line(entry.name), 200)}, and start the server behind the gateway with {code(gateway_line(entry), 200)}. "
        + sentence(f"Under the recommended rules {facts.code} {enforced(facts)}")
        + f" Change in the file what you see differently; {check} looks it over."
    )


def _level(facts: ToolFacts, server: ServerFacts) -> str:
    stray = _STRAY.get((facts.category, facts.level), LEVEL_GIST[facts.level])
    return f"{facts.level.value}, {LEVEL_ORDINAL[facts.level]}: {stray}. " + sentence(_company(facts, server))


def _company(facts: ToolFacts, server: ServerFacts) -> str:
    """Where the other tools of the server stand; Unknown is outside the levels, so nothing is above by it."""
    others = len(server.tools) - 1
    if not others:
        return f"It is the only tool that {server.code} has"
    equal = server.levels[facts.level] - 1
    if others == 1:
        other = facts.level if equal else next(level for level in server.levels if level is not facts.level)
        return f"The only other tool of {server.code} is {other.value}"
    ranks = range(facts.level.rank + 1, Level.CRITICAL.rank + 1)
    above = sum(count for level, count in server.levels.items() if level.rank in ranks)
    company = (
        f"{counted(equal, 'other tool')} of {server.code} {_stand(equal)} at this level"
        if equal
        else f"None of the other tools of {server.code} stands at this level"
    )
    return f"{company}; {number(above)} {_stand(above)} above it" if above else company


def _stand(count: int) -> str:
    return "stands" if count == 1 else "stand"


def _may_limit(facts: ToolFacts) -> str:
    window, most = _rate(facts)
    rate = f"{counted(most, 'call')} {'an' if window == 'hour' else 'a'} {window}"
    action = facts.recommendation.action
    if action is Action.ALLOW:
        return sentence(f"Yes, though it hardly needs it; this document stops it after {rate}")
    if facts.recommendation.limits and action is Action.LIMIT:
        return sentence(
            f"Yes, and that is what we recommend: {rate} is the rule above, written out here by itself"
        )
    instead = _INSTEAD.get(action, "refuses every call")
    until = " until a person has looked at it" if facts.label.needs_review else ""
    return (
        f"We advise against it: what we recommend {instead}{until}, and a limit would let some calls through all the same. "
        f"If you have read the definition and decide otherwise, this document holds it to {rate}."
    )


def _block(facts: ToolFacts) -> str:
    if facts.recommendation.action is Action.HIDE:
        return "Just as recommended: with its name under “hide”, it is left out of every list, and a call by name is refused."
    return "Put its name under “hide”; the agent then never learns that it exists, and a call by name is refused."


def _provider(server: ServerFacts, entry: ServerEntry) -> str:
    version = f" (version {one_line(entry.package_version, 40)})" if entry.package_version else ""
    how = _ORIGIN[origin(entry.package or "")]
    package = f", {how} {code(entry.package)}{version}," if entry.package else ""
    others = len(server.tools) - 1
    beside = f"beside {counted(others, 'other tool')}" if others else "and offers nothing else"
    return sentence(f"{server.code}{package} provides it {beside}")


def server_questions(server: ServerFacts, entry: ServerEntry, letter: str) -> tuple[Question, ...]:
    """Five questions of a server page."""
    return (
        Question(f"Which tools of {server.code} need care first?", _first(server)),
        Question(f"What may an agent call freely on {server.code}?", _free(server)),
        Question(f"How do I put {server.code} behind a policy?", _behind(entry)),
        Question(f"What does grade {letter} mean?", _grade(letter, server)),
        Question(f"How far can these labels of {server.code} be trusted?", _trust(server)),
    )


def _first(server: ServerFacts) -> str:
    worst = [facts for facts in server.tools if facts.level in (Level.CRITICAL, Level.UNKNOWN)]
    high = [facts for facts in server.tools if facts.level is Level.HIGH]
    if not worst and not high:
        return sentence("None stands out: nothing here is High or Critical")
    chosen = worst or high
    names = listed([facts.code for facts in chosen[:4]])
    left = len(chosen) - 4
    more = f", and {number(left)} further {'one' if left == 1 else 'ones'} like them" if left > 0 else ""
    return sentence(f"{names}{more}: {chosen[0].level.value} means that {LEVEL_GIST[chosen[0].level]}")


def _free(server: ServerFacts) -> str:
    free = [facts.code for facts in server.tools if facts.recommendation.action is Action.ALLOW]
    if not free:
        actions = {facts.recommendation.action for facts in server.tools}
        fates = dict.fromkeys(word for action, word in _FATE.items() if action in actions)
        return sentence(
            f"Nothing: under the recommended policy {'each of its tools' if len(server.tools) > 1 else 'its only tool'} is {listed(list(fates), 'or')}"
        )
    names = listed_briefly(free, 6)
    return sentence(
        f"{names}: {'it only looks' if len(free) == 1 else 'they only look'}, and nothing is different afterwards"
    )


def _behind(entry: ServerEntry) -> str:
    """The gateway's own line, and what to do with a client's config."""
    return (
        f"With its policy in a file, {code(gateway_line(entry), 200)} starts it so that every call is judged first. "
        f"{code(f'catalog gateway wrap {CLIENT_CONFIG}')} does the same for each server in a client's config, and keeps a backup."
    )


def _grade(letter: str, server: ServerFacts) -> str:
    reads = all(facts.category is Category.READ for facts in server.tools)
    meaning = {
        "A": "nothing the server offers changes anything"
        if reads
        else "what can be changed through it weighs little",
        "B": "an agent changes nothing here, but may meet what it should not see or obey"
        if reads
        else "an agent can change things here, but hardly harm anybody",
        "C": "some of what is offered here deserves a person's eye",
        "D": "an agent can do damage here in more than one way",
        "E": "several tools here can each do lasting damage",
        "F": "the server hands an agent a great deal of power",
    }[letter]
    return sentence(
        f"That {meaning}. It measures reach, not quality: a careful server that deletes things still reaches far"
    )


def _trust(server: ServerFacts) -> str:
    labels = [facts.label for facts in server.tools]
    doubtful = sum(1 for label in labels if label.needs_review)
    mean = percent(sum(label.confidence for label in labels) / len(labels))
    if len(labels) == 1:
        asked = ", and a person should look at it" if doubtful else ""
        return f"There is one, and its confidence is {mean}{asked}. It judges what the definition said at the last look, and nothing else."
    asked = (
        f"; {number(doubtful)} of {number(len(labels))} should be looked at by a person" if doubtful else ""
    )
    return f"Their mean confidence is {mean}{asked}. They judge what the definitions say, as they stood at the last look, and nothing else."
