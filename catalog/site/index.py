"""The first pass over the catalogue: the small rows that listings, search, related tools and totals need."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

from catalog.policy.recommend import recommend
from catalog.records import Outcome
from catalog.site.grade import grade, points
from catalog.site.slugs import slugs
from classifier.tokens import name_tokens
from classifier.types import LEVELS, Level

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from catalog.records import ServerEntry, ToolEntry
    from classifier.types import Action, Category

ToolKey = tuple[str, str]  # name, fingerprint

_CROWD: Final = 400  # tools of one name; a name more common than that says nothing about kinship


class Catalogue(Protocol):
    """What the site reads. Both passes must see the same servers."""

    def servers(self) -> Iterator[ServerEntry]:
        """All servers, with their current tools, one at a time."""


@dataclass(slots=True)
class ServerRow:
    """A server that has tools, as listings show it. `counts` maps levels to numbers of tools.

    `slug` is given when all servers are known, at the end of the first pass.
    """

    name: str
    title: str | None
    counts: tuple[tuple[Level, int], ...]
    points: int
    listed_at: datetime
    slug: str = ""

    @property
    def grade(self) -> str:
        """The exposure grade."""
        return grade(self.points)

    @property
    def tools(self) -> int:
        """How many tools it has."""
        return sum(count for _, count in self.counts)


@dataclass(frozen=True, slots=True)
class ToolRow:
    """A tool as listings show it."""

    server: ServerRow
    name: str
    slug: str
    level: Level
    category: Category
    action: Action
    per_minute: int | None  # calls that the recommended limit lets through
    confidence: float
    first_seen: datetime
    fingerprint: str
    corrected: bool  # by a person


@dataclass(frozen=True, slots=True)
class FailureRow:
    """A server whose last crawl gave nothing, or not everything. `server` when it has tools all the same."""

    name: str
    server: ServerRow | None
    outcome: Outcome
    reason: str
    next_step: str
    unread: tuple[str, ...]
    crawled_at: datetime


@dataclass(slots=True)
class SiteIndex:
    """All rows, by server name and tool name, and the groups of tools that resemble each other."""

    servers: list[ServerRow] = field(default_factory=list)
    tools: list[ToolRow] = field(default_factory=list)
    failures: list[FailureRow] = field(default_factory=list)
    newest: datetime | None = None
    slugs_of: dict[str, dict[ToolKey, str]] = field(default_factory=dict)
    row_of: dict[str, ServerRow] = field(default_factory=dict)
    alike: dict[tuple[str, ...], tuple[ToolRow, ...]] = field(default_factory=dict)

    @property
    def known(self) -> int:
        """How many servers the catalogue knows, with tools or without."""
        return len(self.servers) + sum(1 for failure in self.failures if failure.server is None)

    def counts(self) -> Counter[tuple[Category, Level]]:
        """Numbers of tools per category and level."""
        return Counter((row.category, row.level) for row in self.tools)


def kin_key(name: str) -> tuple[str, ...]:
    """What the names of kindred tools share: their words, whatever the style of writing."""
    return name_tokens(name)


def index(catalogue: Catalogue) -> SiteIndex:
    """Read the whole catalogue once. Everything comes out sorted, whatever order it was read in."""
    found = SiteIndex()
    names = [name for _, name in sorted(_first_sights(catalogue, found))]
    for name, slug in zip(names, slugs(names), strict=True):
        found.row_of[name].slug = slug
    found.servers = sorted(found.row_of.values(), key=lambda row: _by_name(row.name))
    found.tools.sort(key=lambda row: (_by_name(row.server.name), -row.level.rank, row.name))
    found.failures.sort(key=lambda failure: _by_name(failure.name))
    found.alike = _groups(found.tools)
    return found


def _by_name(name: str) -> tuple[str, str]:
    return name.casefold(), name


def _first_sights(catalogue: Catalogue, found: SiteIndex) -> Iterable[tuple[datetime, str]]:
    """Fill `found` with rows that have no server slug yet; give when each server was first seen."""
    sights: list[tuple[datetime, str]] = []
    for entry in catalogue.servers():
        found.newest = max(found.newest or entry.crawled_at, entry.crawled_at)
        if entry.tools:
            sights.append((min(tool.first_seen for tool in entry.tools), entry.name))
            found.slugs_of[entry.name] = tool_slugs(entry.tools)
            found.row_of[entry.name] = _server_row(entry)
            found.tools.extend(_tool_rows(entry, found))
        if entry.outcome is not Outcome.OK or entry.unread or not entry.tools:
            found.failures.append(_failure(entry, found.row_of.get(entry.name)))
    return sights


def _failure(entry: ServerEntry, server: ServerRow | None) -> FailureRow:
    return FailureRow(
        entry.name, server, entry.outcome, entry.reason, entry.next_step, entry.unread, entry.crawled_at
    )


def tool_key(tool: ToolEntry) -> ToolKey:
    """What tells the tools of one server apart; a server may list one name twice."""
    return tool.definition.name, tool.definition.fingerprint


def tool_slugs(tools: Sequence[ToolEntry]) -> dict[ToolKey, str]:
    """Slugs of one server's tools; the tool seen first has the first choice."""
    keys = list(
        dict.fromkeys(
            tool_key(tool) for tool in sorted(tools, key=lambda tool: (tool.first_seen, tool_key(tool)))
        )
    )
    return dict(zip(keys, slugs(name for name, _ in keys), strict=True))


def _server_row(entry: ServerEntry) -> ServerRow:
    levels = [tool.classification.risk for tool in entry.tools]
    counted = Counter(levels)
    counts = tuple((level, counted[level]) for level in (Level.UNKNOWN, *reversed(LEVELS)) if counted[level])
    return ServerRow(entry.name, entry.title, counts, points(levels), entry.listed_at or entry.crawled_at)


def _tool_rows(entry: ServerEntry, found: SiteIndex) -> Iterator[ToolRow]:
    row, slug_of = found.row_of[entry.name], found.slugs_of[entry.name]
    for tool in entry.tools:
        label, name = tool.classification, tool.definition.name
        advice = recommend(label, name)
        yield ToolRow(
            row,
            name,
            slug_of[tool_key(tool)],
            label.risk,
            label.category,
            advice.action,
            advice.limits[0].max_calls if advice.limits else None,
            label.confidence,
            tool.first_seen,
            tool.definition.fingerprint,
            tool.override is not None,
        )


def _groups(rows: Iterable[ToolRow]) -> dict[tuple[str, ...], tuple[ToolRow, ...]]:
    """Tools of one name on at least two servers; names that everybody uses are left out."""
    groups: dict[tuple[str, ...], list[ToolRow]] = defaultdict(list)
    for row in rows:
        groups[kin_key(row.name)].append(row)
    return {
        key: tuple(group)
        for key, group in groups.items()
        if key and len(group) <= _CROWD and any(row.server is not group[0].server for row in group)
    }
