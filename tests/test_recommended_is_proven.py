"""The recommended policy does what it says: the engine, the export and the site's pages, on real definitions.

Source: issue on the gateway, point 8; docs/policy.md, "What we recommend". The definitions are those of the
bundled snapshots; the servers that the tests crawl get the same test in test_real_labels.py.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from html import unescape
from pathlib import Path
from urllib.parse import unquote

import pytest

from catalog.policy.document import document, render
from catalog.policy.document_2 import document_2
from catalog.policy.grammar import parse
from catalog.records import Outcome, ServerEntry, ToolEntry
from catalog.resources import DATA
from catalog.site.build import BuildOptions, build
from catalog.sources import snapshot
from classifier.classify import Classifier
from classifier.types import Classification, Provenance, ToolDefinition
from tests.proving import unproven

Tools = tuple[tuple[ToolDefinition, Classification], ...]
Labelled = Callable[[str], Tools]
SNAPSHOTS = {path.stem: path for path in sorted((DATA / "servers" / "snapshots").glob("*.json"))}
DAY = datetime(2026, 11, 25, tzinfo=UTC)
_SAVED = re.compile(r'href="data:application/json,([^"]*)"')


@pytest.fixture(scope="module")
def labelled(classifier: Classifier) -> Labelled:
    """A bundled server's tools with their labels."""

    @cache
    def found(server: str) -> Tools:
        tools = {
            it.name: it for it in snapshot.read(SNAPSHOTS[server], server)
        }  # a page shows each name once
        return tuple((definition, classifier.classify(definition)) for definition in tools.values())

    return found


@pytest.mark.parametrize("server", SNAPSHOTS)
def test_each_tools_own_call_is_treated_as_recommended(server: str, labelled: Labelled) -> None:
    tools = labelled(server)
    assert tools
    for made in (document(tools), document_2(tools), document_2(tools, pin=True)):
        assert unproven(parse(render(made), server), tools) == {}


class Catalogue:
    """The bundled servers as a catalogue to build a site from."""

    def __init__(self, labelled: Labelled) -> None:
        self._labelled = labelled

    def servers(self) -> Iterator[ServerEntry]:
        return (self._entry(server) for server in SNAPSHOTS)

    def _entry(self, server: str) -> ServerEntry:
        tools = tuple(
            ToolEntry(
                server=server, definition=definition, classification=label, first_seen=DAY, last_seen=DAY
            )
            for definition, label in self._labelled(server)
        )
        return ServerEntry(
            name=server, title=None, repository=None, package=None, package_version=None, protocol_version=None,
            source="bundled", provenance=Provenance.BUNDLED, outcome=Outcome.OK, reason="", next_step="", notes=(),
            unread=(), isolation="", crawled_at=DAY, listed_at=DAY, tools=tools,
        )  # fmt: skip


@pytest.fixture(scope="module")
def pages(labelled: Labelled, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("proven") / "site"
    build(Catalogue(labelled), out, BuildOptions(), lambda done, total: None)
    return out / "tools"


@pytest.mark.parametrize("server", SNAPSHOTS)
def test_the_policies_of_the_sites_pages_treat_each_tool_as_recommended(
    server: str, labelled: Labelled, pages: Path
) -> None:
    """On each tool's page a document of either version for it alone; beside the server's page both for all."""
    tools = {definition.name: (definition, label) for definition, label in labelled(server)}
    shown = json.loads((pages / server / "index.json").read_text())["tools"]
    assert {row["name"] for row in shown} == set(tools)
    for row in shown:
        saved = _SAVED.findall((pages / server / row["page"]).read_text())
        policies = [parse(unquote(unescape(text)), row["name"]) for text in saved]
        assert [policy.version for policy in policies] == ["1", "2"]
        for policy in policies:
            assert unproven(policy, [tools[row["name"]]]) == {}
    for file in ("policy.json", "policy-2.json"):
        policy = parse((pages / server / file).read_text(), file)
        assert unproven(policy, tools.values()) == {}
