"""The command line of a gateway, read for the server behind it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

_PROGRAM: Final = "catalog"
_MODULE: Final = "catalog.cli.main"


@dataclass(frozen=True, slots=True)
class Guarded:
    """The server that a gateway stands before: a command line, or an address.

    `headers` are pairs of a header and the variable that holds its value; `options` is how many words stand
    before the command.
    """

    command: tuple[str, ...] = ()
    url: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    options: int = 0


def guarded(words: Sequence[str]) -> Guarded | None:
    """What stands behind `catalog gateway …`; None when the words are another command line."""
    start = _start(words)
    if start is None:
        return None
    rest = list(words[start:])
    if "--" in rest:
        cut = rest.index("--") + 1
        return Guarded(command=tuple(rest[cut:]), options=start + cut) if rest[cut:] else None
    addresses = _values(rest, "--upstream")
    if not addresses:
        return None
    pairs = [given.partition("=") for given in _values(rest, "--upstream-header")]
    return Guarded(url=addresses[-1], headers=tuple((name, variable) for name, _, variable in pairs))


def _start(words: Sequence[str]) -> int | None:
    """The place of the first option."""
    for at in range(1, len(words)):
        if words[at] == "gateway" and _is_ours(words[at - 1]):
            return at + 1
    return None


def _is_ours(word: str) -> bool:
    """Our program; not one of that name in a folder that comes with the config."""
    path = PurePath(word)
    return word in (_PROGRAM, _MODULE) or (path.name == _PROGRAM and path.is_absolute())


def _values(words: Sequence[str], option: str) -> list[str]:
    apart = [words[at + 1] for at, word in enumerate(words[:-1]) if word == option]
    joined = [word.removeprefix(f"{option}=") for word in words if word.startswith(f"{option}=")]
    return apart + joined
