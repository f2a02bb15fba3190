"""Conditions that no value can meet together: bounds that exclude each other, sets without a common value."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from catalog.policy.grammar_reader import is_number
from catalog.policy.model import Combination, Condition, Op
from catalog.policy.values import equal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


@dataclass(slots=True)
class _Room:
    """What the conditions on one path leave over. `among`: one of these values; None: any."""

    low: Decimal | None = None
    high: Decimal | None = None
    low_open: bool = False
    high_open: bool = False
    among: list[Any] | None = None
    missing: bool = False
    present: bool = False
    not_among: list[Any] = field(default_factory=list)


def contradiction(conditions: Iterable[Condition | Combination]) -> str:
    """Why conditions that must hold together never can, in words; "" where they can, as far as is seen.

    Combinations are not looked into.
    """
    rooms: dict[tuple[str, ...], _Room] = {}
    for condition in conditions:
        if isinstance(condition, Condition):
            room = rooms.setdefault(condition.path, _Room())
            _narrow(room, condition)
            if _is_empty(room):
                return f"no value of {'.'.join(('args', *condition.path))} can meet all of these conditions"
    return ""


def _narrow(room: _Room, condition: Condition) -> None:
    op, value = condition.op, condition.value
    room.present = room.present or op is not Op.EXISTS or bool(value)
    room.missing = room.missing or (op is Op.EXISTS and not value)
    for bound, is_low, is_open in _bounds(op, value):
        _bound(room, Decimal(bound), is_low=is_low, is_open=is_open)
    if op in (Op.EQ, Op.IN):
        wanted = value if op is Op.IN else [value]
        known = wanted if room.among is None else room.among
        room.among = [one for one in known if any(equal(one, other) for other in wanted)]
    if op in (Op.NEQ, Op.NOT_IN):
        room.not_among += value if op is Op.NOT_IN else [value]


def _bounds(op: Op, value: Any) -> Iterator[tuple[Any, bool, bool]]:
    """`(bound, is the lower one, is itself outside)`."""
    if op in (Op.GT, Op.GTE):
        yield value, True, op is Op.GT
    elif op in (Op.LT, Op.LTE):
        yield value, False, op is Op.LT
    elif op is Op.BETWEEN:
        yield value[0], True, False
        yield value[1], False, False


def _bound(room: _Room, bound: Decimal, *, is_low: bool, is_open: bool) -> None:
    if is_low and (room.low is None or (bound, is_open) > (room.low, room.low_open)):
        room.low, room.low_open = bound, is_open
    if not is_low and (room.high is None or (bound, not is_open) < (room.high, not room.high_open)):
        room.high, room.high_open = bound, is_open


def _is_empty(room: _Room) -> bool:
    if room.missing and room.present:
        return True
    if _crossed(room):
        return True
    if room.among is None:
        return False
    left = (one for one in room.among if not any(equal(one, other) for other in room.not_among))
    return not any(_is_within(one, room) for one in left)


def _is_within(value: Any, room: _Room) -> bool:
    if room.low is None and room.high is None:
        return True
    if not is_number(value):
        return False
    above = room.low is None or value > room.low or (value == room.low and not room.low_open)
    below = room.high is None or value < room.high or (value == room.high and not room.high_open)
    return above and below


def _crossed(room: _Room) -> bool:
    if room.low is None or room.high is None:
        return False
    return room.low > room.high or (room.low == room.high and (room.low_open or room.high_open))
