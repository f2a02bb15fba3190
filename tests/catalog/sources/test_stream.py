"""The in-and-out form of `--input` (issue: "in: JSON Lines or a JSON list"; stable, streaming, order kept)."""

import io
import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.errors import NotDefinitions
from catalog.sources.stream import MAX_BYTES, UNKNOWN_SERVER, read_definitions
from classifier.types import Provenance

ROW = {
    "id": 7,
    "server": "lamps",
    "name": "switch_on",
    "description": "Turns a lamp on.",
    "colour": "ignored",
}
OTHER = {"name": "switch_off", "inputSchema": {"type": "object"}}


def read(data):
    return list(read_definitions(io.BytesIO(data), "rows"))


def names(data):
    return [row.definition.name for row in read(data)]


def lines(*rows):
    return b"\n".join(json.dumps(row).encode() for row in rows)


def test_json_lines_keep_order_echo_ids_and_ignore_unknown_keys():
    first, second = read(lines(ROW, OTHER))
    assert (first.id, first.definition.server, first.definition.name) == (7, "lamps", "switch_on")
    assert first.definition.description == "Turns a lamp on."
    assert (second.id, second.definition.server) == (None, UNKNOWN_SERVER)
    assert second.definition.provenance is Provenance.GIVEN


@pytest.mark.parametrize("row_id", ["a", 0, 1.5, True, None, "ключ"])
def test_an_id_may_be_any_json_scalar(row_id):
    assert read(lines({**OTHER, "id": row_id}))[0].id == row_id


def test_a_list_over_many_lines_is_read_whole():
    assert names(json.dumps([ROW, OTHER], indent=2).encode()) == ["switch_on", "switch_off"]


def test_an_object_with_tools_over_many_lines_is_read_whole():
    assert names(json.dumps({"tools": [ROW, OTHER]}, indent=2).encode()) == ["switch_on", "switch_off"]


def test_one_row_over_many_lines_is_read_whole():
    assert names(b"\n\n" + json.dumps(ROW, indent=2).encode()) == ["switch_on"]


def test_a_json_rpc_response_and_a_list_of_pages_are_unwrapped():
    """MCP, "Listing Tools": the result carries `tools`; a client that follows the cursor has several."""
    pages = [{"jsonrpc": "2.0", "id": n, "result": {"tools": [tool]}} for n, tool in enumerate((ROW, OTHER))]
    assert names(lines(pages[0])) == ["switch_on"]
    assert names(lines(pages)) == names(lines(*pages)) == ["switch_on", "switch_off"]


def test_a_page_may_name_the_server_of_its_tools():
    assert read(lines({"server": "lamps", "tools": [OTHER]}))[0].definition.server == "lamps"


def test_a_row_that_has_an_unknown_key_called_tools_stays_a_row():
    assert names(lines({**OTHER, "tools": ["hammer"]})) == ["switch_off"]


def test_snake_case_schemas_of_python_dumps_are_taken():
    row = read(lines({"name": "a", "input_schema": {"type": "object"}}))[0]
    assert row.definition.input_schema == {"type": "object"}


def test_blank_lines_are_skipped_and_an_empty_list_is_no_error():
    assert names(b"\n \n" + lines(ROW) + b"\r\n\r\n" + lines(OTHER)) == ["switch_on", "switch_off"]
    assert names(b"[]") == names(b'{"tools": []}') == []


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_byte_order_marks_and_wide_encodings_are_understood(encoding):
    """RFC 8259, 8.1 asks for UTF-8, but Windows shells write UTF-16."""
    text = "\n".join(json.dumps(row, ensure_ascii=False) for row in (ROW, {"name": "größe\u2028"}))
    assert names(text.encode(encoding)) == ["switch_on", "größe\u2028"]


def test_rows_are_given_as_they_come_and_before_an_error():
    """Our decision: a broken line ends the stream there; what stood before it has been given."""
    rows = read_definitions(io.BytesIO(lines(ROW) + b"\n{broken\n" + lines(OTHER)), "rows")
    assert next(rows).definition.name == "switch_on"
    with pytest.raises(NotDefinitions, match=r"^rows:2: ") as error:
        next(rows)
    assert error.value.hint


def test_the_second_line_is_not_read_before_the_first_is_given():
    stream = io.BytesIO(lines(ROW) + b"\n" + lines(OTHER))
    next(read_definitions(stream, "rows"))
    assert stream.readline().strip() == lines(OTHER)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "rows is empty"),
        (b" \n\n", "rows is empty"),
        (b"42", "rows:1: a number, not tool definitions"),
        (b"[1]", "rows:1: item 1: a number"),
        (b"[[]]", "item 1: a list"),
        (b'{"users": [], "page": 3}', "an object with the keys 'users', 'page', but no tools"),
        (b"{}", "an empty object"),
        (b'{"jsonrpc": "2.0", "id": 1, "error": {"code": -32601}}', "an error response of a server"),
        (b'{"tools": [3]}', "tool 1 is a number, not an object"),
        (b'{"tools": [{"description": "x"}]}', "rows:1: tool 1: the tool has no name"),
        (b'{"name": "a", "name": "b"}', "the key 'name' stands twice in one object"),
        (b'{"name": "a", "weight": NaN}', "NaN is not a JSON number"),
        (b'{"name": "a", "weight": 1e999}', "too large"),
        (b'{"name": "a", "weight": ' + b"9" * 5000 + b"}", "rows:1: "),
        (b'{"name": "a", "inputSchema": ' + b"[" * 50_000, "nested too deeply"),
        (b'{"name": "a", "description": 3}', "`description` of tool 'a' must be a string"),
        (b'{"name": \xff}', "byte 9 is not UTF-8"),
        (b'{"tools": [\n{"name": "a"}\n"b"]}', "rows:3:1"),
        (b'{"tools": [', "rows:1"),
    ],
)
def test_what_is_no_definition_is_refused_with_its_place(data, said):
    with pytest.raises(NotDefinitions) as error:
        read(data)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_a_value_longer_than_the_limit_is_refused():
    """A file of 200 MB is not loaded to see what it is; JSON Lines of any length are."""
    with pytest.raises(NotDefinitions, match="rows:1: more than 64 MiB in one JSON value"):
        read(b'{"name": "' + b"x" * MAX_BYTES)
    with pytest.raises(NotDefinitions, match="rows: more than 64 MiB in one JSON value"):
        read(b"[\n" + (b" " * (1 << 20) + b"\n") * 65)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["name", "tools", "result", "inputSchema", "server", "x"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@given(JSON.map(json.dumps).map(str.encode) | st.binary(max_size=60))
def test_no_input_raises_anything_but_the_trees_error(data):
    """Brief of the sources: every failure is a clear error of the catalogue's tree."""
    with suppress(NotDefinitions):
        assert all(row.definition.name for row in read(data))
