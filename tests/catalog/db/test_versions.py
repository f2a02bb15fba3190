"""Versions of servers: the same while nothing about a server changes, another one after anything does (architecture, "Site")."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from catalog.db.store import Store
from catalog.overrides.book import Overrides
from catalog.records import CrawlResult, Outcome, Override, ServerRecord
from classifier.classify import Classifier
from classifier.types import Category, Level, Provenance, ToolDefinition

NAMES = ("alpha", "beta", "gamma")


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    from catalog.model import load_classifier

    return load_classifier()


def crawl(store: Store, classifier: Classifier, names: tuple[str, ...], text: str = "Deletes a job.") -> None:
    number = store.begin_crawl(names)
    for name in names:
        tool = ToolDefinition(name, "delete_job", description=text)
        record = ServerRecord(name, "test")
        result = CrawlResult(record, Outcome.OK, definitions=(tool,), provenance=Provenance.LIVE)
        store.record(number, result)
        store.save_classifications(classifier.version, [classifier.classify(tool)])
    store.end_crawl(number)


@pytest.fixture
def filled(tmp_path: Path, classifier: Classifier) -> Store:
    opened = Store.open(f"sqlite:///{tmp_path}/v.sqlite3", overrides=Overrides())
    crawl(opened, classifier, NAMES)
    return opened


def changed(before: list[tuple[str, str]], store: Store) -> set[str]:
    return {name for name, version in store.versions() if dict(before).get(name) != version}


def test_versions_stay_while_nothing_changes(filled: Store) -> None:
    before = filled.versions()
    assert [name for name, _ in before] == sorted(NAMES)
    assert filled.versions() == before
    assert pickle.loads(pickle.dumps(filled)).versions() == before  # noqa: S301 - our own bytes


@pytest.mark.parametrize(
    "change",
    [
        lambda store, classifier: crawl(store, classifier, ("beta",)),
        lambda store, classifier: crawl(store, classifier, ("beta",), "Lists all jobs."),
        lambda store, classifier: store.record(
            store.begin_crawl(["beta"]), CrawlResult(ServerRecord("beta", "test"), Outcome.TIMEOUT)
        ),
    ],
    ids=["seen again", "another definition", "no answer"],
)
def test_a_crawl_of_a_server_changes_its_version_and_no_other(
    filled: Store, classifier: Classifier, change: Callable[[Store, Classifier], None]
) -> None:
    before, stamp = filled.versions(), filled.stamp()
    change(filled, classifier)
    assert changed(before, filled) == {"beta"}
    assert filled.stamp() != stamp


def test_another_label_changes_the_versions_of_all_servers_with_the_definition(
    filled: Store, classifier: Classifier
) -> None:
    before = filled.versions()
    (entry,) = filled.chosen(["beta"])
    label = entry.tools[0].classification
    filled.save_classifications(classifier.version, [replace(label, reason="worded anew")])
    assert changed(before, filled) == set(NAMES)


def test_a_correction_changes_the_version_of_its_server(filled: Store, tmp_path: Path) -> None:
    before = filled.versions()
    (entry,) = filled.chosen(["gamma"])
    tool = entry.tools[0].definition
    override = Override(
        "gamma",
        tool.name,
        tool.fingerprint,
        Category.READ,
        Level.LOW,
        "It only looks.",
        "Ada",
        date(2026, 11, 1),
    )
    book = Overrides.in_force([override], datetime(2026, 11, 2, tzinfo=UTC).date())
    corrected = Store.open(f"sqlite:///{tmp_path}/v.sqlite3", overrides=book)
    assert changed(before, corrected) == {"gamma"}


def test_chosen_servers_come_as_they_do_among_all(filled: Store) -> None:
    everything = list(filled.servers())
    assert list(filled.chosen(["gamma", "alpha", "nobody"])) == [everything[0], everything[2]]
