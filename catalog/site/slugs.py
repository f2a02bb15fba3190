"""File names and addresses out of hostile names: lower-case ASCII, safe on every file system, unique.

A slug holds only `a-z 0-9 _ -`, so it can neither leave its folder nor end a page early. Within a
folder the name that is asked for first keeps the plain slug; a later one that would fold to the same
gets a short fingerprint of its name. Ask in the order of first sight and addresses stay for ever.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

MAX_SLUG: Final = 72  # characters, so that even the longest path stays below the 260 of old Windows
_DIGITS: Final = 8  # hex digits of a fingerprint
# Device names on Windows, and the files that every folder of the site has of its own.
RESERVED: Final = frozenset(
    ["con", "prn", "aux", "nul", "conin", "conout", "clock", "index", "policy"]
    + [f"{port}{number}" for port in ("com", "lpt") for number in range(10)]
)
_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_UNSAFE: Final = re.compile(r"[^a-z0-9_]+")
_PAGE_NUMBER: Final = re.compile(r"index-\d+")


def slugs(names: Iterable[str], reserved: Collection[str] = RESERVED) -> list[str]:
    """A slug for each name, in the same order, none of them twice. Earlier names have the first choice."""
    given: list[str] = []
    taken = set(reserved)
    for name in names:
        given.append(_free_slug(name, taken))
        taken.add(given[-1])
    return given


def _free_slug(name: str, taken: Collection[str]) -> str:
    base = _base(name)
    whole = len(base) <= MAX_SLUG
    if whole and base and base not in taken and not _PAGE_NUMBER.fullmatch(base):
        return base
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()
    for digits in range(_DIGITS, len(digest)):
        head = base[: MAX_SLUG - digits - 1].rstrip("-_") or "x"
        candidate = f"{head}-{digest[:digits]}"
        if candidate not in taken:
            break
    return candidate


def _base(name: str) -> str:
    """The readable part: accents dropped, words of camelCase parted, everything else a hyphen."""
    folded = unicodedata.normalize("NFKD", _CAMEL.sub("-", name)).encode("ascii", "ignore").decode("ascii")
    return _UNSAFE.sub("-", folded.lower()).strip("-")
