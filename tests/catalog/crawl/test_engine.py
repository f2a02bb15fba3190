"""Many servers side by side: bounded, in order, saved as they end, clean when interrupted (crawling.md, "Scale")."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import uuid
from pathlib import Path

import anyio
import pytest

from catalog.crawl.engine import crawl
from catalog.errors import OutputError
from catalog.probe.limits import Limits, ProbeOptions
from catalog.records import CrawlResult, Launch, LaunchKind, Outcome, ServerRecord
from classifier.types import ToolDefinition

HOSTILE = Path(__file__).parents[2] / "hostile" / "server.py"
OPTIONS = ProbeOptions(limits=Limits(first_answer=5, total=5))


class Watcher:
    """Counts how many servers are under way, and remembers what it was told."""

    def __init__(self) -> None:
        self.under_way = 0
        self.most = 0
        self.told: list[tuple[str, str]] = []

    def started(self, record: ServerRecord) -> None:
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        self.told.append(("started", record.name))

    def step(self, record: ServerRecord, text: str) -> None:
        self.told.append((text, record.name))

    def finished(self, result: CrawlResult) -> None:
        self.under_way -= 1
        self.told.append(("finished", result.record.name))


def command(mode: str, mark: str = "none", name: str = "") -> ServerRecord:
    argv = (sys.executable, str(HOSTILE), mode, "--mark", mark)
    return ServerRecord(name or mode, "command", launch=Launch(LaunchKind.COMMAND, command=argv))


def run(records, jobs=2, save=lambda result: None, watcher=None) -> list[CrawlResult]:
    async def go() -> list[CrawlResult]:
        return await crawl(records, jobs=jobs, options=OPTIONS, save=save, progress=watcher or Watcher())

    return anyio.run(go)


def read(name: str) -> ServerRecord:
    return ServerRecord(name, "file", definitions=(ToolDefinition(name, "read_value"),))


def test_results_come_in_the_order_of_the_records_and_failures_are_among_them() -> None:
    modes = ["usage", "good", "broken-json", "none", "half-answer"]
    outcomes = [
        Outcome.NEEDS_ARGUMENTS,
        Outcome.OK,
        Outcome.PROTOCOL_ERROR,
        Outcome.NO_TOOLS,
        Outcome.START_FAILED,
    ]
    results = run([command(mode) for mode in modes])
    assert [result.record.name for result in results] == modes
    assert [result.outcome for result in results] == outcomes


def test_no_more_servers_run_at_once_than_there_are_jobs() -> None:
    watcher = Watcher()
    run([command("good", name=f"server-{number}") for number in range(6)], jobs=2, watcher=watcher)
    assert watcher.most == 2


def test_each_result_is_saved_once_before_it_is_told() -> None:
    watcher = Watcher()
    saved: list[str] = []

    def save(result: CrawlResult) -> None:
        saved.append(result.record.name)
        assert ("finished", result.record.name) not in watcher.told

    run([read("a"), command("good"), read("b")], save=save, watcher=watcher)
    assert sorted(saved) == ["a", "b", "good"]
    assert [name for text, name in watcher.told if text == "reading tools"] == ["good"]


def test_records_are_taken_one_by_one_and_not_all_at_the_start() -> None:
    """A registry has 19,000 servers: a generator of records is read as the crawl goes."""
    taken: list[str] = []
    saved: list[int] = []

    def records():
        for number in range(5):
            taken.append(f"server-{number}")
            yield command("none", name=f"server-{number}")

    run(records(), jobs=1, save=lambda result: saved.append(len(taken)))
    assert saved == [1, 2, 3, 4, 5]


def test_what_saving_raises_ends_the_crawl_as_it_is() -> None:
    """A full disk is no server's fault."""

    def save(result: CrawlResult) -> None:
        raise OutputError("cannot write the database", hint="free some space")

    with pytest.raises(OutputError, match="cannot write the database"):
        run([read("a"), command("hang"), read("b")], jobs=3, save=save)


def test_a_defect_of_ours_costs_one_server_and_not_the_crawl(caplog) -> None:
    class Defective(Watcher):
        def step(self, record: ServerRecord, text: str) -> None:
            raise ZeroDivisionError(text)

    results = run([read("a"), command("good", name="broken"), read("b")], watcher=Defective())
    assert [result.outcome for result in results] == [Outcome.OK, Outcome.START_FAILED, Outcome.OK]
    assert results[1].reason.startswith("the catalogue itself failed, not the server: ZeroDivisionError")
    assert "report" in results[1].next_step
    assert "probing broken failed" in caplog.text


DEFECTIVE = """
import anyio
from catalog.crawl.engine import crawl
from catalog.probe.limits import ProbeOptions
from catalog.records import Launch, LaunchKind, ServerRecord

class Watcher:
    def started(self, record): pass
    def step(self, record, text): raise ZeroDivisionError(text)
    def finished(self, result): print(result.outcome)

record = ServerRecord("x", "command", launch=Launch(LaunchKind.COMMAND, command=("true",)))

async def main():
    await crawl([record], jobs=1, options=ProbeOptions(), save=lambda result: None, progress=Watcher())

anyio.run(main)
"""


def test_nobody_is_shown_a_traceback_who_has_not_set_up_logging() -> None:
    done = subprocess.run([sys.executable, "-c", DEFECTIVE], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("start_failed\n", "")


INTERRUPTED = """
import sys
import anyio
from catalog.crawl.engine import crawl
from catalog.probe.limits import ProbeOptions, Sandbox
from catalog.records import Launch, LaunchKind, ServerRecord

class Watcher:
    def started(self, record): pass
    def step(self, record, text): pass
    def finished(self, result): print("finished", result.record.name, flush=True)

def record(mode):
    argv = (sys.executable, sys.argv[1], mode, "--mark", sys.argv[2])
    return ServerRecord(mode, "command", launch=Launch(LaunchKind.COMMAND, command=argv))

def save(result):
    with open(sys.argv[3], "a") as file:
        print(result.record.name, file=file)

async def main():
    records = [record(mode) for mode in ("hang", "hang-late", "good", "none")]
    await crawl(records, jobs=3, options=ProbeOptions(sandbox=Sandbox.AUTO), save=save, progress=Watcher())

try:
    anyio.run(main)
except KeyboardInterrupt:
    print("interrupted")
"""


def test_an_interrupted_crawl_has_saved_what_was_finished_and_leaves_nothing_running(tmp_path) -> None:
    """Issue 2: "Ctrl-C clean and resumable"."""
    mark, saved = uuid.uuid4().hex, tmp_path / "saved"
    crawling = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED, str(HOSTILE), mark, str(saved)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
    )
    assert crawling.stdout is not None
    finished = {crawling.stdout.readline().strip(), crawling.stdout.readline().strip()}
    crawling.send_signal(signal.SIGINT)
    out, err = crawling.communicate(timeout=60)
    assert finished == {"finished good", "finished none"}
    assert (out.strip(), err) == ("interrupted", "")
    assert sorted(saved.read_text().split()) == ["good", "none"]
    others = [folder for folder in Path("/proc").glob("[0-9]*") if mark in _command_line(folder)]
    assert others == []


def _command_line(folder: Path) -> str:
    try:
        return (folder / "cmdline").read_text(errors="replace")
    except OSError:
        return ""


INSTALLING = """
import signal, sys
from pathlib import Path
import anyio
from catalog.crawl.engine import crawl
from catalog.probe.limits import ProbeOptions
from catalog.records import Launch, LaunchKind, ServerRecord

class Watcher:
    def started(self, record): pass
    def step(self, record, text): pass
    def finished(self, result): pass

def stop(number, frame):
    raise KeyboardInterrupt

signal.signal(signal.SIGTERM, stop)
record = ServerRecord("slow", "npm", launch=Launch(LaunchKind.NPM, package="slow-server"))
options = ProbeOptions(cache=Path(sys.argv[1]))

try:
    anyio.run(lambda: crawl([record], jobs=1, options=options, save=lambda result: None, progress=Watcher()))
except KeyboardInterrupt:
    print("interrupted")
"""
# An npm that says where it runs, starts a child in a session of its own, and goes on for ten minutes.
SLOW_NPM = """#!{python}
import pathlib, subprocess, sys, time
folder = pathlib.Path(sys.argv[sys.argv.index("--prefix") + 1])
(folder / "half").mkdir()
code = "import sys, time; print('ready', flush=True); time.sleep(600)"
child = subprocess.Popen([sys.executable, "-c", code, "{mark}"], stdout=subprocess.PIPE, start_new_session=True)
child.stdout.readline()
pathlib.Path("{ready}").touch()
while True:
    (folder / "half" / str(time.time())).touch()
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_installation_leaves_neither_processes_nor_folders(tmp_path, number) -> None:
    """Issue 2: "Ctrl-C clean"; npm and what it started once lived on, with a half-filled folder."""
    mark, ready, cache, programs = uuid.uuid4().hex, tmp_path / "ready", tmp_path / "cache", tmp_path / "bin"
    programs.mkdir()
    for name in ("npm", "node"):
        (programs / name).write_text(SLOW_NPM.format(python=sys.executable, mark=mark, ready=ready))
        (programs / name).chmod(0o755)
    crawling = subprocess.Popen(
        [sys.executable, "-c", INSTALLING, str(cache)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3]), "PATH": f"{programs}:/usr/bin:/bin"},
    )
    while not ready.exists():
        assert crawling.poll() is None
    assert len(list(cache.glob("new-*"))) == 1
    crawling.send_signal(number)
    out, err = crawling.communicate(timeout=60)
    assert (out.strip(), err) == ("interrupted", "")
    assert list(cache.iterdir()) == []
    assert [folder for folder in Path("/proc").glob("[0-9]*") if mark in _command_line(folder)] == []
