"""Other people's proxies, in environments of their own, for comparison."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import platformdirs
from uv import find_uv_bin


@cache
def fastmcp_python() -> str:
    """The interpreter of an environment with FastMCP, made when missing; "" where it cannot be had or is not wanted."""
    if os.environ.get("CATALOG_BENCH_ALONE"):
        return ""
    folder = platformdirs.user_cache_path("catalog") / "bench" / "fastmcp"
    python = folder / "bin" / "python"
    uv = find_uv_bin()
    if not python.exists():
        made = [[uv, "venv", "--quiet", "--python", sys.executable, str(folder)]]
        made += [[uv, "pip", "install", "--quiet", "--python", str(python), "fastmcp"]]
        if any(subprocess.run(command, stdout=sys.stderr, check=False).returncode for command in made):
            return ""
    return str(python) if Path(python).exists() else ""
