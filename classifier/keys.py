"""The keys of features: what the model knows of their names.

A key is the CRC-32 of a name. CRC-32 goes on from where it ended: the key of `d2:delete page` is made from
what `d2:delete ` has come to, which is kept with the word, so that hardly any name is put together.
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, Final
from zlib import crc32

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    Keys = bytes  # of some features, four bytes each in the machine's order

_REMEMBERED: Final = 8_192  # words of one kind that are kept


def keys(names: Iterable[str], mark: str = "") -> Keys:
    """The keys of features by their names, in that order; `mark` stands before each name."""
    begun = crc32(mark.encode())
    return packed([crc32(name.encode("utf-8", "surrogatepass"), begun) for name in names])


def packed(numbers: Sequence[int]) -> Keys:
    """Keys from numbers."""
    return array("I", numbers).tobytes()


def unpacked(found: Keys) -> array[int]:
    """The keys as numbers."""
    return array("I", found)


class Words(dict[str, tuple[bytes, int, int]]):
    """The words of one kind of text: each with its bytes, its key, and what its pairs begin with.

    With the mark `d` a word is the feature `d:word`, and two neighbours are `d2:word next`.
    """

    def __init__(self, mark: str) -> None:
        super().__init__()
        self._one, self._two = crc32(f"{mark}:".encode()), crc32(f"{mark}2:".encode())

    def __missing__(self, word: str) -> tuple[bytes, int, int]:
        if len(self) >= _REMEMBERED:
            self.clear()
        text = word.encode("utf-8", "surrogatepass")
        found = self[word] = (text, crc32(text, self._one), crc32(b" ", crc32(text, self._two)))
        return found

    def keys_of(self, words: Sequence[str]) -> list[int]:
        """The key of each word."""
        return [self[word][1] for word in words]

    def keys_in_row(self, words: Sequence[str]) -> list[int]:
        """The key of each word, then of each two neighbours."""
        if not words:
            return []
        texts, ones, begun = zip(*[self[word] for word in words], strict=True)
        return [*ones, *map(crc32, texts[1:], begun)]
