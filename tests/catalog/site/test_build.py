"""The built site as a folder of files (site.md: addresses, quality, build)."""

from __future__ import annotations

import errno
import json
import random
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from urllib.parse import unquote, urlsplit

import pytest

from catalog.errors import OutputError, UsageError
from catalog.records import Outcome
from catalog.site.build import BuildOptions, build
from catalog.site.folder import MARKER
from classifier.types import Category, Level, ToolDefinition

TOOL_PAGE_LIMIT = 20_000  # bytes, without gzip (site.md, "Quality")


def tool_pages(site: Path) -> list[Path]:
    return [path for path in sorted(site.glob("tools/*/*.html")) if path.name != "index.html"]


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_every_page_type_is_there(site: Path) -> None:
    for name in ("index.html", "404.html", "coverage.html", "methodology.html", "tools/index.html", "risk/critical.html", "risk/low.html", "category/destructive.html",
                 "tools/harbour/index.html", "tools/harbour/index.json", "tools/harbour/policy.json", "assets/site.css", "data/search/index.js"):  # fmt: skip
        assert (site / name).is_file(), name
    assert len(tool_pages(site)) == 48


def test_every_link_and_anchor_leads_somewhere(site: Path, reader: ModuleType) -> None:
    ids = {path: set(reader.read(path).ids) for path in reader.pages(site)}
    for path in ids:
        page = reader.read(path)
        for link in page.links + page.loads:
            parts = urlsplit(link)
            if parts.scheme:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            assert target.is_file(), f"{path.name}: {link}"
            assert target.is_relative_to(site)
            if parts.fragment and target.name != "builder.html":  # whose state stands there
                assert parts.fragment in ids[target], f"{path.name}: {link}"


def test_pages_load_nothing_from_elsewhere_and_hold_no_inline_code(site: Path, reader: ModuleType) -> None:
    """Content-Security-Policy without unsafe-inline; no external request of any kind."""
    for path in reader.pages(site):
        page = reader.read(path)
        assert all(not urlsplit(address).scheme and not address.startswith("//") for address in page.loads), (
            path
        )
        assert not [name for _, name, _ in page.attributes if name == "style" or name.startswith("on")], path
        policy = next(
            value
            for tag, name, value in page.attributes
            if tag == "meta" and name == "content" and "default-src" in value
        )
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
    css = (site / "assets/site.css").read_text()
    assert "@import" not in css
    assert "url(http" not in css


def test_pages_are_well_formed(site: Path, reader: ModuleType) -> None:
    for path in reader.pages(site):
        page = reader.read(path)
        assert not page.mismatched, path
        assert page.open_tags == [], path
        assert len(page.ids) == len(set(page.ids)), path
        assert page.headings[0] == 1, path
        assert page.headings.count(1) == 1, path
        assert all(
            later - earlier <= 1 for earlier, later in zip(page.headings, page.headings[1:], strict=False)
        ), path


def test_a_tool_page_is_light(site: Path) -> None:
    assert max(path.stat().st_size for path in tool_pages(site)) <= TOOL_PAGE_LIMIT


def test_the_sections_of_a_tool_page_stand_in_the_order_of_the_design(site: Path, reader: ModuleType) -> None:
    """site.md, "Tool page, in this order"."""
    for path in tool_pages(site):
        ids = [one for one in reader.read(path).ids if one in
               ("does", "parameters", "why", "evidence", "signals", "control", "related", "questions", "history")]  # fmt: skip
        assert ids == [
            "does",
            "parameters",
            "why",
            "evidence",
            "signals",
            "control",
            "related",
            "questions",
            "history",
        ]


def test_the_twin_says_what_the_page_says(site: Path, reader: ModuleType) -> None:
    for path in tool_pages(site):
        twin = json.loads(path.with_suffix(".json").read_text())
        text = reader.read(path).text
        for value in (twin["name"], twin["risk"], twin["category"], twin["fingerprint"], twin["server"]):
            assert value in text


def test_level_pages_list_every_tool_exactly_once(
    generated: ModuleType, build_site: Callable[..., object], tmp_path: Path, reader: ModuleType
) -> None:
    """Paging never truncates silently: 700 tools on pages of 200."""
    build_site(
        generated.Listed(tuple(generated.server(f"s{number}", 100, seed=number) for number in range(7))),
        tmp_path / "site",
    )
    found: list[str] = []
    for path in sorted((tmp_path / "site/risk").glob("*.html")):
        if path.name != "index.html":
            found += [
                link
                for link in reader.read(path).links
                if link.startswith("../tools/") and not link.endswith("index.html")
            ]
    assert len(found) == len(set(found)) == 700
    assert (tmp_path / "site/risk/high-2.html").is_file()


def test_the_same_data_give_the_same_bytes(
    generated: ModuleType, build_site: Callable[..., object], tmp_path: Path
) -> None:
    build_site(generated.catalogue(), tmp_path / "one")
    build_site(generated.catalogue(), tmp_path / "two")
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_the_order_of_servers_in_the_database_does_not_show(
    generated: ModuleType, build_site: Callable[..., object], tmp_path: Path
) -> None:
    build_site(generated.catalogue(), tmp_path / "one")
    build_site(generated.Listed(generated.catalogue().entries[::-1]), tmp_path / "two")
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_a_second_build_writes_no_page_again(
    generated: ModuleType, build_site: Callable[..., object], tmp_path: Path
) -> None:
    first = build_site(generated.catalogue(), tmp_path / "site")
    stamp = (tmp_path / "site/index.html").stat().st_mtime_ns
    second = build_site(generated.catalogue(), tmp_path / "site")
    assert (second.written, second.unchanged, second.removed) == (0, first.written, 0)
    assert (tmp_path / "site/index.html").stat().st_mtime_ns == stamp


def test_a_server_that_has_gone_is_counted_and_its_pages_are_gone(
    generated: ModuleType, build_site: Callable[..., object], tmp_path: Path
) -> None:
    build_site(generated.catalogue(servers=3), tmp_path / "site")
    report = build_site(generated.catalogue(servers=2), tmp_path / "site")
    assert report.removed == 13  # twelve tools and their server
    assert not (tmp_path / "site/tools/atlas").exists()


def test_a_folder_of_somebody_else_is_never_replaced(
    generated: ModuleType, build_site: Callable[..., object], tmp_path: Path
) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(OutputError, match="did not write") as caught:
        build_site(generated.catalogue(), tmp_path)
    assert caught.value.hint
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize("where", ["file", "file/below"])
def test_a_target_that_cannot_be_a_folder_is_one_clear_error(
    generated: ModuleType, build_site: Callable[..., object], tmp_path: Path, where: str
) -> None:
    (tmp_path / "file").write_text("text")
    with pytest.raises(OutputError, match="file") as caught:
        build_site(generated.catalogue(), tmp_path / where)
    assert caught.value.hint


class Breaking:
    """A catalogue whose second pass fails in the middle, as a full disk or a lost database would."""

    def __init__(self, inner: object, error: Exception) -> None:
        self._inner, self._error, self._passes = inner, error, 0

    def servers(self):
        self._passes += 1
        for number, entry in enumerate(self._inner.servers()):
            if self._passes > 1 and number == 2:
                raise self._error
            yield entry


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "full"), KeyboardInterrupt(), ValueError("bug")])
def test_whatever_breaks_a_build_the_old_site_stays_whole(
    generated: ModuleType, build_site: Callable[..., object], tmp_path: Path, error: BaseException
) -> None:
    build_site(generated.catalogue(), tmp_path / "site")
    before = contents(tmp_path / "site")
    expected = OutputError if isinstance(error, OSError) else type(error)
    with pytest.raises(expected):
        build_site(Breaking(generated.catalogue(seed=2), error), tmp_path / "site")
    assert contents(tmp_path / "site") == before
    assert sorted(path.name for path in tmp_path.iterdir()) == [".site.catalog", "site"]


def test_what_a_killed_build_left_behind_is_cleared_away(
    generated: ModuleType, build_site: Callable[..., object], tmp_path: Path
) -> None:
    (tmp_path / ".site.catalog/next-1/tools").mkdir(parents=True)
    (tmp_path / ".site.catalog/next-1/tools/half.html").write_text("<p>half")
    (tmp_path / ".site.catalog/state.sqlite3").write_bytes(b"no database")
    build_site(generated.catalogue(), tmp_path / "site")
    assert sorted(path.name for path in tmp_path.iterdir()) == [".site.catalog", "site"]
    assert not (tmp_path / "site/tools/half.html").exists()
    assert not (tmp_path / ".site.catalog/next-1").exists()


def test_two_builds_of_one_folder_do_not_mix(
    generated: ModuleType, build_site: Callable[..., object], tmp_path: Path
) -> None:
    class Nested:
        def servers(self):
            with pytest.raises(OutputError, match="another build"):
                build_site(generated.catalogue(), tmp_path / "site")
            yield from generated.catalogue().servers()

    build_site(Nested(), tmp_path / "site")
    assert (tmp_path / "site" / MARKER).is_file()


def test_an_empty_catalogue_still_gives_a_site(
    generated: ModuleType, build_site: Callable[..., object], tmp_path: Path, reader: ModuleType
) -> None:
    build_site(generated.Listed(()), tmp_path / "site")
    assert reader.read(tmp_path / "site/index.html").headings[0] == 1


def test_where_it_will_be_published_goes_into_canonical_links_and_the_sitemap(
    generated: ModuleType, build_site: Callable[..., object], tmp_path: Path
) -> None:
    build_site(generated.catalogue(), tmp_path / "site", base_url="https://tools.example.org/mcp")
    page = (tmp_path / "site/tools/harbour/index.html").read_text()
    assert '<link rel="canonical" href="https://tools.example.org/mcp/tools/harbour/index.html">' in page
    assert "sitemap-1.xml" in (tmp_path / "site/sitemap.xml").read_text()
    assert (
        "<loc>https://tools.example.org/mcp/index.html</loc>" in (tmp_path / "site/sitemap-1.xml").read_text()
    )


@pytest.mark.parametrize("options", [{"base_url": "javascript:alert(1)"}, {"report_url": "data:text/html,x"}])
def test_an_address_that_is_not_of_the_web_is_refused(
    generated: ModuleType, build_site: Callable[..., object], tmp_path: Path, options: dict[str, str]
) -> None:
    with pytest.raises(UsageError):
        build_site(generated.catalogue(), tmp_path / "site", **options)
    assert not (tmp_path / "site").exists()


@pytest.mark.parametrize("link", ["https://example.org/{bogus}", "https://example.org/{tool}?{Server}", "mailto:a@example.org?subject={}"])  # fmt: skip
def test_a_placeholder_that_nothing_fills_is_refused(
    generated: ModuleType, build_site: Callable[..., object], tmp_path: Path, link: str
) -> None:
    with pytest.raises(UsageError, match=r"\{(bogus|Server|)\}") as caught:
        build_site(generated.catalogue(), tmp_path / "site", report_url=link)
    assert caught.value.hint == "use {server}, {tool} or {fingerprint}"
    assert not (tmp_path / "site").exists()


def test_the_list_of_contents_names_every_section_as_it_is_named(site: Path, reader: ModuleType) -> None:
    heading = re.compile(r'<section id="([a-z]+)">\s*<h2>(.*?)</h2>', re.DOTALL)
    entry = re.compile(r'<a href="#([a-z]+)">([^<]+)</a>')
    for path in tool_pages(site):
        text = path.read_text(encoding="utf-8")
        contents_list = text[text.index('class="toc"') : text.index("</nav>", text.index('class="toc"'))]
        entries = [(one, reader.parse(words).text) for one, words in entry.findall(contents_list)]
        sections = [(one, reader.parse(words).text) for one, words in heading.findall(text)]
        assert [one for one, _ in entries] == [one for one, _ in sections], path
        for (_, listed), (_, named) in zip(entries, sections, strict=True):
            assert named.startswith(listed.removesuffix(" it")), (listed, named)


def test_the_methodology_is_linked_from_every_page(site: Path, reader: ModuleType) -> None:
    for path in reader.pages(site):
        links = [link for link in reader.read(path).links if link.endswith("methodology.html")]
        assert len(links) == 2, path  # head and foot


def test_the_correction_link_names_server_tool_and_fingerprint(site: Path) -> None:
    twin = json.loads((site / "tools/harbour/index.json").read_text())["tools"][0]
    page = (site / "tools/harbour" / twin["page"]).read_text()
    assert f"https://example.org/new?title=harbour/{twin['name']}&amp;body={twin['fingerprint']}" in page


def test_a_server_that_gave_nothing_is_on_the_coverage_page_with_its_reason(
    site: Path, reader: ModuleType
) -> None:
    text = reader.read(site / "coverage.html").text
    assert "sealed-vault" in text
    assert "VAULT_TOKEN is not set" in text
    assert "needs credentials" in text
    assert not (site / "tools/sealed-vault").exists()


def test_tools_of_an_earlier_crawl_say_so(
    generated: ModuleType, build_site: Callable[..., object], tmp_path: Path, reader: ModuleType
) -> None:
    good = generated.server("orchard", 3, seed=1)
    later = replace(
        good,
        outcome=Outcome.TIMEOUT,
        reason="no answer in 60 s",
        crawled_at=good.crawled_at + timedelta(days=3),
    )
    build_site(generated.Listed((later,)), tmp_path / "site")
    text = reader.read(tmp_path / "site/tools/orchard/index.html").text
    assert "gave no tools (did not answer in time: no answer in 60 s)" in " ".join(text.split())
    assert "What stands here was read on 21 November 2026" in " ".join(text.split())


HOSTILE = (
    "../../etc/passwd", "con", "a/b", "💥 party", "x" * 500, "Search", "search", "</script><script>alert(1)</script>", "*", "index",
    "\u202egnp.exe", "new\nline", "quote\"'><img src=x onerror=alert(1)>", "\ud800", "{{ 7*7 }}", "nul\x00byte",
)  # fmt: skip


def test_hostile_names_and_texts_stay_in_their_folder_and_in_their_text(
    generated: ModuleType, build_site: Callable[..., object], tmp_path: Path, reader: ModuleType
) -> None:
    chance = random.Random(3)
    entries = []
    for server in HOSTILE:
        tools = []
        for name in HOSTILE:
            base = generated.tool(server, chance)
            schema = {
                "properties": {name: {"type": name, "description": name, "enum": [name]}},
                "required": [name],
            }
            definition = ToolDefinition(
                server, name, title=name, description=f"Deletes {name} for ever. {name}", input_schema=schema
            )
            label = generated.classification(
                definition, (base.classification.category, base.classification.risk), ("bulk",), chance
            )
            tools.append(replace(base, definition=definition, classification=label))
        entries.append(generated.entry(server, tuple(tools), reason=server))
    build_site(
        generated.Listed(tuple(entries)), tmp_path / "site", report_url="https://example.org/?{server}{tool}"
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == [".site.catalog", "site"]
    assert len(tool_pages(tmp_path / "site")) == len(HOSTILE) ** 2
    for path in reader.pages(tmp_path / "site"):
        page = reader.read(path)
        assert not page.mismatched, path
        assert not [tag for tag, _, _ in page.attributes if tag in ("img", "iframe", "object")], path
        scripts = [value for tag, name, value in page.attributes if tag == "script" and name == "src"]
        assert all(value.startswith(("assets/", "../assets/", "../../assets/")) for value in scripts), path
        raw = path.read_text(encoding="utf-8")
        assert not set(raw) & {"\u202e", "\x00", "\ue000", "\ue001"}, path
        assert len(path.name) < 90


def test_a_huge_description_is_cut_on_the_page_and_whole_in_the_twin(
    generated: ModuleType, build_site: Callable[..., object], tmp_path: Path
) -> None:
    base = generated.tool("orchard", random.Random(5))
    properties = {
        f"parameter_{number}": {"type": "string", "description": "words " * 100} for number in range(90)
    }
    definition = ToolDefinition(
        "orchard",
        "big",
        description="Deletes <all> & more. " * 50_000,
        input_schema={"properties": properties},
    )
    label = generated.classification(
        definition, (base.classification.category, base.classification.risk), (), random.Random(6)
    )
    entry = generated.entry("orchard", (replace(base, definition=definition, classification=label),))
    build_site(generated.Listed((entry,)), tmp_path / "site")
    page = (tmp_path / "site/tools/orchard/big.html").read_text()
    assert len(page.encode()) <= TOOL_PAGE_LIMIT
    assert "Shortened from 1,099,999 characters" in page
    shown = page.count('<th scope="row"><code>parameter_')
    assert shown > 5
    assert f"{90 - shown} further parameters can be found" in page
    assert (
        len(json.loads((tmp_path / "site/tools/orchard/big.json").read_text())["definition"]["description"])
        == 1_100_000
    )


def test_one_name_listed_twice_on_a_server_gets_two_pages(
    generated: ModuleType, build_site: Callable[..., object], tmp_path: Path
) -> None:
    base = generated.tool("orchard", random.Random(5))
    twins = []
    for text in ("Deletes a job.", "Lists jobs."):
        definition = ToolDefinition("orchard", "job", description=text)
        label = generated.classification(
            definition, (base.classification.category, base.classification.risk), (), random.Random(6)
        )
        twins.append(replace(base, definition=definition, classification=label))
    build_site(generated.Listed((generated.entry("orchard", tuple(twins)),)), tmp_path / "site")
    assert len(tool_pages(tmp_path / "site")) == 2


def test_a_tool_that_nobody_can_judge_has_its_pages_and_is_denied(
    generated: ModuleType, build_site: Callable[..., object], tmp_path: Path, reader: ModuleType
) -> None:
    """Unknown is a value, and its policy is deny (product.md)."""
    base = generated.tool("orchard", random.Random(5))
    definition = ToolDefinition("orchard", "qzx", description=None)
    label = generated.classification(definition, (Category.UNKNOWN, Level.UNKNOWN), (), random.Random(6))
    entry = generated.entry("orchard", (replace(base, definition=definition, classification=label),))
    build_site(generated.Listed((entry,)), tmp_path / "site")
    assert "qzx" in reader.read(tmp_path / "site/risk/unknown.html").text
    assert "qzx" in reader.read(tmp_path / "site/category/unknown.html").text
    assert json.loads((tmp_path / "site/tools/orchard/policy.json").read_text()) == {
        "version": "1",
        "default": "deny",
    }
    assert "Unknown" in reader.read(tmp_path / "site/index.html").text


def test_progress_rises_to_the_end(generated: ModuleType, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    build(
        generated.catalogue(servers=8, tools=20),
        tmp_path / "site",
        BuildOptions(),
        lambda done, total: told.append((done, total)),
    )
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert all(done <= total for done, total in told)
    assert told[-1][0] == told[-1][1]
