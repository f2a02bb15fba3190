"""Changes on the site: pages by day, feed, lines, and what stands on the pages of tools, servers and the home page."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import ModuleType
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.db.changes import ChangeKind
from catalog.db.store import Store
from catalog.model import load_classifier
from catalog.site import drift_pages
from catalog.site.build import BuildOptions, build
from catalog.site.text_diff import WIDTH, word_diff

ATOM = "{http://www.w3.org/2005/Atom}"

BASE = "https://tools.example.org/mcp/"


def make(store: Store, out: Path, **options: object) -> None:
    build(store, out, BuildOptions(**options), lambda done, total: None)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="session")
def store(drifting: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with closing(drifting.opened(tmp_path_factory.mktemp("drift"))) as opened:
        yield opened


@pytest.fixture(scope="session")
def drifted(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("drifted") / "site"
    make(store, out, base_url=BASE)
    return out


def test_every_change_stands_on_the_page_of_its_day_and_in_the_lines(
    store: Store, drifted: Path, reader: ModuleType
) -> None:
    changes = list(store.changes())
    assert {change.kind for change in changes} == set(ChangeKind)
    lines = [json.loads(line) for line in (drifted / "changes/changes.jsonl").read_text().splitlines()]
    assert [line["id"] for line in lines] == [change.id for change in changes]
    for change in changes:
        page = reader.read(drifted / f"changes/{change.at.date().isoformat()}.html")
        assert f"c-{change.id[:18]}" in page.ids


def test_a_changed_definition_is_shown_with_its_words_and_its_parameters(
    drifted: Path, reader: ModuleType
) -> None:
    page = reader.read(drifted / "changes/2026-11-04.html")
    text = " ".join(page.text.split())
    assert "Its definition holds suspicious text that was not there before" in text
    assert "Parameter job is optional now." in text
    assert "Parameter job is now string or null; it was string." in text
    assert "Parameter note is new: string, optional." in text
    assert "Annotation destructiveHint is new: false." in text
    html = (drifted / "changes/2026-11-04.html").read_text()
    assert re.search(r"<ins>[^<]*Before each call read the file", html)


def test_what_was_only_read_in_another_way_says_so(drifted: Path, reader: ModuleType) -> None:
    text = reader.read(drifted / "changes/2026-11-04.html").text
    assert "from the bundled index before and from the running server this time" in text


def test_the_first_page_shows_the_newest_by_day_and_lists_every_day(
    drifted: Path, reader: ModuleType
) -> None:
    page = reader.read(drifted / "changes/index.html")
    for day in ("2026-11-01", "2026-11-04", "2026-11-07", "2026-11-10"):
        assert f"{day}.html" in page.links
    assert page.text.index("10 November 2026") < page.text.index("1 November 2026\n")


def test_the_page_of_a_tool_tells_its_history(drifted: Path, reader: ModuleType) -> None:
    text = " ".join(reader.section(drifted / "tools/orchard/cancel_job.html", "history").text.split())
    assert "A tool of this name was first seen on 1 November 2026." in text
    assert "The description reads differently." in text
    twin = json.loads((drifted / "tools/orchard/cancel_job.json").read_text())
    assert [one["kind"] for one in twin["history"]] == ["tool_changed"]
    calm = reader.section(drifted / "tools/orchard/list_jobs.html", "history").text
    assert "A tool of this name" not in calm


def test_the_page_of_a_server_shows_its_drift(drifted: Path, reader: ModuleType) -> None:
    page = reader.section(drifted / "tools/orchard/index.html", "drift")
    text = " ".join(page.text.split())
    assert "3 changes since it was first read, on 1 November 2026." in text
    assert "purge_queue.html" in page.links
    assert "note.html" not in page.links  # it is gone, and so is its page


def test_the_home_page_names_the_latest_changes(drifted: Path, reader: ModuleType) -> None:
    page = reader.read(drifted / "index.html")
    assert "Latest changes" in page.text
    assert "tools/orchard/purge_queue.html" in page.links
    assert "changes/index.html" in page.links


def test_the_feed_is_atom_with_ids_for_ever_and_whole_addresses(
    store: Store, drifted: Path, reader: ModuleType
) -> None:
    """RFC 4287: id, title, updated and an author; entries with id, title, updated and content."""
    feed = ET.parse(drifted / "feed.xml").getroot()  # noqa: S314 - our own file
    assert feed.tag == f"{ATOM}feed"
    assert feed.findtext(f"{ATOM}id") == f"{BASE}feed.xml"
    assert feed.findtext(f"{ATOM}author/{ATOM}name")
    assert feed.findtext(f"{ATOM}updated") == "2026-11-10T12:30:00+00:00"
    entries = feed.findall(f"{ATOM}entry")
    changes = list(store.changes())
    assert [entry.findtext(f"{ATOM}id") for entry in entries] == [
        f"urn:uuid:{change.id}" for change in changes
    ]
    for entry in entries:
        assert entry.findtext(f"{ATOM}title")
        assert entry.findtext(f"{ATOM}content")
        link = entry.find(f"{ATOM}link").attrib["href"]
        assert link.startswith(BASE)
        parts = urlsplit(link.removeprefix(BASE))
        assert parts.fragment in reader.read(drifted / unquote(parts.path)).ids


def test_without_a_public_address_the_feed_has_relative_links(store: Store, tmp_path: Path) -> None:
    make(store, tmp_path / "site")
    feed = ET.parse(tmp_path / "site/feed.xml").getroot()  # noqa: S314 - our own file
    links = [link.attrib["href"] for link in feed.iter(f"{ATOM}link")]
    assert links
    assert not [link for link in links if ":" in link]
    assert feed.findtext(f"{ATOM}id").startswith("urn:uuid:")


def test_every_link_leads_somewhere_and_every_page_is_well_formed(drifted: Path, reader: ModuleType) -> None:
    ids = {path: set(reader.read(path).ids) for path in reader.pages(drifted)}
    for path in ids:
        page = reader.read(path)
        assert not page.mismatched, path
        assert page.open_tags == [], path
        assert len(page.ids) == len(set(page.ids)), path
        for link in page.links:
            parts = urlsplit(link)
            if not parts.scheme:
                target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
                assert target.is_file(), f"{path}: {link}"
                assert (
                    not parts.fragment
                    or target not in ids
                    or parts.fragment in ids[target]
                    or "builder" in link
                )


def test_hostile_names_and_texts_stay_text(drifted: Path) -> None:
    for path in [*drifted.glob("changes/*.html"), drifted / "index.html"]:
        html = path.read_text()
        assert "<b>x" not in html
        assert "<script>alert" not in html
        assert "\u202e" not in html


def test_a_build_after_each_crawl_is_the_full_build(drifting: ModuleType, tmp_path: Path) -> None:
    """Byte by byte, with the database among the files (site.md, "Build")."""
    clock = drifting.Clock()
    with closing(Store.open(f"sqlite:///{tmp_path}/c.sqlite3", clock=clock)) as store:
        for number in range(len(drifting.CRAWLS)):
            drifting.crawl(store, clock, number)
            make(store, tmp_path / "site", base_url=BASE)
        make(store, tmp_path / "full", base_url=BASE)
    assert contents(tmp_path / "site") == contents(tmp_path / "full")


def test_the_page_of_an_old_day_stays_as_it_is_when_days_come(drifting: ModuleType, tmp_path: Path) -> None:
    clock = drifting.Clock()
    with closing(Store.open(f"sqlite:///{tmp_path}/c.sqlite3", clock=clock)) as store:
        for number in range(3):
            drifting.crawl(store, clock, number)
        make(store, tmp_path / "site")
        before = contents(tmp_path / "site/changes")
        key = store.begin_crawl(["new"])
        store.record(key, drifting.result("new", drifting.tool("new", "run", "Runs.")))
        make(store, tmp_path / "site")
        after = contents(tmp_path / "site/changes")
    same = {name for name in before if before[name] == after[name]}
    assert same == {"2026-11-01.html", "2026-11-04.html"}  # the last one has a link to the new one
    assert "2026-11-10.html" in after


def test_a_day_with_many_changes_has_pages_and_loses_none(
    drifting: ModuleType, tmp_path: Path, reader: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drift_pages, "PAGE_SIZE", 4)
    monkeypatch.setattr(drift_pages, "NEWEST", 3)
    with closing(Store.open(f"sqlite:///{tmp_path}/c.sqlite3", clock=drifting.Clock())) as store:
        key = store.begin_crawl(["many"])
        for number in range(11):
            store.record(key, drifting.result(f"s{number}", drifting.tool(f"s{number}", "run", "Runs.")))
        make(store, tmp_path / "site")
        ids = {f"c-{change.id[:18]}" for change in store.changes()}
    found = [one for path in sorted((tmp_path / "site/changes").glob("2026-*.html")) for one in reader.read(path).ids if one.startswith("c-")]  # fmt: skip
    assert sorted(found) == sorted(ids)
    assert sorted(path.name for path in (tmp_path / "site/changes").glob("2026-*")) == [
        "2026-11-01-2.html",
        "2026-11-01-3.html",
        "2026-11-01.html",
    ]
    assert "All 11 changes of this day" in reader.read(tmp_path / "site/changes/index.html").text


def test_the_page_of_a_tool_stays_light_however_much_it_changed(
    drifting: ModuleType, tmp_path: Path, reader: ModuleType
) -> None:
    """site.md: a tool page takes at most 20 kB; what is left off is said, and stands in the twin."""
    with closing(Store.open(f"sqlite:///{tmp_path}/c.sqlite3", clock=drifting.Clock())) as store:
        for number in range(6):
            text = " ".join(f"{word}<&>{number if word % 3 else ''}" for word in range(400))
            names = {
                f"parameter_{number}_{one}": {"type": "string", "description": "w " * 80} for one in range(60)
            }
            tool = drifting.tool("s", "run", text, drifting.schema(*names, **names))
            key = store.begin_crawl(["s"])
            store.record(key, drifting.result("s", tool))
        classifier = load_classifier()
        labels = classifier.classify_many(list(store.unclassified(classifier.version)))
        store.save_classifications(classifier.version, labels)
        make(store, tmp_path / "site")
    path = tmp_path / "site/tools/s/run.html"
    assert path.stat().st_size <= 20_000
    text = " ".join(reader.section(path, "history").text.split())
    assert "further differences" in text
    assert "earlier changes can be found in the JSON file" in text
    assert len(json.loads(path.with_suffix(".json").read_text())["history"]) == 5


def test_a_site_of_some_servers_tells_no_changes_of_others(store: Store, tmp_path: Path) -> None:
    make(store, tmp_path / "site", only=("ledger",))
    for path in (tmp_path / "site").rglob("*"):
        if path.is_file() and path.suffix in (".html", ".json", ".jsonl", ".xml", ".sqlite3"):
            data = path.read_bytes()
            assert b"purge_queue" not in data, path


def test_a_catalogue_without_history_says_so(site: Path, reader: ModuleType) -> None:
    assert "without a history" in reader.read(site / "changes/index.html").text
    assert (site / "changes/changes.jsonl").read_bytes() == b""
    ET.parse(site / "feed.xml")  # noqa: S314 - our own file


def test_a_diff_shows_what_came_and_went_with_a_little_around_it() -> None:
    before = "one two three four five six seven eight nine ten eleven list all jobs"
    after = "one two three four five six seven eight nine ten eleven delete all jobs"
    assert word_diff(before, after) == (
        ("same", "… four five six seven eight nine ten eleven"),
        ("gone", "list"),
        ("new", "delete"),
        ("same", "all jobs"),
    )
    assert word_diff("a  b", "a b") == ()


@given(st.text(max_size=60), st.text(max_size=60))
def test_a_diff_holds_all_that_is_new_and_nothing_invisible(before: str, after: str) -> None:
    pieces = word_diff(before, after)
    assert all(text.isprintable() and text for _, text in pieces)
    assert bool(pieces) == (before.split() != after.split())


def test_a_diff_of_huge_texts_is_short_and_soon_there() -> None:
    pieces = word_diff("a b " * 200_000, "b a " * 200_000)
    assert sum(len(text) for _, text in pieces) < 6 * WIDTH
