"""Fixtures that several rooms share."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from catalog.model import load_classifier
from classifier.classify import Classifier

ROOT = Path(__file__).parent.parent

CatalogCommand = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def classifier() -> Classifier:
    """The classifier with the shipped model."""
    return load_classifier()


@pytest.fixture
def run_catalog(tmp_path: Path) -> CatalogCommand:
    """Run `catalog …` as a user does: a process of its own, an own database, no colour."""

    def run(
        *arguments: str, stdin: str | bytes | None = None, timeout: float = 120, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        own = {
            **os.environ,
            "NO_COLOR": "1",
            "COLUMNS": "160",
            "CATALOG_DB": f"sqlite:///{tmp_path}/catalogue.sqlite3",
            **environment,
        }
        data = stdin.encode() if isinstance(stdin, str) else stdin
        done = subprocess.run(
            [sys.executable, "-m", "catalog.cli.main", *arguments],
            input=data or b"",
            capture_output=True,
            timeout=timeout,
            check=False,
            env=own,
            cwd=tmp_path,
        )
        return subprocess.CompletedProcess(
            done.args, done.returncode, done.stdout.decode(), done.stderr.decode()
        )

    return run
