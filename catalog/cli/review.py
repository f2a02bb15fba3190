"""`catalog review`: the labels that a person should look at, and the command that settles each."""

from __future__ import annotations

import shlex
from contextlib import closing
from typing import Annotated, Any, Final

import typer
from rich.text import Text

from catalog.cli import options, output
from catalog.cli.listing import Column, Row, print_rows
from catalog.db.review import ReviewQuery
from catalog.db.store import Store, now
from catalog.errors import UnknownTarget
from catalog.overrides.book import expired
from catalog.overrides.file import entries, load
from catalog.overrides.location import resolve
from catalog.public import CONFIDENCE_DIGITS
from catalog.records import ToolEntry
from catalog.visible import one_line
from classifier.types import Category, Level

app = typer.Typer(add_completion=False, rich_markup_mode="rich")

EPILOG = """\
[bold]Examples[/]

catalog review

catalog review --server workflows-mcp --level critical

catalog review --format jsonl --limit 1000
"""


@app.command(epilog=EPILOG)
def review(
    server: Annotated[str | None, typer.Option("--server", "-s", help="Only this server.")] = None,
    level: Annotated[
        options.LevelChoice | None, typer.Option("--level", "-l", help="Only this level.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=100_000, help="At most this many.")] = 50,
    path: options.OverridesFile = None,
    form: options.OutputFormat = options.Format.TABLE,
    out: options.OutputFile = None,
    db: options.Database = None,
) -> None:
    """List the labels that are doubtful, in conflict, or have lost their correction, riskiest first."""
    today, chosen = now().date(), resolve(path)
    with closing(Store.open(db, overrides=load(today, chosen))) as store:
        if server is not None and store.server(server) is None:
            raise UnknownTarget(
                f"{server} is not in the catalogue", hint=f"catalog classify {server}, to add it"
            )
        found = store.review(ReviewQuery(server, level.level if level else None, limit + 1))
    if found or form is not options.Format.TABLE:
        columns = TABLE if form is options.Format.TABLE else COLUMNS
        print_rows([_row(tool) for tool in found[:limit]], columns, form, out)
    over = sum(expired(placed.override, today) for placed in entries(chosen).entries)
    if over:
        output.say(f"{output.plural(over, 'correction')} expired: catalog override --list", "yellow")
    if not found:
        output.say("nothing to review")
    elif len(found) > limit:
        output.say(f"the first {limit}; --limit shows more")


def _row(tool: ToolEntry) -> dict[str, Any]:
    definition, found = tool.definition, tool.classification
    return {
        "server": tool.server,
        "name": definition.name,
        "category": found.category.value,
        "risk": found.risk.value,
        "why": _why(tool),
        "reasons": list(found.review_reasons),
        "confidence": round(found.confidence, CONFIDENCE_DIGITS),
        "fingerprint": definition.fingerprint,
        "command": _command(tool),
    }


def _why(tool: ToolEntry) -> list[str]:
    """Drifted, conflicting, doubtful: whichever of them hold."""
    found = tool.classification
    other = len(found.review_reasons) - (tool.outdated is not None) - (found.annotation_conflict is not None)
    kinds = {"drifted": tool.outdated is not None, "conflicting": found.annotation_conflict is not None, "doubtful": other > 0}  # fmt: skip
    return [kind for kind, holds in kinds.items() if holds]


def _command(tool: ToolEntry) -> str:
    """The correction to fill in: with the label as it stands, which confirms it."""
    found = tool.classification
    category = found.category.value.lower() if found.category is not Category.UNKNOWN else "CATEGORY"
    risk = found.risk.value.lower() if found.risk is not Level.UNKNOWN else "LEVEL"
    address = shlex.quote(f"{tool.server}/{tool.definition.name}")
    return f"catalog override {address} --category {category} --risk {risk} --reason WHY --author NAME"


def _why_text(row: Row) -> Text:
    text = Text(", ".join(row["why"]), style="magenta")
    return text.append(f": {'; '.join(one_line(reason, 160) for reason in row['reasons'])}", style="")


def _address(row: Row) -> str:
    return f"{row['server']}/{row['name']}"


def _stacked(row: Row) -> Text:
    """Tool, why, and the correction below each other: side by side they leave each other no room."""
    command = (one_line(row["command"]), "dim")
    return Text.assemble((one_line(_address(row), 56), "bold"), "\n", _why_text(row), "\n", command)


COLUMNS: Final = (
    Column("Level", lambda row: str(row["risk"]), lambda row: output.level_text(Level(row["risk"]))),
    Column(
        "Category",
        lambda row: str(row["category"]),
        lambda row: output.category_text(Category(row["category"])),
    ),
    Column("Tool", _address),
    Column("Why", lambda row: f"{', '.join(row['why'])}: {'; '.join(row['reasons'])}"),
    Column("Conf.", lambda row: output.percent(row["confidence"]), justify="right"),
    Column("Next", lambda row: str(row["command"])),
)
TABLE: Final = (
    *COLUMNS[:2],
    Column("Tool, why, and what corrects it", _address, _stacked, ratio=1),
    COLUMNS[4],
)
