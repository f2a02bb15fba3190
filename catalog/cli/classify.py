"""`catalog classify`: a target's name in, its tools with category, level and evidence out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from catalog.cli import options
from catalog.cli.classify_input import classify_input
from catalog.cli.invocation import Invocation
from catalog.cli.probing import probe_options
from catalog.cli.requests import Presentation, Request
from catalog.cli.tools import ToolFormat
from catalog.errors import UsageError
from catalog.model import load_classifier
from catalog.probe.limits import Sandbox

app = typer.Typer(add_completion=False, rich_markup_mode="rich")

EPILOG = """\
[bold]Examples[/]

catalog classify workflows-mcp

catalog classify pypi:mcp-server-git npm:@modelcontextprotocol/server-memory

catalog classify https://mcp.example.com/mcp --fail-on critical

catalog classify -- uvx --python 3.12 --with 'mcp<2' workflows-mcp

catalog classify --input tools.jsonl --format jsonl
"""


@app.command(epilog=EPILOG)
def classify(
    ctx: typer.Context,
    targets: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="TARGET",
            help="A known name, owner/repo, pypi:NAME, npm:NAME, a URL, a client config, a saved tools/list, or a "
            "Python source folder or archive. A command goes after --.",
        ),
    ] = None,
    source: Annotated[
        str | None,
        typer.Option(
            "--input",
            "-i",
            metavar="FILE",
            help="Classify definitions from FILE (- for stdin): no crawl, no database.",
        ),
    ] = None,
    name_only: Annotated[
        bool, typer.Option("--name-only", help="Look at nothing but the tools' names.")
    ] = False,
    form: Annotated[
        ToolFormat, typer.Option("--format", "-f", help="How to print the result.")
    ] = ToolFormat.TABLE,
    out: options.OutputFile = None,
    fail_on: options.FailOn = None,
    strict: options.Strict = False,
    jobs: options.Jobs = 4,
    sandbox: options.SandboxOption = Sandbox.AUTO,
    allow_network: options.AllowNetwork = False,
    timeout: options.Timeout = 120,
    model: Annotated[
        Path | None, typer.Option("--model", metavar="FOLDER", help="A model of your own.")
    ] = None,
    db: options.Database = None,
) -> None:
    """Say what the tools of a server can do to you, riskiest first, with the text that shows it."""
    command = ctx.ensure_object(Invocation).command
    _check(targets, source, command)
    classifier = load_classifier(model)
    if source is not None:
        classify_input(source, classifier, name_only=name_only, form=form, out=out, fail_on=fail_on)
        return
    # Only now: definitions from a file or pipe need neither the database nor the MCP SDK.
    from catalog.cli.classify_targets import classify_targets  # noqa: PLC0415

    classify_targets(
        Request(
            tuple(targets or ()),
            command,
            name_only,
            probe_options(sandbox, timeout, allow_network=allow_network),
            jobs,
            db,
        ),
        classifier,
        Presentation(form, out, fail_on, strict),
    )


def _check(targets: Sequence[str] | None, source: str | None, command: Sequence[str]) -> None:
    if source is not None and (targets or command):
        raise UsageError("--input stands alone", hint="leave the targets out, or leave --input out")
    if source is None and not targets and not command:
        raise UsageError(
            "nothing to classify", hint="name a server, for example: catalog classify workflows-mcp"
        )
