"""What a probe may cost, and how it may be run (crawling.md, "Starting a stranger's server")."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

MIB = 1 << 20
GIB = 1 << 30


class Sandbox(StrEnum):
    """Where servers run: `auto` takes bubblewrap when it works and says aloud when it does not."""

    AUTO = "auto"
    BWRAP = "bwrap"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one probe. Times are seconds, sizes are bytes.

    `first_answer` runs from the start of the server to the end of the handshake, `total` to the last
    page, `prepare` is for each installation step. `received` bounds everything a server sends.
    """

    first_answer: float = 60.0
    total: float = 120.0
    prepare: float = 300.0
    tools: int = 10_000
    pages: int = 200
    received: int = 16 * MIB
    stderr: int = 64 << 10
    requests: int = 100  # that a server may send to the client before all its tools are listed
    notifications: int = 10_000  # likewise
    noise: int = 1_000  # lines on stdout that are no JSON-RPC: banners, logs
    memory: int = 2 * GIB  # of each process
    processes: int = 256
    file_size: int = 64 * MIB


@dataclass(frozen=True, slots=True)
class ProbeOptions:
    """How to probe; the same for all servers of a crawl.

    `allow_network` starts prepared servers with network. `dummy_env` gives required variables that
    have no value a typed dummy. `pass_env` names variables of the user's own environment that may
    reach servers. `cache` is the folder for throw-away environments (default: the user's cache
    folder). `environments` keeps prepared environments for the next probe of the same package and
    version instead of throwing them away. `allow_build` lets packages without a wheel run their
    build code outside the sandbox.
    """

    limits: Limits = field(default_factory=Limits)
    sandbox: Sandbox = Sandbox.AUTO
    allow_network: bool = False
    dummy_env: bool = True
    pass_env: tuple[str, ...] = ()
    cache: Path | None = None
    environments: Path | None = None
    allow_build: bool = False
