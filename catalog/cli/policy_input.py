"""What the policy commands read: a policy's file, and the tools of servers in the catalogue."""

from __future__ import annotations

import difflib
import sys
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from catalog.cli.addressing import server_named
from catalog.db.store import Store
from catalog.errors import PolicyError, UnknownTarget
from catalog.policy.grammar import parse
from catalog.policy.model import Policy
from catalog.records import ServerEntry, ToolEntry
from classifier.types import ToolDefinition

PolicyFile = Annotated[Path, typer.Argument(metavar="FILE", help="A policy.json; - reads stdin.")]
Servers = Annotated[
    list[str] | None,
    typer.Option(
        "--server", "-s", metavar="SERVER", help="Look at the tools of this server; may be repeated."
    ),
]


def read_policy(file: Path) -> Policy:
    """Read and parse a policy.

    Raises:
        PolicyError: the file cannot be read, or has errors.

    """
    return parse(_text(file), str(file))


def tools_of(servers: list[str] | None, db: str | None) -> tuple[ToolEntry, ...]:
    """The tools of these servers; without any servers, none, and the database is not opened."""
    if not servers:
        return ()
    with closing(Store.open(db)) as store:
        return tuple(tool for name in servers for tool in known_server(store, name).tools)


def definitions_of(servers: list[str] | None, db: str | None) -> dict[str, ToolDefinition] | None:
    """The definitions of these servers' tools by name; None where no server was named."""
    if not servers:
        return None
    return {tool.definition.name: tool.definition for tool in tools_of(servers, db)}


def known_server(store: Store, name: str) -> ServerEntry:
    """A server with tools in the catalogue.

    Raises:
        UnknownTarget: the catalogue does not have it, or has no tools of it.

    """
    entry = server_named(store, name)
    if entry is not None and entry.tools:
        return entry
    if entry is not None:
        raise UnknownTarget(
            f"{name} has no tools in the catalogue: {entry.reason or entry.outcome}",
            hint=entry.next_step or f"catalog classify {name}",
        )
    near = difflib.get_close_matches(name, store.server_names(), n=3)
    hint = f"did you mean {' or '.join(near)}?" if near else f"first: catalog classify {name}"
    raise UnknownTarget(f"{name} is not in the catalogue", hint=hint)


def _text(file: Path) -> str:
    try:
        data = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
        return data.decode("utf-8")
    except OSError as error:
        raise PolicyError(
            f"cannot read {file}: {(error.strerror or '').lower()}",
            hint="catalog policy export SERVER -o policy.json",
        ) from error
    except UnicodeDecodeError as error:
        raise PolicyError(f"{file} is not UTF-8: byte {error.start}", hint="save it as UTF-8") from error
