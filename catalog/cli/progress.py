"""Crawl progress on stderr: a bar for people, a line per finished server where there is no terminal."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)

from catalog.cli import output
from catalog.records import CrawlResult, Outcome, ServerRecord
from catalog.visible import one_line


class CrawlBar:
    """A bar over all servers, and a line with the current step for each that is under way."""

    def __init__(self, total: int) -> None:
        self._live = output.talk.is_terminal and not output.is_quiet()
        self._steps: dict[str, TaskID] = {}
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=output.talk,
            transient=True,
            disable=not self._live,
        )
        self._all = self._progress.add_task("servers", total=total)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def started(self, record: ServerRecord) -> None:
        """A server's crawl begins."""
        self._steps[record.name] = self._progress.add_task(one_line(record.name, 40), total=None)

    def step(self, record: ServerRecord, text: str) -> None:
        """A server's crawl has come to its next step."""
        if record.name in self._steps:
            description = f"{one_line(record.name, 40)}: {one_line(text, 60)}"
            self._progress.update(self._steps[record.name], description=description)

    def finished(self, result: CrawlResult) -> None:
        """A server's crawl has ended, whatever its outcome."""
        task = self._steps.pop(result.record.name, None)
        if task is not None:
            self._progress.remove_task(task)
        self._progress.advance(self._all)
        tools = (
            output.plural(len(result.definitions), "tool")
            if result.outcome is Outcome.OK
            else one_line(result.reason, 100)
        )
        self._announce(
            f"{result.record.name}: {result.outcome.replace('_', ' ')}, {tools} ({result.seconds:.1f} s)"
        )

    def _announce(self, text: str) -> None:
        if not output.is_quiet():
            self._progress.console.print(one_line(text), style="dim", markup=False, soft_wrap=True)
