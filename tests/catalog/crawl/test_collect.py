"""A crawl into the database: no server takes another one's name, and it stays so when repeated."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from catalog.crawl.collect import Collector, distinct
from catalog.db.store import Store
from catalog.probe.limits import ProbeOptions
from catalog.records import CrawlResult, Launch, LaunchKind, ServerRecord
from classifier.types import ToolDefinition

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from classifier.types import Classification


class Unlabelled:
    """Stands for a classifier that has nothing to say."""

    version = "none"

    def classify_many(self, definitions: Sequence[ToolDefinition]) -> list[Classification]:
        return []


class Silent:
    """Watches a crawl and says nothing."""

    def started(self, record: ServerRecord) -> None: ...

    def step(self, record: ServerRecord, text: str) -> None: ...

    def finished(self, result: CrawlResult) -> None: ...


def saved(path: str, name: str = "workflows-mcp") -> ServerRecord:
    tools = (ToolDefinition(name, "list_jobs"),)
    return ServerRecord(name, "saved", definitions=tools, origin=f"file:{path}")


def package(source: str = "pypi") -> ServerRecord:
    return ServerRecord("workflows-mcp", source, launch=Launch(LaunchKind.PYPI, package="workflows-mcp"))


@pytest.fixture
def collector(tmp_path) -> Iterator[Collector]:
    with Store.open(f"sqlite:///{tmp_path}/catalog.sqlite") as store:
        yield Collector(store, Unlabelled(), ProbeOptions())


@pytest.fixture
def package_known(collector) -> None:
    """The package was crawled before."""
    crawl = collector.store.begin_crawl(["workflows-mcp"])
    collector.store.record(crawl, CrawlResult(package(), "ok"))
    collector.store.end_crawl(crawl)


def test_a_saved_list_does_not_overwrite_the_package_of_its_name(collector, package_known) -> None:
    (result,) = collector.collect([saved("/a/workflows-mcp.json")], Silent()).results
    assert result.record.name == "workflows-mcp-2"
    assert [definition.server for definition in result.definitions] == ["workflows-mcp-2"]
    assert result.notes == (
        "the name workflows-mcp is taken by pypi:workflows-mcp: stored as workflows-mcp-2",
    )
    assert collector.store.server_names() == ["workflows-mcp", "workflows-mcp-2"]


def test_a_repeated_crawl_finds_the_number_that_it_had(collector, package_known) -> None:
    for path in (
        "/a/workflows-mcp.json",
        "/b/workflows-mcp.json",
        "/a/workflows-mcp.json",
        "/b/workflows-mcp.json",
    ):
        (result,) = collector.collect([saved(path)], Silent()).results
        assert result.record.name == ("workflows-mcp-2" if path.startswith("/a") else "workflows-mcp-3")
    assert len(collector.store.server_names()) == 3


def test_different_servers_of_one_name_in_one_crawl_are_told_apart_as_in_the_next(collector) -> None:
    both = [saved("/a/workflows-mcp.json"), saved("/b/workflows-mcp.json")]
    first = collector.collect(both, Silent()).results
    again = collector.collect(both[::-1], Silent()).results
    assert [result.record.name for result in first] == ["workflows-mcp", "workflows-mcp-2"]
    assert [result.record.name for result in again] == ["workflows-mcp-2", "workflows-mcp"]


def test_one_package_from_two_sources_is_one_server() -> None:
    assert [record.name for record in distinct([package("bundled"), package("pypi")])] == ["workflows-mcp"]


def test_a_name_of_its_own_gets_no_note(collector) -> None:
    (result,) = collector.collect([saved("/a/lamp.json", "lamp")], Silent()).results
    assert (result.record.name, result.notes) == ("lamp", ())
