"""Tool names and patterns: which of a policy's entries is meant for a tool."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping

T = TypeVar("T")


class Names(Generic[T]):
    """Entries by name: the exact one, else the pattern with the most letters of its own, else `*`."""

    def __init__(self, entries: Mapping[str, T], *, patterns: bool) -> None:
        self._entries = dict(entries)
        starred = [name for name in entries if patterns and "*" in name]
        self._patterns = sorted(starred, key=_precedence)
        self._exact = entries.keys() - set(starred)

    def key(self, tool: str) -> str | None:
        """The name or pattern of the entry that is meant for the tool."""
        if tool in self._exact:
            return tool
        if not self._patterns:
            return None
        return next((pattern for pattern in self._patterns if fits(pattern, tool)), None)

    def find(self, tool: str) -> T | None:
        """The entry that is meant for the tool."""
        key = self.key(tool)
        return None if key is None else self._entries[key]

    def all_for(self, tool: str) -> list[str]:
        """Every name or pattern that the tool fits, the one that is meant first."""
        return [tool] * (tool in self._exact) + [name for name in self._patterns if fits(name, tool)]


def fits(pattern: str, tool: str) -> bool:
    """Whether a name fits a pattern whose `*` stand for any text; every part is looked for once.

    A pattern given as the name says whether all that fits it fits the first one too.
    """
    if "*" not in pattern:
        return pattern == tool
    first, *middle, last = pattern.split("*")
    if len(tool) < len(first) + len(last) or not tool.startswith(first) or not tool.endswith(last):
        return False
    at, end = len(first), len(tool) - len(last)
    for part in middle:
        found = tool.find(part, at, end)
        if found < 0:
            return False
        at = found + len(part)
    return True


def _precedence(pattern: str) -> tuple[int, str]:
    """More letters of its own first, and then by the alphabet."""
    return pattern.count("*") - len(pattern), pattern
