"""Labels of definitions that a package's server listed: the records to crawl, and which labels they may answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catalog.labelling.reference import PackageReference
from catalog.records import LaunchKind
from catalog.sources import bundled
from catalog.sources.packages import package_record

if TYPE_CHECKING:
    from collections.abc import Iterable

    from catalog.labelling.reference import Label
    from catalog.records import ServerRecord


def package_records(labels: Iterable[Label]) -> dict[PackageReference, ServerRecord]:
    """A record for each package version that a label refers to, in a fixed order."""
    named = {reference for label in labels if isinstance(reference := label.reference, PackageReference)}
    return {
        one: package_record(one.name, one.version, registry(one.name))
        for one in sorted(named, key=lambda one: (one.name, one.version))
    }


def registry(package: str) -> LaunchKind:
    """Where a package is published: as the bundled index knows it, else npm where it has a scope, else PyPI."""
    for kind in (LaunchKind.PYPI, LaunchKind.NPM):
        if bundled.by_package(package, kind) is not None:
            return kind
    return LaunchKind.NPM if package.startswith("@") else LaunchKind.PYPI
