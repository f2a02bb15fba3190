"""`catalog labels`: the project's labels, checked, and joined with their definitions again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Annotated, Any, Final

import anyio
import typer

from catalog.cli import options, output
from catalog.cli.labelled_input import SHIPPED, LabelsFile
from catalog.cli.listing import Column, print_rows
from catalog.cli.output import plural
from catalog.cli.probing import probe_options
from catalog.cli.progress import CrawlBar
from catalog.crawl.engine import crawl
from catalog.db.store import Store
from catalog.errors import ConfigError, NotDefinitions, NothingCollected
from catalog.files import writing
from catalog.labelling.fetching import fetch
from catalog.labelling.joining import Join, State
from catalog.labelling.packages import package_records
from catalog.labelling.reference import read_labels
from catalog.overrides.book import NO_OVERRIDES
from catalog.probe.limits import Sandbox
from catalog.public import to_json
from catalog.records import CrawlResult
from catalog.sources.target import resolve
from classifier.label_lint import Checked
from classifier.label_lint import check as check_labels
from classifier.types import ToolDefinition

CHECK_EPILOG = """\
[bold]Examples[/]

catalog labels check

catalog labels check my-labels.jsonl --format json
"""
JOIN_EPILOG = """\
[bold]Examples[/]

catalog labels join -o labelled.jsonl

catalog labels join --offline --definitions saved/ -o labelled.jsonl

Then: catalog train labelled.jsonl --out my-model
"""

app = typer.Typer(
    add_completion=False,
    rich_markup_mode="rich",
    no_args_is_help=True,
    epilog="[bold]Examples[/]  catalog labels check · catalog labels join -o labelled.jsonl",
)


@app.callback()
def labels() -> None:
    """Check the labels that are kept as references, and join them with their definitions again."""


@app.command(epilog=CHECK_EPILOG)
def check(
    path: LabelsFile = SHIPPED,
    form: options.OutputFormat = options.Format.TABLE,
    out: options.OutputFile = None,
) -> None:
    """Find what is wrong with a file of labels: fields, repetitions, contradictions, the codebook's floors."""
    found = _checked(path)
    rows = [
        {"file": str(path), "line": one.line, "tool": one.subject, "message": one.message}
        for one in found.problems
    ]
    if rows or form is not options.Format.TABLE:
        print_rows(rows, PROBLEM_COLUMNS, form, out)
    if rows:
        raise ConfigError(
            f"{path}: {plural(len(rows), 'error')}", hint="mend the lines that are listed above"
        )
    output.say(f"{path}: {plural(found.labels, 'label')}, no errors")


def _checked(path: Path) -> Checked:
    try:
        return check_labels(path)
    except (OSError, UnicodeDecodeError) as error:
        raise NotDefinitions(f"cannot read {path}: {error}", hint="name a file of labels") from error


@app.command(epilog=JOIN_EPILOG)
def join(
    out: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="Write the labelled definitions here.")
    ],
    path: LabelsFile = SHIPPED,
    definitions: Annotated[
        list[str] | None,
        typer.Option(
            "--definitions", metavar="TARGET", help="Saved lists or source code to look into; repeatable."
        ),
    ] = None,
    offline: Annotated[bool, typer.Option("--offline", help="Fetch nothing.")] = False,
    start_packages: Annotated[
        bool,
        typer.Option(
            "--start-packages", help="Also start the packages that labels refer to, to read their tools."
        ),
    ] = False,
    sandbox: options.SandboxOption = Sandbox.AUTO,
    jobs: options.Jobs = 4,
    form: options.OutputFormat = options.Format.TABLE,
    db: options.Database = None,
) -> None:
    """Join labels with their definitions: your catalogue, files, and public sources at their pinned commits.

    A definition counts only if its fingerprint is the label's.
    """
    joined = Join(read_labels(path))
    joined.offer(_given(definitions or []))
    with closing(Store.open(db, overrides=NO_OVERRIDES)) as store:
        joined.offer(tool.definition for entry in store.servers() for tool in entry.tools)
    if not offline:
        _fetch(joined, jobs)
        if start_packages:
            _start(joined, jobs, sandbox)
    _write(joined, out)
    print_rows(_report(joined), JOIN_COLUMNS, form, None)
    for reason, count in _reasons(joined):
        output.say(f"{plural(count, 'source')}: {reason}", "dim")
    if offline:
        output.say("offline: no public source was asked", "yellow")


def _given(targets: list[str]) -> Iterator[ToolDefinition]:
    for record in resolve(targets):
        yield from record.definitions


def _fetch(joined: Join, jobs: int) -> None:
    files = joined.files()
    output.say(f"fetching {plural(len(files), 'file')} at their pinned commits …")
    unreachable = set()
    for fetched in fetch(files, jobs):
        joined.read(fetched)
        if fetched.offline:
            unreachable.add(fetched.reference.host)
    for host in sorted(unreachable):
        output.warn(f"{host} cannot be reached: is there a network? Labels of files there were not joined")


def _start(joined: Join, jobs: int, sandbox: Sandbox) -> None:
    records = package_records(joined.waiting)
    settings = probe_options(sandbox, 120, allow_network=False)
    reference_of = {id(record): reference for reference, record in records.items()}

    def save(result: CrawlResult) -> None:
        joined.crawled(reference_of[id(result.record)], result)

    async def run() -> None:
        with CrawlBar(len(records)) as bar:
            await crawl(records.values(), jobs=jobs, options=settings, save=save, progress=bar)

    anyio.run(run)


def _write(joined: Join, out: Path) -> None:
    rows = list(joined.rows())
    if not rows:
        raise NothingCollected(
            "no label could be joined with its definition",
            hint="name files with --definitions, crawl servers first, or let it reach the network",
        )
    with writing(out) as file:
        for row in rows:
            file.write(to_json(row) + "\n")
    output.say(f"{out}: {len(rows):,} of {plural(len(joined.labels), 'label')} joined")


def _report(joined: Join) -> list[dict[str, Any]]:
    return [
        {"source": source, **{state.value: counts[state] for state in State}, "labels": counts.total()}
        for source, counts in joined.by_source().items()
    ]


def _reasons(joined: Join) -> list[tuple[str, int]]:
    """Why sources gave nothing, the most frequent reason first."""
    counted: dict[str, int] = {}
    for reason in joined.reasons.values():
        counted[reason] = counted.get(reason, 0) + 1
    return sorted(counted.items(), key=lambda item: (-item[1], item[0]))


def _count(state: State) -> Column:
    return Column(state.value.capitalize(), lambda row: f"{row[state.value]:,}", justify="right")


PROBLEM_COLUMNS: Final = (
    Column("Line", lambda row: f"{row['line']:,}", justify="right"),
    Column("Tool", lambda row: str(row["tool"]), folds=True),
    Column("What is wrong", lambda row: str(row["message"]), ratio=1),
)
JOIN_COLUMNS: Final = (
    Column("Source", lambda row: str(row["source"])),
    *(_count(state) for state in State),
    Column("Labels", lambda row: f"{row['labels']:,}", justify="right"),
)
