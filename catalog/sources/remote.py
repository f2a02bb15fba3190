"""Servers reached by URL: streamable HTTP, or legacy SSE where the address ends in `/sse`."""

from __future__ import annotations

import hashlib
import re
from typing import ClassVar, Final
from urllib.parse import urlsplit

from catalog.errors import UnknownTarget
from catalog.records import Launch, LaunchKind, ServerRecord
from catalog.sources import bundled

_PLAIN_STEPS: Final = frozenset({"", "mcp", "sse"})
_STEP: Final = re.compile(r"^[A-Za-z0-9]+(?:[._~-][A-Za-z0-9]+)*$", re.ASCII)
_LONGEST: Final = 24  # characters of a step; keys are longer, or they mix letters and digits
_MOST_TURNS: Final = 2  # `t1`, `v2beta` and `githubCopilot` are no keys, `Zk93hunter2xk4` may be one
_TURNS: Final = re.compile(r"[0-9](?=[A-Za-z])|[A-Za-z](?=[0-9])|[a-z](?=[A-Z])")
_PORTS: Final = {"http": 80, "https": 443}


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
    """The host, an unusual port and the steps of the path that tell servers of one host apart.

    Never user or query; a step that looks like a key is replaced by a digest of it.

    Raises:
        UnknownTarget: this is no address of a server.

    """
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port and parts.port != _PORTS.get(parts.scheme) else ""
    except ValueError as error:
        raise _no_address("its host or port cannot be read") from error
    if not parts.hostname or not url.isprintable() or " " in url:
        raise _no_address("it names no host")
    steps = [_step(step) for step in parts.path.split("/") if step not in _PLAIN_STEPS]
    return "-".join([f"{parts.hostname}{port}", *steps])


def _step(step: str) -> str:
    """A step of a path as it may be shown: words, versions and numbers as they are, anything else as a digest."""
    key_like = len(step) > _LONGEST or len(_TURNS.findall(step)) > _MOST_TURNS
    if _STEP.match(step) and not key_like:
        return step
    return hashlib.sha256(step.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def _no_address(why: str) -> UnknownTarget:
    return UnknownTarget(f"this URL cannot be reached: {why}", hint="write it as https://HOST[:PORT]/PATH")
