"""`catalog build`: every page of the site, written beside the old one and swapped in whole.

Two passes over the catalogue: `index` keeps a small row per tool, then each server is read again,
rendered and forgotten. Nothing depends on the clock: the date on a page is the newest crawl in the
data, so the same database gives the same bytes.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import catalog
from catalog import resources
from catalog.errors import UsageError
from catalog.model import SHIPPED
from catalog.site import twins
from catalog.site.control import server_policy
from catalog.site.facts import server_facts, tool_facts
from catalog.site.folder import replacing
from catalog.site.index import Catalogue, SiteIndex, index, tool_key
from catalog.site.language import figure, listed, plain
from catalog.site.listing_view import (
    category_cards,
    category_pages,
    coverage_view,
    home_view,
    level_cards,
    level_pages,
    server_pages,
)
from catalog.site.methodology import methodology_view
from catalog.site.pages import Pages
from catalog.site.rows import day
from catalog.site.search_data import FILE_NAME as SEARCH_FILE
from catalog.site.search_data import search_script
from catalog.site.server_view import server_view
from catalog.site.sitemap import sitemaps
from catalog.site.tool_view import PLACEHOLDERS, Surroundings, summary, tool_view
from catalog.site.views import PageView, SiteView
from catalog.site.words import ALL_CATEGORIES, ALL_LEVELS, CATEGORY_GIST, LEVEL_GIST
from catalog.visible import one_line
from classifier.types import Category, Level

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from catalog.records import ServerEntry
    from catalog.site.folder import Draft
    from catalog.site.views import ListingView

DEFAULT_TITLE: Final = "MCP tool risk catalogue"
_PLACEHOLDER: Final = re.compile(r"\{[^{}]*\}")
ASSETS: Final = ("site.css", "site.js", "icon.svg")


@dataclass(frozen=True, slots=True)
class BuildOptions:
    """What the operator decides.

    `base_url`: where the site will be published (canonical links, sitemap). `report_url`: the link of
    "Is this wrong?", with `{server}`, `{tool}` and `{fingerprint}` to be filled in. `title`: the site's name.
    """

    base_url: str | None = None
    report_url: str | None = None
    title: str = DEFAULT_TITLE


@dataclass(frozen=True, slots=True)
class BuildReport:
    """Pages written anew, pages that came out the same, pages of the old site that are gone; wall time."""

    written: int
    unchanged: int
    removed: int
    seconds: float


def build(
    catalogue: Catalogue, out: Path, options: BuildOptions, progress: Callable[[int, int], None]
) -> BuildReport:
    """Write the whole site into `out`; `progress` is told pages done and pages in all.

    Raises:
        UsageError: an address in `options` is not of the web, or holds a placeholder that nothing fills.
        OutputError: `out` cannot be written, is somebody else's folder, or is being built already.

    """
    began = time.perf_counter()
    checked = _checked(options)
    with replacing(out) as draft:
        found = index(catalogue)
        Build(draft, found, checked, progress).run(catalogue)
        removed = draft.removed()
    return BuildReport(draft.written, draft.unchanged, removed, time.perf_counter() - began)


def _checked(options: BuildOptions) -> BuildOptions:
    """Addresses end up in links: only web and mail ones may."""
    for flag, value, schemes in (
        ("--base-url", options.base_url, ("https://", "http://")),
        ("--report-url", options.report_url, ("https://", "http://", "mailto:")),
    ):
        if value is not None and not value.startswith(schemes):
            raise UsageError(
                f"{flag} {value!r} is no address of the web", hint=f"begin it with {' or '.join(schemes)}"
            )
    unknown = [one for one in _PLACEHOLDER.findall(options.report_url or "") if one not in PLACEHOLDERS]
    if unknown:
        raise UsageError(
            f"--report-url holds {one_line(unknown[0], 80)}, which nothing fills in",
            hint=f"use {listed(PLACEHOLDERS, 'or')}",
        )
    base = options.base_url
    return BuildOptions(
        base if base is None or base.endswith("/") else base + "/", options.report_url, options.title
    )


class Build:
    """One run: what is being written, from which index, and how far it has come."""

    def __init__(
        self, draft: Draft, found: SiteIndex, options: BuildOptions, progress: Callable[[int, int], None]
    ) -> None:
        self._draft = draft
        self._index = found
        self._options = options
        self._progress = progress
        self._pages = Pages(_site(found, options), options.base_url)
        self._addresses: list[str] = []
        self._total = len(found.tools) + len(found.servers)

    def run(self, catalogue: Catalogue) -> None:
        """Write everything: assets, server by server, then the pages that list them."""
        for name in ASSETS:
            self._draft.write(f"assets/{name}", (resources.SITE_TEMPLATES / "assets" / name).read_bytes())
        for entry in catalogue.servers():
            if entry.tools and entry.name in self._index.row_of:
                self._server(entry)
        for path, template, page, view in self._lists():
            self._page(path, self._pages.render(template, path, page, **view))
        self._draft.write(SEARCH_FILE, search_script(self._index))
        if self._options.base_url:
            for name, text in sitemaps(self._options.base_url, sorted(self._addresses)):
                self._draft.write(name, text)
        self._progress(len(self._addresses), len(self._addresses))

    def _page(self, path: str, text: str) -> None:
        self._draft.write(path, text)
        if path != "404.html":
            self._addresses.append(path)
        if len(self._addresses) % 50 == 0:
            self._progress(min(len(self._addresses), self._total), self._total)

    def _server(self, entry: ServerEntry) -> None:
        """All files of one server's folder."""
        slug_of = self._index.slugs_of[entry.name]
        tools = [tool_facts(tool, slug_of[tool_key(tool)]) for tool in entry.tools]
        server = server_facts(entry.name, tools)
        home = f"tools/{self._index.row_of[entry.name].slug}"
        around = Surroundings(server, entry, self._index, self._options.report_url)
        for facts in server.tools:
            view = tool_view(facts, around)
            path = f"{home}/{facts.slug}.html"
            page = PageView(
                f"{view.name} · {view.server}",
                summary(view),
                "../../",
                twin=f"{facts.slug}.json",
                section="servers",
            )
            self._page(path, self._pages.render("tool", path, page, view=view))
            self._draft.write(f"{home}/{facts.slug}.json", twins.tool_twin(facts))
        shown = server_view(server, entry, self._index)
        page = PageView(
            shown.name, plain(" ".join(shown.summary)), "../../", twin="index.json", section="servers"
        )
        path = f"{home}/index.html"
        self._page(path, self._pages.render("server", path, page, view=shown))
        self._draft.write(f"{home}/index.json", twins.server_twin(server, entry))
        self._draft.write(f"{home}/policy.json", server_policy(server).text + "\n")

    def _lists(self) -> Iterator[tuple[str, str, PageView, dict[str, object]]]:
        """Path, template, page and view of every page that is not one server's."""
        yield from self._level_lists()
        yield from self._category_lists()
        for name, servers in server_pages(self._index):
            yield (
                f"tools/{name}",
                "servers",
                PageView("Servers", f"{servers.total} by exposure", "../", section="servers"),
                {"view": servers},
            )
        covered = coverage_view(self._index)
        yield (
            "coverage.html",
            "coverage",
            PageView("Coverage", covered.summary, "", section="coverage"),
            {"view": covered},
        )
        yield (
            "methodology.html",
            "methodology",
            PageView("Methodology", "How labels are made, measured and doubted", "", section="methodology"),
            {"view": methodology_view(resources.DATA / "models" / SHIPPED)},
        )
        about = "What the tools of MCP servers can do, with evidence, and the policy that contains them"
        yield "index.html", "home", PageView("", about, ""), {"view": home_view(self._index)}
        yield (
            "404.html",
            "not_found",
            PageView("Not found", "There is no page at this address", self._options.base_url or ""),
            {},
        )

    def _level_lists(self) -> Iterator[tuple[str, str, PageView, dict[str, object]]]:
        cards: dict[str, object] = {"kind": "lv", "heading": "Levels", "lead": "How bad one ordinary call can be, if the tool does what it says.",
                 "cards": level_cards(self._index)}  # fmt: skip
        about = PageView("Levels", "The four levels of risk", "../", section="levels")
        yield "risk/index.html", "overview", about, cards
        for level in ALL_LEVELS:
            if level is not Level.UNKNOWN or any(row.level is level for row in self._index.tools):
                gist = f"at this level: {LEVEL_GIST[level]}"
                yield from _listing("risk", "levels", level, gist, level_pages(self._index, level))

    def _category_lists(self) -> Iterator[tuple[str, str, PageView, dict[str, object]]]:
        cards: dict[str, object] = {"kind": "cat", "heading": "Categories", "lead": "What one ordinary call does. Every tool has exactly one.",
                 "cards": category_cards(self._index)}  # fmt: skip
        about = PageView("Categories", "The categories of tools", "../", section="categories")
        yield "category/index.html", "overview", about, cards
        for one in ALL_CATEGORIES:
            if one is not Category.UNKNOWN or any(row.category is one for row in self._index.tools):
                gist = f"of this category: it {CATEGORY_GIST[one]}"
                yield from _listing("category", "categories", one, gist, category_pages(self._index, one))


def _listing(
    folder: str, section: str, what: str, gist: str, pages: Iterable[tuple[str, ListingView]]
) -> Iterator[tuple[str, str, PageView, dict[str, object]]]:
    """The pages of one level or category."""
    for name, view in pages:
        page = PageView(f"{what} tools", f"{view.total} {gist}", "../", section=section)
        yield f"{folder}/{name}", "listing", page, {"view": view}


def _site(found: SiteIndex, options: BuildOptions) -> SiteView:
    newest, tools = found.newest, len(found.tools)
    return SiteView(
        title=options.title,
        version=catalog.__version__,
        count=f"{figure(tools, 'tool')} {'is' if tools == 1 else 'are'} catalogued and classified here, in an index of {figure(found.known, 'server')}.",
        as_of=day(newest) if newest else "no crawl yet",
        as_of_iso=newest.date().isoformat() if newest else "",
    )
