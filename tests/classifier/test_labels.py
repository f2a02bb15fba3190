"""Reading labelled definitions, and the project's own labels as references."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from classifier.labels import LabelError, read_labelled, references

ROW = {
    "server": "demo", "tool": "drop_table", "description": "Drop a table.", "input_schema": {"type": "object"},
    "category": "Destructive", "risk": "Critical", "effects": ["Destructive"], "modifiers": ["bulk"],
    "group": "g", "source": "example", "ref": "owner/repo@abc:tools.json", "unsure": False,
}  # fmt: skip


def _file(folder: Path, *rows: object) -> Path:
    path = folder / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_a_labelled_row_is_read_in_either_spelling(tmp_path: Path) -> None:
    """The protocol's `name` and `inputSchema`, or `tool` and `input_schema`."""
    other = {key: value for key, value in ROW.items() if key not in {"tool", "input_schema"}}
    first, second = read_labelled(
        _file(tmp_path, ROW, {**other, "name": "drop_table", "inputSchema": {"type": "object"}})
    )
    assert first == second
    assert (first.category.value, first.risk.value, first.group, first.modifiers) == (
        "Destructive",
        "Critical",
        "g",
        ("bulk",),
    )


@pytest.mark.parametrize("change", [{"category": "Bad"}, {"risk": None}, {"tool": ""}, {"effects": ["No"]}])
def test_a_wrong_row_is_named_by_file_and_line(tmp_path: Path, change: dict[str, object]) -> None:
    """Errors name their subject."""
    with pytest.raises(LabelError, match=r"rows\.jsonl:2: "):
        read_labelled(_file(tmp_path, ROW, {**ROW, **change}))


def test_references_hold_no_text(tmp_path: Path) -> None:
    """The definitions are other people's: labels, fingerprint and where to find them, nothing else."""
    (reference,) = references(read_labelled(_file(tmp_path, ROW)))
    assert set(reference) == {
        "source", "server", "group", "tool", "ref", "fingerprint", "category", "risk", "effects", "modifiers",
    }  # fmt: skip


def test_a_label_that_says_nothing_of_modifiers_is_not_one_without_any(tmp_path: Path) -> None:
    """Only labels that name modifiers may judge a modifier's detector."""
    silent = {key: value for key, value in ROW.items() if key != "modifiers"}
    unknown, none = read_labelled(_file(tmp_path, silent, {**ROW, "modifiers": []}))
    assert (unknown.modifiers, none.modifiers) == (None, ())
    assert "modifiers" not in next(iter(references([unknown])))
