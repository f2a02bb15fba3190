"""How labels are made, what was measured, and what cannot be known: all figures from the model's own folder."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pydantic import TypeAdapter

from catalog.site.views import MeasuredView, MethodologyView
from catalog.site.words import ALL_CATEGORIES, ALL_LEVELS, BASE_LEVEL, CATEGORY_GIST, LEVEL_GIST
from classifier.metrics import Report
from classifier.types import CATEGORIES, NAME_ONLY_CAP, Level

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def share(value: float) -> str:
    """A measured share: `90.2%`; never 100%, which a sample cannot show."""
    return f"{min(99.9, round(value * 100, 1)):.1f}%"


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
_REPORTS: Final = TypeAdapter(dict[str, Report])


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
    reports = _REPORTS.validate_python(_read(folder / "metrics.json").get("held_out_by_group", {}))
    forms = [form for form in _FORMS if form in reports]
    if not forms:
        return None
    chosen = [reports[form] for form in forms]
    groups = f" of {shipped.trained_on.groups:,} groups of servers" if shipped else ""
    return MeasuredView(
        basis=f"Measured on {chosen[0].count:,} labelled definitions{groups}. Each was judged by a model that had seen no definition of its group. "
        "Only the curve that turns scores into confidences has seen these labels, so expect a wider gap between confidence and accuracy elsewhere. "
        "Many of the definitions were picked because a simple model was unsure of them, which makes them harder than the average tool.",
        forms=tuple(_FORMS[form] for form in forms),
        measures=tuple(_measure(chosen, *measure) for measure in _MEASURES),
        scores=tuple(_score(chosen, category.value) for category in CATEGORIES),
        found=tuple(category.value for category in CATEGORIES),
        confusion=tuple(_confused(chosen[0], category.value) for category in CATEGORIES),
    )


def _measure(
    reports: list[Report], name: str, words: str, written: Callable[[float], str]
) -> tuple[str, tuple[str, ...]]:
    return words, tuple(written(getattr(report, name)) for report in reports)


def _score(reports: list[Report], category: str) -> tuple[str, str, tuple[str, ...]]:
    """Category, how many definitions have it, precision and recall of the first form, F1 of each form."""
    first = reports[0].categories[category]
    each = tuple(coefficient(report.categories[category].f1) for report in reports)
    return category, f"{first.count:,}", (share(first.precision), share(first.recall), *each)


def _confused(report: Report, label: str) -> tuple[str, tuple[tuple[str, bool], ...]]:
    row = report.confusion[label]
    return label, tuple((f"{row[one.value]:,}", one.value == label) for one in CATEGORIES)
