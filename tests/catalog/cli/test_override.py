"""Correcting labels and reviewing them, through the command line (docs/review.md)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

Run = Callable[..., CompletedProcess[str]]

TOOLS = {
    "tools": [
        {"name": "list_jobs", "description": "Lists jobs."},
        {"name": "cancel_job", "description": "Cancels a running job."},
        {"name": "manage_things", "description": "Manage things."},
        {
            "name": "drop_table",
            "description": "Drops a table for good.",
            "annotations": {"readOnlyHint": True},
        },
    ]
}
TO_WRITE = ("--category", "write", "--risk", "low", "--reason", "it only archives", "--author", "Ada")


@pytest.fixture
def corrections(tmp_path: Path) -> Path:
    return tmp_path / "overrides.toml"


@pytest.fixture
def catalog(run_catalog: Run, tmp_path: Path, corrections: Path) -> Run:
    """The command with a catalogue of one server, `jobs`, and a file of corrections of its own."""

    def run(*arguments: str, **options: Any) -> CompletedProcess[str]:
        return run_catalog(*arguments, CATALOG_OVERRIDES=str(corrections), **options)

    corrections.touch()
    done = classify(run, tmp_path, TOOLS)
    assert done.returncode == 0, done.stderr
    return run


def classify(run: Run, folder: Path, tools: dict[str, Any], *options: str) -> CompletedProcess[str]:
    (folder / "jobs.json").write_text(json.dumps(tools), encoding="utf-8")
    return run("classify", "jobs.json", *options)


def corrected(run: Run, *arguments: str, tool: str = "jobs/cancel_job") -> CompletedProcess[str]:
    done = run("override", tool, *(arguments or TO_WRITE))
    assert done.returncode == 0, done.stderr
    return done


def rows(done: CompletedProcess[str]) -> dict[str, dict[str, Any]]:
    assert done.returncode == 0, done.stderr
    return {row["name"]: row for row in json.loads(done.stdout)}


def test_a_correction_is_seen_by_show_search_policy_and_site_and_nowhere_silently(
    catalog: Run, tmp_path: Path
) -> None:
    """Issue: an override is shown as one, never silently."""
    assert "the classifier said Destructive, Critical risk" in corrected(catalog).stderr
    shown = catalog("show", "jobs/cancel_job")
    assert "corrected by Ada on 20" in shown.stdout
    assert re.search(
        r"it only archives \(the classifier said Destructive, Critical risk, \d+%\)", shown.stdout
    )
    record = json.loads(catalog("show", "jobs/cancel_job", "--format", "json").stdout)
    assert (record["category"], record["risk"], record["decided_by"]) == ("Write", "Low", "person")
    assert record["override"]["author"] == "Ada"
    assert record["override"]["classifier"]["category"] == "Destructive"
    found = catalog("search", "--level", "low", "--category", "write", "--format", "json")
    assert set(rows(found)) == {"cancel_job"}
    assert "1 label corrected by a person" in found.stderr
    policy = catalog("policy", "export", "jobs")
    assert "cancel_job" not in json.loads(policy.stdout).get("hide", [])
    assert "1 label corrected by a person" in policy.stderr
    assert catalog("build", "--out", "site").returncode == 0
    page = (tmp_path / "site" / "tools" / "jobs" / "cancel_job.html").read_text(encoding="utf-8")
    assert page.count("orrected by Ada on 20") == 1
    assert "the classifier said Destructive, Critical risk" in page
    other = (tmp_path / "site" / "tools" / "jobs" / "list_jobs.html").read_text(encoding="utf-8")
    assert "orrected by" not in other


def test_the_public_row_of_a_corrected_tool_keeps_its_keys(catalog: Run) -> None:
    before = rows(catalog("search", "--format", "json"))["cancel_job"]
    corrected(catalog)
    after = rows(catalog("search", "--format", "json"))["cancel_job"]
    assert list(after) == list(before)
    assert "as a person corrected it" in after["recommendation"]["reason"]
    assert rows(catalog("search", "--format", "json"))["list_jobs"]["recommendation"]["action"] == "allow"


def test_fail_on_sees_the_corrected_level(catalog: Run, tmp_path: Path) -> None:
    """Exit codes 11 to 14: the highest level found."""
    tools = {"tools": TOOLS["tools"][:2]}
    assert classify(catalog, tmp_path, tools, "--fail-on", "low").returncode == 14
    corrected(catalog)
    done = classify(catalog, tmp_path, tools, "--fail-on", "low")
    assert done.returncode == 11
    assert "1 label corrected by a person" in done.stderr


def test_the_names_alone_and_definitions_from_a_file_are_not_corrected(catalog: Run, tmp_path: Path) -> None:
    """A correction is of a whole definition in a catalogue; --input reads no catalogue."""
    corrected(catalog)
    named = classify(catalog, tmp_path, TOOLS, "--name-only", "--format", "json")
    assert rows(named)["cancel_job"]["category"] == "Destructive"
    given = catalog("classify", "--input", "jobs.json", "--format", "json")
    assert rows(given)["cancel_job"]["category"] == "Destructive"


def test_a_changed_definition_loses_its_correction_and_is_queued_as_drifted(
    catalog: Run, tmp_path: Path
) -> None:
    """Issue: for that fingerprint only; then into the review queue."""
    corrected(catalog)
    changed = {
        "tools": [{"name": "cancel_job", "description": "Cancels a running job and all its children."}]
    }
    assert classify(catalog, tmp_path, changed).returncode == 0
    row = rows(catalog("review", "--format", "json"))["cancel_job"]
    assert row["why"] == ["drifted"]
    assert row["category"] == "Destructive"
    assert "the definition changed since the correction" in row["reasons"][0]
    listed = json.loads(catalog("override", "--list", "--format", "json").stdout)
    assert [entry["state"] for entry in listed] == ["drifted"]
    assert catalog("override", "--check").returncode == 2
    corrected(catalog)
    assert "cancel_job" not in rows(catalog("review", "--format", "json"))


def test_the_queue_is_riskiest_first_and_says_why_and_what_next(catalog: Run) -> None:
    done = catalog("review", "--format", "json")
    queue = rows(done)
    assert queue["drop_table"]["why"][0] == "conflicting"
    assert queue["manage_things"]["why"] == ["doubtful"]
    ranks = [["Low", "Medium", "High", "Critical", "Unknown"].index(row["risk"]) for row in queue.values()]
    assert ranks == sorted(ranks, reverse=True)
    assert queue["drop_table"]["command"].startswith("catalog override jobs/drop_table --category ")
    assert "conflicting" in catalog("review").stdout


def test_the_command_that_the_queue_names_settles_the_label(catalog: Run) -> None:
    """With the label as it stands, which a person so confirms."""
    command = rows(catalog("review", "--format", "json"))["manage_things"]["command"]
    assert catalog(*command.split()[1:]).returncode == 0
    assert "manage_things" not in rows(catalog("review", "--format", "json"))


def test_the_queue_can_be_narrowed(catalog: Run) -> None:
    assert len(rows(catalog("review", "--limit", "1", "--format", "json"))) == 1
    assert rows(catalog("review", "--level", "low", "--format", "json")) == {}
    done = catalog("review", "--server", "nobody")
    assert done.returncode == 2
    assert "nobody is not in the catalogue" in done.stderr


def test_an_expired_correction_does_not_apply_and_is_listed(catalog: Run, corrections: Path) -> None:
    corrected(catalog)
    text = re.sub(r"date = \S+", "date = 2020-01-01\nexpires = 2020-12-31", corrections.read_text())
    corrections.write_text(text)
    assert rows(catalog("search", "--format", "json"))["cancel_job"]["category"] == "Destructive"
    assert "expired" in catalog("override", "--list").stdout
    assert "1 correction expired" in catalog("review").stderr
    done = catalog("override", "--check")
    assert done.returncode == 2
    assert "overrides.toml:13" in done.stdout
    assert "expired on 2020-12-31" in done.stdout


def test_check_lists_all_errors_with_file_and_line(catalog: Run, corrections: Path) -> None:
    """Issue: unknown category, risk below the floors, missing reason, expired, duplicates, not in catalogue."""
    corrected(catalog)
    good = corrections.read_text().partition("\n\n")[2]
    lines = good.splitlines()
    other = good.replace("jobs", "nowhere").replace(re.findall('fingerprint = "(.*)"', good)[0], "f" * 64)
    corrections.write_text(
        "\n".join(
            [
                good.replace('"Write"', '"Delete"'),
                good.replace('"Write"', '"Destructive"'),
                good.replace('reason = "it only archives"\n', ""),
                good,
                good,
                other,
                good.replace('tool = "cancel_job"', 'tool = "list_jobs"').replace('"jobs"', '"jobs2"'),
            ]
        )
    )
    done = catalog("override", "--check", "--format", "json")
    assert done.returncode == 2
    found = {(row["line"], row["message"].split(":")[0]) for row in json.loads(done.stdout)}
    step = len(lines) + 1
    assert {line for line, _ in found} >= {5, step + 6, 2 * step + 1}
    text = " ".join(message for _, message in found)
    for words in (
        "category “Delete” is unknown",
        "risk Low is below the codebook's floor",
        "reason is missing",
        "this definition is corrected twice",
        "nowhere/cancel_job is not in the catalogue",
        "jobs2/list_jobs is not in the catalogue",
    ):
        assert words in text
    assert all(row["file"].endswith("overrides.toml") for row in json.loads(done.stdout))
    assert catalog("search").returncode == 2


def test_check_knows_the_floor_of_the_very_tool(catalog: Run, corrections: Path) -> None:
    """Codebook: Destructive is never below High without `simulated` or `own_session`."""
    corrected(catalog)
    text = corrections.read_text().replace('"Write"', '"Destructive"').replace('"Low"', '"Medium"')
    corrections.write_text(text)
    done = catalog("override", "--check")
    assert done.returncode == 2
    assert "Destructive is never below High here" in " ".join(done.stdout.split())


def test_check_of_a_good_file_is_quiet_and_ends_well(catalog: Run) -> None:
    corrected(catalog)
    done = catalog("override", "--check")
    assert (done.returncode, done.stdout) == (0, "")
    assert "1 correction, no errors" in done.stderr


def test_remove_gives_the_label_back_to_the_classifier(catalog: Run) -> None:
    corrected(catalog)
    done = catalog("override", "jobs/cancel_job", "--remove")
    assert done.returncode == 0
    assert "removed: Write, Low risk, by Ada" in done.stderr
    assert rows(catalog("search", "--format", "json"))["cancel_job"]["category"] == "Destructive"
    again = catalog("override", "jobs/cancel_job", "--remove")
    assert again.returncode == 2
    assert "holds no correction of jobs/cancel_job" in again.stderr


def test_a_correction_for_any_server_reaches_the_same_definition_elsewhere(
    catalog: Run, tmp_path: Path
) -> None:
    (tmp_path / "other.json").write_text(json.dumps(TOOLS), encoding="utf-8")
    assert catalog("classify", "other.json").returncode == 0
    corrected(catalog)
    assert json.loads(catalog("show", "other/cancel_job", "-f", "json").stdout)["override"] is None
    corrected(catalog, *TO_WRITE, "--any-server")
    assert (
        json.loads(catalog("show", "other/cancel_job", "-f", "json").stdout)["override"]["any_server"] is True
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("jobs/cancel_job", "-c", "write", "-r", "low", "--author", "Ada"), "--reason must be given"),
        (("jobs/cancel_job", *TO_WRITE[:-1], " "), "--author must be given"),
        (("jobs", *TO_WRITE), "jobs is a server"),
        (("jobs/cancel_jobs", *TO_WRITE), "did you mean cancel_job or list_jobs?"),
        (("nobody/cancel_job", *TO_WRITE), "nobody/cancel_job is not in the catalogue"),
        ((), "no tool is named"),
        (("jobs/cancel_job", "--list"), "--list takes no tool"),
        (("--list", "--check"), "--list stands alone"),
        (("jobs/cancel_job", "--remove", "-r", "low"), "--remove stands alone"),
        (("jobs/cancel_job", *TO_WRITE, "--expires", "2020-01-01"), "is over already"),
        (("jobs/cancel_job", *TO_WRITE, "--expires", "soon"), "soon"),
        (("jobs/cancel_job", *TO_WRITE, "-c", "destructive"), "risk Low is below the codebook's floor"),
    ],
)
def test_a_correction_that_cannot_be_is_refused_with_the_reason(
    catalog: Run, corrections: Path, arguments: tuple[str, ...], words: str
) -> None:
    done = catalog("override", *arguments)
    assert done.returncode == 2, done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert corrections.read_text() == ""


def test_a_named_file_that_is_missing_is_said_aloud(run_catalog: Run, tmp_path: Path) -> None:
    (tmp_path / "jobs.json").write_text(json.dumps(TOOLS), encoding="utf-8")
    missing = {"CATALOG_OVERRIDES": str(tmp_path / "none.toml")}
    done = run_catalog("classify", "jobs.json", **missing)
    assert done.returncode == 0
    assert "none.toml, which is not there: no label is corrected" in done.stderr
    assert run_catalog("override", "--check", **missing).returncode == 2
    assert run_catalog("review", "--file", "none.toml").returncode == 2


def test_hostile_names_reasons_and_authors_reach_terminal_and_page_as_text(
    catalog: Run, tmp_path: Path
) -> None:
    """Everything from outside is hostile: markup, ANSI, bidi, scripts."""
    nasty = "<script>alert(1)</script>[bold]\x1b[31m\u202e"
    tools = {"tools": [{"name": f"cancel_{nasty}", "description": "Cancels a running job."}]}
    assert classify(catalog, tmp_path, tools).returncode == 0
    texts = ("-c", "write", "-r", "low", "--reason", nasty, "--author", nasty)
    corrected(catalog, *texts, tool=f"jobs/cancel_{nasty}")
    assert catalog("build", "--out", "site").returncode == 0
    shown = [catalog("override", "--list"), catalog("show", f"jobs/cancel_{nasty}"), catalog("review")]
    for text in [one.stdout + one.stderr for one in shown]:
        assert "\x1b" not in text
        assert "\u202e" not in text
    pages = [page.read_text(encoding="utf-8") for page in (tmp_path / "site").rglob("*.html")]
    assert not any("<script>alert" in page for page in pages)
    assert any("orrected by &lt;script&gt;" in page for page in pages)
