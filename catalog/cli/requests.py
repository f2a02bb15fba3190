"""What `catalog classify` was asked to do, and how to present it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from catalog.cli.options import LevelChoice
from catalog.cli.tools import ToolFormat
from catalog.probe.limits import ProbeOptions


@dataclass(frozen=True, slots=True)
class Request:
    """What to classify, and how to get it."""

    targets: tuple[str, ...]
    command: tuple[str, ...]
    name_only: bool
    options: ProbeOptions
    jobs: int
    db: str | None


@dataclass(frozen=True, slots=True)
class Presentation:
    """How to print the tools, and which findings set the exit code."""

    form: ToolFormat
    out: Path | None
    fail_on: LevelChoice | None
    strict: bool
