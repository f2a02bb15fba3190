"""The crawl of eight real servers, beside the bare SDK client doing the same launches four at a time."""

from __future__ import annotations

import json
import os
import tempfile
import time
from pathlib import Path
from statistics import median

import anyio
import platformdirs
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client

from catalog.crawl.engine import crawl
from catalog.probe.limits import ProbeOptions, Sandbox
from catalog.records import CrawlResult, Outcome, ServerRecord
from catalog.sources.target import resolve
from tests.bench.measure import peak_mib

JOBS = 4
ROUNDS = 5
SCOPE = "npm:@modelcontextprotocol"
TARGETS = (
    "workflows-mcp", "pypi:mcp-server-git", "pypi:mcp-server-time", "pypi:mcp-server-fetch", "pypi:mcp-server-sqlite",
    f"{SCOPE}/server-filesystem", f"{SCOPE}/server-memory", f"{SCOPE}/server-everything",
)  # fmt: skip


class Silent:
    """Nobody watches a benchmark."""

    def started(self, record: ServerRecord) -> None:
        """Say nothing."""

    def step(self, record: ServerRecord, text: str) -> None:
        """Say nothing."""

    def finished(self, result: CrawlResult) -> None:
        """Say nothing."""


def main() -> None:
    """Print one JSON object. The environments are prepared before; only launches and listings are timed."""
    kept = platformdirs.user_cache_path("catalog") / "bench-environments"
    records = resolve(TARGETS)
    _crawl(records, ProbeOptions(environments=kept))
    commands = _commands(kept, records)
    assert len(commands) == len(records)
    seconds: dict[str, list[float]] = {"bare": [], "confined": [], "unconfined": []}
    for _ in range(ROUNDS):
        seconds["bare"].append(_bare(commands))
        seconds["confined"].append(_crawl(records, ProbeOptions(environments=kept)))
        seconds["unconfined"].append(_crawl(records, ProbeOptions(environments=kept, sandbox=Sandbox.NONE)))
    bare, confined, unconfined = (median(seconds[key]) for key in ("bare", "confined", "unconfined"))
    result = {
        "title": f"Crawl of {len(records)} real servers, {JOBS} at a time",
        "bare SDK client, seconds": round(bare, 2),
        "catalog crawl in bubblewrap, ratio (at most 1.25 is wanted)": round(confined / bare, 2),
        "catalog crawl without a sandbox, ratio": round(unconfined / bare, 2),
        "peak memory of this process, MiB": round(peak_mib()),
    }
    print(json.dumps(result))


def _crawl(records: list[ServerRecord], options: ProbeOptions) -> float:
    async def go() -> list[CrawlResult]:
        return await crawl(records, jobs=JOBS, options=options, save=lambda _: None, progress=Silent())

    begin = time.perf_counter()
    results = anyio.run(go)
    assert [result.reason for result in results if result.outcome is not Outcome.OK] == []
    return time.perf_counter() - begin


def _commands(kept: Path, records: list[ServerRecord]) -> list[list[str]]:
    """The argument vectors that the prepared environments are started with."""
    extra = {record.launch.package: record.launch.arguments for record in records if record.launch}
    commands = []
    for facts in sorted(kept.glob("*/prepared.json")):
        command = [part.replace("{}", str(facts.parent)) for part in json.loads(facts.read_text())["command"]]
        ours = [arguments for package, arguments in extra.items() if any(package in part for part in command)]
        commands.append(command + list(ours[0] if ours else ()))
    return commands


def _bare(commands: list[list[str]]) -> float:
    """What anybody would write with the SDK: connect, list all pages, close."""
    with tempfile.TemporaryDirectory() as home, Path(os.devnull).open("w") as nowhere:

        async def one(limiter: anyio.CapacityLimiter, command: list[str]) -> None:
            parameters = StdioServerParameters(
                command=command[0], args=command[1:], env={"HOME": home}, cwd=home
            )
            async with limiter, Client(stdio_client(parameters, errlog=nowhere)) as client:
                page = await client.list_tools()
                while page.next_cursor:
                    page = await client.list_tools(cursor=page.next_cursor)

        async def go() -> None:
            limiter = anyio.CapacityLimiter(JOBS)
            async with anyio.create_task_group() as group:
                for command in commands:
                    group.start_soon(one, limiter, command)

        begin = time.perf_counter()
        anyio.run(go)
        return time.perf_counter() - begin


if __name__ == "__main__":
    main()
