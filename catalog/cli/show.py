"""`catalog show`: all that is known about a server, or about one tool of it."""

from __future__ import annotations

from contextlib import closing
from typing import Annotated, Any

import typer
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from catalog.cli import options, output
from catalog.cli.addressing import find, named
from catalog.cli.tools import ClassifiedTool, ToolFormat, print_tools
from catalog.db.store import Store
from catalog.files import write_text
from catalog.public import change_json, server_json, to_json, tool_json
from catalog.records import Override, ServerEntry, ToolEntry
from catalog.site.words import BASIS_WORD
from catalog.visible import one_line, visible
from classifier.findings import findings
from classifier.types import ToolDefinition

app = typer.Typer(add_completion=False, rich_markup_mode="rich")

EPILOG = """\
[bold]Examples[/]

catalog show workflows-mcp

catalog show workflows-mcp/cancel_job

catalog show workflows-mcp --format json -o workflows-mcp.json
"""
MAX_DESCRIPTION = 2000  # characters of a description in the terminal; --format json has all of it


@app.command(epilog=EPILOG)
def show(
    target: Annotated[
        str, typer.Argument(metavar="SERVER[/TOOL]", help="A server in the catalogue, or one of its tools.")
    ],
    form: Annotated[ToolFormat, typer.Option("--format", "-f", help="How to print it.")] = ToolFormat.TABLE,
    out: options.OutputFile = None,
    db: options.Database = None,
) -> None:
    """Show all that is known about a server or a tool, with its history."""
    with closing(Store.open(db)) as store:
        server, tool_name = find(store, target)
        tools = server.tools if tool_name is None else named(server, tool_name)
        history = [] if tool_name is None else store.history(server.name, tool_name)
        machine = form in (ToolFormat.JSON, ToolFormat.JSONL)
        changes = list(store.changes(servers=[server.name])) if machine else []
    if machine:
        value: Any = server_json(server) if tool_name is None else tool_json(tools[0])
        value["history"] = [change_json(one) for one in changes if tool_name in (None, one.tool)]
        _emit(to_json(value, indent=2 if form is ToolFormat.JSON else None), out)
        return
    if form is ToolFormat.TABLE and out is None:
        _print_server(server)
    if tool_name is not None and form is ToolFormat.TABLE and out is None:
        for tool in tools:
            _print_tool(tool)
        output.say(f"{len(history)} {'version' if len(history) == 1 else 'versions'} of this definition seen")
        return
    print_tools([ClassifiedTool(tool.definition, tool.classification) for tool in tools], form, out)


def _emit(text: str, out: Any) -> None:
    if out is None:
        output.line(text)
    else:
        write_text(out, text + "\n")


def _print_server(server: ServerEntry) -> None:
    lines = [
        ("Server", f"{server.name} ({server.title})" if server.title else server.name),
        ("Repository", server.repository),
        (_kind(server), f"{server.package} {server.package_version or ''}" if server.package else None),
        ("Last crawl", f"{server.crawled_at:%Y-%m-%d %H:%M} UTC, {server.outcome.replace('_', ' ')}"),
        ("Reason", server.reason or None),
        ("Next step", server.next_step or None),
        ("Remarks", "; ".join(server.notes) or None),
        ("Not read", "; ".join(server.unread) or None),
    ]
    for name, value in lines:
        if value:
            _fact(name, Text(one_line(value)), width=12)
    output.data.print()


def _fact(name: str, value: Text, style: str = "dim", width: int = 10) -> None:
    """A name and what belongs to it; what goes on on further lines stays beside the name."""
    row = Table.grid()
    row.add_column(width=width)
    row.add_column(overflow="fold")
    row.add_row(Text(name, style=style), value)
    output.data.print(row)


def _kind(server: ServerEntry) -> str:
    package = server.package or ""
    return "Address" if "://" in package else "Package" if ":" in package else "Command"


def _print_tool(tool: ToolEntry) -> None:
    definition, found = tool.definition, tool.classification
    heading = Text.assemble(
        (one_line(definition.name), "bold"),
        "  ",
        output.level_text(found.risk),
        "  ",
        output.category_text(found.category),
    )
    output.data.print(heading)
    sure = f"{output.percent(found.confidence)} sure, judged by {BASIS_WORD[found.basis]}; "
    output.data.print(Text(one_line(found.reason) if tool.override else sure + one_line(found.reason)))
    if tool.override is not None:
        _fact("applies", Text(_until(tool.override)), "magenta")
    output.data.print(
        Panel(_description(tool), title="the server's own words", title_align="left", border_style="dim")
    )
    for evidence in found.evidence:
        place = (f"  {one_line(evidence.field)}, {evidence.rule}", "dim")
        _fact("evidence", Text.assemble(f"“{one_line(evidence.excerpt)}”", place))
    for modifier in found.modifiers:
        arrow = {1: "raises the level", -1: "lowers the level", 0: "noted"}[modifier.direction]
        _fact("modifier", Text(f"{modifier.name}, {arrow}: “{one_line(modifier.evidence.excerpt)}”"))
    if found.annotation_conflict and not found.needs_review:  # a person has looked at it
        _fact("conflict", Text(one_line(found.annotation_conflict)))
    for line in found.review_reasons:
        _fact("review", Text(one_line(line)), "magenta")
    _print_findings(definition)
    policy = tool_json(tool)["policy"]
    output.data.print(
        Panel(
            Text(to_json(policy, indent=2)),
            title="policy.json for this tool alone",
            title_align="left",
            border_style="dim",
        )
    )
    output.data.print(
        Text(
            f"first seen {tool.first_seen:%Y-%m-%d}, last seen {tool.last_seen:%Y-%m-%d}, fingerprint {definition.fingerprint[:12]}",
            style="dim",
        )
    )


def _until(override: Override) -> str:
    """How far the correction reaches; who made it, when and why is the label's reason."""
    where = "on every server that has this definition" if override.any_server else "for this definition"
    return f"{where}, {f'until {override.expires}' if override.expires else 'without an end'}"


def _print_findings(definition: ToolDefinition) -> None:
    """Suspicious text, apart from category and level: what was found, where, and why it matters."""
    for finding in findings(definition):
        place = f"{one_line(finding.evidence.field)}, {finding.id}"
        said = f"{finding.title}: “{one_line(finding.evidence.excerpt)}”"
        _fact("finding", Text.assemble(said, (f"  {place}. {finding.why}", "dim")), "bold yellow")


def _description(tool: ToolEntry) -> Text:
    definition = tool.definition
    if definition.description:
        return Text(visible(definition.description[:MAX_DESCRIPTION].strip(), keep_newlines=True))
    if definition.description_unread:
        return Text("This source does not carry the description, or it could not be read.", style="dim")
    return Text(
        "The description is empty." if definition.description is not None else "No description is published.",
        style="dim",
    )
