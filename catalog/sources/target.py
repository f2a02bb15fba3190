"""What a user types, interpreted: each target goes to the first source that takes it.

Order: `pypi:` and `npm:`; http and https addresses; existing paths (client config, Python source,
saved tools/list); names, package names and repositories of the bundled index. To mean a known
server where a file or folder has its name, write `pypi:NAME` or `npm:NAME`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from catalog.errors import UnknownTarget
from catalog.sources import bundled, paths
from catalog.sources.client_configs import ClientConfig
from catalog.sources.command import command_record
from catalog.sources.packages import Npm, PyPI
from catalog.sources.python_source import PythonSource
from catalog.sources.remote import Remote
from catalog.sources.saved import SavedListing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from catalog.records import ServerRecord
    from catalog.sources.source import Source

# To add a source: one class with one method, one line here.
SOURCES: Final[tuple[Source, ...]] = (
    PyPI(),
    Npm(),
    Remote(),
    ClientConfig(),
    PythonSource(),
    SavedListing(),
    bundled.Bundled(),
)


def resolve(targets: Sequence[str], command: Sequence[str] = ()) -> list[ServerRecord]:
    """The servers that `targets` stand for, in their order, and the one that `command` starts.

    Raises:
        UnknownTarget: no source takes a target; the hint names similar ones.
        ConfigError: a client config is broken (file, line and column).
        NotDefinitions: a file holds no tool definitions, or cannot be read.

    """
    records = [record for target in targets for record in _records(target)]
    return [*records, command_record(command)] if command else records


def _records(target: str) -> tuple[ServerRecord, ...]:
    for source in SOURCES:
        found = source.records(target)
        if found is not None:
            return found
    raise _unknown(target)


def _unknown(target: str) -> UnknownTarget:
    if paths.looks_like_path(target):
        return UnknownTarget(
            f"there is no file or folder {target!r}", hint="check the spelling and the current folder"
        )
    similar = bundled.similar(target)
    meant = f"did you mean {' or '.join(similar)}? " if similar else ""
    return UnknownTarget(
        f"no server is known as {target!r}",
        hint=f"{meant}A target is {', '.join(source.form for source in SOURCES)}",
    )
