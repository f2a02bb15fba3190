"""What a tool does, in sentences composed from its act, object, effects, modifiers and parameters."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from catalog.site.language import code, is_mass, is_plural, listed, listed_briefly, number, sentence
from classifier.types import Category

if TYPE_CHECKING:
    from catalog.site.facts import ToolFacts

_MESSAGING: Final = "contacts-outside"  # the rule that sees a message leave
_MESSAGE: Final = "a message leaves for somebody outside, and no later call fetches it back"
_ON_THE_SCREEN: Final = "it acts on whatever the session shows at that moment"
# (category, family of the verb) -> what is different afterwards. `{the}` is the object with its
# article, `{is}` agrees with it. A family that is missing takes the category's "" entry.
_AFTERWARDS: Final[dict[tuple[Category, str], str]] = {
    (Category.READ, "look"): "it looks and reports; nothing is different afterwards",
    (Category.READ, "compute"): "it works on what it is handed and touches nothing else",
    (Category.READ, "run"): "something runs to find the answer, and nothing is left changed by it",
    (Category.READ, "generate"): "the answer is made for this call and nothing else is touched",
    (Category.READ, ""): "outside the call, everything stays as it was",
    (Category.WRITE, "create"): "each call leaves something behind that was not there before",
    (Category.WRITE, "update"): "afterwards {the} {is} no longer as before",
    (Category.WRITE, "store"): "what the agent hands over is kept, for others to find",
    (Category.WRITE, "publish"): "others can read what the agent wrote",
    (Category.WRITE, "grant"): "somebody can afterwards reach what was closed to them",
    (Category.WRITE, "ease"): "{the} {is} put aside rather than destroyed",
    (Category.WRITE, "remove"): "a link or an entry goes; it can be made again with the same data",
    (Category.WRITE, "delete"): "a small or recoverable thing goes",
    (Category.WRITE, "generate"): "what it makes is kept, and can be done away with",
    (Category.WRITE, "signin"): "a login or a key is kept for later calls",
    (Category.WRITE, ""): "a record is changed, in a way that can be changed back",
    (Category.EXECUTE, "run"): "what follows depends on what is started, not on the call itself",
    (Category.EXECUTE, "stop"): "something that was running stands still until it is started again",
    (Category.EXECUTE, "drive"): _ON_THE_SCREEN,
    (Category.EXECUTE, "contact"): "what is sent takes effect where it arrives, and cannot be fetched back",
    (Category.EXECUTE, "publish"): "what goes out is read outside, and copies stay even if it is taken down",
    (Category.EXECUTE, "generate"): "an outside service does the work and sees what the agent sends",
    (Category.EXECUTE, "create"): "what is created starts to run, and goes on after the call",
    (Category.EXECUTE, ""): "the effect lies in what follows, more than in the call itself",
    (Category.DESTRUCTIVE, "cancel"): "whatever {the} had done so far is lost",
    (Category.DESTRUCTIVE, "stop"): "whatever {the} had done so far is lost",
    (Category.DESTRUCTIVE, "delete"): "{the} {is} gone when the call returns",
    (Category.DESTRUCTIVE, "remove"): "{the} {is} no longer there when the call returns",
    (Category.DESTRUCTIVE, "reset"): "what stood there before is replaced",
    (Category.DESTRUCTIVE, "transfer"): "control passes to somebody else",
    (Category.DESTRUCTIVE, "update"): "what was there before is among the things a call can remove",
    (Category.DESTRUCTIVE, "manage"): "removing is among the things a call can do",
    (Category.DESTRUCTIVE, ""): "what it ends or removes does not come back by itself",
    (Category.FINANCIAL, "pay"): "money moves, or somebody is bound to pay it",
    (Category.FINANCIAL, "cancel"): "what was agreed no longer holds, nor what was to be paid for it",
    (Category.FINANCIAL, "create"): "{the} {bind} somebody to pay, now or later",
    (Category.FINANCIAL, "update"): "the terms on which money will move are other than before",
    (Category.FINANCIAL, ""): "money, or a claim to it, changes hands",
    (Category.UNKNOWN, ""): "what is different afterwards cannot be told from here",
}
# The same for single verbs that leave something else behind than their family does.
_AFTER_VERB: dict[tuple[Category, str], str] = {
    **dict.fromkeys(
        [(Category.WRITE, "move"), (Category.WRITE, "rename")],
        "afterwards {the} {is} found in another place or under another name",
    ),
    **dict.fromkeys(
        [(Category.WRITE, "merge"), (Category.WRITE, "join"), (Category.WRITE, "combine")],
        "what was apart is afterwards one, and parting it again is work of its own",
    ),
    **dict.fromkeys(
        [(Category.WRITE, verb) for verb in ("tag", "label", "mark", "flag", "star", "pin", "bookmark")],
        "a mark stays behind, which can be taken off again",
    ),
    **dict.fromkeys(
        [
            (Category.WRITE, verb)
            for verb in ("enable", "activate", "unlock", "switch", "toggle", "configure")
        ],
        "afterwards things work in another way than before, until it is put back",
    ),
    **dict.fromkeys(
        [(Category.DESTRUCTIVE, verb) for verb in ("clear", "empty", "wipe")],
        "{the} {cleared} when the call returns",
    ),
    (Category.EXECUTE, "fill"): _ON_THE_SCREEN,
}
_AFTER_VERB |= {
    (Category.WRITE, verb): text
    for verbs, text in (
        (
            "unlink unassign untag unstar unfollow unlike unpin unsubscribe detach disassociate dissociate unshare unlabel leave",
            "a tie is loosened, and can be made again",
        ),
        ("unarchive unmute unblock unhide undo unresolve unprotect reopen", "an earlier step is taken back"),
        (
            "disable deactivate suspend block ban kick mute",
            "{the} {is} shut off until somebody turns that round",
        ),
        ("logout signout disconnect", "a login ends, and has to be made again"),
    )
    for verb in verbs.split()
}
_OVERWRITING: Final = {
    "create": "each call leaves something behind, or puts it in the place of what was there",
    "store": "what the agent hands over is kept, in the place of what was there",
}  # family of a Write verb -> what is said where the definition speaks of overwriting
_ON_SCREEN: Final = re.compile(
    r"\b(?:browsers?|(?:web ?)?pages?|tabs?|windows?|screens?|viewports?|dialogs?|elements?|buttons?|links?|"
    r"forms?|cursors?|mouse|keyboards?|sessions?|devices?|emulators?|desktops?|app)\b",
    re.IGNORECASE,
)
# What can be said when no verb can be used.
_WITHOUT_VERB: Final = {
    Category.READ: "{tool} gives an agent an answer from {server}",
    Category.WRITE: "{tool} lets an agent change something through {server}",
    Category.EXECUTE: "{tool} lets an agent set something in motion through {server}",
    Category.DESTRUCTIVE: "{tool} lets an agent remove or end something through {server}",
    Category.FINANCIAL: "{tool} lets an agent move money through {server}",
    Category.UNKNOWN: "what {tool} does on {server} is not stated",
}
# Modifiers that widen the reach of a call beyond its act.
_REACH: Final = {
    "secrets_out": "The answer may hold credentials, which then stand in the agent's context",
    "ssrf": "The agent picks the address it goes to, so the answer may be any stranger's text",
    "host_files": "It takes a path on the machine where the server runs",
    "host_shell": "It has the rights of the process it runs in, on the machine where the server runs",
    "bulk": "It is made for many records at a time",
    "shared_infra": "What it works on is shared with others",
    "comms": "People read what it sends",
    "recurring": "What it sets up happens again and again without a further call",
    "sandboxed": "It works inside a sandbox",
    "simulated": "It only pretends: nothing real is behind it",
    "own_session": "Its reach ends with the agent's own session",
    "dry_run_default": "Unless told otherwise it only shows what would happen",
    "draft": "What it makes is a draft until another step commits it",
}


def what_it_does(facts: ToolFacts, server: str) -> list[str]:
    """One to six sentences: act, effect, reach, further effects, arguments, answer."""
    return [
        sentence(text)
        for text in (
            _act(facts, server),
            _afterwards(facts),
            *(_REACH[name] for name in _REACH if name in facts.modifiers and not _is_said(name, facts)),
            _further_effects(facts),
            _arguments(facts),
            _answer(facts),
        )
        if text
    ]


def _is_said(modifier: str, facts: ToolFacts) -> bool:
    """Whether what the act leaves behind says it already."""
    return modifier == "comms" and facts.act.family in ("contact", "publish")


def _act(facts: ToolFacts, server: str) -> str:
    if not facts.verb:
        return _WITHOUT_VERB[facts.category].format(tool=facts.code, server=server)
    if not facts.object:
        doing = f"{facts.verb} something" if facts.category is not Category.READ else ""
        return (
            f"{facts.code} lets an agent {doing} through {server}"
            if doing
            else _WITHOUT_VERB[Category.READ].format(tool=facts.code, server=server)
        )
    return f"{facts.code} lets an agent {facts.verb} {facts.object} through {server}"


def _afterwards(facts: ToolFacts) -> str:
    """What the call leaves behind. A family alone is not trusted where the label rests on several acts."""
    family = facts.act.family if (facts.category, facts.act.family) in _AFTERWARDS else ""
    if family == "drive" and not _shows_something(facts):
        family = ""
    if facts.category is Category.EXECUTE and not family and "own_session" in facts.modifiers:
        return ""  # that nothing outside the session is reached is said, and is all there is to say
    text = _AFTER_VERB.get((facts.category, facts.act.verb), _AFTERWARDS[facts.category, family])
    if family == "contact" and _reaches_people(facts):
        text = _MESSAGE
    if facts.category is Category.WRITE and "overwrites" in facts.modifiers:
        text = _OVERWRITING.get(family, text)
    return text.format(
        the=_definite(facts.noun),
        **{
            "is": _agree(facts.noun, "is", "are"),
            "bind": _agree(facts.noun, "binds", "bind"),
            "cleared": _agree(facts.noun, "is empty", "are gone"),
        },
    )


def _reaches_people(facts: ToolFacts) -> bool:
    """Whether what is sent is a message: input to a program is sent as well."""
    return "comms" in facts.modifiers or any(hit.rule == _MESSAGING for hit in facts.label.rule_hits)


def _shows_something(facts: ToolFacts) -> bool:
    """Whether the definition speaks of a page, a window or a device: "refresh" alone drives nothing."""
    definition = facts.definition
    texts = (definition.name.replace("_", " "), definition.title, definition.description)
    return any(_ON_SCREEN.search(text) for text in texts if text)


def _definite(noun: str) -> str:
    return f"the {noun}" if noun else "what it is pointed at"


def _agree(noun: str, singular: str, plural: str) -> str:
    return plural if is_plural(noun) and not is_mass(noun) else singular


def _further_effects(facts: ToolFacts) -> str:
    others = [effect.value for effect in facts.label.effects if effect is not facts.category]
    if not others:
        return ""
    return f"Besides {facts.category.value}, the definition states {listed(others)}, so one name covers {number(len(others) + 1)} kinds of call"


def _arguments(facts: ToolFacts) -> str:
    if facts.definition.input_schema is None:
        return "The source publishes no parameters for it"
    required = [code(parameter.name) for parameter in facts.required]
    optional = [code(parameter.name) for parameter in facts.parameters if not parameter.required]
    if not facts.parameters:
        return "It takes no arguments"
    if not required:
        return f"Nothing has to be given; {listed_briefly(optional)} {'is' if len(optional) == 1 else 'are'} optional"
    tail = f", and may add {listed_briefly(optional)}" if optional else ""
    return f"The agent supplies {listed_briefly(required, 4)}{tail}"


def _answer(facts: ToolFacts) -> str:
    schema = facts.definition.output_schema or {}
    properties = schema.get("properties")
    if not isinstance(properties, Mapping) or not properties:
        return ""
    return f"Its answer is declared to hold {listed_briefly([code(name) for name in properties])}"
