"""Pages that list tools across servers (site.md, "Home", "Level and category pages", "Coverage")."""

from __future__ import annotations

import re
from types import ModuleType

from catalog.site.facts import tool_facts
from catalog.site.index import index, kin_key
from catalog.site.listing_view import category_cards, coverage_view, home_view, level_pages
from catalog.site.related import elsewhere
from catalog.site.rows import pager, segments
from classifier.types import Level


def test_the_riskiest_table_shows_no_lower_level_while_a_higher_one_has_tools_left(
    generated: ModuleType,
) -> None:
    found = index(generated.catalogue(servers=4))
    critical = sum(1 for row in found.tools if row.level is Level.CRITICAL)
    shown = home_view(found).riskiest
    assert len(shown) == 8
    assert sum(1 for row in shown if row.level == "Critical") == min(8, critical)


def test_the_newest_table_holds_the_last_day(generated: ModuleType) -> None:
    found = index(generated.catalogue(servers=6))
    last = max(row.first_seen.date() for row in found.tools)
    names = {(row.server.name, row.name) for row in found.tools if row.first_seen.date() == last}
    shown = home_view(found).newest
    assert len(shown) == 8
    assert {(row.server, row.name) for row in shown[: len(names)]} <= names or len(names) > 8


def test_the_matrix_adds_up(generated: ModuleType) -> None:
    found = index(generated.catalogue())
    view = home_view(found)
    assert sum(int(row.total) for row in view.matrix) == len(found.tools)
    for row in view.matrix:
        assert sum(int(count) for _, count in row.cells if count != "–") == int(row.total)


def test_a_bar_fills_its_width_and_hides_no_small_part() -> None:
    parts = segments([("Critical", 1), ("High", 0), ("Low", 99_999)])
    assert [part.word for part in parts] == ["Critical", "Low"]
    assert parts[0].width >= 5
    assert abs(parts[-1].start + parts[-1].width - 1000) < 0.5


def test_shares_never_claim_the_whole_beside_another_part() -> None:
    assert [part.share for part in segments([("High", 1), ("Low", 999)])] == ["1%", "99%"]
    assert [part.share for part in segments([("Low", 5)])] == ["all"]


def test_the_treatment_of_limited_tools_has_its_numbers(generated: ModuleType) -> None:
    found = index(generated.catalogue())
    for level in Level:
        for _, view in level_pages(found, level):
            for word, meaning, _ in view.treatment:
                assert "{" not in meaning
                assert word != "Limit" or re.search(r"at most (\d+ or )*\d+ times a minute", meaning)


def test_a_pager_names_first_last_and_neighbours() -> None:
    view = pager("low", 7, (200, 40, 7_890), "tool")
    assert view.caption == "1,201 to 1,400 of 7,890 tools"
    assert [number for number, _ in view.pages] == ["1", "5", "6", "7", "8", "9", "40"]
    assert (view.previous, view.following) == ("low-6.html", "low-8.html")


def test_an_empty_level_has_a_page_and_an_unknown_one_only_when_needed(generated: ModuleType) -> None:
    found = index(generated.Listed(()))
    assert [name for name, _ in level_pages(found, Level.HIGH)] == ["high.html"]
    assert "Unknown" not in [card.word for card in category_cards(found)]


def test_coverage_counts_known_servers_and_those_that_gave_nothing(generated: ModuleType) -> None:
    view = coverage_view(index(generated.catalogue()))
    assert view.summary == "Of five known servers, one gave nothing or not everything at the last crawl."
    assert [row.name for row in view.rows] == ["sealed-vault"]


def test_the_same_name_on_another_server_is_found_whatever_its_style(generated: ModuleType) -> None:
    """`cancelJob` and `cancel_job` are kin."""
    assert kin_key("cancelJob") == kin_key("cancel_job") == ("cancel", "job")
    found = index(generated.catalogue(servers=4, tools=30))
    entry = next(generated.catalogue(servers=1, tools=30).servers())
    facts = tool_facts(entry.tools[0], "x")
    rows, _ = elsewhere(facts, found)
    assert all(row.server != entry.name for row in rows)
    assert all(kin_key(row.name) == kin_key(facts.name) for row in rows)
