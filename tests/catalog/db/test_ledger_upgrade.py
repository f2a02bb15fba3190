"""A database of schema 1 gets a ledger and keeps what it holds (issue 4, point 5)."""

import shutil
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text

from catalog.db.connect import connect, resolve
from catalog.db.ledger import Ledger, Opened
from catalog.db.schema import HEAD, revision
from catalog.db.store import Store
from catalog.resources import MIGRATIONS
from classifier.types import Category, Level

OLD = Path(__file__).parent / "schema-1.sqlite"


def make_schema_1(url):
    """An empty database as version 0.1 made it."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    engine = connect(resolve(url))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    with engine.connect() as connection:
        assert revision(connection) == "0001"
    engine.dispose()


def works(ledger, calls):
    ledger.local_grant("local")
    answers = [ledger.open_call(calls.entry(ledger), [calls.limit(1)]) for _ in range(2)]
    return [isinstance(answer, Opened) for answer in answers] == [
        True,
        False,
    ] and not ledger.verify().problems


def test_the_released_file_of_schema_1_counts_calls_and_still_reads(tmp_path, calls):
    url = f"sqlite:///{shutil.copy(OLD, tmp_path / 'old.sqlite')}"
    with Ledger.open(url) as ledger:
        assert works(ledger, calls)
    with Store.open(url) as store:
        server = store.server("workflows-mcp")
        found = {tool.definition.name: tool.classification.risk for tool in server.tools}
        assert found == {"cancel_job": Level.CRITICAL, "list_jobs": Level.LOW}
        assert len(store.history("workflows-mcp", "cancel_job")) == 2


def test_a_database_of_schema_1_with_data_in_it_is_upgraded_on_both_engines(url, make, calls, monkeypatch):
    make_schema_1(url)
    jobs = make.definition("list_jobs", description="Lists the jobs.")
    with monkeypatch.context() as before:
        before.setattr("catalog.db.schema.HEAD", "0001")
        with Store.open(url) as store:
            make.collect(store, make.result(jobs))
            store.save_classifications(make.version, [make.label(jobs, Category.READ, Level.LOW)])
    with Ledger.open(url) as ledger:
        assert works(ledger, calls)
        with ledger._engine.connect() as connection:
            assert revision(connection) == HEAD
    with Store.open(url) as store:
        assert [tool.definition for tool in store.server("workflows-mcp").tools] == [jobs]


def test_each_database_has_a_key_of_its_own(tmp_path):
    secrets = []
    for name in ("a", "b"):
        with (
            Ledger.open(f"sqlite:///{tmp_path}/{name}.sqlite") as ledger,
            ledger._engine.connect() as connection,
        ):
            secrets.append(connection.execute(text("SELECT secret FROM journal_head")).scalar())
    assert len(set(secrets)) == 2
    assert {len(secret) for secret in secrets} == {64}


@pytest.mark.parametrize("mode", ["r", "w"])
def test_the_journal_of_a_database_that_cannot_be_written_to_is_read(tmp_path, calls, mode):
    url = f"sqlite:///{tmp_path}/catalog.sqlite"
    with Ledger.open(url) as ledger:
        assert works(ledger, calls)
    frozen = f"sqlite:///file:{tmp_path}/catalog.sqlite?mode=ro&uri=true" if mode == "r" else url
    with Ledger.open(frozen) as ledger:
        assert ledger.verify().problems == ()
        assert len(list(ledger.journal())) == 2
