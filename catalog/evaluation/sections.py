"""An evaluation as tables of words: what the terminal and the Markdown report show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from catalog.evaluation.measuring import FORM_TITLES, FULL
from classifier.metrics import NATURAL_SPREAD
from classifier.model_card import MEASURE_TITLES, value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from catalog.evaluation.comparison import Change, Comparison
    from catalog.evaluation.report import Evaluation
    from catalog.evaluation.worst import WorstRow
    from classifier.metrics import Report

CHANGES_SHOWN: Final = 20  # rows that got better, and as many that got worse
_SLICE_MEASURES: Final = (
    "accuracy",
    "macro_f1",
    "danger_missed",
    "false_alarm",
    "decided",
    "accuracy_decided",
)

Cells = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A table under a title; every row has as many cells as `head`. Names in it are a server's own."""

    title: str
    head: Cells
    rows: tuple[Cells, ...]


def sections(found: Evaluation) -> Iterator[Section]:
    """All tables, the most asked for first; those without a row are left out."""
    full = found.reports[FULL]
    everything = (
        _measures(found),
        _natural(found),
        _categories(found.reports),
        _confused("Confusion with the full definition: label by row, answer by column", full.confusion),
        _confused("Levels with the full definition: label by row, answer by column", full.risk_confusion),
        _modifiers(full),
        _calibration(full),
        _slices("By language of the description", found.languages),
        _slices("By what there was to go by", found.bases),
        _worst(found.worst),
        *(_differences(form, each) for form, each in found.comparisons.items()),
        *_changes(found),
    )
    yield from (section for section in everything if section.rows)


def _measures(found: Evaluation) -> Section:
    return Section(
        f"{found.definitions:,} definitions of {found.groups:,} groups of servers, classifier {found.version}; "
        "in brackets 95 % intervals over groups",
        ("Measure", *FORM_TITLES.values()),
        tuple(
            (title, *(_with_interval(found, form, name) for form in FORM_TITLES))
            for name, title in MEASURE_TITLES.items()
        ),
    )


def _with_interval(found: Evaluation, form: str, name: str) -> str:
    low, high = found.intervals[form][name]
    return f"{value(found.reports[form], name):.3f} ({low:.3f}–{high:.3f})"


def _natural(found: Evaluation) -> Section:
    spread = ", ".join(f"{name} {share:.0%}" for name, share in NATURAL_SPREAD.items())
    return Section(
        f"The same if the labels were spread as in the wild ({spread})",
        ("Measure", *FORM_TITLES.values()),
        tuple(
            (title, *(f"{found.natural[form][name]:.3f}" for form in FORM_TITLES))
            for name, title in MEASURE_TITLES.items()
        ),
    )


def _categories(reports: Mapping[str, Report]) -> Section:
    rows = []
    for name, score in reports[FULL].categories.items():
        f1 = (f"{report.categories[name].f1:.3f}" for report in reports.values())
        rows.append((name, f"{score.count:,}", f"{score.precision:.3f}", f"{score.recall:.3f}", *f1))
    heads = ("Category", "Definitions", "Precision", "Recall")
    return Section(
        "By category", (*heads, *(f"F1, {FORM_TITLES[form].lower()}" for form in reports)), tuple(rows)
    )


def _confused(title: str, table: Mapping[str, Mapping[str, int]]) -> Section:
    rows = ((label, *(f"{cells[name]:,}" for name in table)) for label, cells in table.items())
    return Section(title, ("Label", *table), tuple(rows))


def _modifiers(full: Report) -> Section:
    return Section(
        "Modifiers with the full definition; labels name the ones that were applied, so precision is a lower bound",
        ("Modifier", "Labelled", "Found", "Precision", "Recall"),
        tuple(
            (name, f"{score.count:,}", f"{score.found:,}", f"{score.precision:.3f}", f"{score.recall:.3f}")
            for name, score in full.modifiers.items()
        ),
    )


def _calibration(full: Report) -> Section:
    return Section(
        "Calibration with the full definition",
        ("Confidence", "Definitions", "Mean confidence", "Category right"),
        tuple(
            (f"{at / len(full.bins):.1f}–{(at + 1) / len(full.bins):.1f}", f"{one.count:,}",
             f"{one.confidence:.3f}", f"{one.accuracy:.3f}")
            for at, one in enumerate(full.bins)
            if one.count
        ),
    )  # fmt: skip


def _slices(title: str, parts: Mapping[str, Report]) -> Section:
    return Section(
        title,
        ("Part", "Definitions", *(MEASURE_TITLES[name] for name in _SLICE_MEASURES)),
        tuple(
            (name, f"{part.count:,}", *(f"{value(part, measure):.3f}" for measure in _SLICE_MEASURES))
            for name, part in parts.items()
        ),
    )


def _worst(rows: Sequence[WorstRow]) -> Section:
    return Section(
        "Worst answers with the full definition: missed dangers first, the surest first",
        ("Tool", "Label", "Answer", "Confidence", "Why"),
        tuple(
            (
                f"{one.row.definition.server}/{one.row.definition.name}",
                f"{one.pair.category}, {one.pair.risk}",
                f"{one.pair.found.category}, {one.pair.found.risk}",
                f"{one.pair.found.confidence:.2f}{' review' if one.pair.found.needs_review else ''}",
                one.pair.found.reason,
            )
            for one in rows
        ),
    )


def _differences(form: str, found: Comparison) -> Section:
    return Section(
        f"Against the other model, {FORM_TITLES[form].lower()}; 95 % intervals of the difference over groups",
        ("Measure", "This", "Other", "Difference", "Interval", "Verdict"),
        tuple(
            (
                MEASURE_TITLES[one.measure],
                f"{one.this:.3f}",
                f"{one.other:.3f}",
                _signed(one.this - one.other),
                f"{_signed(one.interval[0])} to {_signed(one.interval[1])}",
                one.verdict,
            )
            for one in found.differences
        ),
    )


def _signed(difference: float) -> str:
    return f"{round(difference, 3) + 0.0:+.3f}"  # nothing is +0.000, never -0.000


def _changes(found: Evaluation) -> Iterator[Section]:
    if FULL in found.comparisons:
        both = found.comparisons[FULL]
        for word, rows in (("better", both.better), ("worse", both.worse)):
            shown = f"; the first {CHANGES_SHOWN}" if len(rows) > CHANGES_SHOWN else ""
            title = f"{len(rows):,} got {word} with the full definition{shown}"
            yield Section(
                title, ("Tool", "Label", "This", "Other"), tuple(_change(row) for row in rows[:CHANGES_SHOWN])
            )


def _change(change: Change) -> Cells:
    definition = change.row.definition
    return (
        f"{definition.server}/{definition.name}",
        change.row.category.value,
        change.this.found.category.value,
        change.other.found.category.value,
    )
