"""The lint of a policy: rules that cannot do what they seem to, alone and against tool definitions."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from catalog.policy.check_conditions import conditions
from catalog.policy.finding import Finding, Remark, Severity
from catalog.policy.lint import lint
from catalog.policy.model import Default
from catalog.policy.names import fits
from catalog.policy.near import near
from catalog.policy.source import child
from catalog.policy.trial import run_tests
from catalog.visible import one_line
from classifier.types import Category, Classification, Level, ToolDefinition

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from catalog.policy.model import Policy

MAX_HINTS: Final = 25  # near names looked for; a policy of another server has thousands to look for


def check(
    policy: Policy,
    tools: Sequence[ToolDefinition] = (),
    labels: Mapping[str, Classification] | None = None,
    now: datetime | None = None,
) -> tuple[Finding, ...]:
    """What is wrong or doubtful in a valid policy, in the order of its lines; its own tests are run.

    Without `tools` only the policy itself is looked at. `labels` (by fingerprint) tell which of the
    tools that a default of allow lets through are dangerous; without them, all are taken to be. `now`
    is what expiry is measured by, the present moment if not given.
    """
    moment = now or datetime.now(UTC)
    remarks = [*lint(policy, moment), *_tests(policy, tools, moment)]
    if tools:
        remarks += [*_unknown(policy, tools), *_unreached(policy, tools), *_pins(policy, tools)]
        remarks += [*conditions(policy, tools), *_uncovered(policy, tools, labels)]
    findings = (
        Finding(
            remark.severity, remark.pointer, policy.lines.get(remark.pointer, 0), remark.message, remark.hint
        )
        for remark in dict.fromkeys(remarks)
    )
    return tuple(sorted(findings, key=lambda finding: (finding.line, finding.pointer)))


def _tests(policy: Policy, tools: Sequence[ToolDefinition], now: datetime) -> Iterator[Remark]:
    definitions = {tool.name: tool for tool in tools} if tools else None
    for outcome in run_tests(policy, now, definitions):
        if outcome.problem:
            yield Remark(Severity.ERROR, outcome.pointer, f"the policy's own test fails: {outcome.problem}")


def _unknown(policy: Policy, tools: Sequence[ToolDefinition]) -> Iterator[Remark]:
    known = {tool.name for tool in tools}
    # Under default allow, a misspelt name leaves the tool that was meant wide open.
    severity = Severity.ERROR if policy.default is Default.ALLOW else Severity.WARNING
    named = [(f"/hide/{index}", name) for index, name in enumerate(policy.hide) if name != "*"]
    named += [(child("/tools", name), name) for name in policy.tools if name != "*" or policy.version == "1"]
    hints = MAX_HINTS
    for pointer, name in named:
        pattern = policy.version != "1" and "*" in name
        if pattern and not any(fits(name, tool) for tool in known):
            yield Remark(severity, pointer, f"no tool's name fits {one_line(name, 80)}")
        elif not pattern and name not in known:
            hints -= 1
            hint = near(name, known) if hints >= 0 else ""
            yield Remark(severity, pointer, f"no tool is called {one_line(name, 80)}", hint)


def _unreached(policy: Policy, tools: Sequence[ToolDefinition]) -> Iterator[Remark]:
    """Patterns whose tools all have a rule that comes first."""
    names = policy.enforced()
    fitting = [names.all_for(tool.name) for tool in tools]
    used = {keys[0] for keys in fitting if keys}
    for name in dict.fromkeys(key for keys in fitting for key in keys):
        if name not in used:
            message = "this never counts: every tool that fits it has a rule that comes first"
            yield Remark(Severity.WARNING, child("/tools", name), message, "leave it out")


def _pins(policy: Policy, tools: Sequence[ToolDefinition]) -> Iterator[Remark]:
    definitions = {tool.name: tool for tool in tools}
    for name, fingerprint in policy.pin.items():
        tool = definitions.get(name)
        if tool is None:
            message = f"the pinned tool {one_line(name, 80)} does not exist"
            yield Remark(Severity.WARNING, child("/pin", name), message, near(name, definitions))
        elif tool.fingerprint != fingerprint:
            message = (
                f"{one_line(name, 80)} is no longer as it was pinned: its fingerprint is {tool.fingerprint}"
            )
            hint = "look at the new definition, then pin that"
            yield Remark(Severity.WARNING, child("/pin", name), message, hint)


def _uncovered(
    policy: Policy, tools: Sequence[ToolDefinition], labels: Mapping[str, Classification] | None
) -> Iterator[Remark]:
    names = policy.enforced()
    for tool in tools:
        if names.key(tool.name) is not None or policy.hides(tool.name):
            continue
        name = one_line(tool.name, 80)
        label = (labels or {}).get(tool.fingerprint)
        if policy.default is Default.DENY:
            yield Remark(Severity.INFO, "/default", f"{name} is not listed: denied by default")
        elif label is None or _is_dangerous(label):
            kind = f"{label.category}, {label.risk} risk" if label else "nothing is known of its risk"
            message = f"{name} is not listed: allowed without limit by default ({kind})"
            yield Remark(Severity.WARNING, "/default", message, "list it, hide it, or make the default deny")
        else:
            yield Remark(Severity.INFO, "/default", f"{name} is not listed: allowed by default")


def _is_dangerous(label: Classification) -> bool:
    return label.needs_review or label.category is not Category.READ or label.risk is not Level.LOW
