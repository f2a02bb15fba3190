"""What only the calendar and the catalogue can tell of a correction: whether it does anything."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from catalog.overrides.book import expired
from catalog.overrides.correction import floor
from catalog.overrides.grammar import Problem
from catalog.visible import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from catalog.overrides.grammar import Placed
    from catalog.records import Override, ServerEntry, ToolEntry


class Catalogue(Protocol):
    """What there is to correct."""

    def holding(self, fingerprint: str) -> list[ToolEntry]:
        """The current tools that have exactly this definition."""

    def server(self, name: str) -> ServerEntry | None:
        """A server with its current tools."""


class State(StrEnum):
    """Whether a correction does anything."""

    IN_FORCE = "in force"
    EXPIRED = "expired"
    DRIFTED = "drifted"  # the tool is there, with another definition
    UNKNOWN = "not in the catalogue"


@dataclass(frozen=True, slots=True)
class Standing:
    """A correction, its state, and the tools it is for."""

    override: Override
    state: State
    tools: tuple[ToolEntry, ...]


def states(entries: Iterable[Override], catalogue: Catalogue, today: date) -> list[Standing]:
    """How each correction stands today."""
    return [_standing(entry, catalogue, today) for entry in entries]


def check(entries: Sequence[Placed], catalogue: Catalogue, today: date) -> Iterator[Problem]:
    """Corrections that do nothing, or that the codebook does not allow for this very tool."""
    for placed in entries:
        standing = _standing(placed.override, catalogue, today)
        for key, message in _faults(standing):
            yield Problem(placed.block.line_of(key), message)


def _standing(entry: Override, catalogue: Catalogue, today: date) -> Standing:
    same = catalogue.holding(entry.fingerprint)
    tools = tuple(tool for tool in same if entry.any_server or tool.server == entry.server)
    if expired(entry, today):
        return Standing(entry, State.EXPIRED, tools)
    if tools:
        return Standing(entry, State.IN_FORCE, tools)
    server = catalogue.server(entry.server)
    there = server is not None and any(tool.definition.name == entry.tool for tool in server.tools)
    return Standing(entry, State.DRIFTED if there else State.UNKNOWN, ())


def _faults(standing: Standing) -> Iterator[tuple[str, str]]:
    """Key and message of each fault."""
    entry, address = standing.override, f"{standing.override.server}/{standing.override.tool}"
    if standing.state is State.EXPIRED:
        yield "expires", f"expired on {entry.expires}: renew it or remove it"
    if standing.state is State.DRIFTED:
        yield "fingerprint", "the definition changed since the correction, which does not apply any more"
    if standing.state is State.UNKNOWN:
        yield "server", f"{one_line(address, 120)} is not in the catalogue"
    for tool in standing.tools[:1]:
        name, modifiers = tool.definition.name, tool.classification.modifiers
        if name != entry.tool:
            yield "fingerprint", f"this is the fingerprint of another tool: {one_line(name, 60)}"
        least = floor(entry.category, (modifier.name for modifier in modifiers))
        if entry.risk.rank < least.rank:
            yield (
                "risk",
                f"risk {entry.risk} is below the codebook's floor: {entry.category} is never below {least} here",
            )
