"""`catalog …` in a process of its own, forked from one that has imported the program: that saves each run the start-up.

A cold start of each command is proven where the documentation is tested, and by the tests of whole journeys.
"""

from __future__ import annotations

import importlib
import multiprocessing
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from subprocess import CompletedProcess, TimeoutExpired
from tempfile import TemporaryDirectory
from typing import Final

PRELOADED: Final = "tests.forked_imports"
TERMINAL: Final = {
    "NO_COLOR": "1",
    "COLUMNS": "160",
}  # read when the program is imported, so the same in each run
STREAMS: Final = ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w"))
_context = multiprocessing.get_context("forkserver")


def run(
    arguments: Sequence[str], data: bytes, environment: Mapping[str, str], folder: Path, timeout: float
) -> CompletedProcess[str]:
    """Run the command line in `folder` with `data` on its standard input; `timeout` in seconds.

    Raises:
        TimeoutExpired: it did not end in time; it is killed.

    """
    assert TERMINAL.items() <= environment.items()
    _context.set_forkserver_preload([PRELOADED])
    with TemporaryDirectory() as streams:
        Path(streams, "stdin").write_bytes(data)
        process = _context.Process(
            target=_command, args=(list(arguments), dict(environment), folder, streams)
        )
        process.start()
        process.join(timeout)
        if process.exitcode is None:
            process.kill()
            raise TimeoutExpired(list(arguments), timeout)
        out, err = (Path(streams, name).read_bytes().decode() for name in ("stdout", "stderr"))
        return CompletedProcess(list(arguments), process.exitcode, out, err)


def _command(arguments: list[str], environment: dict[str, str], folder: Path, streams: str) -> None:
    """What the forked process does: take on streams, environment and folder, then be `catalog`."""
    for number, name, mode in STREAMS:
        with Path(streams, name).open(mode) as file:
            os.dup2(file.fileno(), number)
        setattr(sys, name, os.fdopen(number, mode, closefd=False))
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    sys.argv = ["catalog", *arguments]
    importlib.import_module("catalog.cli.main").main()
