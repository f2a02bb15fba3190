"""A parsed policy of either version: plain frozen values that any judge of calls can work on."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from catalog.policy.decision import ResultRule, Verdict
from catalog.policy.names import Names

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from decimal import Decimal

VERSIONS: Final = ("1", "2")


class Default(StrEnum):
    """What holds for tools that are not listed."""

    DENY = "deny"
    ALLOW = "allow"


class Mode(StrEnum):
    """Whether a rule decides, or only says what it would have decided."""

    ENFORCE = "enforce"
    SHADOW = "shadow"


class OnDrift(StrEnum):
    """What happens to calls of a tool whose definition is no longer the pinned one."""

    DENY = "deny"
    APPROVE = "approve"
    LOG = "log"


class Op(StrEnum):
    """How a condition compares the argument with its value; those after EXISTS are of version 2."""

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
    STARTS_WITH = "starts_with"
    ENDS_WITH = "ends_with"
    LENGTH_LTE = "length_lte"
    BETWEEN = "between"
    PATH_WITHIN = "path_within"
    HOST_IN = "host_in"
    TYPE = "type"


class Window(StrEnum):
    """How long a limit counts before it starts again; SECOND is of version 2."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    SECOND = "second"

    @property
    def seconds(self) -> int:
        """The window's length."""
        return _SECONDS[self]


_SECONDS: Final = {Window.SECOND: 1, Window.MINUTE: 60, Window.HOUR: 3600, Window.DAY: 86_400}


class How(StrEnum):
    """How the parts of a combination are taken together; NOT has exactly one part."""

    ALL = "all"
    ANY = "any"
    NOT = "not"


@dataclass(frozen=True, slots=True)
class Condition:
    """`path` is the steps below the call's arguments (`args.a.b` is `("a", "b")`).

    `value` is plain JSON with numbers as int or Decimal: a list for IN and NOT_IN, a number for LT,
    LTE, GT and GTE, an RE2 pattern for REGEX, true or false for EXISTS, text for STARTS_WITH and
    ENDS_WITH, a whole number for LENGTH_LTE, two numbers for BETWEEN, a list of folders for
    PATH_WITHIN and of hosts for HOST_IN, a JSON type's name for TYPE.
    """

    path: tuple[str, ...]
    op: Op
    value: Any


@dataclass(frozen=True, slots=True)
class Combination:
    """Conditions and combinations under one word (version 2)."""

    how: How
    parts: tuple[Condition | Combination, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Conditions that hold together; none at all always hold.

    `on_deny` is the text for the agent. `id` names the group for people, "" where it has none.
    A version-2 `any` or `not` is one Combination in `conditions`.
    """

    conditions: tuple[Condition | Combination, ...]
    on_deny: str = ""
    id: str = ""
    mode: Mode = Mode.ENFORCE


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `maximum` in a window, counted under `counter` for each grant.

    What is counted: calls; or, with `add` (steps of an argument's path), the sum of that argument;
    or, where `window` is None, calls that have not ended. `by` are further things the counter is
    kept apart by: `session`, `tool`, or `args.` and a path.
    """

    counter: str
    window: Window | None
    maximum: int | Decimal
    by: tuple[str, ...] = ()
    add: tuple[str, ...] = ()
    rolling: bool = False

    @property
    def concurrent(self) -> bool:
        """Whether it counts calls that have not ended."""
        return self.window is None


@dataclass(frozen=True, slots=True)
class ToolRule:
    """What a listed tool needs: no `deny_if` group, every `require` group, room in every limit.

    `action` holds for every call that passes those; `approve_if` makes single calls wait for a
    person. After `expires` every call is denied. `reason` is for the agent.
    """

    require: tuple[Group, ...] = ()
    deny_if: tuple[Group, ...] = ()
    limits: tuple[Limit, ...] = ()
    action: Verdict = Verdict.ALLOW
    reason: str = ""
    approve_if: tuple[Group, ...] = ()
    mode: Mode = Mode.ENFORCE
    expires: datetime | None = None
    results: ResultRule | None = None


@dataclass(frozen=True, slots=True)
class PolicyTest:
    """One of a policy's own tests: a call, what is expected of it, and the rule that must decide.

    `used` is what counters have used already, by counter (or by a reservation's whole key).
    """

    tool: str
    arguments: Mapping[str, Any]
    expect: Verdict
    rule: str | None = None
    at: datetime | None = None
    grant: str = "local"
    session: str = ""
    approved: bool = False
    used: Mapping[str, int | Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy. `digest` is the SHA-256, hex, of its canonical JSON; `lines` has the line of each pointer.

    In version 1 the keys of `tools` and the names in `hide` are exact (but for a lone `*` in `hide`);
    in version 2 a `*` in them stands for any text.
    """

    default: Default
    hide: tuple[str, ...] = ()
    all_tools: tuple[Limit, ...] = ()
    tools: Mapping[str, ToolRule] = field(default_factory=dict)
    version: str = "1"
    mode: Mode = Mode.ENFORCE
    expires: datetime | None = None
    pin: Mapping[str, str] = field(default_factory=dict)
    on_drift: OnDrift = OnDrift.DENY
    results: ResultRule | None = None
    tests: tuple[PolicyTest, ...] = ()
    digest: str = field(default="", compare=False)
    lines: Mapping[str, int] = field(default_factory=dict, compare=False, repr=False)
    memo: dict[str, Any] = field(
        default_factory=dict, init=False, compare=False, repr=False
    )  # made once from the rest

    @property
    def rules_results(self) -> bool:
        """Whether a rule for results stands anywhere in it."""
        return self.results is not None or any(rule.results is not None for rule in self.tools.values())

    def hides(self, tool: str) -> bool:
        """Whether `hide` names the tool: it is gone from the list and denied; `*` hides all."""
        names: Names[bool] | None = self.memo.get("hidden")
        if names is None:
            whole = self.version == "1" and "*" in self.hide  # the one pattern of version 1
            entries = dict.fromkeys(("*",) if whole else self.hide, True)
            names = self.memo["hidden"] = Names(entries, patterns=whole or self.version != "1")
        return names.key(tool) is not None

    def enforced(self) -> Names[ToolRule]:
        """The rules that decide; those in shadow mode leave their tools to the next one."""
        names: Names[ToolRule] | None = self.memo.get("enforced")
        if names is None:
            rules = {name: rule for name, rule in self.tools.items() if rule.mode is Mode.ENFORCE}
            names = self.memo["enforced"] = Names(rules, patterns=self.version != "1")
        return names
