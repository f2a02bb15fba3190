"""The linter finds each kind of slip and says where: `file:line: message`."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalog.attacks import InvalidAttacks, lint, read_attacks
from catalog.attacks.source import FOLDER

GOOD = (FOLDER / "rug-pull.yaml").read_text(encoding="utf-8")


def written(folder: Path, text: str, name: str = "rug-pull.yaml") -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


def test_a_good_file_has_no_problem(tmp_path: Path) -> None:
    assert lint(written(tmp_path, GOOD)) == ()


@pytest.mark.parametrize(
    ("good", "bad", "says"),
    [
        ("owasp: [MCP03, MCP04]", "owasp: [MCP03, MCP11]", "no MCP11"),
        ("weight: 5", "weight: 12", "from 1 to 9"),
        ("modifiers: [comms]", "modifiers: [coms]", "no such name: coms"),
        ("reference: CVE-2025-54136", "reference: CVE-2026-54136", "older than its number"),
        ("reference: CVE-2025-54136", "reference: CVE-2025-54137", "must be that of CVE-2025-54137"),
        ("reference: CVE-2025-54136", "reference: CVE 54136", "no CVE number is written like this"),
        ("url: https://www.cve.org", "url: http://www.cve.org", "must begin with https://"),
        ("title: Rug pull", "title: 7", "title: Input should be a valid string"),
        ("day: 2025-08-01", "day: August", "incidents.0.day: Input should be"),
        ('"default": "deny"', '"default": "maybe"', "policy /default"),
        ("expect: allow}", "expect: hide}", "hide is claimed, and the policy says allow"),
        ("weeks.", "weeks..", "a slip of the pen"),
        ("that {tool} sends", "that it sends", "does not name the tool"),
        ("id: rug-pull", "id: rug", "the id must be the file's name"),
    ],
)
def test_a_slip_is_told_with_file_and_line(tmp_path: Path, good: str, bad: str, says: str) -> None:
    assert good in GOOD
    text = GOOD.replace(good, bad, 1)
    problems = lint(written(tmp_path, text))
    told = next(str(problem) for problem in problems if says in problem.message)
    assert told.startswith("rug-pull.yaml:")
    assert abs(int(told.split(":")[1]) - line_of(text, bad)) <= 3


def test_an_unknown_key_is_refused(tmp_path: Path) -> None:
    text = GOOD + "severity: high\n"
    problems = lint(written(tmp_path, text))
    assert str(problems[0]).startswith(f"rug-pull.yaml:{line_of(text, 'severity')}: severity:")


def test_a_missing_key_is_refused(tmp_path: Path) -> None:
    text = GOOD[: GOOD.index("leaves:")]
    assert any("leaves: " in problem.message for problem in lint(written(tmp_path, text)))


def test_a_key_that_stands_twice_is_refused(tmp_path: Path) -> None:
    text = GOOD + "title: Another\n"
    assert (
        str(lint(written(tmp_path, text))[0])
        == f"rug-pull.yaml:{line_of(text, 'title: Another')}: title stands here twice"
    )


@pytest.mark.parametrize("text", ["", "a: [", "- a list", "!!python/object/apply:os.system [id]"])
def test_what_is_no_attack_is_an_error_with_its_place(tmp_path: Path, text: str) -> None:
    """A safe loader makes plain values only; a tag that names code is refused."""
    with pytest.raises(InvalidAttacks) as error:
        read_attacks(written(tmp_path, text))
    assert str(error.value).startswith("rug-pull.yaml:1: ")


def test_a_title_that_two_files_have_is_told(tmp_path: Path) -> None:
    written(tmp_path, GOOD)
    problems = lint(
        written(tmp_path, GOOD.replace("id: rug-pull", "id: rug-pull-again"), "rug-pull-again.yaml")
    )
    assert [problem.message for problem in problems if "title" in problem.message] == [
        "the title is that of rug-pull-again.yaml too"
    ]
