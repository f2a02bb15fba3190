"""Everything that is measured of a classifier on labelled definitions, once, for every way of showing it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from catalog.evaluation.comparison import compared
from catalog.evaluation.measuring import FORMS, FULL, measured
from catalog.evaluation.slices import by_basis, by_language
from catalog.evaluation.worst import worst_rows
from classifier.intervals import intervals
from classifier.metrics import natural_measures, report
from classifier.model_folder import rounded
from classifier.rule_statistics import rule_statistics

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from catalog.evaluation.comparison import Change, Comparison
    from catalog.evaluation.worst import WorstRow
    from classifier.classify import Classifier
    from classifier.intervals import Interval
    from classifier.labels import LabelledDefinition
    from classifier.metrics import Report
    from classifier.rule_statistics import RuleStatistics


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The measures. Keys of `reports`, `natural`, `intervals` and `comparisons` are the forms of `FORMS`.

    `languages`, `bases`, `worst` and `rules` are of the full definitions. `comparisons` is empty unless
    there was another classifier, whose version is `other`.
    """

    version: str
    definitions: int
    groups: int
    reports: Mapping[str, Report]
    natural: Mapping[str, Mapping[str, float]]
    intervals: Mapping[str, Mapping[str, Interval]]
    languages: Mapping[str, Report]
    bases: Mapping[str, Report]
    worst: tuple[WorstRow, ...]
    rules: Mapping[str, RuleStatistics]
    other: str
    comparisons: Mapping[str, Comparison]


def evaluation(
    rows: Sequence[LabelledDefinition], classifier: Classifier, against: Classifier | None, worst: int
) -> Evaluation:
    """Measure a classifier in every form, and compare it with another one where there is one."""
    found = measured(rows, classifier)
    other = measured(rows, against) if against else None
    return Evaluation(
        version=found.version,
        definitions=len(found.rows),
        groups=len(set(found.groups)),
        reports={form: report(pairs) for form, pairs in found.pairs.items()},
        natural={form: natural_measures(pairs) for form, pairs in found.pairs.items()},
        intervals={form: intervals(pairs, found.groups) for form, pairs in found.pairs.items()},
        languages={name: report(pairs) for name, pairs in by_language(found).items()},
        bases={name: report(pairs) for name, pairs in by_basis(found).items()},
        worst=tuple(worst_rows(found.rows, found.pairs[FULL], worst)),
        rules=rule_statistics(found.pairs[FULL]),
        other=other.version if other else "",
        comparisons={form: compared(found, other, form) for form in FORMS} if other else {},
    )


def as_json(found: Evaluation) -> dict[str, Any]:
    """The whole evaluation as a JSON value; no text of a definition is in it."""
    content: dict[str, Any] = {
        "classifier": found.version,
        "definitions": found.definitions,
        "groups": found.groups,
        "forms": {form: _form(found, form) for form in found.reports},
        "languages": {name: asdict(part) for name, part in found.languages.items()},
        "bases": {name: asdict(part) for name, part in found.bases.items()},
        "worst": [one.as_json() for one in found.worst],
        "rules": {name: asdict(counts) for name, counts in found.rules.items()},
    }
    if found.comparisons:
        content["against"] = found.other
        content["comparison"] = {form: _comparison(each) for form, each in found.comparisons.items()}
    figures: dict[str, Any] = rounded(content)
    return figures


def _form(found: Evaluation, form: str) -> dict[str, Any]:
    measures = asdict(found.reports[form])
    return {**measures, "intervals": found.intervals[form], "natural_spread": found.natural[form]}


def _comparison(found: Comparison) -> dict[str, Any]:
    return {
        "differences": [
            {**asdict(one), "difference": one.this - one.other, "verdict": one.verdict}
            for one in found.differences
        ],
        "better": [_change(change) for change in found.better],
        "worse": [_change(change) for change in found.worse],
    }


def _change(change: Change) -> dict[str, Any]:
    definition = change.row.definition
    return {
        "server": definition.server,
        "name": definition.name,
        "fingerprint": definition.fingerprint,
        "label": change.row.category.value,
        "this": change.this.found.category.value,
        "other": change.other.found.category.value,
    }
