"""The file that corrections are kept in: which one, reading it, and editing it line by line."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from catalog.errors import ConfigError, UsageError
from catalog.files import output_error, write_text
from catalog.overrides.blocks import Block, join, split
from catalog.overrides.book import Overrides
from catalog.overrides.grammar import MAX_SIZE, Parsed, parse, render
from catalog.overrides.location import ENVIRONMENT, default, resolve

if sys.platform != "win32":
    import fcntl

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import date
    from pathlib import Path

    from catalog.records import Override

PREAMBLE: Final = (
    "# Corrections of tool labels: docs/review.md. Written by `catalog override`, and by hand;",
    "# `catalog override --check` finds what is wrong with it.",
    "",
)
_CHECK_HINT: Final = "mend these lines; `catalog override --check` lists them again"


def load(today: date, path: Path | None = None) -> Overrides:
    """The corrections in force.

    Raises:
        ConfigError: as `entries`.

    """
    found = entries(resolve(path))
    return Overrides.in_force((placed.override for placed in found.entries), today)


def entries(path: Path) -> Parsed:
    """All corrections in a file; none where the file that is always meant has not been made yet.

    Raises:
        ConfigError: as `read`, or the file has errors; the message lists them all.

    """
    return _faultless(parse(read(path, may_be_missing=path == resolve())), path)


def read(path: Path, *, may_be_missing: bool = False) -> str:
    """The text of a file; "" for a missing one where that is no error.

    Raises:
        ConfigError: the file is missing, unreadable, too large or not UTF-8.

    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_SIZE + 1)
    except OSError as error:
        if may_be_missing and isinstance(error, FileNotFoundError):
            return ""
        raise ConfigError(
            f"cannot read the corrections in {path}: {(error.strerror or '').lower()}",
            hint=f"name the right file with --file or {ENVIRONMENT}; catalog override SERVER/TOOL writes one",
        ) from error
    if len(data) > MAX_SIZE:
        raise ConfigError(f"{path} is larger than {MAX_SIZE >> 20} MiB", hint="name the right file")
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not UTF-8: byte {error.start}", hint="save it as UTF-8") from error


def add(path: Path, new: Sequence[Override]) -> tuple[Override, ...]:
    """Write corrections of one tool, in place of all that the file has of that tool; gives those.

    The file is made where it is missing. Other lines stay as they are. Two processes that edit one file
    wait for each other.

    Raises:
        ConfigError: the file has errors. UsageError: a text cannot be written in TOML.
        OutputError: the file cannot be written.

    """
    blocks = [_block(override) for override in new]
    places = {(override.server, override.tool) for override in new}
    return _edit(path, lambda entry: (entry.server, entry.tool) in places, blocks)


def remove(path: Path, address: str) -> tuple[Override, ...]:
    """Take out all corrections of the tool `server/tool`; gives those that were there.

    Raises:
        ConfigError, OutputError: as `add`.

    """
    return _edit(path, lambda entry: f"{entry.server}/{entry.tool}" == address, [])


def _faultless(parsed: Parsed, path: Path) -> Parsed:
    if parsed.problems:
        rows = [f"{path}:{problem.line}: {problem.message}" for problem in parsed.problems]
        raise ConfigError("\n".join(rows), hint=_CHECK_HINT)
    return parsed


def _block(override: Override) -> Block:
    try:
        return Block(0, (), render(override), ("",))
    except ValueError as error:
        raise UsageError(
            f"the correction of {override.server}/{override.tool} cannot be written: {error}",
            hint="leave that character out of reason and author; a name with it has no correction",
        ) from error


def _edit(path: Path, gone: Callable[[Override], bool], new: list[Block]) -> tuple[Override, ...]:
    """Replace the blocks that are `gone` by `new` ones, in the order of server, tool and fingerprint."""
    place = path.resolve()  # a link into a repository stays a link
    with _locked(place, path):
        text = read(place, may_be_missing=True)
        parsed = _faultless(parse(text), path)
        preamble, blocks = split(text) if text.strip() else (PREAMBLE, [])
        dropped = {placed.block.line: placed.override for placed in parsed.entries if gone(placed.override)}
        if not dropped and not new:
            return ()
        write_text(place, _merged(preamble, [(block, block.line in dropped) for block in blocks], new))
        return tuple(dropped.values())


def _merged(preamble: tuple[str, ...], old: list[tuple[Block, bool]], new: list[Block]) -> str:
    """The new text. What stood below a block that goes, and above one that is replaced, stays."""
    kept: list[Block] = []
    for block, goes in old:
        if not goes:
            kept.append(block)
        elif kept:
            last = kept[-1]
            kept[-1] = Block(last.line, last.lead, last.body, (*last.tail, *_remarks(block.tail)))
        else:
            preamble = (*preamble, *_remarks(block.tail))
    for block in new:
        at = next((number for number, other in enumerate(kept) if _key(other) > _key(block)), len(kept))
        kept.insert(at, block)
    return join(preamble, [_parted(block) for block in kept]).rstrip("\n") + "\n"


def _remarks(tail: tuple[str, ...]) -> tuple[str, ...]:
    """The comments of a tail with the blank lines among them; nothing when there are only blank lines."""
    return tail if any(line.strip() for line in tail) else ()


def _parted(block: Block) -> Block:
    """The block with a blank line before whatever comes next."""
    return (
        block
        if block.tail and not block.tail[-1].strip()
        else Block(block.line, block.lead, block.body, (*block.tail, ""))
    )


def _key(block: Block) -> tuple[str, str, str]:
    (placed,) = parse("\n".join(block.body)).entries
    return placed.override.server, placed.override.tool, placed.override.fingerprint


@contextmanager
def _locked(place: Path, shown: Path) -> Iterator[None]:
    """Hold the folder of the file against other edits; a lock that ends with the process."""
    try:
        if place.parent == default().parent:
            place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if sys.platform == "win32":  # pragma: no cover - no advisory lock there: the last edit stands
            yield
            return
        descriptor = os.open(place.parent, os.O_RDONLY)
    except OSError as error:
        raise output_error(shown, error) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
