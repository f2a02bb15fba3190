"""The strict parser of version-1 policies: all errors at once, each with its JSON pointer and line.

Grammar: docs/policy.md; the same as JSON Schema: data/policy-1.schema.json, which is a little wider
(it cannot say that a counter is used once, or that a pattern compiles).
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable, Sequence
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final, TypeVar

import re2

from catalog.errors import PolicyError
from catalog.policy.model import Condition, Default, Group, Limit, Op, PolicyV1, ToolRule, Window
from catalog.policy.source import Problem, Source, child, read
from catalog.visible import one_line

_POLICY_KEYS: Final = ("version", "default", "hide", "all_tools", "tools")
_CONDITION_KEYS: Final = ("path", "op", "value")
_LIMIT_KEYS: Final = ("counter", "window", "max", "scope")  # all but the last are required
T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)
Reader = Callable[[str, Any], T]


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


def parse(text: str, name: str) -> PolicyV1:
    """Read a version-1 policy; `name` is the file's, for messages.

    Raises:
        InvalidPolicy: the text is no JSON or breaks the grammar; every problem is listed.

    """
    source = read(text)
    reader = _Grammar(source)
    policy = reader.policy() if source.whole else None
    if source.problems or policy is None:
        raise InvalidPolicy(name, source.problems)
    return policy


def _shown(problem: Problem) -> Problem:
    return Problem(one_line(problem.pointer, 200), problem.line, one_line(problem.message, 300))


class _Grammar:
    """One method per production. Each returns a usable value and reports what is wrong with it."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._counters: dict[str, str] = {}  # counter -> pointer of its first use

    def policy(self) -> PolicyV1:
        members = self._members("", self._source.value, _POLICY_KEYS, ("version", "default"))
        if "version" in members and members["version"] != "1":
            self._report("/version", f'the version must be "1", not {_shown_value(members["version"])}')
        everywhere = self._members("/all_tools", members.get("all_tools", {}), ("limits",))
        return PolicyV1(
            default=self._word("/default", members.get("default", "deny"), Default),
            hide=self._list("/hide", members.get("hide", []), self._tool_name),
            all_tools=self._list("/all_tools/limits", everywhere.get("limits", []), self._limit),
            tools=self._tools("/tools", members.get("tools", {})),
            lines=self._source.lines,
        )

    def _tools(self, pointer: str, value: Any) -> dict[str, ToolRule]:
        if not isinstance(value, dict):
            self._wrong(pointer, "an object with a rule per tool", value)
            return {}
        for name in value:
            self._tool_name(child(pointer, name), name)
        return {name: self._rule(child(pointer, name), rule) for name, rule in value.items()}

    def _rule(self, pointer: str, value: Any) -> ToolRule:
        members = self._members(pointer, value, ("require", "deny_if", "limits"))
        return ToolRule(
            require=self._list(f"{pointer}/require", members.get("require", []), self._group),
            deny_if=self._list(f"{pointer}/deny_if", members.get("deny_if", []), self._group),
            limits=self._list(f"{pointer}/limits", members.get("limits", []), self._limit),
        )

    def _group(self, pointer: str, value: Any) -> Group:
        members = self._members(pointer, value, ("conditions", "on_deny"), ("conditions",))
        conditions = self._list(f"{pointer}/conditions", members.get("conditions", []), self._condition)
        return Group(conditions, self._text(f"{pointer}/on_deny", members.get("on_deny", "")))

    def _condition(self, pointer: str, value: Any) -> Condition:
        members = self._members(pointer, value, _CONDITION_KEYS, _CONDITION_KEYS)
        path = self._path(f"{pointer}/path", members.get("path", "args.any"))
        op = self._word(f"{pointer}/op", members.get("op", Op.EQ), Op)
        if {"op", "value"} <= members.keys():
            self._operand(f"{pointer}/value", op, members["value"])
        return Condition(path, op, members.get("value"))

    def _operand(self, pointer: str, op: Op, value: Any) -> None:
        """Each operator's own type: a wrong one would decide by accident."""
        if op in (Op.IN, Op.NOT_IN) and not isinstance(value, list):
            self._wrong(pointer, f"a list for {op}", value)
        elif op in (Op.LT, Op.LTE, Op.GT, Op.GTE) and not _is_number(value):
            self._wrong(pointer, f"a number for {op}", value)
        elif op is Op.EXISTS and not isinstance(value, bool):
            self._wrong(pointer, "true or false for exists", value)
        elif op is Op.REGEX:
            self._pattern(pointer, value)

    def _pattern(self, pointer: str, value: Any) -> None:
        if not isinstance(value, str):
            self._wrong(pointer, "a pattern in a string for regex", value)
            return
        options = re2.Options()
        options.log_errors = False
        try:
            re2.compile(value, options)
        except re2.error as error:
            self._report(pointer, f"the pattern does not compile under RE2: {_re2_words(error)}")

    def _path(self, pointer: str, value: Any) -> tuple[str, ...]:
        root, *steps = self._text(pointer, value).split(".")
        if isinstance(value, str) and (root != "args" or not steps or not all(steps)):
            self._report(pointer, f'a path is "args." and an argument\'s name, not {_shown_value(value)}')
        return tuple(steps)

    def _limit(self, pointer: str, value: Any) -> Limit:
        members = self._members(pointer, value, _LIMIT_KEYS, _LIMIT_KEYS[:3])
        if members.get("scope", "grant") != "grant":
            self._report(
                f"{pointer}/scope", f'the scope must be "grant", not {_shown_value(members["scope"])}'
            )
        counter = self._text(f"{pointer}/counter", members.get("counter", ""))
        if "counter" in members:
            self._count_once(f"{pointer}/counter", counter)
        window = self._word(f"{pointer}/window", members.get("window", Window.MINUTE), Window)
        return Limit(counter, window, self._max(f"{pointer}/max", members.get("max", 1)))

    def _count_once(self, pointer: str, counter: str) -> None:
        if not counter:
            self._report(pointer, "a counter needs a name")
        first = self._counters.setdefault(counter, pointer)
        if first != pointer:
            self._report(pointer, f"the counter {_shown_value(counter)} is already used at {first}")

    def _max(self, pointer: str, value: Any) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and value > 0:
            return value
        self._wrong(pointer, "a whole number above 0", value)
        return 1

    def _tool_name(self, pointer: str, value: Any) -> str:
        name = self._text(pointer, value)
        if value == "":
            self._report(pointer, "a tool's name cannot be empty")
        return name

    def _word(self, pointer: str, value: Any, kind: type[E]) -> E:
        words = [str(word) for word in kind]
        if isinstance(value, str) and value in words:
            return kind(value)
        near = difflib.get_close_matches(value.lower(), words, n=1) if isinstance(value, str) else []
        suggestion = f"; did you mean {near[0]}?" if near else ""
        self._report(
            pointer, f"one of {', '.join(words)} was expected, not {_shown_value(value)}{suggestion}"
        )
        return next(iter(kind))

    def _text(self, pointer: str, value: Any) -> str:
        if isinstance(value, str):
            return value
        self._wrong(pointer, "a string", value)
        return ""

    def _list(self, pointer: str, value: Any, element: Reader[T]) -> tuple[T, ...]:
        if not isinstance(value, list):
            self._wrong(pointer, "a list", value)
            return ()
        return tuple(element(child(pointer, index), item) for index, item in enumerate(value))

    def _members(
        self, pointer: str, value: Any, known: Sequence[str], required: Sequence[str] = ()
    ) -> dict[str, Any]:
        if not isinstance(value, dict):
            self._wrong(pointer, "an object", value)
            return {}
        for key in value:
            if key not in known:
                message = f"unknown key {_shown_value(key)}{_suggestion(key, known)}"
                self._report(child(pointer, key), message)
        for key in required:
            if key not in value:
                self._report(pointer, f"the key {_shown_value(key)} is missing")
        return {key: value[key] for key in known if key in value}

    def _wrong(self, pointer: str, wanted: str, value: Any) -> None:
        self._report(pointer, f"{wanted} was expected, not {_shown_value(value)}")

    def _report(self, pointer: str, message: str) -> None:
        self._source.problems.append(Problem(pointer, self._source.lines.get(pointer, 1), message))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def _suggestion(key: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(key.lower(), known, n=1)
    return f"; did you mean {near[0]}?" if near else f"; known are {', '.join(known)}"


def _shown_value(value: Any) -> str:
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    text = str(value) if _is_number(value) else json.dumps(value)
    return text if len(text) <= 60 else f"{text[:60]}…"


def _re2_words(error: Exception) -> str:
    words = error.args[0] if error.args else ""
    return words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)
