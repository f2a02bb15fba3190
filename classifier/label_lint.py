"""What is wrong with a file of labels kept as references (docs/classification.md, "Labels")."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from classifier.effects import WORST_FIRST
from classifier.labels import MODIFIERS, LabelError, row_of
from classifier.risk import level
from classifier.types import CATEGORIES, LEVELS, Category, Level

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_TEXTS: Final = ("source", "server", "tool", "fingerprint", "category", "risk")
_NEEDED: Final = frozenset((*_TEXTS, "effects"))
_OPTIONAL: Final = frozenset({"ref", "group", "modifiers"})
_FINGERPRINT: Final = re.compile(r"[0-9a-f]{64}")
_REFERENCE: Final = re.compile(r"\S+@[^\s:@]+(:\S.*)?")
_LOWEST: Final = ("draft", "sandboxed")  # two modifiers that lower any level: as low as it may go
_EXEMPT: Final = frozenset({"simulated", "own_session"})  # what lifts the floors


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in one line; `subject` is `server/tool`, as far as the line has them."""

    line: int
    subject: str
    message: str


@dataclass(frozen=True, slots=True)
class Checked:
    """How many labels a file holds, and all that is wrong with it, by line."""

    labels: int
    problems: tuple[Problem, ...]


def check(path: Path) -> Checked:
    """Look at every line of a file of references.

    Checked: the fields (a text of the definition has no place here), fingerprints and references,
    categories, levels, effects and modifiers, that the level is not below the codebook's floor, that
    nothing stands twice, and that one definition has one label (codebook rule 15).

    Raises:
        OSError: the file cannot be read.

    """
    problems: list[Problem] = []
    first = _First({}, {})
    count = 0
    with path.open(encoding="utf-8") as lines:
        for at, line in enumerate(lines, 1):
            if not line.strip():
                continue
            count += 1
            try:
                row = row_of(path, at, line)
            except LabelError as error:
                problems.append(Problem(at, "?", str(error).removeprefix(f"{path}:{at}: ")))
                continue
            found = [*_wrong_fields(row)] or [*_contradictions(row)]
            found += first.repeated(at, row)
            problems += [Problem(at, _subject(row), message) for message in found]
    return Checked(count, tuple(problems))


def lint(path: Path) -> list[str]:
    """The problems of `check`, a line each with file, line and tool."""
    return [f"{path}:{each.line}: {each.subject}: {each.message}" for each in check(path).problems]


def _subject(row: dict[str, Any]) -> str:
    return f"{row.get('server', '?')}/{row.get('tool', '?')}"


def _wrong_fields(row: dict[str, Any]) -> Iterator[str]:
    if missing := sorted(_NEEDED - set(row)):
        yield f"without {', '.join(missing)}"
    if extra := sorted(set(row) - _NEEDED - _OPTIONAL):
        yield f"unexpected {', '.join(extra)}"
    for key in (*_TEXTS, "ref", "group"):
        if key in row and not (isinstance(row[key], str) and row[key].strip()):
            yield f"{key} must be a text that is not empty"
    yield from _wrong_label(row)
    if isinstance(row.get("fingerprint"), str) and not _FINGERPRINT.fullmatch(row["fingerprint"]):
        yield "fingerprint must be 64 hexadecimal digits"
    if isinstance(row.get("ref"), str) and not _REFERENCE.fullmatch(row["ref"]):
        yield f"ref {row['ref']!r} is neither REPOSITORY@COMMIT:PATH nor PACKAGE@VERSION"


def _wrong_label(row: dict[str, Any]) -> Iterator[str]:
    known = row.get("category") in list(CATEGORIES)
    if "category" in row and not known:
        yield f"category {row['category']!r} is not one of the five"
    if "risk" in row and row["risk"] not in list(LEVELS):
        yield f"risk {row['risk']!r} is not one of the four levels"
    effects = row.get("effects", [])
    if not isinstance(effects, list) or any(effect not in list(CATEGORIES) for effect in effects):
        yield "effects must be a list of categories"
    elif effects != [effect.value for effect in WORST_FIRST if effect in effects]:
        yield "effects must stand worst first, each once"
    elif known and "effects" in row and row["category"] not in effects:
        yield "the category is not among the effects"
    modifiers = row.get("modifiers", [])
    if not isinstance(modifiers, list):
        yield "modifiers must be a list"
    elif unknown := [str(name) for name in modifiers if str(name) not in MODIFIERS]:
        yield f"modifiers that the codebook does not have: {', '.join(unknown)}"


def _contradictions(row: dict[str, Any]) -> Iterator[str]:
    """What does not fit together in a row whose fields are each right."""
    category = Category(row["category"])
    lifts = _EXEMPT if row.get("modifiers") is None else _EXEMPT.intersection(row["modifiers"])
    least = level(category, (), (*_LOWEST, *lifts))
    if Level(row["risk"]).rank < least.rank:
        why = "" if lifts else ", without simulated or own_session among its modifiers"
        yield f"risk {row['risk']} is below the codebook's floor: {category} is never below {least} here{why}"


@dataclass(frozen=True, slots=True)
class _First:
    """Where each definition and each reference stood first."""

    labels: dict[str, tuple[int, dict[str, Any]]]
    places: dict[tuple[str, ...], int]

    def repeated(self, at: int, row: dict[str, Any]) -> Iterator[str]:
        line, first = self.labels.setdefault(str(row.get("fingerprint")), (at, row))
        if any(first.get(key) != row.get(key) for key in ("category", "risk", "effects")):
            yield f"the definition of line {line} has another label there"
        place = tuple(str(row.get(key)) for key in ("source", "server", "tool", "ref"))
        if (line := self.places.setdefault(place, at)) != at:
            yield f"the same reference stands in line {line}"
