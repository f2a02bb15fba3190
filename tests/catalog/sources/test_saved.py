"""Saved tools/list files (crawling.md, "Where definitions come from": full definitions, provenance snapshot)."""

import json
import os
from pathlib import Path

import pytest

from catalog.errors import NotDefinitions
from catalog.sources.saved import SavedListing, read_saved, server_name
from classifier.types import Provenance

TOOL = {"name": "paint", "description": "Paints a wall."}


def test_a_saved_result_is_one_server_called_after_the_file(write):
    folder = write({"painter.tools.json": json.dumps({"tools": [TOOL]})})
    (record,) = SavedListing().records(str(folder / "painter.tools.json"))
    assert (record.name, record.source, record.launch) == ("painter", "saved", None)
    assert [(tool.server, tool.name, tool.provenance) for tool in record.definitions] == [
        ("painter", "paint", Provenance.SNAPSHOT)
    ]


def test_rows_of_several_servers_become_several_records(write):
    rows = [{**TOOL, "server": "a"}, {**TOOL, "server": "b"}, {**TOOL, "name": "scrape", "server": "a"}]
    folder = write({"all.jsonl": "\n".join(json.dumps(row) for row in rows)})
    records = read_saved(folder / "all.jsonl")
    assert [(record.name, len(record.definitions)) for record in records] == [("a", 2), ("b", 1)]


def test_an_empty_listing_is_a_server_without_tools(write):
    folder = write({"empty.json": '{"tools": []}'})
    assert [(record.name, record.definitions) for record in read_saved(folder / "empty.json")] == [
        ("empty", ())
    ]


def test_another_json_is_refused_with_what_was_found_and_what_is_expected(write):
    folder = write({"package.json": '{"name-of-thing": 1, "scripts": {}}'})
    with pytest.raises(
        NotDefinitions, match="an object with the keys 'name-of-thing', 'scripts', but no tools"
    ) as error:
        SavedListing().records(str(folder / "package.json"))
    assert "tools/list" in error.value.hint


def test_a_pipe_can_be_read_as_well_as_a_file(tmp_path):
    """`catalog classify <(some command)` gives a path that is no regular file."""
    reading, writing = os.pipe()
    os.write(writing, json.dumps(TOOL).encode())
    os.close(writing)
    (record,) = read_saved(Path(f"/dev/fd/{reading}"), server="piped")
    os.close(reading)
    assert [tool.name for tool in record.definitions] == ["paint"]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("workflows-mcp.json", "workflows-mcp"),
        ("workflows-mcp.tools.json", "workflows-mcp"),
        ("git_tools_list.jsonl", "git"),
        ("servers/git/tools-list.json", "git"),
        ("servers/git/tools.json", "git"),
        ("mytools.json", "mytools"),
    ],
)
def test_the_servers_name_is_what_is_left_of_the_files(path, name):
    assert server_name(Path(path)) == name


def test_folders_and_missing_files_are_not_saved_listings(tmp_path):
    assert SavedListing().records(str(tmp_path)) is None
    assert SavedListing().records(str(tmp_path / "nothing.json")) is None


def test_a_listing_whose_last_page_names_a_next_one_is_not_taken_for_complete(write):
    """MCP, "Pagination": a `nextCursor` says that there is more."""
    page, last = {"tools": [TOOL], "nextCursor": "2"}, {"tools": [{"name": "scrape"}]}
    folder = write(
        {
            "part.json": json.dumps(page),
            "answer.json": json.dumps({"jsonrpc": "2.0", "id": 1, "result": page}),
            "whole.json": json.dumps([page, last]),
            "lines.jsonl": f"{json.dumps(page)}\n{json.dumps(last)}",
        }
    )
    unread = {name: read_saved(folder / name)[0].unread for name in ("part.json", "answer.json")}
    assert all("the list goes on (nextCursor)" in line for (line,) in unread.values())
    assert [read_saved(folder / name)[0].unread for name in ("whole.json", "lines.jsonl")] == [(), ()]


def test_a_listing_is_known_by_its_file(write, monkeypatch):
    folder = write({"lists/painter.json": json.dumps({"tools": [TOOL]})})
    monkeypatch.setenv("HOME", str(folder))
    (record,) = read_saved(folder / "lists" / "painter.json")
    assert record.origin == "file:~/lists/painter.json"
