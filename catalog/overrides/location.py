"""Which file corrections are kept in."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

ENVIRONMENT: Final = "CATALOG_OVERRIDES"


def resolve(path: Path | None = None) -> Path:
    """The file that is meant: the argument, else `CATALOG_OVERRIDES`, else one in the user's data folder."""
    named = path or os.environ.get(ENVIRONMENT)
    return Path(named) if named else default()


def default() -> Path:
    """The file in the user's data folder."""
    import platformdirs  # noqa: PLC0415 - most commands' first look at a clock must not wait for it

    return platformdirs.user_data_path("mcp-catalog", appauthor=False) / "overrides.toml"


def absent() -> Path | None:
    """The file that `CATALOG_OVERRIDES` names when it is not there: the user should be told."""
    named = os.environ.get(ENVIRONMENT)
    return Path(named) if named and not os.path.lexists(named) else None
