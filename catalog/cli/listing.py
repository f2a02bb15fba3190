"""Printing rows: a table for people; JSON, JSON Lines, CSV and Markdown for programs and documents."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from rich.console import Console
from rich.table import Table
from rich.text import Text

from catalog.cli import output
from catalog.cli.options import Format
from catalog.files import write_text
from catalog.public import to_json
from catalog.visible import one_line

Row = Mapping[str, Any]

NARROW: Final = 110  # columns of a terminal below which a name shares its column with what is said of it
_FORMULA_STARTS: Final = ("=", "+", "-", "@")  # a spreadsheet would run these
_MARKDOWN_SPECIAL: Final = "\\`*_{}[]<>|#!~"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: the heading, the cell's text, and for the table an optional style and width rule."""

    heading: str
    cell: Callable[[Row], str]
    styled: Callable[[Row], Text] | None = None
    ratio: int | None = None  # share of the free width; None: as wide as its content
    justify: Literal["left", "right"] = "left"
    folds: bool = False  # whether a long word may be broken over lines, where space is short


def print_rows(rows: Sequence[Row], columns: Sequence[Column], form: Format, out: Path | None) -> None:
    """Print all rows in one form, to stdout or, whole or not at all, to a file."""
    if form is Format.TABLE and out is None:
        output.data.print(_table(rows, columns))
        return
    text = rendered(rows, columns, form)
    if out is None:
        output.line(text.removesuffix("\n"))
    else:
        write_text(out, text if text.endswith("\n") else text + "\n")


def rendered(rows: Sequence[Row], columns: Sequence[Column], form: Format) -> str:
    """The rows in one form as text without colour."""
    return _RENDER[form](rows, columns)


def _table(rows: Iterable[Row], columns: Sequence[Column]) -> Table:
    table = Table(
        box=None,
        pad_edge=False,
        padding=(0, 2, 0, 0),
        header_style="bold",
        expand=any(c.ratio for c in columns),
    )
    for column in columns:
        table.add_column(
            column.heading,
            ratio=column.ratio,
            justify=column.justify,
            no_wrap=column.ratio is None and not column.folds,
            overflow="fold",
        )
    for row in rows:
        table.add_row(
            *(column.styled(row) if column.styled else Text(one_line(column.cell(row))) for column in columns)
        )
    return table


def _table_text(rows: Sequence[Row], columns: Sequence[Column]) -> str:
    """The table without colour, for a file."""
    console = Console(file=io.StringIO(), width=160, no_color=True, highlight=False)
    with console.capture() as capture:
        console.print(_table(rows, columns))
    return capture.get()


def _json(rows: Sequence[Row], columns: Sequence[Column]) -> str:
    del columns
    return to_json([dict(row) for row in rows], indent=2)


def _jsonl(rows: Sequence[Row], columns: Sequence[Column]) -> str:
    del columns
    return "".join(to_json(dict(row)) + "\n" for row in rows)


def _csv(rows: Sequence[Row], columns: Sequence[Column]) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(column.heading.lower() for column in columns)
    writer.writerows([_csv_cell(column.cell(row)) for column in columns] for row in rows)
    return buffer.getvalue()


def _csv_cell(text: str) -> str:
    shown = one_line(text)
    return f"'{shown}" if shown.startswith(_FORMULA_STARTS) else shown


def _markdown(rows: Sequence[Row], columns: Sequence[Column]) -> str:
    lines = [" | ".join(column.heading for column in columns), " | ".join("---" for _ in columns)]
    lines += [" | ".join(_markdown_cell(column.cell(row)) for column in columns) for row in rows]
    return "".join(f"| {line} |\n" for line in lines)


def _markdown_cell(text: str) -> str:
    return "".join(f"\\{c}" if c in _MARKDOWN_SPECIAL else c for c in one_line(text))


_RENDER: Final[Mapping[Format, Callable[[Sequence[Row], Sequence[Column]], str]]] = {
    Format.TABLE: _table_text,
    Format.JSON: _json,
    Format.JSONL: _jsonl,
    Format.CSV: _csv,
    Format.MARKDOWN: _markdown,
}
