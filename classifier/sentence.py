"""One sentence of a description, digested once."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import Final

from classifier.act import Act, act_of_text
from classifier.lazy import lazy
from classifier.signs import IN_SENTENCE
from classifier.tokens import plain, stemmed, words

LEAD_WORDS: Final = 40  # words of a first sentence that are counted
MAX_WORDS: Final = 300
_SHORT: Final = 240  # characters of a sentence that is remembered, so that the store stays small


class Sentence:
    """A sentence as it stands; all that is derived from it is computed on first use and kept."""

    def __init__(self, text: str) -> None:
        self.text = text

    @lazy
    def plain(self) -> str:
        """The sentence with look-alikes and hidden characters resolved, lower case."""
        return plain(self.text).lower()

    @lazy
    def words(self) -> list[str]:
        """The words of the sentence, as far as they are counted."""
        return words(self.plain)[:MAX_WORDS]

    @lazy
    def stems(self) -> list[str]:
        """Their dictionary forms; pairs of signs in wide scripts."""
        return stemmed(self.words)[: 2 * MAX_WORDS]

    @lazy
    def signs(self) -> int:
        """What the sentence shows, as `classifier.signs` counts it."""
        return IN_SENTENCE.of(self.text)

    @lazy
    def first_act(self) -> Act | None:
        """What the sentence says is done, when it is the first one."""
        return act_of_text(self.text, "description", first=True)

    @lazy
    def later_act(self) -> Act | None:
        """What the sentence says is done, when others stand before it."""
        return act_of_text(self.text, "description", first=False)

    @lazy
    def lead(self) -> tuple[str, ...]:
        """What it adds to the block `lead` as the first sentence."""
        return _lead(tuple(stemmed(self.words[:LEAD_WORDS])[: 2 * LEAD_WORDS]))

    @lazy
    def later(self) -> tuple[str, ...]:
        """What it adds to the block `text` as a later sentence."""
        return later_features(self.stems)


@lru_cache(maxsize=2_048)
def _lead(bag: tuple[str, ...]) -> tuple[str, ...]:
    found = [f"l:{word}" for word in bag]
    found += [f"l2:{a} {b}" for a, b in pairwise(bag)]
    found += [f"l0:{word}" for word in bag[:1]]
    return tuple(dict.fromkeys(found))


def later_features(bag: list[str]) -> tuple[str, ...]:
    """What words in a row add to the block `text`."""
    return (*[f"d:{word}" for word in bag], *[f"d2:{a} {b}" for a, b in pairwise(bag)])


_remembered = lru_cache(maxsize=2_048)(Sentence)


def sentence(text: str) -> Sentence:
    """The sentence, the same object for a text seen before: the tools of a server share many."""
    return _remembered(text) if len(text) <= _SHORT else Sentence(text)
