"""sitemap.xml and its parts (sitemaps.org protocol 0.9): only where the public address is known."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

PART: Final = 50_000  # addresses in one file; the protocol allows no more
_HEAD: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'
_SPACE: Final = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


def sitemaps(base_url: str, pages: Iterable[str]) -> Iterator[tuple[str, str]]:
    """File names and contents: the parts, then the index `sitemap.xml` that names them."""
    stream = iter(pages)
    names: list[str] = []
    while part := list(islice(stream, PART)):
        names.append(f"sitemap-{len(names) + 1}.xml")
        yield names[-1], _document("urlset", "url", base_url, part)
    yield "sitemap.xml", _document("sitemapindex", "sitemap", base_url, names)


def _document(outer: str, inner: str, base_url: str, paths: Sequence[str]) -> str:
    rows = "".join(f"<{inner}><loc>{escape(base_url + path)}</loc></{inner}>\n" for path in paths)
    return f"{_HEAD}<{outer} {_SPACE}>\n{rows}</{outer}>\n"
