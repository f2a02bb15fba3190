"""`catalog build`: the static site, a page per tool."""

from __future__ import annotations

import shlex
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)

from catalog.cli import options, output
from catalog.db.store import Store
from catalog.errors import NothingCollected
from catalog.site.build import BuildOptions, BuildReport
from catalog.site.build import build as build_site

app = typer.Typer(add_completion=False, rich_markup_mode="rich")

EPILOG = """\
[bold]Examples[/]

catalog build

catalog build --out public --base-url https://tools.example.com/

catalog build --only workflows-mcp --out draft
"""


@app.command(epilog=EPILOG)
def build(
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="Where the site goes; replaced in one step.")
    ] = Path("site"),
    base_url: Annotated[
        str | None, typer.Option("--base-url", metavar="URL", help="Where the site will be published.")
    ] = None,
    report_url: Annotated[
        str | None,
        typer.Option(
            "--report-url",
            metavar="TEMPLATE",
            help="Link of “Is this wrong?”; {server}, {tool} and {fingerprint} are filled in.",
        ),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option("--only", metavar="SERVER", help="Show only this server; may be given several times."),
    ] = None,
    limit_servers: Annotated[
        int | None,
        typer.Option("--limit-servers", metavar="N", min=1, help="Show at most N servers, by name."),
    ] = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Make every page anew, whatever the last build knew.")
    ] = False,
    db: options.Database = None,
) -> None:
    """Write the static site from what the catalogue holds; what has not changed since the last time stays."""
    with closing(Store.open(db)) as store:
        if not store.server_names():
            raise NothingCollected(
                "the catalogue is empty: there is nothing to build",
                hint="catalog classify workflows-mcp, to fill it",
            )
        settings = BuildOptions(
            base_url=base_url, report_url=report_url, only=tuple(only or ()), limit_servers=limit_servers
        )
        report = _build(store, out, settings, fresh=fresh)
    output.say(
        f"{report.written} pages written, {report.unchanged} unchanged, {report.removed} removed, in {report.seconds:.1f} s"
    )
    output.line(str(out / "index.html"))
    output.say(f"Next: catalog serve {shlex.quote(str(out))}  # look at it")


def _build(store: Store, out: Path, settings: BuildOptions, *, fresh: bool) -> BuildReport:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=output.talk, transient=True, disable=output.is_quiet()) as bar:
        task = bar.add_task("reading", total=None, rate="")

        def progress(done: int, total: int) -> None:
            speed = bar.tasks[0].speed
            rate = f"{speed:,.0f} a second" if speed else ""
            bar.update(task, description="pages", completed=done, total=total, rate=rate)

        return build_site(store, out, settings, progress, fresh=fresh)
