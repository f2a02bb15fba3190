"""The edge of the program: signals, full disks, pipes, and words after `--`."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

CatalogCommand = Callable[..., CompletedProcess[str]]
HOSTILE = Path(__file__).parents[2] / "hostile" / "server.py"
CATALOG = [sys.executable, "-m", "catalog.cli.main"]


def running(mark: str) -> list[str]:
    found = subprocess.run(["pgrep", "-f", mark], capture_output=True, text=True, check=False)
    return found.stdout.split()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_ends_the_crawl_and_everything_it_started(tmp_path: Path, number: int, code: int) -> None:
    """Crawling design: the whole process group ends with the probe, always; shells expect 128 + signal."""
    mark = f"mark-{uuid.uuid4().hex}"
    command = [*CATALOG, "classify", "--", sys.executable, str(HOSTILE), "hang", "--mark", mark]
    environment = {**os.environ, "CATALOG_DB": f"sqlite:///{tmp_path}/c.sqlite3"}
    with subprocess.Popen(
        command, env=environment, stderr=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        deadline = time.monotonic() + 60
        while len(running(mark)) < 2:  # the command itself carries the mark too
            assert time.monotonic() < deadline
        process.send_signal(number)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == code
    assert b"Traceback" not in errors
    assert running(mark) == []


def test_sigterm_ends_a_crawl_that_ignores_ctrl_c(tmp_path: Path) -> None:
    """As `nohup catalog … &` in a script does: the shell has the keyboard's signal ignored."""
    mark = f"mark-{uuid.uuid4().hex}"
    command = [*CATALOG, "classify", "--", sys.executable, str(HOSTILE), "hang", "--mark", mark]
    environment = {**os.environ, "CATALOG_DB": f"sqlite:///{tmp_path}/c.sqlite3"}
    ignoring = ["sh", "-c", 'trap "" INT; exec "$@"', "sh", *command]
    with subprocess.Popen(ignoring, env=environment, stderr=subprocess.PIPE) as process:
        deadline = time.monotonic() + 60
        while len(running(mark)) < 2:
            assert time.monotonic() < deadline
        process.send_signal(signal.SIGINT)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=0.5)
        process.terminate()
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 143
    assert b"Traceback" not in errors
    assert running(mark) == []


def test_words_after_two_dashes_belong_to_the_command_itself_where_no_server_is_started(
    run_catalog: CatalogCommand, tmp_path: Path
) -> None:
    listing = {"tools": [{"name": "cancel_job", "description": "Ends a job."}, {"name": "list_jobs"}]}
    (tmp_path / "jobs.json").write_text(json.dumps(listing), encoding="utf-8")
    assert run_catalog("classify", "jobs.json").returncode == 0
    found = run_catalog("search", "--format", "jsonl", "--", "cancel")
    assert [json.loads(line)["name"] for line in found.stdout.splitlines()] == ["cancel_job"]


def test_a_full_standard_output_is_an_error_with_a_next_step(tmp_path: Path) -> None:
    """/dev/full answers every write with ENOSPC."""
    rows = json.dumps({"server": "s", "name": "list_jobs"})
    for form in ("jsonl", "json", "table"):
        with Path("/dev/full").open("w", encoding="utf-8") as full:
            command = [*CATALOG, "classify", "--input", "-", "--format", form]
            done = subprocess.run(
                command, input=rows, text=True, stdout=full, stderr=subprocess.PIPE, check=False
            )
        assert done.returncode == 1
        assert "no space left" in done.stderr
        assert "internal error" not in done.stderr
        assert "Traceback" not in done.stderr


def test_a_reader_that_leaves_early_is_no_error_message() -> None:
    """`catalog … | head -1` must be quiet."""
    rows = "\n".join(json.dumps({"server": "s", "name": f"list_{number}"}) for number in range(3000))
    with subprocess.Popen(
        [*CATALOG, "classify", "--input", "-", "--format", "jsonl"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdin.write(rows.splitlines()[0] + "\n")
        process.stdin.flush()
        process.stdout.readline()
        process.stdout.close()
        try:
            process.stdin.write("\n".join(rows.splitlines()[1:]))
            process.stdin.close()
        except BrokenPipeError:
            pass
        assert process.stderr.read() == ""


def test_csv_has_the_same_columns_whatever_is_listed(run_catalog: CatalogCommand) -> None:
    one = json.dumps({"server": "a", "name": "list_jobs"})
    two = one + "\n" + json.dumps({"server": "b", "name": "list_jobs"})
    headings = {
        run_catalog("classify", "--input", "-", "--format", "csv", stdin=rows).stdout.splitlines()[0]
        for rows in (one, two)
    }
    assert headings == {"level,category,server,tool,confidence,basis,evidence,recommended,needs_review"}


def test_policy_check_reads_stdin_and_prints_grammar_errors_as_json(run_catalog: CatalogCommand) -> None:
    done = run_catalog("policy", "check", "-", "--format", "json", stdin='{"version":"1","default":"maybe"}')
    assert done.returncode == 2
    assert json.loads(done.stdout)[0]["pointer"] == "/default"
