"""`catalog build`: every page of the site, made beside the old one and exchanged with it in one step.

What changed in the catalogue is read into the index (`delta`), the files that depend on it are made by as
many processes as there are cores (`crew`, `work`), and the folder is exchanged (`folder`). Nothing depends on
the clock: the date on a page is that of the newest crawl in its data, so the same database gives the same
bytes, in one build or in many. What there is to make stands in `catalog.site.kinds`.
"""

from __future__ import annotations

import os
import sys
import time
from dataclasses import asdict, dataclass, replace
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final

from catalog.site import inputs, joined
from catalog.site.crew import Crew
from catalog.site.delta import CHUNK, Changes, chunks
from catalog.site.draft import copied, missing
from catalog.site.folder import held
from catalog.site.kinds import KINDS, LAST
from catalog.site.options import BuildOptions, checked
from catalog.site.sitemap import sitemaps
from catalog.site.source import Listed, Versioned, wanted
from catalog.site.state import State, packed, to_bytes, to_name
from catalog.site.work import Job, Result, counted, unpacked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from catalog.site.draft import Draft
    from catalog.site.folder import Place
    from catalog.site.index import Catalogue

    Progress = Callable[[int, int], None]

__all__ = ["BuildOptions", "BuildReport", "build"]

_TEMPORARY: Final = """
CREATE TEMP TABLE changed (path BLOB PRIMARY KEY) WITHOUT ROWID;
CREATE TEMP TABLE found (path BLOB PRIMARY KEY, digest BLOB NOT NULL, listed INTEGER NOT NULL) WITHOUT ROWID;
"""
_WORTH: Final = 40  # servers; fewer are made sooner than other processes are there


@dataclass(frozen=True, slots=True)
class BuildReport:
    """Pages written anew, pages that came out the same, pages of the old site that are gone; wall time."""

    written: int
    unchanged: int
    removed: int
    seconds: float


def build(
    catalogue: Catalogue, out: Path, options: BuildOptions, progress: Progress, *, fresh: bool = False
) -> BuildReport:
    """Bring the site in `out` up to the catalogue; `progress` is told pages done and pages in all.

    `fresh` makes everything anew, whatever the last build knew. Other processes help where `catalogue` is
    `catalog.site.source.Versioned`.

    Raises:
        UsageError: an address in `options` is not of the web, or holds a placeholder that nothing fills;
            a server that is to be shown is not there.
        OutputError: `out` cannot be written, is somebody else's folder, or is being built already.

    """
    began = time.perf_counter()
    sound = checked(options)
    source: Versioned = catalogue if isinstance(catalogue, Versioned) else Listed(catalogue)
    with held(out) as place:
        versions = wanted(source.versions(), sound)
        basis = inputs.digest(sound)
        generation = blake2b(
            repr((basis, versions)).encode("utf-8", "surrogatepass"), digest_size=16
        ).hexdigest()
        kept = None if fresh else _kept(place, basis)
        if kept is not None and place.generation == generation:
            pages = int(kept.recall("pages"))
            kept.close()
            counts = Result(unchanged=pages)
        else:
            job = Job(source, catalogue, sound, place.draft_state)
            counts = _Build(place, job, progress).run(kept, versions, (basis, generation))
    return BuildReport(counts.written, counts.unchanged, counts.removed, time.perf_counter() - began)


def _kept(place: Place, basis: str) -> State | None:
    """What the last build knew, if it made the site that is there, by the same program and options."""
    state = State.open(place.state)
    if state is None:
        return None
    if state.recall("generation") == place.generation != "" and state.recall("inputs") == basis:
        return state
    state.close()
    return None


class _Build:
    """One run: where it is made, from what, and how far it has come."""

    def __init__(self, place: Place, job: Job, progress: Progress) -> None:
        self._place = place
        self._job = job
        self._progress = progress
        self._counts = Result()
        self._total = self._done = 0
        self._gone: list[str] = []

    def run(self, kept: State | None, versions: list[tuple[str, str]], key: tuple[str, str]) -> Result:
        """Make what has changed, and put it in the place of the site."""
        place = self._place
        draft, state = self._begin(kept)
        try:
            self._make(draft, state, versions)
            state.remember("options", packed(asdict(self._job.options)))
            state.remember("inputs", key[0])
            state.remember("generation", key[1])
            state.remember("pages", str(self._counts.written + self._counts.unchanged))
            self._counts.removed += missing(draft)
            changed = [to_name(row[0]) for row in state.rows("SELECT path FROM changed")]
            state.connection.executescript("DROP TABLE changed; DROP TABLE found;")
            state.close(settle=True)
            place.finish(draft, key[1], changed)
        except BaseException:
            state.close()
            place.drop()
            raise
        return self._counts

    def _begin(self, kept: State | None) -> tuple[Draft, State]:
        if kept is None:
            draft = self._place.begin()
            state = State.create(self._place.draft_state)
        else:
            kept.close(settle=True)
            draft = self._place.resume()
            copied(self._place.state, self._place.draft_state)
            state = State.open(self._place.draft_state) or State.create()
        state.connection.executescript(_TEMPORARY)
        return draft, state

    def _make(self, draft: Draft, state: State, versions: list[tuple[str, str]]) -> None:
        changes = Changes(state)
        changes.compare(versions)
        job = replace(self._job, folders=(draft.folder, draft.old, draft.twin))
        with Crew(job, self._processes(len(changes.changed))) as crew:
            for some in crew.do(("gather", names) for names in chunks(changes.changed)):
                changes.take(some)
            changes.settle()
            self._expect(state)
            for result in crew.do(self._pieces(changes)):
                self._take(state, result)
            self._remove(state, draft, changes)
            joined.write(state, draft)
            for result in crew.do(("kind", kind.name) for kind in LAST):
                self._take(state, result)
        self._sitemaps(state, draft)
        self._settle(state, draft)

    def _remove(self, state: State, draft: Draft, changes: Changes) -> None:
        """Files that servers had go once all others are made: one that has moved may be where another was."""
        gone = [*changes.gone, *self._gone]
        made = "SELECT made FROM server WHERE id = ?"
        moved = changes.moved if gone else ()
        taken = {path for number in moved for path, _ in unpacked(state.one(made, (number,)))}
        for path in gone:
            if path not in taken:
                draft.remove(path)

    def _sitemaps(self, state: State, draft: Draft) -> None:
        base = self._job.options.base_url
        for name, text in sitemaps(base, _addresses(state)) if base else ():
            draft.write(name, text)
            state.connection.execute("INSERT INTO found VALUES (?, x'', 0)", (to_bytes(name),))

    def _settle(self, state: State, draft: Draft) -> None:
        """Files of lists that are no more go; then count."""
        for (path,) in state.rows("SELECT path FROM page WHERE path NOT IN (SELECT path FROM found)"):
            draft.remove(to_name(path))
        state.connection.execute("DELETE FROM page")
        state.connection.execute("INSERT INTO page SELECT * FROM found")
        self._take(state, counted(Result(), draft))
        lists = state.one("SELECT count(*) FROM page WHERE CAST(path AS TEXT) LIKE '%.html'")
        self._counts.unchanged = (
            lists + int(state.one("SELECT sum(pages) FROM server") or 0) - self._counts.written
        )

    def _processes(self, servers: int) -> int:
        if isinstance(self._job.source, Listed) or servers < _WORTH:
            return 1
        cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
        return min(cores, -(-servers // CHUNK))

    def _pieces(self, changes: Changes) -> Iterator[tuple[str, Any]]:
        """The lists first, as some of them take long."""
        yield from (("kind", kind.name) for kind in KINDS)
        yield from (("servers", orders) for orders in changes.orders())

    def _expect(self, state: State) -> None:
        self._total = int(state.one("SELECT sum(tools) + count(*) FROM server") or 0)

    def _take(self, state: State, result: Result) -> None:
        """Keep what one piece of work gave."""
        self._counts.written += result.written
        self._counts.unchanged += result.unchanged
        self._counts.removed += result.removed
        self._gone += result.gone
        made = ((files.made, files.pages, to_bytes(files.name)) for files in result.files)
        state.many("UPDATE server SET made = ?, pages = ? WHERE name = ?", made)
        state.many("INSERT OR IGNORE INTO changed VALUES (?)", ((to_bytes(one),) for one in result.changed))
        state.many(
            "INSERT OR REPLACE INTO found VALUES (?, ?, ?)",
            ((to_bytes(path), *rest) for path, *rest in result.listed),
        )
        joined.take(state, result.files)
        self._done += result.done
        self._progress(min(self._done, self._total), self._total)


def _addresses(state: State) -> Iterator[str]:
    """Every page that should be found: lists first, then server by server."""
    for (path,) in state.rows("SELECT path FROM found WHERE listed ORDER BY path"):
        yield to_name(path)
    for (made,) in state.rows("SELECT made FROM server ORDER BY fold, name"):
        yield from (path for path, listed in unpacked(made) if listed)
