"""Labelled definitions: reading them, and keeping labels as references without the texts."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from classifier.definition import InvalidDefinition, parse
from classifier.effects import WORST_FIRST
from classifier.types import Category, Level

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from classifier.types import ToolDefinition

# The modifiers of the codebook ("Risk"), as labels name them.
MODIFIERS: Final = frozenset(
    [
        "bulk", "overwrites", "secrets_out", "secrets_in", "host_shell", "shared_infra", "access_change", "ssrf", "public",
        "recurring", "sensitive", "host_files", "sandboxed", "simulated", "draft", "dry_run_default", "own_session",
        "undo_stated", "confirm_token", "bounded_amount", "small_object", "comms", "spends",
    ]
)  # fmt: skip


class LabelError(ValueError):
    """A line of a label file is wrong; the message names file, line and field."""


@dataclass(frozen=True, slots=True)
class LabelledDefinition:
    """A definition with the label a person gave it under the codebook.

    `modifiers` are those the person applied, None when the label says nothing of them. `group` names
    servers that belong together: data is split by it, never by row. `source` and `reference` say where
    the definition is published. `language` is that of its description, where somebody said so.
    """

    definition: ToolDefinition
    category: Category
    risk: Level
    effects: tuple[Category, ...]
    modifiers: tuple[str, ...] | None
    group: str
    source: str = ""
    reference: str | None = None
    language: str | None = None


def read_labelled(path: Path) -> list[LabelledDefinition]:
    """Read labelled definitions, one JSON object a line.

    Fields: `server`, `tool` or `name`, `category`, `risk`; optional `title`, `description`,
    `input_schema` or `inputSchema`, `annotations`, `group` (default: the server), `effects`
    (default: the category alone), `modifiers`, `source`, `ref`, `lang`. Others are ignored.

    Raises:
        LabelError: a line is no such object. OSError: the file cannot be read.

    """
    return [_labelled(row, path, at) for at, row in rows(path)]


def rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The JSON object of each line that is not empty, with the number of the line.

    Raises:
        LabelError: a line is no JSON object. OSError: the file cannot be read.

    """
    with path.open(encoding="utf-8") as lines:
        for at, line in enumerate(lines, 1):
            if line.strip():
                yield at, row_of(path, at, line)


def row_of(path: Path, at: int, line: str) -> dict[str, Any]:
    """The JSON object of one line.

    Raises:
        LabelError: it is none.

    """
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise LabelError(f"{path}:{at}: no JSON: {error}") from error
    if not isinstance(row, dict):
        raise LabelError(f"{path}:{at}: not a JSON object")
    return row


def _labelled(row: dict[str, Any], path: Path, at: int) -> LabelledDefinition:
    try:
        definition = parse(
            {**row, "name": row.get("name", row.get("tool"))}, server=str(row.get("server", ""))
        )
        return labelled(definition, row)
    except (InvalidDefinition, ValueError, KeyError, TypeError) as error:
        raise LabelError(f"{path}:{at}: {error}") from error


def labelled(definition: ToolDefinition, label: Mapping[str, Any]) -> LabelledDefinition:
    """A definition with the label that the fields of a row give it.

    Raises:
        KeyError, ValueError, TypeError: category, risk or effects are missing or wrong.

    """
    category, risk = Category(label["category"]), Level(label["risk"])
    named = label.get("modifiers")
    return LabelledDefinition(
        definition=definition,
        category=category,
        risk=risk,
        effects=tuple(Category(effect) for effect in label.get("effects") or [category]),
        modifiers=None if named is None else tuple(str(name) for name in named),
        group=str(label.get("group") or definition.server),
        source=str(label.get("source") or ""),
        reference=label.get("ref") if isinstance(label.get("ref"), str) else None,
        language=label.get("lang") if isinstance(label.get("lang"), str) else None,
    )


def references(labelled_rows: Iterable[LabelledDefinition]) -> Iterator[dict[str, Any]]:
    """The labels as references: where each definition is published, its fingerprint, its label.

    No text of the definition is in them; with `ref` (`repository@commit:path`, or `package@version`) and
    `fingerprint` the definition can be found and checked again.
    """
    for row in labelled_rows:
        reference = {
            "source": row.source,
            "server": row.definition.server,
            "group": row.group,
            "tool": row.definition.name,
            "ref": row.reference,
            "fingerprint": row.definition.fingerprint,
            "category": row.category.value,
            "risk": row.risk.value,
            "effects": [effect.value for effect in WORST_FIRST if effect in row.effects],
            "modifiers": None if row.modifiers is None else list(row.modifiers),
        }
        yield {key: value for key, value in reference.items() if value is not None}
