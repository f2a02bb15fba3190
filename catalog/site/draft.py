"""Files of a site that is being made, written so that none of them is changed where it stands twice."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


class Draft:
    """A tree in the making: new files go into it, and those that are as in the `old` tree are taken from there.

    With a `twin` every file is linked into that tree as well. Processes may write into one draft side by
    side, each through a `Draft` of its own. `changed` collects the names of what came out new or has gone;
    a draft with a twin does not need it.
    """

    def __init__(self, folder: Path, old: Path | None, twin: Path | None = None) -> None:
        self.folder, self.old, self.twin = folder, old, twin
        self._root = f"{folder}/"
        self._old_root = f"{old}/" if old else ""
        self._twin_root = f"{twin}/" if twin else ""
        self._made: set[str] = set()
        self.changed: list[str] = []
        self.written = self.unchanged = self.removed = 0

    def write(self, name: str, content: str | bytes) -> None:
        """Write one file; `name` is relative with forward slashes."""
        data = content if isinstance(content, bytes) else content.encode("utf-8", "replace")
        page = name.endswith(".html")
        same = self._is_old(name, data)
        if same and self.twin is None:
            self.unchanged += page
            return
        self._make_folder(name)
        path = self._root + name
        if same:
            link(self._old_root + name, path)
            self.unchanged += page
        else:
            _create(path, data)
            self.written += page
            self.changed.append(name)
        if self.twin is not None:
            link(path, self._twin_root + name)

    def join(self, name: str, parts: Iterable[bytes]) -> None:
        """Write one file part by part."""
        self._make_folder(name)
        with suppress(FileNotFoundError):
            Path(self._root + name).unlink()
        with Path(self._root + name).open("xb") as file:
            file.writelines(parts)
        self.changed.append(name)
        if self.twin is not None:
            link(self._root + name, self._twin_root + name)

    def fill(self, name: str, write: Callable[[Path], None]) -> None:
        """Have one file written by somebody else."""
        self._make_folder(name)
        path = Path(self._root + name)
        path.unlink(missing_ok=True)
        write(path)
        self.changed.append(name)
        if self.twin is not None:
            link(self._root + name, self._twin_root + name)

    def keep(self, name: str) -> None:
        """A file stays as it is."""
        self.unchanged += name.endswith(".html")

    def remove(self, name: str) -> None:
        """A file of the old tree has gone."""
        with suppress(FileNotFoundError):
            Path(self._root + name).unlink()
            self._prune(name)
        self.changed.append(name)
        self.removed += name.endswith(".html")

    def follow(self, name: str) -> None:
        """Make a file what it is in the other tree, or remove it where it is not there."""
        with suppress(FileNotFoundError):
            Path(self._root + name).unlink()
        if os.path.lexists(self._old_root + name):
            self._make_folder(name)
            link(self._old_root + name, self._root + name)
        else:
            self._prune(name)

    def _is_old(self, name: str, data: bytes) -> bool:
        if self.old is None:
            return False
        try:
            with Path(self._old_root + name).open("rb") as file:
                return os.fstat(file.fileno()).st_size == len(data) and file.read() == data
        except (FileNotFoundError, NotADirectoryError):
            return False

    def _make_folder(self, name: str) -> None:
        folder = name.rpartition("/")[0]
        if folder not in self._made:
            os.makedirs(self._root + folder, exist_ok=True)  # noqa: PTH103 - a third of the time of a Path
            if self.twin is not None:
                os.makedirs(self._twin_root + folder, exist_ok=True)  # noqa: PTH103
            self._made.add(folder)

    def _prune(self, name: str) -> None:
        """Folders that have become empty go with their last file."""
        folder = name.rpartition("/")[0]
        with suppress(OSError):
            while folder:
                Path(self._root + folder).rmdir()
                self._made.discard(folder)
                folder = folder.rpartition("/")[0]


def missing(draft: Draft) -> int:
    """How many pages of the old tree a draft that was begun with nothing does not have."""
    if draft.old is None or draft.twin is None:
        return 0
    gone = 0
    for folder, _, names in os.walk(draft.old):
        beside = draft.folder / os.path.relpath(folder, draft.old)
        gone += sum(name.endswith(".html") and not (beside / name).is_file() for name in names)
    return gone


def copied(source: Path, target: Path) -> None:
    """A copy of a file."""
    shutil.copyfile(source, target)


def mirror(source: Path, target: Path) -> None:
    """A second tree of the same files."""
    for folder, _, names in os.walk(source):
        beside = target / os.path.relpath(folder, source)
        beside.mkdir(parents=True)
        for name in names:
            link(f"{folder}/{name}", f"{beside}/{name}")


def link(source: str, target: str) -> None:
    """The same file under a second name; a copy where the file system has no such links."""
    try:
        os.link(source, target)
    except FileExistsError:
        raise
    except OSError:
        shutil.copy2(source, target)


def _create(path: str, data: bytes) -> None:
    """A new file: one that is there may be linked from elsewhere, so it is unlinked and never written into."""
    try:
        descriptor = os.open(path, _FLAGS, 0o666)
    except FileExistsError:
        Path(path).unlink()
        descriptor = os.open(path, _FLAGS, 0o666)
    try:
        _write_all(descriptor, data)
    finally:
        os.close(descriptor)


def _write_all(descriptor: int, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(descriptor, left) :]
