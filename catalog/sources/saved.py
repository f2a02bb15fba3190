"""Saved `tools/list` answers: a result, a response, a list, JSON Lines, or several pages of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar, Final

from catalog.records import ServerRecord
from catalog.sources import paths
from catalog.sources.stream import read_definitions
from classifier.types import Provenance

if TYPE_CHECKING:
    from pathlib import Path

    from classifier.types import ToolDefinition

_ENDINGS: Final = re.compile(r"(?i)(?:(?:^|[._-])(?:tools?|list|json[lc]?|ndjson|txt))+$")


class SavedListing:
    """A file that is no client config, archive or source code is read as saved definitions."""

    id: ClassVar[str] = "saved"
    form: ClassVar[str] = "a saved tools/list JSON"

    def records(self, target: str) -> tuple[ServerRecord, ...] | None:
        """Give one record for each server named in the file, in the order of their first tools."""
        path = paths.existing(target)
        if path is None or path.is_dir():
            return None
        return read_saved(path)


def read_saved(path: Path, server: str = "") -> tuple[ServerRecord, ...]:
    """Read a saved listing; tools without a server of their own get `server`, or a name made from the file's.

    Raises:
        NotDefinitions: the file cannot be read or holds no tool list.

    """
    name = server or server_name(path)
    by_server: dict[str, list[ToolDefinition]] = {}
    unfinished: dict[str, tuple[str, ...]] = {}
    try:
        with path.open("rb") as file:
            rows = read_definitions(
                file, str(path), server=name, provenance=Provenance.SNAPSHOT, unfinished=unfinished
            )
            for row in rows:
                by_server.setdefault(row.definition.server, []).append(row.definition)
    except OSError as error:
        raise paths.unreadable(path, error) from error
    return tuple(
        ServerRecord(
            name=server,
            source=SavedListing.id,
            definitions=tuple(definitions),
            unread=tuple(line.replace(str(path), paths.shown(path)) for line in unfinished.get(server, ())),
            origin=paths.origin(path),
        )
        for server, definitions in (by_server or {name: []}).items()
    )


def server_name(path: Path) -> str:
    """`workflows-mcp` for `workflows-mcp.tools.json` and for `workflows-mcp/tools-list.json`."""
    parent = path.absolute().parent.name
    return _ENDINGS.sub("", path.name) or parent or "unknown"
