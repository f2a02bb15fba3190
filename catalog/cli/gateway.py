"""`catalog gateway`: stand between a client and a server, and let through what a policy lets through."""

from __future__ import annotations

import gc
import os
import shlex
import sys
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from catalog.cli import gateway_http, options, output, wrapping
from catalog.cli.invocation import Invocation
from catalog.db.ledger import Ledger
from catalog.errors import CatalogError, UsageError
from catalog.gateway.core import Session
from catalog.gateway.gateway import Gateway, Peer
from catalog.gateway.policy_file import PolicyFile
from catalog.gateway.stdio import StdioGateway
from catalog.sources.command import command_record

_CONTAINERS = 50_000  # made and not freed, after which the garbage collector looks at the young ones

app = typer.Typer(add_completion=False, rich_markup_mode="rich")

EPILOG = """\
[bold]Examples[/]

catalog policy export workflows-mcp -o policy.json

catalog gateway --policy policy.json -- uvx --python 3.12 --with 'mcp<2' workflows-mcp

catalog gateway --policy policy.json --listen 127.0.0.1:8808 --upstream https://mcp.example/mcp

catalog gateway wrap ~/.cursor/mcp.json

catalog approvals list
"""

PolicyPath = Annotated[
    Path | None,
    typer.Option("--policy", "-p", metavar="FILE", help="The policy.json; read again whenever it changes."),
]
GrantName = Annotated[
    str, typer.Option("--grant", metavar="NAME", help="Whose calls these are: limits are counted by it.")
]
ServerName = Annotated[
    str | None,
    typer.Option("--server", metavar="NAME", help="The server's name in the journal and in approvals."),
]
FourEyes = Annotated[
    bool, typer.Option("--four-eyes", help="Approvals need two people, with catalog approvals.")
]
KeepArguments = Annotated[
    bool,
    typer.Option(
        "--keep-arguments", help="Keep the values of arguments in the journal, not only their names."
    ),
]


@app.callback(invoke_without_command=True, epilog=EPILOG)
def gateway(
    ctx: typer.Context,
    policy: PolicyPath = None,
    grant: GrantName = "local",
    server: ServerName = None,
    four_eyes: FourEyes = False,
    keep_arguments: KeepArguments = False,
    upstream: gateway_http.UpstreamUrl = None,
    upstream_header: gateway_http.UpstreamHeaders = None,
    listen: gateway_http.Listen = None,
    allow_host: gateway_http.AllowedHosts = None,
    allow_origin: gateway_http.AllowedOrigins = None,
    db: options.Database = None,
) -> None:
    """Run a server behind a policy: calls are judged, counted, written down, and refused with a reason.

    The server's own command stands after [bold]--[/] and is started as it is.
    """
    command = ctx.ensure_object(Invocation).command
    if ctx.invoked_subcommand is not None:
        _nothing_before(ctx, command)
        return
    if policy is None:
        hint = "catalog gateway --policy FILE -- COMMAND; to make one: catalog policy export SERVER -o FILE"
        raise UsageError("no policy: without one nothing is let through", hint=hint)
    http = gateway_http.Http(upstream, upstream_header or (), listen, allow_host or (), allow_origin or ())
    http.check(command)
    if not command and not upstream:
        raise UsageError(
            "no server to stand before",
            hint=f"catalog gateway --policy {shlex.quote(str(policy))} -- COMMAND, or --upstream URL",
        )
    rules = PolicyFile(policy, tell)
    with Ledger.open(db) as ledger:
        own = None if listen else ledger.local_grant(grant).policy
        peer = Peer(grant=grant, policy=PolicyFile(Path(own), tell) if own else None)
        shared = Gateway(
            policy=rules,
            ledger=ledger,
            server=server or (command_record(command).name if command else http.server_name()),
            say=tell,
            four_eyes=four_eyes,
            keeps_arguments=keep_arguments,
            database=db,
        )
        _collect_rarely()
        if listen:
            http.serve(shared, grant, command)
            return
        trouble = http.bridge(shared, peer) if upstream else _over_stdio(shared, peer, command)
    if trouble:
        hint = "the log of the server says more" if upstream else "its own words stand above, if it said any"
        raise CatalogError(trouble, hint=hint)


app.command("wrap", epilog=wrapping.WRAP_EPILOG)(wrapping.wrap)
app.command("unwrap", epilog=wrapping.UNWRAP_EPILOG)(wrapping.unwrap)


def _collect_rarely() -> None:
    """Nobody's call waits for a look through what was loaded, nor for several through one long list of tools."""
    gc.freeze()
    gc.set_threshold(_CONTAINERS, 10, 10)


def _nothing_before(ctx: typer.Context, command: tuple[str, ...]) -> None:
    """`wrap` and `unwrap` have options of their own: what was meant for the gateway is not dropped silently."""
    sources = {name: ctx.get_parameter_source(name) for name in ctx.params}
    given = [name for name, source in sources.items() if source and source.name == "COMMANDLINE"]
    if given or command:
        what = f"--{given[0].replace('_', '-')}" if given else "a command after --"
        hint = f"options stand behind it: catalog gateway {ctx.invoked_subcommand} --help"
        raise UsageError(f"{what} is not for {ctx.invoked_subcommand}", hint=hint)


def tell(text: str) -> None:
    """Lines for the person who runs the gateway; standard output belongs to the protocol."""
    with suppress(OSError, SystemExit):  # rich exits where nobody reads our words; the calls go on
        for line in text.splitlines():
            output.warn(line)


def _over_stdio(shared: Gateway, peer: Peer, command: tuple[str, ...]) -> str:
    """Serve the client on our standard streams; what was wrong with the server when it left, "" for nothing."""
    sink = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whatever else is printed must not meet the protocol
    session = Session(shared, peer)
    return StdioGateway(session, command, tell).run(sys.stdin.fileno(), sink)
