"""What all sessions of one run share, and who is at the other end of one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from catalog.gateway.drift import report
from catalog.gateway.seal import Seal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from catalog.db.ledger import Ledger
    from catalog.gateway.policy_file import PolicyFile
    from catalog.policy.model import Policy
    from classifier.types import ToolDefinition


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """A client: the grant's name, and the `Mcp-Session-Id` of the older era ("" without).

    `policy` is the grant's own policy, where it has one.
    """

    grant: str = "local"
    session: str = ""
    policy: PolicyFile | None = None


@dataclass(kw_only=True)
class Gateway:
    """One run.

    `say` tells lines to the person who runs the gateway. `four_eyes`: two people have to approve, and none of
    them through the client. `keeps_arguments`: the journal keeps the values of arguments, not only their
    names. `database`: where the catalogue is, to look up what a policy is pinned to.
    """

    policy: PolicyFile
    ledger: Ledger
    server: str
    say: Callable[[str], None]
    four_eyes: bool = False
    keeps_arguments: bool = False
    database: str | None = None
    seal: Seal = field(default_factory=Seal)
    _drifts: dict[str, set[str]] = field(default_factory=dict)  # name -> fingerprints that were told of

    def tell_drifts(self, policy: Policy, definitions: Iterable[ToolDefinition]) -> None:
        """Tell the person of tools that are no longer what the policy is pinned to: each once, and few of each tool."""
        for definition in definitions:
            told = self._drifts.setdefault(definition.name, set())
            if definition.fingerprint not in told and len(told) < Few.MOST:
                told.add(definition.fingerprint)
                self.say(report(policy, definition, self.database))


class Few:
    """Says the first few lines of what may have no end."""

    MOST = 5

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._said = 0

    def say(self, words: str) -> None:
        """Say it, unless enough was said."""
        self._said += 1
        if self._said <= self.MOST:
            self._say(words if self._said < self.MOST else f"{words}; no more of this is told")
