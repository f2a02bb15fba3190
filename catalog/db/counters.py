"""Counting calls against limits: all of a call's limits or none, inside one transaction."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, delete, insert, select, update

from catalog.db import windows
from catalog.db.leases import Hold, Watch
from catalog.db.models import CounterRow, HoldRow
from catalog.db.windows import Window
from catalog.errors import DatabaseError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from catalog.db.direct import Direct, Transaction
    from catalog.policy.decision import Reservation

_CELL: Final = bindparam("cell", type_=HoldRow.cell.type)
_COUNTER: Final = select(CounterRow.slots).where(CounterRow.cell == _CELL)
_NEW_COUNTER: Final = insert(CounterRow)
_COUNT: Final = update(CounterRow).where(CounterRow.cell == bindparam("of")).values(slots=bindparam("slots"))
_HOLD_COLUMNS: Final = (HoldRow.call, HoldRow.cell, HoldRow.amount, HoldRow.run, HoldRow.beat)
_ALL_HOLDS: Final = select(*_HOLD_COLUMNS)
_HOLDS: Final = _ALL_HOLDS.where(HoldRow.cell == _CELL)
_NEW_HOLD: Final = insert(HoldRow)
_OF_CALL: Final = HoldRow.call == bindparam("of")
_LET_GO: Final = delete(HoldRow).where(_OF_CALL)
_DROP: Final = _LET_GO.where(HoldRow.cell == _CELL)
_ORPHAN: Final = update(HoldRow).where(_OF_CALL).values(run="")
_BEAT: Final = update(HoldRow).where(HoldRow.run == bindparam("mine")).values(beat=HoldRow.beat + 1)


@dataclass(frozen=True, slots=True)
class Held:
    """An amount that was counted: where, and in which slot of it."""

    cell: str
    slot: int
    amount: Decimal


class NoRoom(Exception):
    """A limit has no room; raised inside a transaction, which then undoes what the call's other limits counted.

    `retry_after_ms` is the time until there will be room, or None where nobody can tell.
    """

    def __init__(self, reservation: Reservation, retry_after_ms: int | None) -> None:
        super().__init__(reservation.what)
        self.reservation = reservation
        self.retry_after_ms = retry_after_ms


@dataclass(frozen=True, slots=True)
class Booking:
    """Who wants room: the call's number in the journal, its grant, and the time in milliseconds."""

    call: int
    grant: str
    at: int


def reserve(
    transaction: Transaction, booking: Booking, reservations: Sequence[Reservation], watch: Watch
) -> tuple[Held, ...]:
    """Count the call against every limit; what is returned may be given back.

    Raises:
        NoRoom: the first limit that is full.

    """
    held = []
    for reservation in reservations:
        countable = windows.countable(reservation.amount) and windows.countable(reservation.maximum)
        if not countable or reservation.amount > reservation.maximum:
            raise NoRoom(reservation, None)
        if reservation.concurrent:
            _hold(transaction, booking, reservation, watch)
        else:
            held.append(_count(transaction, booking, reservation))
    return tuple(held)


def give_back(transaction: Transaction, held: Sequence[Held]) -> None:
    """Undo what was counted; only for a call of which nothing reached the server."""
    for it in held:
        row = transaction.row(_COUNTER, cell=it.cell)
        if row is not None:
            slots = windows.take_back(_slots(row[0]), it.slot, it.amount)
            transaction.run(_COUNT, of=it.cell, slots=windows.write(slots))


def let_go(transaction: Transaction, call: int) -> None:
    """The call has ended, and no longer counts as under way."""
    transaction.run(_LET_GO, of=call)


def orphan(transaction: Transaction, call: int) -> None:
    """Nobody knows whether the call has ended: it counts as under way until its lease is over."""
    transaction.run(_ORPHAN, of=call)


def beat(transaction: Transaction, run: str) -> int:
    """Give a sign of life for all calls under way of that gateway; how many there are."""
    return transaction.run(_BEAT, mine=run)


def look(direct: Direct, watch: Watch) -> None:
    """Begin to watch all calls under way, so that those of a gateway that was killed are let go in time."""
    cells = defaultdict(list)
    for row in direct.rows(_ALL_HOLDS):
        hold = Hold(*row)
        cells[hold.cell].append(hold)
    for cell, holds in cells.items():
        watch.dead(cell, holds)


def _count(transaction: Transaction, booking: Booking, reservation: Reservation) -> Held:
    window = Window(reservation.window_seconds * 1_000, reservation.rolling)
    cell = _cell(booking.grant, *_kind(reservation))
    row = transaction.row(_COUNTER, cell=cell)
    slots = window.live(_slots(row[0]) if row else (), booking.at)
    used = windows.total(amount for _, amount in slots)
    excess = windows.total((used, reservation.amount, -reservation.maximum))
    if excess > windows.ZERO:
        raise NoRoom(reservation, window.wait(slots, booking.at, excess))
    slots, number = window.enter(slots, booking.at, reservation.amount)
    if row is None:
        transaction.run(_NEW_COUNTER, cell=cell, slots=windows.write(slots))
    else:
        transaction.run(_COUNT, of=cell, slots=windows.write(slots))
    return Held(cell, number, reservation.amount)


def _hold(transaction: Transaction, booking: Booking, reservation: Reservation, watch: Watch) -> None:
    cell = _cell(booking.grant, *_kind(reservation))
    holds = [Hold(*row) for row in transaction.rows(_HOLDS, cell=cell)]
    if not _fits(holds, reservation):
        for hold in watch.dead(cell, holds):
            transaction.run(_DROP, of=hold.call, cell=cell)
            holds.remove(hold)
    if not _fits(holds, reservation):
        raise NoRoom(reservation, None)
    own = [hold for hold in holds if hold.call == booking.call]  # from another limit with the same cell
    for hold in own:
        transaction.run(_DROP, of=hold.call, cell=cell)
    amount = windows.total((_used(own), reservation.amount))
    transaction.run(
        _NEW_HOLD, call=booking.call, cell=cell, amount=windows.write(((0, amount),)), run=watch.run, beat=0
    )


def _fits(holds: Sequence[Hold], reservation: Reservation) -> bool:
    return windows.total((_used(holds), reservation.amount)) <= reservation.maximum


def _used(holds: Sequence[Hold]) -> Decimal:
    return windows.total(amount for hold in holds for _, amount in _slots(hold.amount))


def _kind(reservation: Reservation) -> tuple[object, ...]:
    return reservation.key, reservation.window_seconds, reservation.rolling, reservation.concurrent


@lru_cache(maxsize=1_000)
def _cell(*parts: object) -> str:
    """The place of a limit's count; what the values of `by` are cannot be read from it."""
    return hashlib.sha256(json.dumps(parts).encode("ascii")).hexdigest()


def _slots(text: str) -> windows.Slots:
    try:
        return windows.read(text)
    except ValueError as error:
        raise DatabaseError(
            "a counter in the database is damaged", hint="restore a copy of the database"
        ) from error
