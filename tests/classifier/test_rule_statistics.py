"""How often rules fire and are right, and the file that keeps it beside a model."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from classifier.classify import Classifier
from classifier.metrics import Pair
from classifier.rule_statistics import FILE, StatisticsError, as_text, read, rule_statistics
from classifier.rules import RULES
from classifier.types import Category, Classification, Level, RuleHit, ToolDefinition


@pytest.fixture(scope="module")
def answer(shipped: Classifier) -> Classification:
    found = shipped.classify(ToolDefinition("demo", "run_command", description="Runs a shell command."))
    hits = [
        RuleHit(rule, "Execute", found.evidence[0]) for rule in ("runs-code", "runs-on-host", "own-session")
    ]
    shell = next(one for one in found.modifiers if one.name == "host_shell")
    return replace(
        found, category=Category.EXECUTE, risk=Level.CRITICAL, rule_hits=tuple(hits), modifiers=(shell,)
    )


def test_a_rule_is_right_where_the_label_says_what_it_argues_for(answer: Classification) -> None:
    """Two tools on which the rules fired: one is labelled as they argue, one is a Read by its label."""
    pairs = [
        Pair(Category.EXECUTE, Level.CRITICAL, answer, ("host_shell",)),
        Pair(Category.READ, Level.LOW, answer, ()),
        Pair(Category.READ, Level.MEDIUM, answer, None),
    ]
    found = rule_statistics(pairs)
    code, shell, session = found["runs-code"], found["runs-on-host"], found["own-session"]
    assert (code.fired, code.judged, code.right, code.moved, code.answered) == (3, 3, 1, None, 3)
    # The third label says nothing of modifiers; High is where Execute starts, Low where Read does.
    assert (shell.fired, shell.judged, shell.right, shell.moved, shell.answered) == (3, 2, 1, 2, 3)
    assert (session.fired, session.right, session.moved, session.answered) == (3, 0, 0, 0)
    assert found["delete-record"].fired == 0
    assert found["delete-record"].share_right is None


def test_a_signal_that_labels_do_not_name_is_judged_by_nobody(answer: Classification) -> None:
    """`named_delete` has no name of its own among the labels (codebook, "Risk")."""
    hit = RuleHit("deletes-in-open-language", "named_delete", answer.evidence[0])
    pairs = [Pair(Category.EXECUTE, Level.CRITICAL, replace(answer, rule_hits=(hit,)), ("bulk",))]
    found = rule_statistics(pairs)["deletes-in-open-language"]
    assert (found.fired, found.judged, found.moved) == (1, 0, 1)


def test_the_file_gives_back_what_was_counted(answer: Classification, tmp_path: Path) -> None:
    found = rule_statistics([Pair(Category.EXECUTE, Level.CRITICAL, answer, ())])
    (tmp_path / FILE).write_text(as_text(found, 1), encoding="utf-8")
    measured = read(tmp_path)
    assert (measured.definitions, measured.rules) == (1, found)
    assert list(found) == [rule.id for rule in RULES]


def test_statistics_of_other_rules_are_not_shown(tmp_path: Path) -> None:
    """They would be said of rules that they were not counted for."""
    content = {"rules_version": "none", "definitions": 9, "rules": {}}
    (tmp_path / FILE).write_text(json.dumps(content), encoding="utf-8")
    assert read(tmp_path).rules == {}
    assert read(tmp_path / "nowhere").rules == {}


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("{}", encoding="utf-8")
    with pytest.raises(StatisticsError, match=r"rules\.json"):
        read(tmp_path)
