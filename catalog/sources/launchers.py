"""Command lines of package runners (`uvx X`, `npx -y X`), read for the package they start."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePath, PureWindowsPath
from typing import TYPE_CHECKING, Final

from catalog.records import LaunchKind

if TYPE_CHECKING:
    from collections.abc import Sequence

# Runner words → (registry, flags that take a value and may be dropped, the flag that names the package).
_RUNNERS: Final = {
    ("uvx",): (LaunchKind.PYPI, ("--python", "-p"), ("--from",)),
    ("uv", "tool", "run"): (LaunchKind.PYPI, ("--python", "-p"), ("--from",)),
    ("pipx", "run"): (LaunchKind.PYPI, ("--python",), ("--spec",)),
    ("npx",): (LaunchKind.NPM, (), ("--package", "-p")),
    ("npm", "exec"): (LaunchKind.NPM, (), ("--package",)),
    ("npm", "x"): (LaunchKind.NPM, (), ("--package",)),
    ("bunx",): (LaunchKind.NPM, (), ("--package", "-p")),
    ("pnpm", "dlx"): (LaunchKind.NPM, (), ("--package",)),
    ("yarn", "dlx"): (LaunchKind.NPM, (), ("--package", "-p")),
}
# Flags of runners that only say how to fetch, not what to start.
_SILENT_FLAGS: Final = frozenset(
    {
        "-y",
        "--yes",
        "-q",
        "--quiet",
        "--isolated",
        "--refresh",
        "--no-cache",
        "-n",
        "--prefer-offline",
        "--bun",
        "--",
    }
)
_INTERPRETERS: Final = re.compile(
    r"^(python[0-9.]*|py|node|deno|bun|ruby|perl|php|java|tsx|ts-node|sh|bash|dash|zsh|fish|pwsh|powershell)$"
)
# What follows is code, which can hold anything: `-c`, `-lc`, `-e`, `--eval`, `-p`, `-Command`.
_CODE: Final = re.compile(r"(-[A-Za-z]*[cep]|--eval|--print|(?i:-command|-encodedcommand))(=.*)?", re.DOTALL)
_FLAGS_WITH_VALUE: Final = frozenset({"--directory", "--project", "--python", "-p", "--with", "--from"})
_PLAIN_SCRIPTS: Final = frozenset(
    {"index", "main", "server", "__main__", "cli", "app", "run", "start", "mcp"}
)
_PLAIN_FOLDERS: Final = frozenset({"dist", "build", "src", "lib", "bin", "out", ".", ".."})
PYPI_NAME: Final = re.compile(r"^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$", re.ASCII)  # PEP 508
NPM_NAME: Final = re.compile(r"^(?:@[A-Za-z0-9~][A-Za-z0-9._~-]*/)?[A-Za-z0-9~][A-Za-z0-9._~-]*$", re.ASCII)
VERSION: Final = re.compile(r"^[A-Za-z0-9][A-Za-z0-9.+!_-]*$", re.ASCII)


@dataclass(frozen=True, slots=True)
class PackageCommand:
    """What a runner's command line starts. `exact` says that nothing on the line was left out."""

    registry: LaunchKind
    package: str
    version: str | None
    executable: str | None
    arguments: tuple[str, ...]
    exact: bool


def package_of(command: Sequence[str]) -> PackageCommand | None:
    """The package that a runner's command line starts, or None when it is no such line."""
    words = _without_shell(command)
    for runner, (registry, dropped, naming) in _RUNNERS.items():
        if tuple(words[: len(runner)]) == runner:
            return _read_runner(words[len(runner) :], registry, dropped, naming)
    return None


def _read_runner(
    words: Sequence[str], registry: LaunchKind, dropped: tuple[str, ...], naming: tuple[str, ...]
) -> PackageCommand | None:
    spec, exact, position = "", True, 0
    while position < len(words) and words[position].startswith("-"):
        flag, equals, value = words[position].partition("=")
        takes_value = flag in (*dropped, *naming) or flag in _FLAGS_WITH_VALUE
        if takes_value and not equals:
            position += 1
            value = words[position] if position < len(words) else ""
        if flag in naming:
            spec = value
        elif flag not in dropped and flag not in _SILENT_FLAGS:
            exact = False
        position += 1
    rest = [word for index, word in enumerate(words[position:]) if index > 1 or word != "--"]
    if not rest:
        return None
    package, version = split_version(spec or rest[0], registry)
    if package is None:
        return None
    return PackageCommand(registry, package, version, rest[0] if spec else None, tuple(rest[1:]), exact)


def split_version(spec: str, registry: LaunchKind) -> tuple[str | None, str | None]:
    """`name@1.2` (or `name==1.2` for PyPI) as name and version; the name is None if it is not one.

    `@latest` and a missing version are both None, the newest.
    """
    at = spec.rfind("@")
    separator = "==" if registry is LaunchKind.PYPI and "==" in spec else "@" if at > 0 else ""
    name, _, version = spec.rpartition(separator) if separator else (spec, "", "")
    pattern = PYPI_NAME if registry is LaunchKind.PYPI else NPM_NAME
    if not pattern.match(name) or (separator and not VERSION.match(version)):
        return None, None
    return name, None if version in ("", "latest") else version


def server_name(command: Sequence[str]) -> str:
    """What to call the server that a command starts: its package, module, script or executable.

    Never a word that is code or an assignment, as those may hold secrets.
    """
    package = package_of(command)
    if package is not None:
        return short_name(package.package)
    words = _without_shell(command)
    while len(words) > 1 and (words[0] in ("uv", "poetry", "pdm", "run") or _INTERPRETERS.match(words[0])):
        script = _script(words[1:], code=_CODE if _INTERPRETERS.match(words[0]) else None)
        if not script or "=" in script[0] or script[0].startswith("-"):
            break
        words = script
    name = "-".join(_stem(words[0]).split()) if words else ""
    return "command" if not name or "=" in name else name


def origin(command: Sequence[str]) -> str:
    """`ServerRecord.origin` of a command: the package that a runner's line starts, "" for other commands."""
    package = package_of(command)
    return f"{package.registry}:{package.package}" if package else ""


def short_name(package: str) -> str:
    """An npm scope joined to its name, so that a server's name has no slash: `@acme/mcp` is `acme-mcp`."""
    return package.removeprefix("@").replace("/", "-")


def _script(words: list[str], code: re.Pattern[str] | None) -> list[str]:
    """Skip an interpreter's flags; what follows `-m` is the name itself. Empty when a flag takes code."""
    while words and words[0].startswith("-") and len(words) > 1:
        if words[0] == "-m":
            return [words[1]]
        if code is not None and code.fullmatch(words[0]):
            return []
        words = words[2:] if words[0] in _FLAGS_WITH_VALUE else words[1:]
    return words


def _stem(word: str) -> str:
    path = PureWindowsPath(word) if "\\" in word else PurePath(word)
    parts = [part for part in path.parts[:-1] if part not in _PLAIN_FOLDERS and part != path.anchor]
    stem = (
        path.stem
        if path.suffix in {".py", ".js", ".mjs", ".cjs", ".ts", ".exe", ".cmd", ".sh", ".jar"}
        else path.name
    )
    return parts[-1] if stem in _PLAIN_SCRIPTS and parts else stem or "command"


def _without_shell(command: Sequence[str]) -> list[str]:
    """The words without `cmd /c` in front, the first one without folder and `.exe` or `.cmd`."""
    words = list(command)
    if len(words) > 2 and words[0].lower() in ("cmd", "cmd.exe") and words[1].lower() == "/c":
        words = words[2:]
    if words:
        runner = PureWindowsPath(words[0]).name
        bare = re.sub(r"\.(exe|cmd|bat)$", "", runner, flags=re.IGNORECASE)
        words[0] = (
            bare if bare in {first for first, *_ in _RUNNERS} or _INTERPRETERS.match(bare) else words[0]
        )
    return words
