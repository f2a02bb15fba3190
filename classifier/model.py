"""The trained model: loading it without running code, and its verdict on a list of features.

A model is a folder: `model.json` (versions, calibration, thresholds, digests) and `weights.npz`
(arrays only). Weights are whole numbers and are added as such, so the sums are the same on every
machine and in every order.

A feature's weights for all outputs are packed into one whole number, one lane of 64 bits for each, so
that adding two features is one addition. Lanes are moved by `_ZERO` to be positive: none borrows from
its neighbour, and none overflows before 2^48 features.
"""

from __future__ import annotations

import hashlib
import io
import json
import math
import struct
import zlib
from bisect import bisect_left
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from classifier.features import BLOCKS
from classifier.lazy import lazy
from classifier.types import CATEGORIES, LEVELS, Basis

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from numpy.typing import NDArray

    from classifier.features import Block, Part

    Packed = tuple[list[int], list[int]]  # for each block, its features' packed weights and their number

FORMAT: Final = 1  # of the folder; a reader accepts exactly its own
OUTPUTS: Final = len(CATEGORIES) + len(LEVELS)
_DIGITS: Final = 6  # of a probability; below what differs between mathematical libraries
_REMEMBERED: Final = 60_000  # features of a table whose packed weights are kept
_PARTS: Final = 4_096  # parts of a block whose sum is kept
_LARGE: Final = 5  # features a part must have on average for that to be quicker than adding them up
_LANES: Final = struct.Struct(f"<{OUTPUTS}Q")
_ZERO: Final = 1 << 15  # what a lane holds for the weight 0
TABLE_OF_BASIS: Final = {Basis.TEXT: "text", Basis.SCHEMA: "schema", Basis.NAME: "name"}


class ModelFormatError(ValueError):
    """A model folder cannot be used; the message names the file and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Scores:
    """Probabilities of the categories and of the levels, in the order of `CATEGORIES` and `LEVELS`."""

    categories: tuple[float, ...]
    levels: tuple[float, ...]


class _Packed(dict[str, int]):
    """The packed weights of each feature that was asked for; those of an unknown one are zeros."""

    def __init__(self, keys: NDArray[np.uint32], weights: NDArray[np.int16]) -> None:
        super().__init__()
        self._keys, self._weights = keys, weights
        self._unknown = _pack([0] * OUTPUTS)

    def __missing__(self, name: str) -> int:
        if len(self) >= _REMEMBERED:
            self.clear()
        row = self._rows.get(zlib.crc32(name.encode("utf-8", "surrogatepass")))
        found = self[name] = self._unknown if row is None else _pack(self._weights[row].tolist())
        return found

    def of(self, part: Part) -> int:
        """The packed weights of features that come together."""
        return sum(map(self.__getitem__, part))

    @lazy
    def _rows(self) -> dict[int, int]:
        return {key: row for row, key in enumerate(self._keys.tolist())}


def _pack(weights: list[int]) -> int:
    return int.from_bytes(_LANES.pack(*(weight + _ZERO for weight in weights)), "little")


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
    _packed: _Packed = field(init=False, repr=False, compare=False)
    _part: Callable[[Part], int] = field(init=False, repr=False, compare=False)
    _raw_knots: list[float] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_packed", _Packed(self.keys, self.weights))
        object.__setattr__(self, "_part", lru_cache(maxsize=_PARTS)(self._packed.of))
        object.__setattr__(self, "_raw_knots", [raw for raw, _ in self.knots])

    def packed(self, blocks: Iterable[Block]) -> Packed:
        """The weights of a definition's features, each feature of a block added once."""
        totals, sizes = [], []
        for block in blocks:
            names = set[str]().union(*block)
            size = len(names)
            whole = size >= _LARGE * len(block) and size == sum(map(len, block))
            totals.append(sum(map(self._part, block)) if whole else sum(map(self._packed.__getitem__, names)))
            sizes.append(size)
        return totals, sizes

    def weight(self, names: list[str], output: int) -> int:
        """What features add to one output, in units of `scale`; one that comes twice counts twice."""
        lanes = sum(map(self._packed.__getitem__, names)).to_bytes(_LANES.size, "little")
        return int(_LANES.unpack(lanes)[output]) - _ZERO * len(names)

    def scores(self, blocks: Iterable[list[str]]) -> Scores:
        """The probabilities for a definition's features by block."""
        return self.verdicts([self.packed([[tuple(names)] for names in blocks])])[0]

    def verdicts(self, packed: list[Packed]) -> list[Scores]:
        """The probabilities for each of some definitions; the same whatever the others are."""
        lanes = b"".join([total.to_bytes(_LANES.size, "little") for totals, _ in packed for total in totals])
        sums = np.frombuffer(lanes, dtype="<u8").reshape(len(packed), len(BLOCKS), OUTPUTS).astype(np.int64)
        sizes = np.array([each for _, each in packed], dtype=np.int64)
        factors = self.scale * block_factors(sizes)
        total = np.tile(self.bias, (len(packed), 1))
        for block in range(len(BLOCKS)):
            total += (sums[:, block] - _ZERO * sizes[:, block, None]) * factors[:, block, None]
        cut = len(CATEGORIES)
        halves = zip(_softmax(total[:, :cut]), _softmax(total[:, cut:]), strict=True)
        return [Scores(categories, levels) for categories, levels in halves]

    def calibrated(self, raw: float) -> float:
        """The share of labels that were right at this raw confidence, interpolated between knots."""
        at = bisect_left(self._raw_knots, raw)
        if at in {0, len(self.knots)}:
            return self.knots[max(at - 1, 0)][1]
        (low, low_share), (high, high_share) = self.knots[at - 1 : at + 1]
        return round(low_share + (raw - low) / (high - low) * (high_share - low_share), _DIGITS)


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
    found = []
    for row in logits.tolist():
        top = max(row)
        weights = [math.exp(value - top) for value in row]
        total = math.fsum(weights)
        found.append(tuple([round(weight / total, _DIGITS) for weight in weights]))
    return found


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
