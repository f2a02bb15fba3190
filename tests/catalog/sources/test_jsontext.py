"""Reading outside JSON: strictly for definitions, leniently for configs (crawling.md, client configs)."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.sources import jsontext


def test_configs_may_have_comments_and_trailing_commas():
    text = '{\n  // the lamp\n  "lamp": [1, 2,], /* and\n more */ "url": "http://x//y",\n}'
    assert jsontext.lenient(text) == {"lamp": [1, 2], "url": "http://x//y"}


@pytest.mark.parametrize("read", [jsontext.strict, jsontext.lenient])
def test_a_syntax_error_has_its_line_and_column(read):
    with pytest.raises(jsontext.JsonTextError) as error:
        read('{\n  "a": 1,\n  "b": }\n}')
    assert (error.value.line, error.value.column) == (3, 8)
    assert error.value.at("x.json").startswith("x.json:3:8: ")


def test_a_text_that_ends_too_soon_says_so():
    with pytest.raises(jsontext.JsonTextError) as error:
        jsontext.strict('{"a": [1, ')
    assert error.value.incomplete


def test_a_large_machine_written_file_is_not_given_to_the_slow_reader():
    """Our decision: json5 takes seconds for megabytes, and nobody writes comments into those."""
    with pytest.raises(jsontext.JsonTextError) as error:
        jsontext.lenient("[" + "1," * jsontext.LENIENT_LIMIT + "]")
    assert error.value.column > jsontext.LENIENT_LIMIT


@given(st.text(alphabet='{}[]",:/*1ae.\\\n -', max_size=40) | st.text(max_size=20))
def test_any_text_is_a_value_or_the_one_error(text):
    for read in (jsontext.strict, jsontext.lenient):
        with suppress(jsontext.JsonTextError):
            read(text)


@given(st.binary(max_size=40))
def test_any_bytes_are_text_or_the_one_error(data):
    with suppress(jsontext.JsonTextError):
        assert not jsontext.decode(data).startswith("\ufeff")
