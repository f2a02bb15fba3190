"""`catalog policy diff`: what changes in effect from one policy to another, tool by tool."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.text import Text

from catalog.cli import options, output
from catalog.cli.listing import Column, print_rows
from catalog.cli.policy_input import Servers, definitions_of, read_policy
from catalog.policy.diff import ANY_OTHER, Change
from catalog.policy.diff import diff as compare

DIFF_EPILOG: Final = """\
[bold]Examples[/]

catalog policy diff policy.json new.json

catalog policy diff policy.json new.json --server workflows-mcp
"""


def diff(
    old: Annotated[Path, typer.Argument(metavar="OLD", help="The policy as it is; - reads stdin.")],
    new: Annotated[Path, typer.Argument(metavar="NEW", help="The policy as it would be.")],
    servers: Servers = None,
    form: options.OutputFormat = options.Format.TABLE,
    db: options.Database = None,
) -> None:
    """Compare two policies: what changes in effect, and whether it is stricter or laxer."""
    before, after = read_policy(old), read_policy(new)
    definitions = definitions_of(servers, db)
    changes = compare(before, after, definitions)
    if changes or form is not options.Format.TABLE:
        print_rows([_row(change) for change in changes], COLUMNS, form, None)
    counts = [
        f"{count} {word}"
        for word in ("stricter", "laxer", "mixed")
        if (count := sum(change.direction == word for change in changes))
    ]
    output.say(
        f"{output.plural(len(changes), 'tool')} changed: {', '.join(counts)}"
        if changes
        else "no change in effect"
    )


def _row(change: Change) -> dict[str, Any]:
    return {
        "tool": "(any other tool)" if change.tool == ANY_OTHER else change.tool,
        "direction": change.direction.value,
        "before": change.before.value,
        "after": change.after.value,
        "details": list(change.details),
    }


_STYLE: Final = {"stricter": "green", "laxer": "bold red", "mixed": "yellow"}
COLUMNS: Final = (
    Column("Tool", lambda row: str(row["tool"]), folds=True),
    Column(
        "Change",
        lambda row: str(row["direction"]),
        lambda row: Text(row["direction"], style=_STYLE[row["direction"]]),
    ),
    Column("Before", lambda row: str(row["before"])),
    Column("After", lambda row: str(row["after"])),
    Column("Details", lambda row: "; ".join(row["details"]), ratio=1),
)
