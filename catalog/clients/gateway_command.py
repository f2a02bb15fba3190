"""The command line that starts our gateway from a client, which has neither this shell's path nor its variables."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import platformdirs

from catalog.db.connect import resolve
from catalog.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

MODULE: Final = "catalog.cli.main"


@dataclass(frozen=True, slots=True)
class GatewayCommand:
    """What is the same for all servers; `database` is a URL without secrets."""

    database: str
    grant: str | None = None

    def words(self, server: str, policy: Path, environment: Mapping[str, object]) -> tuple[str, ...]:
        """The command line up to the server's own; `environment` is what the entry gives to both."""
        joined = (f"--server={server}",) if server.startswith("-") else ("--server", server)
        grant = ("--grant", self.grant) if self.grant else ()
        options = ("--policy", str(policy), *joined, *grant, "--db", self.database)
        return (*_program(environment), "gateway", *options)


def database_url(url: str | None) -> str:
    """The database as it can be named from any folder, on a command line.

    Raises:
        UsageError: it needs a password, which others could read there, or it lives in memory.
        DatabaseUrlError: it is no URL of a database.

    """
    found = resolve(url)
    if found.get_backend_name() == "sqlite":
        if found.database in (None, "", ":memory:") or "uri" in found.query:
            raise UsageError(
                "a database in memory is gone when this command ends", hint="name a file with --db"
            )
        found = found.set(database=str(Path(str(found.database)).absolute()))
    if found.password or any("pass" in name.lower() for name in found.query):
        hint = "give the URL without it, and keep the password in ~/.pgpass"
        raise UsageError("the database's URL holds a password, and others can read a command line", hint=hint)
    return found.render_as_string(hide_password=False)


def policies_folder(url: str) -> Path:
    """Where policies are kept: next to the database's file, else in the user's data folder."""
    found = resolve(url)
    if found.get_backend_name() == "sqlite":
        return Path(str(found.database)).parent / "policies"
    return platformdirs.user_data_path("mcp-catalog", appauthor=False) / "policies"


def _program(environment: Mapping[str, object]) -> tuple[str, ...]:
    """The program that runs now, by its whole path.

    Variables for the server's Python (PYTHONPATH) would reach ours too, so that it has to be told to ignore them.
    """
    script = Path(sys.argv[0]).absolute()
    if script.name == "catalog" and os.access(script, os.X_OK) and not _steers_python(environment):
        return (str(script),)
    return (sys.executable, "-E", "-P", "-m", MODULE)


def _steers_python(environment: Mapping[str, object]) -> bool:
    return any(name.upper().startswith("PYTHON") for name in environment)
