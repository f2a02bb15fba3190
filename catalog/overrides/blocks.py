"""An overrides file as blocks of lines, so that an edit leaves every other line as its author wrote it.

A block begins with its line `[[override]]`, together with the comment lines right above that, and ends
with its last line that is neither blank nor a comment; what follows up to the next block is its tail.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_HEADER: Final = re.compile(r"[ \t]*\[\[[ \t]*override[ \t]*\]\][ \t]*(#.*)?")
_REMARK: Final = re.compile(r"[ \t]*(#.*)?")


@dataclass(frozen=True, slots=True)
class Block:
    """One entry's lines. `line` is the number of its header, counted from 1."""

    line: int
    lead: tuple[str, ...]
    body: tuple[str, ...]
    tail: tuple[str, ...]

    def line_of(self, key: str) -> int:
        """The number of the line that sets a key; the header's when there is none."""
        setting = re.compile(rf"[ \t]*[\"']?{re.escape(key)}[\"']?[ \t]*=")
        numbers = (self.line + number for number, line in enumerate(self.body) if setting.match(line))
        return next(numbers, self.line)


def split(text: str) -> tuple[tuple[str, ...], list[Block]]:
    """The lines above the first block, and the blocks. Joined again they are the same lines."""
    lines = text.split("\n")
    headers = [number for number, line in enumerate(lines) if _HEADER.fullmatch(line)]
    starts = [_lead(lines, header) for header in headers]
    ends = [*starts, len(lines)][1:]
    blocks = [
        _block(lines, start, header, end) for start, header, end in zip(starts, headers, ends, strict=True)
    ]
    return tuple(lines[: starts[0] if starts else len(lines)]), blocks


def join(preamble: tuple[str, ...], blocks: list[Block]) -> str:
    """The text again."""
    lines = list(preamble)
    for block in blocks:
        lines += [*block.lead, *block.body, *block.tail]
    return "\n".join(lines)


def _lead(lines: list[str], header: int) -> int:
    start = header
    while start > 0 and lines[start - 1].lstrip(" \t").startswith("#"):
        start -= 1
    return start


def _block(lines: list[str], start: int, header: int, end: int) -> Block:
    last = end
    while last > header + 1 and _REMARK.fullmatch(lines[last - 1]):
        last -= 1
    return Block(header + 1, *(tuple(lines[a:b]) for a, b in ((start, header), (header, last), (last, end))))
