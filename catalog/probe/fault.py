"""Why a probe failed, in the terms of an outcome.

    Fault                    any of the outcomes but OK
    ├── NotPrepared          a package could not be installed
    ├── ConnectionEnded      the server ended the connection before it had listed its tools
    └── Died                 a started server ended or stayed silent; with the end of its stderr

They never leave `catalog.probe.probe`, which turns each into a result.
"""

from __future__ import annotations

from typing import Final

from catalog.errors import CatalogError
from catalog.records import Outcome

_NEXT_STEPS: Final = {
    Outcome.NEEDS_CREDENTIALS: "set what it asks for in the `env` of a client config, and crawl that",
    Outcome.TIMEOUT: "try again; start it by hand to see what it waits for",
    Outcome.PROTOCOL_ERROR: "tell the server's maintainers",
    Outcome.REFUSED_LIMITS: "nothing of it was stored; do not run it before reading its source",
    Outcome.START_FAILED: "start it by hand to see what it says",
}


class Fault(CatalogError):
    """The outcome, the reason in one line (not masked yet) and, as `hint`, the next step."""

    def __init__(self, outcome: Outcome, reason: str, next_step: str = "") -> None:
        super().__init__(reason, hint=next_step or _NEXT_STEPS.get(outcome, ""))
        self.outcome = outcome

    @property
    def reason(self) -> str:
        """The reason, as given."""
        return str(self)


class NotPrepared(Fault):
    """A package could not be installed; `no_network`: its index could not be reached at all."""

    def __init__(
        self,
        reason: str,
        next_step: str = "",
        *,
        outcome: Outcome = Outcome.INSTALL_FAILED,
        no_network: bool = False,
    ) -> None:
        super().__init__(outcome, reason, next_step)
        self.no_network = no_network


class ConnectionEnded(Fault):
    """The server ended the connection before it had listed its tools."""

    def __init__(self) -> None:
        super().__init__(Outcome.START_FAILED, "the server ended the connection")


class Died(Fault):
    """A started server that did not list its tools, with the end of its stderr."""

    def __init__(self, told: Fault, stderr: str) -> None:
        super().__init__(told.outcome, told.reason, told.hint)
        self.stderr = stderr
