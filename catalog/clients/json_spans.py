"""Where things stand in a JSON text with comments, trailing commas and the other liberties of JSON5.

The text must have been read without errors before: here only places are looked for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from catalog.sources import jsontext

if TYPE_CHECKING:
    from catalog.sources.client_configs import Place

_TOKEN: Final = re.compile(
    r"""(?P<space>\s+|//[^\n\r\u2028\u2029]*|/\*.*?\*/)
      | "(?:[^"\\]|\\.)*" | '(?:[^'\\]|\\.)*'
      | [{}\[\]:,] | [^\s{}\[\]:,"'/]+""",
    re.DOTALL | re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Part:
    """A member or an element: `begin` is where its key begins, `colon` where that ends, `start` to `end` its value.

    An element has no key: `begin`, `colon` and `start` are the same.
    """

    key: str | None
    begin: int
    colon: int
    start: int
    end: int


class Spans:
    """The places in one text; each container is looked through once."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._known: dict[int, list[Part]] = {}

    def at(self, place: Place) -> Part:
        """The member or element that these keys and indices lead to; of equal keys the last one counts."""
        root = next(found for found in _TOKEN.finditer(self._text) if not found["space"])
        part = Part(None, root.start(), root.start(), root.start(), len(self._text))
        for step in place:
            parts = self.parts(part.start)
            part = parts[step] if isinstance(step, int) else next(it for it in parts[::-1] if it.key == step)
        return part

    def parts(self, start: int) -> list[Part]:
        """The members or elements of the object or array that begins at `start`."""
        if start not in self._known:
            self._known[start] = _parts(self._text, start)
        return self._known[start]


def _parts(text: str, container: int) -> list[Part]:
    found: list[Part] = []
    depth, key_end = 0, 0
    tokens: list[tuple[int, int]] = []  # of the part that is being read, its key left out
    key: tuple[int, int] | None = None
    for token in _TOKEN.finditer(text, container):
        mark = token[0]
        if token["space"]:
            continue
        depth += (mark in "{[") - (mark in "}]")
        if depth == 1 and token.start() == container:
            continue
        if depth == 0 or (depth == 1 and mark == ","):
            if tokens:
                found.append(_part(text, key, key_end, tokens))
            if depth == 0:
                break
            tokens, key = [], None
        elif depth == 1 and mark == ":":
            key, key_end, tokens = tokens[0], tokens[0][1], []
        else:
            tokens = [*tokens[:1], token.span()]
    return found


def _part(text: str, key: tuple[int, int] | None, key_end: int, tokens: list[tuple[int, int]]) -> Part:
    start, end = tokens[0][0], tokens[-1][1]
    if key is None:
        return Part(None, start, start, start, end)
    word = text[slice(*key)]
    name = str(jsontext.lenient(word)) if word[0] in "\"'" else word
    return Part(name, key[0], key_end, start, end)
