"""Source trees, from a folder, an archive or one file: read into memory with limits, never unpacked, never run."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import re
import tarfile
import zipfile
import zlib
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Final, cast

from catalog.errors import NotDefinitions
from catalog.sources import paths
from catalog.visible import one_line

MAX_FILES: Final = 5_000  # source files read
MAX_FILE: Final = 2 << 20  # bytes of one
MAX_TOTAL: Final = 64 << 20  # bytes of all
MAX_MEMBERS: Final = 50_000  # entries of an archive or folder looked at
MAX_UNPACKED: Final = 512 << 20  # bytes that a compressed archive may unpack to while it is searched
SKIPPED_FOLDERS: Final = frozenset(
    {"tests", "test", "examples", "example", "node_modules", "site-packages", "__pycache__", "venv"}
)
METADATA_FILES: Final = frozenset({"pyproject.toml", "METADATA", "PKG-INFO"})
_COMMIT: Final = re.compile(r"^[0-9a-f]{40}$")
_BROKEN: Final = (
    tarfile.TarError, zipfile.BadZipFile, zipfile.LargeZipFile, lzma.LZMAError, zlib.error, EOFError, OSError, ValueError,
    NotImplementedError, RuntimeError, OverflowError, IndexError,
)  # fmt: skip  # what the archive modules raise on damaged and hostile files


class TreeLimitError(ValueError):
    """A limit of this module was reached; the message names it."""


@dataclass(slots=True)
class SourceTree:
    """The files of a tree by their path in it; what was left out, one line each; the commit, if it is known."""

    files: dict[str, bytes] = field(default_factory=dict)
    metadata: dict[str, bytes] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)
    commit: str | None = None
    size: int = 0

    def wants(self, path: str) -> bool:
        """Whether a file is Python source or names the package; folders of tests and vendored code are not read."""
        *folders, name = path.split("/")
        if any(folder in SKIPPED_FOLDERS or folder.startswith(".") for folder in folders):
            return False
        return name in METADATA_FILES or (name.endswith(".py") and not name.startswith("test_"))

    def add(self, path: str, data: bytes) -> None:
        """Take a file in; `data` of more than `MAX_FILE` bytes is noted as unread instead.

        Raises:
            TreeLimitError: the tree is full.

        """
        self.size += len(data)
        if len(self.files) >= MAX_FILES or self.size > MAX_TOTAL:
            raise TreeLimitError(f"more than {MAX_FILES:,} source files or {MAX_TOTAL >> 20} MiB of them")
        if len(data) > MAX_FILE:
            self.unread.append(f"{path}: larger than {MAX_FILE >> 20} MiB, not read")
        elif PurePosixPath(path).name in METADATA_FILES:
            self.metadata[path] = data
        else:
            self.files[path] = data


def read_tree(path: Path) -> SourceTree | None:
    """The tree of a folder, a .py file, or a zip (wheel) or tar (sdist) archive; None for any other file.

    Raises:
        NotDefinitions: the folder or archive cannot be read.

    """
    tree = SourceTree()
    try:
        if path.is_dir():
            _read_folder(path, tree)
        elif path.suffix == ".py":
            tree.add(path.name, paths.read_limited(path, MAX_FILE))
        elif not path.is_file() or not _read_archive(path, tree):
            return None
    except TreeLimitError as error:
        tree.unread.append(f"{path.name}: {error}; the rest was not read")
    except _BROKEN as error:
        what = f"this archive is damaged ({one_line(str(error), 200) or type(error).__name__})"
        raise NotDefinitions(f"cannot read {path}: {what}", hint="download or save it again") from error
    return tree


def _read_folder(root: Path, tree: SourceTree) -> None:
    seen = 0
    for folder, folders, names in os.walk(
        root, onerror=lambda error: tree.unread.append(_denied(error, root))
    ):
        folders[:] = sorted(
            name for name in folders if name not in SKIPPED_FOLDERS and not name.startswith(".")
        )
        for name in sorted(names):
            seen += 1
            if seen > MAX_MEMBERS:
                raise TreeLimitError(f"more than {MAX_MEMBERS:,} files")
            file = Path(folder, name)
            relative = one_line(file.relative_to(root).as_posix())
            if tree.wants(relative) and file.is_file() and not file.is_symlink():
                _add_file(file, relative, tree)
    tree.commit = _commit_of(root.absolute())


def _add_file(file: Path, relative: str, tree: SourceTree) -> None:
    try:
        with file.open("rb") as stream:
            tree.add(relative, stream.read(MAX_FILE + 1))
    except OSError as error:
        tree.unread.append(_denied(error, file.parent, relative))


def _denied(error: OSError, root: Path, relative: str = "") -> str:
    name = relative or one_line(os.path.relpath(error.filename or root, root))
    return f"{name}: {os.strerror(error.errno or 0).lower()}"


def _read_archive(path: Path, tree: SourceTree) -> bool:
    """Whether the file is an archive; its Python files are then in the tree."""
    with path.open("rb") as file:
        magic = file.read(6)
        file.seek(0)
        if magic.startswith(b"PK"):
            _read_zip(file, tree)
            return True
        unpacked = _unpacked(magic, file)
        if unpacked is None and not tarfile.is_tarfile(path):
            return False
        _read_tar(_Bounded(unpacked or file), tree)
    return True


def _unpacked(magic: bytes, file: IO[bytes]) -> IO[bytes] | None:
    if magic.startswith(b"\x1f\x8b"):
        return cast("IO[bytes]", gzip.GzipFile(fileobj=file))
    if magic.startswith(b"BZh"):
        return bz2.BZ2File(file)
    return lzma.LZMAFile(file) if magic.startswith(b"\xfd7zXZ\x00") else None


class _Bounded:
    """A stream that stops a decompression bomb: it raises once `MAX_UNPACKED` bytes came out."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._left = MAX_UNPACKED

    def read(self, size: int) -> bytes:
        """Read up to `size` bytes."""
        data = self._stream.read(min(size, self._left + 1))
        self._left -= len(data)
        if self._left < 0:
            raise TreeLimitError(f"the archive unpacks to more than {MAX_UNPACKED >> 20} MiB")
        return data


def _read_tar(stream: _Bounded, tree: SourceTree) -> None:
    with tarfile.open(fileobj=cast("IO[bytes]", stream), mode="r|") as archive:
        for number, member in enumerate(archive):
            if number >= MAX_MEMBERS:
                raise TreeLimitError(f"more than {MAX_MEMBERS:,} entries")
            path = _plain_path(member.name, tree, linked=member.issym() or member.islnk())
            content = archive.extractfile(member) if path and member.isreg() else None
            if content is not None:
                tree.add(path, content.read(MAX_FILE + 1))
        tree.commit = _as_commit(archive.pax_headers.get("comment", ""))  # as `git archive` writes it


def _read_zip(file: IO[bytes], tree: SourceTree) -> None:
    with zipfile.ZipFile(file) as archive:
        if len(archive.infolist()) > MAX_MEMBERS:
            raise TreeLimitError(f"more than {MAX_MEMBERS:,} entries")
        tree.commit = _as_commit(archive.comment.decode("ascii", "replace"))
        for member in archive.infolist():
            linked = (member.external_attr >> 28) == 0o12  # S_IFLNK in the Unix half
            path = _plain_path(member.filename, tree, linked=linked)
            if path and not member.is_dir():
                _add_member(archive, member, path, tree)


def _add_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, path: str, tree: SourceTree) -> None:
    try:
        with archive.open(member) as content:
            data = content.read(MAX_FILE + 1)
    except _BROKEN as error:
        tree.unread.append(f"{path}: {one_line(str(error), 120) or 'damaged'}")
        return
    tree.add(path, data)


def _plain_path(name: str, tree: SourceTree, *, linked: bool) -> str:
    """The path of a member to read, "" for others; one that is linked, absolute or climbing is noted as unread.

    Characters that cannot be seen are shown by their codes, as names end up in listings.
    """
    path = one_line(PurePosixPath(name).as_posix())
    outside = path.startswith("/") or "\\" in path or ":" in path or ".." in path.split("/")
    if path.endswith(".py") and (outside or (linked and tree.wants(path))):
        tree.unread.append(f"{path}: a link or a path outside the archive, not read")
    return path if not outside and not linked and tree.wants(path) else ""


def _commit_of(root: Path) -> str | None:
    """The checked-out commit of the repository around a folder, from its files; git is not run."""
    for folder in (root, *root.parents):
        git = folder / ".git"
        if git.is_dir():
            head = _line(git / "HEAD")
            reference = head.removeprefix("ref: ")
            if not reference.startswith("refs/") or ".." in reference:
                return _as_commit(head)
            return _as_commit(_line(git / reference)) or _packed(git, reference)
    return None


def _packed(git: Path, reference: str) -> str | None:
    lines = _line(git / "packed-refs", whole=True).splitlines()
    return next((_as_commit(line.split(" ")[0]) for line in lines if line.endswith(f" {reference}")), None)


def _line(path: Path, *, whole: bool = False) -> str:
    try:
        with path.open(encoding="ascii", errors="replace") as file:
            return file.read(MAX_FILE) if whole else file.readline(256).strip()
    except (OSError, ValueError):
        return ""


def _as_commit(text: str) -> str | None:
    return text if _COMMIT.match(text) else None
