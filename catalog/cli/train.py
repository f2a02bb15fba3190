"""`catalog train`: a model folder from labelled definitions."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from catalog.cli import output
from catalog.errors import NotDefinitions, UsageError
from catalog.files import output_error, write_text
from catalog.public import to_json
from classifier.labels import LabelError, read_labelled, references

app = typer.Typer(add_completion=False, rich_markup_mode="rich")

EPILOG = """\
[bold]Example[/]  catalog train labelled.jsonl --out my-model

Then: catalog classify workflows-mcp --model my-model
"""


@app.command(epilog=EPILOG)
def train(
    definitions: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="JSON Lines: a definition each, with its category, risk, effects, modifiers and group.",
        ),
    ],
    out: Annotated[Path, typer.Option("--out", metavar="FOLDER", help="The model folder to write.")],
    version: Annotated[str, typer.Option("--version-name", help="What the model is called.")] = "1",
    labels: Annotated[
        Path | None,
        typer.Option("--labels", metavar="FILE", help="Also write the labels as references, without texts."),
    ] = None,
) -> None:
    """Train the model; the same definitions give the same bytes. Takes minutes on two cores."""
    # Only here: scikit-learn is never needed to classify.
    from classifier import training  # noqa: PLC0415

    try:
        rows = read_labelled(definitions)
    except (LabelError, OSError) as error:
        raise NotDefinitions(
            f"cannot read {definitions}: {error}", hint="each line is a definition with its label"
        ) from error
    output.say(f"{len(rows):,} labelled definitions, training …")
    try:
        trained = training.train(rows, version)
    except ValueError as error:
        raise UsageError(
            f"cannot train on {definitions}: {error}", hint="every category and several groups are needed"
        ) from error
    try:
        _replace(out, lambda folder: training.write(trained, folder))
    except OSError as error:
        raise output_error(out, error) from error
    if labels is not None:
        lines = sorted(to_json(reference) for reference in references(rows))
        write_text(labels, "".join(line + "\n" for line in lines))
    output.line(str(out))
    output.say(f"Next: catalog evaluate {definitions} --model {out}")


def _replace(out: Path, write: Callable[[Path], None]) -> None:
    """Write the folder's files beside it and move them in when all are there."""
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}.") as name:
        write(Path(name))
        for file in sorted(Path(name).iterdir()):
            file.replace(out / file.name)
