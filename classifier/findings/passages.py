"""The texts of a definition: where each one stands, and the form in which patterns read it."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Final

from classifier.evidence import field_text, pointer, quote
from classifier.findings.confusables import LATIN_TWIN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from classifier.types import Evidence, ToolDefinition

_ROOTS: Final = ("inputSchema", "outputSchema", "annotations")
_PLAIN_KEY: Final = re.compile(r"[A-Za-z0-9_.$@/:-]{1,64}")
# One character for one, so that a span in the folded text is a span in the text itself.
_FOLDS: Final = str.maketrans({**LATIN_TWIN, "’": "'", "‘": "'", **dict.fromkeys('*"`“”\u00a0', " ")})
_LONE: Final = re.compile("[\ud800-\udfff]")  # half a surrogate pair is no text that RE2 could read


@dataclasses.dataclass(frozen=True)
class Passage:
    """One text of a definition: a string of it, or (`is_key`) the name of a member of an object."""

    field: str
    text: str
    is_key: bool = False

    @cached_property
    def folded(self) -> str:
        """Emphasis, quotation marks and look-alike letters folded; the length stays the same."""
        folded = self.text.translate(_FOLDS)
        return folded if folded.isascii() else _LONE.sub("\ufffd", folded)

    def evidence(self, definition: ToolDefinition, start: int, end: int, rule: str) -> Evidence:
        """Quote a span of this passage; a key that JSON spells with escapes is quoted with its member."""
        if not self.is_key:
            return quote(definition, self.field, start, end, rule)
        whole = field_text(definition, self.field)
        at = whole.find(self.text[start:end])
        return quote(definition, self.field, max(at, 0), at + end - start if at >= 0 else len(whole), rule)


@dataclasses.dataclass(frozen=True)
class Texts:
    """All passages of one definition, name first."""

    passages: tuple[Passage, ...]

    @cached_property
    def whole(self) -> str:
        """Everything in one string: a pattern that is not in here is in no passage."""
        return "\n".join(passage.folded for passage in self.passages)

    @cached_property
    def is_ascii(self) -> bool:
        """Whether every passage is plain ASCII."""
        return all(passage.text.isascii() for passage in self.passages)


def texts_of(definition: ToolDefinition) -> Texts:
    """Name, title, description, and every string and unusual key of schemas and annotations."""
    found = [Passage("name", definition.name)]
    found += [
        Passage(part, text)
        for part, text in (("title", definition.title), ("description", definition.description))
        if text
    ]
    body = definition.body()
    for root in _ROOTS:
        if root in body:
            found += _walk(root, body[root])
    return Texts(tuple(found))


def bare_texts(definition: ToolDefinition) -> Iterator[tuple[str, bool, bool]]:
    """The texts of `texts_of` in any order and without their places: text, whether it is the name, whether a key."""
    yield definition.name, True, False
    waiting: list[tuple[object, bool]] = [(definition.title, False), (definition.description, False)]
    waiting += [
        (definition.input_schema, False),
        (definition.output_schema, False),
        (definition.annotations, False),
    ]
    while waiting:
        value, named = waiting.pop()
        if isinstance(value, str):
            if value:
                yield value, False, False
        elif isinstance(value, Mapping):
            for key, child in value.items():
                if key and (named or not _PLAIN_KEY.fullmatch(str(key))):
                    yield str(key), False, True
                waiting.append((child, key == "properties"))
        elif isinstance(value, list):
            waiting += [(child, False) for child in value]


def _walk(root: str, top: object) -> Iterator[Passage]:
    """Every string below `top`, in the order of the document, without recursion."""
    waiting: list[tuple[str, object]] = [(root, top)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, str) and value:
            yield Passage(path, value)
        elif isinstance(value, Mapping):
            members = [(f"{path}/{pointer(str(key))}", str(key), child) for key, child in value.items()]
            yield from (
                Passage(path if isinstance(child, str) else where, key, is_key=True)
                for where, key, child in members
                if key and (not _PLAIN_KEY.fullmatch(key) or path.endswith("/properties"))
            )
            waiting += [(where, child) for where, _, child in reversed(members)]
        elif isinstance(value, list):
            waiting += [(f"{path}/{at}", value[at]) for at in range(len(value) - 1, -1, -1)]
