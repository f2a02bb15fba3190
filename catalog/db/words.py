"""From a name or a text to the words full-text search finds it by, and from a query to its words.

Both engines are given the same plain words, so that both find the same, and neither ever parses a
server's or a user's punctuation.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

MAX_TEXT: Final = 20_000  # characters of one field that are searched; PostgreSQL has a limit per row
MAX_QUERY_WORDS: Final = 16

# Scripts written without spaces: each character is a word of its own, or nothing could be found.
_UNSPACED: Final = re.compile("([\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])")
_WORD: Final = re.compile(r"[^\W_]+")
_HUMP: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def text_words(text: str | None) -> str:
    """Lower-case words of a title or description, one space between."""
    return " ".join(_words((text or "")[:MAX_TEXT]))


def name_words(name: str) -> str:
    """Words of a name, whole and at its humps: `createIssue_v2` is `createissue v2 create issue`."""
    whole = _words(name)
    parts = _words(_HUMP.sub(" ", name))
    return " ".join(whole + [part for part in parts if part not in whole])


def query_phrases(query: str) -> tuple[tuple[str, ...], ...]:
    """Each word of the query as a phrase: one word, or the characters of an unspaced script in a row."""
    phrases = (tuple(_words(word)) for word in _WORD.findall(_plain(query)))
    return tuple(phrase for phrase in phrases if phrase)[:MAX_QUERY_WORDS]


def _words(text: str) -> list[str]:
    return _WORD.findall(_UNSPACED.sub(r" \1 ", _plain(text)).casefold())


def _plain(text: str) -> str:
    """Accents off and compatibility forms folded, in the same way for texts and queries."""
    if text.isascii():
        return text
    decomposed = unicodedata.normalize("NFKD", text)
    return unicodedata.normalize("NFC", "".join(c for c in decomposed if not unicodedata.combining(c)))
