"""`catalog gateway wrap` and `unwrap`: their options. What they do is in `catalog.cli.rewriting`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from catalog.cli import options
from catalog.errors import UsageError
from catalog.policy.recommend import Profile

WRAP_EPILOG = """\
[bold]Examples[/]

catalog classify ~/.cursor/mcp.json

catalog gateway wrap ~/.cursor/mcp.json --dry-run

catalog gateway wrap ~/.cursor/mcp.json

catalog gateway wrap .mcp.json --server github --policy strict.json
"""
UNWRAP_EPILOG = """\
[bold]Example[/]  catalog gateway unwrap ~/.cursor/mcp.json
"""

Config = Annotated[Path, typer.Argument(metavar="CONFIG", help="A client's config file, JSON or TOML.")]
DryRun = Annotated[bool, typer.Option("--dry-run", "-n", help="Say what would be done, and write nothing.")]


def wrap(
    config: Config,
    servers: Annotated[
        list[str] | None,
        typer.Option("--server", "-s", metavar="NAME", help="Only this server; may be repeated."),
    ] = None,
    policy: Annotated[
        Path | None, typer.Option("--policy", "-p", metavar="FILE", help="One policy for all of them.")
    ] = None,
    policies: Annotated[
        Path | None,
        typer.Option(
            "--policies",
            metavar="FOLDER",
            help="Where each server's policy is, or is written: NAME.json. Default: next to the database.",
        ),
    ] = None,
    profile: Annotated[
        Profile, typer.Option("--profile", help="How cautious policies are that are written.")
    ] = Profile.RECOMMENDED,
    pin: Annotated[
        bool, typer.Option("--pin", help="Tie policies that are written to the tools' present definitions.")
    ] = False,
    grant: Annotated[
        str | None, typer.Option("--grant", metavar="NAME", help="Whose calls these are. Default: local.")
    ] = None,
    dry_run: DryRun = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 4 when a server was left out.")] = False,
    form: options.OutputFormat = options.Format.TABLE,
    db: options.Database = None,
) -> None:
    """Rewrite a client's config so that its servers run behind the gateway.

    Each server gets the recommended policy, unless a file of its name stands in the folder already. The config is
    backed up; catalog gateway unwrap puts it back.
    """
    from catalog.cli import rewriting  # noqa: PLC0415 - the gateway itself starts without it

    if os.name != "posix":
        raise UsageError("the gateway runs on POSIX systems only", hint="wrap the config on such a machine")
    if policy is not None and policies is not None:
        raise UsageError("--policy is one for all, --policies one for each", hint="give one of them")
    wanted = rewriting.Wanted(tuple(servers or ()), policy, policies, profile, pin, grant, db)
    rewriting.wrap(config, wanted, form, dry_run=dry_run, strict=strict)


def unwrap(
    config: Config, dry_run: DryRun = False, form: options.OutputFormat = options.Format.TABLE
) -> None:
    """Put a client's config back as it was before catalog gateway wrap.

    A config that nobody else changed since is restored byte for byte. In one that was changed, only the wrapped
    entries are put back, and the backup stays.
    """
    from catalog.cli import rewriting  # noqa: PLC0415

    rewriting.unwrap(config, form, dry_run=dry_run)
