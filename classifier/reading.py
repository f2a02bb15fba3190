"""A definition digested once: the words, sentences and parameters that rules and features look at."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from classifier.act import Act, act_of_name, act_of_text
from classifier.evidence import MAX_EXCERPT, Match, field_text
from classifier.lazy import lazy
from classifier.parameter import MAX_PROSE, Parameter, parameters
from classifier.sentence import Sentence, sentence
from classifier.signs import IN_ACT, IN_NAME, IN_PARAMETER, IN_SENTENCE
from classifier.tokens import name_tokens, plain, sentence_spans, whole, words
from classifier.types import Basis, Evidence

if TYPE_CHECKING:
    from classifier.types import ToolDefinition

MAX_READ: Final = 6_000  # characters of a description that are read; the longest honest one has 4,000
MAX_SENTENCES: Final = 40

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


@dataclass(frozen=True)
class Reading:
    """What can be seen of a definition, computed on first use and kept."""

    definition: ToolDefinition
    without_description: bool = False

    def undescribed(self) -> Reading:
        """The same definition read as if it had no description; what that does not touch is shared."""
        bare = Reading(self.definition, without_description=True)
        shared = ("name", "name_act", "parameters", "_fixed_signs")
        bare.__dict__.update({each: getattr(self, each) for each in shared})
        return bare

    @lazy
    def described(self) -> bool:
        """Whether there is a description that can be seen."""
        return bool(plain(self.text).strip())

    @lazy
    def basis(self) -> Basis:
        """How much there is: a description or title, at least a parameter, or the name alone."""
        if self.described or (self.definition.title and plain(self.definition.title).strip()):
            return Basis.TEXT
        return Basis.SCHEMA if self.parameters else Basis.NAME

    @lazy
    def text(self) -> str:
        """The description as far as it is read; the offsets are those of the description."""
        description = None if self.without_description else self.definition.description
        return whole(description[:MAX_READ]) if description else ""

    @lazy
    def name(self) -> tuple[str, ...]:
        """The words of the name."""
        return name_tokens(self.definition.name)

    @lazy
    def spans(self) -> list[tuple[int, int]]:
        """Where in `text` the sentences stand, without those that say what the tool is not for."""
        text = self.text
        spans = sentence_spans(text, MAX_SENTENCES)
        return [(start, end) for start, end in spans if not _NOT_FOR.match(text, start, start + 40)] or spans

    @lazy
    def sentences(self) -> list[Sentence]:
        """The sentences at `spans`, first one first."""
        text = self.text
        return [sentence(text[start:end]) for start, end in self.spans]

    def plain_text(self, reach: int) -> str:
        """The first `reach` characters of all sentences, lower case, one line each."""
        return "\n".join([each.plain for each in self.sentences])[:reach]

    @lazy
    def wide_lead(self) -> str:
        """The start of the text when it is written in a script without blanks, else ""."""
        start = self.text[:200]
        return "" if start.isascii() else start

    @lazy
    def signs(self) -> int:
        """Everything that the rules ask for, as `classifier.signs` counts it."""
        found = self._fixed_signs | self._act_signs
        for at, each in enumerate(self.sentences):
            found |= each.signs & ~IN_SENTENCE.of_lead if at else each.signs
        for words_of_it, _, _ in self.documented:
            found |= IN_PARAMETER.of_documented(" ".join(words_of_it))
        return found

    @lazy
    def _fixed_signs(self) -> int:
        """The signs that no description changes."""
        found = IN_NAME.of(self.name)
        for parameter in self.parameters:
            found |= parameter.signs
        return found

    @property
    def _act_signs(self) -> int:
        stated = self.text_act
        if stated is None:
            return IN_ACT.of(self.name_act) & ~IN_ACT.of_text if self.name_act else 0
        if stated.field != "description":
            return IN_ACT.of(stated)
        return IN_ACT.of(stated) | IN_ACT.translated(stated, self.sentences[self.act_sentence].plain)

    @lazy
    def text_act(self) -> Act | None:
        """The main act that the description states, else the one of the title."""
        return self._act_and_sentence[0]

    @property
    def act_sentence(self) -> int:
        """Which sentence states `text_act`; 0 when the title or nothing does."""
        return self._act_and_sentence[1]

    @lazy
    def _act_and_sentence(self) -> tuple[Act | None, int]:
        for at, each in enumerate(self.sentences[:3]):
            act = each.later_act if at else each.first_act
            if act is not None:
                return act, at
        title = self.definition.title
        return act_of_text(title, "title", first=True) if title else None, 0

    @lazy
    def name_act(self) -> Act | None:
        """The main act that the name states."""
        return act_of_name(self.name)

    def span_of(self, act: Act) -> Match:
        """The sentence, title or name that states an act of this reading."""
        if act.field == "description":
            start, end = self.spans[self.act_sentence]
            return Match("description", start, end)
        return Match(
            act.field,
            0,
            len(self.definition.title or "") if act.field == "title" else len(self.definition.name),
        )

    def quote(self, match: Match, rule: str) -> Evidence | None:
        """The characters of a match as evidence; None when there are none."""
        excerpt = self._field_text(match.field)[match.start : match.end][:MAX_EXCERPT]
        return Evidence(match.field, excerpt, rule) if excerpt else None

    def _field_text(self, field: str) -> str:
        found = self._field_texts.get(field)
        if found is None:
            found = self._field_texts[field] = field_text(self.definition, field)
        return found

    @lazy
    def _field_texts(self) -> dict[str, str]:
        return {}

    @lazy
    def title_words(self) -> list[str]:
        """The words of the title."""
        title = self.definition.title
        return words(title[:MAX_PROSE]) if title else []

    @lazy
    def parameters(self) -> list[Parameter]:
        """Arguments in the order of the schema, nested ones after their parents."""
        schema = self.definition.input_schema
        return [] if schema is None else parameters(schema)

    @lazy
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
