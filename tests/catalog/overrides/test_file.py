"""Editing the file: other lines stay, several writers wait for each other, nothing is half-written."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from catalog.errors import ConfigError, OutputError, UsageError
from catalog.overrides.file import add, entries, load, remove
from classifier.types import Level

WRITER = """
import sys
from datetime import date
from pathlib import Path
from catalog.overrides.file import add
from catalog.records import Override
from classifier.types import Category, Level
path, who = Path(sys.argv[1]), sys.argv[2]
for number in range(15):
    name = f"{who}_{number}"
    add(path, [Override("jobs", name, name.encode().hex().zfill(64), Category.WRITE, Level.LOW, "r", who, date(2026, 1, 1))])
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "overrides.toml"


def tools(path: Path) -> list[str]:
    return [placed.override.tool for placed in entries(path).entries]


def test_corrections_stand_in_the_order_of_server_and_tool_however_they_came(path, make) -> None:
    """A stable order keeps a diff to the lines that changed."""
    for number, name in enumerate(("b", "c", "a")):
        add(path, [make.override(tool=name, fingerprint=str(number) * 64)])
    assert tools(path) == ["a", "b", "c"]


def test_a_new_correction_adds_its_own_lines_and_touches_no_other(path, make) -> None:
    add(path, [make.override(tool="a", fingerprint="1" * 64)])
    add(path, [make.override(tool="c", fingerprint="3" * 64)])
    before = path.read_text().splitlines()
    add(path, [make.override(tool="b", fingerprint="2" * 64)])
    after = path.read_text().splitlines()
    start = next(
        at for at, line in enumerate(after) if line not in before or after[: at + 1] != before[: at + 1]
    )
    assert after[:start] + after[start + len(after) - len(before) :] == before


def test_comments_survive_edits_of_the_corrections_around_them(path, make) -> None:
    for name, digit in (("a", "1"), ("b", "2"), ("c", "3")):
        add(path, [make.override(tool=name, fingerprint=digit * 64)])
    text = path.read_text().replace('tool = "c"', 'tool = "c"  # the last')
    path.write_text(
        text.replace("\n\n[[override]]\n", "\n\n# --- a section ---\n\n[[override]]\n") + "\n# the end\n"
    )
    assert path.read_text().count("# --- a section ---") == 3
    remove(path, "jobs/b")
    add(path, [make.override(tool="d", fingerprint="4" * 64)])
    after = path.read_text()
    assert tools(path) == ["a", "c", "d"]
    assert after.count("# --- a section ---") == 3
    assert "# the last" in after
    assert "# the end" in after


def test_a_correction_replaces_all_earlier_ones_of_the_same_tool(path, make) -> None:
    add(path, [make.override(fingerprint="1" * 64)])
    gone = add(path, [make.override(fingerprint="2" * 64, risk=Level.HIGH)])
    assert [entry.fingerprint for entry in gone] == ["1" * 64]
    assert tools(path) == ["cancel_job"]


def test_removing_the_last_correction_leaves_a_valid_file(path, make) -> None:
    add(path, [make.override()])
    assert [entry.tool for entry in remove(path, "jobs/cancel_job")] == ["cancel_job"]
    assert tools(path) == []
    assert remove(path, "jobs/cancel_job") == ()


def test_a_file_with_errors_is_neither_edited_nor_applied(path, make) -> None:
    add(path, [make.override()])
    path.write_text(path.read_text().replace('"Write"', '"Wrote"'))
    before = path.read_bytes()
    for use in (
        lambda: add(path, [make.override(tool="x")]),
        lambda: remove(path, "jobs/cancel_job"),
        lambda: load(date(2026, 11, 25), path),
    ):
        with pytest.raises(ConfigError, match=r"overrides\.toml:8: category “Wrote” is unknown"):
            use()
    assert path.read_bytes() == before


def test_a_link_to_a_file_in_a_repository_stays_a_link(tmp_path, path, make) -> None:
    (tmp_path / "repository").mkdir()
    path.symlink_to(tmp_path / "repository" / "corrections.toml")
    add(path, [make.override()])
    assert path.is_symlink()
    assert tools(tmp_path / "repository" / "corrections.toml") == ["cancel_job"]


def test_windows_line_ends_and_a_byte_order_mark_are_read(path, make) -> None:
    add(path, [make.override()])
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert tools(path) == ["cancel_job"]


@pytest.mark.parametrize("data", [b"\xff\xfe", b"[[override]]\nreason = '\xe9'"])
def test_bytes_that_are_no_utf8_are_named(path, data) -> None:
    path.write_bytes(data)
    with pytest.raises(ConfigError, match="not UTF-8"):
        entries(path)


def test_a_named_file_that_is_missing_or_a_folder_is_an_error(tmp_path) -> None:
    for place in (tmp_path / "none.toml", tmp_path):
        with pytest.raises(ConfigError, match="cannot read"):
            entries(place)


def test_a_missing_folder_is_an_error_that_names_the_file(tmp_path, make) -> None:
    with pytest.raises(OutputError, match=r"none/overrides\.toml"):
        add(tmp_path / "none" / "overrides.toml", [make.override()])


def test_a_text_that_toml_cannot_hold_is_refused_and_nothing_is_written(path, make) -> None:
    with pytest.raises(UsageError, match="half a character"):
        add(path, [make.override(author="\udc80")])
    assert not path.exists()


def test_two_processes_that_edit_one_file_lose_nothing(path) -> None:
    """Real processes, 15 corrections each."""
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(path), who], cwd=Path(__file__).parents[3])
        for who in ("ada", "bo")
    ]
    assert [writer.wait(timeout=60) for writer in writers] == [0, 0]
    assert len(tools(path)) == 30
    assert [file.name for file in path.parent.iterdir()] == ["overrides.toml"]
