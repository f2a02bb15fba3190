"""Whole sets of servers for `catalog crawl --source` (product.md: bundled, config, list FILE)."""

import pytest

from catalog.errors import ConfigError
from catalog.sources.sets import bundled, listed


def test_the_bundled_set_is_the_whole_index():
    names = [record.name for record in bundled()]
    assert "workflows-mcp" in names
    assert len(names) == len(set(names)) >= 80


def test_a_list_file_has_a_target_on_a_line_and_comments(write):
    text = "# mine\n\nworkflows-mcp  # the first\r\n  pypi:lamp-mcp@1\nhttps://x.example/mcp#part\n"
    folder = write({"servers.txt": b"\xef\xbb\xbf" + text.encode()})
    assert [record.name for record in listed(folder / "servers.txt")] == [
        "workflows-mcp",
        "lamp-mcp",
        "x.example",
    ]


def test_a_line_that_nobody_understands_is_named(write):
    folder = write({"servers.txt": "workflows-mcp\nworkflow-mcp\n"})
    with pytest.raises(ConfigError, match=r"servers\.txt:2: no server is known as 'workflow-mcp'") as error:
        listed(folder / "servers.txt")
    assert "workflows-mcp" in error.value.hint


def test_a_list_that_is_not_there_or_is_a_folder_is_one_clear_error(tmp_path):
    with pytest.raises(ConfigError, match="no such file"):
        listed(tmp_path / "none.txt")
    with pytest.raises(ConfigError, match="is a directory"):
        listed(tmp_path)
