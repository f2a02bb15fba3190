"""Calls that are only imagined: for explanations, a policy's own tests and comparisons."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from catalog.policy.call import Call
from catalog.policy.decide import State, decide
from catalog.policy.decision import Verdict
from catalog.policy.limits import counter_of
from catalog.visible import one_line
from classifier.types import ToolDefinition

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from catalog.policy.decision import Decision
    from catalog.policy.model import Policy, PolicyTest


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one of a policy's tests went; `problem` says what was otherwise, "" when nothing was."""

    pointer: str
    test: PolicyTest
    decision: Decision
    problem: str


def listed(tool: str) -> ToolDefinition:
    """A definition as if the server listed the tool and took any arguments."""
    return ToolDefinition("", tool)


def pinless(policy: Policy) -> Policy:
    """The policy as if every definition were the pinned one, for where no definitions are at hand."""
    return replace(policy, pin={}) if policy.pin else policy


def try_call(policy: Policy, call: Call, used: Mapping[str, int | Decimal]) -> Decision:
    """Judge a call, with what counters (by name or whole key) have used already."""
    decision = decide(policy, call)
    state = {
        room.key: Decimal(amount)
        for room in decision.reservations
        for counter, amount in used.items()
        if counter in (room.key, counter_of(room.key))
    }
    return decide(policy, call, State(state)) if state else decision


def run_tests(
    policy: Policy, now: datetime, definitions: Mapping[str, ToolDefinition] | None = None
) -> tuple[Outcome, ...]:
    """Run the policy's own tests; `now` is for those without a moment of their own.

    With `definitions` (by name) arguments are held against the schemas, and a tool that is not there
    is unknown.
    """
    judged = pinless(policy) if definitions is None else policy
    outcomes = []
    for index, test in enumerate(policy.tests):
        definition = listed(test.tool) if definitions is None else definitions.get(test.tool)
        decision = try_call(judged, _call(test, now, definition), test.used)
        outcomes.append(_outcome(f"/tests/{index}", test, decision))
    return tuple(outcomes)


def _call(test: PolicyTest, now: datetime, definition: ToolDefinition | None) -> Call:
    return Call(
        tool=test.tool,
        arguments=test.arguments,
        at=test.at or now,
        grant=test.grant,
        session=test.session,
        definition=definition,
        approved=test.approved,
    )


def _outcome(pointer: str, test: PolicyTest, decision: Decision) -> Outcome:
    problem = ""
    if decision.verdict is not test.expect:
        problem = f"{test.expect} was expected, and the policy says {in_words(decision)}"
    elif test.rule is not None and decision.rule != test.rule:
        problem = f"{test.rule or 'no rule'} was to decide, and it was {decision.rule or 'no rule'}"
    return Outcome(pointer, test, decision, one_line(problem, 300))


def in_words(decision: Decision) -> str:
    """`deny at /tools/refund/deny_if/0: …`."""
    if decision.verdict is Verdict.ALLOW:
        return f"allow at {decision.rule}"
    return f"{decision.verdict} at {decision.rule or decision.code}: {decision.reason}"
