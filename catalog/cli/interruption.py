"""Being told to stop: SIGTERM and SIGHUP end a crawl as cleanly as Ctrl-C does."""

from __future__ import annotations

import signal
from types import FrameType

CTRL_C = 128 + signal.SIGINT
"""The exit code that shells give a command ended by Ctrl-C."""

_received: list[int] = []


def catch() -> None:
    """From now on these signals interrupt like Ctrl-C: started servers are ended, what is done is kept."""
    _hold_back_ignored()
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number is not None:
            signal.signal(number, _interrupt)


def _hold_back_ignored() -> None:
    """Where Ctrl-C is ignored (`nohup catalog … &`), block it instead, so that an event loop still hears it.

    asyncio cancels its main task in an orderly way only if it finds Python's own handler of SIGINT; a handler
    that comes later raises in whatever callback is running.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN and hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _interrupt(number: int, frame: FrameType | None) -> None:
    del frame
    _received.append(number)
    signal.raise_signal(signal.SIGINT)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


def exit_code(code: str | int | None) -> str | int | None:
    """The exit code of the command, or 128 and the signal's number when one of these ended it."""
    return 128 + _received[0] if _received else code
