"""What may be kept of how a server was started: no arguments, variables, headers, users or queries."""

from __future__ import annotations

from pathlib import PurePath
from typing import Final
from urllib.parse import urlsplit

from catalog.records import Launch, LaunchKind

MAX_NAME: Final = 500  # characters


def public_name(launch: Launch) -> str:
    """The package, the program's name without its folder, or the URL without user and query."""
    if launch.kind is LaunchKind.COMMAND:
        return PurePath(launch.command[0]).name[:MAX_NAME] if launch.command else ""
    if launch.kind in (LaunchKind.HTTP, LaunchKind.SSE):
        return _public_url(launch.url)[:MAX_NAME]
    return launch.package[:MAX_NAME]


def target(kind: str, name: str) -> str:
    """A stored package as people type it: `pypi:workflows-mcp`, an URL, a program."""
    return f"{kind}:{name}" if kind in (LaunchKind.PYPI, LaunchKind.NPM) else name


def _public_url(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}" if host else ""
