"""Corrections and what is wrong with them, as people and programs read them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from rich.text import Text

from catalog.cli import output
from catalog.cli.listing import Column, Row, print_rows
from catalog.cli.options import Format
from catalog.overrides.check import Standing, State
from catalog.visible import one_line
from classifier.types import Category, Level

_STYLE: Final = {
    State.IN_FORCE: "green",
    State.EXPIRED: "yellow",
    State.DRIFTED: "magenta",
    State.UNKNOWN: "red",
}


def print_entries(standings: Sequence[Standing], form: Format, out: Path | None) -> None:
    """Print corrections with their state, in the file's order."""
    print_rows([_row(standing) for standing in standings], _ENTRY, form, out)


def print_problems(rows: Sequence[Row], form: Format, out: Path | None) -> None:
    """Print `{file, line, message}` rows."""
    print_rows(rows, _PROBLEM, form, out)


def _row(standing: Standing) -> dict[str, Any]:
    entry = standing.override
    return {
        "state": standing.state.value,
        "server": entry.server,
        "tool": entry.tool,
        "any_server": entry.any_server,
        "fingerprint": entry.fingerprint,
        "category": entry.category.value,
        "risk": entry.risk.value,
        "classifier": _said(standing),
        "reason": entry.reason,
        "author": entry.author,
        "date": entry.date.isoformat(),
        "expires": entry.expires.isoformat() if entry.expires else None,
    }


def _said(standing: Standing) -> dict[str, str] | None:
    """The classifier's own label of the definition, where the catalogue has it."""
    if not standing.tools:
        return None
    found = standing.tools[0].classification
    return {"category": found.category.value, "risk": found.risk.value}


def _tool(row: Row) -> str:
    return f"{'*' if row['any_server'] else row['server']}/{row['tool']}"


def _classifier(row: Row) -> str:
    own = row["classifier"]
    return f"{own['category']}, {own['risk']}" if own else ""


_ENTRY: Final = (
    Column(
        "State",
        lambda row: str(row["state"]),
        lambda row: Text(row["state"], style=_STYLE[State(row["state"])]),
    ),
    Column("Level", lambda row: str(row["risk"]), lambda row: output.level_text(Level(row["risk"]))),
    Column(
        "Category",
        lambda row: str(row["category"]),
        lambda row: output.category_text(Category(row["category"])),
    ),
    Column("Tool", _tool, lambda row: Text(one_line(_tool(row), 56), style="bold")),
    Column("Classifier said", _classifier),
    Column("By", lambda row: str(row["author"]), lambda row: Text(one_line(row["author"], 24))),
    Column("On", lambda row: str(row["date"])),
    Column("Until", lambda row: str(row["expires"] or "")),
    Column("Reason", lambda row: str(row["reason"]), ratio=1),
)
_PROBLEM: Final = (
    Column("Where", lambda row: f"{row['file']}:{row['line']}"),
    Column("Error", lambda row: str(row["message"]), ratio=1),
)
