"""Builds by several processes: the same bytes, whatever ends one of them (site.md, "Build")."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path
from types import ModuleType

import pytest

from catalog.db.store import Store
from catalog.errors import OutputError
from catalog.model import load_classifier
from catalog.records import CrawlResult, Outcome, ServerRecord
from catalog.site.build import BuildOptions, build
from catalog.site.crew import Crew
from catalog.site.work import Job
from classifier.types import Provenance

pytestmark = pytest.mark.long

SERVERS = 45  # enough for a second process


def fill(store: Store, generated: ModuleType, seed: int) -> None:
    classifier = load_classifier()
    crawl = store.begin_crawl(["test"])
    for number in range(SERVERS):
        entry = generated.server(f"s{number}", 3, seed=seed + number)
        tools = tuple(tool.definition for tool in entry.tools)
        record = ServerRecord(entry.name, "test")
        store.record(crawl, CrawlResult(record, Outcome.OK, definitions=tools, provenance=Provenance.LIVE))
        store.save_classifications(classifier.version, classifier.classify_many(tools))
    store.end_crawl(crawl)


@pytest.fixture(scope="module")
def url(generated: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> str:
    place = f"sqlite:///{tmp_path_factory.mktemp('db')}/c.sqlite3"
    with Store.open(place) as store:
        fill(store, generated, 1)
    return place


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_several_processes_make_the_bytes_that_one_makes(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reports = []
    with Store.open(url) as store:
        for cores in ({0, 1}, {0}):
            monkeypatch.setattr(os, "sched_getaffinity", lambda _, cores=cores: cores)
            out = tmp_path / f"with-{len(cores)}"
            reports.append(build(store, out, BuildOptions(), lambda done, total: None))
    assert reports[0].written == reports[1].written
    assert contents(tmp_path / "with-1") == contents(tmp_path / "with-2")


KILLED = """
    import os, signal, sys
    from pathlib import Path
    from catalog.db.store import Store
    from catalog.site.build import BuildOptions, build

    def progress(done, total):
        if done > total // 3:
            os.kill(os.getpid(), signal.SIGKILL)

    if __name__ == "__main__":
        os.sched_getaffinity = lambda _: {0, 1}
        with Store.open(sys.argv[1]) as store:
            build(store, Path(sys.argv[2]), BuildOptions(title=sys.argv[3]), progress)
"""


def test_a_killed_build_takes_its_processes_with_it_and_leaves_the_old_site(url: str, tmp_path: Path) -> None:
    with Store.open(url) as store:
        build(store, tmp_path / "site", BuildOptions(), lambda done, total: None)
        before = contents(tmp_path / "site")
        script = tmp_path / "killed.py"
        script.write_text(textwrap.dedent(KILLED))
        child = subprocess.Popen(
            [sys.executable, str(script), url, str(tmp_path / "site"), "Another title"],
            start_new_session=True,
        )
        assert child.wait(120) == -signal.SIGKILL
        assert contents(tmp_path / "site") == before
        assert _all_gone(child.pid)
        build(store, tmp_path / "site", BuildOptions(title="A third"), lambda done, total: None)
    assert "A third" in (tmp_path / "site/index.html").read_text()
    assert sorted(path.name for path in (tmp_path / ".site.catalog").iterdir()) == [
        "lock",
        "spare",
        "state.sqlite3",
    ]


def _all_gone(group: int) -> bool:
    """Whether every process of the group ends soon; what reads their table waits for the kernel, not for a clock."""
    for _ in range(2_000):
        listed = subprocess.run(
            ["ps", "-o", "pid=,stat=", "-s", str(group)], capture_output=True, text=True, check=False
        )
        if not [line for line in listed.stdout.splitlines() if "Z" not in line.split()[1]]:
            return True
    return False


class Deadly:
    """An argument that ends the process which receives it, as the kernel does for want of memory."""

    def __reduce__(self):
        return os._exit, (9,)


def test_a_process_that_is_ended_from_outside_is_one_clear_error(url: str, tmp_path: Path) -> None:
    with Store.open(url) as store:
        job = Job(store, store, BuildOptions(), tmp_path / "state", (tmp_path, None, None))
        with pytest.raises(OutputError, match="ended from outside") as caught, Crew(job, 2) as crew:
            list(crew.do([("gather", Deadly())]))
    assert caught.value.hint
