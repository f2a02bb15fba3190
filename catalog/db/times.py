"""Times of the ledger: milliseconds since 1970 in the tables, aware UTC everywhere else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)


def to_number(time: datetime) -> int:
    """Whole milliseconds, rounded down."""
    return (time - _EPOCH) // _MILLISECOND


def from_number(number: int) -> datetime:
    """The time, UTC."""
    return _EPOCH + number * _MILLISECOND
