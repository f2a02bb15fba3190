"""Slugs: safe on every file system, unique, stable (site.md, "Addresses")."""

from __future__ import annotations

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.site.slugs import MAX_SLUG, RESERVED, slugs

AWKWARD = st.one_of(
    st.text(max_size=40),
    st.text(alphabet="aAbB-_./\\ ", min_size=1, max_size=6),
    st.sampled_from(
        [
            "con",
            "CON",
            "nul.txt",
            "..",
            "../../etc/passwd",
            "index",
            "policy",
            "a" * 500,
            "💥",
            "ÄÖ",
            "删除",
            "\ud800",
            "lpt1",
        ]
    ),
)


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("cancel_job", "cancel_job"),
        ("list-containers", "list-containers"),
        ("getTokenPrice", "get-token-price"),
        ("@scope/server.name", "scope-server-name"),
        ("Überblick", "uberblick"),
        ("index-2nd", "index-2nd"),
    ],
)
def test_an_ordinary_name_keeps_a_readable_address(name: str, slug: str) -> None:
    assert slugs([name]) == [slug]


@pytest.mark.parametrize(
    "name", ["con", "NUL", "com1", "index", "policy", "删除", "...", "../..", "index-2", "x" * 73]
)
def test_a_name_that_is_no_address_gets_a_fingerprint(name: str) -> None:
    assert re.fullmatch(r"[a-z0-9_-]+-[0-9a-f]{8}", slugs([name])[0])


@given(st.lists(AWKWARD, max_size=30))
def test_slugs_are_plain_ascii_and_unique_under_case_folding(names: list[str]) -> None:
    made = slugs(names)
    assert len({slug.casefold() for slug in made}) == len(names)
    for slug in made:
        assert 0 < len(slug) <= MAX_SLUG
        assert set(slug) <= set(string.ascii_lowercase + string.digits + "_-")
        assert slug not in RESERVED


@given(st.lists(AWKWARD, max_size=20), st.lists(AWKWARD, max_size=10))
def test_names_that_come_later_change_no_address(early: list[str], late: list[str]) -> None:
    assert slugs([*early, *late])[: len(early)] == slugs(early)


def test_case_twins_have_two_addresses_of_which_the_first_is_plain() -> None:
    first, second = slugs(["Search", "search"])
    assert first == "search"
    assert second.startswith("search-")
