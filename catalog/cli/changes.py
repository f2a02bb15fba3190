"""`catalog changes`: what crawls found to be new, gone or changed, newest first."""

from __future__ import annotations

import re
from contextlib import closing
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.text import Text

from catalog.cli import options, output
from catalog.cli.addressing import server_named
from catalog.cli.listing import Column, Row, print_rows
from catalog.db.changes import Change, ChangeKind
from catalog.db.difference import Difference, Part
from catalog.db.store import Store
from catalog.errors import UnknownTarget, UsageError
from catalog.files import writing
from catalog.public import change_json, to_json
from catalog.site.drift_words import KIND_WORD, brief
from catalog.visible import one_line
from classifier.types import Level

if TYPE_CHECKING:
    from collections.abc import Iterator

app = typer.Typer(add_completion=False, rich_markup_mode="rich")

EPILOG = """\
[bold]Examples[/]

catalog changes

catalog changes --since 2026-11-01 --server workflows-mcp

catalog changes --since last --format jsonl
"""
LAST: Final = "last"
_CRAWL: Final = re.compile(r"[0-9]{1,7}")  # eight digits are a date
_PARTS: Final = 6  # differences that a table names
_STYLE: Final = {
    ChangeKind.SERVER_REMOVED: "red", ChangeKind.TOOL_REMOVED: "red", ChangeKind.TOOL_CHANGED: "yellow",
}  # fmt: skip


@app.command(epilog=EPILOG)
def changes(
    since: Annotated[
        str | None,
        typer.Option(
            "--since",
            metavar="DATE|CRAWL|last",
            help="From this day or time on (UTC); or what was found after the crawl of this number; or by the last crawl.",
        ),
    ] = None,
    server: Annotated[str | None, typer.Option("--server", "-s", help="Only this server.")] = None,
    limit: Annotated[
        int | None, typer.Option("--limit", "-n", min=1, help="At most this many; 50 for a table, else all.")
    ] = None,
    form: options.OutputFormat = options.Format.TABLE,
    out: options.OutputFile = None,
    db: options.Database = None,
) -> None:
    """List what crawls found to be new, gone or changed, newest first, with the label before and after."""
    wanted = _since(since)
    most = limit or (50 if form is options.Format.TABLE else None)
    with closing(Store.open(db)) as store:
        found = store.changes(*_window(store, wanted, server))
        if form is options.Format.JSONL:
            _stream(islice(found, most), out)
            return
        rows = [change_json(change) for change in islice(found, most)]
        more = next(found, None) is not None
    if rows or form is not options.Format.TABLE:
        print_rows(rows, COLUMNS if form is options.Format.TABLE else MACHINE, form, out)
    if not rows:
        output.say("no changes")
    elif more:
        output.say(f"the newest {most}; --limit shows more")


def _since(text: str | None) -> datetime | int | str | None:
    """What `--since` means: a time, the number of a crawl, or `last`.

    Raises:
        UsageError: it is none of these.

    """
    if text is None or text == LAST:
        return text
    if _CRAWL.fullmatch(text):
        return int(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(
            f"--since {one_line(text, 40)!r} is no date and no number of a crawl",
            hint="write it as 2026-11-25, as 2026-11-25T06:00, as the number that a change names, or last",
        ) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _window(
    store: Store, since: datetime | int | str | None, server: str | None
) -> tuple[datetime | int | None, list[str] | None]:
    names = None if server is None else [_known(store, server)]
    if isinstance(since, str):
        newest = store.last_crawl()
        return (newest - 1 if newest else None), names
    return since, names


def _known(store: Store, name: str) -> str:
    found = server_named(store, name)
    if found is None:
        raise UnknownTarget(f"{name} is not in the catalogue", hint=f"catalog classify {name}, to add it")
    return found.name


def _stream(found: Iterator[Change], out: Path | None) -> None:
    """Line by line, however many there are."""
    lines = (to_json(change_json(change)) for change in found)
    if out is None:
        for line in lines:
            output.line(line)
        return
    with writing(out) as file:
        file.writelines(f"{line}\n" for line in lines)


def _what(row: Row) -> str:
    return KIND_WORD[ChangeKind(row["kind"])]


def _subject(row: Row) -> str:
    return f"{row['server']}/{row['tool']}" if row["tool"] is not None else str(row["server"])


def _level(stated: Any) -> str:
    return str(stated["risk"] or "–") if stated else ""


def _label(stated: Any) -> str:
    return f"{stated['category']}, {stated['risk']}" if stated and stated["risk"] else ""


def _move(row: Row) -> str:
    before, after = _level(row["before"]), _level(row["after"])
    return before if before == after else " → ".join(one for one in (before, after) if one)


def _move_text(row: Row) -> Text:
    text = Text()
    for place, one in enumerate(dict.fromkeys(filter(None, (_level(row["before"]), _level(row["after"]))))):
        text.append(" → " if place else "")
        text.append(output.level_text(Level(one)) if one in set(Level) else Text(one))
    return text


def _difference(row: Row) -> Difference:
    return Difference(Part(row["part"]), row["name"], row["aspect"], row["before"], row["after"])


def _details(row: Row) -> str:
    """What a table says of the differences."""
    if row["tool"] is None:
        return output.plural(row["tools"], "tool")
    parts = list(dict.fromkeys(brief(_difference(one)) for one in row["differences"]))
    shown = "; ".join(parts[:_PARTS]) + ("; …" if len(parts) > _PARTS else "")
    warnings = "".join(f"; suspicious: {one['title'].lower()}" for one in row["suspicious"])
    reread = "; read differently" if row["read_differently"] else ""
    return f"{shown}{warnings}{reread}".removeprefix("; ")


COLUMNS: Final = (
    Column("When", lambda row: str(row["at"])[:16].replace("T", " ")),
    Column("What", _what, lambda row: Text(_what(row), style=_STYLE.get(ChangeKind(row["kind"]), "green"))),
    Column(
        "Server and tool", _subject, lambda row: Text(one_line(_subject(row), 56), style="bold"), folds=True
    ),
    Column("Level", _move, _move_text),
    Column("Differences", _details, ratio=1),
)
MACHINE: Final = (
    Column("At", lambda row: str(row["at"])),
    Column("Kind", lambda row: str(row["kind"])),
    Column("Server", lambda row: str(row["server"])),
    Column("Tool", lambda row: str(row["tool"] or "")),
    Column("Before", lambda row: _label(row["before"])),
    Column("After", lambda row: _label(row["after"])),
    Column("Differences", _details),
    Column("Crawl", lambda row: str(row["crawl"])),
    Column("Id", lambda row: str(row["id"])),
)
