"""`catalog serve`: preview the site on this machine only."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from catalog.cli import options, output
from catalog.site.serve import DEFAULT_PORT
from catalog.site.serve import serve as serve_site

app = typer.Typer(add_completion=False, rich_markup_mode="rich")

EPILOG = """\
[bold]Examples[/]

catalog serve site --port 8000

catalog serve site --watch
"""


@app.command(epilog=EPILOG)
def serve(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="The folder that catalog build wrote.")
    ] = Path("site"),
    port: Annotated[
        int, typer.Option("--port", "-p", metavar="PORT", min=0, max=65535, help="0 takes a free one.")
    ] = DEFAULT_PORT,
    watch: Annotated[
        bool,
        typer.Option(
            "--watch", help="Build again, with the same options, when the catalogue or a template changes."
        ),
    ] = False,
    db: options.Database = None,
) -> None:
    """Preview the site at a loopback address until Ctrl-C."""
    with ExitStack() as stack:
        if watch:
            _watch(stack, folder, db)
        serve_site(folder, port=port)


def _watch(stack: ExitStack, folder: Path, db: str | None) -> None:
    """Watch until the stack is left."""
    from catalog.db.store import Store  # noqa: PLC0415 - a plain preview needs no database
    from catalog.site.watch import Watch, watching  # noqa: PLC0415

    watched = Watch(stack.enter_context(Store.open(db)), folder, output.say)
    watched.look()
    stack.enter_context(watching(watched))
