"""The bundled index of well-known servers: how to start them, and what they offered when we last looked.

`data/servers/index.json` is a list of `{name, title, repository, aliases, package: {registry, name,
executable}, arguments, environment: [{name, required, secret}], remote: {transport, url}}`, either
`package` or `remote`; a variable is `required` when the server does not list its tools without it;
`data/servers/snapshots/<name>.json` is what `catalog.sources.snapshot` writes.
"""

from __future__ import annotations

import difflib
import json
import re
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Final

from catalog.records import EnvironmentVariable, Launch, LaunchKind, ServerRecord
from catalog.resources import DATA
from catalog.sources import snapshot

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

FOLDER: Final = DATA / "servers"
_REMOTE_KINDS: Final = {"streamable-http": LaunchKind.HTTP, "sse": LaunchKind.SSE}


class Bundled:
    """A known name, alias, package name or `owner/repo`, in any case."""

    id: ClassVar[str] = "bundled"
    form: ClassVar[str] = "a known name or owner/repo"

    def records(self, target: str) -> tuple[ServerRecord, ...] | None:
        """Give the server of that name, or all servers of that repository."""
        found = _by_name().get(target.strip().lower().rstrip("/").removesuffix(".git"))
        return tuple(record(known) for known in found) if found else None


def every_record() -> tuple[ServerRecord, ...]:
    """All servers of the index, in its order."""
    return tuple(record(known) for known in _index())


def by_package(package: str, registry: LaunchKind) -> Mapping[str, Any] | None:
    """The index's entry for a package, or None."""
    return _by_package().get((registry, _package_key(package, registry)))


def by_url(url: str) -> Mapping[str, Any] | None:
    """The index's entry for a remote server's address, or None."""
    wanted = url.rstrip("/").lower()
    return next(
        (known for known in _index() if known.get("remote", {}).get("url", "").rstrip("/") == wanted), None
    )


def similar(target: str) -> list[str]:
    """Up to three names of the index that look like `target`, nearest first."""
    word = target.strip().lower().rsplit("/", 1)[-1]
    near = difflib.get_close_matches(word, list(_by_name()), n=9, cutoff=0.7)
    return list(dict.fromkeys(_by_name()[name][0]["name"] for name in near))[:3]


def record(known: Mapping[str, Any], *, source: str = Bundled.id, version: str | None = None) -> ServerRecord:
    """The record of an index entry, with its snapshot as the fallback."""
    path = FOLDER / "snapshots" / f"{known['name']}.json"
    there = path.is_file()
    return ServerRecord(
        name=known["name"],
        source=source,
        title=known["title"],
        repository=known.get("repository"),
        launch=_launch(known, version),
        fallback=snapshot.read(path, known["name"]) if there else (),
        fallback_of=snapshot.label(path) if there else "",
    )


def _launch(known: Mapping[str, Any], version: str | None) -> Launch:
    if "remote" in known:
        return Launch(kind=_REMOTE_KINDS[known["remote"]["transport"]], url=known["remote"]["url"])
    package = known["package"]
    return Launch(
        kind=LaunchKind(package["registry"]),
        package=package["name"],
        version=version,
        executable=package.get("executable"),
        arguments=tuple(known.get("arguments", ())),
        environment=tuple(EnvironmentVariable(**variable) for variable in known.get("environment", ())),
    )


@cache
def _index() -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = json.loads((FOLDER / "index.json").read_text(encoding="utf-8"))
    return entries


@cache
def _by_name() -> dict[str, list[dict[str, Any]]]:
    """Entries by name and alias, then by package, then by repository; an earlier kind wins."""
    names: dict[str, list[dict[str, Any]]] = {}
    for known in _index():
        _add(names, (known["name"], *known.get("aliases", ())), known)
    taken = frozenset(names)
    for key_of in (_package_names, _repository_names):
        for known in _index():
            _add(names, (key for key in key_of(known) if key not in taken), known)
        taken = frozenset(names)
    return names


def _add(names: dict[str, list[dict[str, Any]]], keys: Iterable[str], known: dict[str, Any]) -> None:
    for key in keys:
        names.setdefault(key.lower(), []).append(known)


def _package_names(known: Mapping[str, Any]) -> tuple[str, ...]:
    name = known.get("package", {}).get("name")
    return (name.lower(),) if name else ()


def _repository_names(known: Mapping[str, Any]) -> tuple[str, ...]:
    repository = known.get("repository")
    return (repository.lower(), f"https://github.com/{repository}".lower()) if repository else ()


@cache
def _by_package() -> dict[tuple[LaunchKind, str], dict[str, Any]]:
    packages = [(known, known["package"]) for known in _index() if "package" in known]
    return {
        (kind := LaunchKind(package["registry"]), _package_key(package["name"], kind)): known
        for known, package in packages
    }


def _package_key(package: str, registry: LaunchKind) -> str:
    """PyPI treats `a_b`, `a-b` and `A.B` as one name (PEP 503); npm names are compared as they are."""
    return re.sub(r"[-_.]+", "-", package).lower() if registry is LaunchKind.PYPI else package.lower()
