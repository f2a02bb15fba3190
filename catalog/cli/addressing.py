"""`SERVER[/TOOL]` as people type it: which server and which tool is meant."""

from __future__ import annotations

import difflib

from catalog.db.store import Store
from catalog.errors import UnknownTarget
from catalog.records import ServerEntry, ToolEntry


def find(store: Store, target: str) -> tuple[ServerEntry, str | None]:
    """Server and tool; server names may hold slashes, so the longest server name that fits wins."""
    parts = target.split("/")
    for cut in range(len(parts), 0, -1):
        server = store.server("/".join(parts[:cut]))
        if server is not None:
            return server, "/".join(parts[cut:]) or None
    near = difflib.get_close_matches(target, store.server_names(), n=3)
    hint = f"did you mean {' or '.join(near)}?" if near else f"catalog classify {target}, to add it"
    raise UnknownTarget(f"{target} is not in the catalogue", hint=hint)


def named(server: ServerEntry, name: str) -> tuple[ToolEntry, ...]:
    """The tools of that name; a server may list one twice."""
    found = tuple(tool for tool in server.tools if tool.definition.name == name)
    if not found:
        near = difflib.get_close_matches(name, [tool.definition.name for tool in server.tools], n=3)
        hint = f"did you mean {' or '.join(near)}?" if near else f"catalog show {server.name}, for its tools"
        raise UnknownTarget(f"{server.name} has no tool {name!r}", hint=hint)
    return found
