"""The HTTP side of `catalog gateway`: its options, and what they put together."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Annotated, Final

import typer

from catalog.cli import output
from catalog.db.ledger import Ledger
from catalog.errors import UsageError
from catalog.gateway.core import Session
from catalog.gateway.http.bridge import bridge
from catalog.gateway.http.clients import Clients
from catalog.gateway.http.door import Address, Door
from catalog.gateway.http.endpoint import Endpoint
from catalog.gateway.http.pipe import Pipe
from catalog.gateway.http.posting import Posting
from catalog.gateway.http.serve import Server, bound, serve
from catalog.gateway.http.upstream import Upstream
from catalog.sources.remote import Remote, server_name

if TYPE_CHECKING:
    from catalog.gateway.gateway import Gateway, Peer
    from catalog.gateway.http.link import Connect

_MOST: Final = 1_000  # sessions before a server that is reached over HTTP
_MOST_CHILDREN: Final = 50  # sessions with a process each

UpstreamUrl = Annotated[
    str | None,
    typer.Option("--upstream", metavar="URL", help="The server, if it is reached over HTTP, not started."),
]
UpstreamHeaders = Annotated[
    list[str] | None,
    typer.Option(
        "--upstream-header",
        metavar="NAME=VARIABLE",
        help="A header for the server, its value taken from the environment.",
    ),
]
Listen = Annotated[
    str | None,
    typer.Option(
        "--listen", metavar="HOST:PORT", help="Serve clients over HTTP, at /mcp. Port 0: any free one."
    ),
]
AllowedHosts = Annotated[
    list[str] | None,
    typer.Option("--allow-host", metavar="NAME", help="Another name that clients know this address by."),
]
AllowedOrigins = Annotated[
    list[str] | None,
    typer.Option(
        "--allow-origin", metavar="ORIGIN", help="Let pages of this origin in, as https://app.example."
    ),
]


@dataclass(frozen=True)
class Http:
    """What was typed."""

    upstream: str | None
    headers: Sequence[str]
    listen: str | None
    hosts: Sequence[str]
    origins: Sequence[str]

    def check(self, command: Sequence[str]) -> None:
        """See that it fits together.

        Raises:
            UsageError: two servers, or options that belong to one that is not given.

        """
        if self.upstream and command:
            raise UsageError("two servers: one by --upstream, one after --", hint="give one of them")
        if self.headers and not self.upstream:
            raise UsageError("--upstream-header is for a server reached over HTTP", hint="add --upstream URL")
        if (self.hosts or self.origins) and not self.listen:
            raise UsageError(
                "--allow-host and --allow-origin are for clients over HTTP", hint="add --listen HOST:PORT"
            )

    def server_name(self) -> str:
        """The name of the server in the journal: the catalogue's own, without anything secret."""
        url = self.upstream or ""
        Upstream.at(url)
        records = Remote().records(url)
        return records[0].name if records else server_name(url)

    def connect(self, command: Sequence[str]) -> Connect:
        """How a conversation reaches the server."""
        if self.upstream:
            return partial(Posting, Upstream.at(self.upstream, self.headers))
        return partial(Pipe, command)

    def serve(self, gateway: Gateway, local: str, command: Sequence[str]) -> None:
        """Serve clients over HTTP until a signal ends it.

        Raises:
            UsageError: the address cannot be had, or would let anybody in.

        """
        address = Address.read(self.listen or "")
        _not_open(address, gateway.ledger, local)
        connect = self.connect(command)
        listener = bound(address)
        door = Door(gateway.ledger, address, local, self.hosts, self.origins)
        clients = Clients(gateway, connect, _MOST_CHILDREN if command else _MOST)
        serve(Server(Endpoint(door, clients), clients, self.origins), listener, output.say)

    def bridge(self, gateway: Gateway, peer: Peer) -> str:
        """Serve the client on our standard streams; what was wrong with the server when it left, "" for nothing."""
        sink = os.dup(sys.stdout.fileno())
        os.dup2(
            sys.stderr.fileno(), sys.stdout.fileno()
        )  # whatever else is printed must not meet the protocol
        return bridge(Session(gateway, peer), self.connect(()), sys.stdin.fileno(), sink)


def _not_open(address: Address, ledger: Ledger, local: str) -> None:
    """Refuse to let in whoever comes, except from this machine, and then say so."""
    tokens = any(it.has_token for it in ledger.grants())
    if tokens and not address.loopback:
        output.warn(
            "this address is reached from other machines: tokens are only safe behind a proxy with TLS"
        )
    if tokens:
        return
    if not address.loopback:
        raise UsageError(
            f"{address.host} is reached from other machines, and no grant has a token",
            hint="first make a grant for each client: catalog grants add NAME",
        )
    ledger.local_grant(local)
    output.warn(
        f"no grant has a token: every program on this machine may call as {local}, until there is one "
        "(catalog grants add NAME)"
    )
