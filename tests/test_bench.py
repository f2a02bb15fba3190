"""The benchmarks still run and still print their figures (small numbers here, `make bench` for real ones)."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize(("name", "figure"), [("classify", "tools per second"), ("site", "pages per second")])
def test_a_benchmark_prints_its_figures(name: str, figure: str) -> None:
    command = [sys.executable, "-m", f"tests.bench.{name}", "40"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1])[figure] > 0
