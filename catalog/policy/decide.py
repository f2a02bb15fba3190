"""The judge: what a policy says about one call. Pure and total, and the only one there is.

Order of evaluation (docs/policy.md): expiry, unknown tool, hidden, drift, default, `action: deny`, `deny_if`,
`require`, arguments, approval, limits. The first denial decides; every rule that matched is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import re2

from catalog.policy.compiled import Compiled, CompiledLimit, CompiledRule, compiled
from catalog.policy.decision import Code, Decision, Match, Reservation, Verdict
from catalog.policy.limits import Unusable
from catalog.policy.model import Default, Mode, OnDrift, Policy
from catalog.policy.schema import objection
from catalog.policy.source import child
from catalog.visible import one_line

if TYPE_CHECKING:
    from catalog.policy.call import Call

# What an evaluation can raise on values that are no JSON, and nothing else; each is a doubt.
_DOUBTS: Final = (
    ArithmeticError, ValueError, TypeError, LookupError, AttributeError, RecursionError, re2.error,
)  # fmt: skip
_ZERO: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class State:
    """What has been used of counters, by `Reservation.key`, each in its current window."""

    used: Mapping[str, Decimal] = field(default_factory=dict)


class _Step(NamedTuple):
    """What one step of the evaluation found."""

    verdict: Verdict
    code: Code
    rule: str
    reason: str
    shadow: bool = False
    retryable: bool = False


_NOTHING_USED: Final = State()


def decide(policy: Policy, call: Call, state: State = _NOTHING_USED) -> Decision:
    """Judge a call. Never raises: whatever cannot be told is denied with `Code.ERROR`.

    With an empty `state` limits only give reservations, which the caller must take, all or none, before
    the call goes on. With a filled one, a limit without room denies.
    """
    try:
        return _decide(policy, call, state)
    except _DOUBTS as error:
        reason = f"the policy could not be evaluated for this call ({type(error).__name__}), so it is denied"
        return Decision(Verdict.DENY, Code.ERROR, "", reason, ())


def limited(decision: Decision, refused: Reservation, retry_after_ms: int | None) -> Decision:
    """The answer to a call that was allowed but found no room in a counter."""
    step = _full(refused)
    return Decision(
        verdict=Verdict.DENY,
        code=Code.LIMIT,
        rule=step.rule,
        reason=step.reason,
        matched=(*decision.matched, _match(step)),
        retryable=step.retryable,
        retry_after_ms=retry_after_ms,
    )


def visible(policy: Policy, tool: str) -> bool:
    """Whether the tool stands in the list that an agent is shown; in doubt it does not."""
    return tool in visible_among(policy, (tool,))


def visible_among(policy: Policy, tools: Iterable[str]) -> set[str]:
    """Those of many tools that stand in the list that an agent is shown; in doubt none does."""
    try:
        if policy.mode is Mode.SHADOW:
            return set(tools)
        form, unlisted = compiled(policy), policy.default is Default.ALLOW
        return {tool for tool in tools if _stands(form, tool, unlisted=unlisted)}
    except _DOUBTS:
        return set()


def _stands(form: Compiled, tool: str, *, unlisted: bool) -> bool:
    if form.hidden_at(tool) is not None:
        return False
    rule = form.enforced.find(tool)
    return unlisted if rule is None else rule.rule.action is not Verdict.HIDE


def _decide(policy: Policy, call: Call, state: State) -> Decision:
    form = compiled(policy)
    rule = form.enforced.find(call.tool)
    watch_only = policy.mode is Mode.SHADOW
    steps = _shadowed(_by_policy(policy, form, rule, call), watch_only=watch_only)
    watching = form.watching.find(call.tool) if form.watching else None
    if watching is not None:
        steps += _shadowed((*_by_rule(watching, call), *_approvals(watching, call)), watch_only=True)
    reservations: list[Reservation] = []
    deciding = _deciding(steps, call)
    if deciding is None or deciding.verdict is Verdict.APPROVE:
        limits = (*form.all_tools, *(rule.limits if rule else ()))
        later = [*_arguments(call), *_reserve(limits, call, reservations)]
        steps += _shadowed((*later, *(_approvals(rule, call) if rule else ())), watch_only=watch_only)
        deciding = _deciding(steps, call)
    if deciding is None and state.used:
        steps += _shadowed(_without_room(reservations, state), watch_only=watch_only)
        deciding = _deciding(steps, call)
    if deciding is not None:
        return _refusal(deciding, steps)
    place = rule.pointer if rule else "/default"
    reserved = () if watch_only else tuple(reservations)
    results = rule.results if rule else policy.results
    return Decision(Verdict.ALLOW, Code.ALLOWED, place, "", _matches(steps), reserved, results=results)


def _by_policy(policy: Policy, form: Compiled, rule: CompiledRule | None, call: Call) -> Iterator[_Step]:
    """Everything up to the arguments, in order."""
    tool = call.tool
    if policy.expires is not None and call.at >= policy.expires:
        yield _Step(Verdict.DENY, Code.EXPIRED, "/expires", "the policy has expired, so every call is denied")
    if call.definition is None:
        yield _Step(Verdict.HIDE, Code.UNKNOWN_TOOL, "", _unknown(tool))
    hidden = form.hidden_at(tool)
    if hidden is not None:
        yield _Step(Verdict.HIDE, Code.HIDDEN, hidden, _unknown(tool))
    pinned = policy.pin.get(tool)
    if pinned is not None and call.definition is not None and call.definition.fingerprint != pinned:
        yield _drift(policy.on_drift, child("/pin", tool))
    if rule is not None:
        yield from _by_rule(rule, call)
    elif policy.default is Default.DENY:
        yield _Step(
            Verdict.DENY, Code.NOT_LISTED, "/default", "the policy does not list this tool, so it is denied"
        )


def _by_rule(compiled_rule: CompiledRule, call: Call) -> Iterator[_Step]:
    rule, pointer = compiled_rule.rule, compiled_rule.pointer
    if rule.action is Verdict.HIDE:
        yield _Step(Verdict.HIDE, Code.HIDDEN, f"{pointer}/action", _unknown(call.tool))
    if rule.expires is not None and call.at >= rule.expires:
        yield _Step(
            Verdict.DENY, Code.EXPIRED, f"{pointer}/expires", "the rule that allowed this tool has expired"
        )
    if rule.action is Verdict.DENY:
        reason = rule.reason or "the policy denies every call of this tool"
        yield _Step(Verdict.DENY, Code.DENIED, f"{pointer}/action", reason)
    arguments = _object(call)
    for group in compiled_rule.deny_if:
        if group.test(arguments) is not False:
            yield _Step(Verdict.DENY, Code.DENY_IF, group.pointer, group.words, group.shadow)
    for group in compiled_rule.require:
        if group.test(arguments) is not True:
            yield _Step(Verdict.DENY, Code.REQUIRE, group.pointer, group.words, group.shadow)


def _arguments(call: Call) -> Iterator[_Step]:
    arguments: object = call.arguments
    if not isinstance(arguments, Mapping):
        yield _Step(Verdict.DENY, Code.ARGUMENTS, "", "the arguments must be an object")
    elif call.definition is not None and (why := objection(call.definition, arguments)):
        yield _Step(Verdict.DENY, Code.ARGUMENTS, "", why)


def _reserve(limits: Iterable[CompiledLimit], call: Call, taken: list[Reservation]) -> Iterator[_Step]:
    """Fill `taken`, and deny what can never be counted or never have room."""
    for limit in limits:
        try:
            room = limit.reserve(call)
        except Unusable as error:
            yield _Step(Verdict.DENY, Code.ARGUMENTS, limit.pointer, str(error))
        else:
            taken.append(room)
            if room.amount > room.maximum:
                yield _full(room)


def _approvals(compiled_rule: CompiledRule, call: Call) -> Iterator[_Step]:
    rule = compiled_rule.rule
    if rule.action is Verdict.APPROVE:
        reason = rule.reason or "a person approves each call of this tool"
        yield _Step(Verdict.APPROVE, Code.APPROVAL, f"{compiled_rule.pointer}/action", reason)
    for group in compiled_rule.approve_if:
        if group.test(_object(call)) is not False:
            yield _Step(Verdict.APPROVE, Code.APPROVAL, group.pointer, group.words, group.shadow)


def _without_room(reservations: Iterable[Reservation], state: State) -> Iterator[_Step]:
    """Reservations for one cell add up."""
    used = dict(state.used)
    for room in reservations:
        used[room.key] = used.get(room.key, _ZERO) + room.amount
        if used[room.key] > room.maximum:
            yield _full(room)


def _drift(on_drift: OnDrift, pointer: str) -> _Step:
    reason = "the tool's definition is no longer the one that the policy was made for"
    verdict = {OnDrift.DENY: Verdict.DENY, OnDrift.APPROVE: Verdict.APPROVE, OnDrift.LOG: Verdict.ALLOW}[
        on_drift
    ]
    return _Step(verdict, Code.DRIFT, pointer, reason)


def _full(room: Reservation) -> _Step:
    never = room.amount > room.maximum
    reason = f"the limit of {room.what} is reached"
    if never:
        reason = f"this call alone is more than the limit of {room.what} lets through"
    return _Step(Verdict.DENY, Code.LIMIT, room.rule, reason, retryable=not never)


def _object(call: Call) -> Mapping[str, Any]:
    """The arguments for conditions: what is no object has nothing at any path, and is refused later."""
    return call.arguments if isinstance(call.arguments, Mapping) else {}


def _unknown(tool: str) -> str:
    return f"unknown tool: {one_line(tool, 80)}"


def _shadowed(steps: Iterable[_Step], *, watch_only: bool) -> list[_Step]:
    return [step._replace(shadow=True) for step in steps] if watch_only else [*steps]


def _deciding(steps: Iterable[_Step], call: Call) -> _Step | None:
    """The first denial; without any, the first approval that is still to be given."""
    waiting = None
    for step in steps:
        if step.shadow or step.verdict is Verdict.ALLOW:
            continue
        if step.verdict is not Verdict.APPROVE:
            return step
        if waiting is None and not call.approved:
            waiting = step
    return waiting


def _refusal(step: _Step, steps: Iterable[_Step]) -> Decision:
    return Decision(
        step.verdict, step.code, step.rule, step.reason, _matches(steps), retryable=step.retryable
    )


def _matches(steps: Iterable[_Step]) -> tuple[Match, ...]:
    return tuple(_match(step) for step in steps if step.rule)


def _match(step: _Step) -> Match:
    return Match(step.rule, step.verdict, step.shadow, step.reason)
