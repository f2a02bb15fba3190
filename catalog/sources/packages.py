"""`pypi:NAME[@VERSION]` and `npm:NAME[@VERSION]`."""

from __future__ import annotations

from typing import ClassVar

from catalog.errors import UnknownTarget
from catalog.records import Launch, LaunchKind, ServerRecord
from catalog.sources import bundled
from catalog.sources.launchers import short_name, split_version


class PyPI:
    """A package of the Python Package Index."""

    id: ClassVar[str] = "pypi"
    form: ClassVar[str] = "pypi:NAME[@VERSION]"

    def records(self, target: str) -> tuple[ServerRecord, ...] | None:
        """Give the one server of the package."""
        return _records(target, LaunchKind.PYPI)


class Npm:
    """A package of the npm registry, scoped or not."""

    id: ClassVar[str] = "npm"
    form: ClassVar[str] = "npm:NAME[@VERSION]"

    def records(self, target: str) -> tuple[ServerRecord, ...] | None:
        """Give the one server of the package."""
        return _records(target, LaunchKind.NPM)


def _records(target: str, registry: LaunchKind) -> tuple[ServerRecord, ...] | None:
    prefix = f"{registry}:"
    if not target.lower().startswith(prefix):
        return None
    package, version = split_version(target[len(prefix) :].strip(), registry)
    if package is None:
        raise UnknownTarget(
            f"{target!r} names no {registry} package",
            hint=f"write {prefix}NAME or {prefix}NAME@VERSION",
        )
    return (package_record(package, version, registry),)


def package_record(package: str, version: str | None, registry: LaunchKind) -> ServerRecord:
    """The server of a package, with everything the bundled index knows about how to start it."""
    known = bundled.by_package(package, registry)
    if known is not None:
        return bundled.record(known, source=registry.value, version=version)
    launch = Launch(kind=registry, package=package, version=version)
    return ServerRecord(name=short_name(package), source=registry.value, launch=launch)
