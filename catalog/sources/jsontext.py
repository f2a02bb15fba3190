"""JSON from outside, read strictly or as client configs are written, with errors that have a place."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from typing import TYPE_CHECKING, Any, Final, NoReturn

import json5

if TYPE_CHECKING:
    from collections.abc import Callable

LENIENT_LIMIT: Final = 2 << 20  # characters; a longer config is machine-written and plain JSON
_JSON5_ERROR: Final = re.compile(r"^<string>:(\d+) (.*) at column (\d+)$", re.DOTALL)


class JsonTextError(ValueError):
    """Text that is not JSON. `str()` says what is wrong; `line` and `column` are 0 when unknown.

    `incomplete` says that the text ended before its value did, so that more of it might be fine.
    """

    def __init__(self, what: str, line: int = 0, column: int = 0, *, incomplete: bool = False) -> None:
        super().__init__(what)
        self.line = line
        self.column = column
        self.incomplete = incomplete

    def at(self, place: str) -> str:
        """`place:line:column: what`, as far as it is known."""
        numbers = f":{self.line}:{self.column}" if self.line else ""
        return f"{place}{numbers}: {self}"


def decode(data: bytes) -> str:
    """Text of a JSON file in UTF-8, UTF-16 or UTF-32, with or without a byte order mark (RFC 8259, 8.1).

    Raises:
        JsonTextError: the bytes are no text in that encoding.

    """
    encoding = json.detect_encoding(data)
    try:
        return data.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        name = encoding.removesuffix("-sig").upper()
        raise JsonTextError(f"this is no text: byte {error.start:,} is not {name}") from error


def strict(text: str) -> Any:
    """The value of a JSON text (RFC 8259); duplicate keys, NaN and infinities are errors too.

    Raises:
        JsonTextError: with line and column where the parser knows them.

    """
    return _guarded(lambda: _STRICT.decode(text), text)


def lenient(text: str) -> Any:
    """The value of a client config: JSON with comments and trailing commas; a later duplicate key wins.

    Raises:
        JsonTextError: with line and column.

    """
    try:
        return _guarded(lambda: json.loads(text), text)
    except JsonTextError:
        if len(text) > LENIENT_LIMIT:
            raise
    return _guarded(lambda: json5.loads(text), text)


def _guarded(parse: Callable[[], Any], text: str) -> Any:
    try:
        return parse()
    except JsonTextError:
        raise
    except json.JSONDecodeError as error:
        incomplete = error.pos >= len(text.rstrip())
        raise JsonTextError(_lower(error.msg), error.lineno, error.colno, incomplete=incomplete) from error
    except RecursionError as error:
        raise JsonTextError("values are nested too deeply") from error
    except ValueError as error:  # json5's own errors, and numbers of more digits than Python converts
        raise _placed(str(error)) from error


def _placed(message: str) -> JsonTextError:
    found = _JSON5_ERROR.match(message)
    if found is None:
        return JsonTextError(_lower(message))
    return JsonTextError(_lower(found[2]), int(found[1]), int(found[3]))


def _lower(message: str) -> str:
    return message[:1].lower() + message[1:]


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        twice = Counter(key for key, _ in pairs).most_common(1)[0][0]
        raise JsonTextError(f"the key {twice[:80]!r} stands twice in one object")
    return members


def _no_constant(word: str) -> NoReturn:
    raise JsonTextError(f"{word} is not a JSON number")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise JsonTextError(f"the number {digits[:40]} is too large")
    return number


_STRICT: Final = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_no_constant, parse_float=_finite)
