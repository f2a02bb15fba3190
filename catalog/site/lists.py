"""The pages that list tools or servers of the whole catalogue, and the home page."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from catalog import resources
from catalog.model import SHIPPED
from catalog.site.attack_cards import attacks_among, tallies
from catalog.site.drift_pages import latest
from catalog.site.listing_view import (
    category_cards,
    category_pages,
    coverage_view,
    home_view,
    level_cards,
    level_pages,
    server_pages,
    with_attacks,
)
from catalog.site.made import File, Page
from catalog.site.methodology import methodology_view
from catalog.site.search_data import search_files
from catalog.site.views import OverviewView, PageView
from catalog.site.words import ALL_CATEGORIES, ALL_LEVELS, CATEGORY_GIST, LEVEL_GIST
from classifier.types import Category, Level

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from catalog.site.made import Whole
    from catalog.site.views import ListingView


def assets(whole: Whole) -> Iterator[File]:
    """Style sheet, scripts and pictures."""
    del whole
    for path in sorted((resources.SITE_TEMPLATES / "assets").iterdir()):
        yield File(f"assets/{path.name}", path.read_bytes())


def home(whole: Whole) -> Iterator[Page]:
    """The first page."""
    about = "What the tools of MCP servers can do, with evidence, and the policy that contains them"
    yield Page(
        "index.html", "home", PageView("", about, ""), replace(home_view(whole.index), latest=latest(whole))
    )


def levels(whole: Whole) -> Iterator[Page]:
    """An overview, and the tools of each level."""
    yield Page(
        "risk/index.html",
        "overview",
        PageView("Levels", "The four levels of risk", "../", section="levels"),
        OverviewView(
            "lv",
            "Levels",
            "How bad one ordinary call can be, if the tool does what it says.",
            level_cards(whole.index),
        ),
    )
    present, found = {level for _, level in whole.index.counts()}, tallies(whole)
    for level in ALL_LEVELS:
        if level is not Level.UNKNOWN or level in present:
            gist = f"at this level: {LEVEL_GIST[level]}"
            views = with_attacks(level_pages(whole.index, level), attacks_among(found, level=level))
            yield from _listing("risk", "levels", level, gist, views)


def categories(whole: Whole) -> Iterator[Page]:
    """An overview, and the tools of each category."""
    yield Page(
        "category/index.html",
        "overview",
        PageView("Categories", "The categories of tools", "../", section="categories"),
        OverviewView(
            "cat",
            "Categories",
            "What one ordinary call does. Every tool has exactly one.",
            category_cards(whole.index),
        ),
    )
    present, found = {category for category, _ in whole.index.counts()}, tallies(whole)
    for one in ALL_CATEGORIES:
        if one is not Category.UNKNOWN or one in present:
            gist = f"of this category: it {CATEGORY_GIST[one]}"
            views = with_attacks(category_pages(whole.index, one), attacks_among(found, category=one))
            yield from _listing("category", "categories", one, gist, views)


def _listing(
    folder: str, section: str, what: str, gist: str, pages: Iterable[tuple[str, ListingView]]
) -> Iterator[Page]:
    for name, view in pages:
        about = PageView(f"{what} tools", f"{view.total} {gist}", "../", section=section)
        yield Page(f"{folder}/{name}", "listing", about, view)


def servers(whole: Whole) -> Iterator[Page]:
    """All servers that have tools."""
    for name, view in server_pages(whole.index):
        about = PageView("Servers", f"{view.total} by exposure", "../", section="servers")
        yield Page(f"tools/{name}", "servers", about, view)


def coverage(whole: Whole) -> Iterator[Page]:
    """What could not be read, and why."""
    view = coverage_view(whole.index)
    yield Page("coverage.html", "coverage", PageView("Coverage", view.summary, "", section="coverage"), view)


def methodology(whole: Whole) -> Iterator[Page]:
    """How labels are made; it tells of the shipped model and not of the data."""
    del whole
    about = PageView("Methodology", "How labels are made, measured and doubted", "", section="methodology")
    yield Page(
        "methodology.html", "methodology", about, methodology_view(resources.DATA / "models" / SHIPPED)
    )


def not_found(whole: Whole) -> Iterator[Page]:
    """What a web server shows where there is no page; it must find its way home from any depth."""
    about = PageView("Not found", "There is no page at this address", whole.options.base_url or "")
    yield Page("404.html", "not_found", about, listed=False)


def search(whole: Whole) -> Iterator[File]:
    """The data of the search."""
    yield from search_files(whole.index)
