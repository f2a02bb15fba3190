"""The main act of names and sentences."""

from __future__ import annotations

import pytest

from classifier.act import Act, act_of, act_of_name, act_of_text
from classifier.tokens import name_tokens
from classifier.types import ToolDefinition


@pytest.mark.parametrize(
    ("name", "verb"),
    [
        ("cancel_job", "cancel"),
        ("deleteUserAccount", "delete"),
        ("kv_namespace_delete", "delete"),
        ("VPS_deletePTRRecordV1", "delete"),
        ("get-deleted-items", "get"),
        ("message_delete", "delete"),
        ("list_orders", "list"),
        ("files.upload", "upload"),
        ("repo/create", "create"),
    ],
)
def test_the_verb_of_a_name_in_any_style(name: str, verb: str) -> None:
    """Codebook rule 14: every token counts; in noun_verb names the last verb wins."""
    act = act_of_name(name_tokens(name))
    assert act is not None
    assert act.verb == verb


def test_a_name_of_nouns_has_no_act() -> None:
    """Codebook rule 14: nouns never decide."""
    assert act_of_name(name_tokens("weather_by_city")) is None


@pytest.mark.parametrize(
    ("sentence", "verb", "thing"),
    [
        ("Cancel a queued job.", "cancel", "queued job"),
        ("This tool allows you to delete a project.", "delete", "project"),
        ("[Beta] Creates new issues in a repository.", "create", "issues"),
        ("Use this tool to send an e-mail to a customer", "send", "e-mail"),
        ("Soft-delete a survey.", "delete", "survey"),
        ("Elimina un archivo", "delete", "un archivo"),
    ],
)
def test_verb_and_object_of_a_first_sentence(sentence: str, verb: str, thing: str) -> None:
    """Architecture of the classifier: main act and its object, preamble left out."""
    assert act_of_text(sentence, "description", first=True) == Act(verb, thing, "description")


def test_an_enumeration_of_acts_is_read_whole() -> None:
    """Codebook rule 4: several stated effects."""
    act = act_of_text("Create, update or delete a webhook.", "description", first=True)
    assert act is not None
    assert (act.verb, act.also, act.object) == ("create", ("update", "delete"), "webhook")


@pytest.mark.parametrize(
    ("sentence", "verb"),
    [("删除指定的文件", "delete"), ("파일을 삭제합니다", "delete"), ("ジョブをキャンセルします", "cancel")],
)
def test_the_verb_of_a_sentence_without_blanks(sentence: str, verb: str) -> None:
    """Chinese, Korean and Japanese descriptions must not fall to Read."""
    act = act_of_text(sentence, "description", first=True)
    assert act is not None
    assert act.verb == verb


def test_the_description_is_asked_before_the_name() -> None:
    """Codebook rule 2: explicit text beats the name."""
    assert act_of(ToolDefinition("demo", "remove_page", description="Archive a page.")).verb == "archive"


def test_a_definition_without_any_verb_has_its_name_as_object() -> None:
    """`act_of` is total: pages are composed from it."""
    assert act_of(ToolDefinition("demo", "weather")) == Act("", "weather", "name")
