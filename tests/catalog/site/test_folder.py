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
from catalog.site.draft import Draft
from catalog.site.folder import MARKER, held, workshop


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


def made(target: Path, files: dict[str, str], generation: str) -> Draft:
    """A site made from nothing, as a first build does it."""
    with held(target) as place:
        draft = place.begin()
        place.draft_state.write_bytes(b"state")
        for name, text in files.items():
            draft.write(name, text)
        place.finish(draft, generation, ())
    return draft


def resumed(target: Path, files: dict[str, str], gone: tuple[str, ...] = ()) -> Draft:
    """The site with some files changed or gone."""
    with held(target) as place:
        draft = place.resume()
        place.draft_state.write_bytes(b"state")
        for name, text in files.items():
            draft.write(name, text)
        for name in gone:
            draft.remove(name)
        place.finish(draft, "later", draft.changed)
    return draft


def test_a_new_folder_appears_with_its_marker(tmp_path: Path) -> None:
    made(tmp_path / "a/site", {"index.html": "one"}, "first")
    assert (tmp_path / "a/site/index.html").read_text() == "one"
    marker = json.loads((tmp_path / "a/site" / MARKER).read_text())
    assert (marker["written by"], marker["generation"]) == ("catalog build", "first")


@pytest.mark.parametrize("exchange", [True, False])
def test_an_old_folder_is_replaced_with_or_without_the_help_of_the_system(
    tmp_path: Path, exchange: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where two folders cannot be exchanged at once, the old one steps aside first."""
    if not exchange:
        monkeypatch.setattr(folder, "_exchange", lambda one, other: False)
    for text in ("one", "two"):
        draft = made(tmp_path / "site", {"index.html": text, "same.html": "same"}, text)
    assert contents(tmp_path / "site").keys() == {MARKER, "index.html", "same.html"}
    assert (tmp_path / "site/index.html").read_text() == "two"
    assert (draft.written, draft.unchanged) == (1, 1)
    resumed(tmp_path / "site", {"index.html": "three"}, gone=("same.html",))
    assert contents(tmp_path / "site").keys() == {MARKER, "index.html"}
    assert (tmp_path / "site/index.html").read_text() == "three"


def test_the_spare_tree_is_the_site_file_by_file_after_every_build(tmp_path: Path) -> None:
    """Then the next build has nothing to do but its own changes; the files themselves are there once."""
    made(tmp_path / "site", {"a.html": "a", "deep/down/b.html": "b", "c.html": "c"}, "first")
    for change in ({"a.html": "A"}, {"new/d.html": "d"}):
        resumed(tmp_path / "site", change, gone=("deep/down/b.html",))
        spare = workshop(tmp_path / "site") / "spare"
        assert contents(spare) == contents(tmp_path / "site")
        assert all((spare / name).samefile(tmp_path / "site" / name) for name in contents(spare))
        assert not (tmp_path / "site/deep").exists()


def test_a_draft_never_writes_into_a_file_that_also_stands_in_the_site(tmp_path: Path) -> None:
    made(tmp_path / "site", {"a.html": "old"}, "first")
    with held(tmp_path / "site") as place:
        draft = place.resume()
        draft.write("a.html", "new")
        draft.join("a.html", [b"new", b"er"])
        assert (tmp_path / "site/a.html").read_text() == "old"
        assert (draft.folder / "a.html").read_text() == "newer"
        place.drop()


def test_a_spare_that_a_killed_build_left_half_done_is_made_anew(tmp_path: Path) -> None:
    made(tmp_path / "site", {"a.html": "a", "b.html": "b"}, "first")
    with held(tmp_path / "site") as place:
        place.resume().write("a.html", "half")
    resumed(tmp_path / "site", {"b.html": "B"})
    assert (tmp_path / "site/a.html").read_text() == "a"
    assert contents(workshop(tmp_path / "site") / "spare") == contents(tmp_path / "site")
    assert sorted(path.name for path in workshop(tmp_path / "site").iterdir()) == [
        "lock",
        "spare",
        "state.sqlite3",
    ]


def test_a_missing_file_beside_the_site_is_not_said_to_be_of_the_site(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="elsewhere"), held(tmp_path / "site"):
        (tmp_path / "elsewhere").read_bytes()
    with pytest.raises(OutputError, match="site"), held(tmp_path / "site") as place:
        (place.workshop / "next/missing").read_bytes()


def test_a_file_that_a_dying_build_takes_away_itself_does_not_stop_the_next_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite removes the files beside a database when its last user ends, at any moment."""
    made(tmp_path / "site", {"index.html": "one"}, "1")
    listed, gone = Path.iterdir, workshop(tmp_path / "site") / "state-1.sqlite3-wal"
    monkeypatch.setattr(
        Path, "iterdir", lambda path: [*listed(path), gone] if path == gone.parent else listed(path)
    )
    made(tmp_path / "site", {"index.html": "two"}, "2")
    assert (tmp_path / "site/index.html").read_text() == "two"


def test_an_empty_folder_may_become_a_site(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    made(tmp_path / "site", {"index.html": "one"}, "first")
    assert (tmp_path / "site/index.html").is_file()


def test_a_link_to_a_site_stays_a_link(tmp_path: Path) -> None:
    made(tmp_path / "real", {"index.html": "one"}, "first")
    (tmp_path / "link").symlink_to("real")
    made(tmp_path / "link", {"index.html": "two"}, "second")
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
    assert sorted(path.name for path in tmp_path.iterdir()) == [".site.catalog", "site"]
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
    assert sorted(path.name for path in tmp_path.iterdir()) == [".site.catalog", "site"]
