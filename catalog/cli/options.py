"""Options that several commands share, so that they are spelt and explained alike."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from catalog.probe.limits import Sandbox
from classifier.types import Category, Level


class Format(StrEnum):
    """How a listing is printed."""

    TABLE = "table"
    JSON = "json"
    JSONL = "jsonl"
    CSV = "csv"
    MARKDOWN = "markdown"


class LevelChoice(StrEnum):
    """A level as it is typed."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def level(self) -> Level:
        """The level that is meant."""
        return Level(self.value.capitalize())


class CategoryChoice(StrEnum):
    """A category as it is typed."""

    READ = "read"
    WRITE = "write"
    EXECUTE = "execute"
    DESTRUCTIVE = "destructive"
    FINANCIAL = "financial"

    @property
    def category(self) -> Category:
        """The category that is meant."""
        return Category(self.value.capitalize())


Database = Annotated[
    str | None,
    typer.Option(
        "--db",
        envvar="CATALOG_DB",
        metavar="URL",
        help="Database URL. Default: one SQLite file in your data folder.",
    ),
]
OverridesFile = Annotated[
    Path | None,
    typer.Option(
        "--file",
        envvar="CATALOG_OVERRIDES",
        metavar="FILE",
        help="The file of corrections. Default: overrides.toml in your data folder.",
    ),
]
OutputFormat = Annotated[Format, typer.Option("--format", "-f", help="How to print the result.")]
OutputFile = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="FILE", help="Write the result to FILE instead of stdout."),
]
Jobs = Annotated[
    int,
    typer.Option(
        "--jobs", "-j", metavar="N", min=1, max=256, help="How many servers to handle side by side."
    ),
]
SandboxOption = Annotated[
    Sandbox,
    typer.Option(
        "--sandbox",
        help="Confine servers with bubblewrap: where it works, always, or never. Commands from a client's config are "
        "never started unconfined unless this is none; a command after -- is confined only with bwrap.",
    ),
]
AllowNetwork = Annotated[
    bool, typer.Option("--allow-network", help="Let servers reach the network while they run.")
]
Timeout = Annotated[
    float,
    typer.Option(
        "--timeout", min=1, metavar="SECONDS", help="Longest time for one server, preparation aside."
    ),
]
Strict = Annotated[
    bool, typer.Option("--strict", help="Exit with 4 when some servers failed or need credentials.")
]
FailOn = Annotated[
    LevelChoice | None,
    typer.Option("--fail-on", help="Exit with 11 to 14 when the highest level is this or above."),
]
