"""The card that lies beside a model's weights: what it is, what was measured and how."""

from __future__ import annotations

from dataclasses import dataclass
from string import Template
from typing import TYPE_CHECKING, Final

from classifier.metrics import NATURAL_SPREAD
from classifier.types import CATEGORIES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from classifier.intervals import Interval
    from classifier.metrics import Report
    from classifier.model import Model

_VIEWS: Final = {"text": "full definition", "schema": "texts blanked", "name": "name only"}
MEASURE_TITLES: Final = {
    "macro_f1": "macro-F1 of the five categories",
    "accuracy": "accuracy of the category",
    "destructive_recall": "Destructive recall",
    "financial_recall": "Financial recall",
    "risk_exact": "level exactly right",
    "risk_kappa": "quadratic kappa of the level",
    "danger_missed": "High or Critical called Low",
    "critical_missed": "Critical called Low or Medium",
    "false_alarm": "Low called High or Critical",
    "calibration_error": "expected calibration error",
    "decided": "decided without review",
    "accuracy_decided": "accuracy where decided",
}
_FEW: Final = 5  # labels; a modifier that fewer of them name is not scored in the card


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured, per view (`text`, `schema`, `name`).

    `natural`: the measures as if the labels were spread as in the wild. `intervals`: 95 % intervals of
    the measures, by resampling groups of servers.
    """

    reports: Mapping[str, Report]
    natural: Mapping[str, Mapping[str, float]]
    intervals: Mapping[str, Mapping[str, Interval]]


_CARD: Final = Template("""# Model $version

Category and risk level of one MCP tool definition. Made by `catalog train`; the same labelled
definitions give the same bytes. Rules of version $rules stand beside it and are among its features.

## What it is
Three linear models, one per basis: the definition as it is, name and schema without texts, the name
alone. Features are words, word pairs and pieces of the name, of the first sentence, of the rest and of
the parameters, the act that a small lexicon finds in them, and the rules that fire. Each gives
probabilities of the five categories and of the four levels. Weights are 16-bit whole numbers in
`weights.npz`, added as such, so results are the same on every machine; nothing in the folder is code.
$features

## What it was trained on
$rows labelled definitions of $groups groups of servers, labelled by reading under the codebook. They
are other people's texts and are not part of this project; its labels are, as references
(`data/labels.jsonl`). Beside them $practice definitions that were invented for practice, with their
labels (`data/practice.jsonl`): the rare acts and the hard borders. Nothing is measured on those.

## What was measured
By cross-validation over groups: every definition is classified by a model that has seen no definition of
its group. Only the calibration curve has seen these labels. Many rows were chosen because a plain model
was unsure of them, so they are harder than the average tool.

In brackets: 95 % intervals, from a thousand draws of whole groups.

$measures

The same measures when each category weighs as it occurs in the wild ($spread):

$natural

F1 of each category:

$categories

Confusion with the full definition (label by row):

$confusion

Levels with the full definition (label by row):

$levels

Modifiers with the full definition, each by its own detector. A label names the modifiers that its
annotator applied, not all that hold, so the precision is a lower bound; those with fewer than
$few labels are left out:

$modifiers

How often each rule fires and is right stands in `rules.json`.

On definitions of other servers: `catalog evaluate FILE --model FOLDER`, or
`catalog classify --input FILE --format jsonl` and a scorer of one's own.

## What it cannot know
It reads a definition, not the program behind it: a tool that does something else than it says is
labelled by what it says. Names without a verb, acts named only by a product's own word, and languages
beside English, Chinese, Korean, Japanese and Spanish are its weak side; it asks for review there.
""")


def render(model: Model, figures: Figures, rows: Mapping[str, int]) -> str:
    """The card as Markdown; `rows` counts the `definitions`, their `groups`, and those of `practice`."""
    full = figures.reports["text"]
    return _CARD.substitute(
        version=model.version,
        rules=model.rules_version,
        features=_features(model),
        rows=f"{rows['definitions']:,}",
        groups=f"{rows['groups']:,}",
        practice=f"{rows['practice']:,}",
        measures=_measures(figures),
        natural=_natural(figures),
        spread=", ".join(f"{name} {share:.0%}" for name, share in NATURAL_SPREAD.items()),
        categories=_categories(figures.reports),
        confusion=_confusion(full.confusion),
        levels=_confusion(full.risk_confusion),
        few=_FEW,
        modifiers=_modifiers(full),
    )


def _features(model: Model) -> str:
    counts = ", ".join(f"{len(table.keys):,} ({_VIEWS[name]})" for name, table in model.tables.items())
    return f"Features: {counts}."


def _table(head: list[str], body: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *body]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _measures(figures: Figures) -> str:
    body = [
        [title, *(_measure(figures, view, name) for view in _VIEWS)] for name, title in MEASURE_TITLES.items()
    ]
    return _table(["measure", *_VIEWS.values()], body)


def _measure(figures: Figures, view: str, name: str) -> str:
    low, high = figures.intervals[view][name]
    return f"{value(figures.reports[view], name):.3f} ({low:.3f}–{high:.3f})"


def value(report: Report, name: str) -> float:
    """One of `tally.MEASURES` of a report."""
    category, _, measure = name.partition("_")
    if measure == "recall":
        return report.categories[category.capitalize()].recall
    return float(getattr(report, name))


def _natural(figures: Figures) -> str:
    body = [
        [title, *(f"{figures.natural[view][name]:.3f}" for view in _VIEWS)]
        for name, title in MEASURE_TITLES.items()
        if not name.endswith("_recall")  # the spread of the categories does not move a recall
    ]
    return _table(["measure, natural spread", *_VIEWS.values()], body)


def _categories(reports: Mapping[str, Report]) -> str:
    body = [
        [
            c.value,
            str(reports["text"].categories[c.value].count),
            *(f"{reports[v].categories[c.value].f1:.3f}" for v in _VIEWS),
        ]
        for c in CATEGORIES
    ]
    return _table(["category", "definitions", *_VIEWS.values()], body)


def _confusion(table: Mapping[str, Mapping[str, int]]) -> str:
    return _table(
        ["label", *table], [[row, *(str(cells[column]) for column in table)] for row, cells in table.items()]
    )


def _modifiers(report: Report) -> str:
    body = [
        [f"`{name}`", str(score.count), str(score.found), f"{score.precision:.3f}", f"{score.recall:.3f}"]
        for name, score in report.modifiers.items()
        if score.count >= _FEW
    ]
    return _table(["modifier", "labelled", "found", "precision", "recall"], body)
