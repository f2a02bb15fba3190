"""Which policy a wrapped server gets (policy page, "What we recommend"; default is always deny)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from catalog.clients.policies import Policies, file_name
from catalog.db.store import Store
from catalog.errors import PolicyError, UnknownTarget
from catalog.policy.grammar import parse
from catalog.records import CrawlResult, Outcome
from catalog.sources.client_entries import record
from classifier.types import ToolDefinition

NPX = {"command": "npx", "args": ["-y", "@acme/lamp"]}


@pytest.fixture
def store(tmp_path):
    with Store.open(f"sqlite:///{tmp_path}/c.sqlite") as opened:
        yield opened


@pytest.fixture
def known(store, classifier):
    """Put a config's entry with one tool into the catalogue."""

    def add(name, entry, tool="list_lamps"):
        found = record(name, entry, "mcp.json")
        definition = ToolDefinition(
            name, tool, description="Lists all lamps.", input_schema={"type": "object", "properties": {}}
        )
        crawled = CrawlResult(found, Outcome.OK, definitions=(definition,))
        store.record(store.begin_crawl([name]), crawled)
        store.save_classifications(classifier.version, classifier.classify_many([definition]))
        return found

    return add


def test_the_recommended_policy_is_written_once_and_then_left_to_people(store, known, tmp_path):
    lamp = known("lamp", NPX)
    policies = Policies(tmp_path / "policies", store)
    chosen = policies.chosen(lamp)
    chosen.write()
    policy = parse(chosen.path.read_text(), "p")
    assert (policy.version, set(json.loads(chosen.path.read_text())["tools"])) == ("2", {"list_lamps"})
    edited = '{"version": "1", "default": "deny"}'
    chosen.path.write_text(edited)
    policies.chosen(lamp).write()
    assert chosen.path.read_text() == edited


def test_a_policy_that_somebody_broke_is_not_wired_up(store, known, tmp_path):
    lamp = known("lamp", NPX)
    (tmp_path / "lamp.json").write_text('{"version": "7"}')
    with pytest.raises(PolicyError):
        Policies(tmp_path, store).chosen(lamp)


def test_pins_are_written_on_request(store, known, tmp_path):
    chosen = Policies(tmp_path, store, pin=True).chosen(known("lamp", NPX))
    assert set(json.loads(chosen.text)["pin"]) == {"list_lamps"}


def test_another_server_of_the_same_name_is_not_taken_for_it(store, known, tmp_path):
    known("lamp", NPX)
    other = record("lamp", {"command": "npx", "args": ["-y", "other-lamp"]}, "mcp.json")
    with pytest.raises(UnknownTarget):
        Policies(tmp_path, store).chosen(other)


def test_a_server_is_found_under_the_name_of_its_package_or_address(store, known, tmp_path):
    """It was classified as `npm:@acme/lamp` or by URL, and the config calls it something else."""
    known("acme-lamp", NPX)
    known("desk.example", {"url": "https://desk.example/mcp"})
    policies = Policies(tmp_path, store)
    assert policies.chosen(record("my light", NPX, "m")).path.name == "acme-lamp.json"
    assert (
        policies.chosen(record("d", {"url": "https://desk.example/mcp"}, "m")).path.name
        == "desk.example.json"
    )


def test_a_numbered_namesake_is_found(store, known, tmp_path):
    """A crawl calls the second server of a name `lamp-2`."""
    known("lamp", {"command": "npx", "args": ["-y", "other-lamp"]})
    known("lamp-2", NPX)
    assert Policies(tmp_path, store).chosen(record("lamp", NPX, "m")).path.name == "lamp-2.json"


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "a/b", "A", "", ".", "..", "x" * 300, "a\x00b", "näme", "-x"]
)
def test_a_servers_name_is_never_a_path_nor_another_servers_file(name):
    """Names are hostile text, and some disks do not tell `A` from `a`."""
    found = file_name(name)
    assert Path(found).name == found
    assert found not in (name, "", ".", "..")
    assert len(found) <= 72
    assert found == found.lower()
    assert len({file_name(other) for other in (name, name + "!", name + "?")}) == 3
