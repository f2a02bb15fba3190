"""Crawling as the commands do it, with a bar on stderr."""

from __future__ import annotations

from collections.abc import Sequence

from catalog.cli.progress import CrawlBar
from catalog.crawl.collect import Collected, Collector, distinct
from catalog.db.store import Store
from catalog.probe.limits import ProbeOptions
from catalog.records import ServerRecord
from classifier.classify import Classifier


def collect(
    records: Sequence[ServerRecord],
    store: Store,
    classifier: Classifier,
    options: ProbeOptions,
    jobs: int,
    *,
    resume: bool = False,
) -> Collected:
    """Crawl, store and classify with a progress bar."""
    with CrawlBar(len(distinct(records))) as bar:
        return Collector(store, classifier, options, jobs).collect(records, bar, resume=resume)
