"""The calls of a journal, judged again by another policy: by the same judge, with limits counted anew.

What the journal does not hold is not made up. Where the answer hangs on arguments that were not kept, or on
a definition that is no longer known, the line says so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from catalog.db import windows
from catalog.db.journal import Kind
from catalog.db.ledger import JournalLine, Outcome
from catalog.db.times import to_number
from catalog.db.windows import Slots, Window
from catalog.policy.call import Call
from catalog.policy.compiled import compiled
from catalog.policy.decide import decide, limited
from catalog.policy.decision import Code, Decision, Reservation, Verdict
from catalog.policy.model import Group, Limit, Policy
from classifier.types import ToolDefinition

if TYPE_CHECKING:
    from catalog.db.store import Store

# What is decided before anything looks at the arguments.
_EARLY: Final = {Code.EXPIRED, Code.UNKNOWN_TOOL, Code.HIDDEN, Code.DRIFT, Code.NOT_LISTED, Code.DENIED}
# What is decided once the arguments were held against the tool's schema.
_FITTING: Final = {Code.ALLOWED, Code.APPROVAL, Code.LIMIT, Code.ARGUMENTS}


@dataclass(frozen=True, slots=True)
class Replayed:
    """A call's line, the new answer, and why that cannot be told for certain ("" where it can)."""

    line: JournalLine
    now: Decision
    doubt: str

    @property
    def differs(self) -> bool:
        """Whether the caller would have been answered otherwise."""
        return self.now.verdict is not Verdict(self.line.facts["verdict"])


class Definitions:
    """The catalogue's definitions by fingerprint."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[str, ToolDefinition | None] = {}

    def find(self, fingerprint: str) -> ToolDefinition | None:
        """The definition, where the catalogue has it."""
        if fingerprint not in self._known:
            found = self._store.holding(fingerprint)
            self._known[fingerprint] = found[0].definition if found else None
        return self._known[fingerprint]


def replay_journal(
    lines: Iterable[JournalLine], policy: Policy, definitions: Definitions
) -> Iterator[Replayed]:
    """Each call again, in the journal's order; without those whose grant had ended, which no policy answered."""
    room = _Room()
    for line in lines:
        if line.kind is Kind.OUTCOME:
            room.end(line.facts["call"], Outcome(line.facts["outcome"]))
        elif line.kind is Kind.CALL and not _of_an_ended_grant(line):
            yield _again(line, policy, definitions, room)


def _of_an_ended_grant(line: JournalLine) -> bool:
    return line.facts["code"] == Code.EXPIRED and not line.facts["rule"]


def _again(line: JournalLine, policy: Policy, definitions: Definitions, room: _Room) -> Replayed:
    known = _definition(line, definitions)
    decision = decide(policy if known else _pinned(policy, line), _call(line, known))
    doubt = "" if known else _doubt(line, decision, policy)
    if doubt:
        return Replayed(line, decision, doubt)
    if not known and decision.code not in _EARLY and _schema_refused(line):
        decision = replace(decision, verdict=Verdict.DENY, code=Code.ARGUMENTS, rule="", reservations=())
    return Replayed(line, room.take(line, decision) if decision.verdict is Verdict.ALLOW else decision, "")


def _definition(line: JournalLine, definitions: Definitions) -> ToolDefinition | None:
    """The definition, where the arguments can be held against its schema."""
    return definitions.find(line.facts["definition"]) if "arguments" in line.facts else None


def _call(line: JournalLine, known: ToolDefinition | None) -> Call:
    """The call as far as it is known; a definition without a schema stands in for one that is not at hand."""
    facts = line.facts
    listed = known or ToolDefinition(facts["server"], facts["tool"])
    return Call(
        tool=facts["tool"],
        arguments=facts.get("arguments", {}),
        at=line.at,
        grant=facts["grant"],
        session=facts["session"],
        definition=listed if facts["definition"] else None,
        approved=facts["forwarded"] and bool(facts["approval"]),
    )


def _pinned(policy: Policy, line: JournalLine) -> Policy:
    """The policy for a definition of which only the fingerprint is known: its pin is held against that here."""
    tool, pins = line.facts["tool"], dict(policy.pin)
    if tool not in pins:
        return policy
    if pins.pop(tool) != line.facts["definition"]:
        pins[tool] = ""  # fits no definition
    return replace(policy, pin=pins)


def _schema_refused(line: JournalLine) -> bool:
    """A limit that could not use an argument answers with the same code, but names its rule."""
    return line.facts["code"] == Code.ARGUMENTS and not line.facts["rule"]


def _doubt(line: JournalLine, decision: Decision, policy: Policy) -> str:
    """Why the answer cannot be told, "" where it can."""
    if decision.code in _EARLY:
        return ""
    if "arguments" not in line.facts and _looks(policy, line.facts["tool"]):
        return "the policy looks at the arguments, and their values were not kept"
    if line.facts["code"] in _FITTING or decision.verdict not in (Verdict.ALLOW, Verdict.APPROVE):
        return ""
    return "nobody held the arguments against the tool's schema then, and it cannot be done now"


def _looks(policy: Policy, tool: str) -> bool:
    """Whether any rule for the tool that is enforced depends on the arguments."""
    found = compiled(policy).enforced.find(tool)
    rule = found.rule if found else None
    groups: tuple[Group, ...] = (*rule.deny_if, *rule.require, *rule.approve_if) if rule else ()
    limits: tuple[Limit, ...] = (*policy.all_tools, *(rule.limits if rule else ()))
    by = (word for limit in limits for word in limit.by)
    return (
        any(group.conditions for group in groups)
        or any(limit.add for limit in limits)
        or any(word.startswith("args.") for word in by)
    )


class _Room:
    """The limits as this policy would have counted them, at the journal's own times.

    A call that was not forwarded then has no end in the journal: it counts for windows, and takes no time.
    """

    def __init__(self) -> None:
        self._slots: dict[tuple[str, str, Window], Slots] = {}
        self._under_way: dict[tuple[str, str], dict[int, Reservation]] = defaultdict(dict)
        self._taken: dict[int, list[tuple[tuple[str, str, Window], int, Reservation]]] = {}

    def take(self, line: JournalLine, decision: Decision) -> Decision:
        """The decision, or what it becomes where a limit has no room."""
        at, grant = to_number(line.at), line.facts["grant"]
        for it in decision.reservations:
            full, wait = self._full(it, grant, at)
            if full:
                return limited(decision, it, wait)
        self._taken[line.number] = []
        for it in decision.reservations:
            if not it.concurrent:
                cell = (grant, it.key, _window(it))
                self._slots[cell], slot = cell[2].enter(
                    cell[2].live(self._slots.get(cell, ()), at), at, it.amount
                )
                self._taken[line.number].append((cell, slot, it))
            elif line.facts["forwarded"]:
                self._under_way[grant, it.key][line.number] = it
        return decision

    def end(self, call: int, outcome: Outcome) -> None:
        """A call has ended as the journal tells."""
        for cell, slot, it in self._taken.pop(call, []):
            if outcome is Outcome.NOT_SENT:
                self._slots[cell] = windows.take_back(self._slots[cell], slot, it.amount)
        for under_way in self._under_way.values():
            under_way.pop(call, None)

    def _full(self, it: Reservation, grant: str, at: int) -> tuple[bool, int | None]:
        if it.concurrent:
            used = windows.total(other.amount for other in self._under_way[grant, it.key].values())
            return windows.total((used, it.amount)) > it.maximum, None
        window = _window(it)
        slots = window.live(self._slots.get((grant, it.key, window), ()), at)
        excess = windows.total((*(used for _, used in slots), it.amount, -it.maximum))
        return excess > windows.ZERO, window.wait(slots, at, excess)


def _window(it: Reservation) -> Window:
    return Window(it.window_seconds * 1_000, it.rolling)
