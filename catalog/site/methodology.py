"""How labels are made, what was measured, and what cannot be known: all figures from the model's own folder."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pydantic import TypeAdapter

from catalog.evaluation.calibration_plot import plot
from catalog.site.grade import formula
from catalog.site.words import ALL_CATEGORIES, ALL_LEVELS, BASE_LEVEL, CATEGORY_GIST, LEVEL_GIST
from classifier.metrics import NATURAL_SPREAD, Report
from classifier.types import CATEGORIES, NAME_ONLY_CAP, Level

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from catalog.evaluation.calibration_plot import Plot


def share(value: float) -> str:
    """A share that was counted: `90.2%`; `100%` and `0%` only where it was all of them, or none."""
    whole = {1.0: "100%", 0.0: "0%"}
    return whole.get(value) or f"{min(99.9, max(0.1, round(value * 100, 1))):.1f}%"


def coefficient(value: float) -> str:
    """A measure that is no share, from 0 to 1: `0.877`."""
    return f"{value:.3f}"


_FORMS: Final = {"text": "Full definition", "schema": "Without texts", "name": "Name alone"}
# Field of the report, its words, and how it is written: a share, or a coefficient.
_MEASURES: Final = (
    ("accuracy", "Category right", share),
    ("macro_f1", "Mean F1 of the categories", coefficient),
    ("risk_exact", "Level exactly right", share),
    ("risk_kappa", "Agreement of the level (quadratic kappa)", coefficient),
    ("danger_missed", "High or Critical, called Low", share),
    ("critical_missed", "Critical, called Low or Medium", share),
    ("false_alarm", "Low, called High or Critical", share),
    ("calibration_error", "Mean gap between confidence and accuracy", share),
    ("decided", "Decided without asking for a person", share),
    ("accuracy_decided", "Category right where decided", share),
)
_LIMITS: Final = (
    "It reads what a server says about a tool, and never the program behind it. A tool that does something else than it says is labelled by what it says.",
    "It does not know what an account behind the server may do, nor which arguments an agent will choose. A label holds for one ordinary call.",
    "A default or a limit that the definition leaves out does not exist for it, and neither does a danger.",
    "Names without a verb, acts that only a product has a word for, and texts in languages it has seen little of are its weak side. It lowers its confidence there and asks for a person.",
    "A definition can change after it was read. The fingerprint on each page tells which one was judged.",
)


@dataclass(frozen=True, slots=True)
class MeasuredView:
    """What a model was measured at. Rows of `measures`, `natural` and `scores` hold a cell per form of definition.

    `natural` are the measures as if the labels were spread as in the wild, which is `spread` in words; none
    where they were not measured. `modifiers` rows are a name and its figures. `plot` is None where there are
    no tenths of confidence to draw.
    """

    basis: str
    forms: tuple[str, ...]
    measures: tuple[tuple[str, tuple[str, ...]], ...]
    spread: str
    natural: tuple[tuple[str, tuple[str, ...]], ...]
    scores: tuple[tuple[str, str, tuple[str, ...]], ...]
    confusion: ConfusionView
    levels: ConfusionView
    modifiers: tuple[tuple[str, tuple[str, ...]], ...]
    plot: Plot | None


@dataclass(frozen=True, slots=True)
class ConfusionView:
    """Label against answer. A row is a label, and per answer the count and whether it is the right one.

    `words` are the answers; both are empty where nothing was counted.
    """

    words: tuple[str, ...]
    rows: tuple[tuple[str, tuple[tuple[str, bool], ...]], ...]


@dataclass(frozen=True, slots=True)
class MethodologyView:
    """How labels are made. `measured` is None where no measures lie beside the model."""

    categories: tuple[tuple[str, str, str], ...]
    levels: tuple[tuple[str, str], ...]
    making: tuple[str, ...]
    models: tuple[tuple[str, ...], ...]
    measured: MeasuredView | None
    grade: tuple[str, ...]
    limits: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Training:
    definitions: int
    groups: int


@dataclass(frozen=True, slots=True)
class _About:
    """What `model.json` says of a model, as far as the page shows it."""

    version: str
    rules_version: str
    trained_on: _Training
    thresholds: dict[str, float]


_ABOUT: Final = TypeAdapter(_About)
_FEW: Final = 5  # labels; a modifier that fewer of them name is not shown
_REPORTS: Final = TypeAdapter(dict[str, Report])
_NATURAL: Final = TypeAdapter(dict[str, dict[str, float]])


def methodology_view(folder: Path) -> MethodologyView:
    """The page about the model in `folder`; models beside it are listed too."""
    about = _read(folder / "model.json")
    shipped = _ABOUT.validate_python(about) if about else None
    return MethodologyView(
        categories=tuple(
            (category.value, CATEGORY_GIST[category], BASE_LEVEL[category].value)
            for category in ALL_CATEGORIES
            if category in BASE_LEVEL
        ),
        levels=tuple((level.value, LEVEL_GIST[level]) for level in ALL_LEVELS if level is not Level.UNKNOWN),
        making=_making(shipped),
        models=_models(folder),
        measured=_measured(folder, shipped),
        grade=formula(),
        limits=_LIMITS,
    )


def _read(path: Path) -> dict[str, Any]:
    """A JSON object of the model's folder; empty where there is no such file."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return dict(found)


def _making(shipped: _About | None) -> tuple[str, ...]:
    asks = f" below {shipped.thresholds['review_below']:.0%}" if shipped else " that are too low"
    return (
        "Two readers judge each definition: rules, each of which quotes the words it rests on, and a linear model over words, parameters and the act that is named. The rules are among what the model sees.",
        "The category gives the level to start from. Signals that can be quoted from the definition, such as a wide reach or a stated way back, move the level from there.",
        f"Confidence is calibrated on definitions that the model had not seen. A name alone never gives more than {NAME_ONLY_CAP:.0%}. Labels with a confidence{asks}, and definitions that contradict themselves, are marked as in doubt, and what is in doubt is not allowed.",
        "A person's correction stands above both readers and says so on the page.",
    )


def _models(folder: Path) -> tuple[tuple[str, ...], ...]:
    """Version, rules, definitions and groups trained on, and a note, for every model that is there."""
    rows = []
    for path in sorted(folder.parent.glob("*/model.json")):
        about = _ABOUT.validate_python(_read(path))
        trained = about.trained_on
        note = "shipped" if path.parent == folder else ""
        rows.append(
            (about.version, about.rules_version, f"{trained.definitions:,}", f"{trained.groups:,}", note)
        )
    return tuple(rows)


def _measured(folder: Path, shipped: _About | None) -> MeasuredView | None:
    """The tables, or None where the measures are missing."""
    figures = _read(folder / "metrics.json")
    reports = _REPORTS.validate_python(figures.get("held_out_by_group", {}))
    natural = _NATURAL.validate_python(figures.get("natural_spread", {}))
    forms = [form for form in _FORMS if form in reports]
    if not forms:
        return None
    chosen = [reports[form] for form in forms]
    first = chosen[0]
    groups = f" of {shipped.trained_on.groups:,} groups of servers" if shipped else ""
    return MeasuredView(
        basis=f"Measured on {first.count:,} labelled definitions{groups}. Each was judged by a model that had seen no definition of its group. "
        "Only the curve that turns scores into confidences has seen these labels, so expect a wider gap between confidence and accuracy elsewhere. "
        "Many of the definitions were picked because a simple model was unsure of them, which makes them harder than the average tool.",
        forms=tuple(_FORMS[form] for form in forms),
        measures=tuple(
            (words, tuple(written(getattr(report, name)) for report in chosen))
            for name, words, written in _MEASURES
        ),
        spread=", ".join(f"{name} {part:.0%}" for name, part in NATURAL_SPREAD.items()),
        natural=_natural([natural[form] for form in forms if form in natural]),
        scores=tuple(_score(chosen, category.value) for category in CATEGORIES),
        confusion=_confusion(first.confusion),
        levels=_confusion(first.risk_confusion),
        modifiers=_modifiers(first),
        plot=plot(first.bins) if first.bins else None,
    )


def _natural(measured: list[dict[str, float]]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    if not measured:
        return ()
    return tuple(
        (words, tuple(written(form[name]) for form in measured)) for name, words, written in _MEASURES
    )


def _score(reports: list[Report], category: str) -> tuple[str, str, tuple[str, ...]]:
    """Category, how many definitions have it, precision and recall of the first form, F1 of each form."""
    first = reports[0].categories[category]
    each = tuple(coefficient(report.categories[category].f1) for report in reports)
    return category, f"{first.count:,}", (share(first.precision), share(first.recall), *each)


def _confusion(table: Mapping[str, Mapping[str, int]]) -> ConfusionView:
    rows = (
        (label, tuple((f"{row[word]:,}", word == label) for word in table)) for label, row in table.items()
    )
    return ConfusionView(tuple(table), tuple(rows))


def _modifiers(report: Report) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple(
        (name.replace("_", " "), (f"{score.count:,}", share(score.precision), share(score.recall)))
        for name, score in report.modifiers.items()
        if score.count >= _FEW
    )
