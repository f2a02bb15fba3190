"""Which policy a server gets: the recommended one, written next to the database and edited there by people."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from catalog.errors import PolicyError, UnknownTarget
from catalog.files import output_error, write_text
from catalog.policy.document import render
from catalog.policy.document_2 import document_2
from catalog.policy.grammar import parse
from catalog.policy.recommend import Profile
from catalog.records import LaunchKind
from catalog.sources import bundled
from catalog.sources.launchers import short_name
from catalog.sources.remote import server_name

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from catalog.db.store import Store
    from catalog.records import ServerEntry, ServerRecord

_MOST: Final = 9  # numbered names (`git-2`) that are looked at
_PLAIN: Final = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,70}[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class Chosen:
    """A policy's file; `text` is what is to be written there, None where it stands already. `summary` is for people."""

    path: Path
    text: str | None = None
    summary: str = ""

    def write(self) -> None:
        """Put the file where it belongs, unless it stands there.

        Raises:
            OutputError: it cannot be written.

        """
        if self.text is None:
            return
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise output_error(self.path.parent, error) from error
        write_text(self.path, self.text)


@dataclass(frozen=True, slots=True)
class Policies:
    """The policies in `folder`, made from what the catalogue knows."""

    folder: Path
    store: Store
    profile: Profile = Profile.RECOMMENDED
    pin: bool = False

    def chosen(self, record: ServerRecord) -> Chosen:
        """The policy for this server. A file that stands is taken as it is: somebody may have edited it.

        Raises:
            UnknownTarget: the server was never classified.
            PolicyError: the file that stands there has errors.

        """
        entry = self._known(record)
        path = self.folder / f"{file_name(entry.name)}.json"
        if path.exists():
            check(path)
            return Chosen(path, summary="as it stands")
        pairs = [(tool.definition, tool.classification) for tool in entry.tools]
        made = document_2(pairs, self.profile, pin=self.pin)
        return Chosen(path, render(made), made.summary())

    def _known(self, record: ServerRecord) -> ServerEntry:
        for name in _names(record):
            entry = self.store.server(name)
            if entry is not None and entry.tools and self.store.holder(replace(record, name=name)) is None:
                return entry
        raise UnknownTarget("so there is no policy for it")


def check(path: Path) -> None:
    """See that this policy can be enforced.

    Raises:
        PolicyError: it cannot be read, or has errors.

    """
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        hint = "catalog policy export SERVER -o policy.json"
        raise PolicyError(f"cannot read the policy {path}", hint=hint) from error
    parse(text, str(path))


def file_name(server: str) -> str:
    """The server's name where it is plain, else its plain part and a digest: never another server's, nor a path."""
    if _PLAIN.fullmatch(server):
        return server
    plain = re.sub(r"[^a-z0-9]+", "-", server.lower()).strip("-")[:60] or "server"
    return f"{plain}-{hashlib.sha256(server.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"


def _names(record: ServerRecord) -> Iterator[str]:
    """Under which names the server may be known: the config's own, numbered or not, and that of what it starts."""
    yield record.name
    yield from (f"{record.name}-{number}" for number in range(2, _MOST + 1))
    launch = record.launch
    if launch is None:
        return
    kind, _, package = record.origin.partition(":")
    if launch.package:
        kind, package = launch.kind.value, launch.package
    if kind in (LaunchKind.PYPI, LaunchKind.NPM):
        known = bundled.by_package(package, LaunchKind(kind))
        yield known["name"] if known else short_name(package)
    elif launch.url:
        known = bundled.by_url(launch.url)
        yield known["name"] if known else server_name(launch.url)
