"""The words that names, texts and queries are made of."""

import pytest

from catalog.db.words import MAX_QUERY_WORDS, name_words, query_phrases, text_words


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("cancel_job", "cancel job"),
        ("kv-namespace.delete", "kv namespace delete"),
        ("createIssue", "createissue create issue"),
        ("HTTPServerStop", "httpserverstop http server stop"),
        ("v2", "v2"),
        ("***", ""),
    ],
)
def test_a_name_is_split_at_its_separators_and_humps(name, words):
    assert name_words(name) == words


def test_accents_and_case_are_folded():
    assert text_words("Straße CAFÉ ﬁle") == "strasse cafe file"


def test_characters_of_unspaced_scripts_are_words_of_their_own():
    assert text_words("请删除 file") == "请 删 除 file"
    assert query_phrases("删除 file") == (("删", "除"), ("file",))


def test_a_query_of_signs_has_no_phrases():
    assert query_phrases('"*" -- ()') == ()


def test_a_query_has_an_end():
    assert len(query_phrases("a " * 1000)) == MAX_QUERY_WORDS
