"""Classification on one core: tools per second, beside the floor of features and matrix product alone."""

from __future__ import annotations

import json
import sys

from catalog.model import load_classifier
from classifier.features import features
from classifier.reading import Reading
from classifier.rules import RULES, fire
from classifier.types import Basis
from tests.bench.definitions import definitions
from tests.bench.measure import median_seconds, peak_mib

COUNT = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000


def main() -> None:
    """Print one JSON object."""
    tools = list(definitions(COUNT))
    classifier = load_classifier()
    table = classifier.model.table(Basis.TEXT)

    def floor() -> None:
        for tool in tools:
            reading = Reading(tool)
            table.scores(features(reading, fire(RULES, reading)))

    def whole() -> None:
        for _ in classifier.classify_many(tools):
            pass

    floor_seconds, whole_seconds = median_seconds(floor), median_seconds(whole)
    result = {
        "title": f"Classification of {COUNT:,} definitions, one core",
        "tools per second": round(COUNT / whole_seconds),
        "floor, tools per second (features and matrix product alone)": round(COUNT / floor_seconds),
        "ratio to the floor's time": round(whole_seconds / floor_seconds, 2),
        "peak memory, MiB": round(peak_mib()),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
