"""A JSON value in its one canonical spelling, and the digest of that."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

_MAX_ZEROS: Final = 400  # a number with more is spelt with an exponent


def digest(value: Any) -> str:
    """SHA-256, hex, of the canonical spelling."""
    return hashlib.sha256(canonical(value).encode("ascii")).hexdigest()


def canonical(value: Any) -> str:
    """ASCII without white space, keys sorted, and numbers so that 1, 1.0 and 1e0 are spelt alike.

    Takes what the strict reader gives: objects, lists, strings, int, Decimal, true, false and null.
    """
    if isinstance(value, Mapping):
        members = (f"{json.dumps(key)}:{canonical(value[key])}" for key in sorted(value))
        return f"{{{','.join(members)}}}"
    if isinstance(value, list | tuple):
        return f"[{','.join(map(canonical, value))}]"
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return _number(Decimal(value))
    return json.dumps(value)


def _number(value: Decimal) -> str:
    """Without trailing zeros, and as digits alone where it is a whole number; a zero has no sign."""
    sign, digits, exponent = value.as_tuple()
    if not value or not isinstance(exponent, int):
        return "0" if not value else str(value)
    text = "".join(map(str, digits))
    short = text.rstrip("0")
    exponent += len(text) - len(short)
    whole = 0 <= exponent < _MAX_ZEROS
    return f"{'-' * sign}{short}{'0' * exponent if whole else f'e{exponent}'}"
