"""Configs of the clients, and a way to put them behind a gateway and back."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from catalog.clients.config_file import ConfigFile
from catalog.clients.gateway_command import GatewayCommand
from catalog.clients.policies import Chosen
from catalog.clients.wrap import Rewriting, Wrapping, write
from catalog.sources.client_configs import read_config

POLICY = Path("/policies/one.json")

CONFIGS = {
    "claude_desktop_config.json": """\
{
  "globalShortcut": "",
  "mcpServers": {
    "lamp": {
      "command": "npx",
      "args": [
        "-y",
        "@acme/lamp"
      ],
      "env": {
        "LAMP_KEY": "s3cret"
      }
    },
    "plain": {
      "command": "/opt/plaind"
    }
  }
}
""",
    ".claude.json": """\
{
  "numStartups": 7,
  "mcpServers": {"lamp": {"type": "stdio", "command": "lampd", "args": [], "env": {}}},
  "projects": {
    "/home/ada/shop": {
      "history": [{"display": "a \\"quoted\\" } text"}],
      "mcpServers": {"desk": {"type": "http", "url": "https://desk.example/mcp", "headers": {"Authorization": "Bearer s3cret"}}}
    }
  }
}
""",
    "mcp.json": """\
{
  // VS Code: servers and inputs
  "inputs": [{"type": "promptString", "id": "key", "password": true}],
  "servers": {
    "lamp": {
      "type": "stdio",
      "command": "uvx", // the runner
      "args": [
        "--with", "mcp<2", /* an older SDK */
        "lamp-mcp",
      ],
      "cwd": "${workspaceFolder}",
      "env": {"KEY": "${input:key}",},
      "dev": {"watch": "src/**"},
    },
    "desk": {"type": "http", "url": "https://desk.example/mcp", "headers": {"X-Key": "${input:key}"}},
  },
}
""",
    "settings.json": """\
{"theme": "Dark", "mcpServers": {"lamp": {"command":"python","args":["-m","lamp"],"trust":false,"timeout":5000},
 'desk': {httpUrl: "https://desk.example/mcp", headers: {'X-Key': "$KEY"}, "includeTools": ["a"]}}}""",
    "mcp_config.json": """\
{\r
\t"mcpServers": {\r
\t\t"lamp": {\r
\t\t\t"args": ["lamp"],\r
\t\t\t"command": "docker",\r
\t\t\t"alwaysAllow": ["on"]\r
\t\t},\r
\t\t"desk": {\r
\t\t\t"serverUrl": "https://desk.example/mcp"\r
\t\t}\r
\t}\r
}\r
""",
    "config.toml": """\
# Codex
model = "x"

[mcp_servers.lamp]
command = "npx" # the runner
args = [
    "-y", # yes
    "@acme/lamp",
]
startup_timeout_sec = 20

[mcp_servers.lamp.env]
LAMP_KEY = "s3cret"

[mcp_servers.plain]
command = "plaind"
enabled_tools = ["a", "b"]

[mcp_servers.desk]
url = "https://desk.example/mcp"
tool_timeout_sec = 60
http_headers = { "X-Key" = "s3cret" }

[profiles.fast]
model = "y"
""",
}


def plan(path: Path, *names: str) -> Rewriting:
    gateway = GatewayCommand("sqlite:////data/catalog.sqlite")
    return Wrapping(gateway, lambda _: Chosen(POLICY), names).plan(ConfigFile.read(path))


@pytest.fixture
def wrapped() -> Callable[..., Path]:
    """Put the servers of a config, or those named, behind a gateway; the backup's path."""
    return lambda path, *names: write(plan(path, *names))


@pytest.fixture(params=CONFIGS)
def config(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Each client's config in turn."""
    path = tmp_path / request.param
    path.write_bytes(CONFIGS[request.param].encode())
    return path


@pytest.fixture
def configured(tmp_path: Path) -> Callable[..., Path]:
    """A config with these entries, as plain JSON."""

    def written(**entries: Any) -> Path:
        path = tmp_path / "mcp.json"
        path.write_text(json.dumps({"mcpServers": entries}, indent=2))
        return path

    return written


@pytest.fixture
def launches() -> Callable[[Path], dict[str, Any]]:
    """What a crawl would start for each server of a config."""
    return lambda path: {record.name: record.launch for record in read_config(path) or ()}


@pytest.fixture
def planned() -> Callable[..., Rewriting]:
    """What putting a config's servers behind a gateway would mean."""
    return plan
