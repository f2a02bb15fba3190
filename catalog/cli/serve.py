"""`catalog serve`: preview the site on this machine only."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from catalog.site.serve import serve as serve_site

app = typer.Typer(add_completion=False, rich_markup_mode="rich")


@app.command(epilog="[bold]Example[/]  catalog serve site --port 8000")
def serve(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="The folder that catalog build wrote.")
    ] = Path("site"),
    port: Annotated[int, typer.Option("--port", "-p", min=0, max=65535, help="0 takes a free one.")] = 8000,
) -> None:
    """Preview the site at a loopback address until Ctrl-C."""
    serve_site(folder, port=port)
