"""The shape of the code, held by reading it (architecture: dependency direction, budgets)."""

from __future__ import annotations

import ast
import statistics
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = sorted([*ROOT.glob("catalog/**/*.py"), *ROOT.glob("classifier/**/*.py")])

# A room may import the rooms to its right, and itself; foundation modules may be used by all.
ALLOWED = {
    "classifier": set(),
    "catalog.sources": {"classifier"},
    "catalog.probe": {"classifier"},
    "catalog.overrides": {"classifier"},
    "catalog.db": {"catalog.overrides", "catalog.policy", "classifier"},
    "catalog.policy": {"classifier"},
    "catalog.clients": {"catalog.sources", "catalog.db", "catalog.policy", "classifier"},
    "catalog.crawl": {"catalog.sources", "catalog.probe", "catalog.db", "catalog.policy", "classifier"},
    "catalog.attacks": {"catalog.policy", "classifier"},
    "catalog.evaluation": {"classifier"},
    "catalog.gateway": {"catalog.db", "catalog.policy", "classifier"},
    "catalog.labelling": {"catalog.sources", "classifier"},
    "catalog.site": {
        "catalog.sources", "catalog.probe", "catalog.db", "catalog.policy", "catalog.overrides",
        "catalog.evaluation", "catalog.attacks", "classifier",
    },
    "catalog.cli": {
        "catalog.crawl", "catalog.site", "catalog.sources", "catalog.probe", "catalog.db", "catalog.policy",
        "catalog.overrides", "catalog.evaluation", "catalog.gateway", "catalog.labelling", "catalog.clients",
        "classifier",
    },
}  # fmt: skip
FOUNDATION = {"errors", "files", "model", "public", "records", "resources", "visible", "__init__"}
CLASSIFIER_MAY_USE = {"numpy", "re2", "sklearn", "scipy"}


def room(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    if parts[0] == "classifier":
        return "classifier"
    return f"catalog.{parts[1]}" if len(parts) > 2 else "catalog"


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names if node.module == "catalog")


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_imports_only_rooms_below_its_own(path: Path) -> None:
    own = room(path)
    if own == "catalog":
        assert path.stem in FOUNDATION, f"{path.name}: a new foundation module needs a reason and a line here"
        return
    for name in imports(path):
        top = name.split(".")[0]
        if top not in ("catalog", "classifier"):
            continue
        other = "classifier" if top == "classifier" else ".".join(name.split(".")[:2])
        if other in ALLOWED:
            assert other == own or other in ALLOWED[own], f"{own} must not import {name}"


def test_the_classifier_imports_nothing_that_reaches_outside() -> None:
    import sys

    for path in ROOT.glob("classifier/**/*.py"):
        tops = {name.split(".")[0] for name in imports(path)} - {"classifier"} - CLASSIFIER_MAY_USE
        assert tops <= sys.stdlib_module_names, path
        assert not tops & {
            "socket",
            "os",
            "subprocess",
            "time",
            "datetime",
            "random",
            "urllib",
            "http",
            "asyncio",
        }, path


def test_only_training_imports_scikit_learn() -> None:
    users = {
        path.stem
        for path in SOURCES
        if any(name.split(".")[0] in ("sklearn", "scipy") for name in imports(path))
    }
    assert all(stem.startswith("train") for stem in users)


def test_sdk_types_stop_at_the_probe_and_database_rows_at_the_database() -> None:
    for path in SOURCES:
        tops = {name.split(".")[0] for name in imports(path)}
        if room(path) != "catalog.probe":
            assert not tops & {"mcp", "mcp_types"}, path
        if room(path) != "catalog.db":
            assert not tops & {"sqlalchemy", "alembic"}, path


def test_files_and_functions_keep_their_budget() -> None:
    long_files = [str(path) for path in SOURCES if path.read_text(encoding="utf-8").count("\n") > 400]
    sizes = {
        f"{path}:{f.name}": (f.end_lineno or 0) - f.lineno + 1 for path in SOURCES for f in functions(path)
    }
    assert not long_files
    assert {name: size for name, size in sizes.items() if size > 60} == {}
    assert statistics.median(sizes.values()) <= 11


def test_broad_excepts_stand_in_exactly_two_places() -> None:
    broad = [
        path.relative_to(ROOT).as_posix()
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or (isinstance(node.type, ast.Name) and node.type.id == "Exception"))
    ]
    assert sorted(broad) == ["catalog/cli/main.py", "catalog/crawl/engine.py"]


def test_no_drawer_modules() -> None:
    assert not [path for path in SOURCES if path.stem in ("utils", "helpers", "common", "misc", "manager")]
