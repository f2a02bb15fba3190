"""A strict JSON reader that knows the line of every value and goes on after an error where it can.

The standard reader keeps no positions, takes `NaN` and lets the last of two equal keys win: a policy
must not be read by guessing.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final, NoReturn

MAX_SIZE: Final = 16 << 20  # characters
MAX_DEPTH: Final = 32  # a valid policy needs 8, plus whatever a condition's value holds

_SPACE: Final = re.compile(r"[ \t\n\r]*")
_STRING: Final = re.compile(r'"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"')
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_WORD: Final = re.compile(r"[A-Za-z]+")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_LITERALS: Final[dict[str, Any]] = {"true": True, "false": False, "null": None}
MAX_NUMBER: Final = 400  # characters of one number


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with a document, at a JSON pointer (RFC 6901) and a line, counted from 1."""

    pointer: str
    line: int
    message: str


@dataclass(slots=True)
class Source:
    """A document that was read: plain values (numbers are int or Decimal), lines by pointer, problems.

    After a syntax error `value` is None and the error is the last problem.
    """

    value: Any = None
    lines: dict[str, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    whole: bool = True


class _SyntaxError(Exception):
    """Nothing after this place can be read."""


def child(pointer: str, step: str | int) -> str:
    """The pointer of a member or an element."""
    return f"{pointer}/{str(step).replace('~', '~0').replace('/', '~1')}"


def read(text: str) -> Source:
    """Read a document; never raises, whatever the text."""
    source = Source()
    if len(text) > MAX_SIZE:
        source.problems.append(Problem("", 1, f"the document is larger than {MAX_SIZE >> 20} MiB"))
        source.whole = False
        return source
    reader = _Reader(text, source)
    try:
        source.value = reader.document()
    except _SyntaxError:
        source.value, source.whole = None, False
    return source


class _Reader:
    """One pass over the text; `_at` is the place of the next character."""

    def __init__(self, text: str, source: Source) -> None:
        self._text = text
        self._source = source
        self._at = 0
        self._starts = [0, *(found.end() for found in re.finditer("\n", text))]

    def document(self) -> Any:
        if self._text.startswith("\ufeff"):
            self._fail("", "the document starts with a byte order mark: save it as UTF-8 without one")
        value = self._value("", 0)
        if self._peek():
            self._fail("", f"there is text after the end of the document: {self._near()}")
        return value

    def _value(self, pointer: str, depth: int) -> Any:
        first = self._peek()
        self._source.lines[pointer] = self._line()
        if depth > MAX_DEPTH:
            self._fail(pointer, f"nested deeper than {MAX_DEPTH}")
        if first == "{":
            return self._object(pointer, depth)
        if first == "[":
            return self._array(pointer, depth)
        if first == '"':
            return self._string(pointer)
        if first and first in "-0123456789":
            return self._number(pointer)
        return self._literal(pointer)

    def _object(self, pointer: str, depth: int) -> dict[str, Any]:
        self._at += 1
        members: dict[str, Any] = {}
        if self._took("}"):
            return members
        while True:
            if self._peek() != '"':
                self._fail(pointer, f"a key in double quotes was expected, not {self._near()}")
            line, key = self._line(), self._string(pointer)
            self._expect(pointer, ":")
            if key in members:
                self._report(child(pointer, key), line, f"the key {json.dumps(key)} stands here twice")
            members[key] = self._value(child(pointer, key), depth + 1)
            if not self._took(","):
                self._expect(pointer, "}")
                return members

    def _array(self, pointer: str, depth: int) -> list[Any]:
        self._at += 1
        elements: list[Any] = []
        if self._took("]"):
            return elements
        while True:
            elements.append(self._value(child(pointer, len(elements)), depth + 1))
            if not self._took(","):
                self._expect(pointer, "]")
                return elements

    def _string(self, pointer: str) -> str:
        found = _STRING.match(self._text, self._at)
        if found is None:
            self._fail(
                pointer,
                "a string that does not end on its line, or holds a wrong escape or a control character",
            )
        value: str = json.loads(found[0])
        if _SURROGATE.search(value):
            self._report(pointer, self._line(), "a lone surrogate (\\ud800 to \\udfff) is no character")
        self._at = found.end()
        return value

    def _number(self, pointer: str) -> int | Decimal:
        found = _NUMBER.match(self._text, self._at)
        if found is None:
            self._fail(pointer, f"not a JSON number: {self._near()}")
        token = found[0]
        too_large = len(token) > MAX_NUMBER or float(token) in (float("inf"), float("-inf"))
        if too_large:
            self._report(pointer, self._line(), f"the number {token[:20]} is too large")
        self._at = found.end()
        if too_large:
            return 0
        return Decimal(token) if found[1] or found[2] else int(token)

    def _literal(self, pointer: str) -> Any:
        found = _WORD.match(self._text, self._at)
        if found is None or found[0] not in _LITERALS:
            self._fail(pointer, f"a value was expected, not {self._near()}")
        self._at = found.end()
        return _LITERALS[found[0]]

    def _peek(self) -> str:
        """The next character that is no white space, "" at the end."""
        space = _SPACE.match(self._text, self._at)
        self._at = space.end() if space else self._at
        return self._text[self._at : self._at + 1]

    def _took(self, character: str) -> bool:
        found = self._peek() == character
        self._at += found
        return found

    def _expect(self, pointer: str, character: str) -> None:
        if not self._took(character):
            self._fail(pointer, f"{character!r} was expected, not {self._near()}")

    def _near(self) -> str:
        return json.dumps(self._text[self._at : self._at + 20]) if self._peek() else "the end of the document"

    def _line(self) -> int:
        """Of the next character; at the end, of the last one that is no white space."""
        at = self._at if self._at < len(self._text) else len(self._text.rstrip(" \t\n\r"))
        return bisect_right(self._starts, at)

    def _report(self, pointer: str, line: int, message: str) -> None:
        self._source.problems.append(Problem(pointer, line, message))

    def _fail(self, pointer: str, message: str) -> NoReturn:
        self._report(pointer, self._line(), message)
        raise _SyntaxError
