"""What a site depends on besides the catalogue's data: the program itself, and what the operator decided."""

from __future__ import annotations

from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Final

import catalog
import classifier
from catalog import resources

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catalog.site.options import BuildOptions

_PASSED_OVER: Final = frozenset({"__pycache__"})


def digest(options: BuildOptions) -> str:
    """Changes with every template, asset, data file and module, and with every option but the choice of servers."""
    shown = (options.base_url, options.report_url, options.title)
    return blake2b(f"{program()}{shown!r}".encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


@cache
def program() -> str:
    """The digest of all that comes with the program; a process that outlives a change of it clears the cache."""
    whole = blake2b(digest_size=16)
    for path in _files():
        whole.update(f"{path.name}\0{path.stat().st_size}\0".encode())
        whole.update(path.read_bytes())
    return whole.hexdigest()


def _files() -> Iterator[Path]:
    roots = [resources.SITE_TEMPLATES, resources.DATA]
    for package in (catalog, classifier):
        roots += [Path(place) for place in package.__path__]
    for root in roots:
        for path in sorted(root.rglob("*")):
            if path.is_file() and _PASSED_OVER.isdisjoint(path.parts):
                yield path
