"""Servers reached by URL: streamable HTTP, or legacy SSE where the address ends in `/sse`."""

from __future__ import annotations

import re
from typing import ClassVar, Final
from urllib.parse import urlsplit

from catalog.errors import UnknownTarget
from catalog.records import Launch, LaunchKind, ServerRecord
from catalog.sources import bundled

_PLAIN_STEPS: Final = frozenset({"", "mcp", "sse", "api"})
_WORD: Final = re.compile(r"^[A-Za-z]+(?:-[A-Za-z]+){0,3}$", re.ASCII)  # no digits: those may be keys


class Remote:
    """An http or https address."""

    id: ClassVar[str] = "url"
    form: ClassVar[str] = "a URL"

    def records(self, target: str) -> tuple[ServerRecord, ...] | None:
        """Give the one server at that address."""
        if not re.match(r"https?://", target, re.IGNORECASE) or target.lower().startswith(
            "https://github.com/"
        ):
            return None
        known = bundled.by_url(target)
        if known is not None:
            return (bundled.record(known, source=self.id),)
        return (ServerRecord(name=server_name(target), source=self.id, launch=launch(target)),)


def launch(url: str, headers: tuple[tuple[str, str], ...] = ()) -> Launch:
    """How to reach `url`; which transport is guessed from the address, as servers have no other sign."""
    kind = LaunchKind.SSE if urlsplit(url).path.rstrip("/").endswith("/sse") else LaunchKind.HTTP
    return Launch(kind=kind, url=url, headers=headers)


def server_name(url: str) -> str:
    """The host, port and telling words of the path; never user, query, or path steps that may be keys.

    Raises:
        UnknownTarget: this is no address of a server.

    """
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError as error:
        raise _no_address(str(error)) from error
    if not parts.hostname or not url.isprintable() or " " in url:
        raise _no_address("it names no host")
    words = [step for step in parts.path.split("/") if step not in _PLAIN_STEPS and _WORD.match(step)]
    return "-".join([f"{parts.hostname}{port}", *words])


def _no_address(why: str) -> UnknownTarget:
    return UnknownTarget(f"this URL cannot be reached: {why}", hint="write it as https://HOST[:PORT]/PATH")
