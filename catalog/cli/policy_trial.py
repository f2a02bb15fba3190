"""`catalog policy explain` and `test`: what a policy says about a call, and whether its own tests hold."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Final

import typer
from rich.text import Text

from catalog.cli import options, output
from catalog.cli.listing import Column, print_rows
from catalog.cli.policy_input import PolicyFile, Servers, definitions_of, read_policy
from catalog.errors import FailedTests, UsageError
from catalog.policy.call import Call
from catalog.policy.decision import Decision, Match, Reservation
from catalog.policy.model import Policy
from catalog.policy.source import read
from catalog.policy.trial import Outcome, listed, pinless, run_tests, try_call
from catalog.public import to_json

EXPLAIN_EPILOG: Final = """\
[bold]Examples[/]

catalog policy explain policy.json execute_workflow --args '{"workflow": "tests"}'

catalog policy explain policy.json execute_workflow --used execute_workflow_rate=10 --server workflows-mcp
"""
TEST_EPILOG: Final = """\
[bold]Example[/]

catalog policy test policy.json
"""


def explain(
    file: PolicyFile,
    tool: Annotated[str, typer.Argument(metavar="TOOL", help="The tool that is called.")],
    args: Annotated[str, typer.Option("--args", metavar="JSON", help="The arguments, a JSON object.")] = "{}",
    grant: Annotated[str, typer.Option("--grant", metavar="NAME", help="Who calls.")] = "local",
    session: Annotated[str, typer.Option("--session", metavar="ID", help="The session, if any.")] = "",
    at: Annotated[
        str | None, typer.Option("--at", metavar="TIME", help="When, with its zone. Default: now.")
    ] = None,
    used: Annotated[
        list[str] | None,
        typer.Option("--used", metavar="COUNTER=N", help="What a counter has used already; may be repeated."),
    ] = None,
    approved: Annotated[bool, typer.Option("--approved", help="As if a person had approved it.")] = False,
    servers: Servers = None,
    form: options.OutputFormat = options.Format.TABLE,
    db: options.Database = None,
) -> None:
    """Say what a policy decides about a call, and which rules match."""
    policy = read_policy(file)
    definitions = definitions_of(servers, db)
    call = Call(
        tool=tool,
        arguments=_arguments(args),
        at=_moment(at),
        grant=grant,
        session=session,
        definition=listed(tool) if definitions is None else definitions.get(tool),
        approved=approved,
    )
    if definitions is None:
        output.say(
            "no --server: arguments are not held against a schema, nor the definition against a pin", "dim"
        )
    counters = dict(_counter(text) for text in used or ())
    judged = pinless(policy) if definitions is None else policy
    _print(policy, try_call(judged, call, counters), counters, form)


def run_own_tests(
    file: PolicyFile,
    servers: Servers = None,
    form: options.OutputFormat = options.Format.TABLE,
    db: options.Database = None,
) -> None:
    """Run the tests that a policy carries."""
    policy = read_policy(file)
    outcomes = run_tests(policy, datetime.now(UTC), definitions_of(servers, db))
    if outcomes or form is not options.Format.TABLE:
        print_rows([_test_row(policy, outcome) for outcome in outcomes], TEST_COLUMNS, form, None)
    failed = sum(bool(outcome.problem) for outcome in outcomes)
    if failed:
        raise FailedTests(
            f"{file}: {failed} of {output.plural(len(outcomes), 'test')} failed",
            hint="catalog policy explain FILE TOOL --args JSON shows why a call is judged as it is",
        )
    output.say(
        f"{file}: {output.plural(len(outcomes), 'test')} passed" if outcomes else f"{file} has no tests"
    )


def _arguments(text: str) -> dict[str, Any]:
    source = read(text)
    for problem in source.problems:
        raise UsageError(f"--args is no JSON: {problem.message}", hint="""--args '{"amount": 10}'""")
    if not isinstance(source.value, dict):
        raise UsageError("--args must be a JSON object", hint="""--args '{"amount": 10}'""")
    return source.value


def _moment(text: str | None) -> datetime:
    if text is None:
        return datetime.now(UTC)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = datetime.min  # noqa: DTZ901 - refused below, for it has no zone
    if moment.tzinfo is None:
        raise UsageError(f"--at {text} is no moment with its zone", hint="--at 2030-01-31T12:00:00Z")
    return moment.astimezone(UTC)


def _counter(text: str) -> tuple[str, Decimal]:
    name, _, number = text.rpartition("=")
    try:
        amount = Decimal(number)
    except InvalidOperation:
        amount = Decimal(-1)
    if not name or not amount.is_finite() or amount < 0:
        raise UsageError(f"--used {text} is no COUNTER=N", hint="--used refund_rate=3")
    return name, amount


def _print(policy: Policy, decision: Decision, used: dict[str, Decimal], form: options.Format) -> None:
    if form is options.Format.JSON:
        output.line(to_json(_as_json(policy, decision), indent=2))
        return
    rows = [_row(policy, decision.rule, decision.verdict, "decides", decision.reason or decision.code)]
    rows += [_match_row(policy, match) for match in decision.matched if match.rule != decision.rule]
    rows += [_row(policy, room.rule, "limit", "counts", _room(room, used)) for room in decision.reservations]
    print_rows(rows, COLUMNS, form, None)


def _match_row(policy: Policy, match: Match) -> dict[str, Any]:
    part = "in shadow" if match.shadow else "matches too"
    return _row(policy, match.rule, match.effect, part, match.reason)


def _row(policy: Policy, pointer: str, effect: str, part: str, text: str) -> dict[str, Any]:
    return {
        "effect": str(effect),
        "part": part,
        "line": policy.lines.get(pointer, 0),
        "pointer": pointer,
        "reason": str(text),
    }


def _room(room: Reservation, used: dict[str, Decimal]) -> str:
    taken = f", {room.amount} by this call" if room.amount != 1 or used else ""
    return f"{room.what} ({room.key}){taken}"


def _as_json(policy: Policy, decision: Decision) -> dict[str, Any]:
    """The whole decision; amounts are strings, since they are exact decimals."""
    results = decision.results
    return {
        "verdict": decision.verdict.value,
        "code": decision.code.value,
        "rule": decision.rule,
        "line": policy.lines.get(decision.rule, 0),
        "reason": decision.reason,
        "retryable": decision.retryable,
        "matched": [
            {
                "rule": match.rule,
                "line": policy.lines.get(match.rule, 0),
                "effect": match.effect.value,
                "shadow": match.shadow,
                "reason": match.reason,
            }
            for match in decision.matched
        ],
        "limits": [
            {
                "rule": room.rule,
                "line": policy.lines.get(room.rule, 0),
                "counter": room.key,
                "amount": str(room.amount),
                "max": str(room.maximum),
                "what": room.what,
            }
            for room in decision.reservations
        ],
        "results": {"max_bytes": results.max_bytes, "redact": list(results.redact)} if results else None,
        "policy": policy.digest,
    }


def _test_row(policy: Policy, outcome: Outcome) -> dict[str, Any]:
    return {
        "passed": not outcome.problem,
        "line": policy.lines.get(outcome.pointer, 0),
        "pointer": outcome.pointer,
        "tool": outcome.test.tool,
        "expected": outcome.test.expect.value,
        "verdict": outcome.decision.verdict.value,
        "rule": outcome.decision.rule,
        "problem": outcome.problem,
    }


_STYLE: Final = {
    "allow": "green",
    "approve": "yellow",
    "deny": "bold red",
    "hide": "bold red",
    "limit": "dim",
}
COLUMNS: Final = (
    Column(
        "Effect", lambda row: str(row["effect"]), lambda row: Text(row["effect"], style=_STYLE[row["effect"]])
    ),
    Column("How", lambda row: str(row["part"])),
    Column("Line", lambda row: str(row["line"] or ""), justify="right"),
    Column("Pointer", lambda row: str(row["pointer"]), folds=True),
    Column("Reason", lambda row: str(row["reason"]), ratio=1),
)
TEST_COLUMNS: Final = (
    Column(
        "Result",
        lambda row: "passed" if row["passed"] else "failed",
        lambda row: Text("passed", style="green") if row["passed"] else Text("failed", style="bold red"),
    ),
    Column("Line", lambda row: str(row["line"] or ""), justify="right"),
    Column("Test", lambda row: str(row["pointer"])),
    Column("Tool", lambda row: str(row["tool"]), folds=True),
    Column("Verdict", lambda row: str(row["verdict"])),
    Column("Problem", lambda row: str(row["problem"]), ratio=1),
)
