"""Labelled definitions: reading them, and keeping labels as references without the texts."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from classifier.definition import InvalidDefinition, parse
from classifier.types import CATEGORIES, LEVELS, Category, Level

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from classifier.types import ToolDefinition

_REFERENCE_KEYS: Final = frozenset(
    {"source", "server", "tool", "ref", "fingerprint", "category", "risk", "effects"}
)
_NEEDED_KEYS: Final = _REFERENCE_KEYS - {"ref"}


class LabelError(ValueError):
    """A line of a label file is wrong; the message names file, line and field."""


@dataclass(frozen=True, slots=True)
class LabelledDefinition:
    """A definition with the label a person gave it under the codebook.

    `group` names servers that belong together: data is split by it, never by row. `source` and
    `reference` say where the definition is published.
    """

    definition: ToolDefinition
    category: Category
    risk: Level
    effects: tuple[Category, ...]
    modifiers: tuple[str, ...]
    group: str
    source: str = ""
    reference: str | None = None


def read_labelled(path: Path) -> list[LabelledDefinition]:
    """Read labelled definitions, one JSON object a line.

    Fields: `server`, `tool` or `name`, `category`, `risk`; optional `title`, `description`,
    `input_schema` or `inputSchema`, `annotations`, `group` (default: the server), `effects`
    (default: the category alone), `modifiers`, `source`, `ref`. Others are ignored.

    Raises:
        LabelError: a line is no such object. OSError: the file cannot be read.

    """
    with path.open(encoding="utf-8") as lines:
        return [
            _labelled(_object(path, at, line), path, at) for at, line in enumerate(lines, 1) if line.strip()
        ]


def _object(path: Path, at: int, line: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise LabelError(f"{path}:{at}: no JSON: {error}") from error
    if not isinstance(row, dict):
        raise LabelError(f"{path}:{at}: not a JSON object")
    return row


def _labelled(row: dict[str, Any], path: Path, at: int) -> LabelledDefinition:
    try:
        definition = parse(
            {**row, "name": row.get("name", row.get("tool"))}, server=str(row.get("server", ""))
        )
        category, risk = Category(row["category"]), Level(row["risk"])
        effects = tuple(Category(effect) for effect in row.get("effects") or [category])
    except (InvalidDefinition, ValueError, KeyError, TypeError) as error:
        raise LabelError(f"{path}:{at}: {error}") from error
    return LabelledDefinition(
        definition=definition,
        category=category,
        risk=risk,
        effects=effects,
        modifiers=tuple(str(name) for name in row.get("modifiers") or ()),
        group=str(row.get("group") or definition.server),
        source=str(row.get("source") or ""),
        reference=row.get("ref") if isinstance(row.get("ref"), str) else None,
    )


def references(rows: Iterable[LabelledDefinition]) -> Iterator[dict[str, Any]]:
    """The labels as references: where each definition is published, its fingerprint, its label.

    No text of the definition is in them; with `ref` (`repository@commit:path`) and `fingerprint` the
    definition can be found and checked again.
    """
    for row in rows:
        reference = {"source": row.source, "server": row.definition.server, "tool": row.definition.name}
        if row.reference is not None:
            reference["ref"] = row.reference
        label = {
            "fingerprint": row.definition.fingerprint,
            "category": row.category.value,
            "risk": row.risk.value,
            "effects": [effect.value for effect in row.effects],
        }
        yield {**reference, **label}


def lint(path: Path) -> list[str]:
    """What is wrong with a file of references, a sentence each with file and line; empty when nothing is.

    Checked: the keys (a text has no place here), categories and levels, that the category is among
    the effects, that they stand worst first, and that one fingerprint has one label (codebook rule 15).
    """
    problems: list[str] = []
    seen: dict[str, tuple[int, str, str]] = {}
    with path.open(encoding="utf-8") as lines:
        for at, line in enumerate(lines, 1):
            where = f"{path}:{at}"
            try:
                row = _object(path, at, line)
            except LabelError as error:
                problems.append(str(error))
                continue
            problems += [f"{where}: {problem}" for problem in _wrong(row)]
            label = (at, str(row.get("category")), str(row.get("risk")))
            first = seen.setdefault(str(row.get("fingerprint")), label)
            if first[1:] != label[1:]:
                problems.append(f"{where}: the definition of line {first[0]} has another label there")
    return problems


def _wrong(row: dict[str, Any]) -> Iterator[str]:
    if missing := sorted(_NEEDED_KEYS - set(row)):
        yield f"without {', '.join(missing)}"
    if extra := sorted(set(row) - _REFERENCE_KEYS):
        yield f"unexpected {', '.join(extra)}"
    category, effects = row.get("category"), row.get("effects")
    if category not in {c.value for c in CATEGORIES}:
        yield f"category {category!r} is not one of the five"
    if row.get("risk") not in {level.value for level in LEVELS}:
        yield f"risk {row.get('risk')!r} is not one of the four levels"
    if not isinstance(effects, list) or category not in effects:
        yield "the category is not among the effects"
