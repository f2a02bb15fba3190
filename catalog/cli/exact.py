"""Values of calls as people and programs read them: nothing hidden, nothing rounded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from catalog.db.canonical import canonical
from catalog.public import to_json


def exact_text(value: Any) -> str:
    r"""JSON on one line: readable characters as they are, all others as `\uXXXX`, each digit of a number."""
    return canonical(value, to_json)


def plain(value: Any) -> Any:
    """The value for a JSON document; a decimal that a binary number would change is given as text."""
    if isinstance(value, Decimal):
        number = float(value)
        return number if Decimal(repr(number)) == value else str(value)
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain(item) for item in value]
    return value


def moment(time: datetime) -> str:
    """`2026-03-01 12:00:00`, UTC."""
    return time.strftime("%Y-%m-%d %H:%M:%S")


def moment_of(stamp: str) -> str:
    """The same of a time as JSON has it."""
    return moment(datetime.fromisoformat(stamp))
