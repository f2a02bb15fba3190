"""Being told to stop: SIGTERM and SIGHUP end a crawl as cleanly as Ctrl-C does."""

from __future__ import annotations

import signal
from types import FrameType

_received: list[int] = []


def catch() -> None:
    """From now on these signals interrupt like Ctrl-C: started servers are ended, what is done is kept."""
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number is not None:
            signal.signal(number, _interrupt)


def _interrupt(number: int, frame: FrameType | None) -> None:
    del frame
    _received.append(number)
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as in `nohup catalog … &`: nothing would happen
        signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.raise_signal(signal.SIGINT)


def exit_code(code: str | int | None) -> str | int | None:
    """The exit code of the command, or 128 and the signal's number when one of these ended it."""
    return 128 + _received[0] if _received else code
