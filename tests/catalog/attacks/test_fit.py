"""Which attacks a tool lends itself to (site.md, "Tool page", 8: by category, effects and modifiers)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.attacks import Profile, fitting, read_attacks
from classifier.labels import MODIFIERS
from classifier.rules import RULES
from classifier.types import CATEGORIES, Category

ATTACKS = read_attacks()


def tool(
    category: Category, *modifiers: str, words: tuple[str, ...] = (), rules: tuple[str, ...] = ()
) -> Profile:
    return Profile(
        category,
        frozenset({category}),
        frozenset(modifiers),
        frozenset(rules),
        frozenset(words),
        suspicious=False,
    )


def ids(profile: Profile) -> list[str]:
    return [fit.attack.id for fit in fitting(ATTACKS, profile)]


@pytest.mark.parametrize(
    ("profile", "first"),
    [
        (tool(Category.DESTRUCTIVE), "destructive-action-autonomy"),
        (tool(Category.READ, "ssrf"), "server-side-request-forgery"),
        (tool(Category.READ, "host_files"), "path-escape"),
        (tool(Category.EXECUTE, "host_shell"), "command-injection-in-a-server"),
        (tool(Category.WRITE, "access_change"), "confused-deputy"),
    ],
)
def test_the_weightiest_attack_comes_first(profile: Profile, first: str) -> None:
    assert ids(profile)[0] == first


def test_a_plain_read_fits_none() -> None:
    assert ids(tool(Category.READ)) == []


def test_reading_what_others_write_fits_injection_only_by_the_words_of_the_name() -> None:
    assert ids(tool(Category.READ, words=("list", "issues"), rules=("looks-up",))) == [
        "prompt-injection-through-tool-results"
    ]
    assert ids(tool(Category.READ, words=("list", "issues"))) == []


def test_a_simulated_removal_is_no_destructive_action() -> None:
    assert "destructive-action-autonomy" not in ids(tool(Category.DESTRUCTIVE, "simulated"))


def test_suspicious_text_alone_brings_tool_poisoning() -> None:
    profile = Profile(
        Category.READ, frozenset({Category.READ}), frozenset(), frozenset(), frozenset(), suspicious=True
    )
    assert ids(profile) == ["tool-poisoning"]


@given(
    st.sampled_from(CATEGORIES),
    st.frozensets(st.sampled_from(sorted(MODIFIERS)), max_size=4),
    st.frozensets(st.sampled_from([rule.id for rule in RULES]), max_size=4),
)
def test_fits_are_ordered_and_each_attack_stands_once(
    category: Category, modifiers: frozenset[str], rules: frozenset[str]
) -> None:
    found = fitting(
        ATTACKS, Profile(category, frozenset({category}), modifiers, rules, frozenset(), suspicious=False)
    )
    assert len({fit.attack.id for fit in found}) == len(found)
    weights = [fit.match.weight for fit in found]
    assert weights == sorted(weights, reverse=True)
