r"""`path_within`: whether a path lies in a folder, told from its text alone.

The disk is never touched, so a link inside the folder is not seen; what can be seen is refused as
doubt: `..`, a relative path, escapes (`%2e`, `$HOME`, `~`), look-alike separators, `/proc` and
`/dev` (whose entries lead anywhere), Windows' streams, device names, short names, `\\?\` and UNC.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_DRIVE: Final = re.compile(r"[A-Za-z]:[\\/]")
_ESCAPES: Final = re.compile(r"[%$\x00-\x1f\x7f]")
_SHORT_NAME: Final = re.compile(r"~[0-9]")
_DEVICE: Final = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])(?:\..*)?\Z")
_LEADS_ANYWHERE: Final = (("proc",), ("dev",))
# What Windows' older interfaces take for a separator when a name does not fit their code page (best fit).
_LOOK_ALIKE: Final = re.compile("[\u2044\u2215\u2216\u29f5\u29f8\u29f9\u00a5\u20a9]")
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})

Parts = tuple[str, ...]


def is_folder(text: str) -> bool:
    """Whether a policy may name this folder: absolute, and free of everything that leaves doubt."""
    return _split(text) is not None


def path_within(folders: Sequence[str]) -> Callable[[object], bool | None]:
    """A judge of values: in one of the folders (or one of them itself), in none, or in doubt (None).

    Windows paths are compared without regard to case; elsewhere a path that is within only without
    regard to case leaves doubt, since some disks do not tell the two apart.
    """
    known = [parts for folder in folders if (parts := _split(folder)) is not None]
    systems = {parts[0] == "/" for parts in known}  # a path of another system than the folders' leaves doubt

    def judge(value: object) -> bool | None:
        parts = _split(value) if isinstance(value, str) else None
        if parts is None or (parts[0] == "/") not in systems:
            return None
        if any(_below(parts, folder) for folder in known):
            return True
        folded = _folded(parts)
        return None if any(_below(folded, _folded(folder)) for folder in known) else False

    return judge


def _below(parts: Parts, folder: Parts) -> bool:
    return parts[: len(folder)] == folder


def _folded(parts: Parts) -> Parts:
    return tuple(unicodedata.normalize("NFKC", part).casefold() for part in parts)


def _split(text: str) -> Parts | None:
    """The path's root and segments, None where it leaves doubt."""
    if not _is_plain(text):
        return None
    if _DRIVE.match(text):
        segments = _segments(text[3:].replace("\\", "/"))
        return None if segments is None else _windows(text[0], segments)
    if not text.startswith("/") or text.startswith("//") or "\\" in text:
        return None
    segments = _segments(text)
    if segments is None or segments[:1] in _LEADS_ANYWHERE:
        return None
    return ("/", *segments)


def _is_plain(text: str) -> bool:
    """No escapes, nothing unseen, and nothing that becomes a separator or a dot when normalised."""
    if _ESCAPES.search(text):
        return False
    if text.isascii():
        return True
    if any(unicodedata.category(character) in _UNSEEN for character in text):
        return False
    plain = unicodedata.normalize("NFKC", text)
    if _LOOK_ALIKE.search(plain):
        return False
    return all(plain.count(mark) == text.count(mark) for mark in "/\\.:%~$")


def _segments(text: str) -> Parts | None:
    segments = tuple(segment for segment in text.split("/") if segment not in ("", "."))
    for segment in segments:
        # Windows drops trailing dots and spaces, so that "etc." and ".. " mean something else there.
        if segment[-1] in ". " or segment[0] in "~ ":
            return None
    return segments


def _windows(drive: str, segments: Parts) -> Parts | None:
    folded = tuple(segment.casefold() for segment in segments)
    for segment in folded:
        if _SHORT_NAME.search(segment) or ":" in segment or _DEVICE.match(segment):
            return None
    return (f"{drive.casefold()}:", *folded)
