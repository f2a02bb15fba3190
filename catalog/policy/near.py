"""The known name that a misspelt one most likely means."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from catalog.visible import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable


def near(name: str, known: Iterable[str]) -> str:
    """`did you mean refund?`, "" where nothing is near."""
    folded = {candidate.lower(): candidate for candidate in known}
    found = difflib.get_close_matches(name.lower(), folded, n=1)
    return f"did you mean {one_line(folded[found[0]], 80)}?" if found else ""
