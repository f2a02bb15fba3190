"""Classification on one core: tools per second, beside `mcp-witness` on the same definitions."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

import platformdirs

from catalog.model import load_classifier
from classifier.classify import Classifier
from classifier.definition import parse
from classifier.types import ToolDefinition
from tests.bench.definitions import definitions
from tests.bench.measure import in_own_process

COUNT = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
ROUNDS = 3
WITNESS = "mcp-witness==0.3.1"


def main() -> None:
    """Print one JSON object. Every round has definitions that were not seen before."""
    classifier = load_classifier()
    theirs = _witness()
    for _ in classifier.classify_many(definitions(COUNT, first=1_000_000)):
        pass  # warm: models, automata and the caches of words are as in the middle of a long run
    figures: dict[str, float | str] = {}
    for label, repeating in (("", True), (", no sentence twice", False)):
        rounds = [_round(classifier, theirs, number * COUNT, repeating=repeating) for number in range(ROUNDS)]
        ours, other, parsed = (COUNT / median(column) for column in zip(*rounds, strict=True))
        figures |= {
            f"tools per second{label}": round(ours),
            f"{WITNESS}, tools per second{label}": round(other),
            f"ratio (at least 2 is wanted){label}": round(ours / other, 2),
            f"tools per second from parsed JSON on{label}": round(parsed),
        }
    title = f"Classification of {COUNT:,} definitions, one core"
    print(json.dumps({"title": title, **figures, **in_own_process("long")}))


def _round(
    classifier: Classifier, theirs: Path, first: int, *, repeating: bool
) -> tuple[float, float, float]:
    """Processor seconds of ours, of theirs, and of ours with the definitions built from JSON values."""
    tools = list(definitions(COUNT, first=first, repeating=repeating))
    bodies = [tool.body() for tool in tools]
    ours = _seconds(classifier, tools)
    other = _seconds_of_witness(theirs, bodies)
    begin = time.process_time()
    built = [parse(body, server="bench") for body in bodies]
    return ours, other, time.process_time() - begin + ours if len(built) == COUNT else 0.0


def _seconds(classifier: Classifier, tools: Sequence[ToolDefinition]) -> float:
    begin = time.process_time()
    for _ in classifier.classify_many(tools):
        pass
    return time.process_time() - begin


def _seconds_of_witness(python: Path, bodies: Sequence[dict[str, object]]) -> float:
    with tempfile.TemporaryDirectory() as folder:
        tools = Path(folder) / "tools.json"
        tools.write_text(json.dumps(bodies), encoding="utf-8")
        script = Path(__file__).with_name("witness.py")
        done = subprocess.run([python, "-P", script, tools], capture_output=True, text=True, check=True)
    return float(done.stdout)


def _witness() -> Path:
    """The interpreter of an environment with `mcp-witness` alone: the same Python, kept between runs."""
    folder = platformdirs.user_cache_path("catalog") / "bench-environments" / WITNESS.replace("==", "-")
    python = folder / "bin" / "python"
    if not python.exists():
        uv = [sys.executable, "-m", "uv"]
        subprocess.run([*uv, "venv", "--quiet", "--python", sys.executable, folder], check=True)
        install = [*uv, "pip", "install", "--quiet", "--no-deps", "--python", python, WITNESS]
        subprocess.run(install, check=True)
    return python


if __name__ == "__main__":
    main()
