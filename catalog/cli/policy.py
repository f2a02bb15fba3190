"""`catalog policy`: the recommended policy of a server, and a check of one that was written."""

from __future__ import annotations

import difflib
import shlex
import sys
from contextlib import closing
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.text import Text

from catalog.cli import options, output
from catalog.cli.addressing import server_named
from catalog.cli.listing import Column, print_rows
from catalog.db.store import Store
from catalog.errors import PolicyError, UnknownTarget
from catalog.files import write_text
from catalog.policy.check import Finding, Severity
from catalog.policy.check import check as check_policy
from catalog.policy.document import document, render
from catalog.policy.grammar import InvalidPolicy, parse
from catalog.policy.recommend import Profile
from catalog.records import ServerEntry, ToolEntry

app = typer.Typer(add_completion=False, rich_markup_mode="rich", no_args_is_help=True)

EXPORT_EPILOG = """\
[bold]Examples[/]

catalog policy export workflows-mcp -o policy.json

catalog policy export workflows-mcp --profile strict
"""
CHECK_EPILOG = """\
[bold]Examples[/]

catalog policy check policy.json

catalog policy check policy.json --server workflows-mcp
"""


@app.callback()
def policy() -> None:
    """Export and check policies."""


@app.command(epilog=EXPORT_EPILOG)
def export(
    servers: Annotated[list[str], typer.Argument(metavar="SERVER", help="Servers in the catalogue.")],
    profile: Annotated[Profile, typer.Option("--profile", help="How cautious.")] = Profile.RECOMMENDED,
    out: options.OutputFile = None,
    db: options.Database = None,
) -> None:
    """Write the recommended policy.json (version 1) of one or more servers."""
    with closing(Store.open(db)) as store:
        entries = [_server(store, name) for name in servers]
    made = document(
        [(tool.definition, tool.classification) for entry in entries for tool in entry.tools], profile
    )
    corrected = sum(tool.override is not None for entry in entries for tool in entry.tools)
    if corrected:
        output.say(
            f"{output.plural(corrected, 'label')} corrected by a person: catalog override --list", "magenta"
        )
    for rounding in made.roundings:
        output.say(f"{rounding.tool}: {rounding.why}", "dim")
    if out is None:
        output.line(render(made).removesuffix("\n"))
        return
    write_text(out, render(made))
    output.say(f"{out}: {made.summary()}")
    output.say(f"Next: catalog policy check {shlex.quote(str(out))} --server {shlex.quote(servers[0])}")


@app.command(epilog=CHECK_EPILOG)
def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A policy.json; - reads stdin.")],
    servers: Annotated[
        list[str] | None,
        typer.Option(
            "--server",
            "-s",
            metavar="SERVER",
            help="Check against the tools of this server; may be repeated.",
        ),
    ] = None,
    form: options.OutputFormat = options.Format.TABLE,
    strict: Annotated[bool, typer.Option("--strict", help="Fail on warnings too.")] = False,
    db: options.Database = None,
) -> None:
    """Check a policy: its grammar, and, with --server, whether it fits that server's tools."""
    findings = sorted(
        _findings(file, servers or [], db, form), key=lambda finding: list(Severity).index(finding.severity)
    )
    if findings or form is not options.Format.TABLE:
        print_rows([_row(finding) for finding in findings], COLUMNS, form, None)
    worst = [
        finding
        for finding in findings
        if finding.severity is Severity.ERROR or (strict and finding.severity is Severity.WARNING)
    ]
    if worst:
        raise PolicyError(
            f"{file}: {output.plural(len(worst), 'finding')} to be mended",
            hint="the table above names each with its line",
        )
    remarks = output.plural(len(findings), "remark") if findings else "no remarks"
    output.say(f"{file}: valid, version 1, {remarks}")


def _findings(file: Path, servers: list[str], db: str | None, form: options.Format) -> tuple[Finding, ...]:
    """What is to be said about the policy; where its grammar is broken, that is all there is to say."""
    try:
        parsed = parse(_read(file), str(file))
    except InvalidPolicy as error:
        if form is options.Format.TABLE:
            raise
        return tuple(Finding(Severity.ERROR, it.pointer, it.line, it.message) for it in error.problems)
    tools = _tools(servers, db)
    labels = {tool.definition.fingerprint: tool.classification for tool in tools}
    return check_policy(parsed, [tool.definition for tool in tools], labels)


def _read(file: Path) -> str:
    try:
        data = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
        return data.decode("utf-8")
    except OSError as error:
        raise PolicyError(
            f"cannot read {file}: {(error.strerror or '').lower()}",
            hint="catalog policy export SERVER -o policy.json",
        ) from error
    except UnicodeDecodeError as error:
        raise PolicyError(f"{file} is not UTF-8: byte {error.start}", hint="save it as UTF-8") from error


def _tools(servers: list[str], db: str | None) -> tuple[ToolEntry, ...]:
    if not servers:
        return ()
    with closing(Store.open(db)) as store:
        return tuple(tool for name in servers for tool in _server(store, name).tools)


def _server(store: Store, name: str) -> ServerEntry:
    entry = server_named(store, name)
    if entry is not None and entry.tools:
        return entry
    if entry is not None:
        raise UnknownTarget(
            f"{name} has no tools in the catalogue: {entry.reason or entry.outcome}",
            hint=entry.next_step or f"catalog classify {name}",
        )
    near = difflib.get_close_matches(name, store.server_names(), n=3)
    hint = f"did you mean {' or '.join(near)}?" if near else f"first: catalog classify {name}"
    raise UnknownTarget(f"{name} is not in the catalogue", hint=hint)


def _row(finding: Any) -> dict[str, Any]:
    return {
        "severity": finding.severity.value,
        "line": finding.line,
        "pointer": finding.pointer,
        "message": finding.message,
        "hint": finding.hint,
    }


_STYLE: Final = {"error": "bold red", "warning": "yellow", "info": "dim"}
COLUMNS: Final = (
    Column(
        "Severity",
        lambda row: str(row["severity"]),
        lambda row: Text(row["severity"], style=_STYLE[row["severity"]]),
    ),
    Column("Line", lambda row: str(row["line"] or ""), justify="right"),
    Column("Pointer", lambda row: str(row["pointer"]), folds=True),
    Column(
        "Finding",
        lambda row: f"{row['message']} ({row['hint']})" if row["hint"] else str(row["message"]),
        ratio=1,
    ),
)
