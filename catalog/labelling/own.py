"""Labelled definitions out of one's own catalogue: corrections, and the shipped labels of what was crawled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from classifier.labels import LabelledDefinition, labelled

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from catalog.labelling.reference import Label
    from catalog.records import ServerEntry, ToolEntry


@dataclass(frozen=True, slots=True)
class OwnLabels:
    """Labelled definitions, each once, in the catalogue's order; how many a correction and a shipped label gave."""

    rows: tuple[LabelledDefinition, ...]
    corrected: int
    shipped: int


def own_labels(servers: Iterable[ServerEntry], labels: Iterable[Label]) -> OwnLabels:
    """The labels of the tools in the catalogue; a person's correction goes before a shipped label.

    A server's corrections belong to the group that the shipped labels give the server, else to one of
    its own.
    """
    known = {label.fingerprint: label for label in labels}
    rows: dict[str, LabelledDefinition] = {}
    corrected: set[str] = set()
    for entry in servers:
        group = _group(entry, known)
        for tool in entry.tools:
            fingerprint = tool.definition.fingerprint
            if tool.override is not None:
                rows[fingerprint] = _corrected(tool, group)
                corrected.add(fingerprint)
            elif fingerprint in known and fingerprint not in rows:
                rows[fingerprint] = labelled(tool.definition, known[fingerprint].fields)
    return OwnLabels(tuple(rows.values()), len(corrected), len(rows) - len(corrected))


def _group(entry: ServerEntry, known: Mapping[str, Label]) -> str:
    named = (known.get(tool.definition.fingerprint) for tool in entry.tools)
    return next(
        (str(label.fields["group"]) for label in named if label and "group" in label.fields), entry.name
    )


def _corrected(tool: ToolEntry, group: str) -> LabelledDefinition:
    found = tool.classification
    return LabelledDefinition(
        definition=tool.definition,
        category=found.category,
        risk=found.risk,
        effects=found.effects,
        modifiers=None,
        group=group,
        source="correction",
    )
