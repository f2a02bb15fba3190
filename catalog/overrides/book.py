"""The corrections that are in force on a day, and what they make of a label."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Self

from catalog.overrides.correction import Corrected, apply, outdate

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from catalog.records import Override
    from classifier.types import Classification, ToolDefinition


@dataclass(frozen=True, slots=True)
class Overrides:
    """Corrections by what they are for.

    `exact` by server and fingerprint, which goes before `anywhere`, by fingerprint alone; `of_tool` by
    server and tool name, the newest one, to tell that a tool's definition has changed.
    """

    exact: Mapping[tuple[str, str], Override] = field(default_factory=dict)
    anywhere: Mapping[str, Override] = field(default_factory=dict)
    of_tool: Mapping[tuple[str, str], Override] = field(default_factory=dict)

    @classmethod
    def in_force(cls, entries: Iterable[Override], today: date) -> Self:
        """Those of the entries that have not expired before `today`."""
        valid = [entry for entry in entries if not expired(entry, today)]
        return cls(
            {(entry.server, entry.fingerprint): entry for entry in valid if not entry.any_server},
            {entry.fingerprint: entry for entry in valid if entry.any_server},
            {(entry.server, entry.tool): entry for entry in sorted(valid, key=lambda entry: entry.date)},
        )

    def following(self, former: Iterable[tuple[str, str, str]]) -> Self:
        """The same, and aware of who had a definition that is corrected for any server.

        `former`: server, tool and fingerprint of definitions that a server does not list any more.
        """
        lost = {
            (server, tool): self.anywhere[fingerprint]
            for server, tool, fingerprint in former
            if fingerprint in self.anywhere
        }
        return replace(self, of_tool={**lost, **self.of_tool})

    def correct(self, server: str, definition: ToolDefinition, found: Classification) -> Corrected:
        """The label of a tool of that server, corrected where a correction is for it."""
        override = self.exact.get((server, definition.fingerprint))
        override = override or self.anywhere.get(definition.fingerprint)
        if override is not None:
            return Corrected(apply(definition, found, override), override, found)
        outdated = self.of_tool.get((server, definition.name))
        if outdated is not None:
            return Corrected(outdate(found, outdated), outdated=outdated)
        return Corrected(found)


def expired(override: Override, today: date) -> bool:
    """Whether the last day of a correction is over."""
    return override.expires is not None and override.expires < today


NO_OVERRIDES: Final = Overrides()
