"""The entry point: lazy commands, global flags, and the boundary where errors become one line.

A command's module is imported only when that command runs, so `catalog --help` starts fast.
"""

from __future__ import annotations

import errno
import importlib
import logging
import os
import sys
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from typer.core import TyperCommand, TyperGroup

import catalog
from catalog.cli import interruption, output
from catalog.cli.invocation import Invocation
from catalog.cli.parameter_help import without_types
from catalog.errors import CatalogError, ExitCode
from catalog.files import output_error
from catalog.overrides.location import ENVIRONMENT, absent

COMMANDS: Final = {
    "classify": "Say what the tools of a server can do to you, with evidence.",
    "crawl": "Collect the definitions of many servers, side by side.",
    "show": "Show all that is known about a server or a tool.",
    "search": "Search tool names and descriptions in the catalogue.",
    "changes": "List what crawls found to be new, gone or changed.",
    "build": "Write the static site.",
    "serve": "Preview the site on this machine.",
    "policy": "Export, check, explain, test and compare policies.",
    "gateway": "Stand between a client and a server, and enforce a policy.",
    "approvals": "Answer the calls that wait for a person.",
    "grants": "Say under which names calls are made, and with which tokens.",
    "audit": "Read the gateway's journal, check that it is whole, and try another policy on it.",
    "review": "List the labels that a person should look at, riskiest first.",
    "override": "Correct a label, with a reason, in a file that can be reviewed.",
    "train": "Train the model from labelled definitions.",
    "evaluate": "Measure the classifier on labelled definitions.",
    "labels": "Check the shipped labels, and join them with their definitions again.",
}
FULL: Final = (errno.ENOSPC, errno.EDQUOT)  # what a write to a full standard output gives
TAKES_COMMAND: Final = ("classify", "crawl", "gateway")  # what stands after -- is a server's command line
GLOBAL_FLAGS: Final = ("--quiet", "-q", "--no-color")  # may stand anywhere on the line
ISSUE_HINT: Final = "set CATALOG_DEBUG=1 to see where it happened, and please report it"

EPILOG: Final = """\
[bold]Exit codes[/]  0 done · 1 failure · 2 usage or config · 3 nothing collected · 4 some servers failed (--strict) ·
11–14 highest level found is at or above --fail-on (low, medium, high, critical) · 130 interrupted

[bold]Example[/]  catalog classify workflows-mcp
"""


class LazyGroup(TyperGroup):
    """Imports `catalog.cli.<name>` when the command `<name>` is called, and not before."""

    _listing = False

    def list_commands(self, ctx: Any) -> list[str]:
        """All commands, in the order of `COMMANDS`."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The real command, or a stand-in with its one-line help while help is being printed."""
        if cmd_name not in COMMANDS:
            return None
        if self._listing:
            return TyperCommand(cmd_name, help=COMMANDS[cmd_name])
        command = typer.main.get_command(importlib.import_module(f"catalog.cli.{cmd_name}").app)
        command.name = cmd_name
        return without_types(command, ctx)

    def invoke(self, ctx: Any) -> Any:
        """Run the command; a value it does not take is named without the words of the library that checked it."""
        try:
            return super().invoke(ctx)
        except typer.BadParameter as error:
            error.message = error.message.removeprefix("Value error, ")
            raise

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Print the help page without importing any command."""
        self._listing = True
        without_types(self, ctx)
        super().format_help(ctx, formatter)


app = typer.Typer(
    name="catalog",
    cls=LazyGroup,
    rich_markup_mode="rich",
    no_args_is_help=True,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        output.line(f"catalog {catalog.__version__}")
        raise typer.Exit


@app.callback()
def root(
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Only results and errors, no progress or talk.")
    ] = False,
    no_color: Annotated[
        bool, typer.Option("--no-color", help="No colour; NO_COLOR in the environment does the same.")
    ] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Find out what the tools of an MCP server can do to you, and get the rule that contains it."""
    del version
    output.configure(quiet=quiet, no_color=no_color)
    missing = absent()
    if missing is not None:
        output.warn(f"{ENVIRONMENT} names {missing}, which is not there: no label is corrected")


def split_arguments(argv: list[str]) -> tuple[list[str], Invocation]:
    """Take another command's words after `--` apart, and move the global flags to the front."""
    names = [word for word in argv if not word.startswith("-")]
    takes_command = bool(names) and names[0] in TAKES_COMMAND
    cut = argv.index("--") if "--" in argv else len(argv)
    own, rest = argv[:cut], argv[cut:]
    flags = [word for word in own if word in GLOBAL_FLAGS]
    own = flags + [word for word in own if word not in GLOBAL_FLAGS]
    return (own, Invocation(tuple(rest[1:]))) if takes_command else (own + rest, Invocation())


def main(argv: list[str] | None = None) -> None:
    """Run the command line; every way out is a documented exit code."""
    arguments, invocation = split_arguments(sys.argv[1:] if argv is None else argv)
    interruption.catch()
    if os.environ.get("CATALOG_DEBUG"):
        logging.basicConfig(level=logging.INFO)
    try:
        output.require()
        _run(arguments, invocation)
    except CatalogError as error:
        output.error(str(error), error.hint)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        output.abandon()  # the reader (head, less) has gone; that is its right
        sys.exit(ExitCode.FAILURE)
    except KeyboardInterrupt:  # before or after the command itself
        sys.exit(interruption.exit_code(interruption.CTRL_C))
    except Exception as error:  # the command-line boundary: nobody is shown a traceback unasked
        if os.environ.get("CATALOG_DEBUG"):
            raise
        output.error(f"internal error: {type(error).__name__}: {error}", ISSUE_HINT)
        sys.exit(ExitCode.FAILURE)


def _run(arguments: list[str], invocation: Invocation) -> None:
    """Run the command and write out what it printed, so that a full disk is noticed here."""
    try:
        typer.main.get_command(app)(args=arguments, prog_name="catalog", obj=invocation)
    except SystemExit as ending:
        _flush()
        sys.exit(interruption.exit_code(ending.code))
    except OSError as error:
        if error.errno not in FULL:
            raise
        output.abandon()
        raise output_error(Path("standard output"), error) from error


def _flush() -> None:
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        output.abandon()
        raise output_error(Path("standard output"), error) from error


if __name__ == "__main__":
    main()
