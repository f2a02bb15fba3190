"""What uv installed, read from its files: nothing of it is imported or run."""

from __future__ import annotations

import re
from importlib.metadata import Distribution
from pathlib import Path
from typing import TYPE_CHECKING, Final

import re2

from catalog.probe.fault import NotPrepared
from catalog.records import Outcome
from catalog.visible import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable

    from catalog.records import Launch

# Parts of SDK 1 that SDK 2 has not: the FastMCP module, and decorators of the low-level server.
_USES_SDK_1: Final = re2.compile(
    r"(?m)^\s*(?:from|import)\s+mcp\.server\.fastmcp\b|^\s*from\s+mcp\.server\s+import\s.*\bFastMCP\b"
    r"|^\s*@[\w.]+\.(?:list_tools|call_tool|list_resources|list_prompts)\(\)"
)
_SOURCE_FILES: Final = 2_000  # looked at, at most, for signs of SDK 1
_SOURCE_SIZE: Final = 1 << 20


def site_packages(virtual: Path) -> Path:
    """The folder of a virtual environment that packages are in."""
    return next(iter(virtual.glob("lib/python3*/site-packages")), virtual / "Lib" / "site-packages")


def distribution(site: Path, package: str) -> Distribution:
    """The metadata of an installed package.

    Raises:
        NotPrepared: there is none.

    """
    name = package.partition("[")[0]
    found = next(iter(Distribution.discover(name=name, path=[str(site)])), None)
    if found is None:
        raise NotPrepared(f"{name} was installed but has no metadata", "tell the maintainers of the package")
    return found


def sdk_version(site: Path) -> str | None:
    """The version of the MCP SDK that was installed, None when the package does without."""
    return next((found.version for found in Distribution.discover(name="mcp", path=[str(site)])), None)


def is_sdk_1(version: str | None) -> bool:
    """Whether there is nothing to go back from: SDK 1, or none at all."""
    return version is None or version.startswith(("0.", "1."))


def needs_sdk_1(site: Path, package: Distribution) -> bool:
    """Whether SDK 2 or later was installed for a package whose sources use parts that only SDK 1 has.

    Reading the sources saves a start that must fail; a start that fails for it all the same is retried.
    """
    if is_sdk_1(sdk_version(site)):
        return False
    sources = (Path(str(file.locate())) for file in package.files or () if file.suffix == ".py")
    return any(
        _USES_SDK_1.search(_read(path)) for path, _ in zip(sources, range(_SOURCE_FILES), strict=False)
    )


def _read(path: Path) -> str:
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            return file.read(_SOURCE_SIZE)
    except OSError:
        return ""


def start_command(launch: Launch, package: Distribution, virtual: Path) -> tuple[str, ...]:
    """How to start the server: a console script under the environment's Python, or `python -m`.

    `{}` stands for the folder that the environment is in.

    Raises:
        NotPrepared: the package has no such command, or none at all.

    """
    python = f"{{}}/{virtual.name}/bin/python"
    scripts = [entry.name for entry in package.entry_points.select(group="console_scripts")]
    chosen = launch.executable or console_script(scripts, launch.package)
    if chosen and re.fullmatch(r"\w[\w.-]*", chosen) and (virtual / "bin" / chosen).is_file():
        program = f"{{}}/{virtual.name}/bin/{chosen}"
        return (python, program) if chosen in scripts else (program,)
    module = _runnable_module(package)
    if module is None or launch.executable:
        listed = one_line(", ".join(sorted(scripts)) or "none", 120)
        wanted = (
            f"no command {launch.executable}" if launch.executable else "no command to start a server with"
        )
        raise NotPrepared(
            one_line(f"{launch.package} {package.version} has {wanted}; its commands: {listed}", 300),
            "check whether this package is an MCP server",
            outcome=Outcome.START_FAILED,
        )
    return (python, "-m", module)


def console_script(names: Iterable[str], package: str) -> str | None:
    """The console script that starts the server, None when the package has none that can be told.

    In this order: the one named as the package, the only one, the shortest whose name has `mcp` or
    `server` in it.
    """
    names = sorted(names)
    same = [name for name in names if _normal(name) == _normal(package.partition("[")[0])]
    likely = sorted((name for name in names if "mcp" in name.lower() or "server" in name.lower()), key=len)
    only = names if len(names) == 1 else []
    return next(iter(same or only or likely), None)


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _runnable_module(package: Distribution) -> str | None:
    """The shallowest module of the package that has a `__main__`."""
    files = [file for file in package.files or () if file.name == "__main__.py" and len(file.parts) > 1]
    shallowest = min(files, key=lambda file: len(file.parts), default=None)
    return ".".join(shallowest.parts[:-1]) if shallowest else None


def python_version(virtual: Path) -> str:
    """The version of an environment's Python, such as `3.12`."""
    facts = (virtual / "pyvenv.cfg").read_text(encoding="utf-8")
    found = re.search(r"version_info\s*=\s*(\d+\.\d+)", facts)
    return found[1] if found else "3"
