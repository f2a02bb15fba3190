"""Creating, upgrading and refusing databases (architecture page, "Tests": real migrations)."""

import ast
import shutil
import sqlite3
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from catalog.db.columns import AsciiJson, StorableText
from catalog.db.connect import connect, resolve
from catalog.db.models import Base
from catalog.db.schema import HEAD, VERSION_TABLE, migrate, revision
from catalog.db.search import SearchQuery
from catalog.db.store import Store
from catalog.errors import DatabaseError, NewerSchema
from catalog.records import Outcome
from catalog.resources import MIGRATIONS
from classifier.types import Category, Level

RELEASED = Path(__file__).parent / "schema-1.sqlite"


def fill(store, make):
    """What the checked-in database of schema 1 holds."""
    jobs = make.definition(
        "list_jobs", description="Lists the jobs.", input_schema={"properties": {"all": {"type": "boolean"}}}
    )
    cancel = make.definition("cancel_job", description="Ends a job; what it did is lost.\x00")
    changed = make.definition(
        "cancel_job", description="Ends a job for good.", annotations={"destructiveHint": True}
    )
    notes = make.definition("add_note", server="notes", title="Add a note")
    make.collect(store, make.result(jobs, cancel, package_version="1.0"), make.result(notes, server="notes"))
    make.collect(
        store,
        make.result(jobs, changed, package_version="1.1"),
        make.result(server="notes", outcome=Outcome.TIMEOUT),
    )
    labels = [
        make.label(jobs),
        make.label(cancel, Category.DESTRUCTIVE, Level.CRITICAL),
        make.label(notes, Category.WRITE, Level.LOW),
    ]
    store.save_classifications("1/m1", labels)
    store.save_classifications(
        "1/m2", [make.label(changed, Category.DESTRUCTIVE, Level.CRITICAL, doubtful=True)]
    )
    return store


def contents(store):
    histories = [store.history("workflows-mcp", name) for name in ("list_jobs", "cancel_job")]
    return list(store.servers()), histories, store.totals(), store.search(SearchQuery("job"))


def test_a_database_of_schema_1_reads_like_a_new_one_filled_alike(tmp_path, make, clock):
    shutil.copy(RELEASED, tmp_path / "old.sqlite")
    with (
        Store.open(f"sqlite:///{tmp_path}/old.sqlite") as old,
        Store.open(f"sqlite:///{tmp_path}/new.sqlite", clock=clock) as new,
    ):
        assert contents(old) == contents(fill(new, make))


def test_models_and_migrations_agree(url):
    engine = connect(resolve(url))
    migrate(engine)
    options = {
        "include_object": lambda _item, name, *_: (
            not (name or "").startswith("tool_search") and name != VERSION_TABLE
        )
    }
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": _other_type, **options})
        assert compare_metadata(context, Base.metadata) == []
    engine.dispose()


def _other_type(_context, _inspected, _metadata, inspected_type, metadata_type):
    """Our text types compare as what they are stored as; the rest as alembic does."""
    return (
        False
        if isinstance(metadata_type, AsciiJson | StorableText) and str(inspected_type).startswith("TEXT")
        else None
    )


def test_the_head_that_the_program_knows_is_the_newest_migration():
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    assert ScriptDirectory.from_config(config).get_current_head() == HEAD


def test_an_up_to_date_database_is_opened_without_alembic(tmp_path):
    # `catalog show` must be fast: alembic takes longer to import than the query to run.
    url = f"sqlite:///{tmp_path}/catalog.sqlite"
    Store.open(url).close()
    program = f"import sys; from catalog.db.store import Store; Store.open({url!r}).close(); print('alembic' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_many_can_open_a_new_database_at_once(url):
    with ThreadPoolExecutor(4) as threads:
        for store in threads.map(lambda _: Store.open(url), range(4)):
            assert store.server_names() == []
            store.close()


def test_a_database_of_a_newer_version_is_refused_with_the_next_step(url):
    store = Store.open(url)
    with store._engine.begin() as connection:
        connection.execute(text("UPDATE catalog_schema SET version_num = '9999'"))
    store.close()
    with pytest.raises(NewerSchema, match="9999") as refused:
        Store.open(url)
    assert "upgrade" in refused.value.hint


def test_somebody_else_s_database_is_left_alone(url):
    engine = connect(resolve(url))
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE servers (a INTEGER)"))
    engine.dispose()
    with pytest.raises(DatabaseError, match="not a catalogue") as refused:
        Store.open(url)
    assert "--db" in refused.value.hint
    with engine.connect() as connection:
        assert revision(connection) is None
    engine.dispose()


def test_a_new_file_can_be_read_by_its_owner_only(tmp_path):
    with Store.open(f"sqlite:///{tmp_path}/catalog.sqlite") as store:
        store.begin_crawl(["a"])
        for name in ("catalog.sqlite", "catalog.sqlite-wal", "catalog.sqlite-shm"):
            assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600


def test_sqlite_is_set_up_for_several_processes(tmp_path):
    with Store.open(f"sqlite:///{tmp_path}/catalog.sqlite") as store, store._engine.connect() as connection:
        pragmas = ("journal_mode", "foreign_keys", "synchronous", "busy_timeout")
        values = [connection.execute(text(f"PRAGMA {pragma}")).scalar() for pragma in pragmas]
    assert values == ["wal", 1, 1, 30_000]


def test_a_failed_migration_leaves_an_empty_database(tmp_path, monkeypatch):
    broken = tmp_path / "migrations"
    shutil.copytree(MIGRATIONS, broken)
    first = next((broken / "versions").glob("0001_*.py"))
    first.write_text(
        first.read_text("utf-8") + "\n\ndef _full_text() -> None:\n    op.execute('NONSENSE')\n", "utf-8"
    )
    monkeypatch.setattr("catalog.db.schema.MIGRATIONS", broken)
    with pytest.raises(DatabaseError, match="NONSENSE"):
        Store.open(f"sqlite:///{tmp_path}/catalog.sqlite")
    with sqlite3.connect(tmp_path / "catalog.sqlite") as connection:
        assert connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)


def test_migrations_import_nothing_that_will_change_under_them():
    # A released migration must create the same tables for ever: it cannot build on today's models.
    for file in (MIGRATIONS / "versions").glob("*.py"):
        tree = ast.parse(file.read_text("utf-8"))
        modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert not {module for module in modules if module and module.startswith(("catalog", "classifier"))}
