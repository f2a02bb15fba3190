"""English around words from data: the examples are the cases the site's sentences meet."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.site import language as lang


@pytest.mark.parametrize(
    ("noun", "wanted"),
    [
        ("job", "a job"), ("invoice", "an invoice"), ("hour", "an hour"), ("hourly report", "an hourly report"), ("user", "a user"),
        ("unit", "a unit"), ("unread message", "an unread message"), ("API key", "an API key"), ("URL", "a URL"), ("SQL query", "an SQL query"),
        ("MCP server", "an MCP server"), ("one-time token", "a one-time token"), ("UI test", "a UI test"), ("europe map", "a europe map"),
        ("jobs", "jobs"), ("data", "data"), ("status", "a status"), ("file", "a file"),
    ],
)  # fmt: skip
def test_the_article_follows_the_sound(noun: str, wanted: str) -> None:
    assert lang.with_article(noun) == wanted


@pytest.mark.parametrize(
    ("noun", "wanted"),
    [("job", "jobs"), ("entry", "entries"), ("key", "keys"), ("box", "boxes"), ("branch", "branches"), ("person", "people"),
     ("further tool", "further tools"), ("index", "indexes"), ("wiki page", "wiki pages")],
)  # fmt: skip
def test_plurals(noun: str, wanted: str) -> None:
    assert lang.plural(noun) == wanted


@pytest.mark.parametrize(
    ("noun", "many"),
    [("jobs", True), ("status", False), ("analysis", False), ("address", False), ("people", True)],
)
def test_a_plural_is_recognised(noun: str, many: bool) -> None:
    assert lang.is_plural(noun) is many


@pytest.mark.parametrize(
    ("count", "wanted"), [(0, "no tools"), (1, "one tool"), (12, "twelve tools"), (1024, "1,024 tools")]
)
def test_counts_are_spelt_as_prose_spells_them(count: int, wanted: str) -> None:
    assert lang.counted(count, "tool") == wanted


@pytest.mark.parametrize(
    ("items", "wanted"),
    [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c"), (list("abcd"), "a, b, c and d"),
     (list("abcde"), "a, b, c and two more")],
)  # fmt: skip
def test_a_brief_list_never_leaves_out_just_one(items: list[str], wanted: str) -> None:
    assert lang.listed_briefly(items) == wanted


@given(st.text(max_size=60))
def test_a_sentence_ends_with_exactly_one_stop(text: str) -> None:
    made = lang.sentence(text)
    assert not made or (made[-1] in ".!?…" and not made.endswith((",.", "..", ":.", ";.")))


def test_a_sentence_is_said_once() -> None:
    seen: set[str] = set()
    assert lang.unrepeated(["It ends.", "", "It ends.", "It begins."], seen) == ["It ends.", "It begins."]
    assert lang.unrepeated(["It begins."], seen) == []


def test_a_name_in_running_text_cannot_bring_its_own_marks() -> None:
    """The marks are private-use characters, which `visible` spells out (catalog.visible)."""
    wrapped = lang.code(f"a{lang.CODE_END}b\n{lang.CODE_START}")
    assert wrapped.count(lang.CODE_END) == wrapped.count(lang.CODE_START) == 1
    assert lang.plain(wrapped) == "`a‹U+E001›b ‹U+E000›`"
