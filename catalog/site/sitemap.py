"""sitemap.xml and its parts (sitemaps.org protocol 0.9): only where the public address is known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PART: Final = 50_000  # addresses in one file; the protocol allows no more
_HEAD: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'
_SPACE: Final = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


def sitemaps(base_url: str, pages: Sequence[str]) -> Iterator[tuple[str, str]]:
    """File names and contents: the index `sitemap.xml`, then the parts it names."""
    parts = [pages[start : start + PART] for start in range(0, len(pages), PART)]
    names = [f"sitemap-{number}.xml" for number in range(1, len(parts) + 1)]
    yield "sitemap.xml", _document("sitemapindex", "sitemap", base_url, names)
    for name, part in zip(names, parts, strict=True):
        yield name, _document("urlset", "url", base_url, part)


def _document(outer: str, inner: str, base_url: str, paths: Sequence[str]) -> str:
    rows = "".join(f"<{inner}><loc>{escape(base_url + path)}</loc></{inner}>\n" for path in paths)
    return f"{_HEAD}<{outer} {_SPACE}>\n{rows}</{outer}>\n"
