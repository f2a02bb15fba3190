"""A parsed version-1 policy: plain frozen values that any judge of calls can work on."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


class Default(StrEnum):
    """What holds for tools that are not listed."""

    DENY = "deny"
    ALLOW = "allow"


class Op(StrEnum):
    """How a condition compares the argument with its value."""

    EQ = "eq"
    NEQ = "neq"
    IN = "in"
    NOT_IN = "not_in"
    LT = "lt"
    LTE = "lte"
    GT = "gt"
    GTE = "gte"
    REGEX = "regex"
    CONTAINS = "contains"
    EXISTS = "exists"


class Window(StrEnum):
    """How long a limit counts before it starts again."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class Condition:
    """`path` is the steps below the call's arguments (`args.a.b` is `("a", "b")`).

    `value` is plain JSON with numbers as int or Decimal; a list for IN and NOT_IN, a number for LT,
    LTE, GT and GTE, an RE2 pattern for REGEX, true or false for EXISTS.
    """

    path: tuple[str, ...]
    op: Op
    value: Any


@dataclass(frozen=True, slots=True)
class Group:
    """Conditions that hold together; none at all always hold. `on_deny` is the text for the agent."""

    conditions: tuple[Condition, ...]
    on_deny: str = ""


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `max_calls` per window, counted under `counter` for each grant."""

    counter: str
    window: Window
    max_calls: int


@dataclass(frozen=True, slots=True)
class ToolRule:
    """What a listed tool needs: every `require` group, no `deny_if` group, room in every limit."""

    require: tuple[Group, ...] = ()
    deny_if: tuple[Group, ...] = ()
    limits: tuple[Limit, ...] = ()


@dataclass(frozen=True, slots=True)
class PolicyV1:
    """A version-1 policy. `lines` gives the line of each JSON pointer in the file it was read from."""

    default: Default
    hide: tuple[str, ...] = ()
    all_tools: tuple[Limit, ...] = ()
    tools: Mapping[str, ToolRule] = field(default_factory=dict)
    lines: Mapping[str, int] = field(default_factory=dict, compare=False, repr=False)

    def hides(self, tool: str) -> bool:
        """Whether the tool is gone from the list and denied; `*` hides all."""
        return tool in self.hide or "*" in self.hide
