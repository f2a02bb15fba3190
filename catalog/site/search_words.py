"""The words by which a tool or a server can be found: those of its name, and those of its texts."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from classifier.tokens import name_tokens, plain

if TYPE_CHECKING:
    from collections.abc import Collection

    from classifier.types import ToolDefinition

READ: Final = 400  # characters of a description; what a tool does is said at the start
MOST: Final = 12  # words of texts kept for one tool
LONGEST: Final = 32  # characters of a word; the script in the browser cuts what is asked for alike
_WORD: Final = re.compile(r"[^\W_]{2,}")
_COMMON: Final = frozenset(
    [
        "a", "about", "all", "also", "an", "and", "any", "are", "as", "at", "be", "before", "but", "by",
        "can", "do", "does", "each", "for", "from", "given", "has", "have", "if", "in", "into", "is", "it",
        "its", "may", "more", "must", "no", "not", "of", "on", "once", "one", "only", "or", "other", "out",
        "over", "per", "so", "some", "such", "than", "that", "the", "their", "them", "then", "there",
        "these", "they", "this", "those", "to", "up", "use", "used", "uses", "using", "was", "were", "when",
        "where", "which", "while", "who", "will", "with", "within", "without", "you", "your",
    ]
)  # fmt: skip


@lru_cache(maxsize=16_384)
def name_words(name: str) -> list[str]:
    """The words of a name, each once, in their order; the name as one word too, as people may type it so."""
    parts = name_tokens(name)
    joined = "".join(parts)
    return list(dict.fromkeys(part[:LONGEST] for part in (*parts, joined) if part))


def text_words(definition: ToolDefinition, known: Collection[str]) -> list[str]:
    """The first telling words of title and description that the name does not hold already."""
    text = f"{definition.title or ''} {(definition.description or '')[:READ]}"
    found = dict.fromkeys(word[:LONGEST] for word in _WORD.findall(plain(text).lower()))
    return [word for word in found if word not in _COMMON and word not in known][:MOST]
