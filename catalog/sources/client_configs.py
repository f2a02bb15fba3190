"""Client configurations: the server entries in a JSON or TOML file, as records.

Accepted: `mcpServers`, `servers`, `mcp.servers` (nested or dotted), `mcp_servers`, and Claude Code's
`projects.*.mcpServers`. Comments, trailing commas, placeholders and unknown keys are tolerated.
"""

from __future__ import annotations

import platform
import re
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeAlias

from catalog.errors import ConfigError
from catalog.records import ServerRecord
from catalog.sources import client_entries, jsontext, paths
from catalog.sources.client_locations import FILE_NAMES, known_locations

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MAX_BYTES: Final = 16 << 20  # Claude Code keeps its whole history beside its servers
ID: Final = "config"
_MAP_KEYS: Final = ("mcpServers", "servers", "mcp.servers", "mcp_servers")
_MENTIONS: Final = re.compile(r'"(?:mcpServers|mcp_servers|servers|mcp\.servers|mcp)"\s*:')
Place: TypeAlias = tuple[str | int, ...]  # the keys and indices that lead to a value
ServerMap: TypeAlias = list[tuple[Place, str, Any]]
_TOML_PLACE: Final = re.compile(r"^(.*) \(at line (\d+), column (\d+)\)$", re.DOTALL)


class ClientConfig:
    """A configuration file of an MCP client: one record for each server in it."""

    id: ClassVar[str] = ID
    form: ClassVar[str] = "a client config file"

    def records(self, target: str) -> tuple[ServerRecord, ...] | None:
        """Give the file's servers, or None for a file that is no client config."""
        path = paths.existing(target)
        if path is None or not path.is_file() or path.suffix.lower() not in {".json", ".jsonc", ".toml"}:
            return None
        return read_config(path)


def read_config(path: Path) -> tuple[ServerRecord, ...] | None:
    """The servers of a config in the order of the file; None when it is another kind of JSON.

    An entry that is disabled or cannot be understood becomes a record without a launch that says so.

    Raises:
        ConfigError: the file cannot be read, is not valid JSON or TOML, or holds no servers.

    """
    surely = path.suffix.lower() == ".toml" or path.name in FILE_NAMES
    if not surely and path.stat().st_size > MAX_BYTES:
        return None
    text = _text(path)
    if not surely and not _MENTIONS.search(text):
        return None
    maps = list(server_maps(parsed(path, text)))
    if not maps and not surely:
        return None
    if not maps:
        raise ConfigError(
            f"{path}: no MCP servers in this file", hint=f"servers stand under {', '.join(_MAP_KEYS)}"
        )
    return _distinct(
        (client_entries.record(name or "unnamed", entry, paths.shown(path)), path.stem)
        for entries in maps
        for _, name, entry in entries
    )


def configured_records(system: str, home: Path, project: Path) -> tuple[ServerRecord, ...]:
    """All servers that clients on this machine are set up with, each once.

    A config that cannot be read becomes a record without a launch, called after its file. Different servers of
    the same name are told apart by their client.
    """
    locations = known_locations(system, home, project)
    return _distinct((found, place.client) for place in locations for found in _readable(place.path))


def this_machine() -> tuple[ServerRecord, ...]:
    """`configured_records` of this user, in the current folder."""
    return configured_records(platform.system(), Path.home(), Path.cwd())


def _readable(path: Path) -> tuple[ServerRecord, ...]:
    if not path.is_file():
        return ()
    try:
        return read_config(path) or ()
    except ConfigError as error:
        if not error.hint.startswith("servers stand"):
            return (
                ServerRecord(
                    name=path.name, source=ID, unread=(str(error).replace(str(path), paths.shown(path)),)
                ),
            )
        return ()  # a client without servers is no failure


def _distinct(found: Iterable[tuple[ServerRecord, str]]) -> tuple[ServerRecord, ...]:
    """Keep one record of each launch; the same name for another launch gets its label, then a number."""
    records: dict[str, ServerRecord] = {}
    for record, label in found:
        labels = chain(
            [record.name, f"{record.name} ({label})"], (f"{record.name} ({label} {n})" for n in count(2))
        )
        for name in labels:
            if _same(records.setdefault(name, replace(record, name=name)), record):
                break
    return tuple(records.values())


def _same(one: ServerRecord, other: ServerRecord) -> bool:
    """Whether two records start the same server; with which credentials does not matter."""
    if one.launch is None or other.launch is None:
        return one.launch is other.launch and one.unread == other.unread
    return replace(one.launch, environment=(), headers=()) == replace(
        other.launch, environment=(), headers=()
    )


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise ConfigError(str(paths.unreadable(path, error)), hint="check its permissions") from error
    if len(data) > MAX_BYTES:
        raise ConfigError(
            f"{path} is larger than {MAX_BYTES >> 20} MiB", hint="name the file that holds the servers"
        )
    try:
        return jsontext.decode(data)
    except jsontext.JsonTextError as error:
        raise ConfigError(error.at(str(path)), hint="save it as UTF-8") from error


def parsed(path: Path, text: str) -> Any:
    """The plain value of a config's text, TOML or JSON by the file's name.

    Raises:
        ConfigError: it is neither; the message has file, line and column.

    """
    try:
        if path.suffix.lower() == ".toml":
            return tomllib.loads(text)
        return jsontext.lenient(text)
    except jsontext.JsonTextError as error:
        raise ConfigError(error.at(str(path)), hint="correct the file there and try again") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        found = _TOML_PLACE.match(str(error))
        last = text.count("\n", 0, len(text.rstrip())) + 1
        place = f"{found[2]}:{found[3]}: {found[1]}" if found else f"{last}: {error}"
        raise ConfigError(f"{path}:{place}", hint="correct the file there and try again") from error


def server_maps(document: Any) -> Iterator[ServerMap]:
    """The places where a config keeps servers, each with its servers' own places, names and entries."""
    if not isinstance(document, Mapping):
        return
    yield from _maps_of(document, ())
    nested = document.get("mcp")
    if isinstance(nested, Mapping):
        yield from _maps_of(nested, ("mcp",))
    projects = document.get("projects")
    for name, project in projects.items() if isinstance(projects, Mapping) else ():
        if isinstance(project, Mapping):
            yield from _maps_of(project, ("projects", name))


def _maps_of(holder: Mapping[str, Any], place: Place) -> Iterator[ServerMap]:
    for key in _MAP_KEYS:
        entries = holder.get(key)
        if key == "mcpServers" and isinstance(entries, list):  # Augment: a list of entries with names
            yield [
                ((*place, key, at), str(entry.get("name")), entry)
                for at, entry in enumerate(entries)
                if isinstance(entry, Mapping)
            ]
        elif isinstance(entries, Mapping) and (
            key != "servers" or any(map(client_entries.looks_like, entries.values()))
        ):
            yield [((*place, key, name), name, entry) for name, entry in entries.items()]
