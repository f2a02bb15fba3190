"""Prepared environments: folders that appear complete or not at all, thrown away or kept for next time."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import time
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import anyio.to_thread
import platformdirs

from catalog.probe.fault import NotPrepared

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from catalog.probe.limits import ProbeOptions
    from catalog.records import Launch

_FACTS: Final = "prepared.json"
_NEW: Final = "new-"
_STALE: Final = 86_400.0  # seconds
_LAYOUT: Final = "1"  # goes up when what is kept in an environment changes


@dataclass(frozen=True, slots=True)
class Prepared:
    """An installed server that can be started: `folder` holds it, `command` has `{}` for that folder.

    `version` is the version installed. `readable` are further folders that it needs to read (its
    interpreter). `sdk_version` is that of the MCP SDK for Python, None when it is not used or known.
    """

    command: tuple[str, ...]
    version: str | None = None
    readable: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    sdk_version: str | None = None

    def argv(self, folder: Path) -> tuple[str, ...]:
        """The command with the folder put in."""
        return tuple(part.replace("{}", str(folder), 1) for part in self.command)


@asynccontextmanager
async def environment(
    launch: Launch, variant: str, options: ProbeOptions, install: Callable[[Path], Awaitable[Prepared]]
) -> AsyncIterator[tuple[Path, Prepared]]:
    """A folder with the launch's package installed by `install`, and what is known about it.

    Thrown away afterwards, unless `options.environments` keeps it under package, version and
    `variant`; then an unpinned package is what was newest when it was kept. Crash-safe and safe
    against a second crawl: installed under a temporary name, renamed when complete.

    Raises:
        NotPrepared: from `install`, or because the folder cannot be written.

    """
    kept = options.environments / _key(launch, variant) if options.environments else None
    if kept is not None and (known := _known(kept)) is not None:
        yield kept, known
        return
    parent = options.environments or options.cache or platformdirs.user_cache_path("catalog") / "environments"
    temporary = _new_folder(parent)
    try:
        prepared = await install(temporary)
        if kept is not None:
            yield _keep(temporary, kept, prepared), prepared
        else:
            yield temporary, prepared
    finally:
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(partial(shutil.rmtree, temporary, ignore_errors=True))


def _new_folder(parent: Path) -> Path:
    try:
        parent.mkdir(parents=True, exist_ok=True)
        _sweep(parent)
        return Path(tempfile.mkdtemp(prefix=_NEW, dir=parent.resolve()))
    except OSError as error:
        raise NotPrepared(
            f"cannot write to {parent}: {error.strerror}", "free some space, or name another cache folder"
        ) from error


def _sweep(parent: Path) -> None:
    """Remove what crawls that were killed have left: nothing is prepared for a whole day."""
    for folder in parent.glob(f"{_NEW}*"):
        with suppress(FileNotFoundError):  # another crawl may sweep too
            if folder.stat().st_mtime < time.time() - _STALE:
                shutil.rmtree(folder, ignore_errors=True)


def _key(launch: Launch, variant: str) -> str:
    """A folder name that cannot be anything but one: package names are other people's text."""
    parts = [
        _LAYOUT,
        launch.kind,
        launch.package,
        launch.version or "newest",
        launch.executable or "",
        variant,
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:24]


def _known(folder: Path) -> Prepared | None:
    try:
        facts: dict[str, Any] = json.loads((folder / _FACTS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return Prepared(
        command=tuple(facts["command"]),
        version=facts["version"],
        readable=tuple(facts["readable"]),
        notes=tuple(facts["notes"]),
        sdk_version=facts["sdk_version"],
    )


def _keep(temporary: Path, kept: Path, prepared: Prepared) -> Path:
    """Put the complete environment in its place; the one that was faster wins."""
    (temporary / _FACTS).write_text(json.dumps(asdict(prepared)), encoding="utf-8")
    try:
        temporary.rename(kept)
    except OSError:
        return kept if _known(kept) is not None else temporary
    return kept
