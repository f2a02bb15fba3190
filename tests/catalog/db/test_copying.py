"""The copy of the crawled data that a site gives away: whole, of one moment, and without anything private."""

import sqlite3
from contextlib import closing

import pytest

from catalog.db.ledger import Ledger
from catalog.db.search import SearchQuery
from catalog.db.store import Store
from catalog.records import Launch, LaunchKind, ServerRecord


@pytest.fixture
def filled(sqlite_url, clock, make):
    with Store.open(sqlite_url, clock=clock) as store:
        made = [make.definition(f"cancel_job_{number}", server=f"s{number}") for number in range(4)]
        for definition in made:
            record = ServerRecord(
                definition.server, "saved", origin=f"file:/home/ada/secret-plans/{definition.server}.json"
            )
            make.collect(
                store,
                make.result(
                    definition, record=record if definition.server == "s3" else None, server=definition.server
                ),
            )
        make.collect(
            store,
            make.result(make.definition("cancel_job_0", server="s0", description="Other."), server="s0"),
        )
        store.save_classifications("1", [make.label(one) for one in made])
        store.save_classifications("1", [make.label(make.definition("cancel_job_0", description="Other."))])
        yield store


def tables(path):
    with closing(sqlite3.connect(path)) as connection:
        return {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def test_the_copy_opened_by_the_catalogue_tells_the_same(filled, tmp_path):
    assert filled.copy(tmp_path / "copy.sqlite3")
    with Store.open(f"sqlite:///{tmp_path}/copy.sqlite3") as copy:
        assert list(copy.servers()) == list(filled.servers())
        assert list(copy.changes()) == list(filled.changes())
        assert copy.search(SearchQuery("cancel")) == filled.search(SearchQuery("cancel"))


def test_the_copy_has_no_tables_of_the_gateway_and_nothing_out_of_them(filled, tmp_path, sqlite_url, clock):
    with Ledger.open(sqlite_url, clock=clock) as ledger:
        ledger.local_grant("the-local-grant")
    with closing(sqlite3.connect(tmp_path / "catalog.sqlite")) as connection:
        key = connection.execute("SELECT secret FROM journal_head").fetchone()[0]
    filled.copy(tmp_path / "copy.sqlite3")
    assert not tables(tmp_path / "copy.sqlite3") & {
        "journal_head", "journal", "counters", "holds", "grants", "approvals",
    }  # fmt: skip
    text = (tmp_path / "copy.sqlite3").read_bytes()
    assert key.encode() not in text
    assert b"the-local-grant" not in text


def test_the_copy_holds_no_folder_of_this_machine_and_no_digest_of_targets(filled, tmp_path):
    filled.copy(tmp_path / "copy.sqlite3")
    assert b"secret-plans" not in (tmp_path / "copy.sqlite3").read_bytes()
    with closing(sqlite3.connect(tmp_path / "copy.sqlite3")) as connection:
        assert {row[0] for row in connection.execute("SELECT targets_digest FROM crawls")} == {""}


def test_the_same_rows_give_the_same_bytes_whatever_the_gateway_wrote(filled, tmp_path, sqlite_url, clock):
    filled.copy(tmp_path / "one.sqlite3")
    with Ledger.open(sqlite_url, clock=clock) as ledger:
        ledger.local_grant("another")
    filled.copy(tmp_path / "two.sqlite3")
    assert (tmp_path / "one.sqlite3").read_bytes() == (tmp_path / "two.sqlite3").read_bytes()


def test_a_copy_of_some_servers_holds_nothing_of_the_others(filled, tmp_path):
    filled.copy(tmp_path / "copy.sqlite3", ["s0", "s2"])
    with Store.open(f"sqlite:///{tmp_path}/copy.sqlite3") as copy:
        assert copy.server_names() == ["s0", "s2"]
        assert list(copy.changes()) == list(filled.changes(servers=["s0", "s2"]))
    assert b"cancel_job_1" not in (tmp_path / "copy.sqlite3").read_bytes()


def test_a_source_that_cannot_be_written_to_can_be_copied(filled, tmp_path, sqlite_url):
    filled.close()
    with closing(sqlite3.connect(tmp_path / "catalog.sqlite")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with Store.open(f"sqlite:///file:{tmp_path}/catalog.sqlite?mode=ro&uri=true") as store:
        assert store.copy(tmp_path / "copy.sqlite3")


@pytest.mark.postgres
def test_postgresql_is_not_copied(postgres_url, tmp_path, make):
    with Store.open(postgres_url) as store:
        record = ServerRecord("a", "bundled", launch=Launch(LaunchKind.PYPI, package="a"))
        make.collect(store, make.result(make.definition(server="a"), record=record))
        assert not store.copy(tmp_path / "copy.sqlite3")
    assert not (tmp_path / "copy.sqlite3").exists()
