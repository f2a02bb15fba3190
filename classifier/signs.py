"""What can be seen in one place of a definition, as bits of a whole number.

A *sign* is a pattern in a sentence, a word of the name, an act with a certain object, a parameter with
certain values. Rules are formulas over signs: which rules fire depends on the bits alone. The tables
below are filled while the rules are built, and complete before the first definition is read.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from classifier.act import family, kinds_of
from classifier.patterns import Patterns, compiled

if TYPE_CHECKING:
    from collections.abc import Iterable

    from classifier.act import Act

_numbers = itertools.count()
_REMEMBERED: Final = 4_096  # names, acts or arguments whose signs are kept


def _new() -> int:
    return 1 << next(_numbers)


class SentenceSigns:
    """Patterns in one sentence of the description."""

    def __init__(self) -> None:
        self._patterns = Patterns()
        self._meant: dict[int, list[tuple[Any, int]]] = defaultdict(list)
        self.of_lead = 0  # the signs that count in the first sentence only

    def add(self, pattern: str, *, unless: str, lead: bool) -> int:
        """The sign of a sentence that matches `pattern` and does not match `unless`."""
        sign = _new()
        self._meant[self._patterns.add(pattern)].append((compiled(unless) if unless else None, sign))
        self.of_lead |= sign if lead else 0
        return sign

    def of(self, sentence: str) -> int:
        """All signs of a sentence, those included that count in a first sentence only."""
        found = 0
        for number in self._patterns.found_in(sentence):
            for barred, sign in self._meant[number]:
                if barred is None or barred.search(sentence) is None:
                    found |= sign
        return found


class NameSigns:
    """Words of the name, and patterns over all its words."""

    def __init__(self) -> None:
        self._patterns = Patterns()
        self._of_pattern: dict[int, int] = defaultdict(int)
        self._of_word: dict[str, int] = defaultdict(int)

    def add_pattern(self, pattern: str) -> int:
        """The sign of a name whose words, joined by a blank, match the pattern."""
        sign = _new()
        self._of_pattern[self._patterns.add(pattern)] |= sign
        return sign

    def add_words(self, words: Iterable[str]) -> int:
        """The sign of a name with any of the words."""
        sign = _new()
        for word in words:
            self._of_word[word] |= sign
        return sign

    def of(self, name: tuple[str, ...]) -> int:
        """All signs of a name's words."""
        found = 0
        for word in name:
            found |= self._of_word.get(word, 0)
        for number in self._patterns.found_in(" ".join(name)):
            found |= self._of_pattern[number]
        return found


@dataclass(slots=True)
class _OfVerb:
    """The signs of a verb or a family: whatever the object, by its patterns, by its kinds."""

    always: int = 0
    by_object: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    by_kind: dict[str, int] = field(default_factory=lambda: defaultdict(int))


class ActSigns:
    """What is done, and to what."""

    def __init__(self) -> None:
        self._objects = Patterns()
        self._of_verb: dict[str, _OfVerb] = defaultdict(_OfVerb)
        self._translated: dict[str, int] = defaultdict(int)
        self.of_text = 0  # the signs that an act stated by the name alone does not show
        self._of = lru_cache(maxsize=_REMEMBERED)(self._compute)

    def add(self, verbs: Iterable[str], *, kinds: Iterable[str], objects: str, name: bool) -> int:
        """The sign of one of the verbs or `@families`, done to one of the objects or kinds if given."""
        sign, kinds = _new(), tuple(kinds)
        number = self._objects.add(objects) if objects else None
        for verb in verbs:
            meant = self._of_verb[verb]
            if number is not None:
                meant.by_object[number] |= sign
            for kind in kinds:
                meant.by_kind[kind] |= sign
            if number is None and not kinds:
                meant.always |= sign
        self.of_text |= 0 if name else sign
        return sign

    def add_translated(self, verbs: Iterable[str]) -> int:
        """The sign of one of the verbs, said in another language than English."""
        sign = _new()
        for verb in verbs:
            self._translated[verb] |= sign
        return sign

    def of(self, act: Act) -> int:
        """All signs of an act, but for those of its language."""
        return self._of(act.verb, act.object)

    def translated(self, act: Act, sentence: str) -> int:
        """The signs of an act whose verb is not said in its own sentence."""
        meant = self._translated.get(act.verb, 0)
        return 0 if not meant or act.verb[:4] in sentence else meant

    def _compute(self, verb: str, thing: str) -> int:
        found, numbers, kinds = 0, None, kinds_of(thing) or ("other",)
        for meant in (self._of_verb.get(verb), self._of_verb.get(f"@{family(verb)}")):
            if meant is None:
                continue
            found |= meant.always
            for kind in kinds:
                found |= meant.by_kind.get(kind, 0)
            if meant.by_object:
                numbers = self._objects.found_in(thing) if numbers is None else numbers
                for number in numbers:
                    found |= meant.by_object.get(number, 0)
        return found


class ParameterSigns:
    """Names of parameters, with what they may hold."""

    def __init__(self) -> None:
        self._patterns = Patterns()
        self._meant: dict[int, list[tuple[int, str, bool, Any]]] = defaultdict(list)
        self._named = lru_cache(maxsize=_REMEMBERED)(self._patterns.found_in)

    def add(self, pattern: str, *, kind: str, required: bool, values: str) -> int:
        """The sign of a parameter whose words match, of this kind, required, with a value that matches."""
        sign = _new()
        listed = compiled(values) if values else None
        self._meant[self._patterns.add(pattern)].append((sign, kind, required, listed))
        return sign

    def of(self, words: str, kind: str, values: tuple[str, ...], *, required: bool) -> int:
        """All signs of a parameter, from its words joined by a blank, its type and its values."""
        found = 0
        for number in self._named(words):
            for sign, of_kind, if_required, listed in self._meant[number]:
                if (of_kind and kind not in {of_kind, "any"}) or (if_required and not required):
                    continue
                if listed is None or any(listed.search(value) for value in values):
                    found |= sign
        return found

    def of_documented(self, words: str) -> int:
        """The signs of an argument that only the description lists; nobody can say what it may hold."""
        found = 0
        for number in self._named(words):
            for sign, _, _, listed in self._meant[number]:
                found |= sign if listed is None else 0
        return found


IN_SENTENCE: Final = SentenceSigns()
IN_NAME: Final = NameSigns()
IN_ACT: Final = ActSigns()
IN_PARAMETER: Final = ParameterSigns()
