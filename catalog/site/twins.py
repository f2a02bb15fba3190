"""The JSON beside each page: the same record that `catalog show --format json` prints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catalog.public import server_json, to_json, tool_json, tool_row
from catalog.site.grade import grade, points

if TYPE_CHECKING:
    from catalog.records import ServerEntry
    from catalog.site.facts import ServerFacts, ToolFacts


def tool_twin(facts: ToolFacts) -> str:
    """`tools/<server>/<tool>.json`: all that is known about the tool."""
    return to_json(tool_json(facts.entry)) + "\n"


def server_twin(server: ServerFacts, entry: ServerEntry) -> str:
    """`tools/<server>/index.json`: the server, its exposure, and where the page of each tool stands."""
    total = points(facts.level for facts in server.tools)
    row = server_json(entry)
    row["exposure"] = {"grade": grade(total), "points": total}
    row["tools"] = [
        {
            **tool_row(facts.definition, facts.label),
            "fingerprint": facts.definition.fingerprint,
            "page": f"{facts.slug}.html",
            "json": f"{facts.slug}.json",
        }
        for facts in server.tools
    ]
    return to_json(row, indent=1) + "\n"
