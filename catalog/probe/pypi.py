"""Preparing a server from PyPI: installed with uv into an environment of its own, nothing of it run."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import re2
from uv import find_uv_bin

from catalog.probe import pythons
from catalog.probe.environment import allowed
from catalog.probe.fault import NotPrepared
from catalog.probe.installed import (
    distribution,
    needs_sdk_1,
    python_version,
    sdk_version,
    site_packages,
    start_command,
)
from catalog.probe.prepared import Prepared
from catalog.probe.process import run
from catalog.probe.sandbox import standing
from catalog.records import Outcome
from catalog.visible import one_line

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from catalog.probe.limits import ProbeOptions
    from catalog.probe.process import Finished
    from catalog.records import Launch

SDK_1: Final = "mcp<2"

_NAME: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?(\[[A-Za-z0-9._,-]+\])?")
_RELEASE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.!+_-]*")
_PINNED: Final = re.compile(r"==([^\s;]+)")
_NO_NETWORK: Final = re2.compile(
    r"(?i)error sending request|dns error|connect error|client error \(Connect\)|network was disabled|timed out"
)
_MISSING: Final = re2.compile(
    r"not\s+found\s+in\s+the\s+package\s+registry|there\s+(?:is|are)\s+no\s+versions?\s+of"
)
_NO_WHEEL: Final = re2.compile(r"no\s+(?:usable\s+|compatible\s+)?wheels|building from source is disabled")


@dataclass(frozen=True, slots=True)
class _Uv:
    """uv, with the folder that it works on and what it may see."""

    program: str
    folder: Path
    environment: dict[str, str]
    options: ProbeOptions

    @property
    def virtual(self) -> Path:
        return self.folder / "venv"

    async def __call__(self, *arguments: str, stdin: str = "") -> Finished:
        limit = self.options.limits.prepare
        command = (self.program, "--directory", str(self.folder), *arguments)
        finished = await run(command, self.environment, limit=limit, stdin=stdin.encode())
        if finished.code is None:
            raise NotPrepared(
                f"the installation took longer than {limit:g} s", "try again, or raise the limit"
            )
        return finished

    def wheels(self) -> tuple[str, ...]:
        """Wheels only: building from source runs the package's own code, outside any sandbox."""
        return () if self.options.allow_build else ("--only-binary", ":all:")


async def install(
    launch: Launch, options: ProbeOptions, progress: Callable[[str], None], folder: Path, *, sdk_1: bool
) -> Prepared:
    """Install the launch's package into `folder`; with `sdk_1` together with `mcp<2`.

    Raises:
        NotPrepared: with uv's own words.

    """
    uv = _Uv(_find_uv(), folder, _uv_environment(), options)
    requirement = await _requirement(launch, uv)
    progress(f"installing {requirement}")
    constraints = (SDK_1,) if sdk_1 else ()
    note = await _install_with_a_python(uv, requirement, constraints)
    site = site_packages(uv.virtual)
    package = distribution(site, launch.package)
    if not sdk_1 and needs_sdk_1(site, package):
        constraints = (SDK_1,)
        await _must(uv, await _pip_install(uv, requirement, constraints), requirement)
    sdk = sdk_version(site)
    notes = [note] if note else []
    if constraints:
        notes.append(f"written for MCP SDK 1: started with mcp {sdk} (`{SDK_1}`)")
    return Prepared(
        command=start_command(launch, package, uv.virtual),
        version=package.version,
        readable=standing(str(uv.virtual / "bin" / "python"))[1:],
        notes=tuple(notes),
        sdk_version=sdk,
    )


def _find_uv() -> str:
    try:
        return find_uv_bin()
    except FileNotFoundError as error:
        raise NotPrepared(
            "uv is not installed", "install it: pip install uv", outcome=Outcome.UNSUPPORTED
        ) from error


def _uv_environment() -> dict[str, str]:
    """What uv may see; pip's index is uv's when uv has none of its own."""
    environment = {"UV_HTTP_RETRIES": "1", **allowed(os.environ, preparing=True)}
    if (index := environment.get("PIP_INDEX_URL")) and not {
        "UV_DEFAULT_INDEX",
        "UV_INDEX_URL",
    } & environment.keys():
        environment["UV_DEFAULT_INDEX"] = index
    return {**environment, "PATH": pythons.search_path(os.environ), "NO_COLOR": "1", "UV_NO_PROGRESS": "1"}


async def _requirement(launch: Launch, uv: _Uv) -> str:
    """`name==version`: the version asked for, or the newest one that any released Python can run.

    Without this an old Python would quietly get an old version of the package.
    """
    if not _NAME.fullmatch(launch.package) or (launch.version and not _RELEASE.fullmatch(launch.version)):
        shown = one_line(f"{launch.package} {launch.version or ''}", 80)
        raise NotPrepared(f"this is no name and version of a PyPI package: {shown}", "check the spelling")
    if launch.version:
        return f"{launch.package}=={launch.version}"
    found = await uv(
        "pip", "compile", "-", "--no-deps", "--no-header", "--no-annotate", "--universal", "--no-python-downloads",
        "--python", pythons.running(), "--python-version", pythons.NEWEST, *uv.wheels(),
        stdin=launch.package,
    )  # fmt: skip
    if found.code != 0 and (_NO_NETWORK.search(found.stderr) or _MISSING.search(found.stderr)):
        await _must(uv, found, launch.package)
    pinned = _PINNED.search(found.stdout) if found.code == 0 else None
    return f"{launch.package}=={pinned[1]}" if pinned else launch.package


async def _install_with_a_python(uv: _Uv, requirement: str, constraints: tuple[str, ...]) -> str:
    """Install with the running Python, or with one that suits; the note says which when it is another."""
    await _must(uv, await _new_environment(uv, pythons.running()), requirement)
    finished = await _pip_install(uv, requirement, constraints)
    if finished.code == 0 or not pythons.unsuitable(finished.stderr):
        await _must(uv, finished, requirement)
        return ""
    needed = pythons.wanted(finished.stderr)
    cause = f"needs Python {needed}" if needed else f"has no wheels for Python {python_version(uv.virtual)}"
    for python in pythons.others(needed):
        made = await _new_environment(uv, python, "--no-python-downloads")
        if made.code != 0:
            continue
        finished = await _pip_install(uv, requirement, constraints)
        if finished.code == 0 or not pythons.unsuitable(finished.stderr):
            await _must(uv, finished, requirement)
            return f"{cause}: started with Python {python_version(uv.virtual)}"
    return await _install_with_a_download(uv, requirement, constraints, needed, cause)


async def _install_with_a_download(
    uv: _Uv, requirement: str, constraints: tuple[str, ...], needed: str | None, cause: str
) -> str:
    """The last resort: a Python that uv downloads."""
    made = await _new_environment(uv, needed or ">=3.10")
    if made.code != 0:
        raise NotPrepared(
            f"{requirement} {cause}, and no Python that suits is installed: {_words(made)}",
            f"install one: uv python install '{needed or '3.12'}'",
        )
    await _must(uv, await _pip_install(uv, requirement, constraints), requirement)
    return f"{cause}: started with Python {python_version(uv.virtual)}"


async def _new_environment(uv: _Uv, python: str, *options: str) -> Finished:
    return await uv(
        "venv",
        "--quiet",
        "--clear",
        "--relocatable",
        "--no-project",
        *options,
        "--python",
        python,
        str(uv.virtual),
    )


async def _pip_install(uv: _Uv, requirement: str, constraints: tuple[str, ...]) -> Finished:
    # A kept environment is started many times: compiled once, each start is about a second faster.
    compiled = ("--compile-bytecode",) if uv.options.environments else ()
    return await uv(
        "pip",
        "install",
        "--quiet",
        "--python",
        str(uv.virtual),
        *uv.wheels(),
        *compiled,
        requirement,
        *constraints,
    )


async def _must(uv: _Uv, finished: Finished, requirement: str) -> None:
    """Raise when uv failed, told apart: no network, no such package, no wheel, anything else."""
    if finished.code == 0:
        return
    words = _words(finished)
    if _MISSING.search(finished.stderr) and "network was disabled" not in finished.stderr:
        raise NotPrepared(
            words,
            f"check the name and version of {requirement} on the package index; what it needs must be there as wheels",
        )
    if _NO_NETWORK.search(finished.stderr):
        raise NotPrepared(
            f"the package index cannot be reached: {words}",
            "check the network and proxy settings",
            no_network=True,
        )
    if _NO_WHEEL.search(finished.stderr) and not uv.options.allow_build:
        raise NotPrepared(
            f"{words} (building from source would run its code outside the sandbox)",
            "install it yourself and give the command that starts it after --",
        )
    raise NotPrepared(words, "install it by hand to see the whole message")


def _words(finished: Finished) -> str:
    """Uv's explanation in one line: its deepest cause, which is the one that helps."""
    text = finished.stderr.split("hint:")[0]
    if "Because" in text:
        return one_line(text[text.index("Because") :], 300)
    causes = [line.strip() for line in text.splitlines() if line.strip()]
    return one_line(re.sub(r"^(cause|error):\s*", "", causes[-1]) if causes else "uv said nothing", 300)
