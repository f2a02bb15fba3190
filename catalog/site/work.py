"""The work of a build that can be divided: reading servers, making their files, making the lists.

Each process has a `Bench` with connections of its own; what it is asked for and what it gives back are
small values. With one process the same bench works in the build itself.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any

import catalog
from catalog.site.draft import Draft
from catalog.site.drift import by_server
from catalog.site.facts import server_facts, tool_facts
from catalog.site.gather import Gathered, gathered, tool_key
from catalog.site.index import SiteIndex
from catalog.site.kinds import JOINED, KINDS, LAST, SERVER_KINDS
from catalog.site.language import figure
from catalog.site.made import Page, Surroundings, Whole, Written
from catalog.site.pages import Pages
from catalog.site.rows import day
from catalog.site.state import State, to_bytes
from catalog.site.views import SiteView

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from catalog.db.changes import Change
    from catalog.records import ServerEntry
    from catalog.site.index import Catalogue
    from catalog.site.made import File, Made
    from catalog.site.options import BuildOptions
    from catalog.site.source import Versioned


@dataclass(frozen=True, slots=True)
class Job:
    """What every process of a build must know.

    `source` is the catalogue as it can be read in parts. `folders`: the draft's own, the old site's, the twin's.
    """

    source: Versioned
    catalogue: Catalogue
    options: BuildOptions
    state: Path
    folders: tuple[Path, Path | None, Path | None] = (Path(), None, None)


@dataclass(frozen=True, slots=True)
class Order:
    """A server whose files are to be made; `only` as in `Surroundings`."""

    name: str
    only: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Files:
    """What came of an order: the packed list of all files, how many are pages, and the joined files' pieces."""

    name: str
    made: bytes
    pages: int
    pieces: tuple[bytes, ...]


@dataclass(slots=True)
class Result:
    """What came of one piece of work, with the counts of its draft.

    `files` of servers, in whole orders only, and `gone`, what those have no more and another may have by now;
    of lists the `listed` files: path, digest, for the sitemap.
    """

    done: int = 0
    written: int = 0
    unchanged: int = 0
    removed: int = 0
    changed: list[str] = field(default_factory=list)
    files: list[Files] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    listed: list[tuple[str, bytes, bool]] = field(default_factory=list)


class Bench:
    """One process's tools."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._changes: dict[str, list[Change]] = {}

    @cached_property
    def index(self) -> SiteIndex:
        """The index, which is complete once all servers have been gathered."""
        return SiteIndex(State.reading(self._job.state))

    def close(self) -> None:
        """Let go of the index."""
        self.index.state.close()

    @cached_property
    def site(self) -> SiteView:
        """What stands on every page."""
        return site_view(self.index, self._job.options.title)

    @cached_property
    def _pages(self) -> Pages:
        return Pages(self.site, self._job.options.base_url)

    def gather(self, names: Sequence[str]) -> list[Gathered]:
        """Read servers for the index."""
        return [gathered(entry, KINDS) for entry in self._job.source.chosen(names)]

    def servers(self, orders: Sequence[Order]) -> Result:
        """Make the files of some servers."""
        draft, result = Draft(*self._job.folders), Result()
        only = {order.name: order.only for order in orders}
        self._changes = by_server(self._job.catalogue, list(only))
        for entry in self._job.source.chosen(list(only)):
            if only[entry.name] is None:
                self._whole(entry, draft, result)
            else:
                self._make(draft, self._around(entry, only[entry.name]))
        return counted(result, draft)

    def kind(self, name: str) -> Result:
        """Make the files of one kind of list."""
        draft, result = Draft(*self._job.folders), Result()
        whole = Whole(self.index, self._job.options, self._job.catalogue, draft.folder)
        for made in next(kind for kind in (*KINDS, *LAST) if kind.name == name).make(whole):
            result.listed.append(self._list(draft, made))
        return counted(result, draft)

    def _around(self, entry: ServerEntry, only: frozenset[str] | None) -> Surroundings:
        slug_of = self.index.slugs_of(entry.name)
        folder = self.index.server(entry.name).slug if entry.tools else ""
        tools = [tool_facts(tool, slug_of[tool_key(tool)]) for tool in entry.tools]
        server = server_facts(entry.name, tools, folder)
        return Surroundings(
            server, entry, self.index, self._job.options.report_url, self._job.catalogue, only,
            tuple(self._changes.get(entry.name, ())),
        )  # fmt: skip

    def _whole(self, entry: ServerEntry, draft: Draft, result: Result) -> None:
        """All files of a server, and which of its former ones it does not have any more."""
        around = self._around(entry, None)
        made = self._make(draft, around) if entry.tools else []
        before = self.index.state.one("SELECT made FROM server WHERE name = ?", (to_bytes(entry.name),))
        kept = {path for path, _ in made}
        result.gone += [path for path, _ in unpacked(before) if path not in kept]
        pieces = tuple(joined.piece(around) for joined in JOINED) if entry.tools else ()
        pages = sum(path.endswith(".html") for path, _ in made)
        result.files.append(Files(entry.name, packed(made), pages, pieces))

    def _make(self, draft: Draft, around: Surroundings) -> list[tuple[str, bool]]:
        made = []
        for kind in SERVER_KINDS:
            if around.only is None or kind.shows_kin:
                made += [self._write(draft, one) for one in kind.make(around)]
        return made

    def _write(self, draft: Draft, made: Made) -> tuple[str, bool]:
        if not isinstance(made, Page):
            _put(draft, made)
            return made.path, False
        draft.write(made.path, self._pages.render(made))
        return made.path, made.listed

    def _list(self, draft: Draft, made: Made) -> tuple[str, bytes, bool]:
        """Write a file of a list, unless it is a page whose view is the one it was made from before."""
        if not isinstance(made, Page):
            _put(draft, made)
            return made.path, b"", False
        digest = blake2b(repr((made, self.site)).encode("utf-8", "surrogatepass"), digest_size=16).digest()
        query = "SELECT digest FROM page WHERE path = ?"
        if self.index.state.one(query, (to_bytes(made.path),)) == digest:
            draft.keep(made.path)
        else:
            draft.write(made.path, self._pages.render(made))
        return made.path, digest, made.listed


def _put(draft: Draft, made: File | Written) -> None:
    if isinstance(made, Written):
        draft.fill(made.path, made.write)
    else:
        draft.write(made.path, made.content)


def site_view(index: SiteIndex, title: str) -> SiteView:
    """What stands on every page: the site's title, how much is in it, and how new that is."""
    newest, tools = index.newest, len(index.tools)
    return SiteView(
        title=title,
        version=catalog.__version__,
        count=f"{figure(tools, 'tool')} {'is' if tools == 1 else 'are'} catalogued and classified here, in an index of {figure(index.known, 'server')}.",
        as_of=day(newest) if newest else "no crawl yet",
        as_of_iso=newest.date().isoformat() if newest else "",
    )


def counted(result: Result, draft: Draft) -> Result:
    """The result with what its draft counted."""
    result.written, result.unchanged, result.removed = draft.written, draft.unchanged, draft.removed
    result.done = draft.written + draft.unchanged
    result.changed = draft.changed if draft.twin is None else []
    return result


def packed(made: Iterable[tuple[str, bool]]) -> bytes:
    """A list of files, small."""
    return zlib.compress("\n".join(f"{int(listed)}{path}" for path, listed in made).encode(), 1)


def unpacked(kept: Any) -> list[tuple[str, bool]]:
    """The list again."""
    lines = zlib.decompress(kept).decode().splitlines() if kept else []
    return [(line[1:], line[0] == "1") for line in lines]
