"""The trained model: loading it without running code, and its verdict on a list of features.

A model is a folder: `model.json` (versions, calibration, thresholds, digests) and `weights.npz`
(arrays only). Weights are whole numbers and are added as such, so the sums are the same on every
machine and in every order.
"""

from __future__ import annotations

import hashlib
import io
import json
import math
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from classifier.features import BLOCKS
from classifier.types import CATEGORIES, LEVELS, Basis

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

FORMAT: Final = 1  # of the folder; a reader accepts exactly its own
OUTPUTS: Final = len(CATEGORIES) + len(LEVELS)
_DIGITS: Final = 6  # of a probability; below what differs between mathematical libraries
_CACHE_LIMIT: Final = 400_000  # feature names whose row is remembered
TABLE_OF_BASIS: Final = {Basis.TEXT: "text", Basis.SCHEMA: "schema", Basis.NAME: "name"}


class ModelFormatError(ValueError):
    """A model folder cannot be used; the message names the file and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Scores:
    """Probabilities of the categories and of the levels, in the order of `CATEGORIES` and `LEVELS`."""

    categories: tuple[float, ...]
    levels: tuple[float, ...]


@dataclass(frozen=True)
class Table:
    """The weights for one basis.

    `keys`: sorted CRC-32 of the feature names, uint32 of shape (features,).
    `weights`: int16 of shape (features + 1, OUTPUTS); the last row is zero, for unknown features.
    `bias`: float64 of shape (OUTPUTS,). `scale`: what one unit of a weight is worth.
    `knots`: (raw, calibrated) confidence pairs, ascending, at least two.
    """

    keys: NDArray[np.uint32]
    weights: NDArray[np.int16]
    bias: NDArray[np.float64]
    scale: float
    knots: tuple[tuple[float, float], ...]
    _rows: dict[str, int] = field(default_factory=dict, repr=False, compare=False)

    def row(self, name: str) -> int:
        """The row of a feature; the zero row when it has none."""
        found = self._rows.get(name)
        if found is None:
            if len(self._rows) >= _CACHE_LIMIT:
                self._rows.clear()
            key = zlib.crc32(name.encode("utf-8", "surrogatepass"))
            at = int(np.searchsorted(self.keys, np.uint32(key)))
            known = at < len(self.keys) and int(self.keys[at]) == key
            found = self._rows[name] = at if known else len(self.keys)
        return found

    def logits(self, blocks: tuple[list[str], ...]) -> NDArray[np.float64]:
        """The linear scores of a definition, float64 of shape (OUTPUTS,)."""
        total = self.bias.copy()
        for block, names in zip(BLOCKS, blocks, strict=True):
            if names:
                row = self.row
                rows = [row(name) for name in names]
                sums = self.weights[rows].sum(axis=0, dtype=np.int64)
                total += sums * (self.scale * block_factor(block, len(names)))
        return total

    def scores(self, blocks: tuple[list[str], ...]) -> Scores:
        """The probabilities for a definition's features, rounded to `_DIGITS`."""
        logits = self.logits(blocks).tolist()
        cut = len(CATEGORIES)
        return Scores(_softmax(logits[:cut]), _softmax(logits[cut:]))

    def calibrated(self, raw: float) -> float:
        """The share of labels that were right at this raw confidence, interpolated between knots."""
        previous = self.knots[0]
        if raw <= previous[0]:
            return previous[1]
        for knot in self.knots[1:]:
            if raw <= knot[0]:
                share = (raw - previous[0]) / (knot[0] - previous[0])
                return round(previous[1] + share * (knot[1] - previous[1]), _DIGITS)
            previous = knot
        return previous[1]


def block_factor(block: str, size: int) -> float:
    """What a feature of a block with `size` features counts; structure is not diluted by its size."""
    return 1.0 if block == "structure" else 1.0 / math.sqrt(size)


def _softmax(logits: list[float]) -> tuple[float, ...]:
    top = max(logits)
    weights = [math.exp(value - top) for value in logits]
    total = math.fsum(weights)
    return tuple(round(weight / total, _DIGITS) for weight in weights)


@dataclass(frozen=True)
class Model:
    """A loaded model: one table per basis, and the thresholds of the combination."""

    version: str
    rules_version: str
    tables: dict[str, Table]
    thresholds: dict[str, float]

    def table(self, basis: Basis) -> Table:
        """The weights for what there is of a definition."""
        return self.tables[TABLE_OF_BASIS[basis]]


def load(folder: Path) -> Model:
    """Read a model folder and check its format, digests and shapes.

    Raises:
        ModelFormatError: a file is missing, damaged, or of another format.

    """
    about = _read_json(folder / "model.json")
    try:
        if about["format"] != FORMAT:
            raise ModelFormatError(
                f"{folder / 'model.json'}: format {about['format']!r}; this version reads {FORMAT}"
            )
        raw = _read_weights(folder / "weights.npz", about["weights_sha256"])
        tables = {name: _table(name, part, raw) for name, part in about["tables"].items()}
        if set(tables) != set(TABLE_OF_BASIS.values()):
            raise ModelFormatError(f"{folder / 'model.json'}: tables {sorted(tables)} are not one per basis")
        thresholds = {str(k): float(v) for k, v in about["thresholds"].items()}
        return Model(str(about["version"]), str(about["rules_version"]), tables, thresholds)
    except (KeyError, TypeError, AttributeError) as error:
        raise ModelFormatError(f"{folder / 'model.json'}: {error!r} while reading it") from error


def _read_json(path: Path) -> dict[str, Any]:
    try:
        about = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ModelFormatError(f"{path}: there is no such file") from error
    except (OSError, ValueError) as error:
        raise ModelFormatError(f"{path}: {error}") from error
    if not isinstance(about, dict):
        raise ModelFormatError(f"{path}: not a JSON object")
    return about


def _read_weights(path: Path, expected: str) -> dict[str, NDArray[Any]]:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ModelFormatError(f"{path}: {error}") from error
    found = hashlib.sha256(content).hexdigest()
    if found != expected:
        raise ModelFormatError(f"{path}: SHA-256 is {found[:12]}…, model.json says {str(expected)[:12]}…")
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            return {name: arrays[name] for name in arrays.files}
    except (OSError, ValueError) as error:
        raise ModelFormatError(f"{path}: {error}") from error


def _table(name: str, about: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> Table:
    keys, weights = arrays[f"{name}_keys"], arrays[f"{name}_weights"]
    bias = np.array(about["bias"], dtype=np.float64)
    if keys.dtype != np.uint32 or weights.dtype != np.int16:
        raise ModelFormatError(f"table {name}: arrays of an unexpected type")
    if weights.shape != (len(keys), OUTPUTS) or bias.shape != (OUTPUTS,) or keys.ndim != 1:
        raise ModelFormatError(f"table {name}: arrays of an unexpected shape")
    if hashlib.sha256(keys.tobytes()).hexdigest() != about["vocabulary_sha256"]:
        raise ModelFormatError(f"table {name}: the vocabulary's digest does not match")
    knots = tuple((float(raw), float(sure)) for raw, sure in about["knots"])
    if len(knots) < 2:
        raise ModelFormatError(f"table {name}: fewer than two calibration knots")
    padded = np.concatenate([weights, np.zeros((1, OUTPUTS), dtype=np.int16)])
    return Table(keys, padded, bias, float(about["scale"]), knots)
