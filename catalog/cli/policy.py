"""`catalog policy`: the recommended policy of a server, and everything about one that was written."""

from __future__ import annotations

import shlex
from contextlib import closing
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.text import Text

from catalog.cli import options, output
from catalog.cli.listing import Column, print_rows
from catalog.cli.policy_diff import DIFF_EPILOG, diff
from catalog.cli.policy_input import PolicyFile, Servers, known_server, read_policy, tools_of
from catalog.cli.policy_trial import EXPLAIN_EPILOG, TEST_EPILOG, explain, run_own_tests
from catalog.db.store import Store
from catalog.errors import PolicyError, UsageError
from catalog.files import write_text
from catalog.policy.check import check as check_policy
from catalog.policy.document import PolicyDocument, document, render
from catalog.policy.document_2 import document_2
from catalog.policy.finding import Finding, Severity
from catalog.policy.grammar import InvalidPolicy
from catalog.policy.recommend import Profile
from catalog.records import ToolEntry

EPILOG = "[bold]Example[/]  catalog policy export workflows-mcp -o policy.json"

app = typer.Typer(add_completion=False, rich_markup_mode="rich", no_args_is_help=True, epilog=EPILOG)

EXPORT_EPILOG = """\
[bold]Examples[/]

catalog policy export workflows-mcp -o policy.json

catalog policy export workflows-mcp --profile strict

catalog policy export workflows-mcp --policy-version 2 --pin -o policy.json
"""
CHECK_EPILOG = """\
[bold]Examples[/]

catalog policy check policy.json

catalog policy check policy.json --server workflows-mcp
"""


class GrammarVersion(StrEnum):
    """Which grammar a policy is written in."""

    ONE = "1"
    TWO = "2"


@app.callback()
def policy() -> None:
    """Export, check, explain, test and compare policies."""


@app.command(epilog=EXPORT_EPILOG)
def export(
    servers: Annotated[list[str], typer.Argument(metavar="SERVER", help="Servers in the catalogue.")],
    profile: Annotated[Profile, typer.Option("--profile", help="How cautious.")] = Profile.RECOMMENDED,
    version: Annotated[
        GrammarVersion,
        typer.Option(
            "--policy-version", help="The grammar: 2 can ask a person, cap money and pin definitions."
        ),
    ] = GrammarVersion.ONE,
    pin: Annotated[
        bool, typer.Option("--pin", help="Tie the policy to the tools' present definitions (version 2).")
    ] = False,
    out: options.OutputFile = None,
    db: options.Database = None,
) -> None:
    """Write the recommended policy.json of one or more servers."""
    if pin and version is GrammarVersion.ONE:
        raise UsageError("version 1 cannot pin definitions", hint="add --policy-version 2")
    with closing(Store.open(db)) as store:
        entries = [known_server(store, name) for name in servers]
    made = _document([tool for entry in entries for tool in entry.tools], profile, version, pin=pin)
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


def _document(
    tools: list[ToolEntry], profile: Profile, version: GrammarVersion, *, pin: bool
) -> PolicyDocument:
    pairs = [(tool.definition, tool.classification) for tool in tools]
    return document(pairs, profile) if version is GrammarVersion.ONE else document_2(pairs, profile, pin=pin)


@app.command(epilog=CHECK_EPILOG)
def check(
    file: PolicyFile,
    servers: Servers = None,
    form: options.OutputFormat = options.Format.TABLE,
    strict: Annotated[bool, typer.Option("--strict", help="Fail on warnings too.")] = False,
    db: options.Database = None,
) -> None:
    """Check a policy: its grammar, and, with --server, whether it fits that server's tools."""
    version, found = _findings(file, servers, db, form)
    findings = sorted(found, key=lambda finding: list(Severity).index(finding.severity))
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
    output.say(f"{file}: valid, version {version}, {remarks}")


def _findings(
    file: Path, servers: list[str] | None, db: str | None, form: options.Format
) -> tuple[str, tuple[Finding, ...]]:
    """The policy's version and what is to be said; where its grammar is broken, that is all there is."""
    try:
        parsed = read_policy(file)
    except InvalidPolicy as error:
        if form is options.Format.TABLE:
            raise
        return "", tuple(Finding(Severity.ERROR, it.pointer, it.line, it.message) for it in error.problems)
    tools = tools_of(servers, db)
    labels = {tool.definition.fingerprint: tool.classification for tool in tools}
    return parsed.version, check_policy(parsed, [tool.definition for tool in tools], labels)


app.command(epilog=EXPLAIN_EPILOG)(explain)
app.command("test", epilog=TEST_EPILOG)(run_own_tests)
app.command(epilog=DIFF_EPILOG)(diff)


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
