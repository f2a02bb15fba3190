"""The only user of the templates: a view and its place in, a page's HTML out."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Final

from catalog.site.templates import Templates

if TYPE_CHECKING:
    from catalog.site.made import Page
    from catalog.site.views import SiteView

# Key, word and address of each entry in the head of a page.
SECTIONS: Final = (
    ("servers", "Servers", "tools/index.html"),
    ("levels", "Levels", "risk/index.html"),
    ("categories", "Categories", "category/index.html"),
    ("attacks", "Attacks", "attacks/index.html"),
    ("builder", "Builder", "builder.html"),
    ("changes", "Changes", "changes/index.html"),
    ("coverage", "Coverage", "coverage.html"),
    ("methodology", "Methodology", "methodology.html"),
)


class Pages:
    """Templates compiled once; each page is written with the site's own facts around it."""

    def __init__(self, site: SiteView, base_url: str | None) -> None:
        environment = Templates()
        environment.globals["site"] = site
        environment.globals["sections"] = SECTIONS
        self._template = cache(lambda name: environment.get_template(f"{name}.html"))
        self._site = site
        self._base_url = base_url

    def render(self, made: Page) -> str:
        """The whole page. `made.about.title` is given without the site's."""
        about = made.about
        whole = f"{about.title} · {self._site.title}" if about.title else self._site.title
        canonical = self._base_url + made.path if self._base_url else None
        placed = replace(about, title=whole, canonical=canonical)
        return self._template(made.template).render(page=placed, view=made.view)
