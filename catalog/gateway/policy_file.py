"""The policy in force: a file that is read again when it changes, and kept when it can no longer be read."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Final

from catalog.errors import PolicyError
from catalog.policy.grammar import parse

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from catalog.policy.model import Policy

_SETTLED: Final = 100_000_000  # nanoseconds after which a file's time stamp tells a later change for certain
_MAX_BYTES: Final = 16 << 20


class PolicyFile:
    """`policy` is what was last read without errors.

    Raises:
        PolicyError: the file cannot be read or holds errors now, at the start.

    """

    def __init__(self, path: Path, say: Callable[[str], None]) -> None:
        self._path = path
        self._say = say
        self._seen = self._stamp()
        self._read = self._text()  # what was read last, right or wrong
        self._gone = False
        self.policy: Policy = parse(self._read, str(path))

    def refresh(self) -> bool:
        """Look at the file again; True if another policy is in force now.

        A file that is gone, unreadable or wrong leaves the policy as it is, and is told of once.
        """
        stamp = self._stamp()
        if stamp is not None and stamp == self._seen:
            return False
        self._seen = stamp
        try:
            text = self._text()
        except PolicyError as error:
            if not self._gone:
                self._keep(error)
            self._gone = True
            return False
        self._gone = False
        if text == self._read:
            return False
        self._read = text
        try:
            return self._take(parse(text, str(self._path)))
        except PolicyError as error:
            self._keep(error)
            return False

    def _take(self, policy: Policy) -> bool:
        changed = policy.digest != self.policy.digest
        self.policy = policy
        if changed:
            self._say(f"{self._path}: the changed policy is in force from now on")
        return changed

    def _keep(self, error: PolicyError) -> None:
        self._say(f"{error}\nthe policy read before stays in force")

    def _stamp(self) -> tuple[int, ...] | None:
        """What tells one state of the file from another; None while it is too fresh, or gone."""
        try:
            found = os.stat(self._path)  # noqa: PTH116 – before each call
        except OSError:
            return None
        if time.time_ns() - found.st_mtime_ns < _SETTLED:
            return None
        return (found.st_mtime_ns, found.st_size, found.st_ino)

    def _text(self) -> str:
        try:
            with self._path.open("rb") as file:
                data = file.read(_MAX_BYTES + 1)
            if len(data) > _MAX_BYTES:
                raise PolicyError(
                    f"{self._path}: a policy of more than {_MAX_BYTES:,} bytes", hint="make it smaller"
                )
            return data.decode("utf-8")
        except OSError as error:
            raise PolicyError(
                f"cannot read {self._path}: {(error.strerror or '').lower()}",
                hint="catalog policy export SERVER -o policy.json",
            ) from error
        except UnicodeDecodeError as error:
            raise PolicyError(
                f"{self._path} is not UTF-8: byte {error.start}", hint="save it as UTF-8"
            ) from error
