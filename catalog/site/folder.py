"""Replacing a site in one step: the new one is made beside the old one, and the two are exchanged.

Beside the site stands a hidden workshop with a second tree, the spare, that is the same as the site, file
by file through hard links. A build changes the spare and exchanges it with the site; then the former site
becomes the spare, and the same few changes are made there. So a build costs what it changes, and whatever
ends it, the site is the whole old one or the whole new one. While it is being changed the spare has another
name, so one that a killed build left half done is never taken for a whole one.
"""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import sqlite3
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import catalog
from catalog.errors import OutputError
from catalog.files import output_error
from catalog.site.draft import Draft, mirror

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

if sys.platform != "win32":
    import fcntl

MARKER: Final = ".catalog-site.json"  # a folder without it is not ours, and is never replaced
_AT_FDCWD: Final = -100  # Linux <fcntl.h>
_RENAME_EXCHANGE: Final = 2  # Linux <linux/fs.h>


class Place:
    """A site's folder with its workshop, held by one build."""

    def __init__(self, site: Path) -> None:
        self.site = site
        self.workshop = workshop(site)
        self.state = self.workshop / "state.sqlite3"
        self.draft_state = self.workshop / f"state-{os.getpid()}.sqlite3"
        # Named for this process: what is left of a killed one may still be written to for a moment.
        self._next, self._twin = self.workshop / f"next-{os.getpid()}", self.workshop / f"twin-{os.getpid()}"
        self._spare = self.workshop / "spare"

    @property
    def generation(self) -> str:
        """What the build that made the site called it; "" where there is none."""
        try:
            found = json.loads((self.site / MARKER).read_bytes())
        except (OSError, ValueError):
            return ""
        return str(found.get("generation", "")) if isinstance(found, dict) else ""

    def begin(self) -> Draft:
        """A draft that has nothing yet; what comes out as it is in the old site is linked from there."""
        self._clear("lock")
        self._next.mkdir()
        self._twin.mkdir()
        return Draft(self._next, self.site if self.generation else None, self._twin)

    def resume(self) -> Draft:
        """A draft that has everything the site has."""
        self._clear("lock", self.state.name, self._spare.name)
        if self._spare.is_dir():
            self._spare.rename(self._next)
        else:
            mirror(self.site, self._next)
        return Draft(self._next, self.site)

    def finish(self, draft: Draft, generation: str, changed: Iterable[str]) -> None:
        """Make the draft the site. `changed`: the files in which the two differ, for a draft that was resumed."""
        marker = {"written by": "catalog build", "version": catalog.__version__, "generation": generation}
        draft.write(MARKER, json.dumps(marker) + "\n")
        _swap(self._next, self.site)
        self.draft_state.replace(self.state)
        if draft.twin is not None:
            shutil.rmtree(self._next, ignore_errors=True)
            self._twin.rename(self._spare)
            return
        former = Draft(self._next, self.site)
        for name in (MARKER, *changed):
            former.follow(name)
        self._next.rename(self._spare)

    def _clear(self, *kept: str) -> None:
        """What an ended build left in the workshop is of no use."""
        for path in self.workshop.iterdir():
            if path.name not in kept:
                shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)

    def drop(self) -> None:
        """Let go of a draft that came to nothing."""
        self._clear("lock", self.state.name, self._spare.name)


def workshop(site: Path) -> Path:
    """The hidden folder beside a site."""
    return site.with_name(f".{site.name}.catalog")


@contextmanager
def held(target: Path) -> Iterator[Place]:
    """The place of a site for one build; where there was none and none comes of it, nothing is left behind.

    Raises:
        OutputError: `target` is a file or somebody else's folder, cannot be written, the disk is full,
            or another build of it is running.

    """
    place = target.resolve()
    _check_ours(target, place)
    try:
        workshop(place).mkdir(parents=True, exist_ok=True)
        with _locked(workshop(place) / "lock", target):
            try:
                yield Place(place)
            finally:
                if not place.exists():
                    shutil.rmtree(workshop(place), ignore_errors=True)
    except OSError as error:
        if error.filename is not None and not _is_of_site(Path(os.fsdecode(error.filename)), place):
            raise  # a part of the program is missing, or a file of somebody else's beside the site
        raise output_error(target, error) from error
    except sqlite3.OperationalError as error:  # of the state: a full disk is met there as well as in a page
        raise OutputError(
            f"cannot write {workshop(place)}: {error}", hint="free some space, or build on another disk"
        ) from error


def is_foreign(place: Path) -> bool:
    """Whether a build would refuse this path: it is a file, or a folder that holds somebody else's files."""
    if not place.is_dir():
        return place.exists()
    return not (place / MARKER).is_file() and any(place.iterdir())


def _is_of_site(path: Path, place: Path) -> bool:
    """Whether a path is in the site or its workshop, or a folder that they are in."""
    return place.is_relative_to(path) or any(path.is_relative_to(one) for one in (place, workshop(place)))


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
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        if not _taken(descriptor):
            raise OutputError(f"another build is writing {target}", hint="wait until it has ended")
        yield
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
        aside = new.with_name("old")
        shutil.rmtree(aside, ignore_errors=True)
        place.rename(aside)
        new.rename(place)
        aside.rename(new)


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two folders atomically (Linux `renameat2`); False where the system cannot."""
    rename = (
        getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None) if sys.platform == "linux" else None
    )
    if rename is None:
        return False
    done = rename(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE)
    return bool(done == 0)
