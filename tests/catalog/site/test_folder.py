"""Replacing a folder in one step, and what happens when a process or a disk gives up (site.md, "Build")."""

from __future__ import annotations

import json
import os
import resource
import signal
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from catalog.errors import OutputError
from catalog.site import folder
from catalog.site.folder import MARKER, replacing


def contents(path: Path) -> dict[str, bytes]:
    return {str(one.relative_to(path)): one.read_bytes() for one in path.rglob("*") if one.is_file()}


def in_a_child(work: Callable[[], int]) -> int:
    """Run in a process of its own that may die; its exit status, or minus the signal that ended it."""
    child = os.fork()
    if child == 0:
        status = 70
        try:
            status = work()
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_a_new_folder_appears_with_its_marker(tmp_path: Path) -> None:
    with replacing(tmp_path / "a/site") as draft:
        draft.write("index.html", "one")
        assert not (tmp_path / "a/site").exists()
    assert (tmp_path / "a/site/index.html").read_text() == "one"
    assert json.loads((tmp_path / "a/site" / MARKER).read_text())["written by"] == "catalog build"


@pytest.mark.parametrize("exchange", [True, False])
def test_an_old_folder_is_replaced_with_or_without_the_help_of_the_system(
    tmp_path: Path, exchange: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where two folders cannot be exchanged at once, the old one steps aside first."""
    if not exchange:
        monkeypatch.setattr(folder, "_exchange", lambda one, other: False)
    for text in ("one", "two"):
        with replacing(tmp_path / "site") as draft:
            draft.write("index.html", text)
            draft.write("same.html", "same")
    assert contents(tmp_path / "site").keys() == {MARKER, "index.html", "same.html"}
    assert (tmp_path / "site/index.html").read_text() == "two"
    assert (draft.written, draft.unchanged, draft.removed()) == (1, 1, 0)
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def test_an_empty_folder_may_become_a_site(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    with replacing(tmp_path / "site") as draft:
        draft.write("index.html", "one")
    assert (tmp_path / "site/index.html").is_file()


def test_a_link_to_a_site_stays_a_link(tmp_path: Path) -> None:
    with replacing(tmp_path / "real") as draft:
        draft.write("index.html", "one")
    (tmp_path / "link").symlink_to("real")
    with replacing(tmp_path / "link") as draft:
        draft.write("index.html", "two")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real/index.html").read_text() == "two"


def test_a_build_that_is_killed_leaves_the_old_site_and_the_next_one_works(
    generated: ModuleType, build_site: Callable[..., object], tmp_path: Path
) -> None:
    build_site(generated.catalogue(), tmp_path / "site")
    before = contents(tmp_path / "site")

    class Deadly:
        passes = 0

        def servers(self):
            self.passes += 1
            for number, entry in enumerate(generated.catalogue(seed=2).servers()):
                if self.passes == 2 and number == 2:
                    os.kill(os.getpid(), signal.SIGKILL)
                yield entry

    assert in_a_child(lambda: build_site(Deadly(), tmp_path / "site") is None) == -signal.SIGKILL
    assert contents(tmp_path / "site") == before
    build_site(generated.catalogue(seed=2), tmp_path / "site")
    assert [path.name for path in tmp_path.iterdir()] == ["site"]
    assert contents(tmp_path / "site") != before


def test_a_disk_that_takes_no_more_is_one_clear_error(
    generated: ModuleType, build_site: Callable[..., object], tmp_path: Path
) -> None:
    """A limit on the size of files stands for a full disk: writing fails in the middle."""
    build_site(generated.catalogue(), tmp_path / "site")
    before = contents(tmp_path / "site")

    def starved() -> int:
        resource.setrlimit(resource.RLIMIT_FSIZE, (9_000, 9_000))
        try:
            build_site(generated.catalogue(seed=2), tmp_path / "site")
        except OutputError as error:
            return 42 if "cannot write" in str(error) and error.hint else 1
        return 0

    assert in_a_child(starved) == 42
    assert contents(tmp_path / "site") == before
    assert [path.name for path in tmp_path.iterdir()] == ["site"]
