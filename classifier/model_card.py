"""The card that lies beside a model's weights: what it is, what was measured and how."""

from __future__ import annotations

from string import Template
from typing import TYPE_CHECKING, Final

from classifier.types import CATEGORIES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from classifier.metrics import Report
    from classifier.model import Model

# Categories of tools as they occur, estimated; labelled rows are sampled and hold more dangerous ones.
NATURAL_SPREAD: Final = {"Read": 0.60, "Write": 0.22, "Execute": 0.09, "Destructive": 0.06, "Financial": 0.03}
_VIEWS: Final = {"text": "full definition", "schema": "texts blanked", "name": "name only"}
_MEASURES: Final = {
    "macro_f1": "macro-F1 of the five categories",
    "accuracy": "accuracy of the category",
    "risk_exact": "level exactly right",
    "risk_kappa": "quadratic kappa of the level",
    "danger_missed": "High or Critical called Low",
    "critical_missed": "Critical called Low or Medium",
    "false_alarm": "Low called High or Critical",
    "calibration_error": "expected calibration error",
    "decided": "decided without review",
    "accuracy_decided": "accuracy where decided",
}
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
(`data/labels.jsonl`).

## What was measured
By cross-validation over groups: every definition is classified by a model that has seen no definition of
its group. Only the calibration curve has seen these labels. Many rows were chosen because a plain model
was unsure of them, so they are harder than the average tool.

$measures

F1 of each category, and the accuracy when each category weighs as it occurs in the wild
($spread):

$categories

Confusion with the full definition (label by row):

$confusion

On definitions of other servers: `catalog evaluate FILE --model FOLDER`, or
`catalog classify --input FILE --format jsonl` and a scorer of one's own.

## What it cannot know
It reads a definition, not the program behind it: a tool that does something else than it says is
labelled by what it says. Names without a verb, acts named only by a product's own word, and languages
beside English, Chinese, Korean, Japanese and Spanish are its weak side; it asks for review there.
""")


def render(model: Model, reports: Mapping[str, Report], rows: int, groups: int) -> str:
    """The card as Markdown; `reports` holds one report per view (`text`, `schema`, `name`)."""
    return _CARD.substitute(
        version=model.version,
        rules=model.rules_version,
        features=_features(model),
        rows=f"{rows:,}",
        groups=f"{groups:,}",
        measures=_measures(reports),
        spread=", ".join(f"{name} {share:.0%}" for name, share in NATURAL_SPREAD.items()),
        categories=_categories(reports),
        confusion=_confusion(reports["text"]),
    )


def _features(model: Model) -> str:
    counts = ", ".join(f"{len(table.keys):,} ({_VIEWS[name]})" for name, table in model.tables.items())
    return f"Features: {counts}."


def _table(head: list[str], body: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *body]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _measures(reports: Mapping[str, Report]) -> str:
    body = [
        [title, *(f"{getattr(reports[view], name):.3f}" for view in _VIEWS)]
        for name, title in _MEASURES.items()
    ]
    return _table(["measure", *_VIEWS.values()], body)


def _categories(reports: Mapping[str, Report]) -> str:
    body = [
        [
            c.value,
            str(reports["text"].categories[c.value].count),
            *(f"{reports[v].categories[c.value].f1:.3f}" for v in _VIEWS),
        ]
        for c in CATEGORIES
    ]
    wild = ["accuracy, natural spread", "", *(f"{_natural_accuracy(reports[view]):.3f}" for view in _VIEWS)]
    return _table(["category", "definitions", *_VIEWS.values()], [*body, wild])


def _natural_accuracy(found: Report) -> float:
    return sum(share * found.categories[name].recall for name, share in NATURAL_SPREAD.items())


def _confusion(found: Report) -> str:
    names = [category.value for category in CATEGORIES]
    body = [[row, *(str(found.confusion[row][column]) for column in names)] for row in names]
    return _table(["label", *names], body)
