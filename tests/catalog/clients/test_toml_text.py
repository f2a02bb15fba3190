"""TOML configs as people write them (TOML 1.0: inline tables, dotted keys, tables in any order)."""

from __future__ import annotations

import pytest

from catalog.clients.config_file import ConfigFile
from catalog.clients.entries import is_guarded
from catalog.clients.wrap import unwrapping


@pytest.mark.parametrize(
    "text",
    [
        'mcp_servers.lamp.command = "lampd"\nmcp_servers.lamp.args = []\nmodel = "x"\n',
        'mcp_servers = { lamp = { command = "lampd", args = ["a"] }, desk = { command = "deskd" } }\n',
        '[mcp_servers]\nlamp = { command = "lampd" } # short\n\n[mcp_servers.desk]\nargs = []\ncommand = "deskd"\n',
        '[mcp_servers.lamp.env]\nA = "1"\n\n[other]\nx = 1\n\n[mcp_servers.lamp]\ncommand = "lampd"\n',
        '[mcp_servers."a b"]\ncommand = \'C:\\lampd\'\nargs = [ "x",\n  # what for\n  "y" ]\n',
        '[mcp_servers.desk]\nurl = "https://desk.example/mcp"\n\n[mcp_servers.desk.http_headers]\nX-Key = "k"\n',
        '[mcp_servers.lamp]\r\ncommand = "lampd"\r\nargs = [\r\n  "a",\r\n]\r\n',
    ],
)
def test_every_form_of_a_table_is_wrapped_and_put_back(tmp_path, wrapped, launches, text):
    path = tmp_path / "config.toml"
    path.write_bytes(text.encode())
    before = launches(path)
    backup = wrapped(path)
    assert all(is_guarded(entry) for _, entry in ConfigFile.read(path).servers.values())
    assert launches(path) == before
    assert unwrapping(ConfigFile.read(path)).text.encode() == text.encode()
    backup.unlink()
    path.write_text(unwrapping(ConfigFile.read(path)).text)
    assert launches(path) == before
