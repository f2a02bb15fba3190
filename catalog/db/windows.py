"""How much of a limit is used: amounts in numbered slots of time, kept exactly.

A fixed window is one slot. A rolling window is cut into a hundred: an amount leaves it up to a hundredth
of the window late, and never early. Slots are only ever entered at or after the newest one, so a clock
that steps backwards goes on filling the window that it had reached.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal, Inexact, InvalidOperation
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

Slots = tuple[tuple[int, Decimal], ...]  # (number of the slot, amount), by number

_PARTS: Final = 100  # slots in a rolling window
_EXACT: Final = Context(prec=1_000, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[Inexact, InvalidOperation])
_BOUNDLESS: Final = Decimal("Infinity")
ZERO: Final = Decimal(0)


def total(amounts: Iterable[Decimal]) -> Decimal:
    """The exact sum; infinite, which fits no limit, where it has more than a thousand digits."""
    found = ZERO
    for amount in amounts:
        try:
            found = _EXACT.add(found, amount)
        except Inexact:
            return _BOUNDLESS
    return found


def countable(amount: Decimal) -> bool:
    """Whether an amount may be counted at all: a number, finite, and not below zero."""
    return amount.is_finite() and amount >= ZERO


@dataclass(frozen=True, slots=True)
class Window:
    """A window of `length` milliseconds; all times are milliseconds since 1970."""

    length: int
    rolling: bool

    @property
    def _step(self) -> int:
        return self.length // _PARTS if self.rolling else self.length

    def live(self, slots: Slots, at: int) -> Slots:
        """The slots that count at that time."""
        return tuple(slot for slot in slots if at < self._end(slot[0]))

    def enter(self, slots: Slots, at: int, amount: Decimal) -> tuple[Slots, int]:
        """The slots with an amount more, and the number of the slot it was put into."""
        number = max(at // self._step, slots[-1][0] if slots else 0)
        there = slots[-1][1] if slots and slots[-1][0] == number else ZERO
        kept = tuple(slot for slot in slots if slot[0] != number)
        return (*kept, (number, total((there, amount)))), number

    def wait(self, slots: Slots, at: int, excess: Decimal) -> int | None:
        """Milliseconds until at least `excess` of what is used has left the window; None: it never will."""
        freed = ZERO
        for number, amount in slots:
            freed = total((freed, amount))
            if freed >= excess:
                return self._end(number) - at
        return None

    def _end(self, number: int) -> int:
        """The first moment at which the slot no longer counts."""
        end = (number + 1) * self._step
        return end + self.length if self.rolling else end


def take_back(slots: Slots, number: int, amount: Decimal) -> Slots:
    """The slots without an amount that was entered into that slot; one that has gone took it along."""
    changed = ((it, max(ZERO, _EXACT.subtract(used, amount)) if it == number else used) for it, used in slots)
    return tuple(slot for slot in changed if slot[1] > ZERO)


def write(slots: Slots) -> str:
    """`29453787:3 29453788:0.99`."""
    return " ".join(f"{number}:{amount}" for number, amount in slots)


def read(text: str) -> Slots:
    """What `write` gave.

    Raises:
        ValueError: it is something else.

    """
    parts = [part.split(":") for part in text.split()]
    return tuple((int(number), _amount(amount)) for number, amount in parts)


def _amount(text: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation as error:
        raise ValueError(f"{text[:40]!r} is no amount") from error
    if not countable(amount):
        raise ValueError(f"{text[:40]!r} cannot be counted")
    return amount
