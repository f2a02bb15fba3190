"""The data of the rules' pages (issue 3, point 1)."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalog.errors import ModelError
from catalog.evaluation.rule_reference import rule_reference
from classifier.rule_statistics import FILE, RuleStatistics, as_text
from classifier.rules import RULES


def test_every_rule_has_its_words_and_its_examples(tmp_path: Path) -> None:
    """At least two examples of either kind (architecture, "Plugging things in")."""
    entries = rule_reference(tmp_path)
    assert [entry.id for entry in entries] == [rule.id for rule in RULES]
    for entry in entries:
        assert entry.title
        assert entry.rationale
        assert entry.since
        assert len(entry.positive) >= 2
        assert len(entry.negative) >= 2
        assert (entry.statistics, entry.measured_on) == (None, 0)
    kinds = {entry.kind for entry in entries}
    assert kinds == {"category", "raises", "lowers", "notes"}
    assert all(entry.direction == {"raises": 1, "lowers": -1}.get(entry.kind, 0) for entry in entries)


def test_the_statistics_of_the_model_folder_stand_with_their_rule(tmp_path: Path) -> None:
    counts = RuleStatistics(fired=8, judged=8, right=6, moved=None, answered=7)
    (tmp_path / FILE).write_text(as_text({"cancel-job": counts}, 100), encoding="utf-8")
    found = {entry.id: entry for entry in rule_reference(tmp_path)}
    assert (found["cancel-job"].statistics, found["cancel-job"].measured_on) == (counts, 100)
    assert counts.share_right == 0.75
    assert found["hard-reset"].statistics is None


def test_damaged_statistics_are_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("[", encoding="utf-8")
    with pytest.raises(ModelError, match=r"rules\.json"):
        rule_reference(tmp_path)
