"""Preparing a server from npm: installed without its scripts into a folder of its own, nothing of it run."""

from __future__ import annotations

import json
import os
import re
import shutil
from typing import TYPE_CHECKING, Any, Final

import re2

from catalog.probe.environment import allowed
from catalog.probe.fault import NotPrepared
from catalog.probe.prepared import Prepared
from catalog.probe.process import run
from catalog.probe.sandbox import standing
from catalog.records import Outcome
from catalog.visible import one_line

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from catalog.probe.limits import ProbeOptions
    from catalog.records import Launch

_NAME: Final = re.compile(r"(@[a-z0-9~][a-z0-9._~-]*/)?[a-z0-9~][a-z0-9._~-]*", re.IGNORECASE)
_VERSION: Final = re.compile(r"[A-Za-z0-9~^][A-Za-z0-9.+_-]*")
_NO_NETWORK: Final = re2.compile(
    r"\b(?:ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ENOTCACHED)\b"
)
_MISSING: Final = re2.compile(r"\bcode (?:E404|ETARGET)\b")
_TALK: Final = re2.compile(
    r"^npm (?:error|warn|notice)\s*(?:(?:code|errno|syscall) \S+$|A complete log|\d+\s*$)?"
)


async def install(
    launch: Launch, options: ProbeOptions, progress: Callable[[str], None], folder: Path
) -> Prepared:
    """Install the launch's package into `folder`.

    Raises:
        NotPrepared: with npm's own words, or because node or npm is not installed.

    """
    if not _NAME.fullmatch(launch.package) or (launch.version and not _VERSION.fullmatch(launch.version)):
        shown = one_line(f"{launch.package} {launch.version or ''}", 80)
        raise NotPrepared(f"this is no name and version of an npm package: {shown}", "check the spelling")
    node, npm = _program("node"), _program("npm")
    wanted = f"{launch.package}@{launch.version}" if launch.version else launch.package
    progress(f"installing {wanted}")
    await _npm_install(npm, wanted, folder, options.limits.prepare)
    module = folder / "node_modules" / launch.package
    manifest = _manifest(module)
    return Prepared(
        command=(node, f"{{}}/node_modules/{launch.package}/{_script(launch, manifest, module)}"),
        version=str(manifest.get("version")),
        readable=standing(node),
    )


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise NotPrepared(
            f"{name} is not installed", "install Node.js, which brings npm", outcome=Outcome.UNSUPPORTED
        )
    return found


async def _npm_install(npm: str, wanted: str, folder: Path, limit: float) -> None:
    environment = allowed(os.environ, preparing=True)
    if "SSL_CERT_FILE" in environment:  # node has a name of its own for the user's authorities
        environment.setdefault("NODE_EXTRA_CA_CERTS", environment["SSL_CERT_FILE"])
    command = (
        npm, "install", "--prefix", str(folder), "--ignore-scripts", "--no-save", "--no-package-lock", "--no-audit",
        "--no-fund", "--no-update-notifier", "--prefer-offline", "--loglevel=error", "--fetch-retries=1",
        "--fetch-retry-mintimeout=500", "--", wanted,
    )  # fmt: skip
    finished = await run(command, environment, limit=limit)
    if finished.code == 0:
        return
    if finished.code is None:
        raise NotPrepared(f"the installation took longer than {limit:g} s", "try again, or raise the limit")
    words = _words(finished.stderr)
    if _MISSING.search(finished.stderr):
        raise NotPrepared(words, f"check the name and version of {wanted} on the package index")
    if _NO_NETWORK.search(finished.stderr):
        raise NotPrepared(
            f"the package index cannot be reached: {words}",
            "check the network and proxy settings",
            no_network=True,
        )
    raise NotPrepared(words, "install it by hand to see the whole message")


def _words(stderr: str) -> str:
    """Npm's first sentence that says something: codes, log paths and empty lines left out."""
    lines = [_TALK.sub("", line).strip() for line in stderr.splitlines()]
    return one_line(next((line for line in lines if " " in line), "npm said nothing"), 300)


def _manifest(module: Path) -> dict[str, Any]:
    try:
        manifest = json.loads((module / "package.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise NotPrepared("its package.json cannot be read", "tell the maintainers of the package") from error
    return manifest if isinstance(manifest, dict) else {}


def _script(launch: Launch, manifest: dict[str, Any], module: Path) -> str:
    """The file behind the package's command, relative to its folder and inside it."""
    programs = manifest.get("bin")
    named = programs if isinstance(programs, dict) else {launch.package: programs}
    path = (
        named.get(launch.executable)
        if launch.executable
        else named.get(default_program(named, launch.package))
    )
    if (
        isinstance(path, str)
        and (module / path).resolve().is_relative_to(module.resolve())
        and (module / path).is_file()
    ):
        return os.path.normpath(path)
    listed = ", ".join(sorted(map(str, named))) if programs else "none"
    wanted = f"no command {launch.executable}" if launch.executable else "no command to start a server with"
    raise NotPrepared(
        one_line(f"{launch.package} has {wanted}; its commands: {listed}", 300),
        "check whether this package is an MCP server",
        outcome=Outcome.START_FAILED,
    )


def default_program(names: dict[str, Any], package: str) -> str | None:
    """The command that `npx` would take: the only one, or the one named as the package without its scope.

    When neither is there, the shortest with `mcp` or `server` in its name.
    """
    own = package.rpartition("/")[2]
    likely = sorted((name for name in names if "mcp" in name.lower() or "server" in name.lower()), key=len)
    return next(iter(names if len(names) == 1 else [name for name in names if name == own] or likely), None)
