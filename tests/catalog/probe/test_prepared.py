"""Environments appear complete or not at all, and leave nothing behind (crawling.md, "Prepare")."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

import anyio
import pytest

from catalog.probe.fault import NotPrepared
from catalog.probe.limits import ProbeOptions, Sandbox
from catalog.probe.prepared import Prepared, environment
from catalog.probe.probe import probe
from catalog.records import CrawlResult, Launch, LaunchKind, Outcome, ServerRecord

LAUNCH = Launch(LaunchKind.PYPI, package="a-server", version="1.0")
PREPARED = Prepared(("{}/run", "--x"), "1.0", ("/opt/python",), ("a note",), "2.3.0")


async def install(folder: Path) -> Prepared:
    (folder / "run").write_text("a program")
    return PREPARED


async def forbidden(folder: Path) -> Prepared:
    raise AssertionError("it was there already")


async def failing(folder: Path) -> Prepared:
    (folder / "half").write_text("half a program")
    raise NotPrepared("no such package")


def program(folder: Path, prepared: Prepared) -> str:
    return Path(prepared.argv(folder)[0]).read_text()


def use(options: ProbeOptions, installer, launch: Launch = LAUNCH, variant: str = ""):
    async def enter():
        async with environment(launch, variant, options, installer) as (folder, prepared):
            return folder, prepared, program(folder, prepared)

    return anyio.run(enter)


def test_a_throw_away_environment_is_gone_afterwards(tmp_path) -> None:
    folder, prepared, text = use(ProbeOptions(cache=tmp_path), install)
    assert (prepared, text) == (PREPARED, "a program")
    assert folder.parent == tmp_path
    assert list(tmp_path.iterdir()) == []


def test_a_kept_environment_is_not_prepared_again(tmp_path) -> None:
    options = ProbeOptions(environments=tmp_path)
    first = use(options, install)
    assert use(options, forbidden) == first


def test_another_version_or_variant_is_another_environment(tmp_path) -> None:
    options = ProbeOptions(environments=tmp_path)
    folders = {
        use(options, install)[0],
        use(options, install, Launch(LaunchKind.PYPI, package="a-server", version="2.0"))[0],
        use(options, install, Launch(LaunchKind.NPM, package="a-server", version="1.0"))[0],
        use(options, install, LAUNCH, "mcp<2")[0],
    }
    assert len(folders) == 4


def test_a_failed_installation_leaves_nothing(tmp_path) -> None:
    with pytest.raises(NotPrepared):
        use(ProbeOptions(environments=tmp_path), failing)
    assert list(tmp_path.iterdir()) == []


def test_the_rest_of_a_killed_installation_is_not_taken_for_an_environment(tmp_path) -> None:
    options = ProbeOptions(environments=tmp_path)
    folder, _, _ = use(options, install)
    (folder / "prepared.json").unlink()
    _, prepared, text = use(options, install)
    assert (prepared, text) == (PREPARED, "a program")


def test_what_killed_crawls_have_left_is_swept_up_after_a_day(tmp_path) -> None:
    old, fresh = tmp_path / "new-old", tmp_path / "new-fresh"
    old.mkdir()
    fresh.mkdir()
    os.utime(old, (0, 0))
    use(ProbeOptions(cache=tmp_path), install)
    assert list(tmp_path.iterdir()) == [fresh]


def test_two_installations_at_once_end_with_one_environment(tmp_path) -> None:
    options = ProbeOptions(environments=tmp_path)

    async def both() -> None:
        async def one() -> None:
            async with environment(LAUNCH, "", options, slow) as (folder, prepared):
                assert program(folder, prepared) == "a program"

        together = anyio.Event()
        waiting: list[int] = []

        async def slow(folder: Path) -> Prepared:
            waiting.append(1)
            if len(waiting) == 2:
                together.set()
            await together.wait()
            return await install(folder)

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(one)
            tasks.start_soon(one)

    anyio.run(both)
    assert len(list(tmp_path.iterdir())) == 1


def test_package_names_cannot_choose_the_folder(tmp_path) -> None:
    options = ProbeOptions(environments=tmp_path / "kept")
    folder, _, _ = use(options, install, Launch(LaunchKind.NPM, package="../../escape", version="../x"))
    assert folder.parent == tmp_path / "kept"


def test_a_cache_that_cannot_be_written_to_is_told_so(tmp_path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(NotPrepared, match="cannot write to"):
        use(ProbeOptions(cache=tmp_path / "file" / "cache"), install)


def test_the_reason_of_a_dead_server_does_not_say_where_it_was_prepared(tmp_path) -> None:
    """What a server says of its files goes onto public pages; the folder is this machine's own."""
    options = ProbeOptions(environments=tmp_path, sandbox=Sandbox.NONE)
    launch = replace(LAUNCH, kind=LaunchKind.NPM)  # an environment that is kept needs no npm

    async def dying(folder: Path) -> Prepared:
        (folder / "run.py").write_text("raise SystemExit(f'Error: cannot find {__file__}')")
        return Prepared((sys.executable, "{}/run.py"), "1.0")

    async def both() -> CrawlResult:
        async with environment(launch, "", options, dying):
            pass
        return await probe(ServerRecord("a-server", "test", launch=launch), options, lambda _: None)

    result = anyio.run(both)
    assert (result.outcome, result.reason) == (Outcome.START_FAILED, "Error: cannot find run.py")
