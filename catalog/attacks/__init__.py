"""Documented attacks on agents and their tools: what each needs, where it happened, what stops it.

The texts stand in `data/attacks/*.yaml`, one file for each attack. `source` reads a file strictly, `lint`
holds all of them to what the pages promise, `fit` says which attacks a tool lends itself to.
"""

from __future__ import annotations

from catalog.attacks.attack import Attack, Claim, Example, Incident, Match
from catalog.attacks.fit import Fit, Profile, fitting, profile
from catalog.attacks.lint import lint
from catalog.attacks.source import InvalidAttacks, read_attacks

__all__ = [
    "Attack", "Claim", "Example", "Fit", "Incident", "InvalidAttacks", "Match", "Profile", "fitting", "lint", "profile",
    "read_attacks",
]  # fmt: skip
