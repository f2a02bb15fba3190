"""What makers of pages give, and what they are given. `catalog.site.kinds` lists the makers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from catalog.db.changes import Change
    from catalog.records import ServerEntry
    from catalog.site.facts import ServerFacts
    from catalog.site.index import Catalogue, ServerRow, SiteIndex
    from catalog.site.options import BuildOptions
    from catalog.site.views import PageView


@dataclass(frozen=True, slots=True)
class Page:
    """A page to be rendered.

    `path` is relative to the site's root, `template` a name in site_templates without `.html`. `about` goes
    to the template as `page` (its title without the site's), `view` as `view`. Only what is `listed` stands
    in the sitemap.
    """

    path: str
    template: str
    about: PageView
    view: object = None
    listed: bool = True


@dataclass(frozen=True, slots=True)
class File:
    """A file that needs no template."""

    path: str
    content: str | bytes


@dataclass(frozen=True, slots=True)
class Written:
    """A file that may be large: `write` makes it at the path it is given, where nothing is yet."""

    path: str
    write: Callable[[Path], None]


Made: TypeAlias = Page | File | Written


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What makers of one server's files see, and what a tool's page needs beside the tool.

    `report_url` is the operator's template for "Is this wrong?"; `catalogue` is where more can be read
    about this server, and None where there is nothing but the entry. `changes` are the server's, newest first. `only`: slugs of the tools to make
    pages for, where nothing but their kin on other servers has changed.
    """

    server: ServerFacts
    entry: ServerEntry
    index: SiteIndex
    report_url: str | None = None
    catalogue: Catalogue | None = None
    only: frozenset[str] | None = None
    changes: tuple[Change, ...] = ()

    def wants(self, slug: str) -> bool:
        """Whether the files of the tool with this slug are to be made; `index` stands for the server's own page."""
        return self.only is None or slug in self.only

    @property
    def home(self) -> str:
        """The server's folder, relative to the site's root."""
        return f"tools/{self.server.folder}"


@dataclass(frozen=True, slots=True)
class Whole:
    """What makers of pages about the whole catalogue see; `folder` is where the site is being made."""

    index: SiteIndex
    options: BuildOptions
    catalogue: Catalogue
    folder: Path | None = None

    def gleaned(self, kind: str) -> Iterator[tuple[ServerRow, Any]]:
        """What the kind's `glean` gave for each server, by server name; servers that gave None are left out."""
        return self.index.gleaned(kind)


@dataclass(frozen=True, slots=True)
class ServerKind:
    """Files that each server with tools has; made again only when something about that server changes.

    `shows_kin`: they show something of other servers too, through `index.kin` or `index.kin_servers`, and
    make what `Surroundings.wants` asks for when only that has changed.
    """

    name: str
    make: Callable[[Surroundings], Iterable[Made]]
    shows_kin: bool = False


@dataclass(frozen=True, slots=True)
class Kind:
    """Files about the whole catalogue.

    `glean` picks what its pages need from one server: a JSON value, None for nothing; `Whole.gleaned` gives
    it back. A build reads again only the servers that changed, so what comes from tools must be gleaned.
    """

    name: str
    make: Callable[[Whole], Iterable[Made]]
    glean: Callable[[ServerEntry], Any] | None = None


@dataclass(frozen=True, slots=True)
class Joined:
    """One file made of a piece per server, in the order of names; pieces of unchanged servers are kept."""

    path: str
    piece: Callable[[Surroundings], bytes]
    head: bytes = b""
    between: bytes = b""
    tail: bytes = b""
