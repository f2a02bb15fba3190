"""`catalog train`, `catalog evaluate` and `catalog labels`, as a user runs them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from classifier.risk import BASE
from classifier.rules import RULES
from classifier.types import ToolDefinition

pytestmark = pytest.mark.long

Run = Callable[..., CompletedProcess[str]]


def labelled_rows() -> list[dict[str, Any]]:
    """The rules' own examples, labelled as the rules argue, dealt into groups."""
    rows = []
    for rule in RULES:
        for example in rule.positive if rule.category else ():
            assert rule.category is not None
            group = int(hashlib.sha256(example.name.encode()).hexdigest(), 16) % 8
            rows.append(
                {
                    "server": f"server-{group}", "name": example.name, "description": example.description,
                    "category": rule.category.value, "risk": BASE[rule.category].value, "modifiers": [],
                }
            )  # fmt: skip
    return rows


def written(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    return written(tmp_path / "labelled.jsonl", labelled_rows())


def test_training_is_reproducible_to_the_byte_and_says_how_long_it_took(
    start_catalog: Run, labelled: Path, tmp_path: Path
) -> None:
    """Issue 3, point 2: the same data, the same bytes, also in another process."""
    for out in ("one", "two"):
        done = start_catalog(
            "train", str(labelled), "--no-practice", "--out", out, "--labels", f"{out}.jsonl"
        )
        assert done.returncode == 0, done.stderr
        assert " definitions, " in done.stderr
    files = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert files == ["MODEL_CARD.md", "metrics.json", "model.json", "rules.json", "weights.npz"]
    for name in files:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes(), name
    assert (tmp_path / "one.jsonl").read_bytes() == (tmp_path / "two.jsonl").read_bytes()
    compared = start_catalog("evaluate", str(labelled), "--model", "one", "--against", "two", "-f", "json")
    differences = json.loads(compared.stdout)["comparison"]["full"]["differences"]
    assert {one["verdict"] for one in differences} == {"no difference"}


def test_a_report_folder_holds_words_figures_and_the_plot(
    run_catalog: Run, labelled: Path, tmp_path: Path
) -> None:
    done = run_catalog(
        "evaluate", str(labelled), "--report", "measured", "--plot", "plot.svg", "-o", "table.txt"
    )
    assert done.returncode == 0, done.stderr
    assert {path.name for path in (tmp_path / "measured").iterdir()} == {
        "report.md",
        "report.json",
        "calibration.svg",
    }
    figures = json.loads((tmp_path / "measured/report.json").read_text())
    assert figures["definitions"] == len(labelled_rows())
    assert "| Measure |" in (tmp_path / "measured/report.md").read_text()
    assert (tmp_path / "plot.svg").read_text() == (tmp_path / "measured/calibration.svg").read_text()
    assert "macro-F1" in (tmp_path / "table.txt").read_text()


def test_hostile_names_reach_neither_terminal_nor_markdown(run_catalog: Run, tmp_path: Path) -> None:
    """Everything that comes from a server is hostile text."""
    hostile = "\u001b[31m<script>| \u202e[x](http://x)"
    row = {**labelled_rows()[0], "name": hostile, "category": "Destructive", "risk": "Critical"}
    path = written(tmp_path / "hostile.jsonl", [row])
    table, markdown = (
        run_catalog("evaluate", str(path), "-f", form).stdout for form in ("table", "markdown")
    )
    assert "\u001b" not in table + markdown
    assert "\u202e" not in table + markdown
    assert "<script>" not in markdown
    assert "[x](" not in markdown


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [("", 3, "holds no labelled definitions"), ("7\n", 2, "bad.jsonl:1"), ("\udcff\n", 2, "bad.jsonl")],
)
def test_a_file_that_holds_no_labels_is_named(
    run_catalog: Run, tmp_path: Path, content: str, code: int, words: str
) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_bytes(content.encode("utf-8", "surrogateescape"))
    for command in (("evaluate", str(path)), ("train", str(path), "--out", "model")):
        done = run_catalog(*command)
        assert done.returncode == code
        assert words in done.stderr
        assert "Traceback" not in done.stderr
    assert not (tmp_path / "model").exists()


def test_training_needs_something_to_train_on(run_catalog: Run) -> None:
    done = run_catalog("train", "--out", "model")
    assert done.returncode == 2
    assert "--from-catalog" in done.stderr


def test_too_few_labels_in_the_catalogue_are_counted_and_refused(run_catalog: Run, tmp_path: Path) -> None:
    """Nothing is written, and the message says what there is."""
    tools = {"tools": [{"name": "cancel_job", "description": "Ends a running job."}]}
    (tmp_path / "jobs.json").write_text(json.dumps(tools))
    corrections = str(tmp_path / "overrides.toml")
    Path(corrections).touch()
    assert run_catalog("classify", "jobs.json", CATALOG_OVERRIDES=corrections).returncode == 0
    to_write = (
        "--category",
        "write",
        "--risk",
        "medium",
        "--reason",
        "it queues it again",
        "--author",
        "Ada",
    )
    assert (
        run_catalog("override", "jobs/cancel_job", *to_write, CATALOG_OVERRIDES=corrections).returncode == 0
    )
    done = run_catalog("train", "--from-catalog", "--out", "model", CATALOG_OVERRIDES=corrections)
    assert done.returncode == 2
    assert "1 correction" in done.stderr
    assert "1 label: 1 Write" in done.stderr
    assert not (tmp_path / "model").exists()


def test_ones_own_corrections_join_a_file_and_win(run_catalog: Run, labelled: Path, tmp_path: Path) -> None:
    row = next(row for row in labelled_rows() if row["category"] == "Read")
    definition = {key: row[key] for key in ("name", "description")}
    (tmp_path / "own.json").write_text(json.dumps({"tools": [definition]}))
    corrections = str(tmp_path / "overrides.toml")
    Path(corrections).touch()
    run_catalog("classify", "own.json", CATALOG_OVERRIDES=corrections)
    words = ("--category", "destructive", "--risk", "critical", "--reason", "it does", "--author", "Ada")
    done = run_catalog("override", f"own/{row['name']}", *words, CATALOG_OVERRIDES=corrections)
    assert done.returncode == 0, done.stderr
    done = run_catalog(
        *(
            "train",
            str(labelled),
            "--from-catalog",
            "--no-practice",
            "--out",
            "model",
            "--labels",
            "labels.jsonl",
        ),
        CATALOG_OVERRIDES=corrections,
    )
    assert done.returncode == 0, done.stderr
    labels = [json.loads(line) for line in (tmp_path / "labels.jsonl").read_text().splitlines()]
    own = [one for one in labels if one["server"] == "own"]
    assert [(one["category"], one["source"]) for one in own] == [("Destructive", "correction")]
    assert sum(one["fingerprint"] == own[0]["fingerprint"] for one in labels) == 1


def test_the_shipped_labels_pass_their_check(run_catalog: Run) -> None:
    done = run_catalog("labels", "check")
    assert done.returncode == 0, done.stderr
    assert "no errors" in done.stderr


def test_wrong_labels_are_listed_with_their_lines(run_catalog: Run, tmp_path: Path) -> None:
    row = {
        "source": "s",
        "server": "demo",
        "tool": "drop",
        "fingerprint": "0" * 64,
        "category": "Destructive",
    }
    path = written(
        tmp_path / "labels.jsonl", [{**row, "risk": "Low", "effects": ["Destructive"], "modifiers": []}]
    )
    done = run_catalog("labels", "check", str(path), "-f", "json")
    assert done.returncode == 2
    (problem,) = json.loads(done.stdout)
    assert (problem["line"], problem["tool"]) == (1, "demo/drop")
    assert "below the codebook's floor" in problem["message"]


def test_labels_join_saved_files_and_the_catalogue_without_a_network(
    run_catalog: Run, tmp_path: Path
) -> None:
    """Offline says so; what is joined can be trained on and evaluated."""
    rows = [row for row in labelled_rows() if row["description"]][:6]
    saved, crawled, gone = rows[:2], rows[2:4], rows[4:]
    labels = []
    for row in rows:
        definition = ToolDefinition(row["server"], row["name"], description=row["description"])
        labels.append(
            {
                "source": "published", "server": row["server"], "tool": row["name"], "fingerprint": definition.fingerprint,
                "ref": "someone/jobs@0123abc:tools.json", "category": row["category"], "risk": row["risk"],
                "effects": [row["category"]], "modifiers": [],
            }
        )  # fmt: skip
    path = written(tmp_path / "labels.jsonl", labels)
    plain = ("name", "description")
    (tmp_path / "saved.json").write_text(json.dumps({"tools": [{k: r[k] for k in plain} for r in saved]}))
    (tmp_path / "seen.json").write_text(json.dumps({"tools": [{k: r[k] for k in plain} for r in crawled]}))
    assert run_catalog("classify", "seen.json").returncode == 0
    done = run_catalog(
        *(
            "labels",
            "join",
            str(path),
            "--offline",
            "--definitions",
            "saved.json",
            "-o",
            "joined.jsonl",
            "-f",
            "json",
        )
    )
    assert done.returncode == 0, done.stderr
    assert "offline: no public source was asked" in done.stderr
    (counts,) = json.loads(done.stdout)
    assert (counts["joined"], counts["unreached"], counts["labels"]) == (4, len(gone), 6)
    assert run_catalog("evaluate", "joined.jsonl").returncode == 0


def test_a_join_without_any_definition_writes_nothing(run_catalog: Run, tmp_path: Path) -> None:
    row = {
        "source": "s", "server": "demo", "tool": "drop", "fingerprint": "0" * 64, "category": "Read", "risk": "Low",
        "effects": ["Read"],
    }  # fmt: skip
    path = written(tmp_path / "labels.jsonl", [row])
    done = run_catalog("labels", "join", str(path), "--offline", "-o", "joined.jsonl")
    assert done.returncode == 3
    assert "--definitions" in done.stderr
    assert not (tmp_path / "joined.jsonl").exists()
