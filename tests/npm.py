"""Packages from npm that tests use beside Python, installed once and kept in the test cache."""

from __future__ import annotations

import fcntl
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

SECONDS = 300  # for one installation


def from_npm(config: pytest.Config, *packages: str) -> Path:
    """The folder whose `node_modules` has the packages; of processes side by side one installs them."""
    assert config.cache is not None
    cache = config.cache.mkdir("npm")
    home = cache / " ".join(packages).replace("/", "+")
    with (cache / f"{home.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not home.is_dir():
            _install(packages, home, cache)
    return home


def _install(packages: tuple[str, ...], home: Path, cache: Path) -> None:
    """Put the packages in their place in one step, so that an interrupted run leaves no half of them."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip(f"no npm to install {' '.join(packages)} with")
    options = ("--no-audit", "--no-fund", "--ignore-scripts")
    folder = tempfile.mkdtemp(dir=cache)
    command = [npm, "install", *options, "--prefix", folder, *packages]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    if done.returncode:
        shutil.rmtree(folder)
        pytest.fail(f"npm did not install {' '.join(packages)}: {done.stderr.strip()[-200:]}", pytrace=False)
    Path(folder).rename(home)
