"""What every production of the grammar needs: members, lists, words and texts, and problems noted down."""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable, Sequence
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar

from catalog.policy.source import Problem, Source, child

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)
Production = Callable[[str, Any], T]  # of a pointer and the value there


class GrammarReader:
    """Reads values out of a source. Each method returns a usable value and reports what is wrong."""

    def __init__(self, source: Source) -> None:
        self._source = source

    def word(self, pointer: str, value: Any, words: Sequence[E]) -> E:
        """One of the words; the first of them where it is none."""
        for word in words:
            if isinstance(value, str) and value == word.value:
                return word
        spelt = [word.value for word in words]
        near = difflib.get_close_matches(value.lower(), spelt, n=1) if isinstance(value, str) else []
        suggestion = f"; did you mean {near[0]}?" if near else ""
        self.report(pointer, f"one of {', '.join(spelt)} was expected, not {shown(value)}{suggestion}")
        return words[0]

    def text(self, pointer: str, value: Any) -> str:
        """A string."""
        if isinstance(value, str):
            return value
        self.wrong(pointer, "a string", value)
        return ""

    def number(self, pointer: str, value: Any, *, whole: bool) -> int | Decimal:
        """A number above 0."""
        if is_number(value) and value > 0 and (isinstance(value, int) or not whole):
            number: int | Decimal = value
            return number
        self.wrong(pointer, f"a {'whole ' if whole else ''}number above 0", value)
        return 1

    def elements(self, pointer: str, value: Any, element: Production[T]) -> tuple[T, ...]:
        """A list, with each element read."""
        if not isinstance(value, list):
            self.wrong(pointer, "a list", value)
            return ()
        return tuple(element(child(pointer, index), item) for index, item in enumerate(value))

    def mapping(self, pointer: str, value: Any, element: Production[T], what: str) -> dict[str, T]:
        """An object whose keys are free, with each member read."""
        if not isinstance(value, dict):
            self.wrong(pointer, f"an object with {what}", value)
            return {}
        return {key: element(child(pointer, key), item) for key, item in value.items()}

    def members(
        self, pointer: str, value: Any, known: Sequence[str], required: Sequence[str] = ()
    ) -> dict[str, Any]:
        """An object's known members; others and missing ones are reported."""
        if not isinstance(value, dict):
            self.wrong(pointer, "an object", value)
            return {}
        for key in value:
            if key not in known:
                self.report(child(pointer, key), f"unknown key {shown(key)}{_suggestion(key, known)}")
        for key in required:
            if key not in value:
                self.report(pointer, f"the key {shown(key)} is missing")
        return {key: value[key] for key in known if key in value}

    def wrong(self, pointer: str, wanted: str, value: Any) -> None:
        """Report a value that is something else than wanted."""
        self.report(pointer, f"{wanted} was expected, not {shown(value)}")

    def report(self, pointer: str, message: str) -> None:
        """Note a problem at the line where the pointer's value stands."""
        self._source.problems.append(Problem(pointer, self._source.lines.get(pointer, 1), message))


def is_number(value: Any) -> bool:
    """Whether a value that was read is a JSON number."""
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def shown(value: Any) -> str:
    """A value as messages show it: shortened, and objects and lists by their kind alone."""
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    text = str(value) if is_number(value) else json.dumps(value)
    return text if len(text) <= 60 else f"{text[:60]}…"


def _suggestion(key: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(key.lower(), known, n=1)
    return f"; did you mean {near[0]}?" if near else f"; known are {', '.join(known)}"
