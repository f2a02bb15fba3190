"""Training: labelled definitions in, a model folder out. The only module that uses scikit-learn.

The same rows give the same bytes: folds, vocabularies and sums are in a fixed order, and nothing is
drawn at random.
"""

from __future__ import annotations

import hashlib
import io
import json
import math
import zlib
from collections import defaultdict
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from classifier import model_card
from classifier.combination import combine, weighted
from classifier.definition import name_only, without_texts
from classifier.features import BLOCKS, features
from classifier.metrics import Pair, report
from classifier.model import FORMAT, OUTPUTS, TABLE_OF_BASIS, Model, Table, block_factor
from classifier.reading import Reading
from classifier.rules import RULES, RULES_VERSION, fire
from classifier.types import CATEGORIES, LEVELS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from classifier.labels import LabelledDefinition
    from classifier.metrics import Report
    from classifier.types import Classification, RuleHit, ToolDefinition

    Blocks = tuple[list[str], ...]
    Knots = tuple[tuple[float, float], ...]

FOLDS: Final = 5
MIN_GROUPS: Final = 2  # a feature of a single group of servers is that group's, not the world's
_BLOCK_WEIGHT: Final = {"name": 1.6, "lead": 1.8, "text": 1.2, "parameters": 1.2, "structure": 0.8}
_STRENGTH: Final = 0.8  # inverse regularisation; by cross-validation over groups
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


def train(rows: Sequence[LabelledDefinition], version: str = "1") -> TrainedModel:
    """Fit one table per basis, on the definitions as they are, without texts, and by name alone.

    Raises:
        ValueError: fewer than `FOLDS` groups, or a category without a row.

    """
    groups = len({row.group for row in rows})
    if groups < FOLDS:
        raise ValueError(f"{groups} groups of servers; cross-validation needs at least {FOLDS}")
    missing = [c.value for c in CATEGORIES if all(row.category is not c for row in rows)]
    if missing:
        raise ValueError(f"no labelled definition is {' or '.join(missing)}")
    labels = _Labels(
        np.array([CATEGORIES.index(row.category) for row in rows]),
        np.array([LEVELS.index(row.risk) for row in rows]),
        [row.group for row in rows],
    )
    views = {view: [_seen(blanked(row.definition)) for row in rows] for view, blanked in VIEWS.items()}
    held_out, knots = _cross_validate(views, labels, version)
    tables = {view: _fit([each.blocks for each in seen], labels, knots[view]) for view, seen in views.items()}
    return TrainedModel(_model(version, tables), held_out, tuple(rows))


def _model(version: str, tables: dict[str, Table]) -> Model:
    return Model(version, RULES_VERSION, tables, dict(DEFAULT_THRESHOLDS))


@dataclass(frozen=True)
class _Seen:
    """A definition as rules and features see it."""

    reading: Reading
    hits: list[RuleHit]
    blocks: Blocks


def _seen(definition: ToolDefinition) -> _Seen:
    reading = Reading(definition)
    hits = fire(RULES, reading)
    return _Seen(reading, hits, features(reading, hits))


@dataclass(frozen=True)
class _Labels:
    categories: NDArray[np.int64]
    levels: NDArray[np.int64]
    groups: list[str]

    def of(self, chosen: list[int]) -> _Labels:
        return _Labels(self.categories[chosen], self.levels[chosen], [self.groups[at] for at in chosen])


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
    views: dict[str, list[_Seen]], labels: _Labels, version: str
) -> tuple[dict[str, list[Classification]], dict[str, Knots]]:
    """Each row classified by tables that had not seen its group, and the calibration of each table."""
    parts = folds(labels.groups)
    fitted = [_without(fold, views, labels) for fold in parts]
    knots = {
        view: _calibration(view, views[view], labels, list(zip(parts, fitted, strict=True))) for view in VIEWS
    }
    held_out: dict[str, list[Classification]] = {}
    for view, seen in views.items():
        found: dict[int, Classification] = {}
        for fold, tables in zip(parts, fitted, strict=True):
            model = _model(
                version, {name: replace(table, knots=knots[name]) for name, table in tables.items()}
            )
            found |= {at: combine(seen[at].reading, seen[at].hits, seen[at].blocks, model) for at in fold}
        held_out[view] = [found[at] for at in range(len(seen))]
    return held_out, knots


def _without(fold: list[int], views: dict[str, list[_Seen]], labels: _Labels) -> dict[str, Table]:
    out = set(fold)
    inside = [at for at in range(len(labels.groups)) if at not in out]
    chosen = labels.of(inside)
    return {view: _fit([seen[at].blocks for at in inside], chosen, _STRAIGHT) for view, seen in views.items()}


def _fit(blocks: list[Blocks], labels: _Labels, knots: Knots) -> Table:
    keys, idf = _vocabulary(blocks, labels.groups)
    matrix = _matrix(blocks, keys, idf)
    parts = [
        _regression(matrix, labels.categories, _CATEGORY_WEIGHT),
        _regression(matrix, labels.levels, _LEVEL_WEIGHT),
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
    for named, group in zip(blocks, groups, strict=True):
        for block, names in zip(BLOCKS, named, strict=True):
            for name in names:
                key = _key(name)
                seen[key].add(group)
                block_of.setdefault(key, block)
    kept = sorted(key for key, where in seen.items() if len(where) >= MIN_GROUPS)
    total = len(set(groups))
    idf = [_BLOCK_WEIGHT[block_of[key]] * _rarity(block_of[key], len(seen[key]), total) for key in kept]
    return np.array(kept, dtype=np.uint32), np.array(idf)


def _rarity(block: str, groups: int, total: int) -> float:
    return 1.0 if block == "structure" else (1 + math.log((total + 1) / (groups + 1))) / 4


def _key(name: str) -> int:
    return zlib.crc32(name.encode("utf-8", "surrogatepass"))


def _matrix(blocks: list[Blocks], keys: NDArray[np.uint32], idf: NDArray[np.float64]) -> csr_matrix:
    column = {int(key): at for at, key in enumerate(keys)}
    ends, columns, values = [0], [], []
    for named in blocks:
        for block, names in zip(BLOCKS, named, strict=True):
            factor = block_factor(block, len(names)) if names else 0.0
            for at in (column.get(_key(name)) for name in names):
                if at is not None:
                    columns.append(at)
                    values.append(factor * idf[at])
        ends.append(len(columns))
    return csr_matrix((values, columns, ends), shape=(len(blocks), len(keys)))


def _regression(matrix: csr_matrix, labels: NDArray[np.int64], weight: tuple[float, ...]) -> tuple[Any, Any]:
    """Multinomial logistic regression: coefficients (classes, features) and intercepts, all classes present."""
    fitted = LogisticRegression(C=_STRENGTH, max_iter=1000, tol=1e-4, class_weight=dict(enumerate(weight)))
    fitted.fit(matrix, labels)
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
            weights = weighted(tables[view].scores(seen[at].blocks).categories, seen[at].hits)
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


def write(trained: TrainedModel, folder: Path) -> None:
    """Write `weights.npz`, `model.json`, `metrics.json` and `MODEL_CARD.md` into the folder.

    The folder is created when missing.
    """
    folder.mkdir(parents=True, exist_ok=True)
    model = trained.model
    arrays: dict[str, NDArray[Any]] = {}
    for name, table in model.tables.items():
        arrays[f"{name}_keys"] = table.keys
        arrays[f"{name}_weights"] = table.weights[:-1]
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)  # type: ignore[arg-type]
    about = {
        "format": FORMAT,
        "version": model.version,
        "rules_version": model.rules_version,
        "trained_on": {"definitions": len(trained.rows), "groups": len({row.group for row in trained.rows})},
        "thresholds": model.thresholds,
        "tables": {name: _about(table) for name, table in model.tables.items()},
        "weights_sha256": hashlib.sha256(buffer.getvalue()).hexdigest(),
    }
    (folder / "weights.npz").write_bytes(buffer.getvalue())
    reports = held_out_reports(trained)
    figures = {view: asdict(found) for view, found in reports.items()}
    _write_json(folder / "model.json", about)
    _write_json(folder / "metrics.json", {"held_out_by_group": figures})
    card = model_card.render(model, reports, len(trained.rows), len({row.group for row in trained.rows}))
    (folder / "MODEL_CARD.md").write_text(card, encoding="utf-8")


def held_out_reports(trained: TrainedModel) -> dict[str, Report]:
    """The measures of each view on the training rows, by models that had not seen their groups."""
    return {
        view: report(
            [Pair(row.category, row.risk, label) for row, label in zip(trained.rows, labels, strict=True)]
        )
        for view, labels in trained.held_out.items()
    }


def _write_json(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def _about(table: Table) -> dict[str, Any]:
    return {
        "features": len(table.keys),
        "vocabulary_sha256": hashlib.sha256(table.keys.tobytes()).hexdigest(),
        "scale": table.scale,
        "bias": table.bias.tolist(),
        "knots": [list(knot) for knot in table.knots],
    }
