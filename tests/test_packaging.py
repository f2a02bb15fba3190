"""The wheel works outside the repository: it is built, installed into a fresh environment, and used there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import uv

pytestmark = pytest.mark.long

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_holds_templates_migrations_data_and_no_tests(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for needed in (
        "site_templates/",
        "migrations/env.py",
        "data/servers",
        "data/models/3/",
        "data/policy-1.schema.json",
    ):
        assert any(name.startswith(f"catalog/_bundled/{needed}") for name in names), needed
    assert not [name for name in names if name.startswith("tests/")]


def test_the_installed_wheel_classifies_stores_and_builds_outside_the_repository(
    wheel: Path, tmp_path: Path
) -> None:
    """Architecture: resources are found installed or from a checkout."""
    environment = tmp_path / "venv"
    uv_binary = uv.find_uv_bin()
    subprocess.run([uv_binary, "venv", "--quiet", "--python", sys.executable, str(environment)], check=True)
    subprocess.run(
        [
            uv_binary,
            "pip",
            "install",
            "--quiet",
            "--python",
            str(environment / "bin/python"),
            "--constraint",
            _plain_constraints(tmp_path),
            str(wheel),
        ],
        check=True,
    )
    listing = {
        "tools": [
            {
                "name": "cancel_job",
                "description": "Ends a job that is queued or running; it cannot be resumed.",
            }
        ]
    }
    (tmp_path / "jobs.json").write_text(json.dumps(listing), encoding="utf-8")
    own = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "CATALOG_DB")}
    own |= {"HOME": str(tmp_path / "home"), "XDG_DATA_HOME": str(tmp_path / "data")}

    def catalog(*arguments: str) -> str:
        command = [str(environment / "bin/catalog"), *arguments]
        done = subprocess.run(command, cwd=tmp_path, env=own, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    row = json.loads(catalog("classify", "jobs.json", "--format", "jsonl"))
    assert (row["category"], row["risk"]) == ("Destructive", "Critical")
    assert json.loads(catalog("policy", "export", row["server"]))["hide"] == ["cancel_job"]
    catalog("build", "--out", "site")
    assert (tmp_path / "site/index.html").is_file()


def _plain_constraints(tmp_path: Path) -> str:
    """The pinned versions without hashes: a constraint on a local wheel cannot have one."""
    pins = [
        line.rstrip("\\ ")
        for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
        if "==" in line
    ]
    path = tmp_path / "pins.txt"
    path.write_text("\n".join(pins), encoding="utf-8")
    return str(path)
