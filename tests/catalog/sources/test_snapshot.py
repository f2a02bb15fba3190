"""Snapshots hold facts and no sentence of anybody's text (crawling.md, "bundled")."""

import io
import json
import subprocess
import sys

from hypothesis import given
from hypothesis import strategies as st

from catalog.resources import DATA
from catalog.sources import snapshot
from catalog.sources.stream import read_definitions
from classifier.definition import parse

PROSE = "A sentence that somebody wrote."
TOOL = {
    "name": "dim",
    "title": PROSE,
    "description": PROSE,
    "inputSchema": {
        "type": "object",
        "title": PROSE,
        "description": PROSE,
        "properties": {
            "description": {"type": "string", "description": PROSE, "default": PROSE, "examples": [PROSE]},
            "level": {"type": "integer", "minimum": 0, "default": 3, "$comment": PROSE},
            "mode": {"enum": ["slow", "fast"], "x-help": PROSE},
            "rooms": {
                "type": "array",
                "items": {"anyOf": [{"type": "string", "title": PROSE}, {"type": "null"}]},
            },
        },
        "required": ["level"],
        "additionalProperties": False,
    },
    "annotations": {"title": PROSE, "readOnlyHint": False},
}


def test_names_types_and_bounds_stay_and_prose_goes():
    assert snapshot.without_prose(TOOL["inputSchema"]) == {
        "type": "object",
        "properties": {
            "description": {"type": "string"},
            "level": {"type": "integer", "minimum": 0, "default": 3},
            "mode": {"enum": ["slow", "fast"]},
            "rooms": {"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "null"}]}},
        },
        "required": ["level"],
        "additionalProperties": False,
    }


def test_a_snapshot_is_read_back_as_it_was_written_with_descriptions_unread(tmp_path):
    path = tmp_path / "lamp.json"
    facts = snapshot.facts([parse(TOOL, server="lamp")], "1.0", "2026-11-25")
    path.write_text(snapshot.as_text(facts), encoding="utf-8")
    (tool,) = snapshot.read(path, "lamp")
    assert PROSE not in path.read_text(encoding="utf-8")
    assert (tool.server, tool.name, tool.title, tool.description, tool.description_unread) == (
        "lamp",
        "dim",
        None,
        None,
        True,
    )
    assert tool.annotations == {"readOnlyHint": False}
    assert snapshot.label(path) == "1.0, 2026-11-25"


def test_maintainers_refresh_one_from_a_saved_listing(tmp_path):
    command = [sys.executable, "-m", "catalog.sources.snapshot", "lamp", "2.0"]
    made = subprocess.run(
        command, input=json.dumps({"tools": [TOOL]}), capture_output=True, text=True, check=True
    )
    assert json.loads(made.stdout)["tools"][0]["name"] == "dim"


def test_no_bundled_snapshot_holds_a_key_that_could_hold_prose():
    """Every word in them is a name, a type, a number or an enumerated value."""
    for path in (DATA / "servers" / "snapshots").glob("*.json"):
        for row in read_definitions(io.BytesIO(path.read_bytes()), path.name):
            tool = row.definition
            assert tool.title is None, path.name
            assert tool.description is None, path.name
            assert tool.input_schema == snapshot.without_prose(tool.input_schema), (path.name, tool.name)


SCHEMA = st.recursive(
    st.booleans() | st.text(max_size=5) | st.integers(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["type", "items", "properties", "anyOf", "description", "default", "title"]),
            inner,
        )
    ),
    max_leaves=20,
)


@given(SCHEMA)
def test_reducing_twice_changes_nothing_more(schema):
    once = snapshot.without_prose(schema)
    assert snapshot.without_prose(once) == once
