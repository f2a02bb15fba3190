"""The gateway over stdio: what it adds to a call, to a long list of tools, and in memory over many calls.

    python -m tests.bench.gateway [CALLS]

The ways to the same tiny server take turns, so that all of them meet the same machine: direct, through a relay
that does nothing, through the gateway with its journal, and through FastMCP's proxy.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Protocol

from tests.bench.proxies import fastmcp_python

COUNT = int(sys.argv[1]) if len(sys.argv) > 1 else 5_000
LISTED = 5_000
PARTS = str(Path(__file__).with_name("gateway_parts.py"))
POLICY = {
    "version": "1",
    "default": "allow",
    "hide": ["cancel_job"],
    "tools": {"echo": {"limits": [{"counter": "echo_rate", "window": "minute", "max": 10**9}]}},
}


class Callee(Protocol):
    """Whoever can be called and timed."""

    def call(self) -> float:
        """One call; milliseconds."""


class Way:
    """A client on one way to the server."""

    def __init__(self, command: list[str], folder: str) -> None:
        environment = {
            **os.environ,
            "CATALOG_DB": f"sqlite:///{folder}/ledger.sqlite3",
            "PYTHONPATH": str(Path.cwd()),
        }
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
        )
        self._count = 0
        self.ask(
            "initialize",
            protocolVersion="2025-11-25",
            capabilities={},
            clientInfo={"name": "b", "version": "1"},
        )
        self._write({"jsonrpc": "2.0", "method": "notifications/initialized"})

    def _write(self, message: dict[str, Any]) -> None:
        assert self.process.stdin
        self.process.stdin.write(json.dumps(message).encode() + b"\n")
        self.process.stdin.flush()

    def ask(self, method: str, **params: Any) -> bytes:
        """Send a request and read its answer, unparsed."""
        self._count += 1
        self._write({"jsonrpc": "2.0", "id": self._count, "method": method, "params": params})
        assert self.process.stdout
        while b'"id":' not in (line := self.process.stdout.readline()):
            assert line, "the way has ended"
        return line

    def call(self) -> float:
        """One call; milliseconds."""
        begin = time.perf_counter()
        answer = self.ask("tools/call", name="echo", arguments={"text": "the same short text"})
        took = (time.perf_counter() - begin) * 1e3
        assert b"the same short text" in answer
        return took

    def list(self) -> float:
        begin = time.perf_counter()
        assert len(self.ask("tools/list")) > 100
        return (time.perf_counter() - begin) * 1e3

    def resident(self) -> float:
        """Resident memory of the process at the near end, MiB."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20)


def ways(stack: ExitStack, folder: str, *, tools: int = 0, fastmcp: bool = False) -> dict[str, Way]:
    """The ways, by name, each with a server of its own."""
    Path(folder, "policy.json").write_text(json.dumps(POLICY))
    server = [sys.executable, PARTS, "server", str(tools)]
    gateway = [
        sys.executable,
        "-m",
        "catalog.cli.main",
        "gateway",
        "--policy",
        f"{folder}/policy.json",
        "--",
        *server,
    ]
    commands = {"direct": server, "floor": [sys.executable, PARTS, "relay", *server], "gateway": gateway}
    if fastmcp:
        commands["fastmcp"] = [fastmcp_python(), PARTS, "fastmcp", *server]
    found = {}
    for name, command in commands.items():
        way = found[name] = Way(command, folder)
        stack.callback(way.process.wait)
        stack.callback(way.process.kill)
    return found


def in_turns(found: Mapping[str, Callee], count: int) -> dict[str, list[float]]:
    """`count` calls on each way, fifty at a time, after some that are not counted."""
    times: dict[str, list[float]] = {name: [] for name in found}
    for way in found.values():
        for _ in range(min(count, 200)):
            way.call()
    for start in range(0, count, 50):
        for name, way in found.items():
            times[name] += [way.call() for _ in range(min(50, count - start))]
    return times


def figures(times: dict[str, list[float]], *, wanted: str = "") -> dict[str, object]:
    """Medians and 99th percentiles, and what they are over the floor's; `wanted` names the ratio to the floor."""
    median = {name: statistics.median(each) for name, each in times.items()}
    worst = {name: statistics.quantiles(each, n=100)[98] for name, each in times.items()}
    found: dict[str, object] = {
        f"{name}, ms, median and 99th percentile": f"{median[name]:.3f} {worst[name]:.3f}" for name in times
    }
    added = median["gateway"] - median["floor"]
    if wanted:
        found[f"gateway {wanted}"] = round(median["gateway"] / median["floor"], 2)
    else:
        over = round(worst["gateway"] - worst["floor"], 3)
        found["added over the floor, ms, median (at most 0.5)"] = round(added, 3)
        found["added over the floor, ms, 99th percentile (at most 3)"] = over
    if "fastmcp" in times:
        theirs = median["fastmcp"] - median["floor"]
        found["FastMCP's added time, in ours (at least 5)"] = (
            round(theirs / added, 1) if added > 0 else "ours is none"
        )
    return found


def lists(folder: str) -> dict[str, object]:
    """A long list of tools: the first time, and when it is asked for again."""
    with ExitStack() as stack:
        found = {name: it for name, it in ways(stack, folder, tools=LISTED).items() if name != "direct"}
        first = {name: way.list() for name, way in found.items()}
        again: dict[str, list[float]] = {name: [] for name in found}
        for _ in range(9):
            for name, way in found.items():
                again[name].append(way.list())
        after = {name: statistics.median(each) for name, each in again.items()}
    return {
        f"tools/list of {LISTED:,}, ms, floor": round(after["floor"], 1),
        "that through the gateway, in the floor's (at most 1.3)": round(after["gateway"] / after["floor"], 2),
        "that the first time": round(first["gateway"] / first["floor"], 2),
    }


def memory(folder: str, calls: int) -> dict[str, object]:
    """Resident memory of the gateway after a tenth of the calls and after all."""
    with ExitStack() as stack:
        way = ways(stack, folder)["gateway"]
        for _ in range(calls // 10):
            way.call()
        early = way.resident()
        for _ in range(calls - calls // 10):
            way.call()
        late = way.resident()
    return {
        f"memory after {calls // 10:,} calls, MiB": round(early, 1),
        f"memory after {calls:,} calls, MiB": round(late, 1),
    }


def main() -> None:
    """Print one JSON object."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        times = in_turns(ways(stack, folder, fastmcp=bool(fastmcp_python())), COUNT)
        found = {"title": f"Gateway over stdio, journal on: {COUNT:,} calls, one at a time", **figures(times)}
    with tempfile.TemporaryDirectory() as folder:
        found |= lists(folder) | memory(folder, COUNT * 20)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
