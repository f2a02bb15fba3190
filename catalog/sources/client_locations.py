"""Where MCP clients keep their configurations, per operating system and scope."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Location:
    """A file that a client reads. `scope` is `user` or `project`."""

    client: str
    scope: str
    path: Path


# {config} is where applications keep settings: Application Support, ~/.config or %APPDATA%.
_CLIENTS: Final = (
    ("Claude Desktop", "user", "{config}/Claude/claude_desktop_config.json"),
    ("Claude Code", "user", "{home}/.claude.json"),
    ("Claude Code", "project", "{project}/.mcp.json"),
    ("Cursor", "user", "{home}/.cursor/mcp.json"),
    ("Cursor", "project", "{project}/.cursor/mcp.json"),
    ("VS Code", "user", "{config}/Code/User/mcp.json"),
    ("VS Code", "user", "{config}/Code/User/settings.json"),
    ("VS Code", "project", "{project}/.vscode/mcp.json"),
    ("VS Code", "project", "{project}/.vscode/settings.json"),
    ("GitHub Copilot", "user", "{home}/.copilot/mcp-config.json"),
    ("Windsurf", "user", "{home}/.codeium/windsurf/mcp_config.json"),
    ("Gemini CLI", "user", "{home}/.gemini/settings.json"),
    ("Gemini CLI", "project", "{project}/.gemini/settings.json"),
    ("Kiro", "user", "{home}/.kiro/settings/mcp.json"),
    ("Kiro", "project", "{project}/.kiro/settings/mcp.json"),
    ("Amazon Q", "user", "{home}/.aws/amazonq/mcp.json"),
    ("Amazon Q", "project", "{project}/.amazonq/mcp.json"),
    ("Augment", "user", "{home}/.augment/settings.json"),
    ("Codex", "user", "{home}/.codex/config.toml"),
    ("Codex", "project", "{project}/.codex/config.toml"),
)
_CONFIG_FOLDERS: Final = {"Darwin": "Library/Application Support", "Windows": "AppData/Roaming"}

FILE_NAMES: Final = frozenset(template.rsplit("/", 1)[-1] for _, _, template in _CLIENTS)


def known_locations(system: str, home: Path, project: Path) -> tuple[Location, ...]:
    """All files that clients would read on `system` (`Darwin`, `Linux`, `Windows`), existing or not."""
    bases = {"config": home / _CONFIG_FOLDERS.get(system, ".config"), "home": home, "project": project}
    return tuple(
        Location(client, scope, bases[base.strip("{}")] / rest)
        for client, scope, base, rest in ((*row[:2], *row[2].split("/", 1)) for row in _CLIENTS)
    )
