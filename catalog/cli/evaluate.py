"""`catalog evaluate`: the classifier measured on labelled definitions, whole, without texts, by name alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from catalog.cli import options, output
from catalog.cli.listing import Column, print_rows
from catalog.errors import NotDefinitions
from catalog.model import load_classifier
from classifier.classify import Classifier
from classifier.definition import name_only, without_texts
from classifier.labels import LabelError, LabelledDefinition, read_labelled
from classifier.metrics import Pair, Report, report
from classifier.types import ToolDefinition

app = typer.Typer(add_completion=False, rich_markup_mode="rich")

EPILOG = """\
[bold]Examples[/]

catalog evaluate labelled.jsonl

catalog evaluate labelled.jsonl --model my-model --format json -o figures.json
"""

FORMS: Final[dict[str, Callable[[ToolDefinition], ToolDefinition]]] = {
    "full": lambda definition: definition,
    "no_texts": without_texts,
    "name_only": name_only,
}
MEASURES: Final = (
    "macro_f1", "accuracy", "risk_kappa", "risk_exact", "danger_missed", "critical_missed", "false_alarm",
    "calibration_error", "decided", "accuracy_decided",
)  # fmt: skip


@app.command(epilog=EPILOG)
def evaluate(
    definitions: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="JSON Lines: a definition each, with its category and risk."),
    ],
    model: Annotated[
        Path | None, typer.Option("--model", metavar="FOLDER", help="A model of your own.")
    ] = None,
    form: options.OutputFormat = options.Format.TABLE,
    out: options.OutputFile = None,
) -> None:
    """Measure the classifier in three forms: the full definition, texts blanked, the name alone."""
    classifier = load_classifier(model)
    try:
        rows = read_labelled(definitions)
    except (LabelError, OSError) as error:
        raise NotDefinitions(
            f"cannot read {definitions}: {error}", hint="each line is a definition with its label"
        ) from error
    reports = {name: _measured(rows, view, classifier) for name, view in FORMS.items()}
    if form in (options.Format.JSON, options.Format.JSONL):
        print_rows([{"form": name, **asdict(found)} for name, found in reports.items()], (), form, out)
        return
    print_rows(_measure_rows(reports), COLUMNS, form, out)
    if form is options.Format.TABLE and out is None:
        output.line("")
        output.line(
            f"Confusion with the full definition ({len(rows):,} definitions): label by row, found by column"
        )
        print_rows(_confusion_rows(reports["full"]), _confusion_columns(reports["full"]), form, None)


def _measured(
    rows: Sequence[LabelledDefinition],
    view: Callable[[ToolDefinition], ToolDefinition],
    classifier: Classifier,
) -> Report:
    found = classifier.classify_many(view(row.definition) for row in rows)
    return report([Pair(row.category, row.risk, label) for row, label in zip(rows, found, strict=True)])


def _measure_rows(reports: dict[str, Report]) -> list[dict[str, Any]]:
    rows = [
        {"measure": name, **{key: getattr(found, name) for key, found in reports.items()}}
        for name in MEASURES
    ]
    for category in reports["full"].categories:
        for part in ("precision", "recall", "f1"):
            figures = {key: getattr(found.categories[category], part) for key, found in reports.items()}
            rows.append({"measure": f"{category} {part}", **figures})
    return rows


def _figure(name: str) -> Callable[[Any], str]:
    return lambda row: f"{row[name]:.3f}"


def _confusion_rows(found: Report) -> list[dict[str, Any]]:
    return [{"label": label, **counts} for label, counts in found.confusion.items()]


def _confusion_columns(found: Report) -> list[Column]:
    def count(name: str) -> Callable[[Any], str]:
        return lambda row: str(row[name])

    return [Column("Label", lambda row: str(row["label"]))] + [
        Column(name, count(name), justify="right") for name in found.confusion
    ]


COLUMNS: Final = (
    Column("Measure", lambda row: str(row["measure"]).replace("_", " ")),
    Column("Full definition", _figure("full"), justify="right"),
    Column("Texts blanked", _figure("no_texts"), justify="right"),
    Column("Name only", _figure("name_only"), justify="right"),
)
