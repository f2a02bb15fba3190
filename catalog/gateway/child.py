"""The server as a child process: the user's own command, started as it is, and ended with all its group.

It gets the user's environment, but for the address of the gateway's database: with that it could answer
the approvals of its own calls.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from catalog.db.connect import ENVIRONMENT
from catalog.errors import UsageError
from catalog.visible import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

_POLL: Final = 0.01  # seconds between two looks at a process that is about to end


class Child:
    """A started server. Its standard error is ours; `stdin` and `stdout` are our ends of its pipes.

    Raises:
        UsageError: the command cannot be started.

    """

    def __init__(self, command: Sequence[str]) -> None:
        try:
            # A group of its own: Ctrl-C reaches the gateway alone, which ends it in order.
            self._process = subprocess.Popen(
                list(command),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                bufsize=0,
                env={name: value for name, value in os.environ.items() if name != ENVIRONMENT},
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            why = (getattr(error, "strerror", None) or str(error)).lower()
            raise UsageError(
                f"cannot start the server {one_line(command[0], 200)}: {one_line(why)}",
                hint="after -- stands the command that starts it, as you would type it",
            ) from error
        assert self._process.stdin and self._process.stdout  # noqa: S101, PT018 – pipes were asked for
        self.stdin = self._process.stdin.fileno()
        self.stdout = self._process.stdout.fileno()
        os.set_blocking(self.stdin, False)

    def close_stdin(self) -> None:
        """Tell the server that nothing more will come."""
        if self._process.stdin is not None and not self._process.stdin.closed:
            self._process.stdin.close()

    def ended_within(self, seconds: float) -> bool:
        """Whether the process is over within so many seconds."""
        deadline = time.monotonic() + seconds
        while self._process.poll() is None:
            if time.monotonic() >= deadline:
                return False
            time.sleep(_POLL)
        return True

    def end(self, grace: float) -> str:
        """End it and its group: closed input, then SIGTERM, then SIGKILL, `grace` seconds apart; says how it ended."""
        try:
            self.close_stdin()
            if not self.ended_within(grace):
                self._signal(signal.SIGTERM)
                self.ended_within(grace)
        finally:  # also when we are told a second time to hurry
            self._signal(signal.SIGKILL)  # and what it started and left behind
            self._process.wait()
            if self._process.stdout is not None:
                self._process.stdout.close()
        return self._how(self._process.returncode)

    @staticmethod
    def _how(code: int) -> str:
        if code >= 0:
            return f"the server ended with exit code {code}"
        with suppress(ValueError):
            return f"the server was ended by {signal.Signals(-code).name}"
        return f"the server was ended by signal {-code}"

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)
