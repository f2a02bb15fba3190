"""Fixtures that several rooms share."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

from catalog.model import load_classifier
from classifier.classify import Classifier
from tests import forked

ROOT = Path(__file__).parent.parent

CatalogCommand = Callable[..., subprocess.CompletedProcess[str]]
LONG = ("live", "browser", "long")

if (
    signal.getsignal(signal.SIGINT) is signal.SIG_IGN
):  # as for what a script starts with `&`; programs would inherit it
    signal.signal(signal.SIGINT, signal.default_int_handler)
settings.register_profile("no deadline", deadline=None)  # an example may take long on a busy machine
settings.load_profile("no deadline")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first, so that in the end no process works on one while the others have nothing left."""
    items.sort(key=lambda item: not any(item.get_closest_marker(name) for name in LONG))


@pytest.fixture(scope="session")
def classifier() -> Classifier:
    """The classifier with the shipped model."""
    return load_classifier()


@pytest.fixture
def run_catalog(tmp_path: Path) -> CatalogCommand:
    """Run `catalog …` in a process of its own, with an own database and no colour."""

    def run(
        *arguments: str, stdin: str | bytes | None = None, timeout: float = 120, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        own = _environment(tmp_path) | environment
        return forked.run(arguments, _data(stdin), own, tmp_path, timeout)

    return run


@pytest.fixture
def start_catalog(tmp_path: Path) -> CatalogCommand:
    """Run `catalog …` from a cold start, as a user does: slower, for whole journeys.

    Also for what has to come out the same again: each cold start has a seed of hashing of its own.
    """

    def run(
        *arguments: str, stdin: str | bytes | None = None, timeout: float = 120, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "catalog.cli.main", *arguments]
        own = _environment(tmp_path) | environment
        done = subprocess.run(
            command, input=_data(stdin), capture_output=True, timeout=timeout, check=False, env=own, cwd=tmp_path
        )  # fmt: skip
        return subprocess.CompletedProcess(
            done.args, done.returncode, done.stdout.decode(), done.stderr.decode()
        )

    return run


def _environment(folder: Path) -> dict[str, str]:
    return {**os.environ, **forked.TERMINAL, "CATALOG_DB": f"sqlite:///{folder}/catalogue.sqlite3"}


def _data(stdin: str | bytes | None) -> bytes:
    return stdin.encode() if isinstance(stdin, str) else stdin or b""
