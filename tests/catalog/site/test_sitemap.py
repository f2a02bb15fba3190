"""sitemap.xml and its parts (sitemaps.org protocol 0.9: at most 50,000 addresses in one file)."""

from __future__ import annotations

import re

from catalog.site.sitemap import PART, sitemaps


def test_parts_hold_at_most_fifty_thousand_addresses_and_the_index_names_them_all() -> None:
    pages = [f"tools/a&b/{number}.html" for number in range(2 * PART + 1)]
    files = dict(sitemaps("https://example.org/", iter(pages)))
    assert list(files) == ["sitemap-1.xml", "sitemap-2.xml", "sitemap-3.xml", "sitemap.xml"]
    counts = [text.count("<url>") for name, text in files.items() if name != "sitemap.xml"]
    assert counts == [PART, PART, 1]
    named = re.findall(r"<loc>https://example.org/(.*?)</loc>", files["sitemap.xml"])
    assert named == list(files)[:3]
    assert "a&amp;b" in files["sitemap-3.xml"]
