"""`catalog crawl`: many servers side by side, an outcome with its reason for each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.text import Text

from catalog.cli import options, output, summary
from catalog.cli.collecting import collect
from catalog.cli.invocation import Invocation
from catalog.cli.listing import NARROW, Column, Row, print_rows
from catalog.cli.output import plural
from catalog.cli.probing import probe_options
from catalog.db.store import Store
from catalog.errors import NothingCollected, UsageError
from catalog.model import load_classifier
from catalog.probe.limits import Sandbox
from catalog.records import CrawlResult, Outcome, ServerEntry, ServerRecord
from catalog.sources.sets import bundled, configured, listed
from catalog.sources.target import resolve
from catalog.visible import one_line

app = typer.Typer(add_completion=False, rich_markup_mode="rich")

EPILOG = """\
[bold]Examples[/]

catalog crawl workflows-mcp pypi:mcp-server-git npm:@modelcontextprotocol/server-memory --jobs 4

catalog crawl --source config

catalog crawl --source list --list servers.txt --jobs 8
"""


class SourceSet(StrEnum):
    """Where a whole set of servers comes from."""

    BUNDLED = "bundled"
    CONFIG = "config"
    LIST = "list"


@app.command(epilog=EPILOG)
def crawl(
    ctx: typer.Context,
    targets: Annotated[
        list[str] | None, typer.Argument(metavar="TARGET", help="Servers, as for classify.")
    ] = None,
    source: Annotated[
        SourceSet | None,
        typer.Option(
            "--source", help="A whole set: the bundled index, the clients configured here, or a list file."
        ),
    ] = None,
    list_file: Annotated[
        Path | None, typer.Option("--list", metavar="FILE", help="One target a line, # comments.")
    ] = None,
    form: options.OutputFormat = options.Format.TABLE,
    out: options.OutputFile = None,
    jobs: options.Jobs = 4,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Begin anew instead of resuming an interrupted crawl.")
    ] = False,
    sandbox: options.SandboxOption = Sandbox.AUTO,
    allow_network: options.AllowNetwork = False,
    timeout: options.Timeout = 120,
    strict: options.Strict = False,
    db: options.Database = None,
) -> None:
    """Collect and classify the tools of many servers; an interrupted crawl goes on where it was."""
    records = _records(targets or [], source, list_file, ctx.ensure_object(Invocation).command)
    classifier = load_classifier()
    with closing(Store.open(db)) as store:
        settings = probe_options(sandbox, timeout, allow_network=allow_network)
        try:
            collected = collect(records, store, classifier, settings, jobs, resume=not fresh)
        except KeyboardInterrupt:
            output.warn("interrupted: what has ended is stored; the same command goes on from there")
            raise
        earlier = [entry for name in collected.resumed if (entry := store.server(name)) is not None]
    rows = [*map(_row, collected.results), *map(_stored_row, earlier)]
    if earlier:
        output.say(f"resumed: {plural(len(earlier), 'server')} had been done before the interruption")
    print_rows(
        sorted(rows, key=lambda row: (row["outcome"] == Outcome.OK, row["server"])),
        _columns(form, out),
        form,
        out,
    )
    output.say("")
    output.say(_counts(rows))
    if not any(row["tools"] for row in rows):
        raise NothingCollected("no tools from any of the servers", hint="the table above says why")
    failed = [row["server"] for row in rows if row["outcome"] not in (Outcome.OK, Outcome.NO_TOOLS)]
    summary.strictly(failed if strict else ())


def _records(
    targets: Sequence[str], source: SourceSet | None, list_file: Path | None, command: Sequence[str]
) -> list[ServerRecord]:
    records = resolve(targets, command) if targets or command else []
    if source is SourceSet.LIST and list_file is None:
        raise UsageError(
            "--source list needs a file",
            hint="catalog crawl --source list --list servers.txt",
        )
    if source is SourceSet.BUNDLED:
        records += bundled()
    elif source is SourceSet.CONFIG:
        records += configured()
    elif list_file is not None:
        records += listed(list_file)
    if not records:
        raise UsageError("nothing to crawl", hint="name servers, or a set: catalog crawl --source bundled")
    return records


def _counts(rows: Sequence[Row]) -> str:
    outcomes = Counter(row["outcome"] for row in rows)
    tools = sum(row["tools"] for row in rows)
    listed_outcomes = ", ".join(
        f"{count} {outcome.replace('_', ' ')}" for outcome, count in outcomes.most_common()
    )
    return f"{plural(outcomes.total(), 'server')}: {listed_outcomes or 'none'} · {plural(tools, 'tool')}"


def _row(result: CrawlResult) -> dict[str, Any]:
    return {
        "server": result.record.name,
        "outcome": result.outcome.value,
        "tools": len(result.definitions),
        "version": result.package_version,
        "protocol": result.protocol_version,
        "isolation": result.isolation,
        "seconds": round(result.seconds, 2),
        "reason": result.reason,
        "next_step": result.next_step,
        "notes": list(result.notes),
        "unread": list(result.unread),
    }


def _stored_row(entry: ServerEntry) -> dict[str, Any]:
    """A server that the interrupted crawl had done, as it was stored."""
    return {
        "server": entry.name,
        "outcome": entry.outcome.value,
        "tools": len(entry.tools) if entry.outcome is Outcome.OK else 0,
        "version": entry.package_version,
        "protocol": entry.protocol_version,
        "isolation": entry.isolation,
        "seconds": 0.0,
        "reason": entry.reason,
        "next_step": entry.next_step,
        "notes": list(entry.notes),
        "unread": list(entry.unread),
    }


def _remark(row: Any) -> str:
    return str(row["reason"] or "; ".join(row["notes"] + row["unread"]))


def _columns(form: options.Format, out: Path | None) -> tuple[Column, ...]:
    """All columns; in a narrow terminal the remark stands below the server's name."""
    if form is options.Format.TABLE and out is None and output.data.width < NARROW:
        return (_SERVER_AND_REMARK, *COLUMNS[1:3])
    return COLUMNS


def _outcome_text(row: Any) -> Text:
    return Text(row["outcome"].replace("_", " "), style="green" if row["outcome"] == Outcome.OK else "yellow")


def _remark_text(row: Any) -> Text:
    text = Text(one_line(_remark(row), 160))
    return text.append(f" → {one_line(row['next_step'], 120)}", style="dim") if row["next_step"] else text


def _server_text(row: Any) -> Text:
    return Text(one_line(row["server"], 40), style="bold")


def _server_and_remark(row: Any) -> Text:
    remark = _remark_text(row)
    return Text.assemble(_server_text(row), "\n", remark) if remark else _server_text(row)


COLUMNS: Final = (
    Column("Server", lambda row: str(row["server"]), _server_text),
    Column("Outcome", lambda row: str(row["outcome"]), _outcome_text),
    Column("Tools", lambda row: str(row["tools"]), justify="right"),
    Column("Version", lambda row: str(row["version"] or "")),
    Column("Seconds", lambda row: f"{row['seconds']:.1f}", justify="right"),
    Column("Remark", _remark, _remark_text, ratio=1),
)
_SERVER_AND_REMARK: Final = Column(
    "Server and remark", lambda row: str(row["server"]), _server_and_remark, ratio=1
)
