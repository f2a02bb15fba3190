"""The catalogue in the shape of a registry: what the MCP registry's API (`v0.1/servers`) answers, as files.

`v0.1/servers/index.json` is the list, `v0.1/servers/<folder>/versions/<version>.json` and `latest.json` one server.
What we found stands under `_meta`, in our own key; nothing is said in the name of the official registry.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from catalog.public import CONFIDENCE_DIGITS, to_json
from catalog.site.language import figure
from catalog.site.made import File, Joined
from catalog.site.server_view import web_address
from catalog.site.words import ALL_CATEGORIES, ALL_LEVELS
from catalog.visible import one_line
from classifier.types import Level

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catalog.records import ServerEntry
    from catalog.site.facts import ToolFacts
    from catalog.site.made import Surroundings

META: Final = "mcp-tool-risk-catalogue/classification"
FOLDER: Final = "v0.1/servers"
# The API's own rules for a name; other names stand below a namespace that nobody can own.
_NAME: Final = re.compile(r"[a-zA-Z0-9.-]+/[a-zA-Z0-9._-]+")
_NAMESPACE: Final = "unregistered"
_MOST: Final = 200  # characters of a name
_SHORT: Final = 100  # characters of a description and a title
_VERSION: Final = re.compile(r"(?:[0-9]|v[0-9]|read-)[A-Za-z0-9._+-]{0,59}")  # as a file's name on any system
_PACKAGES: Final = ("pypi", "npm")
_HOSTS: Final = {"https://github.com/": "github", "https://gitlab.com/": "gitlab"}


def files(around: Surroundings) -> Iterator[File]:
    """The one version that is known of a server, under its number and as the latest."""
    text = (
        to_json({"server": _server(around), "_meta": {META: {**summary(around), "tools": _tools(around)}}})
        + "\n"
    )
    folder, version = f"{FOLDER}/{around.server.folder}/versions", _version(around.entry)
    names = ["latest"]
    if _VERSION.fullmatch(version) and not version.endswith("."):
        names.append(version)
    for name in names:
        yield File(f"{folder}/{name}.json", text)


def listed(around: Surroundings) -> bytes:
    """A server in the list."""
    return to_json({"server": _server(around), "_meta": {META: summary(around)}}).encode()


LIST: Final = Joined(
    f"{FOLDER}/index.json", listed, b'{"servers": [\n', b",\n", b'\n], "metadata": {"nextCursor": ""}}\n'
)


def summary(around: Surroundings) -> dict[str, Any]:
    """A server in short, as `data/servers.json` has it."""
    entry, server = around.entry, around.server
    found, levels = server.exposure, server.levels
    categories = Counter(facts.category for facts in server.tools)
    return {
        "name": entry.name,
        "title": entry.title,
        "page": f"{around.home}/index.html",
        "json": f"{around.home}/index.json",
        "policy": f"{around.home}/policy.json",
        "repository": entry.repository,
        "package": entry.package,
        "package_version": entry.package_version,
        "provenance": entry.provenance.value if entry.provenance else None,
        "outcome": entry.outcome.value,
        "crawled_at": entry.crawled_at.isoformat(),
        "listed_at": entry.listed_at.isoformat() if entry.listed_at else None,
        "tools_total": len(server.tools),
        "levels": {level.value: levels[level] for level in ALL_LEVELS if levels[level]},
        "categories": {one.value: categories[one] for one in ALL_CATEGORIES if categories[one]},
        "exposure": {"grade": found.grade, "points": found.points},
    }


def _tools(around: Surroundings) -> list[dict[str, Any]]:
    return [_tool(facts, around) for facts in around.server.tools]


def _tool(facts: ToolFacts, around: Surroundings) -> dict[str, Any]:
    return {
        "name": facts.name,
        "fingerprint": facts.definition.fingerprint,
        "category": facts.category.value,
        "risk": facts.level.value,
        "confidence": round(facts.label.confidence, CONFIDENCE_DIGITS),
        "needs_review": facts.label.needs_review,
        "recommended": facts.recommendation.action.value,
        "json": f"{around.home}/{facts.slug}.json",
    }


def _server(around: Surroundings) -> dict[str, Any]:
    """The part that the API prescribes: only what is known for certain."""
    entry = around.entry
    known = {
        "name": _name(entry.name, around.server.folder),
        "title": one_line(entry.title or entry.name, _SHORT) or around.server.folder,
        "description": _description(around),
        "version": _version(entry),
        "repository": _repository(entry),
        "packages": _packages(entry),
    }
    return {key: value for key, value in known.items() if value}


def _name(name: str, folder: str) -> str:
    return name if _NAME.fullmatch(name) and len(name) <= _MOST else f"{_NAMESPACE}/{folder}"


def _description(around: Surroundings) -> str:
    critical = around.server.levels[Level.CRITICAL]
    found = around.server.exposure
    worst = f", {critical:,} of them Critical" if critical else ""
    return f"{figure(len(around.server.tools), 'tool')}{worst}; exposure grade {found.grade}"


def _version(entry: ServerEntry) -> str:
    """The package's version, else the day on which the tools were read."""
    if entry.package_version:
        return one_line(entry.package_version, 255)
    return f"read-{(entry.listed_at or entry.crawled_at).date().isoformat()}"


def _repository(entry: ServerEntry) -> dict[str, str] | None:
    url = web_address(entry.repository)
    source = next((source for host, source in _HOSTS.items() if url.startswith(host)), None)
    return {"url": url, "source": source} if source else None


def _packages(entry: ServerEntry) -> list[dict[str, Any]]:
    """A package that is started locally; how a remote server is spoken to is not recorded."""
    kind, _, name = (entry.package or "").partition(":")
    if kind not in _PACKAGES or not name:
        return []
    version = {"version": entry.package_version} if entry.package_version else {}
    return [{"registryType": kind, "identifier": name, **version, "transport": {"type": "stdio"}}]
