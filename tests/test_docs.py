"""Documentation that cannot rot: the README, the help texts and the exit codes agree with the program."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from catalog.cli.main import COMMANDS
from catalog.errors import ExitCode

ROOT = Path(__file__).parent.parent
DOCUMENTS = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")] + sorted(
    ROOT.glob("docs/*.md")
)

CatalogCommand = Callable[..., CompletedProcess[str]]


def test_the_readme_names_every_command() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [name for name in COMMANDS if f"catalog {name}" not in text] == []


def test_the_readme_names_every_exit_code() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [code for code in ExitCode if not re.search(rf"\b{code.value}\b", text)] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_has_help_with_an_example(start_catalog: CatalogCommand, name: str) -> None:
    done = start_catalog(name, "--help")
    assert done.returncode == 0, done.stderr
    assert "Example" in done.stdout


def test_every_catalog_command_in_the_documents_exists() -> None:
    for document in DOCUMENTS:
        for command in re.findall(r"`(?:\$ )?catalog ([a-z]+)", document.read_text(encoding="utf-8")):
            assert command in COMMANDS, f"{document.name} names `catalog {command}`"


def test_the_links_inside_the_documents_resolve() -> None:
    for document in DOCUMENTS:
        for link in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", document.read_text(encoding="utf-8")):
            if "://" not in link and not link.startswith("mailto:"):
                assert (document.parent / link).exists(), f"{document.name} links to {link}"


def test_the_constraints_carry_hashes_and_no_addresses() -> None:
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    assert "://" not in text
    assert text.count("--hash=sha256:") > text.count("==")


def test_no_tracked_file_names_a_registry_host_or_a_private_path() -> None:
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    hosts = [
        "pypi" + ".org",
        "files.python" + "hosted.org",
        "registry.npm" + "js.org",
        "/wo" + "rk/",
        "/root" + "/",
    ]
    for name in tracked:
        path = ROOT / name
        if path.suffix in (".png", ".npz", ".bin", ".sqlite", ".sqlite3") or not path.is_file():
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        assert [host for host in hosts if host in text] == [], name
