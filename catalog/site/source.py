"""The catalogue as the site reads it: which servers there are, in which version, and those that are chosen."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from catalog.errors import UsageError
from catalog.visible import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from catalog.records import ServerEntry
    from catalog.site.index import Catalogue
    from catalog.site.options import BuildOptions


@runtime_checkable
class Versioned(Protocol):
    """A catalogue that can be read in parts, also by other processes."""

    def versions(self) -> list[tuple[str, str]]:
        """Name and version of every server, by name."""

    def chosen(self, names: Sequence[str]) -> Iterable[ServerEntry]:
        """The servers of these names."""


class Listed:
    """Any catalogue that can be gone through, as one that is `Versioned`: each version is a digest of the entry."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def versions(self) -> list[tuple[str, str]]:
        """Name and version of every server, by name."""
        return sorted((entry.name, _version(entry)) for entry in self._catalogue.servers())

    def chosen(self, names: Sequence[str]) -> Iterator[ServerEntry]:
        """The servers of these names, one at a time."""
        wanted = frozenset(names)
        return (entry for entry in self._catalogue.servers() if entry.name in wanted)


def wanted(versions: list[tuple[str, str]], options: BuildOptions) -> list[tuple[str, str]]:
    """The servers that the operator wants shown.

    Raises:
        UsageError: a name that is asked for is no server of the catalogue.

    """
    names = {name for name, _ in versions}
    unknown = [name for name in options.only if name not in names]
    if unknown:
        raise UsageError(
            f"the catalogue knows no server {one_line(unknown[0], 80)}", hint="catalog show lists them"
        )
    chosen = [one for one in versions if not options.only or one[0] in options.only]
    return chosen[: options.limit_servers]


def _version(entry: ServerEntry) -> str:
    return blake2b(repr(entry).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
