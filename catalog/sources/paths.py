"""Targets that are files: whether they exist, and reading them with a limit and clear errors."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from catalog.errors import NotDefinitions

FILE_SUFFIXES: Final = (
    ".json", ".jsonc", ".jsonl", ".ndjson", ".toml", ".py", ".zip", ".whl", ".tar", ".tgz", ".gz", ".bz2", ".xz", ".txt",
)  # fmt: skip


def existing(target: str) -> Path | None:
    """The path of an existing file or folder that `target` names (`~` is the home folder)."""
    try:
        path = Path(target).expanduser()
        return path if target and path.exists() else None
    except (OSError, ValueError, RuntimeError):  # too long, a NUL in it, or a home nobody knows
        return None


def shown(path: Path) -> str:
    """A path as it may be stored and published: the home folder, and with it the user's name, is `~`."""
    home = Path("~").expanduser()
    return f"~/{path.relative_to(home).as_posix()}" if path.is_relative_to(home) else path.as_posix()


def origin(path: Path) -> str:
    """`ServerRecord.origin` of what is read from a file or folder; all pipes are one."""
    stands = path.is_file() or path.is_dir()
    return f"file:{shown(path.absolute())}" if stands else "file:pipe"


def looks_like_path(target: str) -> bool:
    """Whether a target that names no existing file was surely meant as one."""
    return target.startswith((".", "/", "~", "\\")) or target.lower().endswith(FILE_SUFFIXES)


def read_limited(path: Path, limit: int) -> bytes:
    """The bytes of a file of at most `limit` bytes.

    Raises:
        NotDefinitions: it is larger, or cannot be read.

    """
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except OSError as error:
        raise unreadable(path, error) from error
    if len(data) > limit:
        raise NotDefinitions(
            f"{path} is larger than {limit >> 20} MiB",
            hint="split it, or keep only the part that holds the tools",
        )
    return data


def unreadable(path: Path, error: OSError) -> NotDefinitions:
    """The error for a file or folder that exists and cannot be read."""
    return NotDefinitions(
        f"cannot read {path}: {os.strerror(error.errno or 0).lower()}",
        hint="check its permissions, or copy it to where you may read it",
    )
