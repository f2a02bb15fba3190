"""The strict parser of policies: all errors at once, each with its JSON pointer and line.

Grammar: docs/policy.md; the same as JSON Schema: data/policy-1.schema.json and policy-2.schema.json,
which are a little wider (they cannot say that a counter is used once, or that a pattern compiles).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from catalog.errors import PolicyError
from catalog.policy.canonical import digest
from catalog.policy.decision import ResultRule, Verdict
from catalog.policy.grammar_groups import GroupGrammar
from catalog.policy.grammar_reader import Production, is_number, shown
from catalog.policy.model import (
    VERSIONS,
    Default,
    Limit,
    Mode,
    OnDrift,
    Policy,
    PolicyTest,
    ToolRule,
    Window,
)
from catalog.policy.source import Problem, read
from catalog.visible import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal

_POLICY_KEYS: Final = {
    "1": ("version", "default", "hide", "all_tools", "tools"),
    "2": (
        "version", "default", "mode", "expires", "hide", "all_tools", "tools", "pin", "on_drift", "results", "tests",
    ),
}  # fmt: skip
_RULE_KEYS: Final = {
    "1": ("require", "deny_if", "limits"),
    "2": ("action", "reason", "deny_if", "require", "approve_if", "limits", "mode", "expires", "results"),
}
_LIMIT_KEYS: Final = {
    "1": ("counter", "window", "max", "scope"),
    "2": ("counter", "window", "max", "scope", "by", "add", "concurrent", "rolling"),
}
_CALL_KEYS: Final = ("tool", "arguments", "at", "grant", "session", "approved")
_WINDOWS: Final = {"1": (Window.MINUTE, Window.HOUR, Window.DAY), "2": tuple(Window)}
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)\Z", re.ASCII)
_FINGERPRINT: Final = re.compile(r"[0-9a-f]{64}\Z")


class InvalidPolicy(PolicyError):
    """A policy with errors; `problems` has them in the order of their lines."""

    def __init__(self, name: str, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: (problem.line, problem.pointer)))
        count = len(self.problems)
        lines = "".join(
            f"\n  line {it.line}, {it.pointer or 'top level'}: {it.message}"
            for it in map(_shown, self.problems)
        )
        super().__init__(
            f"{one_line(name)}: {count} {'error' if count == 1 else 'errors'} in the policy{lines}",
            hint="mend them and run: catalog policy check FILE",
        )


def parse(text: str, name: str) -> Policy:
    """Read a policy of version 1 or 2; `name` is the file's, for messages.

    Raises:
        InvalidPolicy: the text is no JSON or breaks the grammar; every problem is listed.

    """
    source = read(text)
    policy = None
    if source.whole:
        version = source.value.get("version") if isinstance(source.value, dict) else None
        grammar = _Grammar(source, version if isinstance(version, str) and version in VERSIONS else "1")
        policy = grammar.policy(source.value, source.lines)
    if source.problems or policy is None:
        raise InvalidPolicy(name, source.problems)
    return policy


def _shown(problem: Problem) -> Problem:
    return Problem(one_line(problem.pointer, 200), problem.line, one_line(problem.message, 300))


class _Grammar(GroupGrammar):
    """The document, its rules, limits and tests; one method per production."""

    _counters: dict[str, str]  # counter -> pointer of its first use

    def policy(self, value: Any, lines: Mapping[str, int]) -> Policy:
        self._counters = {}
        members = self.members("", value, _POLICY_KEYS[self.version], ("version", "default"))
        if "version" in members and members["version"] not in VERSIONS:
            self.report("/version", f'the version must be "1" or "2", not {shown(members["version"])}')
        everywhere = self.members("/all_tools", members.get("all_tools", {}), ("limits",))
        return Policy(
            version=self.version,
            default=self.word("/default", members.get("default", Default.DENY), tuple(Default)),
            hide=self.elements("/hide", members.get("hide", []), self._tool_name),
            all_tools=self.elements("/all_tools/limits", everywhere.get("limits", []), self._limit),
            tools=self.mapping("/tools", members.get("tools", {}), self._named_rule, "a rule per tool"),
            mode=self.word("/mode", members.get("mode", Mode.ENFORCE), tuple(Mode)),
            expires=self._moment("/expires", members),
            pin=self.mapping("/pin", members.get("pin", {}), self._fingerprint, "a fingerprint per tool"),
            on_drift=self.word("/on_drift", members.get("on_drift", OnDrift.DENY), tuple(OnDrift)),
            results=self._results("/results", members),
            tests=self.elements("/tests", members.get("tests", []), self._test(lines)),
            digest=digest(value),
            lines=lines,
        )

    def _named_rule(self, pointer: str, value: Any) -> ToolRule:
        self._tool_name(pointer, _last_step(pointer))
        return self._rule(pointer, value)

    def _rule(self, pointer: str, value: Any) -> ToolRule:
        members = self.members(pointer, value, _RULE_KEYS[self.version])
        return ToolRule(
            require=self.elements(f"{pointer}/require", members.get("require", []), self.group),
            deny_if=self.elements(f"{pointer}/deny_if", members.get("deny_if", []), self.group),
            limits=self.elements(f"{pointer}/limits", members.get("limits", []), self._limit),
            action=self.word(f"{pointer}/action", members.get("action", Verdict.ALLOW), tuple(Verdict)),
            reason=self.text(f"{pointer}/reason", members.get("reason", "")),
            approve_if=self.elements(f"{pointer}/approve_if", members.get("approve_if", []), self.group),
            mode=self.word(f"{pointer}/mode", members.get("mode", Mode.ENFORCE), tuple(Mode)),
            expires=self._moment(f"{pointer}/expires", members),
            results=self._results(f"{pointer}/results", members),
        )

    def _limit(self, pointer: str, value: Any) -> Limit:
        concurrent = isinstance(value, dict) and self.version != "1" and "concurrent" in value
        keys = _LIMIT_KEYS[self.version]
        members = self.members(pointer, value, keys, ("counter", "max") if concurrent else keys[:3])
        if concurrent:
            self._concurrent(pointer, members)
        if members.get("scope", "grant") != "grant":
            self.report(f"{pointer}/scope", f'the scope must be "grant", not {shown(members["scope"])}')
        counter = self.text(f"{pointer}/counter", members.get("counter", ""))
        if "counter" in members:
            self._count_once(f"{pointer}/counter", counter)
        add = self.path(f"{pointer}/add", members["add"]) if "add" in members else ()
        window = self.word(f"{pointer}/window", members.get("window", Window.MINUTE), _WINDOWS[self.version])
        return Limit(
            counter=counter,
            window=None if concurrent else window,
            maximum=self.number(f"{pointer}/max", members.get("max", 1), whole=not add),
            by=self.elements(f"{pointer}/by", members.get("by", []), self._by),
            add=add,
            rolling=self._flag(f"{pointer}/rolling", members.get("rolling", False)),
        )

    def _concurrent(self, pointer: str, members: Mapping[str, Any]) -> None:
        if members["concurrent"] is not True:
            self.wrong(f"{pointer}/concurrent", "true", members["concurrent"])
        for key in ("window", "add", "rolling"):
            if key in members:
                self.report(f"{pointer}/{key}", f"{key} has no meaning for a limit of concurrent calls")

    def _by(self, pointer: str, value: Any) -> str:
        word = self.text(pointer, value)
        if word.startswith("args"):
            self.path(pointer, value)
        elif isinstance(value, str) and word not in {"grant", "session", "tool"}:
            self.report(
                pointer, f'grant, session, tool or a path ("args.currency") was expected, not {shown(value)}'
            )
        return word

    def _count_once(self, pointer: str, counter: str) -> None:
        if not counter:
            self.report(pointer, "a counter needs a name")
        first = self._counters.setdefault(counter, pointer)
        if first != pointer:
            self.report(pointer, f"the counter {shown(counter)} is already used at {first}")

    def _results(self, pointer: str, holder: Mapping[str, Any]) -> ResultRule | None:
        if "results" not in holder:
            return None
        members = self.members(pointer, holder["results"], ("max_bytes", "redact"))
        size = None
        if "max_bytes" in members:
            size = int(self.number(f"{pointer}/max_bytes", members["max_bytes"], whole=True))
        return ResultRule(size, self.elements(f"{pointer}/redact", members.get("redact", []), self.pattern))

    def _test(self, lines: Mapping[str, int]) -> Production[PolicyTest]:
        def test(pointer: str, value: Any) -> PolicyTest:
            members = self.members(pointer, value, ("call", "expect", "rule", "used"), ("call", "expect"))
            call = self.members(f"{pointer}/call", members.get("call", {}), _CALL_KEYS, ("tool",))
            rule = self.text(f"{pointer}/rule", members["rule"]) if "rule" in members else None
            if rule and rule not in lines:
                self.report(f"{pointer}/rule", f"the document has nothing at {shown(rule)}")
            return PolicyTest(
                tool=self.text(f"{pointer}/call/tool", call.get("tool", "")),
                arguments=self.mapping(
                    f"{pointer}/call/arguments", call.get("arguments", {}), _as_is, "arguments"
                ),
                expect=self.word(f"{pointer}/expect", members.get("expect", Verdict.DENY), tuple(Verdict)),
                rule=rule,
                at=self._moment(f"{pointer}/call/at", call, "at"),
                grant=self.text(f"{pointer}/call/grant", call.get("grant", "local")),
                session=self.text(f"{pointer}/call/session", call.get("session", "")),
                approved=self._flag(f"{pointer}/call/approved", call.get("approved", False)),
                used=self.mapping(
                    f"{pointer}/used", members.get("used", {}), self._used, "a number per counter"
                ),
            )

        return test

    def _used(self, pointer: str, value: Any) -> int | Decimal:
        return 0 if is_number(value) and not value else self.number(pointer, value, whole=False)

    def _moment(self, pointer: str, holder: Mapping[str, Any], key: str = "expires") -> datetime | None:
        if key not in holder:
            return None
        value = holder[key]
        try:
            if isinstance(value, str) and _MOMENT.match(value):
                return datetime.fromisoformat(value).astimezone(UTC)
        except (ValueError, OverflowError):  # the 31st of February; the year 0
            pass
        self.wrong(pointer, 'a moment with its zone ("2030-01-31T12:00:00Z")', value)
        return None

    def _fingerprint(self, pointer: str, value: Any) -> str:
        text = self.text(pointer, value)
        if isinstance(value, str) and not _FINGERPRINT.match(text):
            self.report(pointer, f"a fingerprint of 64 hex digits was expected, not {shown(value)}")
        return text

    def _flag(self, pointer: str, value: Any) -> bool:
        if not isinstance(value, bool):
            self.wrong(pointer, "true or false", value)
        return value is True

    def _tool_name(self, pointer: str, value: Any) -> str:
        name = self.text(pointer, value)
        if value == "":
            self.report(pointer, "a tool's name cannot be empty")
        if self.version != "1" and "**" in name:
            self.report(pointer, "one * stands for any text: leave the other out")
        return name


def _last_step(pointer: str) -> str:
    return pointer.rsplit("/", 1)[1].replace("~1", "/").replace("~0", "~")


def _as_is(_pointer: str, value: Any) -> Any:
    return value
