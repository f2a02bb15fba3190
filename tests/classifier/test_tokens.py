"""Cutting names and texts into words."""

from __future__ import annotations

import time

import pytest

from classifier.tokens import name_tokens, plain, sentence_spans, stem, whole, words


@pytest.mark.parametrize(
    ("name", "tokens"),
    [
        ("get_user", ("get", "user")),
        ("getUserByID", ("get", "user", "by", "id")),
        ("list-open.pull/requests", ("list", "open", "pull", "requests")),
        ("HTTPServerStart", ("http", "server", "start")),
        ("d1_query_v2", ("d1", "query", "v2")),
        ("删除_file", ("删除", "file")),
        ("___", ()),
    ],
)
def test_a_name_is_cut_at_every_style_of_word_end(name: str, tokens: tuple[str, ...]) -> None:
    """Our decision: snake, kebab, camel, dots, slashes and digits."""
    assert name_tokens(name) == tokens


def test_look_alike_letters_and_hidden_characters_do_not_hide_a_word() -> None:
    """A hostile name: Cyrillic letters in `delete`, a zero-width space in `drop`."""
    assert name_tokens("d\u0435l\u0435te_dr\u200bop") == ("delete", "drop")


def test_cyrillic_prose_is_left_alone() -> None:
    """Folding is for disguised Latin words, not for other languages."""
    assert plain("Удаляет файл") == "Удаляет файл"


def test_sentences_end_at_marks_blank_lines_and_lists() -> None:
    """Evidence quotes a sentence, so it must be a sentence."""
    text = "Stop a job. It is lost!\n\nArgs:\n  id: which\n- one more"
    assert [text[a:b] for a, b in sentence_spans(text, 9)] == [
        "Stop a job.",
        "It is lost!",
        "Args:\n  id: which",
        "- one more",
    ]


def test_stems_join_the_forms_of_a_word() -> None:
    """Verbs get their dictionary form, plurals their singular, numbers one sign."""
    assert [stem(word) for word in ("deletes", "deleting", "issues", "class", "42")] == [
        "delete",
        "delete",
        "issue",
        "class",
        "0",
    ]


def test_lone_surrogates_are_replaced_one_for_one() -> None:
    """Offsets of quotations stay right on text that no encoding can carry."""
    assert whole("a\ud800b") == "a\ufffdb"


def test_words_of_a_megabyte_take_time_in_proportion() -> None:
    """Linear in the text: ten times the text takes nowhere near a hundred times as long."""
    started = time.process_time()
    words("aA." * 30_000)
    small = time.process_time() - started
    started = time.process_time()
    words("aA." * 300_000)
    assert time.process_time() - started < 40 * small + 0.5
