"""The JSON beside each page: the same record that `catalog show --format json` prints."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from catalog.public import change_json, server_json, to_json

if TYPE_CHECKING:
    from collections.abc import Iterable

    from catalog.db.changes import Change
    from catalog.records import ServerEntry
    from catalog.site.facts import ServerFacts, ToolFacts


def tool_twin(facts: ToolFacts, changes: Iterable[Change] = ()) -> str:
    """`tools/<server>/<tool>.json`: all that is known about the tool; `changes` are its server's."""
    return to_json(tool_record(facts, changes)) + "\n"


def tool_record(facts: ToolFacts, changes: Iterable[Change]) -> dict[str, Any]:
    """The tool's public JSON with its own changes, newest first."""
    own = [change_json(change) for change in changes if change.tool == facts.name]
    return {**facts.record, "history": own}


def server_twin(server: ServerFacts, entry: ServerEntry, changes: Iterable[Change] = ()) -> str:
    """`tools/<server>/index.json`: the server, its exposure, and where the page of each tool stands."""
    tools = [
        {
            **facts.row,
            "fingerprint": facts.definition.fingerprint,
            "page": f"{facts.slug}.html",
            "json": f"{facts.slug}.json",
        }
        for facts in server.tools
    ]
    found, row = server.exposure, server_json(entry, tools)
    row["exposure"] = {
        "grade": found.grade,
        "points": found.points,
        "lines": [asdict(line) for line in found.lines],
    }
    row["history"] = [change_json(change) for change in changes]
    return to_json(row) + "\n"
