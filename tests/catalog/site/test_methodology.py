"""The methodology page: every figure is the model folder's own, and a missing one is said to be missing."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from catalog import resources
from catalog.model import SHIPPED
from catalog.site import lists as lists_module
from catalog.site.methodology import coefficient, methodology_view, share
from classifier.types import CATEGORIES, LEVELS

SHIPPED_FOLDER = resources.DATA / "models" / SHIPPED


def report(count: int, right: int) -> dict[str, object]:
    """Measures as `catalog train` writes them, all of one value."""
    rate = right / count
    names = ("accuracy", "macro_f1", "risk_exact", "risk_kappa", "danger_missed", "critical_missed", "false_alarm",
             "calibration_error", "decided", "accuracy_decided")  # fmt: skip
    score = {"precision": rate, "recall": rate, "f1": rate, "count": count}
    return {
        "count": count,
        **dict.fromkeys(names, rate),
        "categories": {category.value: score for category in CATEGORIES},
        "confusion": {
            one.value: {other.value: right if one is other else 3 for other in CATEGORIES}
            for one in CATEGORIES
        },
        "risk_confusion": {
            one.value: {other.value: right + 1 if one is other else 4 for other in LEVELS} for one in LEVELS
        },
        "bins": [
            {"count": 40, "confidence": 0.55, "accuracy": 0.5},
            {"count": 0, "confidence": 0, "accuracy": 0},
        ],
        "modifiers": {
            "host_shell": {"precision": 0.8, "recall": 0.6, "count": 20, "found": 15},
            "draft": {"precision": 1.0, "recall": 1.0, "count": 2, "found": 2},
        },
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A model of our own invention."""
    made = tmp_path / "models/7"
    made.mkdir(parents=True)
    about = {
        "version": "7",
        "rules_version": "4",
        "trained_on": {"definitions": 1234, "groups": 56},
        "thresholds": {"review_below": 0.61},
    }
    (made / "model.json").write_text(json.dumps(about))
    figures = {"text": report(1000, 871), "schema": report(1000, 742), "name": report(1000, 613)}
    shares = {name: 0.5 for name, value in report(2, 1).items() if isinstance(value, float)}
    natural = dict.fromkeys(figures, shares)
    (made / "metrics.json").write_text(json.dumps({"held_out_by_group": figures, "natural_spread": natural}))
    return made


def test_every_figure_comes_from_the_files_beside_the_model(folder: Path) -> None:
    view = methodology_view(folder)
    assert view.models == (("7", "4", "1,234", "56", "shipped"),)
    assert any("below 61%" in text for text in view.making)
    assert view.measured is not None
    assert "1,000 labelled definitions of 56 groups" in view.measured.basis
    assert dict(view.measured.measures)["Category right"] == ("87.1%", "74.2%", "61.3%")
    assert dict(view.measured.measures)["Mean F1 of the categories"] == ("0.871", "0.742", "0.613")
    assert view.measured.scores[0] == ("Read", "1,000", ("87.1%", "87.1%", "0.871", "0.742", "0.613"))
    assert view.measured.confusion.words == tuple(category.value for category in CATEGORIES)
    assert view.measured.confusion.rows[1][1] == (
        ("3", False),
        ("871", True),
        ("3", False),
        ("3", False),
        ("3", False),
    )


def test_levels_confidence_and_signals_are_shown_where_they_were_measured(folder: Path) -> None:
    """The tables of the issue: confusion of levels, calibration, modifiers' own scores, natural spread."""
    measured = methodology_view(folder).measured
    assert measured is not None
    assert measured.levels.rows[0] == ("Low", (("872", True), ("4", False), ("4", False), ("4", False)))
    assert measured.plot is not None
    assert [dot.title for dot in measured.plot.dots] == ["40 at 55% confidence, 50% right"]
    assert measured.modifiers == (("host shell", ("20", "80.0%", "60.0%")),)
    assert dict(measured.natural)["Category right"] == ("50.0%", "50.0%", "50.0%")
    assert "Financial 2%" in measured.spread


def test_measures_of_an_older_training_show_what_they_have(folder: Path) -> None:
    """A model folder written before levels and calibration were measured."""
    figures = report(1000, 871)
    for name in ("risk_confusion", "bins", "modifiers"):
        del figures[name]
    (folder / "metrics.json").write_text(json.dumps({"held_out_by_group": {"text": figures}}))
    measured = methodology_view(folder).measured
    assert measured is not None
    assert (measured.levels.rows, measured.plot, measured.modifiers, measured.natural) == ((), None, (), ())


def test_the_page_draws_the_calibration_and_explains_the_grade(
    folder: Path,
    generated: ModuleType,
    build_site: Callable[..., object],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lists_module, "SHIPPED", str(folder))
    build_site(generated.catalogue(servers=1), tmp_path / "site")
    page = (tmp_path / "site/methodology.html").read_text()
    assert "<title>40 at 55% confidence, 50% right</title>" in page
    assert 'style="' not in page  # the Content-Security-Policy allows none
    assert 'id="grade"' in page
    assert "C from 20" in page


def test_a_model_without_measures_says_so(folder: Path) -> None:
    (folder / "metrics.json").unlink()
    view = methodology_view(folder)
    assert view.measured is None
    assert view.models[0][0] == "7"


def test_a_folder_without_a_model_still_explains_the_method(tmp_path: Path) -> None:
    view = methodology_view(tmp_path / "models/none")
    assert (view.measured, view.models) == (None, ())
    assert len(view.categories) == 5
    assert len(view.levels) == 4


def test_a_counted_share_is_whole_only_where_it_was_all_or_none() -> None:
    assert (share(0.9017), share(1.0), share(0.0)) == ("90.2%", "100%", "0%")
    assert (share(0.9999), share(0.0001)) == ("99.9%", "0.1%")
    assert coefficient(0.8765) == "0.876"


def test_the_page_shows_the_shipped_measures(site: Path, reader: ModuleType) -> None:
    if not (SHIPPED_FOLDER / "metrics.json").is_file():
        pytest.skip("no measures lie beside the shipped model")
    text = reader.read(site / "methodology.html").text
    measured = json.loads((SHIPPED_FOLDER / "metrics.json").read_text())["held_out_by_group"]
    for form in ("text", "schema", "name"):
        assert share(measured[form]["accuracy"]) in text
    for label, row in measured["text"]["confusion"].items():
        numbers = r"\s+".join(f"{row[category.value]:,}" for category in CATEGORIES)
        assert re.search(rf"{label}\s+{numbers}", text), label


def test_the_page_without_measures_shows_no_table_of_them(
    generated: ModuleType,
    build_site: Callable[..., object],
    tmp_path: Path,
    reader: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lists_module, "SHIPPED", "none")
    build_site(generated.catalogue(servers=1), tmp_path / "site")
    text = reader.read(tmp_path / "site/methodology.html").text
    assert "No measures lie beside the model" in text
    assert "Category right" not in text
