"""Building again whenever the catalogue or a template changes, while the site is looked at."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from catalog import resources
from catalog.errors import CatalogError
from catalog.site import inputs
from catalog.site.build import build
from catalog.site.folder import workshop
from catalog.site.options import BuildOptions
from catalog.site.state import State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from catalog.site.index import Catalogue

SECONDS: Final = 1.0  # between two looks


def last_options(folder: Path) -> BuildOptions:
    """The options that the site in `folder` was built with; the usual ones where that is not known."""
    path = workshop(folder.resolve()) / "state.sqlite3"
    state = State.open(path)
    if state is None:
        return BuildOptions()
    kept = json.loads(state.recall("options") or "{}")
    state.close()
    return BuildOptions(**{**kept, "only": tuple(kept.get("only", ()))})


class Watch:
    """Looks at the catalogue and the templates, and builds when something is not as it was."""

    def __init__(self, catalogue: Catalogue, folder: Path, tell: Callable[[str], None]) -> None:
        self._catalogue, self._folder, self._tell = catalogue, folder, tell
        self._options = last_options(folder)
        self._seen: object = None

    def look(self) -> None:
        """Build if there is a reason to, and tell what came of it; an error is told and does not end the watch."""
        now = self._stamps()
        if now == self._seen:
            return
        self._seen = now
        inputs.program.cache_clear()
        try:
            report = build(self._catalogue, self._folder, self._options, lambda _done, _total: None)
        except CatalogError as error:
            self._tell(f"{error} ({error.hint})")
            return
        if report.written or report.removed:
            self._tell(f"{report.written} pages written, {report.removed} removed, in {report.seconds:.1f} s")

    def _stamps(self) -> object:
        """What changes with the templates, and what the catalogue says of itself."""
        files = sorted(path for path in resources.SITE_TEMPLATES.rglob("*") if path.is_file())
        stamps = [(str(path), path.stat().st_mtime_ns) for path in files]
        return stamps, getattr(self._catalogue, "stamp", object)()


@contextmanager
def watching(watch: Watch) -> Iterator[None]:
    """Look again and again in a thread until the block ends."""
    over = threading.Event()

    def work() -> None:
        while not over.wait(SECONDS):
            watch.look()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
