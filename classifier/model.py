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
from bisect import bisect_left
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from classifier.features import BLOCKS
from classifier.lazy import lazy
from classifier.types import CATEGORIES, LEVELS, Basis

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from classifier.features import Blocks
    from classifier.keys import Keys

FORMAT: Final = 1  # of the folder; a reader accepts exactly its own
OUTPUTS: Final = len(CATEGORIES) + len(LEVELS)
_DIGITS: Final = 6  # of a probability; below what differs between mathematical libraries
_NEAR: Final = 14  # low bits of a key by which keys of one range of the vocabulary may differ
_KEY_BITS: Final = np.uint64(32)
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

    def weights_of(self, parts: Sequence[Keys], output: int) -> list[int]:
        """What each part's features add to one output, in units of `scale`; one that comes twice counts twice."""
        rows = self._rows(np.frombuffer(b"".join(parts), dtype=np.uint32))
        upto = np.concatenate([[0], np.cumsum(self.weights[rows, output], dtype=np.int64)])
        ends = np.cumsum([len(part) // rows.itemsize for part in parts])
        added: list[int] = np.diff(upto[ends], prepend=0).tolist()
        return added

    def scores(self, blocks: Sequence[Blocks]) -> list[Scores]:
        """The probabilities for each of some definitions; the same whatever the others are."""
        sums, sizes = self._sums([block for each in blocks for block in each])
        terms = np.empty((len(blocks), 1 + len(BLOCKS), OUTPUTS))
        terms[:, 0] = self.bias
        shape = (len(blocks), len(BLOCKS))
        factors = self.scale * block_factors(sizes.reshape(shape))
        np.multiply(sums.reshape(*shape, OUTPUTS), factors[:, :, None], out=terms[:, 1:])
        total = terms.sum(axis=1)  # in the order of the blocks, as every sum over an axis but the last
        cut = len(CATEGORIES)
        halves = zip(_softmax(total[:, :cut]), _softmax(total[:, cut:]), strict=True)
        return [Scores(categories, levels) for categories, levels in halves]

    def _sums(self, blocks: list[Keys]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Each block's weights added up, and its size; a feature that comes twice in a block counts once.

        Shapes (blocks, OUTPUTS) and (blocks,). Block and key make one number, so that all are sorted at once.
        The last block is never empty.
        """
        found = np.frombuffer(b"".join(blocks), dtype=np.uint32)
        owners = np.repeat(_numbers(len(blocks)), [len(block) // found.itemsize for block in blocks])
        both = np.bitwise_or(owners, found)
        both.sort()
        first = np.ones(len(both), dtype=bool)
        np.not_equal(both[1:], both[:-1], out=first[1:])
        once = both[first]
        sizes = np.bincount((once >> _KEY_BITS).view(np.int64), minlength=len(blocks))
        weights = self._wide.take(self._rows(once.astype(np.uint32)), axis=0)
        sums = np.add.reduceat(weights, np.cumsum(sizes) - sizes, dtype=np.int64)
        sums[sizes == 0] = 0
        return sums, sizes

    def _rows(self, keys: NDArray[np.uint32]) -> NDArray[np.int32]:
        """The row of each key, that of zeros for an unknown one.

        A binary search would look at a key sixteen times; here the high bits say where to begin.
        """
        rows, known = self._begins.take(keys >> _NEAR), self._padded
        for _ in range(1, self._longest):
            rows += known.take(rows) < keys
        rows[known.take(rows) != keys] = len(self.keys)
        return rows

    @lazy
    def _padded(self) -> NDArray[np.uint32]:
        return np.append(self.keys, np.uint32(2**32 - 1))

    @lazy
    def _begins(self) -> NDArray[np.int32]:
        """For each value of a key's high bits, the first row of those keys."""
        counts = np.bincount(self.keys >> _NEAR, minlength=1 << 32 - _NEAR)
        return (np.cumsum(counts) - counts).astype(np.int32)

    @lazy
    def _longest(self) -> int:
        """How many keys at most share their high bits."""
        return int(np.diff(self._begins, append=len(self.keys)).max())

    @lazy
    def _wide(self) -> NDArray[np.int32]:
        return self.weights.astype(np.int32)

    @lazy
    def _raw_knots(self) -> list[float]:
        return [raw for raw, _ in self.knots]

    def calibrated(self, raw: float) -> float:
        """The share of labels that were right at this raw confidence, interpolated between knots."""
        at = bisect_left(self._raw_knots, raw)
        if at in {0, len(self.knots)}:
            return self.knots[max(at - 1, 0)][1]
        (low, low_share), (high, high_share) = self.knots[at - 1 : at + 1]
        return round(low_share + (raw - low) / (high - low) * (high_share - low_share), _DIGITS)


@lru_cache
def _numbers(count: int) -> NDArray[np.uint64]:
    """0, 1, 2, … in the bits above a key."""
    return np.arange(count, dtype=np.uint64) << _KEY_BITS


def block_factor(block: str, size: int) -> float:
    """What a feature of a block with `size` features counts; structure is not diluted by its size."""
    return 1.0 if block == "structure" else 1.0 / math.sqrt(size)


def block_factors(sizes: NDArray[np.int64]) -> NDArray[np.float64]:
    """`block_factor` for the blocks of many definitions, of shape (definitions, blocks); any for an empty one."""
    factors: NDArray[np.float64] = 1.0 / np.sqrt(np.maximum(sizes, 1))
    factors[:, BLOCKS.index("structure")] = 1.0
    return factors


def _softmax(logits: NDArray[np.float64]) -> list[tuple[float, ...]]:
    """Probabilities of each row, rounded to `_DIGITS`."""
    shares = []
    for row in logits.tolist():
        top = max(row)
        weights = [math.exp(value - top) for value in row]
        total = math.fsum(weights)
        shares.append([weight / total for weight in weights])
    return list(map(tuple, np.round(shares, _DIGITS).tolist()))


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
