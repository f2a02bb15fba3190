"""Training: labelled definitions in, a model out. The only module that uses scikit-learn.

The same rows give the same bytes: folds, vocabularies and sums are in a fixed order, and nothing is
drawn at random.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from classifier.combination import answer, assured, conclude, weighted
from classifier.definition import name_only, without_texts
from classifier.features import BLOCKS, features
from classifier.keys import unpacked
from classifier.metrics import Pair
from classifier.model import OUTPUTS, TABLE_OF_BASIS, Model, Table, block_factor
from classifier.reading import Reading
from classifier.rules import RULES, RULES_VERSION, fire
from classifier.types import CATEGORIES, LEVELS, UNDESCRIBED_CAP

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from classifier.features import Blocks
    from classifier.labels import LabelledDefinition
    from classifier.model import Scores
    from classifier.types import Classification, RuleHit, ToolDefinition

    Progress = Callable[[int, int, str], None]
    Knots = tuple[tuple[float, float], ...]

FOLDS: Final = 5
MIN_GROUPS: Final = 2  # a feature of a single group of servers is that group's, not the world's
_BLOCK_WEIGHT: Final = {"name": 1.6, "lead": 1.8, "text": 1.2, "parameters": 1.2, "structure": 0.8}
_STRENGTH: Final = 0.6  # inverse regularisation; by cross-validation over groups
_PRACTICE_WEIGHT: Final = 0.6  # of a practice definition beside a published one; by cross-validation
_CATEGORY_WEIGHT: Final = (0.75, 1.0, 1.3, 1.3, 2.2)  # a missed danger costs more than a false alarm
_LEVEL_WEIGHT: Final = (0.8, 1.0, 1.2, 1.2)
VIEWS: Final[dict[str, Callable[[ToolDefinition], ToolDefinition]]] = {
    "text": lambda definition: definition,
    "schema": without_texts,
    "name": name_only,
}
# By cross-validation over groups; see classifier/combination.py for what each one does.
_STRAIGHT: Final = ((0.0, 0.0), (1.0, 1.0))  # no calibration
_ENOUGH: Final = 100  # rows that a calibration curve needs
DEFAULT_THRESHOLDS: Final = {
    "review_below": 0.75,
    "doubt_below": 0.9,
    "raise_above": 0.45,
    "lower_below": 0.55,
}


@dataclass(frozen=True)
class TrainedModel:
    """A model, and what models that had not seen their groups say of its own training rows.

    `held_out[view]` holds one classification per row, in order, for each of the views `text` (the
    definition as it is), `schema` (without texts) and `name`. Only the calibration curve has seen
    these rows' labels.
    """

    model: Model
    held_out: dict[str, list[Classification]]
    rows: tuple[LabelledDefinition, ...]
    practised: int = 0  # definitions of practice beside the rows

    @property
    def groups(self) -> list[str]:
        """The group of each row."""
        return [row.group for row in self.rows]

    def pairs(self, view: str) -> list[Pair]:
        """Each row's label and what was found by models that had not seen its group."""
        return [
            Pair(row.category, row.risk, found, row.modifiers)
            for row, found in zip(self.rows, self.held_out[view], strict=True)
        ]


@dataclass(slots=True)
class _Steps:
    """Tells how far the training is, in steps of about equal length."""

    tell: Progress | None
    total: int = len(VIEWS) + FOLDS + len(VIEWS) + len(VIEWS)
    done: int = field(default=0)

    def next(self, what: str) -> None:
        if self.tell is not None:
            self.tell(self.done, self.total, what)
        self.done += 1


def train(
    rows: Sequence[LabelledDefinition],
    version: str = "1",
    progress: Progress | None = None,
    practice: Sequence[LabelledDefinition] = (),
) -> TrainedModel:
    """Fit one table per basis, on the definitions as they are, without texts, and by name alone.

    `practice` are definitions written to be learnt from: every fold's tables see them, none is measured or
    calibrated on them, and they weigh so that they do not change how common a category is.
    `progress` is told before each step: how many are done, how many there are, and what comes.

    Raises:
        ValueError: fewer than `FOLDS` groups, or a category without a row.

    """
    groups = len({row.group for row in rows})
    if groups < FOLDS:
        raise ValueError(f"{groups} groups of servers; cross-validation needs at least {FOLDS}")
    missing = [c.value for c in CATEGORIES if all(row.category is not c for row in rows)]
    if missing:
        raise ValueError(f"no labelled definition is {' or '.join(missing)}")
    labels = _labels(rows, [row.group for row in rows])
    extra = _practice(practice, labels)
    steps = _Steps(progress)
    views = {}
    for view, blanked in VIEWS.items():
        steps.next(f"reading, {view}")
        views[view] = [_seen(Reading(blanked(row.definition))) for row in rows]
        extra.blocks[view] = [_seen(Reading(blanked(row.definition))).blocks for row in practice]
    held_out, knots = _cross_validate(views, labels, extra, (version, steps))
    tables = {}
    for view, seen in views.items():
        steps.next(f"fitting, {view}")
        blocks = [each.blocks for each in seen] + extra.blocks[view]
        tables[view] = _fit(blocks, labels.with_(extra.labels), knots[view])
    return TrainedModel(_model(version, tables), held_out, tuple(rows), len(practice))


def _model(version: str, tables: dict[str, Table]) -> Model:
    return Model(version, RULES_VERSION, tables, dict(DEFAULT_THRESHOLDS))


@dataclass(frozen=True)
class _Seen:
    """A definition as rules and features see it."""

    reading: Reading
    hits: list[RuleHit]
    blocks: Blocks

    def scores(self, model: Model) -> Scores:
        return model.table(self.reading.basis).scores([self.blocks])[0]


def _seen(reading: Reading) -> _Seen:
    hits = fire(RULES, reading)
    return _Seen(reading, hits, features(reading, hits))


@dataclass(frozen=True)
class _Labels:
    """Categories, levels and weights of rows, arrays of shape (rows,), and the rows' groups."""

    categories: NDArray[np.int64]
    levels: NDArray[np.int64]
    weights: NDArray[np.float64]
    groups: list[str]

    def of(self, chosen: list[int]) -> _Labels:
        groups = [self.groups[at] for at in chosen]
        return _Labels(self.categories[chosen], self.levels[chosen], self.weights[chosen], groups)

    def with_(self, other: _Labels) -> _Labels:
        return _Labels(
            np.concatenate([self.categories, other.categories]),
            np.concatenate([self.levels, other.levels]),
            np.concatenate([self.weights, other.weights]),
            self.groups + other.groups,
        )


@dataclass(frozen=True)
class _Practice:
    """Definitions that every table is fitted on, and none is measured on."""

    labels: _Labels
    blocks: dict[str, list[Blocks]]


def _labels(rows: Sequence[LabelledDefinition], groups: list[str]) -> _Labels:
    return _Labels(
        np.array([CATEGORIES.index(row.category) for row in rows], dtype=np.int64),
        np.array([LEVELS.index(row.risk) for row in rows], dtype=np.int64),
        np.ones(len(rows)),
        groups,
    )


def _practice(rows: Sequence[LabelledDefinition], beside: _Labels) -> _Practice:
    """Each a group of its own; weighted so that each category has the share it has in `beside`."""
    labels = _labels(rows, [f"practice-{at}" for at in range(len(rows))])
    share = np.bincount(beside.categories, minlength=len(CATEGORIES)) / len(beside.categories)
    own = np.bincount(labels.categories, minlength=len(CATEGORIES)) / max(len(rows), 1)
    weights = _PRACTICE_WEIGHT * (share / np.where(own > 0, own, 1.0))[labels.categories]
    return _Practice(replace(labels, weights=weights), {})


def folds(groups: Sequence[str]) -> list[list[int]]:
    """Row numbers of each fold; a group stands in one fold, the largest are dealt out first."""
    members: dict[str, list[int]] = defaultdict(list)
    for at, group in enumerate(groups):
        members[group].append(at)
    dealt: list[list[int]] = [[] for _ in range(FOLDS)]
    for group in sorted(members, key=lambda g: (-len(members[g]), g)):
        min(dealt, key=len).extend(members[group])
    return [sorted(fold) for fold in dealt]


def _cross_validate(
    views: dict[str, list[_Seen]], labels: _Labels, extra: _Practice, run: tuple[str, _Steps]
) -> tuple[dict[str, list[Classification]], dict[str, Knots]]:
    """Each row classified by tables that had not seen its group, and the calibration of each table."""
    version, steps = run
    parts = folds(labels.groups)
    fitted = []
    for number, fold in enumerate(parts, 1):
        steps.next(f"cross-validating, fold {number}")
        fitted.append(_without(fold, views, labels, extra))
    knots = {
        view: _calibration(view, views[view], labels, list(zip(parts, fitted, strict=True))) for view in VIEWS
    }
    held_out: dict[str, list[Classification]] = {}
    for view, seen in views.items():
        steps.next(f"classifying what was held out, {view}")
        found: dict[int, Classification] = {}
        for fold, tables in zip(parts, fitted, strict=True):
            model = _model(
                version, {name: replace(table, knots=knots[name]) for name, table in tables.items()}
            )
            found |= {at: _found(seen[at], model) for at in fold}
        held_out[view] = [found[at] for at in range(len(seen))]
    return held_out, knots


def _found(seen: _Seen, model: Model) -> Classification:
    """As `Classifier.classify` finds it."""
    found = conclude(seen.reading, seen.hits, seen.scores(model), model)
    if not seen.reading.definition.description or found.confidence >= UNDESCRIBED_CAP:
        return found
    bare = _seen(seen.reading.undescribed())
    return assured(found, answer(bare.reading, bare.hits, bare.scores(model), model))


def _without(
    fold: list[int], views: dict[str, list[_Seen]], labels: _Labels, extra: _Practice
) -> dict[str, Table]:
    out = set(fold)
    inside = [at for at in range(len(labels.groups)) if at not in out]
    chosen = labels.of(inside).with_(extra.labels)
    return {
        view: _fit([seen[at].blocks for at in inside] + extra.blocks[view], chosen, _STRAIGHT)
        for view, seen in views.items()
    }


def _fit(blocks: list[Blocks], labels: _Labels, knots: Knots) -> Table:
    keys, idf = _vocabulary(blocks, labels.groups)
    matrix = _matrix(blocks, keys, idf)
    parts = [
        _regression(matrix, labels.categories, labels.weights, _CATEGORY_WEIGHT),
        _regression(matrix, labels.levels, labels.weights, _LEVEL_WEIGHT),
    ]
    weights = np.concatenate([part[0] for part in parts]).T * idf[:, None]
    bias = np.concatenate([part[1] for part in parts])
    scale = float(np.abs(weights).max()) / np.iinfo(np.int16).max or 1.0
    whole = np.rint(weights / scale).astype(np.int16)
    padded = np.concatenate([whole, np.zeros((1, OUTPUTS), dtype=np.int16)])
    return Table(keys, padded, np.round(bias, 6), scale, knots)


def _vocabulary(blocks: list[Blocks], groups: list[str]) -> tuple[NDArray[np.uint32], NDArray[np.float64]]:
    """Keys of the features of at least `MIN_GROUPS` groups, ascending, and what each one weighs."""
    seen: dict[int, set[str]] = defaultdict(set)
    block_of: dict[int, str] = {}
    for each, group in zip(blocks, groups, strict=True):
        for block, packed in zip(BLOCKS, each, strict=True):
            for key in unpacked(packed):
                seen[key].add(group)
                block_of.setdefault(key, block)
    kept = sorted(key for key, where in seen.items() if len(where) >= MIN_GROUPS)
    total = len(set(groups))
    idf = [_BLOCK_WEIGHT[block_of[key]] * _rarity(block_of[key], len(seen[key]), total) for key in kept]
    return np.array(kept, dtype=np.uint32), np.array(idf)


def _rarity(block: str, groups: int, total: int) -> float:
    return 1.0 if block == "structure" else (1 + math.log((total + 1) / (groups + 1))) / 4


def _matrix(blocks: list[Blocks], keys: NDArray[np.uint32], idf: NDArray[np.float64]) -> csr_matrix:
    column = {int(key): at for at, key in enumerate(keys)}
    ends, columns, values = [0], [], []
    for each in blocks:
        for block, packed in zip(BLOCKS, each, strict=True):
            found = dict.fromkeys(unpacked(packed))
            factor = block_factor(block, len(found)) if found else 0.0
            for at in map(column.get, found):
                if at is not None:
                    columns.append(at)
                    values.append(factor * idf[at])
        ends.append(len(columns))
    return csr_matrix((values, columns, ends), shape=(len(blocks), len(keys)))


def _regression(
    matrix: csr_matrix,
    labels: NDArray[np.int64],
    rows: NDArray[np.float64],
    weight: tuple[float, ...],
) -> tuple[Any, Any]:
    """Multinomial logistic regression: coefficients (classes, features) and intercepts, all classes present."""
    fitted = LogisticRegression(C=_STRENGTH, max_iter=1000, tol=1e-4, class_weight=dict(enumerate(weight)))
    fitted.fit(matrix, labels, sample_weight=rows)
    coefficients = np.zeros((len(weight), matrix.shape[1]))
    intercepts = np.full(len(weight), -20.0)
    coefficients[fitted.classes_] = fitted.coef_
    intercepts[fitted.classes_] = fitted.intercept_
    return coefficients, intercepts


def _calibration(
    view: str, seen: list[_Seen], labels: _Labels, fitted: list[tuple[list[int], dict[str, Table]]]
) -> Knots:
    """Knots of an isotonic curve from the weight of the chosen category to the share of right choices.

    Only rows that the table will be used for count: those whose basis is the view's own.
    """
    raw, right = [], []
    for fold, tables in fitted:
        for at in fold:
            if TABLE_OF_BASIS[seen[at].reading.basis] != view:
                continue
            weights = weighted(tables[view].scores([seen[at].blocks])[0].categories, seen[at].hits)
            raw.append(max(weights))
            right.append(float(weights.index(raw[-1]) == labels.categories[at]))
    if len(raw) < _ENOUGH:
        return _STRAIGHT
    curve = IsotonicRegression(y_min=0.0, y_max=1.0, out_of_bounds="clip").fit(raw, right)
    marks = np.quantile(raw, np.linspace(0, 1, 21))
    return tuple(
        (round(float(at), 6), round(float(sure), 6))
        for at, sure in zip(marks, curve.predict(marks), strict=True)
    )
