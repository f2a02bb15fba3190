"""Which Python a package gets: the running one, or the newest installed one that suits it."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

NEWEST: Final = "3.15"  # the newest released Python: what "the newest version of a package" is asked for
_OLDEST: Final = (3, 9)  # no MCP SDK ever ran on anything older

_TOO_OLD: Final = re.compile(
    r"Python version \((?:[<>=~! ]*)[\d.]+\)\s+does\s+not\s+satisfy\s+Python\s?([<>=~!][<>=~!.,*\d]*)"
)
_WRONG_TAG: Final = re.compile(r"no\s+wheels\s+with\s+a\s+matching\s+Python")
_LOWER: Final = re.compile(r">=\s*(\d+)\.(\d+)")
_PYENV_ROOTS: Final = (("PYENV_ROOT", ""), ("HOME", ".pyenv"))
_VERSION: Final = re.compile(r"\d+(\.\d+)*")


def running() -> str:
    """The interpreter behind the one we run in (uv wants no virtual environment's link)."""
    return os.path.realpath(sys.executable)


def wanted(uv_message: str) -> str | None:
    """The `Requires-Python` that uv complains about, such as `>=3.12`; None when that is not its complaint.

    uv wraps its explanations, so white space may stand anywhere between the words.
    """
    found = _TOO_OLD.search(uv_message)
    return found[1].rstrip(",.") if found else None


def unsuitable(uv_message: str) -> bool:
    """Whether uv complains about the Python it was given: too old, too new, or no wheel for it."""
    return wanted(uv_message) is not None or _WRONG_TAG.search(uv_message) is not None


def others(needed: str | None) -> list[str]:
    """Python versions to ask uv for, newest first, down to the lower bound of `needed` (such as `>=3.12`)."""
    bound = _LOWER.search(needed or "")
    lowest = max(_OLDEST, (int(bound[1]), int(bound[2]))) if bound else _OLDEST
    newest = _numbers(NEWEST)
    return [f"{newest[0]}.{minor}" for minor in range(newest[1], lowest[1] - 1, -1)]


def search_path(environ: Mapping[str, str]) -> str:
    """A PATH on which uv finds every installed Python.

    pyenv's shims are scripts that fail for versions that are not selected, which breaks uv's search:
    they are left out, and the interpreters they stand for are put in, newest first.
    """
    entries = [Path(entry) for entry in environ.get("PATH", "").split(os.pathsep) if entry]
    kept = [str(entry) for entry in entries if entry.name != "shims"]
    roots = [entry.parent for entry in entries if entry.name == "shims"]
    roots += [Path(environ[name]) / rest for name, rest in _PYENV_ROOTS if name in environ]
    roots += Path(running()).parents[3:4]  # when we run in a version of pyenv, its siblings are beside it
    return os.pathsep.join(dict.fromkeys([*kept, *map(str, _pyenv_folders(roots))]))


def _pyenv_folders(roots: Iterable[Path]) -> list[Path]:
    found = [folder for root in roots for folder in (root / "versions").glob("3.*/bin")]
    usable = [folder for folder in found if (folder / "python3").exists()]
    return sorted(usable, key=lambda folder: _numbers(folder.parent.name), reverse=True)


def _numbers(version: str) -> tuple[int, ...]:
    found = _VERSION.match(version)
    return tuple(int(part) for part in found[0].split(".")) if found else ()
