"""Writing a trained model as a folder: weights, versions, measures, rule statistics, and the card."""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from classifier import model_card, rule_statistics
from classifier.intervals import intervals
from classifier.metrics import natural_measures, report
from classifier.model import FORMAT

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from classifier.model import Table
    from classifier.training import TrainedModel

_DIGITS: Final = 6  # of a figure: below what differs between mathematical libraries


def write(trained: TrainedModel, folder: Path) -> None:
    """Write `weights.npz`, `model.json`, `metrics.json`, `rules.json` and `MODEL_CARD.md` into the folder.

    The folder is created when missing.
    """
    folder.mkdir(parents=True, exist_ok=True)
    weights = _weights(trained)
    (folder / "weights.npz").write_bytes(weights)
    _write_json(folder / "model.json", _about(trained, weights))
    figures = held_out_figures(trained)
    _write_json(folder / "metrics.json", _measured(figures))
    statistics = rule_statistics.rule_statistics(trained.pairs("text"))
    rules = rule_statistics.as_text(statistics, len(trained.rows))
    (folder / rule_statistics.FILE).write_text(rules, encoding="utf-8")
    card = model_card.render(trained.model, figures, _about_rows(trained))
    (folder / "MODEL_CARD.md").write_text(card, encoding="utf-8")


def _about_rows(trained: TrainedModel) -> dict[str, int]:
    return {
        "definitions": len(trained.rows),
        "groups": len(set(trained.groups)),
        "practice": trained.practised,
    }


def held_out_figures(trained: TrainedModel) -> model_card.Figures:
    """The measures of each view on the training rows, by models that had not seen their groups."""
    pairs = {view: trained.pairs(view) for view in trained.held_out}
    return model_card.Figures(
        reports={view: report(some) for view, some in pairs.items()},
        natural={view: natural_measures(some) for view, some in pairs.items()},
        intervals={view: intervals(some, trained.groups) for view, some in pairs.items()},
    )


def _measured(figures: model_card.Figures) -> dict[str, Any]:
    content: dict[str, Any] = rounded(
        {
            "held_out_by_group": {view: asdict(found) for view, found in figures.reports.items()},
            "natural_spread": figures.natural,
            "intervals": figures.intervals,
        }
    )
    return content


def _weights(trained: TrainedModel) -> bytes:
    arrays: dict[str, NDArray[Any]] = {}
    for name, table in trained.model.tables.items():
        arrays[f"{name}_keys"] = table.keys
        arrays[f"{name}_weights"] = table.weights[:-1]
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)  # type: ignore[arg-type]
    return buffer.getvalue()


def _about(trained: TrainedModel, weights: bytes) -> dict[str, Any]:
    model = trained.model
    return {
        "format": FORMAT,
        "version": model.version,
        "rules_version": model.rules_version,
        "trained_on": _about_rows(trained),
        "thresholds": model.thresholds,
        "tables": {name: _about_table(table) for name, table in model.tables.items()},
        "weights_sha256": hashlib.sha256(weights).hexdigest(),
    }


def _about_table(table: Table) -> dict[str, Any]:
    return {
        "features": len(table.keys),
        "vocabulary_sha256": hashlib.sha256(table.keys.tobytes()).hexdigest(),
        "scale": table.scale,
        "bias": table.bias.tolist(),
        "knots": [list(knot) for knot in table.knots],
    }


def rounded(value: Any) -> Any:
    """A JSON value whose figures have `_DIGITS` digits at most."""
    if isinstance(value, dict):
        return {key: rounded(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(part) for part in value]
    return round(value, _DIGITS) if isinstance(value, float) else value


def _write_json(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
