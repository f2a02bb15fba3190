"""The static site of 10,000 tools: pages per second, beside rendering one tool page's template alone."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from itertools import groupby
from pathlib import Path

from catalog.db.store import Store
from catalog.model import load_classifier
from catalog.records import CrawlResult, Outcome, ServerRecord
from catalog.site.build import BuildOptions, build
from classifier.types import Provenance
from tests.bench.definitions import definitions
from tests.bench.measure import median_seconds, peak_mib

COUNT = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000


def main() -> None:
    """Print one JSON object."""
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(Store.open(f"sqlite:///{folder}/c.sqlite3")) as store,
    ):
        _fill(store)
        counted: list[int] = []
        out = Path(folder)

        def whole() -> None:
            report = build(store, out / f"site-{len(counted)}", BuildOptions(), lambda _done, _total: None)
            counted.append(report.written)

        seconds = median_seconds(whole)
        unchanged = median_seconds(lambda: build(store, out / "site-0", BuildOptions(), lambda _d, _t: None))
        floor = median_seconds(lambda: _copy(out / "site-0", out / "copy"))
    result = {
        "title": f"Static site of {COUNT:,} tools",
        "pages": counted[0],
        "pages per second": round(counted[0] / seconds),
        "floor, pages per second (writing the same bytes to the same disk alone)": round(counted[0] / floor),
        "time of a build without changes, as a share of a full one": round(unchanged / seconds, 2),
        "peak memory, MiB": round(peak_mib()),
    }
    print(json.dumps(result))


def _fill(store: Store) -> None:
    classifier = load_classifier()
    crawl = store.begin_crawl(["bench"])
    for name, group in groupby(definitions(COUNT), key=lambda definition: definition.server):
        tools = tuple(group)
        store.record(
            crawl,
            CrawlResult(
                ServerRecord(name, "bench"), Outcome.OK, definitions=tools, provenance=Provenance.LIVE
            ),
        )
        store.save_classifications(classifier.version, classifier.classify_many(tools))
    store.end_crawl(crawl)


def _pages(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


def _copy(source: Path, target: Path) -> None:
    for path in _pages(source):
        copy = target / path.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())


if __name__ == "__main__":
    main()
