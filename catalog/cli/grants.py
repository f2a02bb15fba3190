"""`catalog grants`: under which names calls are made and counted, and with which tokens."""

from __future__ import annotations

import difflib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.text import Text

from catalog.cli import options, output
from catalog.cli.exact import moment_of
from catalog.cli.listing import Column, print_rows
from catalog.db.ledger import Grant, Ledger
from catalog.db.store import now
from catalog.errors import UnknownTarget, UsageError
from catalog.gateway.policy_file import PolicyFile

EPILOG = "[bold]Example[/]  catalog grants add reporting-agent"

app = typer.Typer(add_completion=False, rich_markup_mode="rich", no_args_is_help=True, epilog=EPILOG)

ADD_EPILOG = """\
[bold]Examples[/]

catalog grants add reporting-agent

catalog grants add reporting-agent --policy reporting.json --expires 2027-01-31
"""
LIST_EPILOG = """\
[bold]Example[/]  catalog grants list --format json
"""
REVOKE_EPILOG = """\
[bold]Example[/]  catalog grants revoke reporting-agent
"""
_DAY, _MINUTE = "%Y-%m-%d", "%Y-%m-%dT%H:%M"


@app.callback()
def grants() -> None:
    """Say under which names calls are made, and with which tokens."""


@app.command(epilog=ADD_EPILOG)
def add(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="Whose calls these are; limits are counted by it.")
    ],
    policy: Annotated[
        Path | None,
        typer.Option("--policy", metavar="FILE", help="A policy of its own. Default: the gateway's."),
    ] = None,
    expires: Annotated[
        str | None,
        typer.Option(
            "--expires", metavar="DATE", help="Its last day, or YYYY-MM-DDTHH:MM for its end (UTC)."
        ),
    ] = None,
    db: options.Database = None,
) -> None:
    """Make a grant and print its token, which is shown this once: only a hash of it is kept."""
    if policy is not None:
        PolicyFile(policy, output.warn)  # a grant whose policy cannot be read would deny every call
    own = str(policy.absolute()) if policy else None
    with Ledger.open(db) as ledger:
        made, token = ledger.grant(name, policy=own, expires=_end(expires) if expires else None)
    until = f", until {made.expires:{_MINUTE}} UTC" if made.expires else ""
    output.say(f"{made.name}: granted{until}; its token is shown this once")
    output.line(token)
    output.say(
        f'Next: clients send it as "Authorization: Bearer TOKEN"; to end it: catalog grants revoke {made.name}'
    )


@app.command("list", epilog=LIST_EPILOG)
def list_(
    form: options.OutputFormat = options.Format.TABLE,
    out: options.OutputFile = None,
    db: options.Database = None,
) -> None:
    """List all grants, those that have ended too."""
    with Ledger.open(db) as ledger:
        found = ledger.grants()
    if found or form is not options.Format.TABLE:
        print_rows([_row(grant) for grant in found], COLUMNS, form, out)
    if not found:
        output.say("there are no grants yet: catalog grants add NAME")


@app.command(epilog=REVOKE_EPILOG)
def revoke(
    name: Annotated[str, typer.Argument(metavar="NAME", help="As catalog grants list shows it.")],
    db: options.Database = None,
) -> None:
    """End a grant at once, for sessions that are open too."""
    with Ledger.open(db) as ledger:
        if ledger.revoke(name):
            output.say(f"{name}: revoked")
            return
        known = [grant.name for grant in ledger.grants()]
    if name in known:
        raise UsageError(f"the grant {name} was revoked before", hint="catalog grants list")
    near = difflib.get_close_matches(name, known, n=3)
    hint = f"did you mean {' or '.join(near)}?" if near else "catalog grants list"
    raise UnknownTarget(f"there is no grant {name!r}", hint=hint)


def _end(text: str) -> datetime:
    """The first moment at which the grant is over."""
    for form, more in ((_DAY, timedelta(days=1)), (_MINUTE, timedelta())):
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC) + more
        except (ValueError, OverflowError):
            continue
    raise UsageError(f"--expires {text!r} is no date", hint="write 2027-01-31, or 2027-01-31T18:00 (UTC)")


def _row(grant: Grant) -> dict[str, Any]:
    state = "revoked" if grant.revoked else "expired" if grant.ended(now()) else "in force"
    return {
        "name": grant.name,
        "state": state,
        "token": grant.has_token,
        "policy": grant.policy,
        "created": grant.created.isoformat(),
        "expires": grant.expires.isoformat() if grant.expires else None,
        "revoked": grant.revoked.isoformat() if grant.revoked else None,
    }


_STYLE: Final = {"in force": "green", "expired": "yellow", "revoked": "red"}
COLUMNS: Final = (
    Column("Name", lambda row: str(row["name"]), folds=True),
    Column(
        "State", lambda row: str(row["state"]), lambda row: Text(row["state"], style=_STYLE[row["state"]])
    ),
    Column("Calls come", lambda row: "with a token" if row["token"] else "over stdio"),
    Column("Since (UTC)", lambda row: moment_of(row["created"])),
    Column("Until (UTC)", lambda row: moment_of(row["expires"]) if row["expires"] else ""),
    Column("Policy", lambda row: row["policy"] or "the gateway's", ratio=1),
)
