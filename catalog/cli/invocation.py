"""What stands beside a command's options: the words after `--`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Invocation:
    """Given to every command as its context's object; `command` is somebody else's command line."""

    command: tuple[str, ...] = ()
