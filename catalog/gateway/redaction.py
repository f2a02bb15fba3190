"""Patterns blacked out in whatever a tool answers, fast also where it holds a hundred thousand short texts.

Looking costs little for many texts at once: they are joined, and only where a pattern is met among them
are they looked at one by one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import re2

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

BLACKED_OUT: Final = "[redacted]"
MOST: Final = 20_000  # texts of one answer that are blacked out
_BLOCK: Final = 1_000  # texts that are looked at together
_PARTS: Final = 10  # into which a block with a find is cut
_ALONE: Final = re.compile(r"\\[AzQ]|\(\?[A-Za-z]*-")  # what means something else in the middle of a text
_OWN: Final = ("structuredContent", "data")  # members whose names are the tool's own and not the protocol's


class TooMany(ValueError):
    """More texts would be blacked out than may be."""


def redacted(content: Any, patterns: Sequence[str]) -> Any:
    """Plain JSON with every match blacked out, in texts and in the names of a tool's own members.

    Raises:
        TooMany: more than `MOST` different texts hold a match.

    """
    compiled = [_pattern(it) for it in patterns]
    black: dict[str, str] = {}
    for text in _suspects(list(dict.fromkeys(_texts(content))), compiled):
        black[text] = _blacked_out(text, compiled)
        if len(black) > MOST:
            raise TooMany
    return _rewritten(content, black, keys=False) if black else content


@dataclass(frozen=True, slots=True)
class _Pattern:
    """`across` meets at least what `alone` meets in one of many texts that are joined by newlines; None: nothing does."""

    alone: Any
    across: Callable[[str], Any] | None

    def met_in(self, texts: Sequence[str]) -> bool:
        if self.across is None:
            return any(self.alone.search(text) for text in texts)
        return self.across("\n".join(texts)) is not None


@lru_cache(maxsize=1_000)
def _pattern(text: str) -> _Pattern:
    alone = re2.compile(text)
    try:
        across = None if _ALONE.search(text) else re2.compile(f"(?m:{text})").search
    except re2.error:  # too large by that little
        across = None
    return _Pattern(alone, across)


def _suspects(texts: list[str], patterns: Sequence[_Pattern]) -> Iterator[str]:
    """The texts that hold a match, and perhaps others."""
    blocks = [texts[at : at + _BLOCK] for at in range(0, len(texts), _BLOCK)]
    while blocks:
        block = blocks.pop()
        if not any(pattern.met_in(block) for pattern in patterns):
            continue
        if len(block) == 1:
            yield block[0]
        step = -(-len(block) // _PARTS)
        blocks += [block[at : at + step] for at in range(0, len(block), step) if len(block) > 1]


def _blacked_out(text: str, patterns: Sequence[_Pattern]) -> str:
    for pattern in patterns:
        text = pattern.alone.sub(BLACKED_OUT, text)
    return text


def _texts(content: Any) -> Iterator[str]:
    waiting: list[tuple[Any, bool]] = [(content, False)]
    while waiting:
        value, keys = waiting.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            yield from value if keys else ()
            waiting += [(item, keys or key in _OWN) for key, item in value.items()]
        elif isinstance(value, list):
            waiting += [(item, keys) for item in value]


def _rewritten(value: Any, black: dict[str, str], *, keys: bool) -> Any:
    if isinstance(value, str):
        return black.get(value, value)
    if isinstance(value, dict):
        return {
            black.get(key, key) if keys else key: _rewritten(item, black, keys=keys or key in _OWN)
            for key, item in value.items()
        }
    return [_rewritten(item, black, keys=keys) for item in value] if isinstance(value, list) else value
