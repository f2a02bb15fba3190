"""The linter of labels kept as references."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from classifier.label_lint import check, lint

SHIPPED = Path(__file__).parents[2] / "data" / "labels.jsonl"
ROW = {
    "source": "example", "server": "demo", "group": "g", "tool": "drop_table", "ref": "owner/repo@abc:tools.json",
    "fingerprint": "0" * 64, "category": "Destructive", "risk": "Critical", "effects": ["Destructive"], "modifiers": ["bulk"],
}  # fmt: skip


def _file(folder: Path, *rows: object) -> Path:
    path = folder / "labels.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"description": "Drops it."}, "unexpected description"),
        ({"server": " "}, "server must be a text"),
        ({"fingerprint": "abc"}, "64 hexadecimal digits"),
        ({"ref": "somewhere"}, "ref 'somewhere' is neither"),
        ({"category": "Odd"}, "category 'Odd' is not one of the five"),
        ({"risk": "Unknown"}, "risk 'Unknown' is not one of the four levels"),
        ({"effects": ["Read", "Destructive"]}, "worst first"),
        ({"effects": ["Read"]}, "the category is not among the effects"),
        ({"effects": [{}]}, "must be a list of categories"),
        ({"modifiers": ["huge"]}, "modifiers that the codebook does not have: huge"),
        ({"risk": "Medium"}, "Destructive is never below High here, without simulated or own_session"),
        ({"risk": "Low", "modifiers": ["simulated"]}, "never below Medium here"),
        ({"category": "Execute", "effects": ["Execute"], "risk": "Low"}, "Execute is never below Medium"),
    ],
)
def test_a_wrong_row_is_named_with_its_line_and_tool(
    tmp_path: Path, change: dict[str, object], words: str
) -> None:
    """Fields as the documentation lists them; floors from the codebook, "Risk"."""
    other = {**ROW, "tool": "other", "fingerprint": "1" * 64}
    (found,) = lint(_file(tmp_path, other, {**ROW, **change}))
    assert "labels.jsonl:2: " in found
    assert words in found


def test_every_missing_field_is_named(tmp_path: Path) -> None:
    (found,) = check(_file(tmp_path, {"tool": "x", "category": "Read"})).problems
    assert found.message == "without effects, fingerprint, risk, server, source"
    assert found.subject == "?/x"


def test_a_line_that_is_no_object_hides_no_other(tmp_path: Path) -> None:
    path = _file(tmp_path, 7, {**ROW, "risk": "Odd"})
    assert [(one.line, one.message) for one in check(path).problems] == [
        (1, "not a JSON object"),
        (2, "risk 'Odd' is not one of the four levels"),
    ]


def test_one_definition_has_one_label(tmp_path: Path) -> None:
    """Codebook rule 15."""
    other = {**ROW, "server": "other", "risk": "High"}
    assert "the definition of line 1 has another label there" in lint(_file(tmp_path, ROW, other))[0]


def test_a_reference_stands_once(tmp_path: Path) -> None:
    again = {**ROW, "fingerprint": "1" * 64}
    assert "the same reference stands in line 1" in lint(_file(tmp_path, ROW, again))[0]


@pytest.mark.parametrize("modifiers", [["own_session"], ["simulated"], None])
def test_what_lifts_the_floor_is_respected_or_unknown(tmp_path: Path, modifiers: list[str] | None) -> None:
    """A label that says nothing of modifiers may have one that lifts the floor."""
    row = {key: value for key, value in {**ROW, "risk": "Medium", "modifiers": modifiers}.items() if value}
    assert lint(_file(tmp_path, row)) == []


def test_the_shipped_labels_are_clean() -> None:
    assert lint(SHIPPED) == []
