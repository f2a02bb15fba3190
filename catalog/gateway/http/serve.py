"""Listening: the socket, the web server around the endpoint, and an orderly end."""

from __future__ import annotations

import asyncio
import errno
import socket
from typing import TYPE_CHECKING, Any, Final

import h11
import uvicorn
from starlette.middleware.cors import CORSMiddleware
from uvicorn.protocols.http.h11_impl import H11Protocol

from catalog.errors import UsageError
from catalog.gateway.http.endpoint import PATH, Endpoint

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from starlette.types import ASGIApp

    from catalog.gateway.http.clients import Clients
    from catalog.gateway.http.door import Address

_BACKLOG: Final = 512
_CONNECTIONS: Final = 2_000
_TICK: Final = 1.0  # seconds
_DRAIN: Final = 10.0  # seconds for calls under way, once the gateway is to end
_LOOK: Final = 0.05  # seconds
_REQUEST: Final = 30.0  # seconds for a client to send a request to its end
_HINTS: Final = {
    errno.EADDRINUSE: "that port is taken: end what listens there, or choose another with --listen HOST:PORT (port 0: any free one)",
    errno.EACCES: "that port needs more rights than you have: choose one above 1023 with --listen",
    errno.EADDRNOTAVAIL: "this machine does not have that address",
}


def bound(address: Address) -> socket.socket:
    """A socket that listens at the address.

    Raises:
        UsageError: the address cannot be had; the hint says what to do.

    """
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    # With its protocol named: only then does the event loop send small answers without delay.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((address.host, address.port))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        why = (error.strerror or str(error)).lower()
        raise UsageError(
            f"cannot listen at {address.host}:{address.port}: {why}",
            hint=_HINTS.get(error.errno or 0, "--listen 127.0.0.1:8808"),
        ) from error
    return listener


def serve(server: Server, listener: socket.socket, say: Callable[[str], None]) -> None:
    """Serve until a signal ends it; `say` is told the address."""
    host, port = listener.getsockname()[:2]
    say(f"listening at http://{f'[{host}]' if ':' in host else host}:{port}{PATH}")
    asyncio.run(server.serve([listener]))


class Server(uvicorn.Server):
    """Ticks while it serves, and lets what is under way come to its end. `origins`: whose pages may read the answers."""

    def __init__(self, endpoint: Endpoint, clients: Clients, origins: Sequence[str] = ()) -> None:
        app: ASGIApp = endpoint
        if origins:
            app = CORSMiddleware(
                endpoint, list(origins), allow_methods=["GET", "POST", "DELETE"], allow_headers=["*"],
                expose_headers=["Mcp-Session-Id", "WWW-Authenticate"],
            )  # fmt: skip
        config = uvicorn.Config(
            app, http=Patient, ws="none", lifespan="off", log_config=None, log_level="critical", access_log=False,
            server_header=False, proxy_headers=False, limit_concurrency=_CONNECTIONS, timeout_keep_alive=75,
            timeout_graceful_shutdown=2,
        )  # fmt: skip
        super().__init__(config)
        self._endpoint = endpoint
        self._clients = clients

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """See the class."""
        self._endpoint.port = sockets[0].getsockname()[1] if sockets else 0
        await super().startup(sockets)

    async def main_loop(self) -> None:
        """See the class."""
        ticking = asyncio.get_running_loop().create_task(self._tick())
        await super().main_loop()
        ticking.cancel()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """See the class."""
        self._endpoint.closing = True
        self._clients.end_lasting()
        for _ in range(int(_DRAIN / _LOOK)):
            if not self._clients.waiting or self.force_exit:
                break
            await asyncio.sleep(_LOOK)
        await self._clients.close()
        await super().shutdown(sockets)

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(_TICK)
            self._clients.tick()


class Patient(H11Protocol):
    """HTTP/1.1 read strictly (two readers of one request must not differ), and not waited for endlessly."""

    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Wait for the first request."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._stop()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Wait for the rest of what has begun. An idle connection is uvicorn's affair."""
        super().data_received(data)
        if self.conn.their_state in (h11.IDLE, h11.SEND_BODY):
            self._wait()
        else:
            self._stop()

    def _wait(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(_REQUEST, self.transport.close)

    def _stop(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
