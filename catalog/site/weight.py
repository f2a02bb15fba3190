"""How many bytes a text takes on a page, and texts and rows cut to what they may take (site.md: 20 kB a tool page)."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from markupsafe import escape

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Row = TypeVar("Row")


def weight(text: str) -> int:
    """Bytes of the text in HTML, escaped and in UTF-8."""
    return len(str(escape(text)).encode("utf-8", "replace"))


def cut(text: str, limit: int) -> str:
    """The start of a text that takes at most `limit` bytes, with an ellipsis where something was left off."""
    if len(text) <= limit and weight(text) <= limit:
        return text
    low, high = 0, min(len(text), limit)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if weight(text[:middle]) <= limit else (low, middle - 1)
    return f"{text[:low].rstrip()} …"


def fitting(rows: Sequence[Row], limit: int, size: Callable[[Row], int]) -> tuple[Row, ...]:
    """The first rows that take at most `limit` bytes together; never none where there are some."""
    taken = 0
    for at, row in enumerate(rows):
        taken += size(row)
        if taken > limit and at:
            return tuple(rows[:at])
    return tuple(rows)
