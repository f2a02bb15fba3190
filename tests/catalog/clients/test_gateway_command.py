"""The command line that a client starts: no shell's path or variables, no secrets (issue, "Nothing of a secret")."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from catalog.clients.gateway_command import GatewayCommand, database_url, policies_folder
from catalog.errors import UsageError


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://ada:s3cret@host/db",
        "postgresql://ada@host/db?password=s3cret",
        "sqlite://",
        "sqlite:///:memory:",
    ],
)
def test_a_database_that_cannot_be_named_safely_is_refused_without_its_password(url):
    with pytest.raises(UsageError) as error:
        database_url(url)
    assert "s3cret" not in f"{error.value} {error.value.hint}"
    assert error.value.hint


def test_a_database_is_named_so_that_it_is_found_from_any_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert database_url("sqlite:///c.sqlite") == f"sqlite:///{tmp_path}/c.sqlite"
    assert policies_folder("sqlite:////data/c.sqlite") == Path("/data/policies")
    assert database_url("postgresql://ada@host/db") == "postgresql+psycopg://ada@host/db"
    assert policies_folder("postgresql://ada@host/db").name == "policies"


def test_without_a_name_the_users_own_database_is_meant(tmp_path, monkeypatch):
    monkeypatch.delenv("CATALOG_DB", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    assert database_url(None).startswith(f"sqlite:///{tmp_path}")


def test_the_program_starts_from_any_folder_without_the_shells_variables(tmp_path):
    """A graphical client has a short PATH, and its folder may hold modules of the same names."""
    (tmp_path / "catalog").mkdir()
    (tmp_path / "catalog" / "__init__.py").write_text("raise SystemExit('the wrong one')")
    words = GatewayCommand("sqlite:////d").words("lamp", Path("/p.json"), {"PYTHONPATH": str(tmp_path)})
    program = words[: words.index("gateway")]
    environment = {"HOME": os.environ["HOME"], "PYTHONPATH": str(tmp_path), "PATH": "/nowhere"}
    done = subprocess.run(
        [*program, "--version"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.stdout.startswith("catalog "), done.stderr


def test_the_installed_program_is_named_by_its_whole_path(tmp_path, monkeypatch):
    script = tmp_path / "catalog"
    script.write_text("")
    script.chmod(0o755)
    monkeypatch.setattr(sys, "argv", [str(script)])
    assert GatewayCommand("sqlite:////d", "ada").words("lamp", Path("/p.json"), {"KEY": "k"}) == (
        str(script), "gateway", "--policy", "/p.json", "--server", "lamp", "--grant", "ada", "--db", "sqlite:////d",
    )  # fmt: skip


def test_a_name_that_looks_like_an_option_is_none():
    assert "--server=--quiet" in GatewayCommand("sqlite:////d").words("--quiet", Path("/p.json"), {})
