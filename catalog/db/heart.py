"""What a gateway's ledger does again and again, from threads of its own: above all its signs of life."""

from __future__ import annotations

import logging
from threading import Event, Thread
from typing import TYPE_CHECKING

from catalog.db.leases import BEAT
from catalog.errors import DatabaseError

if TYPE_CHECKING:
    from collections.abc import Callable

_log = logging.getLogger(__name__)


class Heart:
    """Calls `beat` every so many seconds from `start` to `stop`, also while the gateway waits for a server.

    Without `every` that is `BEAT`, for signs of life.
    """

    def __init__(
        self, beat: Callable[[], object], every: float | None = None, name: str = "catalog-ledger"
    ) -> None:
        self._beat = beat
        self._every = BEAT if every is None else every
        self._name = name
        self._ended = Event()
        self._thread: Thread | None = None

    def start(self) -> None:
        """Begin, if it has not begun."""
        if self._thread is None:
            self._thread = Thread(target=self._run, name=self._name, daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Let the thread end."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while not self._ended.wait(self._every):
            try:
                self._beat()
            except DatabaseError as error:  # the next beat may come through; the lease outlasts three
                _log.warning("%s", error)
