"""Made-up catalogues, sites built from them, and a reader of pages, for every test of the site."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from catalog.site.build import BuildOptions, BuildReport, build


def load(name: str, path: Path) -> ModuleType:
    """A module of test material; tests have no packages of their own."""
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


@pytest.fixture(scope="session")
def generated() -> ModuleType:
    return load("site_generated", Path(__file__).parent / "generated.py")


@pytest.fixture(scope="session")
def records() -> ModuleType:
    return load("site_records", Path(__file__).parent / "records.py")


@pytest.fixture(scope="session")
def drifting() -> ModuleType:
    return load("site_drifting", Path(__file__).parent / "drifting.py")


@pytest.fixture(scope="session")
def reader() -> ModuleType:
    return load("site_reader", Path(__file__).parent / "reader.py")


@pytest.fixture(scope="session")
def build_site() -> Callable[..., BuildReport]:
    def run(catalogue: object, out: Path, **options: str) -> BuildReport:
        return build(catalogue, out, BuildOptions(**options), lambda done, total: None)

    return run


@pytest.fixture(scope="session")
def site(
    generated: ModuleType, build_site: Callable[..., BuildReport], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A site of four servers with twelve tools each and one that gave nothing."""
    out = tmp_path_factory.mktemp("built") / "site"
    build_site(
        generated.catalogue(),
        out,
        report_url="https://example.org/new?title={server}/{tool}&body={fingerprint}",
    )
    return out
