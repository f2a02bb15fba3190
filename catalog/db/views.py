"""What the database answers beyond the records that the whole catalogue shares. Times are UTC, aware."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from classifier.types import Category, Classification, Level, Provenance, ToolDefinition


@dataclass(frozen=True, slots=True)
class ToolSighting:
    """One definition that a server's tool has had, and when. `current` means it still has it.

    `classification` is by the newest version of the classifier, None where there is none yet.
    """

    definition: ToolDefinition
    classification: Classification | None
    first_crawl: int
    last_crawl: int | None
    first_seen: datetime
    last_seen: datetime

    @property
    def current(self) -> bool:
        """Whether the server still lists exactly this definition."""
        return self.last_crawl is None

    @property
    def fingerprint(self) -> str:
        """The definition's."""
        return self.definition.fingerprint

    @property
    def provenance(self) -> Provenance:
        """How this definition came to us."""
        return self.definition.provenance


@dataclass(frozen=True, slots=True)
class Totals:
    """The catalogue in numbers: current, classified tools. `servers` counts those without tools too."""

    servers: int
    tools: int
    definitions: int
    by_category: Mapping[Category, int]
    by_level: Mapping[Level, int]
    crawled_at: datetime | None
