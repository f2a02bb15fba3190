"""How far a measure could have come out otherwise: resampling whole groups of servers.

Tools of one server resemble each other, so drawing tools one by one would promise too much.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from classifier import tally

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from classifier.metrics import Pair
    from classifier.tally import Floats

DRAWS: Final = 1000
_SEED: Final = 20261125  # always the same draws: the same pairs give the same intervals
_BOUNDS: Final = (0.025, 0.975)  # of a 95 % interval

Interval = tuple[float, float]


def intervals(pairs: Sequence[Pair], groups: Sequence[str]) -> Mapping[str, Interval]:
    """The 95 % interval of every measure of `tally.MEASURES`; `groups` holds the group of each pair."""
    return {name: _bounds(values) for name, values in _drawn(tally.tallies(pairs), groups).items()}


def differences(
    first: Sequence[Pair], second: Sequence[Pair], groups: Sequence[str]
) -> Mapping[str, Interval]:
    """The 95 % interval of each measure of `first` minus that of `second`, on the same draws of groups."""
    one, other = _drawn(tally.tallies(first), groups), _drawn(tally.tallies(second), groups)
    return {name: _bounds(one[name] - other[name]) for name in tally.MEASURES}


def _drawn(counts: Floats, groups: Sequence[str]) -> Mapping[str, Floats]:
    """Every measure on `DRAWS` draws of as many groups as there are, with replacement."""
    names = sorted(set(groups))
    if not names:
        return {name: np.zeros(DRAWS) for name in tally.MEASURES}
    place = {name: at for at, name in enumerate(names)}
    by_group = np.zeros((len(names), tally.WIDTH))
    np.add.at(by_group, [place[group] for group in groups], counts)
    draw = np.random.Generator(np.random.PCG64(_SEED))
    weights = draw.multinomial(len(names), np.full(len(names), 1 / len(names)), size=DRAWS)
    return tally.measures(weights @ by_group)


def _bounds(values: Floats) -> Interval:
    low, high = np.quantile(values, _BOUNDS)
    return float(low), float(high)
