"""Where the files that stand outside the packages are: in the wheel, or in a checkout."""

from __future__ import annotations

from pathlib import Path
from typing import Final

_PACKAGE: Final = Path(__file__).resolve().parent
_BUNDLED: Final = _PACKAGE / "_bundled"
ROOT: Final = _BUNDLED if _BUNDLED.is_dir() else _PACKAGE.parent

DATA: Final = ROOT / "data"
MIGRATIONS: Final = ROOT / "migrations"
SITE_TEMPLATES: Final = ROOT / "site_templates"
