"""The one tree of errors. Each names its subject, has an exit code, and says what to do next.

    CatalogError                  1  failure
    ├── UsageError                2  a wrong flag, target or option
    │   ├── UnknownTarget         2  a name that nothing resolves
    │   ├── ConfigError           2  a client config or list file that cannot be read (file:line)
    │   ├── NotDefinitions        2  a file or stream that holds no tool definitions
    │   ├── DatabaseUrlError      2  a database URL that cannot be read, or of an unsupported engine
    │   └── PolicyError           2  a policy with errors, all of them listed
    ├── NothingCollected          3  no target gave any tool
    ├── Incomplete                4  some servers failed, and --strict was given
    ├── DatabaseError             1  cannot open, migrate, read or write the database
    │   ├── NewerSchema           1  the database was written by a newer version
    │   └── GrantEnded            1  a call under a grant that was revoked, has expired or is unknown
    ├── FailedTests               1  a policy fails tests of its own
    ├── ModelError                1  a model folder that is missing, damaged or of another version
    └── OutputError               1  a file or folder that cannot be written (read-only, full)

Exit codes 11 to 14 are not errors: the highest level found is at or above --fail-on.
"""

from __future__ import annotations

from enum import IntEnum
from typing import ClassVar


class ExitCode(IntEnum):
    """The documented exit codes of every command."""

    DONE = 0
    FAILURE = 1
    USAGE = 2
    NOTHING_COLLECTED = 3
    INCOMPLETE = 4
    FOUND_LOW = 11
    FOUND_MEDIUM = 12
    FOUND_HIGH = 13
    FOUND_CRITICAL = 14


class CatalogError(Exception):
    """An expected failure. `str()` is one line that names the subject; `hint` is the next step."""

    exit_code: ClassVar[ExitCode] = ExitCode.FAILURE

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class UsageError(CatalogError):
    """The command was called in a way that cannot work."""

    exit_code = ExitCode.USAGE


class UnknownTarget(UsageError):
    """No source knows this target."""


class ConfigError(UsageError):
    """A client config, list file or similar cannot be read; the message has file and line."""


class NotDefinitions(UsageError):
    """A file or stream that should hold tool definitions does not."""


class DatabaseUrlError(UsageError):
    """A database URL cannot be read, or names an engine that is not supported; never shown with its password."""


class PolicyError(UsageError):
    """A policy has errors; the message lists every one with pointer and line."""


class NothingCollected(CatalogError):
    """No target gave any tool."""

    exit_code = ExitCode.NOTHING_COLLECTED


class Incomplete(CatalogError):
    """Some servers failed or need credentials, and the caller asked to be told (--strict)."""

    exit_code = ExitCode.INCOMPLETE


class DatabaseError(CatalogError):
    """The database cannot be opened, migrated, read or written."""


class NewerSchema(DatabaseError):
    """The database was written by a newer version of the catalogue."""


class GrantEnded(DatabaseError):
    """A call was made under a grant that was revoked, has expired or does not exist."""


class FailedTests(CatalogError):
    """A policy does not do what its own tests say."""


class ModelError(CatalogError):
    """A model folder is missing, damaged, or of another version."""


class OutputError(CatalogError):
    """A file or folder cannot be written."""
