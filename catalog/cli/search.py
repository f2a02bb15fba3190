"""`catalog search`: full-text search over what was crawled."""

from __future__ import annotations

from contextlib import closing
from typing import Annotated

import typer

from catalog.cli import options, output
from catalog.cli.tools import ClassifiedTool, ToolFormat, print_tools
from catalog.db.search import SearchQuery
from catalog.db.store import Store

app = typer.Typer(add_completion=False, rich_markup_mode="rich")

EPILOG = """\
[bold]Examples[/]

catalog search cancel job

catalog search delete --level critical --server workflows-mcp
"""


@app.command(epilog=EPILOG)
def search(
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="WORDS", help="Words of names and descriptions; the last may be a beginning."),
    ] = None,
    category: Annotated[
        options.CategoryChoice | None, typer.Option("--category", "-c", help="Only this category.")
    ] = None,
    level: Annotated[
        options.LevelChoice | None, typer.Option("--level", "-l", help="Only this level.")
    ] = None,
    server: Annotated[str | None, typer.Option("--server", "-s", help="Only this server.")] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=10_000, help="At most this many.")] = 50,
    form: Annotated[
        ToolFormat, typer.Option("--format", "-f", help="How to print the result.")
    ] = ToolFormat.TABLE,
    out: options.OutputFile = None,
    db: options.Database = None,
) -> None:
    """Search tool names and descriptions, best match first; without words, list what the filters leave."""
    query = SearchQuery(
        words=" ".join(words or []),
        category=category.category if category else None,
        level=level.level if level else None,
        server=server,
        limit=limit,
    )
    with closing(Store.open(db)) as store:
        found = store.search(query)
        known = bool(found) or bool(store.server_names())
    if not found:
        output.say(
            "nothing found" if known else "the catalogue is empty: catalog classify workflows-mcp fills it"
        )
    tools = [ClassifiedTool(tool.definition, tool.classification) for tool in found]
    print_tools(tools, form, out, name_servers=server is None)
    if len(found) == limit:
        output.say(f"the first {limit}; --limit shows more")
