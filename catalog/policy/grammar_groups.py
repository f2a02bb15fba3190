"""The productions for groups and conditions, with each operator's own type of value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import re2

from catalog.policy.conditions import pattern
from catalog.policy.grammar_reader import GrammarReader, is_number, shown
from catalog.policy.hosts import is_host
from catalog.policy.model import Combination, Condition, Group, How, Mode, Op
from catalog.policy.paths import is_folder
from catalog.policy.source import Source, child

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_CONDITION_KEYS: Final = ("path", "op", "value")
_HOW: Final = tuple(how.value for how in How)
_HOLDERS: Final = ("conditions", *_HOW)  # a group has exactly one of these
_TYPES: Final = ("string", "number", "integer", "boolean", "array", "object", "null")
OPS: Final[Mapping[str, tuple[Op, ...]]] = {
    "1": tuple(Op)[: tuple(Op).index(Op.EXISTS) + 1],
    "2": tuple(Op),
}


class GroupGrammar(GrammarReader):
    """Groups of a document in `version`."""

    def __init__(self, source: Source, version: str) -> None:
        super().__init__(source)
        self.version = version
        self._ids: dict[str, str] = {}  # id -> pointer of its first use

    def group(self, pointer: str, value: Any) -> Group:
        """Conditions with the text for the agent; in version 2 also under all, any or not."""
        if self.version == "1":
            members = self.members(pointer, value, ("conditions", "on_deny"), ("conditions",))
        else:
            members = self.members(pointer, value, (*_HOLDERS, "on_deny", "id", "mode"))
            self._one_holder(pointer, value, members)
        return Group(
            conditions=self._held(pointer, members),
            on_deny=self.text(f"{pointer}/on_deny", members.get("on_deny", "")),
            id=self._id(f"{pointer}/id", members["id"]) if "id" in members else "",
            mode=self.word(f"{pointer}/mode", members.get("mode", Mode.ENFORCE), tuple(Mode)),
        )

    def path(self, pointer: str, value: Any) -> tuple[str, ...]:
        """The steps below a call's arguments."""
        root, *steps = self.text(pointer, value).split(".")
        if isinstance(value, str) and (root != "args" or not steps or not all(steps)):
            self.report(pointer, f'a path is "args." and an argument\'s name, not {shown(value)}')
        return tuple(steps)

    def pattern(self, pointer: str, value: Any) -> str:
        """A pattern that RE2 takes."""
        if not isinstance(value, str):
            self.wrong(pointer, "a pattern in a string", value)
            return ""
        try:
            pattern(value)
        except (re2.error, UnicodeError) as error:
            self.report(pointer, f"the pattern does not compile under RE2: {_words(error)}")
        return value

    def _one_holder(self, pointer: str, value: Any, members: Mapping[str, Any]) -> None:
        held = [key for key in _HOLDERS if key in members]
        if isinstance(value, dict) and len(held) != 1:
            which = f"not {' and '.join(held)} together" if held else "there is none"
            self.report(pointer, f"exactly one of {', '.join(_HOLDERS)} was expected; {which}")

    def _held(self, pointer: str, members: Mapping[str, Any]) -> tuple[Condition | Combination, ...]:
        """A group's conditions. `all` is another word for them."""
        for key in ("conditions", "all"):
            if key in members:
                element = self._condition if key == "conditions" and self.version == "1" else self._part
                return self.elements(child(pointer, key), members[key], element)
        for how in (How.ANY, How.NOT):
            if how.value in members:
                return (self._combination(child(pointer, how.value), how, members[how.value]),)
        return ()

    def _part(self, pointer: str, value: Any) -> Condition | Combination:
        """A condition, or an object with the one key all, any or not."""
        if isinstance(value, dict) and value.keys() & set(_HOW):
            members = self.members(pointer, value, _HOW)
            self._one_holder(pointer, value, members)
            how = How(next(iter(members)))
            return self._combination(child(pointer, how.value), how, members[how.value])
        return self._condition(pointer, value)

    def _combination(self, pointer: str, how: How, value: Any) -> Combination:
        if how is How.NOT:
            return Combination(how, (self._part(pointer, value),))
        parts = self.elements(pointer, value, self._part)
        if not parts and isinstance(value, list):
            self.report(pointer, f"an empty {how} says nothing: give it conditions")
        return Combination(how, parts)

    def _condition(self, pointer: str, value: Any) -> Condition:
        members = self.members(pointer, value, _CONDITION_KEYS, _CONDITION_KEYS)
        path = self.path(f"{pointer}/path", members.get("path", "args.any"))
        op = self.word(f"{pointer}/op", members.get("op", Op.EQ), OPS[self.version])
        if {"op", "value"} <= members.keys():
            self._operand(f"{pointer}/value", op, members["value"])
        return Condition(path, op, members.get("value"))

    def _operand(self, pointer: str, op: Op, value: Any) -> None:
        """Each operator's own type: a wrong one would decide by accident."""
        if op is Op.REGEX:
            self.pattern(pointer, value)
        elif op in (Op.PATH_WITHIN, Op.HOST_IN):
            self._places(pointer, op, value)
        elif op in _OPERANDS:
            wanted, fits = _OPERANDS[op]
            if not fits(value):
                self.wrong(pointer, f"{wanted} for {op}", value)

    def _places(self, pointer: str, op: Op, value: Any) -> None:
        fits, wanted = _PLACES[op]
        if not isinstance(value, list) or not value:
            self.wrong(pointer, f"a list for {op}", value)
            return
        for index, place in enumerate(value):
            if not isinstance(place, str) or not fits(place):
                self.wrong(child(pointer, index), wanted, place)

    def _id(self, pointer: str, value: Any) -> str:
        name = self.text(pointer, value)
        if value == "":
            self.report(pointer, "an id cannot be empty")
        first = self._ids.setdefault(name, pointer)
        if first != pointer:
            self.report(pointer, f"the id {shown(name)} is already used at {first}")
        return name


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_range(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(map(is_number, value)) and value[0] <= value[1]


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


_OPERANDS: Final[Mapping[Op, tuple[str, Callable[[Any], bool]]]] = {
    **dict.fromkeys((Op.IN, Op.NOT_IN), ("a list", lambda value: isinstance(value, list))),
    **dict.fromkeys((Op.LT, Op.LTE, Op.GT, Op.GTE), ("a number", is_number)),
    **dict.fromkeys((Op.STARTS_WITH, Op.ENDS_WITH), ("a string", _is_text)),
    Op.EXISTS: ("true or false", lambda value: isinstance(value, bool)),
    Op.LENGTH_LTE: ("a whole number", _is_whole),
    Op.BETWEEN: ("a list of two numbers, the lower one first,", _is_range),
    Op.TYPE: (f"one of {', '.join(_TYPES)}", lambda value: _is_text(value) and value in _TYPES),
}
_PLACES: Final[Mapping[Op, tuple[Callable[[str], bool], str]]] = {
    Op.PATH_WITHIN: (is_folder, "an absolute folder without .. and the like"),
    Op.HOST_IN: (is_host, 'a host such as "example.com", "*.example.com" or "example.com:8443"'),
}


def _words(error: Exception) -> str:
    words = error.args[0] if error.args and not isinstance(error, UnicodeError) else str(error)
    return words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)
