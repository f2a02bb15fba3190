"""The only user of the templates: a view and its place in, a page's HTML out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from catalog import resources
from catalog.site.markup import prose

if TYPE_CHECKING:
    from catalog.site.views import PageView, SiteView

# Key, word and address of each entry in the head of a page.
SECTIONS: Final = (
    ("servers", "Servers", "tools/index.html"),
    ("levels", "Levels", "risk/index.html"),
    ("categories", "Categories", "category/index.html"),
    ("coverage", "Coverage", "coverage.html"),
    ("methodology", "Methodology", "methodology.html"),
)
_TEMPLATES: Final = (
    "tool", "server", "home", "listing", "overview", "servers", "coverage", "methodology",
    "not_found",
)  # fmt: skip


class Pages:
    """Templates compiled once; each page is written with the site's own facts around it."""

    def __init__(self, site: SiteView, base_url: str | None) -> None:
        environment = Environment(
            loader=FileSystemLoader(resources.SITE_TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        environment.filters["prose"] = prose
        environment.globals["site"] = site
        environment.globals["sections"] = SECTIONS
        self._templates = {name: environment.get_template(f"{name}.html") for name in _TEMPLATES}
        self._site = site
        self._base_url = base_url

    def render(self, template: str, path: str, page: PageView, **values: Any) -> str:
        """The page at `path` (relative to the site's root). `page.title` is given without the site's."""
        whole = f"{page.title} · {self._site.title}" if page.title else self._site.title
        canonical = self._base_url + path if self._base_url else None
        placed = replace(page, title=whole, canonical=canonical)
        return self._templates[template].render(page=placed, **values)
