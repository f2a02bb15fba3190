"""`catalog train`: a model folder from labelled definitions, or from one's own catalogue and corrections."""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from catalog.cli import options, output
from catalog.cli.labelled_input import PRACTICE, SHIPPED, read_rows
from catalog.db.store import Store, now
from catalog.errors import UsageError
from catalog.files import output_error, write_text
from catalog.labelling.own import own_labels
from catalog.labelling.reference import read_labels
from catalog.overrides.file import load
from catalog.overrides.location import resolve
from catalog.public import to_json
from classifier.labels import LabelledDefinition, references
from classifier.model_folder import write
from classifier.types import CATEGORIES

app = typer.Typer(add_completion=False, rich_markup_mode="rich")

EPILOG = """\
[bold]Examples[/]

catalog train labelled.jsonl --out my-model

catalog train labelled.jsonl --from-catalog --out my-model

Then: catalog classify workflows-mcp --model my-model
"""
_ENOUGH = "every category and servers of at least five groups are needed"


@app.command(epilog=EPILOG)
def train(
    out: Annotated[Path, typer.Option("--out", metavar="FOLDER", help="The model folder to write.")],
    definitions: Annotated[
        Path | None,
        typer.Argument(
            metavar="FILE",
            help="JSON Lines: a definition each, with its category, risk, effects, modifiers and group.",
        ),
    ] = None,
    from_catalog: Annotated[
        bool,
        typer.Option(
            "--from-catalog",
            help="Also train on your own catalogue: your corrections, and the shipped labels of what it holds.",
        ),
    ] = False,
    practice: Annotated[
        bool,
        typer.Option(help="Also learn from the shipped practice definitions; nothing is measured on them."),
    ] = True,
    version: Annotated[str, typer.Option("--version-name", help="What the model is called.")] = "1",
    labels: Annotated[
        Path | None,
        typer.Option("--labels", metavar="FILE", help="Also write the labels as references, without texts."),
    ] = None,
    path: options.OverridesFile = None,
    db: options.Database = None,
) -> None:
    """Train the model; the same definitions give the same bytes. Takes minutes on two cores."""
    if definitions is None and not from_catalog:
        raise UsageError("nothing to train on", hint="name a file of labelled definitions, or --from-catalog")
    rows = _own_rows(db, path) if from_catalog else []
    if definitions is not None:
        seen = {row.definition.fingerprint for row in rows}  # one's own correction goes first
        rows += [row for row in read_rows(definitions) if row.definition.fingerprint not in seen]
    output.say(f"{output.plural(len(rows), 'labelled definition')}, training …")
    began = time.monotonic()
    _train(rows, read_rows(PRACTICE) if practice else [], (version, str(definitions or "the catalogue")), out)
    if labels is not None:
        lines = sorted(to_json(reference) for reference in references(rows))
        write_text(labels, "".join(line + "\n" for line in lines))
    output.line(str(out))
    output.say(f"{output.plural(len(rows), 'definition')}, {time.monotonic() - began:.0f} s")
    output.say(f"Next: catalog evaluate {definitions or 'FILE'} --model {out} --against MODEL")


def _own_rows(db: str | None, path: Path | None) -> list[LabelledDefinition]:
    shipped = read_labels(SHIPPED)
    with closing(Store.open(db, overrides=load(now().date(), resolve(path)))) as store:
        own = own_labels(store.servers(), shipped)
    output.say(
        f"from the catalogue: {output.plural(own.corrected, 'correction')}, "
        f"{output.plural(own.shipped, 'shipped label')} of definitions that it holds"
    )
    return list(own.rows)


def _train(
    rows: Sequence[LabelledDefinition],
    practice: Sequence[LabelledDefinition],
    run: tuple[str, str],
    out: Path,
) -> None:
    """Train and write the folder; `run` is the model's version and what it is trained on, for messages.

    Raises:
        UsageError: too few labels, groups or categories. OutputError: the folder cannot be written.

    """
    # Only here: scikit-learn is never needed to classify.
    from classifier import training  # noqa: PLC0415

    version, subject = run
    with _bar() as bar:
        task = bar.add_task("training", total=None)

        def tell(done: int, total: int, what: str) -> None:
            bar.update(task, completed=done, total=total, description=what)

        try:
            trained = training.train(rows, version, tell, practice)
        except ValueError as error:
            raise UsageError(f"cannot train on {subject} ({_counts(rows)}): {error}", hint=_ENOUGH) from error
    try:
        _replace(out, lambda folder: write(trained, folder))
    except OSError as error:
        raise output_error(out, error) from error


def _bar() -> Progress:
    live = output.talk.is_terminal and not output.is_quiet()
    columns = (
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TextColumn("{task.description}", markup=False),
        TimeElapsedColumn(),
    )
    return Progress(*columns, console=output.talk, transient=True, disable=not live)


def _counts(rows: Sequence[LabelledDefinition]) -> str:
    """`12 labels: 10 Read, 2 Write`."""
    counted = Counter(row.category for row in rows)
    listed = ", ".join(f"{counted[category]:,} {category}" for category in CATEGORIES if counted[category])
    return f"{output.plural(len(rows), 'label')}{': ' if listed else ''}{listed}"


def _replace(out: Path, write_into: Callable[[Path], None]) -> None:
    """Write the folder's files beside it and move them in when all are there."""
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}.") as name:
        write_into(Path(name))
        for file in sorted(Path(name).iterdir()):
            file.replace(out / file.name)
