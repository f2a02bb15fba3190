"""A definition digested once: the words, sentences and parameters that rules and features look at."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from classifier.act import Act, act_of_name, act_of_text
from classifier.evidence import Match, field_text, pointer
from classifier.patterns import IN_NAME, IN_TEXT
from classifier.tokens import name_tokens, plain, sentence_spans, stems, whole, words
from classifier.types import Basis

if TYPE_CHECKING:
    from classifier.types import ToolDefinition

MAX_READ: Final = 6_000  # characters of a description that are read; the longest honest one has 4,000
MAX_SENTENCES: Final = 40
MAX_PARAMETERS: Final = 80
MAX_ENUM: Final = 40  # values of one enumeration
MAX_PROSE: Final = 300  # characters of a parameter's own description
_DEPTH: Final = 3  # levels of nested objects whose members count as parameters

# Boilerplate that says what another tool is for.
_NOT_FOR: Final = re.compile(
    r"\W{0,8}(?:not for\b|do not use|don't use|never use|when not to|×|✗|❌)", re.IGNORECASE
)
_ARGUMENTS: Final = re.compile(
    r"\b(?:args|arguments|parameters|params|inputs?)\b[^:\n]{0,30}:", re.IGNORECASE
)
_ARGUMENT: Final = re.compile(
    r"(?:^|[\s`*-])([A-Za-z][A-Za-z0-9_]{1,40})`?\*{0,2} ?(?:\([^()\n]{0,60}\))?:(?=\s)"
)
_HEADINGS: Final = frozenset(
    {
        "returns",
        "return",
        "examples",
        "example",
        "note",
        "notes",
        "raises",
        "args",
        "usage",
        "important",
        "default",
        "optional",
        "output",
    }
)


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument of the tool. `path` is its JSON pointer, as evidence spells it."""

    name: str
    path: str
    tokens: tuple[str, ...]
    kind: str
    required: bool
    values: tuple[str, ...]
    prose: str


@dataclass(frozen=True)
class Reading:
    """What can be seen of a definition, computed on first use and kept."""

    definition: ToolDefinition

    @cached_property
    def basis(self) -> Basis:
        """How much there is: a description or title, at least a parameter, or the name alone."""
        if plain(self.text).strip() or plain(self.definition.title or "").strip():
            return Basis.TEXT
        return Basis.SCHEMA if self.parameters else Basis.NAME

    @cached_property
    def text(self) -> str:
        """The description as far as it is read; the offsets are those of the description."""
        return whole((self.definition.description or "")[:MAX_READ])

    @cached_property
    def name(self) -> tuple[str, ...]:
        """The words of the name."""
        return name_tokens(self.definition.name)

    @cached_property
    def sentences(self) -> list[tuple[int, int]]:
        """Spans of `text`, first sentence first, without those that say what the tool is not for."""
        spans = sentence_spans(self.text, MAX_SENTENCES)
        kept = [(start, end) for start, end in spans if not _NOT_FOR.match(self.text[start : start + 40])]
        return kept or spans

    @cached_property
    def plain_sentences(self) -> list[str]:
        """The sentences with look-alikes and hidden characters resolved, lower case, same order."""
        return [plain(self.text[start:end]).lower() for start, end in self.sentences]

    @cached_property
    def plain_text(self) -> str:
        """All sentences, lower case, one line each."""
        return "\n".join(self.plain_sentences)

    @cached_property
    def wide_lead(self) -> str:
        """The start of the text when it is written in a script without blanks, else ""."""
        start = self.text[:200]
        return "" if start.isascii() else start

    @cached_property
    def seen_in_text(self) -> frozenset[int]:
        """The patterns of `IN_TEXT` that match somewhere in the text."""
        return IN_TEXT.found_in(self.text)

    @cached_property
    def seen_in_name(self) -> frozenset[int]:
        """The patterns of `IN_NAME` that match the words of the name."""
        return IN_NAME.found_in(" ".join(self.name))

    @cached_property
    def text_act(self) -> Act | None:
        """The main act that the description states, else the one of the title."""
        return self._act_and_sentence[0]

    @property
    def act_sentence(self) -> int:
        """Which sentence states `text_act`; 0 when the title or nothing does."""
        return self._act_and_sentence[1]

    @cached_property
    def _act_and_sentence(self) -> tuple[Act | None, int]:
        for at, (start, end) in enumerate(self.sentences[:3]):
            act = act_of_text(self.text[start:end], "description", first=at == 0)
            if act is not None:
                return act, at
        return act_of_text(self.definition.title or "", "title", first=True), 0

    @cached_property
    def name_act(self) -> Act | None:
        """The main act that the name states."""
        return act_of_name(self.name)

    def span_of(self, act: Act) -> Match:
        """The sentence, title or name that states an act of this reading."""
        if act.field == "description":
            start, end = self.sentences[self.act_sentence]
            return Match("description", start, end)
        return Match(
            act.field,
            0,
            len(self.definition.title or "") if act.field == "title" else len(self.definition.name),
        )

    def length_of(self, path: str) -> int:
        """Characters of the field that evidence at `path` quotes from."""
        return len(field_text(self.definition, path))

    def stems_of(self, sentence: int) -> list[str]:
        """The words of a sentence as features spell them."""
        return stems(self.plain_sentences[sentence], MAX_PROSE)

    @cached_property
    def title_words(self) -> list[str]:
        """The words of the title."""
        return words((self.definition.title or "")[:MAX_PROSE])

    @cached_property
    def parameters(self) -> list[Parameter]:
        """Arguments in the order of the schema, nested ones after their parents."""
        found: list[Parameter] = []
        if self.definition.input_schema is not None:
            _collect(self.definition.input_schema, ("inputSchema",), _DEPTH, found)
        return found

    @cached_property
    def documented(self) -> list[tuple[tuple[str, ...], int, int]]:
        """Each argument that only the description lists: its words, and where in `text` it stands."""
        section = None if self.parameters else _ARGUMENTS.search(self.text)
        if section is None:
            return []
        listed = _ARGUMENT.finditer(self.text, section.end(), section.end() + 1_500)
        names = [(argument.group(1), *argument.span(1)) for argument in listed]
        return [
            (name_tokens(name), start, end) for name, start, end in names if name.lower() not in _HEADINGS
        ]


def _collect(schema: Mapping[str, Any], steps: tuple[str, ...], depth: int, found: list[Parameter]) -> None:
    properties = schema.get("properties")
    if not isinstance(properties, Mapping):
        return
    required = schema.get("required")
    needed = {name for name in required if isinstance(name, str)} if isinstance(required, list) else set()
    for name, value in properties.items():
        if len(found) >= MAX_PARAMETERS:
            return
        path = (*steps, "properties", str(name))
        shape: Mapping[str, Any] = value if isinstance(value, Mapping) else {}
        found.append(_parameter(str(name), path, shape, required=name in needed))
        if depth > 1:
            _collect(shape, path, depth - 1, found)
            items = shape.get("items")
            if isinstance(items, Mapping):
                _collect(items, (*path, "items"), depth - 1, found)


def _parameter(name: str, path: tuple[str, ...], shape: Mapping[str, Any], *, required: bool) -> Parameter:
    kind = shape.get("type")
    if isinstance(kind, list):
        kind = next((k for k in kind if isinstance(k, str) and k != "null"), "any")
    prose = shape.get("description")
    return Parameter(
        name=name,
        path=pointer(*path),
        tokens=name_tokens(name[:200]),
        kind=kind if isinstance(kind, str) else "any",
        required=required,
        values=_values(shape),
        prose=prose[:MAX_PROSE] if isinstance(prose, str) else "",
    )


def _values(shape: Mapping[str, Any]) -> tuple[str, ...]:
    """The strings an argument may be, from `enum`, `const`, or the branches of `anyOf` and `oneOf`."""
    listed = shape.get("enum")
    if not isinstance(listed, list):
        branches = [b for key in ("anyOf", "oneOf") for b in _list(shape.get(key)) if isinstance(b, Mapping)]
        listed = [v for b in branches for v in [*_list(b.get("enum")), b.get("const")]]
        listed.append(shape.get("const"))
    return tuple(whole(value[:MAX_PROSE]) for value in listed[:MAX_ENUM] if isinstance(value, str))


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
