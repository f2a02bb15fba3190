"""The gateway's ledger: what writing down and counting a call costs, beside two bare SQLite transactions."""

from __future__ import annotations

import json
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from catalog.db.ledger import CallEntry, Ledger, Opened, Outcome
from catalog.policy.decision import Code, Decision, Match, Reservation, Verdict
from tests.bench.measure import peak_mib

COUNT = int(sys.argv[1]) if len(sys.argv) > 1 else 5_000
ARGUMENTS = {"workflow": "nightly", "amount": Decimal("12.50"), "recipients": ["ada", "grace"]}
RATE = Reservation(
    "execute_rate", Decimal(1), Decimal(10**9), 60, False, False, "/tools/x/limits/0", "many a minute"
)
DAY = Reservation(
    "spend", Decimal("12.50"), Decimal(10**9), 86_400, True, False, "/tools/x/limits/1", "much a day"
)
DECISION = Decision(
    Verdict.ALLOW,
    Code.ALLOWED,
    "/tools/execute_workflow",
    "",
    (Match("/tools/execute_workflow", Verdict.ALLOW, shadow=False, reason=""),),
    (RATE,),
)


def main() -> None:
    """Print one JSON object; times are microseconds, wall clock, one process."""
    with tempfile.TemporaryDirectory() as folder:
        bare = _bare(Path(folder) / "bare.sqlite")
        with Ledger.open(f"sqlite:///{folder}/ledger.sqlite") as ledger:
            ledger.local_grant("local")
            one, two = _calls(ledger, RATE), _calls(ledger, RATE, DAY)
    result = {
        "title": f"Ledger: {COUNT:,} calls opened and closed on SQLite",
        "two bare transactions of one row, µs, median": round(bare[0]),
        "a call with one limit, µs, median (at most 300 are wanted)": round(one[0]),
        "that, 99th percentile": round(one[1]),
        "a call with two limits, one of them rolling, µs, median": round(two[0]),
        "and that, 99th percentile": round(two[1]),
        "peak memory, MiB": round(peak_mib()),
    }
    print(json.dumps(result))


def _calls(ledger: Ledger, *limits: Reservation) -> tuple[float, float]:
    def call() -> None:
        entry = CallEntry(
            at=datetime.now(UTC),
            gateway=ledger.run,
            server="workflows-mcp",
            grant="local",
            tool="execute_workflow",
            arguments_digest=ledger.digest(ARGUMENTS),
            argument_names=tuple(ARGUMENTS),
            decision=DECISION,
            policy="f" * 64,
            definition="d" * 64,
        )
        opened = ledger.open_call(entry, limits)
        assert isinstance(opened, Opened)
        ledger.close_call(opened, Outcome.ANSWERED)

    return _median_and_99th(call)


def _bare(file: Path) -> tuple[float, float]:
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("CREATE TABLE lines (number INTEGER PRIMARY KEY, body TEXT)")
    body = "x" * 600

    def write() -> None:
        for _ in range(2):
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("INSERT INTO lines (body) VALUES (?)", (body,))
            connection.execute("COMMIT")

    return _median_and_99th(write)


def _median_and_99th(work: Callable[[], None]) -> tuple[float, float]:
    times = []
    for _ in range(COUNT):
        begin = time.perf_counter()
        work()
        times.append((time.perf_counter() - begin) * 1e6)
    return statistics.median(times), statistics.quantiles(times, n=100)[98]


if __name__ == "__main__":
    main()
