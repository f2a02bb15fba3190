"""The grammar of an overrides file: TOML, a table `[[override]]` per correction; text in, entries out.

Each block is read by itself, so that one mistake hides no other and every message has its line.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from catalog.overrides.blocks import Block, split
from catalog.overrides.correction import floor
from catalog.records import Override
from catalog.visible import one_line
from classifier.types import CATEGORIES, LEVELS, Category, Level

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_SIZE: Final = 16 << 20  # bytes
MAX_BLOCK: Final = 64 << 10  # characters of one correction; no reason is that long
_TEXTS: Final = ("server", "tool", "fingerprint", "category", "risk", "reason", "author")
_NEEDED: Final = (*_TEXTS, "date")
_KEYS: Final = (*_NEEDED, "expires", "any_server")
_FINGERPRINT: Final = re.compile(r"[0-9a-f]{64}")
_CHOICES: Final = {"category": CATEGORIES, "risk": LEVELS}
_PLACE: Final = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")
_ESCAPES: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with a file, at a line counted from 1."""

    line: int
    message: str


@dataclass(frozen=True, slots=True)
class Placed:
    """A correction and the block of the file that holds it."""

    override: Override
    block: Block


@dataclass(frozen=True, slots=True)
class Parsed:
    """The corrections that could be read, in the file's order, and all that is wrong, by line."""

    entries: tuple[Placed, ...]
    problems: tuple[Problem, ...]


def parse(text: str) -> Parsed:
    """Read a file's text; never raises, whatever the text."""
    preamble, blocks = split(text)
    problems = [
        Problem(number, "only comments may stand above the first [[override]]")
        for number, line in enumerate(preamble, 1)
        if line.strip(" \t") and not line.lstrip(" \t").startswith("#")
    ]
    entries = []
    for block in blocks:
        values, wrong = _values(block)
        wrong = wrong or _checked(values, block)
        problems += wrong
        if not wrong:
            entries.append(Placed(_override(values), block))
    problems += _duplicates(entries)
    return Parsed(tuple(entries), tuple(sorted(problems, key=lambda problem: problem.line)))


def render(override: Override) -> tuple[str, ...]:
    """The lines of one correction, keys in a fixed order.

    Raises:
        ValueError: a text holds half a character (a lone surrogate), which no TOML file can hold.

    """
    settings: dict[str, str] = {key: _string(str(getattr(override, key))) for key in _TEXTS}
    settings["date"] = override.date.isoformat()
    if override.expires is not None:
        settings["expires"] = override.expires.isoformat()
    if override.any_server:
        settings["any_server"] = "true"
    return ("[[override]]", *(f"{key} = {value}" for key, value in settings.items()))


def _string(text: str) -> str:
    """A TOML basic string; whatever cannot be seen is an escape, so that a reviewer sees it."""
    return '"' + "".join(_ESCAPES.get(c) or (c if c.isprintable() else _escaped(c)) for c in text) + '"'


def _escaped(character: str) -> str:
    code = ord(character)
    if 0xD800 <= code <= 0xDFFF:
        raise ValueError(f"U+{code:04X} is half a character, which no TOML file can hold")
    return f"\\u{code:04X}" if code <= 0xFFFF else f"\\U{code:08X}"


def _values(block: Block) -> tuple[dict[str, Any], list[Problem]]:
    """The keys of one block, or why it cannot be read."""
    text = "\n".join(block.body) + "\n"
    if len(text) > MAX_BLOCK:
        return {}, [Problem(block.line, f"this correction is longer than {MAX_BLOCK >> 10} KiB")]
    try:
        whole = tomllib.loads(text)
    except RecursionError:
        return {}, [Problem(block.line, "this is nested too deeply")]
    except ValueError as error:  # TOMLDecodeError, or a number beyond what Python converts
        place = _PLACE.search(str(error))
        row = int(place[1]) if place and place[1] else len(block.body) if place else 1
        line = min(block.line + row - 1, block.line + len(block.body) - 1)
        return {}, [Problem(line, f"this is not TOML: {one_line(_PLACE.sub('', str(error)), 200)}")]
    tables = [key for key in whole if key != "override"]
    if tables or len(whole["override"]) > 1:
        what = f"{_shown(tables[0])} is no table of this file" if tables else "this holds several corrections"
        return {}, [Problem(block.line, f"{what}: each begins with a line [[override]]")]
    return whole["override"][0], []


def _checked(values: dict[str, Any], block: Block) -> list[Problem]:
    """All that is wrong with the values of one block."""
    found = [
        Problem(block.line_of(key), f"{_shown(key)} is no key of a correction")
        for key in values
        if key not in _KEYS
    ]
    found += [Problem(block.line, f"{key} is missing") for key in _NEEDED if key not in values]
    for key in _KEYS:
        if key in values:
            wrong = _wrong(key, values[key])
            found += [Problem(block.line_of(key), f"{key} {wrong}")] if wrong else []
    return found or [Problem(block.line_of(key), text) for key, text in _contradictions(values)]


def _wrong(key: str, value: object) -> str | None:
    """What is wrong with the value of one key, to be said after the key."""
    if key in ("date", "expires"):
        return None if type(value) is date else "must be a day such as 2026-11-25, without quotation marks"
    if key == "any_server":
        return None if isinstance(value, bool) else "must be true or false"
    return _wrong_text(key, value) if isinstance(value, str) else "must be a text in quotation marks"


def _wrong_text(key: str, value: str) -> str | None:
    if not value.strip():
        return "is empty"
    choices = [choice.value for choice in _CHOICES.get(key, ())]
    if choices and value not in choices:
        return f"{_shown(value)} is unknown: write {', '.join(choices[:-1])} or {choices[-1]}"
    if key == "fingerprint" and not _FINGERPRINT.fullmatch(value):
        return "must be the 64 hexadecimal digits of the definition's fingerprint"
    return None


def _contradictions(values: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """What does not fit together in a block whose values are each right."""
    if "expires" in values and values["expires"] < values["date"]:
        yield "expires", f"expires on {values['expires']}, before its date {values['date']}"
    category, risk = Category(values["category"]), Level(values["risk"])
    least = floor(category, ("simulated", "own_session"))
    if risk.rank < least.rank:
        yield "risk", f"risk {risk} is below the codebook's floor: no {category} tool is below {least}"


def _override(values: dict[str, Any]) -> Override:
    return Override(**{**values, "category": Category(values["category"]), "risk": Level(values["risk"])})


def _duplicates(entries: list[Placed]) -> Iterator[Problem]:
    first: dict[tuple[str | None, str], int] = {}
    for placed in entries:
        entry = placed.override
        scope = (None if entry.any_server else entry.server, entry.fingerprint)
        line = first.setdefault(scope, placed.block.line)
        if line != placed.block.line:
            yield Problem(placed.block.line, f"this definition is corrected twice: first in line {line}")


def _shown(text: str) -> str:
    return f"“{one_line(text, 60)}”"
