"""The data of the search that runs in the reader's browser: small script files, loaded as they are needed.

Scripts and not bare JSON, because a page opened from a folder may load a script but may not fetch a file.
Every server and tool has a number: servers first, then tools, of each kind those with the shortest names
first, so that the best hits have the lowest numbers. `data/search/` holds

- `index.js`: how many there are, how many of them servers, and with which word each file of words begins;
- `w0.js` and so on: words in order, each with the numbers of the tools and servers whose name, texts or
  server's name hold it (three lists, each number as its distance from the one before);
- `d0.js` and so on: name, server, address and facet of `BLOCK` numbers each;
- `f0.js` and so on: the facets (level and category) of `FACETS` numbers each, one character each.
"""

from __future__ import annotations

import json
from array import array
from collections import defaultdict
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from catalog.public import to_json
from catalog.site.index import BY_RANK
from catalog.site.made import File
from catalog.site.search_words import name_words
from catalog.site.state import to_name
from catalog.site.words import ALL_CATEGORIES, ALL_LEVELS
from catalog.visible import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from catalog.site.index import SiteIndex

FOLDER: Final = "data/search"
BLOCK: Final = 64
FACETS: Final = 32_768
SHARD: Final = 24_000  # characters of a file of words, unless one word alone needs more
SIGNS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"  # facets: level by level, each with all categories
SERVER: Final = "-"  # the facet of a server
_NAME_WIDTH: Final = 100
_EVERYWHERE: Final = frozenset({"mcp", "server"})  # words of a server's name that tell nothing
_SERVERS: Final = "SELECT name, slug FROM server WHERE tools > 0 ORDER BY length(name), fold, name"
_TOOLS: Final = """SELECT tool.name, tool.slug, tool.level, tool.category, tool.words, server.name, server.slug
 FROM tool JOIN server ON server.id = tool.server ORDER BY tool.place, tool.name, server.fold, server.name, tool.slug"""

Postings = dict[str, "array[int]"]


class _Words:
    """Words with the numbers where they stand: in names, in texts, in the names of servers."""

    def __init__(self) -> None:
        self._lists: tuple[Postings, Postings, Postings] = (
            defaultdict(lambda: array("I")),
            defaultdict(lambda: array("I")),
            defaultdict(lambda: array("I")),
        )

    def add(self, number: int, *words: Iterable[str]) -> None:
        for found, some in zip(self._lists, words, strict=True):
            for word in some:
                found[word].append(number)

    def shards(self) -> Iterator[tuple[str, str]]:
        """The first word and the text of each file."""
        first, size = "", 0
        parts: list[str] = []
        for word in sorted({*self._lists[0], *self._lists[1], *self._lists[2]}):
            part = (
                f"{json.dumps(word)}:[{','.join(_distances(found.get(word, ())) for found in self._lists)}]"
            )
            if parts and size + len(part) > SHARD:
                yield first, "{" + ",".join(parts) + "}"
                parts, size = [], 0
            first = word if not parts else first
            parts.append(part)
            size += len(part) + 1
        if parts:
            yield first, "{" + ",".join(parts) + "}"


def search_files(index: SiteIndex) -> Iterator[File]:
    """All files of the search."""
    words, count, facets = _Words(), 0, []
    entries = _entries(index, words)
    for at, block in enumerate(iter(lambda: list(islice(entries, BLOCK)), [])):
        yield _file("d", at, f"[{','.join(block_entry for block_entry, _ in block)}]")
        facets.append("".join(facet for _, facet in block))
        count += len(block)
    signs = "".join(facets)
    for at in range(0, count, FACETS):
        yield _file("f", at // FACETS, json.dumps(signs[at : at + FACETS]))
    starts = []
    for at, (first, text) in enumerate(words.shards()):
        starts.append(first)
        yield _file("w", at, text)
    head = {
        "count": count,
        "servers": len(index.servers),
        "block": BLOCK,
        "facets": FACETS,
        "signs": SIGNS,
        "levels": [level.value for level in ALL_LEVELS],
        "categories": [category.value for category in ALL_CATEGORIES],
        "starts": starts,
    }
    yield File(f"{FOLDER}/index.js", f"catalogSearch.index({json.dumps(head, separators=(',', ':'))});\n")


def _entries(index: SiteIndex, words: _Words) -> Iterator[tuple[str, str]]:
    """Entry and facet of each number; its words are put down on the way."""
    number = 0
    for row in index.state.rows(_SERVERS):
        name = to_name(row[0])
        words.add(number, name_words(name), (), _telling(name))
        yield _entry(one_line(name, _NAME_WIDTH), "", row[1], SERVER), SERVER
        number += 1
    for row in index.state.rows(_TOOLS):
        server = to_name(row[5])
        names, texts = json.loads(row[4])
        words.add(number, names, texts, _telling(server))
        facet = SIGNS[ALL_LEVELS.index(BY_RANK[row[2]]) * len(ALL_CATEGORIES) + row[3]]
        name, shown = one_line(to_name(row[0]), _NAME_WIDTH), one_line(server, _NAME_WIDTH)
        yield _entry(name, shown, f"{row[6]}/{row[1]}", facet), facet
        number += 1


def _telling(server: str) -> list[str]:
    found = name_words(server)
    return [word for word in found if word not in _EVERYWHERE] or found


def _entry(name: str, server: str, where: str, facet: str) -> str:
    return to_json([name, server, where, facet])


def _distances(numbers: Sequence[int]) -> str:
    """`"3,1,1"` for 3, 4 and 5."""
    if len(numbers) < 2:
        return f'"{numbers[0]}"' if numbers else '""'
    before, found = 0, []
    for number in numbers:
        found.append(number - before)
        before = number
    return f'"{",".join(map(str, found))}"'


def _file(kind: str, at: int, value: Any) -> File:
    names = {"d": "entries", "f": "facets", "w": "words"}
    return File(f"{FOLDER}/{kind}{at}.js", f"catalogSearch.{names[kind]}({at},{value});\n")
