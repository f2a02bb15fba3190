"""From a limit and a call to the room that the call needs in the limit's counter."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from catalog.policy.decision import Reservation
from catalog.policy.model import Window
from catalog.policy.values import as_double, at, kind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from catalog.policy.call import Call
    from catalog.policy.model import Limit

_ONE: Final = Decimal(1)
_MAX_CELL: Final = 256  # characters of one value that a counter is kept apart by


class Unusable(ValueError):
    """An argument that a limit counts or is kept by is missing or of no use; the message is for the agent."""


def compile_limit(limit: Limit, rule: str) -> Callable[[Call], Reservation]:
    """The limit as a function of a call, which raises `Unusable`; `rule` is the limit's JSON pointer."""
    what = in_words(limit)
    fixed = Reservation(
        key=limit.counter,
        amount=_ONE,
        maximum=Decimal(limit.maximum),
        window_seconds=limit.window.seconds if limit.window else 0,
        rolling=limit.rolling,
        concurrent=limit.concurrent,
        rule=rule,
        what=what,
    )
    by = [word for word in limit.by if word != "grant"]  # every counter belongs to a grant anyway
    if not limit.add and not by:
        return lambda _call: fixed

    def reservation(call: Call) -> Reservation:
        return Reservation(
            key=_key(limit.counter, by, call),
            amount=_amount(limit, call) if limit.add else _ONE,
            maximum=fixed.maximum,
            window_seconds=fixed.window_seconds,
            rolling=fixed.rolling,
            concurrent=fixed.concurrent,
            rule=rule,
            what=what,
        )

    return reservation


def in_words(limit: Limit) -> str:
    """`10 calls a minute`, `500 of args.amount a day`, `3 calls at a time`."""
    noun = f"of {_spelt(limit.add)}" if limit.add else "call" if limit.maximum == 1 else "calls"
    often = f"{_article(limit.window)} {limit.window}" if limit.window else "at a time"
    apart = f" for each {' and '.join(limit.by)}" if limit.by else ""
    return f"{limit.maximum} {noun} {often}{apart}"


def _article(window: Window) -> str:
    return "an" if window is Window.HOUR else "a"


def _key(counter: str, by: Sequence[str], call: Call) -> str:
    """The counter's name alone, or with the values it is kept by, so that no two cells share a key."""
    return json.dumps([counter, *(_cell(word, call) for word in by)], ensure_ascii=True) if by else counter


def _cell(word: str, call: Call) -> Any:
    if word == "tool":
        return call.tool
    if word == "session":
        return call.session
    value = at(call.arguments, word.split(".")[1:])
    what = kind(value)
    if what == "string" and len(value) <= _MAX_CELL:
        return value
    if what in {"boolean", "null"}:
        return value
    if what == "number":
        # 1, 1.0 and whatever a double takes for 1 are one cell, and "1" is another.
        return {"number": str(Decimal(as_double(value)).normalize())}
    raise Unusable(f"{word} must be there and be a short text or a number, since calls are counted by it")


def _amount(limit: Limit, call: Call) -> Decimal:
    value = at(call.arguments, limit.add)
    if kind(value) != "number" or value < 0:
        raise Unusable(f"{_spelt(limit.add)} must be a number of at least 0, since it counts against a limit")
    return abs(Decimal(value))  # -0 counts nothing, without its sign


def _spelt(path: tuple[str, ...]) -> str:
    return ".".join(("args", *path))


def counter_of(key: str) -> str:
    """The counter that a reservation's key belongs to."""
    if key.startswith("[") and key.endswith("]"):
        try:
            return str(json.loads(key)[0])
        except (ValueError, LookupError):
            return key
    return key
