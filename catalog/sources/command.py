"""The command line after `--`, started exactly as it was given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from catalog.records import Launch, LaunchKind, ServerRecord
from catalog.sources import bundled
from catalog.sources.launchers import origin, package_of, server_name

if TYPE_CHECKING:
    from collections.abc import Sequence

ID: Final = "command"


def command_record(command: Sequence[str]) -> ServerRecord:
    """The server that `command` starts; it is called after its package, module, script or executable.

    A package of the bundled index has the name that it has there.
    """
    package = package_of(command)
    known = bundled.by_package(package.package, package.registry) if package else None
    return ServerRecord(
        name=known["name"] if known else server_name(command),
        source=ID,
        launch=Launch(kind=LaunchKind.COMMAND, command=tuple(command)),
        origin=origin(command),
    )
