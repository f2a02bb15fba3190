"""Correct English around words that come from data: articles, plurals, lists, sentences.

Names that are set in code type inside running text are wrapped by `code`; `catalog.site.markup`
turns the wrapping into HTML, `plain` into back-quotes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from catalog.visible import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# Private-use characters: `catalog.visible` spells them out, so no server's text can hold them.
CODE_START: Final = "\ue000"
CODE_END: Final = "\ue001"

_VOWEL_SOUND: Final = re.compile(
    r"(?:[aeiou]|hour|honest|honour|heir|[fhlmnrsx]{2,}$|x(?![aeiouy])|mcp|sql|ssh|html|xml|http|svg|rss|sms|nft|llm)"
)
_CONSONANT_SOUND: Final = re.compile(r"(?:uni(?!n)|use|usa|usu|uti|uri$|url|eu|one|once|ui$|uuid)")
_MASS: Final = frozenset(
    [
        "access", "advice", "audio", "behaviour", "billing", "code", "content", "context", "csv", "data",
        "documentation", "equipment", "evidence", "feedback", "hardware", "help", "history", "html",
        "information", "infrastructure", "input", "json", "knowledge", "markdown", "media", "memory", "metadata", "money",
        "music", "news", "output", "ownership", "progress", "reasoning", "research", "speech", "sql",
        "software", "storage", "text", "time", "traffic", "usage", "weather", "work", "xml", "yaml",
    ]
)  # fmt: skip
_IRREGULAR: Final = {
    "person": "people",
    "child": "children",
    "index": "indexes",
    "matrix": "matrices",
}
_PLURAL_ALREADY: Final = frozenset(
    ["children", "criteria", "credentials", "people", "settings", "statistics", "media", "news", "details"]
)
_SINGULAR_IN_S: Final = ("ss", "us", "is", "news", "dns", "aws", "gas", "https", "os")
_NUMBERS: Final = (
    "no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
)  # fmt: skip
_STOPS: Final = tuple(".!?…")
_CLOSING: Final = tuple("”’)")


def code(name: str, width: int = 80) -> str:
    """A server's own word inside our text: made visible, on one line, set in code type."""
    return f"{CODE_START}{one_line(name, width)}{CODE_END}"


def plain(text: str) -> str:
    """Running text for places without markup: code type becomes back-quotes."""
    return text.replace(CODE_START, "`").replace(CODE_END, "`")


def article(noun: str) -> str:
    """`a` or `an`, by the sound the next word begins with."""
    first = re.split(r"[\s-]", noun.lstrip(CODE_START).lower(), maxsplit=1)[0]
    if _CONSONANT_SOUND.match(first):
        return "a"
    return "an" if _VOWEL_SOUND.match(first) else "a"


def with_article(noun: str) -> str:
    """`a job`, `an invoice`; plural and uncountable nouns stay bare."""
    return noun if is_plural(noun) or is_mass(noun) else f"{article(noun)} {noun}"


def is_mass(noun: str) -> bool:
    """Whether a noun is not counted: `data`, `information`."""
    return _last_word(noun) in _MASS


def is_plural(noun: str) -> bool:
    """Whether a noun phrase stands in the plural, judged by its last word."""
    last = _last_word(noun)
    if last in _PLURAL_ALREADY or last in _IRREGULAR.values():
        return True
    return len(last) > 2 and last.endswith("s") and not last.endswith(_SINGULAR_IN_S)


def plural(noun: str) -> str:
    """The plural of a regular noun or of one of the irregular ones that tool names use."""
    head, _, last = noun.rpartition(" ")
    lead = f"{head} " if head else ""
    if last in _IRREGULAR:
        return lead + _IRREGULAR[last]
    if last.endswith("y") and last[-2:-1] not in ("", *"aeiou"):
        return f"{lead}{last[:-1]}ies"
    return f"{lead}{last}es" if last.endswith(("s", "x", "z", "ch", "sh")) else f"{lead}{last}s"


def number(count: int) -> str:
    """A count as prose spells it: `three`, but `1,024`."""
    return _NUMBERS[count] if 0 <= count < len(_NUMBERS) else f"{count:,}"


def counted(count: int, noun: str) -> str:
    """`no tools`, `one tool`, `three tools`, `1,024 tools`."""
    return f"{number(count)} {noun if count == 1 else plural(noun)}"


def figure(count: int, noun: str) -> str:
    """`0 tools`, `1 tool`, `1,024 tools`: for tables and captions."""
    return f"{count:,} {noun if count == 1 else plural(noun)}"


def listed(items: Sequence[str], last: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    if len(items) < 2:
        return items[0] if items else ""
    return f"{', '.join(items[:-1])} {last} {items[-1]}"


def times_a_minute(counts: Iterable[int]) -> str:
    """`at most once a minute`, `at most 10 or 30 times a minute`: one or more limits in words."""
    known = [f"{count:,}" for count in sorted(set(counts))]
    return f"at most {'once' if known == ['1'] else listed(known, 'or') + ' times'} a minute"


def listed_briefly(items: Sequence[str], shown: int = 3) -> str:
    """A list cut after `shown` items that says how many it leaves out; never leaves out just one."""
    if len(items) <= shown + 1:
        return listed(items)
    return f"{', '.join(items[:shown])} and {number(len(items) - shown)} more"


def sentence(text: str) -> str:
    """One sentence: folded white space, a capital where a letter begins it, exactly one stop."""
    bare = " ".join(text.split()).rstrip(".,;: ")
    if not bare:
        return ""
    ended = bare[-1] in _STOPS or (bare[-1] in _CLOSING and bare[-2:-1] in _STOPS)
    return bare[0].upper() + bare[1:] + ("" if ended else ".")


def without_colon(text: str) -> str:
    """A text for after a colon: what its own colon introduces goes into brackets."""
    head, colon, tail = text.rstrip(". ").partition(": ")
    return f"{head} ({tail})" if colon and tail else text


def unrepeated(sentences: Iterable[str], seen: set[str]) -> list[str]:
    """The non-empty sentences that `seen` does not hold yet, which it holds afterwards."""
    fresh: list[str] = []
    for text in sentences:
        if text and text not in seen:
            seen.add(text)
            fresh.append(text)
    return fresh


def _last_word(noun: str) -> str:
    return noun.lower().rstrip(CODE_END).rpartition(" ")[2]
