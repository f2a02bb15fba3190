"""Where a server runs: bubblewrap with next to nothing to see, or plainly, with limits either way."""

from __future__ import annotations

import os
import platform
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from catalog.probe.limits import Sandbox
from catalog.probe.process import run

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from catalog.probe.limits import Limits, ProbeOptions

HOME: Final = "/home/server"  # of a sandboxed server: empty, in memory, gone with it
_ROOMS: Final = (HOME, "/tmp", "/var/tmp", "/run")  # noqa: S108 – these are the sandbox's own
# What a program needs of the system to run at all; nothing that is the user's.
_SYSTEM: Final = (
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/libx32",
    "/opt",
    "/nix/store",
    "/gnu/store",
)
_SETTINGS: Final = tuple(
    f"/etc/{name}"
    for name in (
        "alternatives", "ca-certificates", "fonts", "group", "host.conf", "hosts", "ld.so.cache", "ld.so.conf",
        "ld.so.conf.d", "localtime", "mime.types", "nsswitch.conf", "os-release", "passwd", "pki", "protocols",
        "resolv.conf", "services", "ssl", "timezone",
    )
)  # fmt: skip
_LINKS: Final = 8  # followed, at most, from a program's name to the program
_SCRIPTS: Final = frozenset({".py", ".js", ".mjs", ".cjs", ".ts", ".rb", ".jar"})
_tried: dict[str, str] = {}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a server will run: with bubblewrap (its path) or without, with a word about it when asked for."""

    bwrap: str | None
    note: str = ""

    @property
    def isolation(self) -> str:
        """As in `CrawlResult.isolation`."""
        return "bwrap" if self.bwrap else "none"


async def choose(wish: Sandbox) -> tuple[Place | None, str]:
    """The place that can be had, or None; and why bubblewrap cannot be had, "" when it can.

    `auto` falls back with a note; `bwrap` does not fall back.
    """
    if wish == Sandbox.NONE:
        return Place(None, "started without a sandbox, as asked for"), ""
    program = shutil.which("bwrap")
    trouble = "bubblewrap is not installed" if program is None else await _trouble(program)
    if not trouble:
        return Place(program), ""
    if wish == Sandbox.BWRAP:
        return None, trouble
    return Place(None, f"started without a sandbox: {trouble}"), trouble


async def _trouble(program: str) -> str:
    """Why bubblewrap does not work here, "" when it does; really tried, once for each program."""
    if program not in _tried:
        try:
            finished = await run(
                (program, *_isolated(network=False), *_binds(_existing(_SYSTEM)), "--", "true"),
                {"PATH": os.environ.get("PATH", os.defpath)},
                limit=10,
            )
            _tried[program] = (
                ""
                if finished.code == 0
                else f"bubblewrap does not work here ({finished.stderr.strip()[:120]})"
            )
        except OSError as error:
            _tried[program] = f"bubblewrap cannot be started ({error.strerror})"
    return _tried[program]


def confined(
    command: Sequence[str], place: Place, readable: Iterable[str], options: ProbeOptions, *, network: bool
) -> tuple[str, ...]:
    """The command that runs `command` in that place with the limits of memory, processes and file size.

    In bubblewrap: the system and `readable` paths read-only, nothing else of this machine; folders named
    as absolute paths in the command exist, empty. Arguments may come from a registry, so that files
    named in them stay out of sight.
    """
    limited = (
        *_limited(options.limits, counted=place.bwrap is not None and _counts_by_namespace()),
        *command,
    )
    if place.bwrap is None:
        return limited
    size = ("--size", str(options.limits.file_size), "--tmpfs")
    shown = _existing([*_SYSTEM, *_SETTINGS, *(path for path in readable if not _within_system(path))])
    return (
        place.bwrap,
        *_isolated(network=network),
        *(word for room in ("/dev/shm", *_ROOMS) for word in (*size, room)),  # noqa: S108 – the sandbox's own
        *_binds(shown),
        *(word for folder in _named_folders(command, shown) for word in (*size, folder)),
        *("--remount-ro", "/dev", "--remount-ro", "/"),
        *("--setenv", "HOME", HOME, "--setenv", "TMPDIR", "/tmp", "--chdir", HOME, "--"),  # noqa: S108 – the sandbox's own
        *limited,
    )


def standing(program: str) -> tuple[str, ...]:
    """The folders a program needs to be read from: where it is and where its links lead.

    That is a whole installation (`bin` beside `lib`) or just the program's own folder, never a home.
    """
    path, folders = Path(program), []
    for _ in range(_LINKS):
        prefix = path.parent.parent
        whole = (
            path.parent.name == "bin" and (prefix / "lib").is_dir() and prefix not in (Path.home(), Path("/"))
        )
        folders.append(str(prefix if whole else path.parent))
        if not path.is_symlink():
            break
        path = path.parent / path.readlink()
    return tuple(dict.fromkeys(folders))


def _isolated(*, network: bool) -> tuple[str, ...]:
    return (
        "--unshare-all", *(("--share-net",) if network else ()), "--die-with-parent", "--cap-drop", "ALL",
        "--uid", "1000", "--gid", "1000", "--hostname", "sandbox", "--proc", "/proc", "--dev", "/dev",
    )  # fmt: skip


def _binds(paths: Iterable[str]) -> tuple[str, ...]:
    """Links of the system's root stay links (`/bin` to `usr/bin`); everything else is bound read-only."""
    words: list[str] = []
    for path in paths:
        if path.count("/") == 1 and Path(path).is_symlink():
            words += ("--symlink", str(Path(path).readlink()), path)
        else:
            words += ("--ro-bind", path, path)
    return tuple(words)


def _existing(paths: Iterable[str]) -> list[str]:
    return [path for path in dict.fromkeys(paths) if Path(path).exists()]


def _within_system(path: str) -> bool:
    return any(path == system or path.startswith(system + "/") for system in _SYSTEM)


def _named_folders(command: Sequence[str], shown: Sequence[str]) -> list[str]:
    """Folders among the arguments: a server that wants one finds it, but not what is in it."""
    named = [
        Path(argument) for argument in command[1:] if argument.startswith("/") and argument not in _ROOMS
    ]
    hidden = [path for path in named if not any(path.is_relative_to(folder) for folder in shown)]
    return [str(path) for path in dict.fromkeys(hidden) if path.is_dir()]


def named_files(command: Sequence[str]) -> list[str]:
    """Files among the arguments of a command: readable when the command is the user's own."""
    return [argument for argument in command[1:] if argument.startswith("/") and Path(argument).is_file()]


def script_folders(command: Sequence[str]) -> list[str]:
    """Folders of the scripts among the arguments, whose modules lie beside them; never a home or what is above.

    The nearest folder that is a project, else the script's own.
    """
    scripts = [Path(file).resolve() for file in named_files(command) if Path(file).suffix in _SCRIPTS]
    folders = [
        next((up for up in script.parents[:4] if _is_project(up)), script.parent) for script in scripts
    ]
    return [str(folder) for folder in folders if not Path.home().is_relative_to(folder)]


def _is_project(folder: Path) -> bool:
    return any((folder / name).exists() for name in ("package.json", "pyproject.toml", "node_modules"))


def _limited(limits: Limits, *, counted: bool) -> tuple[str, ...]:
    """Prlimit in front, where there is one. Memory is bounded as data: node reserves far more than it uses."""
    program = shutil.which("prlimit")
    if program is None:
        return ()
    processes = (f"--nproc={limits.processes}",) if counted else ()
    return (program, f"--data={limits.memory}", f"--fsize={limits.file_size}", "--core=0", *processes, "--")


def _counts_by_namespace() -> bool:
    """Whether processes are counted for each user namespace (Linux 5.14) and not for the user as a whole."""
    found = re.match(r"(\d+)\.(\d+)", platform.release())
    return found is not None and (int(found[1]), int(found[2])) >= (5, 14)
