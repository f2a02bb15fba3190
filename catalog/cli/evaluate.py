"""`catalog evaluate`: the classifier measured on labelled definitions, whole, without texts, by name alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from catalog.cli import options, output
from catalog.cli.labelled_input import read_rows
from catalog.cli.listing import Column, print_rows, rendered
from catalog.cli.options import Format
from catalog.evaluation.calibration_plot import svg
from catalog.evaluation.measuring import FULL
from catalog.evaluation.report import Evaluation, as_json, evaluation
from catalog.evaluation.sections import Section, sections
from catalog.files import output_error, write_text
from catalog.model import load_classifier
from catalog.public import to_json

app = typer.Typer(add_completion=False, rich_markup_mode="rich")

EPILOG = """\
[bold]Examples[/]

catalog evaluate labelled.jsonl

catalog evaluate labelled.jsonl --model my-model --against data/models/3

catalog evaluate labelled.jsonl --report measured
"""


class ReportFormat(StrEnum):
    """How the evaluation is printed."""

    TABLE = "table"
    MARKDOWN = "markdown"
    JSON = "json"


@app.command(epilog=EPILOG)
def evaluate(
    definitions: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="JSON Lines: a definition each, with its category and risk."),
    ],
    model: Annotated[
        Path | None, typer.Option("--model", metavar="FOLDER", help="A model of your own.")
    ] = None,
    against: Annotated[
        Path | None, typer.Option("--against", metavar="FOLDER", help="Another model to compare it with.")
    ] = None,
    worst: Annotated[
        int, typer.Option("--worst", min=0, max=10_000, help="How many of the worst answers to list.")
    ] = 20,
    plot: Annotated[
        Path | None, typer.Option("--plot", metavar="FILE", help="Write the calibration plot, an SVG.")
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(
            "--report", metavar="FOLDER", help="Write report.md, report.json and calibration.svg there."
        ),
    ] = None,
    form: Annotated[
        ReportFormat, typer.Option("--format", "-f", help="How to print the result.")
    ] = ReportFormat.TABLE,
    out: options.OutputFile = None,
) -> None:
    """Measure the classifier in three forms: the full definition, texts blanked, the name alone."""
    classifier = load_classifier(model)
    other = load_classifier(against) if against else None
    rows = read_rows(definitions)
    found = evaluation(rows, classifier, other, worst)
    if plot is not None:
        write_text(plot, svg(found.reports[FULL].bins))
    if report is not None:
        _write_report(report, found)
    if form is ReportFormat.TABLE and out is None:
        _print(list(sections(found)))
        return
    text = _text(found, form)
    if out is None:
        output.line(text.removesuffix("\n"))
    else:
        write_text(out, text)


def _write_report(folder: Path, found: Evaluation) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise output_error(folder, error) from error
    write_text(folder / "report.md", _text(found, ReportFormat.MARKDOWN))
    write_text(folder / "report.json", _text(found, ReportFormat.JSON))
    write_text(folder / "calibration.svg", svg(found.reports[FULL].bins))
    output.say(f"written: {folder}")


def _text(found: Evaluation, form: ReportFormat) -> str:
    if form is ReportFormat.JSON:
        return to_json(as_json(found), indent=1) + "\n"
    mark, shown = ("## ", Format.MARKDOWN) if form is ReportFormat.MARKDOWN else ("", Format.TABLE)
    parts = [
        f"{mark}{each.title}\n\n{rendered(_rows(each), _columns(each), shown)}" for each in sections(found)
    ]
    return "\n".join(parts)


def _print(listed: Sequence[Section]) -> None:
    for number, each in enumerate(listed):
        output.line(f"\n{each.title}" if number else each.title)
        print_rows(_rows(each), _columns(each), Format.TABLE, None)


def _rows(section: Section) -> list[dict[str, Any]]:
    return [{str(at): cell for at, cell in enumerate(row)} for row in section.rows]


def _columns(section: Section) -> list[Column]:
    """The first column and columns of words stand left, figures stand right."""
    return [
        Column(
            head,
            _cell(at),
            justify="right" if at and _figures(row[at] for row in section.rows) else "left",
            folds=True,
        )
        for at, head in enumerate(section.head)
    ]


def _cell(at: int) -> Callable[[Any], str]:
    return lambda row: str(row[str(at)])


def _figures(cells: Any) -> bool:
    return all(cell[:1].isdigit() or cell[:1] in "+-" for cell in cells)
