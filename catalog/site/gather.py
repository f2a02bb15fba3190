"""The first reading of a server: what listings, search, related tools and page types need to know of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from catalog.policy.recommend import recommend
from catalog.records import Outcome
from catalog.site.grade import exposure
from catalog.site.search_words import name_words, text_words
from catalog.site.slugs import slugs
from catalog.site.state import packed, to_bytes, to_name
from catalog.site.words import ALL_CATEGORIES
from classifier.tokens import name_tokens
from classifier.types import LEVELS, Level

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from catalog.records import ServerEntry, ToolEntry
    from catalog.site.made import Kind
    from catalog.site.state import State

ToolKey = tuple[str, str]  # name, fingerprint

_SERVER: Final = """INSERT INTO server (id, name, fold, version, since, tools, points, crawled, row, failure)
 VALUES (?,?,?,?,?,?,?,?,?,?) ON CONFLICT (id) DO UPDATE SET version = excluded.version, since = excluded.since,
 tools = excluded.tools, points = excluded.points, crawled = excluded.crawled, row = excluded.row, failure = excluded.failure"""
_TOOL: Final = """INSERT INTO tool (server, name, slug, level, category, action, per_minute, confidence, first_seen, fingerprint,
 corrected, key, words, place) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)"""


@dataclass(frozen=True, slots=True)
class Gathered:
    """One server in the columns of the state; `tools` are without their server's number."""

    name: str
    server: tuple[Any, ...]
    tools: list[tuple[Any, ...]]
    gleanings: list[tuple[str, str]]


def kin_key(name: str) -> tuple[str, ...]:
    """What the names of kindred tools share: their words, whatever the style of writing."""
    return name_tokens(name)


def tool_key(tool: ToolEntry) -> ToolKey:
    """What tells the tools of one server apart; a server may list one name twice."""
    return tool.definition.name, tool.definition.fingerprint


def tool_slugs(tools: Sequence[ToolEntry]) -> dict[ToolKey, str]:
    """Slugs of one server's tools; the tool seen first has the first choice."""
    ordered = sorted(tools, key=lambda tool: (tool.first_seen, tool_key(tool)))
    keys = list(dict.fromkeys(tool_key(tool) for tool in ordered))
    return dict(zip(keys, slugs(name for name, _ in keys), strict=True))


def gathered(entry: ServerEntry, kinds: Iterable[Kind]) -> Gathered:
    """Read one server."""
    gleanings = [(kind.name, kind.glean(entry)) for kind in kinds if kind.glean is not None and entry.tools]
    return Gathered(
        entry.name,
        _server(entry),
        _tools(entry),
        [(name, packed(value)) for name, value in gleanings if value is not None],
    )


def store(state: State, number: int, version: str, one: Gathered) -> None:
    """Put a server into the state; what was known of its tools must be gone from there."""
    name = to_bytes(one.name)
    row = (number, name, to_bytes(one.name.casefold()), version, *one.server)
    state.connection.execute(_SERVER, row)
    state.connection.executemany(_TOOL, ((number, *tool) for tool in one.tools))
    values = ((kind, number, value) for kind, value in one.gleanings)
    state.connection.executemany("INSERT INTO gleaning VALUES (?,?,?)", values)


def name_folders(state: State) -> list[int]:
    """Give every server with tools its slug, the one seen first before the others; gives those that changed."""
    query = "SELECT id, name, slug FROM server WHERE tools > 0 ORDER BY since, name"
    rows = list(state.rows(query))
    given = slugs(to_name(row[1]) for row in rows)
    changed = [(slug, row[0]) for slug, row in zip(given, rows, strict=True) if slug != row[2]]
    state.many("UPDATE server SET slug = ? WHERE id = ?", changed)
    return [number for _, number in changed]


def _server(entry: ServerEntry) -> tuple[Any, ...]:
    levels = Counter(tool.classification.risk for tool in entry.tools)
    counts = [(level, levels[level]) for level in (Level.UNKNOWN, *reversed(LEVELS)) if levels[level]]
    points = exposure((tool.definition.name, tool.classification) for tool in entry.tools).points
    listed = entry.listed_at or entry.crawled_at
    first = min((tool.first_seen for tool in entry.tools), default=entry.crawled_at)
    row = packed([entry.title, counts, listed.isoformat()])
    return first.isoformat(), len(entry.tools), points, entry.crawled_at.isoformat(), row, _failure(entry)


def _failure(entry: ServerEntry) -> str | None:
    """Why the coverage page names the server; None where everything was read."""
    if entry.outcome is Outcome.OK and entry.tools and not entry.unread:
        return None
    return packed([entry.outcome, entry.reason, entry.next_step, entry.unread, entry.crawled_at.isoformat()])


def _tools(entry: ServerEntry) -> list[tuple[Any, ...]]:
    slug_of = tool_slugs(entry.tools)
    rows = []
    for tool in entry.tools:
        label, name = tool.classification, tool.definition.name
        advice = recommend(label, name)
        words = name_words(name)
        rows.append(
            (
                *(to_bytes(name), slug_of[tool_key(tool)]),
                *(label.risk.rank, ALL_CATEGORIES.index(label.category), advice.action.value),
                advice.limits[0].max_calls if advice.limits else None,
                *(label.confidence, tool.first_seen.isoformat(), tool.definition.fingerprint),
                *(tool.override is not None, " ".join(kin_key(name))),
                packed([words, text_words(tool.definition, words)]),
                len(words) * 1000 + min(len(name), 999),
            )
        )
    return rows
