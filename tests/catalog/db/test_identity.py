"""A name stands for one server: the same package, URL, program or file; never for two."""

import pytest

from catalog.db.store import Store
from catalog.records import Launch, LaunchKind, Outcome, ServerRecord
from classifier.types import Provenance

PACKAGE = Launch(LaunchKind.PYPI, package="workflows-mcp")


def record(launch=None, *, name="workflows-mcp", source="pypi", **fields):
    return ServerRecord(name, source, launch=launch, **fields)


@pytest.fixture
def taken(store, make):
    """Crawl a record under its name, then ask who has the name of others."""

    def crawl(first):
        make.collect(store, make.result(make.definition(), record=first))
        return store.holder

    return crawl


def test_a_free_name_is_nobodys(store):
    assert store.holder(record(PACKAGE)) is None


@pytest.mark.parametrize(
    ("first", "again"),
    [
        (record(PACKAGE, source="bundled"), record(PACKAGE)),
        (record(PACKAGE), record(Launch(LaunchKind.PYPI, package="Workflows_MCP", version="9.0"))),
        (
            record(PACKAGE),
            record(Launch(LaunchKind.COMMAND, command=("uvx", "x")), origin="pypi:workflows-mcp"),
        ),
        (
            record(Launch(LaunchKind.HTTP, url="https://h.example/mcp?key=a")),
            record(Launch(LaunchKind.SSE, url="https://me:b@h.example/mcp/")),
        ),
        (
            record(Launch(LaunchKind.COMMAND, command=("/opt/lampd", "--key", "a"))),
            record(Launch(LaunchKind.COMMAND, command=("lampd", "--key", "b"))),
        ),
        (record(origin="file:~/a.json"), record(origin="file:~/a.json")),
        (record(PACKAGE), record()),
        (record(), record(PACKAGE)),
    ],
)
def test_the_same_server_keeps_its_name(taken, first, again):
    """Whatever its version, spelling, transport and secrets; what is not known tells nothing apart."""
    assert taken(first)(again) is None


@pytest.mark.parametrize(
    ("first", "other", "shown"),
    [
        (record(PACKAGE), record(origin="file:~/workflows-mcp.json"), "pypi:workflows-mcp"),
        (record(origin="file:/lists/workflows-mcp.json"), record(PACKAGE), "the file workflows-mcp.json"),
        (record(PACKAGE), record(Launch(LaunchKind.NPM, package="workflows-mcp")), "pypi:workflows-mcp"),
        (
            record(Launch(LaunchKind.HTTP, url="https://me:S3CRET@h.example/t1?key=S3CRET")),
            record(Launch(LaunchKind.HTTP, url="https://h.example/t2")),
            "https://h.example/t1",
        ),
        (
            record(Launch(LaunchKind.COMMAND, command=("/opt/lampd", "S3CRET"))),
            record(Launch(LaunchKind.COMMAND, command=("fand",))),
            "lampd",
        ),
        (record(origin="file:~/a.json"), record(origin="file:~/b/a.json"), "the file a.json"),
    ],
)
def test_another_server_is_told_who_has_the_name(taken, first, other, shown):
    assert taken(first)(other) == shown


def test_the_file_of_a_saved_listing_is_no_package_and_is_not_published(store, make):
    saved = record(origin="file:/home/me/workflows-mcp.json", source="saved")
    make.collect(store, make.result(make.definition(), record=saved))
    store.save_classifications(make.version, [make.label(make.definition())])
    assert store.server("workflows-mcp").package is None


def test_a_package_behind_a_runner_is_stored_as_that_package(store, make):
    npx = record(Launch(LaunchKind.COMMAND, command=("npx", "-y", "@acme/x")), origin="npm:@acme/x")
    make.collect(store, make.result(record=npx, outcome=Outcome.TIMEOUT))
    assert store.server("workflows-mcp").package == "npm:@acme/x"


def test_a_live_crawl_after_the_bundled_snapshot_is_the_same_server(sqlite_url, make):
    with Store.open(sqlite_url) as store:
        facts = make.definition(provenance=Provenance.BUNDLED)
        make.collect(store, make.result(facts, provenance=Provenance.BUNDLED))
        assert store.holder(make.result().record) is None
