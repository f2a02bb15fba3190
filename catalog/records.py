"""The values the catalogue carries around the three of `classifier.types`.

A source gives a `ServerRecord`; a probe turns it into a `CrawlResult`; the database gives both
back, joined with classifications, as `ServerEntry` and `ToolEntry`, which are what the command
line, the site, the exporters and the JSON twins all show. Frozen, slotted, tuples.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from classifier.types import Category, Classification, Level, Provenance, ToolDefinition

    Day: TypeAlias = date


class LaunchKind(StrEnum):
    """How a server is reached."""

    PYPI = "pypi"
    NPM = "npm"
    COMMAND = "command"
    HTTP = "http"
    SSE = "sse"
    UNSUPPORTED = "unsupported"


class Outcome(StrEnum):
    """How the crawl of one server ended; exactly one per server and crawl (crawling.md, "Outcomes")."""

    OK = "ok"
    NO_TOOLS = "no_tools"
    NEEDS_CREDENTIALS = "needs_credentials"
    NEEDS_ARGUMENTS = "needs_arguments"
    INSTALL_FAILED = "install_failed"
    START_FAILED = "start_failed"
    TIMEOUT = "timeout"
    PROTOCOL_ERROR = "protocol_error"
    REFUSED_LIMITS = "refused_limits"
    UNREACHABLE = "unreachable"
    UNSUPPORTED = "unsupported"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class EnvironmentVariable:
    """A variable a server declares. `value` is what to pass, None when we have none."""

    name: str
    value: str | None = None
    required: bool = False
    secret: bool = False


@dataclass(frozen=True, slots=True)
class Launch:
    """How to start or reach a server.

    PYPI and NPM: `package`, an optional pinned `version`, an optional `executable` (default: the
    package's own console script), `arguments`. COMMAND: `command` is the whole argument vector.
    HTTP and SSE: `url` and `headers` (values may be secrets: never stored, never shown).
    """

    kind: LaunchKind
    package: str = ""
    version: str | None = None
    executable: str | None = None
    arguments: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    working_directory: str | None = None
    environment: tuple[EnvironmentVariable, ...] = ()
    url: str = ""
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ServerRecord:
    """A server as a source knows it.

    `name` is what people type and read (`workflows-mcp`). `launch` is None when there is nothing
    to start: then `definitions` holds what was read from a file, an archive or the bundled index.
    `fallback` holds the bundled facts to use when a launch is impossible offline. `unread` names what
    the source holds but we could not read, one line each. `fallback_of` is the version and day of the
    bundled facts. `origin` says what the server is where the launch does not: `file:PATH`, or the package
    that a runner's command starts (`npm:NAME`). `notes` go in front of those of the result.
    """

    name: str
    source: str
    title: str | None = None
    repository: str | None = None
    launch: Launch | None = None
    definitions: tuple[ToolDefinition, ...] = ()
    fallback: tuple[ToolDefinition, ...] = ()
    unread: tuple[str, ...] = ()
    fallback_of: str = ""
    origin: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CrawlResult:
    """What came of one server. `definitions` is empty unless the outcome is OK.

    `reason` is one line in the server's own words (secrets masked), `next_step` what the user can
    do. `notes` are calm one-line remarks on how it was done (a newer Python, `mcp<2`, dummy
    variables, the bundled snapshot). `package_version` is the version installed, `isolation` is
    `bwrap`, `none` or `` (nothing was started). `seconds` is wall time.
    """

    record: ServerRecord
    outcome: Outcome
    reason: str = ""
    next_step: str = ""
    definitions: tuple[ToolDefinition, ...] = ()
    unread: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    package_version: str | None = None
    protocol_version: str | None = None
    provenance: Provenance | None = None
    isolation: str = ""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Override:
    """A person's correction of one label (docs/review.md).

    It is for the definition with this `fingerprint`: on `server` alone, or, with `any_server`, wherever
    that definition is found. `expires` is the last day on which it applies, None for no end.
    """

    server: str
    tool: str
    fingerprint: str
    category: Category
    risk: Level
    reason: str
    author: str
    date: Day
    expires: Day | None = None
    any_server: bool = False


@dataclass(frozen=True, slots=True)
class ToolEntry:
    """A tool as the catalogue knows it today. Times are UTC, aware.

    With an `override`, `classification` is the corrected label and `overruled` the classifier's own.
    `outdated` is a correction of this tool that does not apply any more: the definition changed since.
    """

    server: str
    definition: ToolDefinition
    classification: Classification
    first_seen: datetime
    last_seen: datetime
    override: Override | None = None
    overruled: Classification | None = None
    outdated: Override | None = None


@dataclass(frozen=True, slots=True)
class ServerEntry:
    """A server with all its current tools, riskiest first, and how the last crawl of it ended.

    `crawled_at` is the last crawl of any outcome; `listed_at` the last one that gave tools.
    """

    name: str
    title: str | None
    repository: str | None
    package: str | None
    package_version: str | None
    protocol_version: str | None
    source: str
    provenance: Provenance | None
    outcome: Outcome
    reason: str
    next_step: str
    notes: tuple[str, ...]
    unread: tuple[str, ...]
    isolation: str
    crawled_at: datetime
    listed_at: datetime | None
    tools: tuple[ToolEntry, ...]

    @property
    def counts_by_level(self) -> Mapping[str, int]:
        """Number of tools per level, levels without tools left out."""
        counts: dict[str, int] = {}
        for tool in self.tools:
            counts[tool.classification.risk] = counts.get(tool.classification.risk, 0) + 1
        return counts
