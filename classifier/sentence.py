"""One sentence of a description, digested once."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from classifier.act import Act, act_of_text
from classifier.keys import Words, keys, packed
from classifier.lazy import lazy
from classifier.signs import IN_SENTENCE
from classifier.tokens import plain, stemmed, words

if TYPE_CHECKING:
    from classifier.keys import Keys

LEAD_WORDS: Final = 40  # words of a first sentence that are counted
MAX_WORDS: Final = 300
_SHORT: Final = 240  # characters of a sentence that is remembered, so that the store stays small
IN_LEAD: Final = Words("l")
IN_TEXT: Final = Words("d")


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
    def lead(self) -> Keys:
        """What it adds to the block `lead` as the first sentence."""
        bag = stemmed(self.words[:LEAD_WORDS])[: 2 * LEAD_WORDS]
        return packed(IN_LEAD.keys_in_row(bag)) + keys(bag[:1], "l0:")

    @lazy
    def later(self) -> Keys:
        """What it adds to the block `text` as a later sentence."""
        return packed(IN_TEXT.keys_in_row(self.stems))


_remembered = lru_cache(maxsize=2_048)(Sentence)


def sentence(text: str) -> Sentence:
    """The sentence, the same object for a text seen before: the tools of a server share many."""
    return _remembered(text) if len(text) <= _SHORT else Sentence(text)
