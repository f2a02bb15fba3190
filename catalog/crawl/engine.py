"""Crawling many servers side by side: at most so many at once, an outcome for each, clean when interrupted."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final, Protocol

import anyio

from catalog.probe.masking import known_secrets, shown
from catalog.probe.probe import probe
from catalog.records import CrawlResult, Outcome
from catalog.visible import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from catalog.probe.limits import ProbeOptions
    from catalog.records import ServerRecord

_log = logging.getLogger(__name__)
_log.addHandler(logging.NullHandler())  # nobody is shown a traceback who has not set up logging

_REPORT: Final = "please report this; with CATALOG_DEBUG=1 it says where it happened"


class CrawlProgress(Protocol):
    """Who watches a crawl. All three are called in the event loop's thread and must return soon."""

    def started(self, record: ServerRecord) -> None:
        """A server's turn has come."""

    def step(self, record: ServerRecord, text: str) -> None:
        """What is being done for that server, in a few words."""

    def finished(self, result: CrawlResult) -> None:
        """A server's result has been saved."""


async def crawl(
    records: Iterable[ServerRecord],
    *,
    jobs: int,
    options: ProbeOptions,
    save: Callable[[CrawlResult], None],
    progress: CrawlProgress,
) -> list[CrawlResult]:
    """Probe every server, at most `jobs` at a time; results in the order of the records.

    `save` is called once for each server as soon as its result is there, so that an interrupted crawl
    has kept all that was finished. Cancelling (Ctrl-C) ends every started process and saves no
    half-done server. What `save` raises ends the crawl; what goes wrong with one server does not.
    """
    waiting = enumerate(records)  # shared by the workers, which run in one thread
    results: dict[int, CrawlResult] = {}

    async def work() -> None:
        for position, record in waiting:
            progress.started(record)
            result = await _bounded(record, options, progress)
            save(result)
            results[position] = result
            progress.finished(result)

    try:
        async with anyio.create_task_group() as tasks:
            for _ in range(max(jobs, 1)):
                tasks.start_soon(work)
    except ExceptionGroup as group:
        raise _first(group) from group
    return [results[position] for position in sorted(results)]


def _first(error: Exception) -> Exception:
    """The first error out of nested groups: the caller asked for `save`'s own."""
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    return error


async def _bounded(record: ServerRecord, options: ProbeOptions, progress: CrawlProgress) -> CrawlResult:
    """The per-server boundary: a defect of ours costs one server its result, never the crawl."""
    try:
        return await probe(record, options, lambda text: progress.step(record, text))
    except Exception as error:  # noqa: BLE001 – one of the two places (architecture.md, "Errors")
        _log.exception("probing %s failed", one_line(record.name, 80))
        words = f"the catalogue itself failed, not the server: {type(error).__name__}: {error}"
        secrets = known_secrets(record.launch) if record.launch else ()
        return CrawlResult(
            record,
            Outcome.START_FAILED,
            shown(words, secrets),
            _REPORT,
            unread=record.unread,
            notes=record.notes,
        )
