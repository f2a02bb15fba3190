"""`SERVER[/TOOL]` as people type it: which server and which tool is meant."""

from __future__ import annotations

import difflib
from pathlib import Path

from catalog.db.store import Store
from catalog.errors import UnknownTarget, UsageError
from catalog.records import ServerEntry, ToolEntry
from catalog.sources.target import resolve


def find(store: Store, target: str) -> tuple[ServerEntry, str | None]:
    """Server and tool; server names may hold slashes, so the longest server name that fits wins."""
    parts = target.split("/")
    for cut in range(len(parts), 0, -1):
        server = store.server("/".join(parts[:cut]))
        if server is not None:
            return server, "/".join(parts[cut:]) or None
    if (known := _indexed(store, target)) is not None:
        return known, None
    near = difflib.get_close_matches(target, store.server_names(), n=3)
    hint = f"did you mean {' or '.join(near)}?" if near else f"catalog classify {target}, to add it"
    raise UnknownTarget(f"{target} is not in the catalogue", hint=hint)


def server_named(store: Store, target: str) -> ServerEntry | None:
    """The server of that name; `owner/repo` and `pypi:NAME` also name what the bundled index knows."""
    return store.server(target) or _indexed(store, target)


def _indexed(store: Store, target: str) -> ServerEntry | None:
    if "://" in target or Path(target).exists():
        return None
    try:
        (record,) = resolve([target])
    except (UsageError, ValueError):
        return None
    return store.server(record.name)


def named(server: ServerEntry, name: str) -> tuple[ToolEntry, ...]:
    """The tools of that name; a server may list one twice."""
    found = tuple(tool for tool in server.tools if tool.definition.name == name)
    if not found:
        near = difflib.get_close_matches(name, [tool.definition.name for tool in server.tools], n=3)
        hint = f"did you mean {' or '.join(near)}?" if near else f"catalog show {server.name}, for its tools"
        raise UnknownTarget(f"{server.name} has no tool {name!r}", hint=hint)
    return found
