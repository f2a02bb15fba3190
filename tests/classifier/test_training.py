"""Training and the model folder, on the rules' own examples: small, but every step is real."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from classifier import model_folder, training
from classifier.classify import Classifier
from classifier.labels import LabelledDefinition
from classifier.model import ModelFormatError, load
from classifier.training import TrainedModel, folds

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def trained(labelled: list[LabelledDefinition]) -> TrainedModel:
    return training.train(labelled, "toy")


@pytest.fixture
def folder(trained: TrainedModel, tmp_path: Path) -> Path:
    model_folder.write(trained, tmp_path / "toy")
    return tmp_path / "toy"


def test_a_written_model_classifies(folder: Path, labelled: list[LabelledDefinition]) -> None:
    """What was trained is what is loaded: most of its own rows come back as labelled."""
    classifier = Classifier.load(folder)
    right = sum(classifier.classify(row.definition).category is row.category for row in labelled)
    assert classifier.version.endswith("/toy")
    assert right > 0.9 * len(labelled)


@pytest.fixture(scope="module")
def again(labelled: list[LabelledDefinition]) -> tuple[TrainedModel, list[tuple[int, int, str]]]:
    """Trained once more, and the progress that was told."""
    told: list[tuple[int, int, str]] = []
    return training.train(labelled, "toy", lambda done, total, what: told.append((done, total, what))), told


def test_the_same_rows_give_the_same_bytes(
    again: tuple[TrainedModel, object], folder: Path, tmp_path: Path
) -> None:
    """Issue 2, point 5: reproducible."""
    model_folder.write(again[0], tmp_path / "again")
    names = sorted(path.name for path in folder.iterdir())
    assert names == ["MODEL_CARD.md", "metrics.json", "model.json", "rules.json", "weights.npz"]
    assert [(tmp_path / "again" / name).read_bytes() for name in names] == [
        (folder / name).read_bytes() for name in names
    ]


def test_the_progress_is_told_before_each_step(again: tuple[object, list[tuple[int, int, str]]]) -> None:
    """Every step once, in order, and as many as were announced."""
    _, told = again
    assert [done for done, _, _ in told] == list(range(told[0][1]))
    assert told[-1][2].startswith("fitting")


def test_the_folder_holds_statistics_of_the_rules_and_intervals(folder: Path) -> None:
    """Issue 3, point 1: how often each rule fires and is right; measured on definitions that were held out."""
    rules = json.loads((folder / "rules.json").read_text(encoding="utf-8"))
    assert rules["rules"]["cancel-job"]["fired"] >= rules["rules"]["cancel-job"]["right"] > 0
    figures = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    low, high = figures["intervals"]["text"]["macro_f1"]
    assert low <= figures["held_out_by_group"]["text"]["macro_f1"] <= high
    assert 0 < figures["natural_spread"]["text"]["accuracy"] <= 1


def test_a_group_stands_in_one_fold() -> None:
    """Cross-validation is by group of servers, never by row."""
    groups = ["a", "b", "a", "c", "d", "e", "f", "b"]
    dealt = folds(groups)
    assert sorted(at for fold in dealt for at in fold) == list(range(len(groups)))
    assert all(
        not {groups[a] for a in one} & {groups[b] for b in other}
        for one in dealt
        for other in dealt
        if one is not other
    )


def test_too_few_groups_are_refused(labelled: list[LabelledDefinition]) -> None:
    """A clear refusal instead of a model that was never validated."""
    with pytest.raises(ValueError, match="groups of servers"):
        training.train([row for row in labelled if row.group == labelled[0].group])


def test_a_category_without_rows_is_refused(labelled: list[LabelledDefinition]) -> None:
    """A model that cannot say Financial must not be written."""
    with pytest.raises(ValueError, match="Financial"):
        training.train([row for row in labelled if row.category.value != "Financial"])


def test_the_card_names_every_category_and_measure(folder: Path) -> None:
    """Published accuracy is part of the model."""
    card = (folder / "MODEL_CARD.md").read_text(encoding="utf-8")
    for word in (
        "macro-F1",
        "High or Critical called Low",
        "Destructive",
        "name only",
        "catalog evaluate",
        "natural spread",
        "modifier",
    ):
        assert word in card


def _changed(folder: Path, **fields: object) -> None:
    path = folder / "model.json"
    path.write_text(json.dumps({**json.loads(path.read_text(encoding="utf-8")), **fields}), encoding="utf-8")


def test_a_missing_model_is_named(tmp_path: Path) -> None:
    """The error names the file."""
    with pytest.raises(ModelFormatError, match=r"model\.json: there is no such file"):
        load(tmp_path)


def test_a_model_of_another_format_is_refused(folder: Path) -> None:
    """Format is checked on loading."""
    _changed(folder, format=99)
    with pytest.raises(ModelFormatError, match="format 99"):
        load(folder)


def test_changed_weights_are_refused(folder: Path) -> None:
    """The digest is checked on loading."""
    weights = folder / "weights.npz"
    weights.write_bytes(weights.read_bytes()[:-1] + b"!")
    with pytest.raises(ModelFormatError, match="SHA-256"):
        load(folder)


def test_a_model_json_that_is_no_json_is_refused(folder: Path) -> None:
    """Damage is an error of its own, not a traceback."""
    (folder / "model.json").write_text("{", encoding="utf-8")
    with pytest.raises(ModelFormatError, match=r"model\.json"):
        load(folder)


def test_a_model_without_thresholds_is_refused(folder: Path) -> None:
    """Every field is needed."""
    path = folder / "model.json"
    about = json.loads(path.read_text(encoding="utf-8"))
    del about["thresholds"]
    path.write_text(json.dumps(about), encoding="utf-8")
    with pytest.raises(ModelFormatError, match="thresholds"):
        load(folder)


def test_weights_hold_arrays_and_nothing_that_runs(folder: Path) -> None:
    """No pickle: every array loads with pickling forbidden."""
    with np.load(folder / "weights.npz", allow_pickle=False) as arrays:
        assert {str(arrays[name].dtype) for name in arrays.files} == {"uint32", "int16"}


def test_practice_is_learnt_from_and_never_measured(
    labelled: list[LabelledDefinition], trained: TrainedModel
) -> None:
    """Our decision: invented definitions teach; what is held out and counted is published ones only."""
    practice = [row for row in labelled if row.definition.description][:20]
    taught = training.train(labelled, "toy", practice=practice)
    assert taught.practised == 20
    assert [len(found) for found in taught.held_out.values()] == [len(labelled)] * 3
    assert taught.model.tables["text"].bias.tolist() != trained.model.tables["text"].bias.tolist()
