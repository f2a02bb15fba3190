"""The benchmarks still run and still print their figures (small numbers here, `make bench` for real ones)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


FIGURES = {
    "classify": "tools per second",
    "site": "pages per second",
    "ledger": "a call with one limit, µs, median (at most 300 are wanted)",
    "gateway": "added over the floor, ms, median (at most 0.5)",
    "gateway_http": "gateway in the floor's time, median (at most 1.5)",
}


@pytest.mark.parametrize(("name", "figure"), FIGURES.items())
def test_a_benchmark_prints_its_figures(name: str, figure: str) -> None:
    command = [sys.executable, "-m", f"tests.bench.{name}", "40"]
    alone = {**os.environ, "CATALOG_BENCH_ALONE": "1"}  # without the environments of others
    done = subprocess.run(command, cwd=ROOT, env=alone, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1])[figure] > 0
