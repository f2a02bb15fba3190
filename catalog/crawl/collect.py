"""The one flow: records are crawled, stored as each server ends, and classified."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import anyio

from catalog.crawl.engine import CrawlProgress, crawl
from catalog.db.identity import described
from catalog.visible import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

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
        records = distinct(records, self.store.holder)
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


def distinct(
    records: Sequence[ServerRecord], holder: Callable[[ServerRecord], str | None] = lambda _: None
) -> list[ServerRecord]:
    """Drop repeated records, and number different servers that bear the same name (`git`, `git-2`).

    `holder` says who had a record's name before this crawl, None when it is free or the same server. The
    note on a record with a number names who has its name.
    """
    kept: dict[str, ServerRecord] = {}

    def other(record: ServerRecord) -> str | None:
        there = kept.get(record.name)
        return holder(record) if there is None else None if _same(there, record) else described(there)

    for record in records:
        named, number, first = record, 1, other(record)
        while other(named):
            number += 1
            named = _called(record, f"{record.name}-{number}")
        if first:
            note = f"the name {record.name} is taken by {first}: stored as {named.name}"
            named = replace(named, notes=(*record.notes, one_line(note, 300)))
        kept.setdefault(named.name, named)
    return list(kept.values())


def _same(one: ServerRecord, other: ServerRecord) -> bool:
    """Whether two records of one name give the same; which source they come from does not matter."""
    return other == replace(
        one, source=other.source, title=other.title, repository=other.repository, notes=other.notes
    )


def _called(record: ServerRecord, name: str) -> ServerRecord:
    """The record, and the tools in it, under another name."""
    definitions = tuple(replace(definition, server=name) for definition in record.definitions)
    fallback = tuple(replace(definition, server=name) for definition in record.fallback)
    return replace(record, name=name, definitions=definitions, fallback=fallback)
