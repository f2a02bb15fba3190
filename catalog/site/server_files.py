"""All files in the folder of one server: a page and a twin for each tool, its own page, its policies."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from catalog.site import twins
from catalog.site.drift import server_drift
from catalog.site.language import plain
from catalog.site.made import File, Page
from catalog.site.rows import day
from catalog.site.server_view import server_view
from catalog.site.tool_view import summary, tool_view
from catalog.site.views import PageView

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catalog.records import ServerEntry
    from catalog.site.made import Made, Surroundings


def tool_files(around: Surroundings) -> Iterator[Made]:
    """Page and twin of every tool, riskiest first."""
    for facts in around.server.tools:
        if not around.wants(facts.slug):
            continue
        view = tool_view(facts, around)
        about = _about(around.entry, f"{view.name} · {view.server}", summary(view), f"{facts.slug}.json")
        yield Page(f"{around.home}/{facts.slug}.html", "tool", about, view)
        yield File(f"{around.home}/{facts.slug}.json", twins.tool_twin(facts, around.changes))


def home_files(around: Surroundings) -> Iterator[Made]:
    """The server's page, its twin and its policies, one for each version of the grammar."""
    if not around.wants("index"):
        return
    drift, note = server_drift(around)
    found = server_view(around.server, around.entry, around.index)
    view = replace(found, drift=drift, drift_note=note)
    about = _about(around.entry, view.name, plain(" ".join(view.summary)), "index.json")
    yield Page(f"{around.home}/index.html", "server", about, view)
    yield File(f"{around.home}/index.json", twins.server_twin(around.server, around.entry, around.changes))
    for policy in view.policies:
        yield File(f"{around.home}/{policy.download}", policy.text + "\n")


def _about(entry: ServerEntry, title: str, text: str, twin: str) -> PageView:
    """The page of a server is as old as its own crawl, whatever else was crawled since."""
    return PageView(
        title,
        text,
        "../../",
        twin=twin,
        section="servers",
        as_of=day(entry.crawled_at),
        as_of_iso=entry.crawled_at.date().isoformat(),
    )
