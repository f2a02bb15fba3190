"""Running programs so that they always end: bounded output, bounded time, the whole group killed."""

from __future__ import annotations

import os
import secrets
import signal
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import anyio
import anyio.abc

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MARK: Final = "CATALOG_PROBE"  # an environment variable by which runaway descendants are found
POLL: Final = 0.02  # seconds between two looks at a process that is about to end
_PROC: Final = Path("/proc")
_KILL_ROUNDS: Final = 50


@dataclass(frozen=True, slots=True)
class Finished:
    """How a helper program ended: its exit code (None when it ran out of time) and the end of its output."""

    code: int | None
    stdout: str
    stderr: str


class Tail:
    """The last `limit` bytes of a stream."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._chunks: deque[bytes] = deque()
        self._size = 0

    def add(self, chunk: bytes) -> None:
        """Append; what is older than the limit is forgotten."""
        self._chunks.append(chunk)
        self._size += len(chunk)
        while self._size - len(self._chunks[0]) >= self._limit:
            self._size -= len(self._chunks.popleft())

    def text(self) -> str:
        """What is kept, undecodable bytes replaced."""
        return b"".join(self._chunks)[-self._limit :].decode("utf-8", "replace")


async def drain(stream: anyio.abc.ByteReceiveStream, tail: Tail) -> None:
    """Read a pipe to its end, keeping its tail."""
    with suppress(anyio.EndOfStream, anyio.ClosedResourceError, anyio.BrokenResourceError, OSError):
        while True:
            tail.add(await stream.receive())


async def start(
    command: Sequence[str], environment: Mapping[str, str], directory: Path | None
) -> tuple[anyio.abc.Process, str]:
    """Start a program in a session of its own; also gives the mark that all its descendants carry.

    Raises:
        OSError: the program cannot be started.

    """
    mark = secrets.token_hex(16)
    process = await anyio.open_process(
        list(command), env={**environment, MARK: mark}, cwd=directory, start_new_session=True
    )
    return process, mark


async def end(process: anyio.abc.Process, mark: str, *, grace: float) -> None:
    """End a program and all its descendants, whatever the caller's state of cancellation.

    With a `grace` (seconds) stdin is closed first, then SIGTERM is sent, each followed by a wait of
    that length; without one everything is killed at once.
    """
    with anyio.CancelScope(shield=True):
        if grace:
            await _ask_to_end(process, grace)
        _signal_group(process.pid, signal.SIGKILL)
        _kill_marked(mark)
        await exited(process, 2.0)
        await _close(process)


async def _ask_to_end(process: anyio.abc.Process, grace: float) -> None:
    await _close_stdin(process)
    if not await exited(process, grace):
        _signal_group(process.pid, signal.SIGTERM)
        await exited(process, grace)


async def exited(process: anyio.abc.Process, within: float) -> bool:
    """Whether the program is over within so many seconds.

    Looks at the return code instead of waiting for it: asyncio's wait also waits for the pipes,
    which a surviving child may hold open.
    """
    deadline = anyio.current_time() + within
    while process.returncode is None:
        if anyio.current_time() >= deadline:
            return False
        await anyio.sleep(POLL)
    return True


def _signal_group(group: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def marked(mark: str) -> list[int]:
    """The processes that carry the mark in their environment: also children that left the group.

    Empty on systems without /proc.
    """
    needle = f"{MARK}={mark}".encode("ascii")
    found = []
    for folder in _PROC.glob("[0-9]*"):
        with suppress(OSError):
            if needle in (folder / "environ").read_bytes():
                found.append(int(folder.name))
    return found


def _kill_marked(mark: str) -> None:
    """Kill what carries the mark, again and again: a process may fork while it is looked for."""
    for _ in range(_KILL_ROUNDS):
        if not (left := marked(mark)):
            return
        for pid in left:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)


async def _close(process: anyio.abc.Process) -> None:
    """Read the pipes dry and close them; given up after a second, should an unkillable child hold an end."""
    await _close_stdin(process)
    with anyio.move_on_after(1.0):
        async with anyio.create_task_group() as tasks:
            for pipe in (process.stdout, process.stderr):
                if pipe is not None:
                    tasks.start_soon(drain, pipe, Tail(1))
        await process.wait()


async def _close_stdin(process: anyio.abc.Process) -> None:
    if process.stdin is not None:
        with suppress(OSError, anyio.BrokenResourceError, anyio.ClosedResourceError):
            await process.stdin.aclose()


async def run(
    command: Sequence[str], environment: Mapping[str, str], *, limit: float, stdin: bytes = b""
) -> Finished:
    """Run a helper program to its end, or to the limit (seconds); keeps the last 64 KiB of each output.

    Raises:
        OSError: the program cannot be started.

    """
    out, err = Tail(64 << 10), Tail(64 << 10)
    process, mark = await start(command, environment, None)
    try:
        with anyio.move_on_after(limit):
            async with anyio.create_task_group() as tasks:
                assert process.stdin and process.stdout and process.stderr  # noqa: S101, PT018 – pipes were asked for
                tasks.start_soon(drain, process.stdout, out)
                tasks.start_soon(drain, process.stderr, err)
                with suppress(OSError, anyio.BrokenResourceError):
                    await process.stdin.send(stdin)
                await process.stdin.aclose()
            await process.wait()
            return Finished(process.returncode, out.text(), err.text())
        return Finished(None, out.text(), err.text())
    finally:
        await end(process, mark, grace=0)
