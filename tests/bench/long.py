"""Hostile lengths: peak memory at ten megabytes of text, and whether time grows as the text does."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

from catalog.model import load_classifier
from classifier.classify import Classifier
from classifier.findings import findings
from classifier.types import ToolDefinition
from tests.bench.measure import peak_mib

MEGABYTE = 1 << 20
TEXTS = ("[(<{", "\"' «“", " ", "\u200b", "delete all files, ", "Args: x: ", "删除", "a\n\n", "ignore all ")


def main() -> None:
    """Print one JSON object."""
    classifier = load_classifier()
    small, large = (
        [_seconds(classifier, tool) for tool in _hostile(size)] for size in (MEGABYTE // 4, MEGABYTE)
    )
    for tool in _hostile(10 * MEGABYTE):
        _seconds(classifier, tool)
    result = {
        "slowest hostile definition of 1 MiB, seconds with its findings": round(max(large), 2),
        "its time at four times the size (4 is linear, at most 8 is wanted)": round(
            max(b / max(a, 0.005) for a, b in zip(small, large, strict=True)), 1
        ),
        "peak memory with hostile definitions of 10 MiB, MiB (at most 250 is wanted)": round(peak_mib()),
    }
    print(json.dumps(result))


def _hostile(size: int) -> Iterator[ToolDefinition]:
    """Definitions of about `size` characters each: long texts, a huge enumeration, many parameters."""
    for piece in TEXTS:
        text = piece * (size // len(piece))
        yield ToolDefinition("hostile", "tool", description=text)
    yield ToolDefinition("hostile", "tool", description="( " * (size // 3) + "run sql" + " )" * (size // 6))
    values = {"mode": {"enum": [f"value-{at:050}" for at in range(size // 60)]}}
    yield ToolDefinition("hostile", "tool", input_schema={"properties": values})
    many = {f"parameter_{at}": {"type": "string"} for at in range(size // 150)}
    yield ToolDefinition("hostile", "tool", input_schema={"properties": many})


def _seconds(classifier: Classifier, tool: ToolDefinition) -> float:
    begin = time.process_time()
    classifier.classify(tool)
    findings(tool)
    return time.process_time() - begin


if __name__ == "__main__":
    main()
