"""Writing files whole or not at all, with errors that name the file and the next step."""

from __future__ import annotations

import errno
import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, TextIO

from catalog.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator

_HINTS: Final = {
    errno.ENOSPC: "free some space, or write to another disk",
    errno.EDQUOT: "free some of your quota, or write elsewhere",
    errno.EROFS: "choose a folder that can be written to",
    errno.EACCES: "choose a folder that you may write to",
    errno.EPERM: "choose a folder that you may write to",
    errno.ENOENT: "create the folder first",
    errno.ENOTDIR: "a part of that path is a file: choose another",
    errno.EISDIR: "that is a folder: name a file in it",
    errno.ENAMETOOLONG: "choose a shorter name",
}


def output_error(subject: Path, error: OSError) -> OutputError:
    """The error for a file or folder that could not be written."""
    return OutputError(
        f"cannot write {subject}: {os.strerror(error.errno or 0).lower()}",
        hint=_HINTS.get(error.errno or 0, "check the folder and try again"),
    )


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text; the file appears complete or stays as it was.

    Raises:
        OutputError: the folder is missing, read-only or full.

    """
    with writing(path) as file:
        file.write(text)


@contextmanager
def writing(path: Path) -> Iterator[TextIO]:
    """A UTF-8 text file that replaces `path` when the block ends, and is gone if the block raises.

    A target that is no regular file (a pipe, a terminal) is written to as it is.

    Raises:
        OutputError: the folder is missing, read-only or full.

    """
    try:
        if path.exists() and not path.is_file():
            with path.open("w", encoding="utf-8") as file:
                yield file
            return
        with _beside(path) as file:
            yield file
    except OSError as error:
        raise output_error(path, error) from error


@contextmanager
def _beside(path: Path) -> Iterator[TextIO]:
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}.", suffix=".part")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            yield file
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask()
        Path(name).chmod(mode)
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
