"""Many patterns looked for in one pass.

The rules hold some hundred patterns; searching a text for each of them would cost more than all else
together. RE2 builds one automaton of them and says which ones match, in time linear in the text.
"""

from __future__ import annotations

from functools import cache, cached_property
from typing import Any, Final

import re2

_MEMORY: Final = 64 << 20  # bytes an automaton may use before it starts over; a few are the rule
_ALWAYS: Final = "^|."  # matches any text, the empty one too


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
        self._sources: list[str] = []

    def add(self, pattern: str) -> int:
        """Register a pattern; the number is what `found_in` reports."""
        if "_automaton" in self.__dict__:
            raise RuntimeError(f"pattern {pattern!r} comes after the first text was looked at")
        self._sources.append(pattern)
        return len(self._sources) - 1

    @cached_property
    def _automaton(self) -> Any:
        automaton = re2.Set.SearchSet(_options())
        for source in [*self._sources, _ALWAYS]:
            automaton.Add(source)
        automaton.Compile()
        return automaton

    def found_in(self, text: str) -> frozenset[int]:
        """The numbers of the patterns that match somewhere in the text."""
        found = self._automaton.Match(text)
        if found:  # `_ALWAYS` is among them, so nothing found means that the automaton gave up
            return frozenset(found)
        return frozenset(at for at, source in enumerate(self._sources) if compiled(source).search(text))


IN_TEXT: Final = Patterns()
IN_NAME: Final = Patterns()
IN_OBJECT: Final = Patterns()
