"""The command lines that put a server behind its policy, as far as the catalogue knows how it is started."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, Final

from catalog.records import LaunchKind
from catalog.site.views import EnforceView
from catalog.sources import bundled
from catalog.visible import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from catalog.records import ServerEntry

POLICY_FILE: Final = "policy.json"
OPEN: Final = "COMMAND"  # stands where the server's own start line goes
CLIENT_CONFIG: Final = "mcp.json"  # what many clients call theirs
_WIDTH: Final = 300
# What the notes of a crawl say about how a package had to be started.
_SDK_1: Final = "(`mcp<2`)"
_PYTHON: Final = re.compile(r"started with Python (3\.\d+)")


def enforce_view(entry: ServerEntry) -> EnforceView:
    """The lines for this server."""
    words = start_words(entry)
    target = entry.package or ""
    classify = ["catalog", "classify", target] if words else []
    return EnforceView(
        classify=_line(classify),
        export=export_line(entry.name),
        gateway=gateway_line(entry),
        wrap=_line(["catalog", "gateway", "wrap", CLIENT_CONFIG]),
        open_ended=not words,
    )


def export_line(server: str) -> str:
    """Writes the whole server's policy to a file."""
    return _line(["catalog", "policy", "export", server, "-o", POLICY_FILE])


def gateway_line(entry: ServerEntry) -> str:
    """Starts the server behind the policy of that file."""
    before = ["catalog", "gateway", "--policy", POLICY_FILE]
    return _line([*before, *(start_words(entry) or ("--", OPEN))])


def start_words(entry: ServerEntry) -> tuple[str, ...]:
    """What follows the gateway's own options: `-- uvx NAME@1.2.3`, `--upstream URL`; () where it is not known.

    A command that was started as it was given is not known: its arguments may hold secrets and are not kept.
    """
    kind, _, name = (entry.package or "").partition(":")
    if (entry.package or "").startswith(("https://", "http://")):
        return ("--upstream", entry.package or "")
    if kind == LaunchKind.PYPI:
        return ("--", *_uvx(name, entry))
    if kind == LaunchKind.NPM:
        return ("--", *_npx(name, entry))
    return ()


def _uvx(name: str, entry: ServerEntry) -> tuple[str, ...]:
    executable, arguments = _known(name, LaunchKind.PYPI)
    python = next((found[1] for note in entry.notes if (found := _PYTHON.search(note))), "")
    sdk_1 = any(_SDK_1 in note for note in entry.notes)
    version = entry.package_version
    return (
        "uvx",
        *(("--python", python) if python else ()),
        *(("--with", "mcp<2") if sdk_1 else ()),
        *(("--from", f"{name}=={version}" if version else name, executable) if executable else ()),
        *(() if executable else (f"{name}@{version}" if version else name,)),
        *arguments,
    )


def _npx(name: str, entry: ServerEntry) -> tuple[str, ...]:
    executable, arguments = _known(name, LaunchKind.NPM)
    package = f"{name}@{entry.package_version}" if entry.package_version else name
    chosen = ("--package", package, executable) if executable else (package,)
    return ("npx", "-y", *chosen, *arguments)


def _known(package: str, registry: LaunchKind) -> tuple[str, tuple[str, ...]]:
    """Program and arguments that the bundled index names for a package."""
    known: Mapping[str, Any] = bundled.by_package(package, registry) or {}
    return known.get("package", {}).get("executable") or "", tuple(known.get("arguments", ()))


def _line(words: Sequence[str]) -> str:
    return one_line(shlex.join(words), _WIDTH)
