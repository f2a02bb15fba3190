"""`catalog audit`: the gateway's journal, whether it is whole, and what another policy would have answered."""

from __future__ import annotations

import re
from collections import deque
from contextlib import closing
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.text import Text

from catalog.cli import options, output
from catalog.cli.exact import exact_text, moment_of, plain
from catalog.cli.listing import Column, Row, print_rows
from catalog.cli.replaying import Definitions, Replayed, replay_journal
from catalog.db.journal import Kind
from catalog.db.ledger import JournalLine, Ledger, Outcome
from catalog.db.store import Store
from catalog.errors import DatabaseError, UsageError
from catalog.gateway.policy_file import PolicyFile
from catalog.overrides.book import NO_OVERRIDES
from catalog.policy.decision import Verdict
from catalog.visible import one_line

EPILOG = "[bold]Example[/]  catalog audit show"

app = typer.Typer(add_completion=False, rich_markup_mode="rich", no_args_is_help=True, epilog=EPILOG)

SHOW_EPILOG = """\
[bold]Examples[/]

catalog audit show

catalog audit show --tool refund --verdict deny --limit 1000 --format jsonl
"""
VERIFY_EPILOG = """\
[bold]Examples[/]

catalog audit verify

catalog audit verify --noted 1834:5fd0a8…    [dim](what an earlier run printed)[/]
"""
REPLAY_EPILOG = """\
[bold]Example[/]  catalog audit replay --policy stricter.json
"""
_HEAD: Final = re.compile(r"(\d{1,18}):([0-9a-f]{64})")

Server = Annotated[
    str | None, typer.Option("--server", "-s", metavar="NAME", help="Only calls of this server.")
]
GrantName = Annotated[
    str | None, typer.Option("--grant", "-g", metavar="NAME", help="Only calls under this grant.")
]
Tool = Annotated[str | None, typer.Option("--tool", "-t", metavar="NAME", help="Only calls of this tool.")]


@app.callback()
def audit() -> None:
    """Read the gateway's journal, check that it is whole, and try another policy on it."""


@app.command(epilog=SHOW_EPILOG)
def show(
    server: Server = None,
    grant: GrantName = None,
    tool: Tool = None,
    verdict: Annotated[Verdict | None, typer.Option("--verdict", help="Only calls with this answer.")] = None,
    outcome: Annotated[Outcome | None, typer.Option("--outcome", help="Only calls that ended so.")] = None,
    limit: Annotated[
        int, typer.Option("--limit", "-n", min=1, max=1_000_000, help="At most so many, the newest.")
    ] = 50,
    form: options.OutputFormat = options.Format.TABLE,
    out: options.OutputFile = None,
    db: options.Database = None,
) -> None:
    """Show calls with what was decided and how they ended, approvals and grants; the newest last."""
    wanted = {"server": server, "grant": grant, "tool": tool, "verdict": verdict, "outcome": outcome}
    wanted = {key: value for key, value in wanted.items() if value is not None}
    with Ledger.open(db) as ledger:
        lines = ledger.journal(last=None if wanted else limit, endings=False)
        newest = deque((row for row in map(_row, lines) if _fits(row, wanted)), maxlen=limit)
    if newest or form is not options.Format.TABLE:
        print_rows(list(newest), LINES, form, out)
    if not newest:
        output.say(
            "nothing in the journal is like that" if wanted else "the journal is empty: no call was made yet"
        )
    elif len(newest) == limit:
        output.say(f"the last {limit}; --limit shows more")


@app.command(epilog=VERIFY_EPILOG)
def verify(
    noted: Annotated[
        str | None,
        typer.Option(
            "--noted", metavar="NUMBER:HASH", help="A line that an earlier run printed, kept elsewhere."
        ),
    ] = None,
    form: options.OutputFormat = options.Format.TABLE,
    db: options.Database = None,
) -> None:
    """Check that no line was removed, edited, moved or cut off; prints the last line's number and hash.

    Whoever may write to the database can cut lines off its end, or write all of it anew, and fit the rest to it:
    only a number and hash that you keep elsewhere, given with --noted, shows that.
    """
    head = _noted(noted) if noted is not None else None
    with Ledger.open(db) as ledger:
        found = ledger.verify(head)
    problems = [{"line": problem.number, "problem": problem.what} for problem in found.problems]
    if form is not options.Format.TABLE:
        print_rows([{"lines": found.lines, "hash": found.hash, "problems": problems}], (), form, None)
    elif problems:
        print_rows(problems, PROBLEMS, form, None)
    else:
        output.line(f"{found.lines}:{found.hash}")
    if problems:
        raise DatabaseError(
            f"the journal is not as it was written: {output.plural(len(problems), 'problem')}",
            hint="trust none of the lines from the first problem on; a copy of the database shows what was there",
        )
    output.say(f"the journal is whole: {output.plural(found.lines, 'line')}")
    if head is None:
        output.say(
            f"Next: keep the line above elsewhere; later: catalog audit verify --noted {found.lines}:HASH"
        )


@app.command(epilog=REPLAY_EPILOG)
def replay(
    policy: Annotated[Path, typer.Option("--policy", "-p", metavar="FILE", help="The policy to try.")],
    server: Server = None,
    form: options.OutputFormat = options.Format.TABLE,
    out: options.OutputFile = None,
    db: options.Database = None,
) -> None:
    """List the calls in the journal that this policy would have answered otherwise, and those it is unclear of."""
    trial = PolicyFile(policy, output.warn).policy
    with Ledger.open(db) as ledger, closing(Store.open(db, overrides=NO_OVERRIDES)) as store:
        lines = (line for line in ledger.journal() if _of_server(line, server))
        count, told = 0, []
        for count, it in enumerate(replay_journal(lines, trial, Definitions(store)), 1):  # noqa: B007 - the last one
            if it.differs or it.doubt:
                told.append(_replayed(it))
    if told or form is not options.Format.TABLE:
        print_rows(told, REPLAYED, form, out)
    unclear = sum(not row["certain"] for row in told)
    doubt = f"; for {unclear:,} it cannot be told" if unclear else ""
    otherwise = f"{len(told) - unclear:,} would be answered otherwise"
    output.say(f"{output.plural(count, 'call')}: {otherwise}, {count - len(told):,} alike{doubt}")


def _noted(text: str) -> tuple[int, str]:
    found = _HEAD.fullmatch(text)
    if found is None:
        raise UsageError(
            f"--noted {one_line(text, 80)!r} is no line's number and hash",
            hint="give what catalog audit verify printed: NUMBER:HASH",
        )
    return int(found[1]), found[2]


def _of_server(line: JournalLine, server: str | None) -> bool:
    """Outcomes name no server: whoever has no use for one leaves it."""
    return server is None or line.kind is Kind.OUTCOME or line.facts.get("server") == server


def _row(line: JournalLine) -> dict[str, Any]:
    facts = dict(line.facts)
    kept = facts.pop("arguments", None)
    row = {"number": line.number, "at": line.at.isoformat(), "kind": line.kind.value, **facts}
    if line.kind is Kind.CALL:
        row |= {"outcome": line.outcome.value if line.outcome else None, "note": line.note}
        row |= {"arguments": None, "arguments_text": None}
    if kept is not None:
        row |= {"arguments": plain(kept), "arguments_text": exact_text(kept)}
    return {**row, "hash": line.hash}


def _fits(row: Row, wanted: dict[str, Any]) -> bool:
    return all(row.get(key) == value for key, value in wanted.items())


def _replayed(it: Replayed) -> dict[str, Any]:
    return {
        "number": it.line.number,
        "at": it.line.at.isoformat(),
        "server": it.line.facts["server"],
        "grant": it.line.facts["grant"],
        "tool": it.line.facts["tool"],
        "was": {key: it.line.facts[key] for key in ("verdict", "code", "rule", "policy")},
        "would_be": {"verdict": it.now.verdict.value, "code": it.now.code.value, "rule": it.now.rule},
        "certain": not it.doubt,
        "doubt": it.doubt,
    }


def _what(row: Row) -> str:
    if row["kind"] == Kind.CALL:
        return f"{row['server']}/{row['tool']}"
    return str(row.get("tool") or row.get("name") or "")


def _answer(row: Row) -> str:
    if row["kind"] != Kind.CALL:
        by = f" by {row['by']}" if row.get("by") else ""
        return f"{row['kind']} {row['event']}{by}"
    return str(row["verdict"]) if row["verdict"] == Verdict.ALLOW else f"{row['verdict']}: {row['code']}"


def _arguments(row: Row) -> str:
    if row["kind"] != Kind.CALL:
        return str(row.get("id", ""))
    return row["arguments_text"] or ", ".join(row["argument_names"])


_STYLE: Final = {Verdict.ALLOW: "green", Verdict.DENY: "red", Verdict.HIDE: "red", Verdict.APPROVE: "yellow"}


def _answer_text(row: Row) -> Text:
    style = _STYLE[Verdict(row["verdict"])] if row["kind"] == Kind.CALL else ""
    return Text(one_line(_answer(row)), style=style)


def _verdict(answer: dict[str, str]) -> str:
    return (
        answer["verdict"] if answer["verdict"] == Verdict.ALLOW else f"{answer['verdict']}: {answer['code']}"
    )


_NUMBER: Final = Column("Line", lambda row: str(row["number"]), justify="right")
_TIME: Final = Column("Time (UTC)", lambda row: moment_of(row["at"]))
LINES: Final = (
    _NUMBER,
    _TIME,
    Column("Grant", lambda row: str(row.get("grant") or row.get("name") or ""), folds=True),
    Column("Tool", _what, lambda row: Text(one_line(_what(row), 56), style="bold"), folds=True),
    Column("Answer", _answer, _answer_text, folds=True),
    Column("Outcome", lambda row: str(row.get("outcome") or "")),
    Column("Arguments", _arguments, folds=True),
)
PROBLEMS: Final = (
    Column("Line", lambda row: str(row["line"]), justify="right"),
    Column("Problem", lambda row: str(row["problem"]), ratio=1),
)
REPLAYED: Final = (
    _NUMBER,
    _TIME,
    Column("Grant", lambda row: str(row["grant"]), folds=True),
    Column("Tool", lambda row: f"{row['server']}/{row['tool']}", folds=True),
    Column("Was", lambda row: _verdict(row["was"]), folds=True),
    Column(
        "Would be", lambda row: "cannot be told" if row["doubt"] else _verdict(row["would_be"]), folds=True
    ),
    Column("Why", lambda row: row["doubt"] or row["would_be"]["rule"] or "no rule names it", folds=True),
)
