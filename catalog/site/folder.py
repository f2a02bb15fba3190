"""Replacing a folder in one step: the new site is written beside the old one and swapped in.

Whatever happens before the swap, the old site stays whole. Files that come out the same are linked
from the old folder, not written again, so they keep their time stamps.
"""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import catalog
from catalog.errors import OutputError
from catalog.files import output_error

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

if sys.platform != "win32":
    import fcntl

MARKER: Final = ".catalog-site.json"  # a folder without it is not ours, and is never replaced
_AT_FDCWD: Final = -100  # Linux <fcntl.h>
_RENAME_EXCHANGE: Final = 2  # Linux <linux/fs.h>


class Draft:
    """The site being written. Counts the pages written, those that stayed the same, and those that have gone."""

    def __init__(self, folder: Path, old: Path | None) -> None:
        self._folder = folder
        self._old = old
        self._made: set[Path] = set()
        self.written = self.unchanged = self._replaced = 0

    def write(self, name: str, content: str | bytes) -> None:
        """Write one file; `name` is relative with forward slashes."""
        data = content if isinstance(content, bytes) else content.encode("utf-8", "replace")
        path = self._folder / name
        if path.parent not in self._made:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._made.add(path.parent)
        before = self._before(name)
        if before == data and self._old is not None:
            _link(self._old / name, path)
            self.unchanged += _is_page(name)
            return
        path.write_bytes(data)
        self.written += _is_page(name)
        self._replaced += _is_page(name) and before is not None

    def removed(self) -> int:
        """How many pages of the old site the new one no longer has."""
        if self._old is None:
            return 0
        total = sum(_is_page(name) for _, _, names in os.walk(self._old) for name in names)
        return total - self.unchanged - self._replaced

    def _before(self, name: str) -> bytes | None:
        if self._old is None:
            return None
        try:
            return (self._old / name).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None


@contextmanager
def replacing(target: Path) -> Iterator[Draft]:
    """Give a draft that becomes `target` when the block ends without an error.

    Raises:
        OutputError: `target` is a file or somebody else's folder, cannot be written, the disk is full,
            or another build of it is running.

    """
    place = target.resolve()
    _check_ours(target, place)
    staging = place.with_name(f".{place.name}.building")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with _locked(place.with_name(f".{place.name}.lock"), target):
            shutil.rmtree(staging, ignore_errors=True)  # left by a build that was killed
            try:
                staging.mkdir()
                draft = Draft(staging, place if (place / MARKER).is_file() else None)
                draft.write(
                    MARKER, json.dumps({"written by": "catalog build", "version": catalog.__version__}) + "\n"
                )
                yield draft
                _swap(staging, place)
            finally:
                shutil.rmtree(staging, ignore_errors=True)
    except OSError as error:
        raise output_error(target, error) from error


def is_foreign(place: Path) -> bool:
    """Whether a build would refuse this path: it is a file, or a folder that holds somebody else's files."""
    if not place.is_dir():
        return place.exists()
    return not (place / MARKER).is_file() and any(place.iterdir())


def _check_ours(target: Path, place: Path) -> None:
    if place.is_dir() and is_foreign(place):
        raise OutputError(
            f"{target} holds files that catalog build did not write",
            hint="name a new or empty folder with --out",
        )
    if place.exists() and not place.is_dir():
        raise OutputError(f"{target} is a file, not a folder", hint="name a new or empty folder with --out")


@contextmanager
def _locked(path: Path, target: Path) -> Iterator[None]:
    """Hold a lock that ends with the process, however it ends."""
    if (
        sys.platform == "win32"
    ):  # pragma: no cover - no advisory lock there; two builds at once are the user's care
        yield
        return
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        if not _taken(descriptor):
            raise OutputError(f"another build is writing {target}", hint="wait until it has ended")
        try:
            yield
        finally:
            path.unlink(missing_ok=True)
    finally:
        os.close(descriptor)


def _taken(descriptor: int) -> bool:
    """Take the lock, unless somebody holds it or has just removed the file it is on."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return os.fstat(descriptor).st_nlink > 0


def _swap(new: Path, place: Path) -> None:
    """Put `new` where `place` is; afterwards `new` is the old folder, or gone."""
    if not place.exists():
        new.rename(place)
    elif not _exchange(new, place):
        aside = place.with_name(f".{place.name}.old")
        shutil.rmtree(aside, ignore_errors=True)
        place.rename(aside)
        new.rename(place)
        shutil.rmtree(aside, ignore_errors=True)


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two folders atomically (Linux `renameat2`); False where the system cannot."""
    rename = (
        getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None) if sys.platform == "linux" else None
    )
    if rename is None:
        return False
    done = rename(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE)
    return bool(done == 0)


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # a file system without hard links
        shutil.copy2(source, target)


def _is_page(name: str) -> bool:
    return name.endswith(".html")
