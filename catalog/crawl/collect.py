"""The one flow: records are crawled, stored as each server ends, and classified."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import anyio

from catalog.crawl.engine import CrawlProgress, crawl

if TYPE_CHECKING:
    from collections.abc import Sequence

    from catalog.db.store import Store
    from catalog.probe.limits import ProbeOptions
    from catalog.records import CrawlResult, ServerRecord
    from classifier.classify import Classifier


@dataclass(frozen=True, slots=True)
class Collected:
    """What a crawl gave: a result per server it reached this time, and the names it could skip."""

    results: tuple[CrawlResult, ...]
    resumed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Collector:
    """Where the results of a crawl go, and how the crawl is done."""

    store: Store
    classifier: Classifier
    options: ProbeOptions
    jobs: int = 4

    def collect(
        self, records: Sequence[ServerRecord], progress: CrawlProgress, *, resume: bool = False
    ) -> Collected:
        """Crawl all records side by side; each is stored and classified as soon as it ends.

        With `resume`, servers that an unfinished crawl of the same records has stored are skipped.
        Ctrl-C leaves what has ended so far in the store, and the crawl open for resuming.
        """
        records = distinct(records)
        names = [record.name for record in records]
        unfinished = self.store.open_crawl(names) if resume else None
        number = self.store.begin_crawl(names) if unfinished is None else unfinished
        done = self.store.crawled(number)
        waiting = [record for record in records if record.name not in done]

        async def run() -> list[CrawlResult]:
            return await crawl(
                waiting,
                jobs=self.jobs,
                options=self.options,
                save=lambda result: self._save(number, result),
                progress=progress,
            )

        results = anyio.run(run)
        self.store.end_crawl(number)
        return Collected(tuple(results), tuple(name for name in names if name in done))

    def _save(self, number: int, result: CrawlResult) -> None:
        self.store.record(number, result)
        classifications = self.classifier.classify_many(result.definitions)
        self.store.save_classifications(self.classifier.version, classifications)


def distinct(records: Sequence[ServerRecord]) -> list[ServerRecord]:
    """Drop repeated records, and number different servers that bear the same name (`git`, `git-2`)."""
    kept: dict[str, ServerRecord] = {}
    for record in records:
        name, number = record.name, 1
        while name in kept and replace(kept[name], name=record.name) != record:
            number += 1
            name = f"{record.name}-{number}"
        kept.setdefault(name, replace(record, name=name))
    return list(kept.values())
