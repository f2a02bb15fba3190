"""The hostile server as records, probes in one call, and a look at what is left running."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
import pytest

from catalog.probe.limits import Limits, ProbeOptions, Sandbox
from catalog.probe.probe import probe
from catalog.records import CrawlResult, EnvironmentVariable, Launch, LaunchKind, ServerRecord

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SERVER = Path(__file__).parents[2] / "hostile" / "server.py"
QUICK = Limits(first_answer=3, total=5)


def running(mark: str) -> list[int]:
    """Processes with this mark in their command line."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if mark.encode() in (folder / "cmdline").read_bytes():
                found.append(int(folder.name))
        except OSError:
            continue
    return found


@dataclass(frozen=True)
class Hostile:
    """Probes the hostile server in a mode, and checks afterwards that nothing of it runs any more."""

    mark: str

    def record(
        self,
        mode: str,
        *variables: EnvironmentVariable,
        arguments: tuple[str, ...] = (),
        source: str = "command",
    ) -> ServerRecord:
        command = (sys.executable, str(SERVER), mode, "--mark", self.mark, *arguments)
        return ServerRecord(
            mode, source, launch=Launch(LaunchKind.COMMAND, command=command, environment=variables)
        )

    def __call__(
        self,
        mode: str,
        *variables: EnvironmentVariable,
        sandbox: Sandbox = Sandbox.AUTO,
        limits: Limits = QUICK,
        arguments: tuple[str, ...] = (),
        source: str = "command",
    ) -> CrawlResult:
        options = ProbeOptions(limits=limits, sandbox=sandbox)
        record = self.record(mode, *variables, arguments=arguments, source=source)
        result = anyio.run(probe, record, options, lambda _: None)
        assert running(self.mark) == []
        return result


@pytest.fixture
def hostile() -> Hostile:
    return Hostile(uuid.uuid4().hex)


@pytest.fixture
def over_http() -> Iterator[Callable[..., CrawlResult]]:
    """Probes the hostile server over HTTP, each call with a server of its own."""
    servers: list[subprocess.Popen[str]] = []

    def probe_mode(
        mode: str, *headers: tuple[str, str], kind: LaunchKind = LaunchKind.HTTP, query: str = ""
    ) -> CrawlResult:
        server = subprocess.Popen(
            [sys.executable, str(SERVER), mode, "--http"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        servers.append(server)
        assert server.stdout is not None
        url = f"http://127.0.0.1:{int(server.stdout.readline())}/mcp?{query}"
        record = ServerRecord(mode, "test", launch=Launch(kind, url=url, headers=headers))
        return anyio.run(probe, record, ProbeOptions(limits=QUICK), lambda _: None)

    yield probe_mode
    for server in servers:
        server.kill()
        server.communicate()


@pytest.fixture
def bwrap_works() -> None:
    """Skips where bubblewrap cannot run, such as in a container without user namespaces."""
    command = ["bwrap", "--unshare-all", "--ro-bind", "/", "/", "true"]
    try:
        works = subprocess.run(command, check=False, capture_output=True, env=os.environ).returncode == 0
    except OSError:
        works = False
    if not works:
        pytest.skip("bubblewrap does not work on this machine")
