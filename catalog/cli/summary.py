"""What is said around a table of tools: how it went, counts, what to do next, and the exit code."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterable, Sequence

import typer

from catalog.cli import output
from catalog.cli.options import LevelChoice
from catalog.cli.tools import ClassifiedTool
from catalog.errors import ExitCode, Incomplete, NothingCollected
from catalog.records import CrawlResult, Outcome
from classifier.findings import findings
from classifier.types import LEVELS, NAME_ONLY_CAP, Basis, Level, Provenance

_NAMED = 5  # tools that a warning names; the rest is counted
_FOUND = {
    Level.LOW: ExitCode.FOUND_LOW,
    Level.MEDIUM: ExitCode.FOUND_MEDIUM,
    Level.HIGH: ExitCode.FOUND_HIGH,
    Level.CRITICAL: ExitCode.FOUND_CRITICAL,
}


def remarks(results: Sequence[CrawlResult]) -> None:
    """Calm lines on how each server was started, and what of it could not be read."""
    for result in results:
        if result.provenance is Provenance.BUNDLED:
            output.warn(f"{result.record.name}: not read from the server, but from the bundled snapshot")
        for note in result.notes:
            output.say(f"{result.record.name}: {note}", "dim")
        for line in result.unread:
            output.say(f"{result.record.name}: could not read {line}", "yellow")
        if result.outcome is not Outcome.OK:
            output.warn(f"{result.record.name}: {result.outcome.replace('_', ' ')}: {result.reason}")
            if result.next_step:
                output.say(f"  next: {result.next_step}")


def require_tools(results: Sequence[CrawlResult]) -> None:
    """Raise when no server gave any tool."""
    if not any(result.definitions for result in results):
        names = ", ".join(result.record.name for result in results)
        raise NothingCollected(f"no tools from {names}", hint="the lines above say why, and what to try")


def after_classify(
    results: Sequence[CrawlResult], tools: Sequence[ClassifiedTool], *, name_only: bool
) -> None:
    """Counts, suspicious texts, the basis where it is thin, and the next commands to try."""
    output.say("")
    output.say(counts(tools))
    suspicious(tools)
    _basis(results, tools, name_only=name_only)
    _next_commands(results, tools)


def counts(tools: Sequence[ClassifiedTool]) -> str:
    """`12 tools: 1 Critical, 3 High, 8 Low · 2 for review`."""
    levels = Counter(tool.classification.risk for tool in tools)
    parts = [f"{levels[level]} {level}" for level in (Level.UNKNOWN, *reversed(LEVELS)) if levels[level]]
    review = sum(tool.classification.needs_review for tool in tools)
    text = f"{output.plural(len(tools), 'tool')}: {', '.join(parts)}"
    return f"{text} · {review} for review" if review else text


def suspicious(tools: Sequence[ClassifiedTool]) -> None:
    """One warning that names the tools whose definitions carry findings; silent when none does."""
    names = [
        f"{tool.definition.server}/{tool.definition.name}" for tool in tools if findings(tool.definition)
    ]
    if not names:
        return
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    carry = "carries" if len(names) == 1 else "carry"
    output.warn(
        f"{output.plural(len(names), 'tool')} {carry} suspicious text: {', '.join(names[:_NAMED])}{more}; "
        f"`catalog show {shlex.quote(names[0])}` says why"
    )


def _basis(results: Sequence[CrawlResult], tools: Sequence[ClassifiedTool], *, name_only: bool) -> None:
    bases = {tool.classification.basis for tool in tools}
    if name_only:
        output.say(
            f"Basis: the names alone, as asked (--name-only); confidence is capped at {NAME_ONLY_CAP:.0%}.",
            "yellow",
        )
    elif any(result.provenance is Provenance.BUNDLED for result in results):
        output.say(
            "Basis: names, parameters and annotations from the bundled snapshot; no descriptions.", "yellow"
        )
    elif bases <= {Basis.NAME}:
        output.say(
            f"Basis: the names alone, no tool has a description; confidence is capped at {NAME_ONLY_CAP:.0%}.",
            "yellow",
        )
    elif Basis.TEXT not in bases:
        output.say("Basis: names and parameters, no tool has a description.", "yellow")


def _next_commands(results: Sequence[CrawlResult], tools: Sequence[ClassifiedTool]) -> None:
    worst = tools[0].definition
    names = " ".join(shlex.quote(result.record.name) for result in results if result.definitions)
    output.say("")
    output.say("Next:")
    for command, purpose in (
        (f"catalog show {shlex.quote(f'{worst.server}/{worst.name}')}", "all that is known about one tool"),
        (f"catalog policy export {names} -o policy.json", "the policy that contains it"),
        ("catalog build", "the site, a page per tool"),
    ):
        output.say(f"  {command}  # {purpose}")


def exit_code(
    results: Iterable[CrawlResult],
    tools: Iterable[ClassifiedTool],
    *,
    fail_on: LevelChoice | None,
    strict: bool,
) -> None:
    """Leave with the documented code: 11 to 14 for --fail-on, 4 for --strict, otherwise return."""
    fail_at(fail_on, (tool.classification.risk for tool in tools))
    failed = [
        result.record.name for result in results if result.outcome not in (Outcome.OK, Outcome.NO_TOOLS)
    ]
    strictly(failed if strict else ())


def strictly(failed: Sequence[str]) -> None:
    """Raise, for --strict, when there are servers that failed."""
    if failed:
        raise Incomplete(
            f"{output.plural(len(failed), 'server')} failed: {', '.join(failed)}",
            hint="the lines above say why",
        )


def fail_at(fail_on: LevelChoice | None, levels: Iterable[Level]) -> None:
    """Leave with 11 to 14 when the highest level is at or above `fail_on`; Unknown counts as Critical."""
    highest = max(levels, key=lambda level: level.rank, default=None)
    if fail_on is not None and highest is not None and highest.rank >= fail_on.level.rank:
        raise typer.Exit(_FOUND.get(highest, ExitCode.FOUND_CRITICAL))
