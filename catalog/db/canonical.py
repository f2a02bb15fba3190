"""JSON as one exact text: the same value always gives the same text, and another value another one."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from json.encoder import encode_basestring_ascii
from typing import Any, Final

_WORDS: Final = {True: "true", False: "false", None: "null"}


def canonical(value: Any, spell: Callable[[str], str] = encode_basestring_ascii) -> str:
    """Text without spaces, keys in order; decimals keep each of their digits. `spell` writes a string: as ASCII.

    Raises:
        TypeError: something that is no JSON, or a binary float, which is not exact.

    """
    if isinstance(value, str):
        return spell(value)
    if value is None or isinstance(value, bool):
        return _WORDS[value]
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Decimal) and value.is_finite():
        return str(value)
    if isinstance(value, Mapping):
        members = (f"{spell(key)}:{canonical(value[key], spell)}" for key in sorted(value))
        return f"{{{','.join(members)}}}"
    if isinstance(value, Sequence):
        return f"[{','.join(canonical(item, spell) for item in value)}]"
    raise TypeError(f"{type(value).__name__} is no exact JSON value")


def read(text: str) -> Any:
    """What `canonical` wrote; numbers are int or Decimal."""
    return json.loads(text, parse_float=Decimal)
