"""`catalog approvals`: the calls that wait for a person, and the person's answers."""

from __future__ import annotations

import getpass
from typing import Annotated, Any, Final

import typer
from rich.text import Text

from catalog.cli import options, output
from catalog.cli.exact import exact_text, moment, moment_of, plain
from catalog.cli.listing import Column, Row, print_rows
from catalog.db.ledger import Approval, ApprovalState, Ledger
from catalog.visible import one_line

EPILOG = "[bold]Example[/]  catalog approvals list"

app = typer.Typer(add_completion=False, rich_markup_mode="rich", no_args_is_help=True, epilog=EPILOG)

LIST_EPILOG = """\
[bold]Examples[/]

catalog approvals list

catalog approvals list --all --format jsonl
"""
ANSWER_EPILOG = """\
[bold]Examples[/]

catalog approvals approve 398f2762d4 --by ada --reason "ticket 311"

catalog approvals deny 398f2762d4
"""

Identifier = Annotated[str, typer.Argument(metavar="ID", help="As catalog approvals list shows it.")]
By = Annotated[str | None, typer.Option("--by", metavar="NAME", help="Who answers. Default: your user name.")]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; kept in the journal.")]


@app.callback()
def approvals() -> None:
    """Answer the calls that wait for a person."""


@app.command("list", epilog=LIST_EPILOG)
def list_(
    everything: Annotated[
        bool, typer.Option("--all", help="Also those that are answered, used or expired.")
    ] = False,
    form: options.OutputFormat = options.Format.TABLE,
    out: options.OutputFile = None,
    db: options.Database = None,
) -> None:
    """List the calls that wait, oldest first, with all of their arguments."""
    with Ledger.open(db) as ledger:
        found = ledger.approvals(None if everything else ApprovalState.PENDING)
    rows = [_row(approval) for approval in found]
    if form is not options.Format.TABLE or out is not None:
        print_rows(rows, COLUMNS, form, out)
    else:
        for row in rows:
            output.data.print(_block(row), soft_wrap=True)
    if not found:
        output.say("no call has waited for a person yet" if everything else "no call waits for a person")
    elif any(approval.state is ApprovalState.PENDING for approval in found):
        output.say("Next: catalog approvals approve ID, or catalog approvals deny ID")


@app.command(epilog=ANSWER_EPILOG)
def approve(which: Identifier, by: By = None, reason: Reason = "", db: options.Database = None) -> None:
    """Let exactly this call pass, once, as soon as it is made again."""
    _answer(which, True, by, reason, db)


@app.command(epilog=ANSWER_EPILOG)
def deny(which: Identifier, by: By = None, reason: Reason = "", db: options.Database = None) -> None:
    """Refuse this call; an approval that is not used yet is taken back."""
    _answer(which, False, by, reason, db)


def _answer(which: str, approve_it: bool, by: str | None, reason: str, db: str | None) -> None:
    with Ledger.open(db) as ledger:
        before = {approval.id: approval for approval in ledger.approvals()}.get(which)
        after = ledger.answer(which, approve=approve_it, by=by or getpass.getuser(), reason=reason)
    values = before.arguments if before else None
    with_values = "" if values is None else f" with {exact_text(values)}"
    output.say(f"{after.tool} of {after.server}, for the grant {after.grant}{with_values}")
    if after.state is ApprovalState.APPROVED:
        output.say(f"The same call passes once, until {moment(after.expires)} UTC")
    elif after.state is ApprovalState.PENDING:
        output.say("Approved by one of two. Next: a second person answers, as four eyes are asked for")
    output.line(after.state.value)


def _row(approval: Approval) -> dict[str, Any]:
    return {
        "id": approval.id,
        "state": approval.state.value,
        "server": approval.server,
        "grant": approval.grant,
        "tool": approval.tool,
        "arguments": None if approval.arguments is None else plain(approval.arguments),
        "arguments_text": None if approval.arguments is None else exact_text(approval.arguments),
        "arguments_digest": approval.arguments_digest,
        "reason": approval.reason,
        "rule": approval.rule,
        "policy": approval.policy,
        "definition": approval.definition,
        "four_eyes": approval.four_eyes,
        "asked": approval.asked.isoformat(),
        "expires": approval.expires.isoformat(),
        "answers": [{"by": it.by, "approve": it.approve, "reason": it.reason} for it in approval.answers],
    }


def _arguments(row: Row) -> str:
    text = row["arguments_text"]
    return "no longer kept" if text is None else str(text)


def _why(row: Row) -> str:
    said = [f"{'approved' if it['approve'] else 'denied'} by {it['by']}{': ' if it['reason'] else ''}{it['reason']}" for it in row["answers"]]  # fmt: skip
    eyes = ["two people are asked"] if row["four_eyes"] else []
    return "; ".join(filter(None, [row["reason"], *eyes, *said]))


def _block(row: Row) -> Text:
    """One call for a person to read: the arguments have the whole width."""
    state = ApprovalState(row["state"])
    text = Text.assemble(
        (row["id"], "bold"), "  ", (state.value, _STYLE[state]), f", until {moment_of(row['expires'])} UTC\n"
    )
    call = f"{one_line(row['tool'])} of {one_line(row['server'])}, for the grant {row['grant']}"
    for label, value in (("call", call), ("arguments", _arguments(row)), ("why", one_line(_why(row)))):
        text.append(f"  {label:<11}", style="dim").append(f"{one_line(value)}\n")
    return text


_STYLE: Final = {
    ApprovalState.PENDING: "yellow",
    ApprovalState.APPROVED: "green",
    ApprovalState.DENIED: "red",
    ApprovalState.USED: "",
    ApprovalState.EXPIRED: "dim",
}
COLUMNS: Final = (
    Column("ID", lambda row: str(row["id"])),
    Column(
        "State",
        lambda row: str(row["state"]),
        lambda row: Text(row["state"], style=_STYLE[ApprovalState(row["state"])]),
    ),
    Column("Until (UTC)", lambda row: moment_of(row["expires"])),
    Column("Grant", lambda row: str(row["grant"]), folds=True),
    Column(
        "Tool",
        lambda row: f"{row['server']}/{row['tool']}",
        lambda row: Text(one_line(f"{row['server']}/{row['tool']}"), style="bold"),
        folds=True,
    ),
    Column("Arguments", _arguments, ratio=2),
    Column("Why", _why, ratio=1),
)
