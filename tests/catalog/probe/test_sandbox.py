"""What a server sees and may do inside bubblewrap (crawling.md, "Starting a stranger's server")."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import anyio
import pytest

from catalog.probe.limits import Limits, ProbeOptions, Sandbox
from catalog.probe.process import run
from catalog.probe.sandbox import HOME, choose, confined, standing

if TYPE_CHECKING:
    from pathlib import Path

MIB = 1 << 20


def inside(script: str, *arguments: str, options: ProbeOptions | None = None, network: bool = False) -> str:
    """What a Python script prints inside the sandbox."""
    options = options or ProbeOptions()

    async def start() -> str:
        place, trouble = await choose(Sandbox.BWRAP)
        assert place is not None, trouble
        command = (sys.executable, "-c", script, *arguments)
        argv = confined(command, place, standing(sys.executable), options, network=network)
        finished = await run(argv, {"PATH": "/usr/bin:/bin"}, limit=30)
        return finished.stdout + finished.stderr

    return anyio.run(start)


@pytest.fixture(autouse=True)
def _only_with_bwrap(bwrap_works) -> None:
    """All of this needs a bubblewrap that works."""


def test_the_home_is_empty_and_the_users_home_is_not_there() -> None:
    script = "import os; print(os.getcwd(), os.environ['HOME'], os.listdir('.'))"
    assert inside(script).split() == [HOME, HOME, "[]"]


def test_nothing_of_the_users_files_can_be_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("plain words")
    script = f"import os; print(os.path.exists({str(secret)!r}), os.path.exists('/etc/shadow'), os.path.exists('/var/lib'))"
    assert inside(script).split() == ["False", "False", "False"]


def test_the_system_cannot_be_written_to() -> None:
    for path in ("/usr/x", "/x", "/etc/x", "/dev/x"):
        assert "Read-only file system" in inside(f"open({path!r}, 'w')")


def test_there_is_no_network_unless_it_is_allowed() -> None:
    script = "import os; print(sorted(os.listdir('/sys/class/net')) if os.path.exists('/sys/class/net') else open('/proc/net/dev').read().count(':'))"
    assert inside(script).strip() == "1"


def test_other_processes_are_not_seen() -> None:
    script = "import os; print(sum(name.isdigit() for name in os.listdir('/proc')) < 5)"
    assert inside(script).strip() == "True"


def test_a_folder_named_as_an_argument_is_there_and_empty(tmp_path: Path) -> None:
    (tmp_path / "private.txt").write_text("plain words")
    assert inside("import os, sys; print(os.listdir(sys.argv[1]))", str(tmp_path)).strip() == "[]"


def test_a_file_named_as_an_argument_stays_out_of_sight(tmp_path: Path) -> None:
    """Arguments may come from a registry: naming a private key must not show it."""
    config = tmp_path / "id_ed25519"
    config.write_text("plain words")
    assert inside("import os, sys; print(os.path.exists(sys.argv[1]))", str(config)).strip() == "False"


def test_memory_is_limited() -> None:
    options = ProbeOptions(limits=Limits(memory=200 * MIB))
    assert "MemoryError" in inside("bytearray(400 << 20)", options=options)


def test_the_size_of_files_is_limited() -> None:
    options = ProbeOptions(limits=Limits(file_size=MIB))
    assert "Error" in inside("open('/tmp/big', 'wb').write(bytes(8 << 20))", options=options)


def test_no_privilege_is_left() -> None:
    script = "print([line.split()[1] for line in open('/proc/self/status') if line.startswith(('CapEff', 'CapBnd'))])"
    assert inside(script).strip() == "['0000000000000000', '0000000000000000']"


def test_a_home_is_never_shown_for_the_sake_of_a_program_in_it(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "bin").mkdir()
    (tmp_path / "lib").mkdir()
    (tmp_path / "bin" / "tool").touch()
    assert standing(str(tmp_path / "bin" / "tool")) == (str(tmp_path / "bin"),)
