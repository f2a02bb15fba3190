"""A client's config as it stands on the disk: its bytes, its servers, and writing it anew.

A config may hold secrets: whatever is written gets the mode that the config has. Where the config is a link,
the file that it leads to is written, and the link stays.
"""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from catalog.clients import changes, json_text, toml_text
from catalog.errors import ConfigError, NotDefinitions, OutputError
from catalog.files import output_error
from catalog.sources import paths
from catalog.sources.client_configs import MAX_BYTES, parsed, server_maps

if TYPE_CHECKING:
    from catalog.clients.changes import Edits
    from catalog.sources.client_configs import Place

_MARK: Final = "\ufeff"
_DIGITS: Final = 12  # hex digits of a digest
_BACKUP: Final = ".before-gateway."
_EXPECTED: Final = (
    'name the file that holds the servers: JSON with "mcpServers" (or "servers"), or the config.toml of Codex'
)


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """What was read: `path` as it was named, `real` where it leads, `text` with a byte order mark if it had one."""

    path: Path
    real: Path
    text: str
    value: Any

    @classmethod
    def read(cls, path: Path) -> ConfigFile:
        """Read and parse a config.

        Raises:
            ConfigError: it cannot be read, is neither JSON nor TOML in UTF-8, or holds no servers.

        """
        text = _text(path)
        try:
            value = parsed(path, text.removeprefix(_MARK)) if text.strip() else None
        except ConfigError as error:
            raise ConfigError(f"no client config: {error}", hint=_EXPECTED) from error
        if not any(server_maps(value)):
            raise ConfigError(f"{path}: no MCP servers in this file", hint=_EXPECTED)
        return cls(path, path.resolve(), text, value)

    @property
    def servers(self) -> dict[Place, tuple[str, Any]]:
        """Name and entry of each server, by its place."""
        return {place: (name, entry) for found in server_maps(self.value) for place, name, entry in found}

    def edited(self, edits: Edits) -> str:
        """The text with these entries changed, and nothing else.

        Raises:
            ConfigError: the text is written in a way that cannot be changed for certain.

        """
        body = self.text.removeprefix(_MARK)
        edit = toml_text.edited if self.path.suffix.lower() == ".toml" else json_text.edited
        if not edits:
            return self.text
        text = edit(body, edits)
        if parsed(self.path, text) != changes.document(self.value, edits):
            hint = "write its servers in the plain form that the client's documentation shows"
            raise ConfigError(f"{self.path}: cannot be changed without changing what else it says", hint=hint)
        return self.text[: len(self.text) - len(body)] + text

    def replace(self, text: str) -> None:
        """Put another text in its place, whole or not at all.

        Raises:
            ConfigError: the file was changed since it was read.
            OutputError: it cannot be written.

        """
        try:
            if self.real.read_bytes() != self.text.encode("utf-8"):
                raise ConfigError(
                    f"{self.path} was changed meanwhile", hint="close the client, then try again"
                )
            _write(self.real, text.encode("utf-8"), stat.S_IMODE(self.real.stat().st_mode))
        except OSError as error:
            raise output_error(self.path, error) from error

    def backups(self) -> list[Path]:
        """Backups of this config, the newest last."""
        found = self.real.parent.glob(f"{_escaped(self.real.name)}{_BACKUP}*")
        return sorted(found, key=lambda path: path.stat().st_mtime_ns)

    def backup_for(self, text: str) -> Path:
        """Where the backup of a config that was rewritten to `text` is: its name tells whether that still stands."""
        digest = hashlib.sha256(text.encode("utf-8")).hexdigest()[:_DIGITS]
        return self.real.with_name(f"{self.real.name}{_BACKUP}{digest}")

    @staticmethod
    def backup(path: Path) -> str:
        """What stands in a backup.

        Raises:
            ConfigError: it cannot be read.

        """
        return _text(path)

    def back_up(self, before: str, after: str) -> Path:
        """Keep `before`, which `after` is about to replace.

        Raises:
            OutputError: it cannot be written.

        """
        path = self.backup_for(after)
        try:
            _write(path, before.encode("utf-8"), stat.S_IMODE(self.real.stat().st_mode))
        except OSError as error:
            raise output_error(path, error) from error
        return path


def drop(path: Path) -> None:
    """Remove a backup that is not needed any more.

    Raises:
        OutputError: it cannot be removed.

    """
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(f"cannot remove {path}", hint="remove it yourself: it may hold secrets") from error


def _text(path: Path) -> str:
    try:
        return paths.read_limited(path, MAX_BYTES).decode("utf-8")
    except NotDefinitions as error:
        raise ConfigError(str(error), hint="name the client's config file") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not UTF-8: byte {error.start:,}", hint="save it as UTF-8") from error


def _escaped(name: str) -> str:
    return "".join(f"[{character}]" if character in "*?[" else character for character in name)


def _write(path: Path, data: bytes, mode: int) -> None:
    """Nobody sees a part of it, and nobody reads it who may not read the config."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".catalog.", suffix=".part")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(descriptor)
            os.fchmod(descriptor, mode)
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)
