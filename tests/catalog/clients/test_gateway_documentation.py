"""docs/gateway.md: its two minutes are run as they stand, and its other commands exist."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from uv import find_uv_bin

from catalog.clients.config_file import ConfigFile
from catalog.errors import ExitCode
from catalog.probe.pythons import search_path

CatalogCommand = Callable[..., CompletedProcess[str]]
TEXT = (Path(__file__).parents[3] / "docs" / "gateway.md").read_text("utf-8")
START = TEXT[TEXT.index("## Two minutes") : TEXT.index("## Wrapping a client's config")]
BLOCK = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)
ID = "1eba216bb6"  # the approval's, on the page


def blocks(text: str, kind: str) -> list[str]:
    return [body for found, body in BLOCK.findall(text) if found == kind]


def steps() -> Iterator[tuple[str, str]]:
    """Each command of the two minutes, with the output that the page shows."""
    for body in blocks(START, "console"):
        for step in body.removeprefix("$ ").split("\n$ "):
            command, _, shown = step.partition("\n")
            yield command, shown


def as_shown(output: str, shown: str) -> bool:
    """Whether the output is what the page shows; … stands for anything, and the width of columns does not count."""
    pattern = ".*".join(re.escape(" ".join(part.split())) for part in shown.split("…"))
    return re.fullmatch(rf"\s*{pattern}\s*", " ".join(output.split()), re.DOTALL) is not None


@pytest.fixture
def shell(tmp_path: Path) -> Callable[..., str]:
    """Run a line of shell as a user would; what it prints, talk and results in the order of the page."""
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "catalog"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m catalog.cli.main "$@"\n')
    program.chmod(0o755)
    environment = {
        **os.environ,
        "PATH": f"{program.parent}:{Path(find_uv_bin()).parent}:{search_path(os.environ)}",
        "UV_PYTHON": ">=3.12",  # what the package wants
        "CATALOG_DB": f"sqlite:///{tmp_path}/catalogue.sqlite3",
        "NO_COLOR": "1",
        "COLUMNS": "160",
    }

    def run(line: str, answers: int = 0) -> str:
        """With a number of answers, the input is kept open until they are there."""
        process = subprocess.Popen(
            ["sh", "-c", line],
            cwd=tmp_path, env=environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip
        limit = threading.Timer(300, os.killpg, (process.pid, signal.SIGKILL))
        limit.start()
        assert process.stdout
        first = "".join(sorted(process.stdout.readline() for _ in range(answers)))  # in the page's order
        results, talk = process.communicate()
        limit.cancel()
        assert process.returncode == 0, f"{line}: {first}{results}{talk}"
        return talk + results if line.startswith("catalog approvals approve") else first + results + talk

    return run


@pytest.mark.live
def test_the_two_minutes_go_as_the_page_shows_them(shell: Callable[..., str], tmp_path: Path) -> None:
    """Issue, "done means": tried as a new user would."""
    config, edit, after = blocks(START, "json")
    (tmp_path / ".mcp.json").write_text(config)
    (tmp_path / "calls.jsonl").write_text(blocks(START, "jsonl")[0])
    real = ID
    for command, shown in steps():
        answers = shown.count("\n") if command.startswith("cat ") else 0
        output = shell(command.replace(ID, real), answers)
        if command.startswith("catalog policy export"):
            policy = json.loads((tmp_path / "policy.json").read_text())
            policy["tools"] |= json.loads(edit)
            (tmp_path / "policy.json").write_text(json.dumps(policy))
        elif command.startswith("catalog gateway wrap"):
            assert arguments(tmp_path / ".mcp.json") == names(
                json.loads(after)["mcpServers"]["workflows"]["args"]
            )
        elif found := re.search(r'"approval_id":"(\w+)"', output):
            real = found[1]
        assert as_shown(output.replace(real, ID), shown), f"{command} printed:\n{output}"
    assert (tmp_path / ".mcp.json").read_text() == config


def names(words: list[str]) -> list[str]:
    """The words with the folders of this machine or that of the page left out, and without the database's name."""
    return [Path(word).name if not word.startswith("sqlite:") else "sqlite" for word in words]


def arguments(config: Path) -> list[str]:
    (entry,) = [entry for _, entry in ConfigFile.read(config).servers.values()]
    return names(entry["args"][entry["args"].index("gateway") :])


def lines() -> list[str]:
    return [line for body in blocks(TEXT, "sh") for line in body.splitlines() if line.startswith("catalog ")]


@pytest.mark.parametrize("line", lines())
def test_every_other_command_of_the_page_is_one(run_catalog: CatalogCommand, line: str) -> None:
    """A subcommand and options that exist; what it does is the two minutes' and other tests' business."""
    words = shlex.split(line.partition(" -- ")[0])[1:]
    bare = [
        words[0],
        *(word for word in words[1:2] if word in ("wrap", "unwrap", "add", "show", "verify", "replay")),
    ]
    told = run_catalog(*bare, "--help").stdout
    assert f"catalog {' '.join(bare)}" in told
    assert [word for word in words if word.startswith("--") and word not in told] == []


def test_the_page_tells_the_exit_codes_of_the_program() -> None:
    told = {int(code) for code in re.findall(r"^\| (\d+)(?:, \d+)? \|", TEXT, re.MULTILINE)}
    assert told - {130} <= set(ExitCode)


def test_the_toml_of_the_page_is_read_as_a_config(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(blocks(TEXT, "toml")[0])
    assert [name for name, _ in ConfigFile.read(tmp_path / "config.toml").servers.values()] == ["workflows"]
