"""The stdio transport for servers we do not trust: what they send is bounded, and they always end."""

from __future__ import annotations

import re
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import anyio
import anyio.abc
from mcp.shared.message import SessionMessage
from mcp_types import jsonrpc_message_adapter

from catalog.probe.fault import Fault
from catalog.probe.process import Tail, drain, end, start
from catalog.records import Outcome
from catalog.visible import one_line

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path

    from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
    from mcp.client._transport import TransportStreams

    from catalog.probe.limits import Limits
    from catalog.probe.tap import Tap

_WATCH: Final = 0.1  # seconds between two looks at whether the server is still there
_NOISE: Final = (
    4096  # bytes kept of a line: far more than is shown, so that no secret is cut before it is masked
)
_LAST_WORDS: Final = 0.5  # seconds for the pipes of a server that ended to run dry
_ANSWER: Final = re.compile(rb'^\s*[\[{].*"(?:jsonrpc|result|error|method)"', re.DOTALL)


@dataclass
class StdioServer:
    """A server to be started, and afterwards what became of it.

    `exit_code` is None while it runs and when it had to be killed; `stderr` keeps the end of what it
    said there; `noise` is the first line on stdout that is no JSON-RPC message, `noise_lines` their
    number.
    """

    command: tuple[str, ...]
    environment: Mapping[str, str]
    directory: Path | None
    limits: Limits
    grace: float  # seconds it gets to end by itself; 0 kills it at once
    exit_code: int | None = None
    noise: str = ""
    noise_lines: int = 0
    stderr: Tail = field(init=False)

    def __post_init__(self) -> None:
        self.stderr = Tail(self.limits.stderr)

    @asynccontextmanager
    async def connect(self, tap: Tap) -> AsyncIterator[TransportStreams]:
        """Start the server and give the SDK its streams; a transport of the SDK.

        Raises:
            OSError: the command cannot be started.

        """
        process, mark = await start(self.command, self.environment, self.directory)
        read_writer, read = anyio.create_memory_object_stream[SessionMessage | Exception](0)
        write, write_reader = anyio.create_memory_object_stream[SessionMessage](0)
        try:
            async with read, write, anyio.create_task_group() as tasks:
                tasks.start_soon(self._read_and_watch, process, read_writer, tap)
                tasks.start_soon(_write_all, process, write_reader)
                yield read, write
                tasks.cancel_scope.cancel()
        finally:
            await end(process, mark, grace=0 if tap.fault else self.grace)

    async def _read_and_watch(
        self,
        process: anyio.abc.Process,
        messages: MemoryObjectSendStream[SessionMessage | Exception],
        tap: Tap,
    ) -> None:
        """Pass messages on until the server ends or breaks a limit; then the read stream ends."""
        async with messages, anyio.create_task_group() as tasks:
            tasks.start_soon(self._watch, process, tasks.cancel_scope)
            assert process.stderr is not None  # noqa: S101 – a pipe was asked for
            tasks.start_soon(drain, process.stderr, self.stderr)
            try:
                await self._read_all(process, messages)
                tasks.cancel_scope.deadline = anyio.current_time() + _LAST_WORDS
            except Fault as fault:
                tap.give_up(fault)
                tasks.cancel_scope.cancel()
            except (anyio.BrokenResourceError, anyio.ClosedResourceError):
                tasks.cancel_scope.cancel()  # the session has ended first

    async def _watch(self, process: anyio.abc.Process, scope: anyio.CancelScope) -> None:
        """End the reading soon after the server ended, also when a child of it keeps the pipes open."""
        while process.returncode is None:  # noqa: ASYNC110 – asyncio's own wait also waits for the pipes
            await anyio.sleep(_WATCH)
        self.exit_code = process.returncode
        scope.deadline = anyio.current_time() + _LAST_WORDS

    async def _read_all(
        self, process: anyio.abc.Process, messages: MemoryObjectSendStream[SessionMessage | Exception]
    ) -> None:
        assert process.stdout is not None  # noqa: S101 – a pipe was asked for
        received, pending = 0, bytearray()
        with suppress(anyio.EndOfStream):
            while True:
                chunk = await process.stdout.receive()
                received += len(chunk)
                if received > self.limits.received:
                    size = self.limits.received >> 20
                    raise Fault(Outcome.REFUSED_LIMITS, f"the server sends more than {size} MiB")
                pending += chunk
                if b"\n" in chunk:
                    *lines, pending = pending.split(b"\n")
                    for line in lines:
                        await self._deliver(bytes(line), messages)
        if pending.endswith(b"}"):  # the last message may lack its newline; half a message is not looked at
            await self._deliver(bytes(pending), messages)

    async def _deliver(
        self, line: bytes, messages: MemoryObjectSendStream[SessionMessage | Exception]
    ) -> None:
        if not line.strip():
            return
        try:
            message = jsonrpc_message_adapter.validate_json(line, by_name=False)
        except ValueError as error:
            self._note_noise(line, error)
            return
        await messages.send(SessionMessage(message))

    def _note_noise(self, line: bytes, error: ValueError) -> None:
        """Tolerate a banner or a log line; give up at once on what is meant as an answer but is broken."""
        shown = one_line(line[:_NOISE].decode("utf-8", "replace"))
        if _ANSWER.match(line[:4096]) and b'"jsonrpc"' in line:
            raise Fault(Outcome.PROTOCOL_ERROR, f"the server sends broken JSON-RPC: {shown}") from error
        self.noise = self.noise or shown
        self.noise_lines += 1
        if self.noise_lines > self.limits.noise:
            raise Fault(
                Outcome.PROTOCOL_ERROR, f"the server prints text where JSON-RPC is due: {self.noise}"
            ) from error


async def _write_all(process: anyio.abc.Process, messages: MemoryObjectReceiveStream[SessionMessage]) -> None:
    """Send the client's messages; when the server no longer reads, its end is noticed by the watch."""
    assert process.stdin is not None  # noqa: S101 – a pipe was asked for
    with suppress(OSError, anyio.BrokenResourceError, anyio.ClosedResourceError):
        async with messages:
            async for item in messages:
                text = item.message.model_dump_json(by_alias=True, exclude_unset=True)
                await process.stdin.send(text.encode() + b"\n")
