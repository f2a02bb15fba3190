"""The command line after `--`, started exactly as it was given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from catalog.records import Launch, LaunchKind, ServerRecord
from catalog.sources.launchers import server_name

if TYPE_CHECKING:
    from collections.abc import Sequence

ID: Final = "command"


def command_record(command: Sequence[str]) -> ServerRecord:
    """The server that `command` starts; it is called after its package, module, script or executable."""
    return ServerRecord(
        name=server_name(command),
        source=ID,
        launch=Launch(kind=LaunchKind.COMMAND, command=tuple(command)),
    )
