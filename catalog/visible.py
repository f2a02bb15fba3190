"""Server text made safe to look at: what would act on a terminal or mislead an eye is shown instead."""

from __future__ import annotations

import unicodedata
from typing import Final

# Control, format (bidi overrides, zero-width), surrogate, private use, unassigned, separators.
_INVISIBLE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def visible(text: str, *, keep_newlines: bool = False) -> str:
    """Replace each character that is not plainly visible by its code in angle quotes: `‹U+202E›`.

    Newlines and tabs become spaces unless `keep_newlines`, and so does every other kind of space. The result is safe to print, to log and
    to put in a cell; it is not HTML-escaped, which is the template's work.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_shown(character, keep_newlines=keep_newlines) for character in text)


def one_line(text: str, width: int = 0) -> str:
    """`visible` text on one line with runs of white space folded, cut to `width` characters if given."""
    plain = text.isascii() and text.isprintable() and "  " not in text and text == text.strip()
    folded = text if plain else " ".join(visible(text).split())
    return folded if not width or len(folded) <= width else folded[: width - 1] + "…"


def _shown(character: str, *, keep_newlines: bool) -> str:
    if character in "\n\t":
        return character if keep_newlines else " "
    category = unicodedata.category(character)
    if category in _INVISIBLE:
        return f"‹U+{ord(character):04X}›"
    return " " if category == "Zs" else character
