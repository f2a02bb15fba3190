"""Many patterns looked for in one pass.

The rules hold some hundred patterns; searching a text for each of them would cost more than all else
together. RE2 builds an automaton of them and says which ones match, in time linear in the text.

A wide gap such as `[^.]{0,60}` makes the automaton count, and its states multiply with every pattern
that does. Gaps are therefore looked for without their limit, and the few texts that match then are
searched for the pattern itself.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import re2

from classifier.lazy import lazy

if TYPE_CHECKING:
    from collections.abc import Callable

_MEMORY: Final = 16 << 20  # bytes an automaton may use before it starts over; a few are the rule
_TOGETHER: Final = 64  # patterns of one automaton: two with half of them have far fewer states than one
_ALWAYS: Final = "^|."  # matches any text, the empty one too
_GAP: Final = re.compile(r"\{\d*,(\d+)\}")
_NARROW: Final = 8  # repetitions that an automaton can afford to count


def _options() -> Any:
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    options.max_mem = _MEMORY
    return options


@cache
def compiled(pattern: str) -> Any:
    """The pattern for `search`, case ignored."""
    return re2.compile(pattern, _options())


class Patterns:
    """A growing list of patterns; complete before the first text is looked at."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def add(self, pattern: str) -> int:
        """Register a pattern; the number is what `found_in` reports."""
        if "_automata" in self.__dict__:
            raise RuntimeError(f"pattern {pattern!r} comes after the first text was looked at")
        return self._numbers.setdefault(pattern, len(self._numbers))

    @lazy
    def _automata(self) -> list[tuple[Callable[[bytes], list[int]], list[int]]]:
        """The automata, each with the numbers of its patterns."""
        sources = list(self._numbers)
        count = -(-len(sources) // _TOGETHER)
        return [_automaton(sources, list(range(part, len(sources), count))) for part in range(count)]

    @lazy
    def _limited(self) -> dict[int, Any]:
        """The patterns that the automaton only knows without their limits."""
        return {
            number: compiled(source)
            for source, number in self._numbers.items()
            if _without_limits(source) != source
        }

    def found_in(self, text: str) -> list[int]:
        """The numbers of the patterns that match somewhere in the text."""
        found, content = [], text.encode()
        for match, numbers in self._automata:
            matched = match(content)
            if not matched:  # `_ALWAYS` is among them, so nothing found means that the automaton gave up
                return [number for source, number in self._numbers.items() if compiled(source).search(text)]
            found += [numbers[at] for at in matched if at < len(numbers)]
        limited = self._limited
        if limited.keys().isdisjoint(found):
            return found
        return [number for number in found if number not in limited or limited[number].search(text)]


def _automaton(sources: list[str], numbers: list[int]) -> tuple[Callable[[bytes], list[int]], list[int]]:
    automaton = re2.Set.SearchSet(_options())
    for number in numbers:
        automaton.Add(_without_limits(sources[number]))
    automaton.Add(_ALWAYS)
    automaton.Compile()
    return automaton.Match, numbers


def _without_limits(pattern: str) -> str:
    """A pattern that matches whatever this one does, with wide gaps of any width."""
    return _GAP.sub(lambda gap: "*" if int(gap[1]) > _NARROW else gap[0], pattern)
