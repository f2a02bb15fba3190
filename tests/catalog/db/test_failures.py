"""What goes wrong is one line that names the database, without its password, and the next step."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import traceback
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from catalog.db.connect import resolve
from catalog.db.failures import database_error, shown
from catalog.db.store import Store
from catalog.errors import DatabaseError, DatabaseUrlError, ExitCode


def refused(url, kind=DatabaseError):
    with pytest.raises(kind) as error:
        Store.open(url)
    assert error.value.hint
    assert "\n" not in str(error.value)
    return str(error.value)


def test_without_a_url_the_environment_and_then_the_user_s_data_folder_is_used(tmp_path, monkeypatch):
    monkeypatch.setenv("CATALOG_DB", f"sqlite:///{tmp_path}/from-environment.sqlite")
    assert resolve(None).database == f"{tmp_path}/from-environment.sqlite"
    assert resolve("sqlite:///given.sqlite").database == "given.sqlite"
    monkeypatch.delenv("CATALOG_DB")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    Store.open().close()
    (file,) = tmp_path.rglob("catalog.sqlite")
    assert str(file) == resolve(None).database


def test_text_that_is_no_url_is_refused_with_an_example():
    assert "'catalog.sqlite' is not a database URL" in refused("catalog.sqlite", DatabaseUrlError)


def test_an_engine_that_is_not_supported_is_named():
    assert "only SQLite and PostgreSQL" in refused("mysql://me:S3CRET@host/db", DatabaseUrlError)


def test_a_driver_that_is_not_installed_is_named_with_the_command_that_installs_it(tmp_path):
    program = (
        "import sys; sys.modules['psycopg'] = None\n"
        "from catalog.db.store import Store; from catalog.errors import DatabaseError\n"
        "try: Store.open('postgresql://me:S3CRET@localhost/db')\n"
        "except DatabaseError as error: print(error, error.hint)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "driver is not installed" in done.stdout
    assert "[postgres]" in done.stdout
    assert "S3CRET" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    "url", ["postgres://me:S3CRET@127.0.0.1:1/db", "postgresql://me:S3CRET@127.0.0.1:1/db?password=S3CRET"]
)
def test_a_server_that_cannot_be_reached_is_named_without_its_password(url):
    message = refused(url)
    assert "127.0.0.1" in message
    assert "S3CRET" not in message


@pytest.mark.parametrize(
    "url",
    [
        "postgresql:/me:S3CRET@host/db",
        "postgresql://me:S3@CRET:word@host:port/db",
        "postgresql://me:S3@CRET@host/db",
        "postgresql://me:S3@CRET/word@host/db",
        "postgresql://me:S3CRET@host:54x32/db",
        "sqlite:///x.sqlite?timeout=S3CRET",
        "mysql://me:S3@CRET@host/db",
    ],
)
def test_a_broken_url_shows_nothing_of_its_password_and_says_how_to_write_one(url):
    """Nor do the errors behind it, which a report of the whole chain would show."""
    with pytest.raises(DatabaseUrlError) as error:
        Store.open(url)
    assert error.value.exit_code == ExitCode.USAGE
    assert "%40" in error.value.hint
    assert "CRET" not in "".join(traceback.format_exception(error.value)).replace(url, "").replace(
        repr(url), ""
    )


def test_a_password_in_percent_codes_is_taken():
    assert resolve("postgresql://me:a%40b%3Ac%2Fd@host/db").password == "a@b:c/d"


def test_a_shown_url_has_neither_password_nor_query():
    assert (
        shown(resolve("postgresql://me:S3CRET@host/db?password=S3CRET"))
        == "postgresql+psycopg://me:***@host/db"
    )


def test_a_file_that_is_no_database_is_named(tmp_path):
    (tmp_path / "notes.txt").write_text("not a database, " * 100, "utf-8")
    assert "not a SQLite database" in refused(f"sqlite:///{tmp_path}/notes.txt")


def test_a_missing_folder_is_named(tmp_path):
    assert "cannot be created: no such file or directory" in refused(
        f"sqlite:///{tmp_path}/missing/catalog.sqlite"
    )


def test_a_folder_is_no_database(tmp_path):
    assert "cannot be opened" in refused(f"sqlite:///{tmp_path}")


@pytest.mark.skipif(
    os.geteuid() == 0, reason="root may write everywhere; the read-only file below is tested for all"
)
def test_a_folder_without_permission_is_named(tmp_path):
    tmp_path.chmod(0o500)
    assert "cannot be created: permission denied" in refused(f"sqlite:///{tmp_path}/catalog.sqlite")


def test_a_database_that_cannot_be_written_to_is_named(tmp_path):
    Store.open(f"sqlite:///{tmp_path}/catalog.sqlite").close()
    with Store.open(f"sqlite:///file:{tmp_path}/catalog.sqlite?mode=ro&uri=true") as store:
        assert store.server_names() == []
        with pytest.raises(DatabaseError, match="cannot be written to") as error:
            store.begin_crawl(["a"])
    assert "--db" in error.value.hint


def test_a_database_that_another_process_holds_is_named(tmp_path):
    url = f"sqlite:///{tmp_path}/catalog.sqlite?timeout=0.05"
    with Store.open(url) as store:
        holder = sqlite3.connect(tmp_path / "catalog.sqlite", isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseError, match="another process holds it"):
            store.begin_crawl(["a"])
        assert store.server_names() == []  # WAL: readers do not wait
        holder.close()
        assert store.begin_crawl(["a"]) == 1


def test_a_full_disk_is_named_and_nothing_is_half_written(tmp_path, make):
    # SQLite reports the same error (SQLITE_FULL) for its own page limit and for a full disk.
    with Store.open(f"sqlite:///{tmp_path}/catalog.sqlite") as store:
        tools = [make.definition(f"t{number}", description="x" * 2000) for number in range(200)]
        make.collect(store, make.result(tools[0]))
        store.save_classifications(make.version, [make.label(tools[0])])
        before = store.server("workflows-mcp"), store.totals()
        store._engine.dispose()
        event.listen(store._engine, "connect", _no_room)
        crawl = store.begin_crawl(["workflows-mcp"])
        with pytest.raises(DatabaseError, match="the disk is full") as error:
            store.record(crawl, make.result(*tools))
        assert "half-written" in error.value.hint
        assert (store.server("workflows-mcp"), store.totals()) == before
        event.remove(store._engine, "connect", _no_room)
        store._engine.dispose()
        store.record(crawl, make.result(*tools))
        assert store.save_classifications(make.version, map(make.label, tools[1:])) == 199


def _no_room(connection, _record):
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {pages + 8}")


WORKER = """
import json, sys
from catalog.db.store import Store
from catalog.records import CrawlResult, Outcome, ServerRecord
from classifier.types import ToolDefinition

url, worker = sys.argv[1:]
with Store.open(url) as store:
    crawl = store.begin_crawl([worker])
    for number in range(15):
        for name in (f"{worker}-{number}", "shared"):
            tools = tuple(ToolDefinition(name, f"tool_{tool}") for tool in range(5))
            store.record(crawl, CrawlResult(ServerRecord(name, "list"), Outcome.OK, definitions=tools))
    print(json.dumps(crawl))
"""


def test_several_processes_write_one_new_database_side_by_side(url):
    # Crawling page: "SQLite runs in WAL mode with a busy timeout; the same ... on PostgreSQL".
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", WORKER, url, f"w{number}"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(3)
    ]
    outputs = [worker.communicate(timeout=120) for worker in workers]
    assert [worker.returncode for worker in workers] == [0, 0, 0], outputs
    assert len({json.loads(stdout) for stdout, _ in outputs}) == 3
    with Store.open(url) as store:
        assert len(store.server_names()) == 46
        assert len(list(store.unclassified("1"))) == 5


READER = """
import sys
from catalog.db.store import Store
from catalog.errors import DatabaseError

with Store.open(sys.argv[1]) as store:
    print(store.server_names())
    try:
        store.begin_crawl(["a"])
    except DatabaseError as error:
        print(error)
"""


@pytest.mark.skipif(
    os.geteuid() == 0 and shutil.which("setpriv") is None, reason="root cannot give up its rights here"
)
def test_a_file_that_may_only_be_read_is_read_also_in_a_folder_that_may_only_be_read(tmp_path, make):
    """A catalogue on a share or a mounted image; root may write everywhere, unless it gives up that right."""
    with Store.open(f"sqlite:///{tmp_path}/catalog.sqlite") as store:
        make.collect(store, make.result(make.definition()))
    (tmp_path / "catalog.sqlite").chmod(0o400)
    tmp_path.chmod(0o500)
    drop = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
    done = subprocess.run(
        [*drop, sys.executable, "-c", READER, f"sqlite:///{tmp_path}/catalog.sqlite"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
    )
    tmp_path.chmod(0o700)
    assert done.stdout.splitlines()[:1] == ["['workflows-mcp']"], done.stderr
    assert "cannot be written to" in done.stdout


def test_an_error_of_the_disk_names_a_full_one_first():
    """SQLite reports a full disk so when it cannot enlarge the file that it shares with other processes."""
    cause = sqlite3.OperationalError("disk I/O error")
    cause.sqlite_errorcode = sqlite3.SQLITE_IOERR_SHMSIZE
    error = database_error(resolve("sqlite:///x.sqlite"), OperationalError("", {}, cause))
    assert str(error).endswith("the disk is full or gave an error")
    assert error.hint.startswith("free some space")
