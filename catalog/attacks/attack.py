"""What is written about one attack; frozen values in the shape of `data/attacks/*.yaml`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date  # noqa: TC003 - read when values are checked
from typing import Any, ClassVar, Final

from pydantic import ConfigDict

from catalog.policy.decision import Verdict  # noqa: TC001 - likewise
from classifier.types import Category  # noqa: TC001 - likewise

# The OWASP MCP Top 10, version 0.1 of 2025, by its own numbers and titles.
OWASP: Final = {
    "MCP01": "Token Mismanagement & Secret Exposure",
    "MCP02": "Privilege Escalation via Scope Creep",
    "MCP03": "Tool Poisoning",
    "MCP04": "Software Supply Chain Attacks & Dependency Tampering",
    "MCP05": "Command Injection & Execution",
    "MCP06": "Intent Flow Subversion",
    "MCP07": "Insufficient Authentication & Authorization",
    "MCP08": "Lack of Audit and Telemetry",
    "MCP09": "Shadow MCP Servers",
    "MCP10": "Context Injection & Over-Sharing",
}
TOOL: Final = "{tool}"  # where `Match.because` names the tool
_STRICT: Final = ConfigDict(extra="forbid")


@dataclass(frozen=True, slots=True)
class Match:
    """One kind of tool that the attack needs. What is empty does not count; all the rest must hold.

    Of `categories`, `effects`, `modifiers` and `rules` (ids of rules that fired) the tool has at least one,
    its name holds one of `words`, and it has none of the modifiers of `unless`. `suspicious`: its definition
    holds suspicious text. `weight` (1 to 9) orders a tool's attacks; `because` is one sentence that says why
    this tool, with `{tool}` for its name.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    because: str
    weight: int
    categories: tuple[Category, ...] = ()
    effects: tuple[Category, ...] = ()
    modifiers: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    suspicious: bool = False


@dataclass(frozen=True, slots=True)
class Incident:
    """Something that happened: `dated` says what the `day` is that of, `reference` how it is cited."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    name: str
    day: date
    dated: str
    reference: str
    url: str
    text: str


@dataclass(frozen=True, slots=True)
class Claim:
    """A call and what the policy is said to make of it.

    `words` say the call for a reader. `description` is that of the tool's definition, `used` what counters
    hold already, `approved` that a person approved it. `answer` is what the tool answers and `shown` what
    reaches the agent of that.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    words: str
    tool: str
    expect: Verdict
    arguments: dict[str, Any] | None = None
    description: str | None = None
    used: dict[str, int] | None = None
    approved: bool = False
    answer: str | None = None
    shown: str | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """A policy that stops the attack, as JSON text, with the calls that show it."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    says: str
    document: str
    calls: tuple[Claim, ...]


@dataclass(frozen=True, slots=True)
class Attack:
    """Everything about one attack. `id` is its address for ever, `owasp` are keys of `OWASP`."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    id: str
    title: str
    summary: str
    owasp: tuple[str, ...]
    steps: tuple[str, ...]
    needs: str
    matches: tuple[Match, ...]
    incidents: tuple[Incident, ...]
    detect: tuple[str, ...]
    policy: Example
    stops: tuple[str, ...]
    leaves: tuple[str, ...]
