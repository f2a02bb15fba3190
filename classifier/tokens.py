"""Cutting names and texts into words, in time linear in their length."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

from classifier.lexicon import LEMMA_OF

MAX_WORD: Final = 40  # characters; a longer run of letters is no word of any language

# Letters that look Latin but are not; a name such as "dеlete" (Cyrillic е) must not hide its verb.
_LOOKALIKES: Final = str.maketrans(
    "аеорсухіѕјԁһԛԝАВЕКМНОРСТХІЅЈαοερικντυΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",
    "aeopcyxisjdhqwABEKMHOPCTXISJaoepikvtuABEZHIKMNOPTYX",
)
_HIDDEN: Final = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0000-\U000e01ef]"
)
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_PIECE: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+|[^\W\d_A-Za-z]+")
_WORD: Final = re.compile(r"[a-z]+(?:'[a-z]+)?|[0-9]+|[^\W\d_a-z]+")
_WIDE: Final = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
# A sentence ends at . ! ? or their wide forms when a blank or the end follows, at an empty line,
# at a line that opens a list or a section, or before a heading such as "Args:".
# Written with its possible first characters in front, so that the search skips to one of them.
_END: Final = re.compile(
    r"[.!?。！？；\n]"
    r"(?:(?<=[.!?])(?=\s|$)|(?<=[。！？；])|(?<=\n)(?:\s*\n|\s*(?=[-*•#✓×→⚠⚡])|(?=\s*[A-Z][A-Za-z ]{1,20}:)))"
)


def plain(text: str) -> str:
    """The text without characters nobody sees, look-alikes and width variants folded to Latin.

    A letter is only folded inside a text that is mostly ASCII, so that Cyrillic or Greek prose stays.
    """
    if text.isascii():
        return text
    text = unicodedata.normalize("NFKC", _HIDDEN.sub("", text))
    ascii_letters = sum(1 for c in text if c.isascii() and c.isalpha())
    letters = sum(1 for c in text if c.isalpha())
    return text.translate(_LOOKALIKES) if ascii_letters * 2 >= letters else text


def whole(text: str) -> str:
    """The text with lone surrogates, which no encoding can carry, replaced one for one."""
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)


@lru_cache(maxsize=4_096)
def name_tokens(name: str) -> tuple[str, ...]:
    """Lower-case words of an identifier in any style: snake, kebab, camel, dots, slashes, digits.

    `VPS_deletePTRRecordV1` gives `vps delete ptr record v1`.
    """
    pieces = [piece.group() for piece in _PIECE.finditer(plain(name))]
    joined: list[str] = []
    for piece in pieces:
        if piece.isdigit() and joined and len(joined[-1]) == 1:
            joined[-1] += piece  # v1, s3, k8, d1
        else:
            joined.append(piece.lower())
    return tuple(piece[:MAX_WORD] for piece in joined)


def words(text: str) -> list[str]:
    """Lower-case words of a text; runs of wide script (Chinese, Japanese, Korean) come whole."""
    return [word[:MAX_WORD] for word in _WORD.findall(plain(text).lower())]


def stems(text: str, limit: int) -> list[str]:
    """Dictionary forms of the first `limit` words of a text; pairs of signs in wide scripts."""
    return stemmed(words(text)[:limit])[: 2 * limit]


def stemmed(found: list[str]) -> list[str]:
    """Dictionary forms of words; pairs of signs in wide scripts."""
    if "".join(found).isascii():
        return [*map(stem, found)]
    bag: list[str] = []
    for word in found:
        if is_wide(word):
            bag += [word[at : at + 2] for at in range(len(word) - 1)] or [word]
        else:
            bag.append(stem(word))
    return bag


@lru_cache(maxsize=16_384)
def stem(word: str) -> str:
    """A verb's dictionary form, a plural's singular, `0` for any number."""
    if word in LEMMA_OF:
        return LEMMA_OF[word]
    if word[0].isdigit():
        return "0"
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def is_wide(word: str) -> bool:
    """Whether a word is written without blanks between its parts."""
    return not word.isascii() and _WIDE.match(word) is not None


def sentence_spans(text: str, limit: int) -> list[tuple[int, int]]:
    """Start and end of at most `limit` non-empty sentences, blanks at both ends left out."""
    spans: list[tuple[int, int]] = []
    start = 0
    for end in _END.finditer(text):
        _append(text, start, end.end(), spans)
        start = end.end()
        if len(spans) >= limit:
            return spans
    _append(text, start, len(text), spans)
    return spans


def _append(text: str, start: int, end: int, spans: list[tuple[int, int]]) -> None:
    piece = text[start:end]
    bare = piece.strip()
    if bare:
        lead = start + len(piece) - len(piece.lstrip())
        spans.append((lead, lead + len(bare)))
