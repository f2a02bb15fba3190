"""Whole sets of servers to crawl: the bundled index, this machine's clients, or a list file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from catalog.errors import ConfigError, UsageError
from catalog.sources import client_configs, paths
from catalog.sources.bundled import every_record
from catalog.sources.target import resolve

if TYPE_CHECKING:
    from pathlib import Path

    from catalog.records import ServerRecord

_MAX_LIST: Final = 16 << 20  # bytes of a list file


def bundled() -> list[ServerRecord]:
    """Every server of the bundled index."""
    return list(every_record())


def configured() -> list[ServerRecord]:
    """Every server that a client on this machine, or in the current project, is set up with."""
    return list(client_configs.this_machine())


def listed(file: Path) -> list[ServerRecord]:
    """The servers that a list file names, in its order: one target on a line, `#` starts a comment.

    Raises:
        ConfigError: the file cannot be read, or a line cannot be understood (file and line).

    """
    records: list[ServerRecord] = []
    for number, line in enumerate(_text(file).split("\n"), 1):
        target = line.partition(" #")[0].strip()
        if not target or target.startswith("#"):
            continue
        try:
            records += resolve([target])
        except UsageError as error:
            raise ConfigError(f"{file}:{number}: {error}", hint=error.hint) from error
    return records


def _text(file: Path) -> str:
    try:
        return paths.read_limited(file, _MAX_LIST).decode("utf-8-sig", "replace")
    except UsageError as error:
        raise ConfigError(str(error), hint=error.hint) from error
