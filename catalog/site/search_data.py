"""The names of all tools and servers, compact, for the search that runs in the reader's browser.

A script file and not bare JSON, because a page opened from a folder may load a script but may not
fetch a file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from catalog.public import to_json
from catalog.site.words import ALL_CATEGORIES, ALL_LEVELS
from catalog.visible import one_line

if TYPE_CHECKING:
    from catalog.site.index import SiteIndex

FILE_NAME = "data/search.js"
_NAME_WIDTH = 100


def search_script(index: SiteIndex) -> str:
    """`catalogSearch({levels, categories, servers: [[name, slug]], tools: [[server, name, slug, level, category]]})`.

    The numbers in a tool's row are positions in the other lists; `slug` is 0 where it equals the name.
    """
    at = {row.name: position for position, row in enumerate(index.servers)}
    data = {
        "levels": [level.value for level in ALL_LEVELS],
        "categories": [category.value for category in ALL_CATEGORIES],
        "servers": [[one_line(row.name, _NAME_WIDTH), row.slug] for row in index.servers],
        "tools": [
            [
                at[row.server.name],
                one_line(row.name, _NAME_WIDTH),
                0 if row.slug == row.name else row.slug,
                ALL_LEVELS.index(row.level),
                ALL_CATEGORIES.index(row.category),
            ]
            for row in index.tools
        ],
    }
    return f"catalogSearch({to_json(data)});\n"
