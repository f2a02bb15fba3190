"""Benches in processes of their own, one for each core, or one in this process where that is enough."""

from __future__ import annotations

import gc
import os
import signal
import threading
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context, parent_process
from typing import TYPE_CHECKING, Any, Final, Self

from catalog.errors import OutputError
from catalog.site.work import Bench, Job

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_AHEAD: Final = 3  # pieces of work waiting for each process: none idles, and few answers pile up
# Few objects here hold one another, and to look for those that do costs a twentieth of the time.
_RARELY: Final = (10_000, 10, 10)
_bench: list[Bench] = []  # this process's own


class Crew:
    """Does pieces of work; used as a context, it has no process left at the end."""

    def __init__(self, job: Job, processes: int) -> None:
        self._job, self._processes = job, processes
        self._own = Bench(job) if processes < 2 else None
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        if self._own is None:
            self._pool = ProcessPoolExecutor(
                self._processes, get_context("spawn"), initializer=_begin, initargs=(self._job,)
            )
        return self

    def __exit__(self, *exception: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
        if self._own is not None:
            self._own.close()

    def do(self, pieces: Iterable[tuple[str, Any]]) -> Iterator[Any]:
        """Answers to pieces of work, a method of `Bench` and its argument each, as they are done."""
        if self._pool is None:
            assert self._own is not None  # noqa: S101 - one of the two is there
            for method, argument in pieces:
                yield getattr(self._own, method)(argument)
            return
        try:
            yield from self._spread(self._pool, iter(pieces))
        except BrokenProcessPool as error:
            raise OutputError(
                "a process of the build was ended from outside",
                hint="it may have been for want of memory: close other programs and build again",
            ) from error

    def _spread(self, pool: ProcessPoolExecutor, pieces: Iterator[tuple[str, Any]]) -> Iterator[Any]:
        waiting = set()
        for method, argument in pieces:
            waiting.add(pool.submit(_work, method, argument))
            if len(waiting) >= self._processes * _AHEAD:
                done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                yield from (future.result() for future in done)
        while waiting:
            done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            yield from (future.result() for future in done)


def _begin(job: Job) -> None:
    """In a new process: leave interruptions to the build, and end with it, however it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    gc.freeze()
    gc.set_threshold(*_RARELY)
    _bench.append(Bench(job))


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _work(method: str, argument: Any) -> Any:
    return getattr(_bench[0], method)(argument)
