"""`catalog override`: correct a label, in a file that can be reviewed; list, check and remove corrections."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from catalog.cli import options, output
from catalog.cli.addressing import find, named
from catalog.cli.corrections import print_entries, print_problems
from catalog.db.store import Store, now
from catalog.errors import ConfigError, UnknownTarget, UsageError
from catalog.overrides import file, location
from catalog.overrides.book import NO_OVERRIDES
from catalog.overrides.check import check as check_entries
from catalog.overrides.check import states
from catalog.overrides.correction import floor, label
from catalog.overrides.grammar import parse
from catalog.records import Override, ToolEntry
from catalog.visible import one_line

app = typer.Typer(add_completion=False, rich_markup_mode="rich")

EPILOG = """\
[bold]Examples[/]

catalog override jobs/archive_job --category write --risk medium --reason "it only archives" --author Ada

catalog override jobs/archive_job --remove

catalog override --list

catalog override --check --file overrides.toml
"""
_HOW = "catalog override SERVER/TOOL --category C --risk R --reason TEXT --author NAME"


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What the options say of the new label; None where an option was not given."""

    category: options.CategoryChoice | None
    risk: options.LevelChoice | None
    reason: str | None
    author: str | None
    expires: date | None
    any_server: bool

    def missing(self) -> list[str]:
        """The options that a correction needs and that were not given."""
        needed = {"--category": self.category, "--risk": self.risk, "--reason": self.reason, "--author": self.author}  # fmt: skip
        return [name for name, value in needed.items() if value is None or not value.strip()]

    def given(self) -> bool:
        """Whether anything was said of a new label."""
        return any((self.category, self.risk, self.reason, self.author, self.expires, self.any_server))


@app.command(epilog=EPILOG)
def override(
    target: Annotated[
        str | None, typer.Argument(metavar="[SERVER/TOOL]", help="A tool in the catalogue.")
    ] = None,
    category: Annotated[
        options.CategoryChoice | None, typer.Option("--category", "-c", help="What it does.")
    ] = None,
    risk: Annotated[
        options.LevelChoice | None, typer.Option("--risk", "-r", help="How bad it can be.")
    ] = None,
    reason: Annotated[str | None, typer.Option("--reason", metavar="TEXT", help="Why.")] = None,
    author: Annotated[str | None, typer.Option("--author", metavar="NAME", help="Who says so.")] = None,
    expires: Annotated[
        datetime | None,
        typer.Option(
            "--expires", formats=["%Y-%m-%d"], metavar="DATE", help="The last day on which it applies."
        ),
    ] = None,
    any_server: Annotated[
        bool, typer.Option("--any-server", help="Wherever this very definition is found.")
    ] = False,
    remove: Annotated[bool, typer.Option("--remove", help="Take the correction of this tool back.")] = False,
    listing: Annotated[bool, typer.Option("--list", help="List all corrections, with their state.")] = False,
    check: Annotated[
        bool,
        typer.Option("--check", help="List all that is wrong with the file; exit with 2 if anything is."),
    ] = False,
    path: options.OverridesFile = None,
    form: options.OutputFormat = options.Format.TABLE,
    out: options.OutputFile = None,
    db: options.Database = None,
) -> None:
    """Correct the label of one definition, for reasons given by name; kept in a file a team can review."""
    chosen = location.resolve(path)
    wanted = _Wanted(category, risk, reason, author, expires.date() if expires else None, any_server)
    _one_thing(target, wanted, {"--remove": remove, "--list": listing, "--check": check})
    if listing:
        _list(chosen, db, form, out)
    elif check:
        _check(chosen, db, form, out)
    elif remove:
        _remove(chosen, target or "")
    else:
        _add(chosen, target or "", wanted, db)


def _one_thing(target: str | None, wanted: _Wanted, modes: dict[str, bool]) -> None:
    """Refuse what does not belong together."""
    asked = [name for name, is_wanted in modes.items() if is_wanted]
    if len(asked) > 1 or (asked and wanted.given()):
        raise UsageError(f"{asked[0]} stands alone", hint="leave the other options out")
    if asked in (["--list"], ["--check"]):
        if target is not None:
            raise UsageError(
                f"{asked[0]} takes no tool: it is about the whole file", hint="leave the tool out"
            )
        return
    if target is None:
        raise UsageError("no tool is named", hint=_HOW)
    if not asked and wanted.missing():
        raise UsageError(f"{target}: {' and '.join(wanted.missing())} must be given", hint=_HOW)


def _add(path: Path, target: str, wanted: _Wanted, db: str | None) -> None:
    with closing(Store.open(db, overrides=NO_OVERRIDES)) as store:
        server, name = find(store, target)
    if name is None:
        raise UsageError(f"{target} is a server: a correction is of one tool", hint=f"{target}/TOOL")
    tools = named(server, name)
    new = [_override(tool, wanted) for tool in tools]
    before = file.add(path, new)
    for entry in before:
        output.say(
            f"replaces the correction to {entry.category}, {entry.risk} risk by {entry.author} on {entry.date}"
        )
    for tool, entry in zip(tools, new, strict=True):
        output.say(
            f"{one_line(server.name)}/{one_line(name)}: {entry.category}, {entry.risk} risk "
            f"(the classifier said {label(tool.classification)})"
        )
    if len(tools) > 1:
        output.say(f"{server.name} lists {len(tools)} tools of this name: each is corrected")
    output.line(str(path))


def _override(tool: ToolEntry, wanted: _Wanted) -> Override:
    if wanted.category is None or wanted.risk is None or wanted.reason is None or wanted.author is None:
        raise UsageError("category, risk, reason and author must be given", hint=_HOW)
    today = now().date()
    if wanted.expires is not None and wanted.expires < today:
        raise UsageError(f"--expires {wanted.expires} is over already", hint="name a day to come")
    category, risk = wanted.category.category, wanted.risk.level
    least = floor(category, (modifier.name for modifier in tool.classification.modifiers))
    if risk.rank < least.rank:
        raise UsageError(
            f"{tool.server}/{one_line(tool.definition.name)}: risk {risk} is below the codebook's floor",
            hint=f"{category} is never below {least} here: choose another category, or that level",
        )
    return Override(
        server=tool.server,
        tool=tool.definition.name,
        fingerprint=tool.definition.fingerprint,
        category=category,
        risk=risk,
        reason=wanted.reason.strip(),
        author=wanted.author.strip(),
        date=today,
        expires=wanted.expires,
        any_server=wanted.any_server,
    )


def _remove(path: Path, target: str) -> None:
    gone = file.remove(path, target)
    if not gone:
        raise UnknownTarget(
            f"{path} holds no correction of {target}", hint="catalog override --list, for those it holds"
        )
    for entry in gone:
        output.say(
            f"removed: {entry.category}, {entry.risk} risk, by {entry.author} on {entry.date}: {entry.reason}"
        )
    output.line(str(path))


def _list(path: Path, db: str | None, form: options.Format, out: Path | None) -> None:
    entries = [placed.override for placed in file.entries(path).entries]
    with closing(Store.open(db, overrides=NO_OVERRIDES)) as store:
        rows = states(entries, store, now().date())
    if rows or form is not options.Format.TABLE:
        print_entries(rows, form, out)
    if not entries:
        output.say(f"{path} holds no corrections yet: {_HOW}")


def _check(path: Path, db: str | None, form: options.Format, out: Path | None) -> None:
    """Grammar first, then what only the catalogue and the calendar can tell."""
    parsed = parse(file.read(path, may_be_missing=path == location.default()))
    with closing(Store.open(db, overrides=NO_OVERRIDES)) as store:
        problems = [*parsed.problems, *check_entries(parsed.entries, store, now().date())]
    problems.sort(key=lambda problem: problem.line)
    rows: Sequence[dict[str, Any]] = [
        {"file": str(path), "line": problem.line, "message": problem.message} for problem in problems
    ]
    if rows or form is not options.Format.TABLE:
        print_problems(rows, form, out)
    if rows:
        raise ConfigError(
            f"{path}: {output.plural(len(rows), 'error')}", hint="mend the lines that are listed above"
        )
    output.say(f"{path}: {output.plural(len(parsed.entries), 'correction')}, no errors")
