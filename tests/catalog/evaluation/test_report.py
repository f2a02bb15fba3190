"""The evaluation of a classifier: forms, slices, worst answers, comparison (issue 3, point 2)."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from catalog.evaluation.calibration_plot import plot, svg
from catalog.evaluation.comparison import compared
from catalog.evaluation.measuring import FORMS, FULL, Measured
from catalog.evaluation.report import as_json, evaluation
from catalog.evaluation.sections import sections
from catalog.evaluation.slices import by_basis, by_language, language
from catalog.evaluation.worst import worst_rows
from classifier.classify import Classifier
from classifier.labels import LabelledDefinition
from classifier.metrics import Bin, Pair
from classifier.types import CATEGORIES, Category, Level

Rows = list[LabelledDefinition]
MakeRow = Callable[..., LabelledDefinition]
MakePair = Callable[..., Pair]
R, W, D = Category.READ, Category.WRITE, Category.DESTRUCTIVE


def test_every_form_is_measured_and_shown(rows: Rows, classifier: Classifier) -> None:
    """The full definition, texts blanked, the name alone."""
    found = evaluation(rows, classifier, None, 5)
    assert set(found.reports) == set(FORMS) == {"full", "no_texts", "name_only"}
    assert (found.definitions, found.groups) == (15, 3)
    titles = [section.title for section in sections(found)]
    assert titles[0].startswith("15 definitions of 3 groups of servers")
    assert any("Confusion" in title for title in titles)
    assert not any("other model" in title for title in titles)
    assert all(len(row) == len(section.head) for section in sections(found) for row in section.rows)


def test_the_json_holds_no_text_of_a_definition(rows: Rows, classifier: Classifier) -> None:
    """The definitions are other people's."""
    content = str(as_json(evaluation(rows, classifier, None, 100)))
    assert not any(str(row.definition.description) in content for row in rows)
    assert "calibration_error" in content


def test_missed_dangers_come_first_then_the_surest_mistakes(make_row: MakeRow, make_pair: MakePair) -> None:
    """A Critical called Low at 0.6 is worse than a Read called Write at 0.99."""
    listing, deleting = make_row("list_jobs"), make_row("delete_job")
    rows = [listing, deleting, listing, listing, deleting]
    pairs = [
        make_pair(listing, W, Level.MEDIUM, 0.99),
        make_pair(deleting, R, Level.LOW, 0.60),
        make_pair(listing, R, Level.LOW),
        make_pair(listing, W, Level.MEDIUM, 0.999, doubt="unsure"),
        make_pair(deleting, W, Level.MEDIUM, 0.70),
    ]
    found = worst_rows(rows, pairs, 10)
    assert [(one.pair.found.confidence, one.missed) for one in found] == [
        (0.70, True),
        (0.60, True),
        (0.99, False),
        (0.999, False),
    ]
    assert len(worst_rows(rows, pairs, 1)) == 1


@pytest.mark.parametrize(
    ("text", "noted", "found"),
    [
        ("ジョブを一覧表示します。", None, "ja"),
        ("작업을 나열합니다.", None, "ko"),
        ("列出所有任务。", None, "zh"),
        ("Удаляет задачу.", None, "cyrillic"),
        ("Lists jobs (任务).", "es", "es"),
        ("Lists every job of the named queue 任", None, "latin"),
        (None, "zh", "none"),
        ("  ", None, "none"),
        ("123 456", None, "latin"),
    ],
)
def test_the_language_is_the_noted_one_else_that_of_the_script(
    make_row: MakeRow, text: str | None, noted: str | None, found: str
) -> None:
    """Labels may say a language; a definition without a text has none."""
    assert language(make_row("tool", description=text, language=noted)) == found


def test_slices_are_parts_of_the_whole(rows: Rows, classifier: Classifier, make_row: MakeRow) -> None:
    mixed = [*rows, make_row("list_jobs", description=None), make_row("remove_it", description="删除任务。")]
    pairs = [Pair(row.category, row.risk, classifier.classify(row.definition)) for row in mixed]
    found = Measured("1/1", tuple(mixed), {FULL: tuple(pairs)})
    assert {name: len(part) for name, part in by_language(found).items()} == {"latin": 15, "none": 1, "zh": 1}
    assert {name: len(part) for name, part in by_basis(found).items()} == {"text": 16, "name only": 1}


def test_a_better_model_is_called_better_only_beyond_chance(rows: Rows, make_pair: MakePair) -> None:
    """Right everywhere against wrong everywhere; and a model against itself."""
    right = tuple(make_pair(row, row.category, row.risk) for row in rows)
    wrong = tuple(make_pair(row, R if row.category is not R else W, Level.LOW) for row in rows)
    good, bad = (Measured("1/x", tuple(rows), {FULL: pairs}) for pairs in (right, wrong))
    verdicts = {one.measure: one.verdict for one in compared(good, bad, FULL).differences}
    assert verdicts["accuracy"] == verdicts["danger_missed"] == "better"
    assert {one.verdict for one in compared(good, good, FULL).differences} == {"no difference"}
    back = compared(bad, good, FULL)
    assert {one.measure: one.verdict for one in back.differences}["critical_missed"] == "worse"
    assert (len(back.better), len(back.worse)) == (0, len(rows))


def test_the_comparison_is_shown_with_the_rows_that_changed(rows: Rows, classifier: Classifier) -> None:
    found = evaluation(rows, classifier, classifier, 3)
    titles = [section.title for section in sections(found)]
    assert sum("Against the other model" in title for title in titles) == len(FORMS)
    assert as_json(found)["comparison"]["full"]["better"] == []


def test_a_dot_below_the_diagonal_promised_too_much() -> None:
    """Confidence goes right, the share that was right goes up."""
    drawn = plot([Bin(0, 0.0, 0.0), Bin(9, 0.9, 0.5), Bin(1, 0.2, 0.2)])
    over, exact = drawn.dots
    assert over.y > over.gap_to
    assert exact.y == exact.gap_to
    assert over.radius > exact.radius
    assert drawn.left < exact.x < over.x < drawn.right


def test_the_plot_needs_nothing_from_elsewhere() -> None:
    """An SVG file by itself: no script, no style, no address but the namespace."""
    text = svg([Bin(9, 0.9, 0.5)])
    assert set(re.findall(r"<(\w+)", text)) == {"svg", "title", "desc", "rect", "text", "line", "circle"}
    assert sorted(re.findall(r"<(circle|desc|svg|title)", text)) == sorted(
        re.findall(r"</(circle|desc|svg|title)", text)
    )
    assert "style" not in text
    assert text.count("http") == 1
    assert svg([]).count("<circle") == 0


def test_all_categories_have_a_row_even_without_a_case(make_row: MakeRow, classifier: Classifier) -> None:
    found = evaluation([make_row("list_jobs")], classifier, None, 5)
    table = next(section for section in sections(found) if section.title == "By category")
    assert [row[0] for row in table.rows] == [category.value for category in CATEGORIES]
