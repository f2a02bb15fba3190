"""The overrides file: everything wrong is listed with its line, and nothing that is read raises."""

from __future__ import annotations

import tomllib
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.overrides.blocks import join, split
from catalog.overrides.grammar import MAX_BLOCK, parse, render
from catalog.records import Override
from classifier.types import CATEGORIES, LEVELS, Category, Level

GOOD = """\
# Our corrections.

# Ada looked at the source of 2.0.
[[override]]
server = "jobs"
tool = "cancel_job"
fingerprint = "{}"
category = "Write"
risk = "Medium"
reason = "it only archives"
author = "Ada"
date = 2026-11-01
expires = 2027-11-01
""".format("a" * 64)

TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40).filter(str.strip)
RISKS = {
    category: [level for level in LEVELS if level.rank >= least.rank]
    for category, least in {
        Category.READ: Level.LOW, Category.WRITE: Level.LOW, Category.EXECUTE: Level.MEDIUM,
        Category.DESTRUCTIVE: Level.HIGH, Category.FINANCIAL: Level.HIGH,
    }.items()
}  # fmt: skip


@st.composite
def overrides(draw) -> Override:
    category = draw(st.sampled_from(CATEGORIES))
    made = draw(st.dates())
    return Override(
        server=draw(TEXT),
        tool=draw(TEXT),
        fingerprint=draw(st.text("0123456789abcdef", min_size=64, max_size=64)),
        category=category,
        risk=draw(st.sampled_from(RISKS[category])),
        reason=draw(TEXT),
        author=draw(TEXT),
        date=made,
        expires=draw(st.none() | st.dates(min_value=made)),
        any_server=draw(st.booleans()),
    )


def messages(text: str) -> list[tuple[int, str]]:
    return [(problem.line, problem.message) for problem in parse(text).problems]


def test_a_good_file_is_read_whole() -> None:
    (placed,) = parse(GOOD).entries
    assert parse(GOOD).problems == ()
    assert placed.override.expires == date(2027, 11, 1)
    assert placed.block.line == 4


@given(overrides())
def test_what_is_written_is_read_back_as_it_was_whatever_the_text(override: Override) -> None:
    text = "\n".join(render(override))
    assert [placed.override for placed in parse(text).entries] == [override]
    assert all(line.isprintable() for line in render(override))


@given(overrides())
def test_what_is_written_is_toml_to_any_other_reader(override: Override) -> None:
    (table,) = tomllib.loads("\n".join(render(override)))["override"]
    assert table["reason"] == override.reason


@given(
    st.lists(
        st.sampled_from([*GOOD.splitlines(), "[[override]]", 'x = """', "]]", "[a.b]", "# c", "", "\x00"])
    )
)
@settings(max_examples=200)
def test_no_mixture_of_lines_raises_and_its_lines_are_kept(lines: list[str]) -> None:
    text = "\n".join(lines)
    parsed = parse(text)
    assert join(*split(text)) == text
    assert all(1 <= problem.line <= max(1, len(lines)) for problem in parsed.problems)


@given(st.text(max_size=300))
def test_no_text_at_all_raises(text: str) -> None:
    parse(text)
    parse(f"[[override]]\n{text}")


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "[" * 20_000,
        "a = " + "1" * 5_000,
        "a = " + "{a=" * 5_000,
        'a = "' + "x" * (2 * MAX_BLOCK) + '"',
    ],
)
def test_a_monster_in_one_correction_is_an_error_with_a_line(text: str) -> None:
    assert messages(f"{GOOD}\n[[override]]\n{text}\n")[0][0] >= 14
    assert len(parse(f"{GOOD}\n[[override]]\n{text}\n").entries) == 1


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ('category = "Write"', 'category = "Delete"', 8, "category “Delete” is unknown: write Read, Write"),
        ('category = "Write"', 'category = "Unknown"', 8, "category “Unknown” is unknown"),
        ('risk = "Medium"', 'risk = "medium"', 9, "risk “medium” is unknown: write Low, Medium, High or Critical"),
        ('risk = "Medium"', "risk = 2", 9, "risk must be a text"),
        ('reason = "it only archives"\n', "", 4, "reason is missing"),
        ('reason = "it only archives"', 'reason = " "', 10, "reason is empty"),
        ('author = "Ada"', 'auther = "Ada"', 11, "“auther” is no key of a correction"),
        ("date = 2026-11-01", 'date = "2026-11-01"', 12, "date must be a day"),
        ("date = 2026-11-01", "date = 2026-11-01T10:00:00Z", 12, "date must be a day"),
        ("expires = 2027-11-01", "expires = 2025-11-01", 13, "expires on 2025-11-01, before its date"),
        ("expires = 2027-11-01", "any_server = 1", 13, "any_server must be true or false"),
        ('"' + "a" * 64 + '"', '"abc"', 7, "fingerprint must be the 64 hexadecimal digits"),
        ('author = "Ada"', 'author = "Ada', 11, "this is not TOML"),
        ('author = "Ada"', 'author = "Ada"\nauthor = "Bo"', 12, "this is not TOML"),
        ('author = "Ada"', 'author = "Ada"\n[other]', 4, "“other” is no table of this file"),
        ('author = "Ada"', 'author = "Ada"\n[["override"]]', 4, "several corrections"),
        ("# Our corrections.", "version = 1", 1, "only comments may stand above"),
    ],
)  # fmt: skip
def test_each_mistake_is_named_with_its_line(old: str, new: str, line: int, words: str) -> None:
    assert old in GOOD
    assert any(at == line and words in text for at, text in messages(GOOD.replace(old, new)))


@pytest.mark.parametrize(("category", "risk"), [("Destructive", "Low"), ("Financial", "Low")])
def test_a_level_that_the_codebook_never_allows_is_an_error(category: str, risk: str) -> None:
    """Codebook, "Risk": never below High, with `simulated` or `own_session` never below Medium."""
    text = GOOD.replace('"Write"', f'"{category}"').replace('"Medium"', f'"{risk}"')
    assert messages(text) == [
        (9, f"risk {risk} is below the codebook's floor: no {category} tool is below Medium")
    ]


def test_a_definition_that_is_corrected_twice_is_an_error() -> None:
    """Neither may win by its place in a file."""
    assert messages(f"{GOOD}\n{GOOD.replace('Medium', 'High')}") == [
        (18, "this definition is corrected twice: first in line 4")
    ]


def test_one_mistake_hides_no_other() -> None:
    broken = GOOD.replace('author = "Ada"', "author = ")
    text = "\n".join([broken, GOOD.replace('"Write"', '"Wrote"'), GOOD])
    assert [line for line, _ in messages(text)] == [11, 22]
    assert len(parse(text).entries) == 1


def test_a_lone_surrogate_is_refused_rather_than_changed(make) -> None:
    with pytest.raises(ValueError, match="half a character"):
        render(make.override(reason="\ud800"))
