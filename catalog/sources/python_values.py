"""The constant values of Python expressions, worked out without running anything."""

from __future__ import annotations

import ast
import inspect
import math
import textwrap
import warnings
from typing import TYPE_CHECKING, Any, Final

from catalog.sources.python_code import (
    External,
    Found,
    Module,
    Program,
    arguments,
    line,
    parameter_name,
    parts,
    text,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tree_sitter import Node

MAX_TEXT: Final = 1 << 20  # characters that a value may grow to
_MAX_STEPS: Final = 20_000  # expressions looked at for one value; names that double each other end here
_MAX_DEPTH: Final = 60  # of nested expressions, names and calls followed
# Calls whose answer is known; anything else is not.
_METHODS: Final[Mapping[str, Callable[..., Any]]] = {
    "strip": str.strip, "lstrip": str.lstrip, "rstrip": str.rstrip, "lower": str.lower, "upper": str.upper,
    "removeprefix": str.removeprefix, "removesuffix": str.removesuffix,
}  # fmt: skip
_FUNCTIONS: Final[Mapping[str, Callable[..., Any]]] = {
    "textwrap.dedent": textwrap.dedent,
    "inspect.cleandoc": inspect.cleandoc,
}


class Unresolved(Exception):
    """The value is not constant, or we cannot tell; the message says which part."""


def _cannot(node: Node) -> Unresolved:
    return Unresolved(f"line {line(node)}: {text(node)[:60]!r} is only known when the program runs")


class Evaluator:
    """Works out expressions of one program. `missing` collects what had to be left out of dictionaries and lists."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.missing: list[str] = []
        self._steps = 0

    def value(
        self, node: Node, module: Module, known: Mapping[str, Any] | None = None, depth: int = 0
    ) -> Any:
        """The value of an expression: text, number, truth value, None, list or dict.

        `known` holds the values of a function's parameters while its `return` is worked out.

        Raises:
            Unresolved: it is not constant.

        """
        self._steps = self._steps + 1 if depth else 0
        if depth > _MAX_DEPTH or self._steps > _MAX_STEPS:
            raise _cannot(node)
        work_out = getattr(self, f"_{node.type}", None)
        if work_out is None:
            raise _cannot(node)
        return work_out(node, module, known or {}, depth + 1)

    def partial(self, node: Node, module: Module) -> Any:
        """The value of an expression in which members of dictionaries and lists may be missing.

        Raises:
            Unresolved: not even the outermost value is constant.

        """
        if node.type == "dictionary":
            return self._partial_dictionary(node, module)
        if node.type == "list":
            return self._kept(parts(node), module)
        found = self.program.look_up(node, module)
        if isinstance(found, Found) and found.node.type in {"dictionary", "list"}:
            return self.partial(found.node, found.module)
        return self.value(node, module)

    def _partial_dictionary(self, node: Node, module: Module) -> dict[str, Any]:
        members: dict[str, Any] = {}
        for pair in parts(node):
            key, value = pair.child_by_field_name("key"), pair.child_by_field_name("value")
            try:
                if key is not None and value is not None:
                    members[_key(self.value(key, module), key)] = self.partial(value, module)
                elif pair.type == "dictionary_splat":
                    members.update(self._mapping(pair.named_children[0], module, {}, 0))
            except Unresolved as error:
                self.missing.append(str(error))
        return members

    def _kept(self, nodes: list[Node], module: Module) -> list[Any]:
        kept = []
        for node in nodes:
            try:
                kept.append(self.partial(node, module))
            except Unresolved as error:
                self.missing.append(str(error))
        return kept

    def docstring(self, definition: Node) -> str | None:
        """The docstring of a function or class as `inspect.getdoc` gives it, or None."""
        body = definition.child_by_field_name("body")
        statements = (
            [node for node in body.named_children if node.type != "comment"] if body is not None else []
        )
        first = statements[0] if statements else None
        if first is None or first.type != "expression_statement" or first.named_child_count != 1:
            return None
        literal = first.named_children[0]
        if literal.type not in {"string", "concatenated_string"} or any(
            _is_formatted(part) for part in _strings(literal)
        ):
            return None
        try:
            return inspect.cleandoc("".join(_literal(part) for part in _strings(literal)))
        except Unresolved:
            return None

    def _string(self, node: Node, module: Module, known: Mapping[str, Any], depth: int) -> str:
        if not _is_formatted(node):
            return _literal(node)
        start, end = text(node.children[0]), text(node.children[-1])
        plain = start.lower().replace("f", "")
        pieces = []
        for part in node.children[1:-1]:
            if part.type == "interpolation":
                pieces.append(self._interpolation(part, module, known, depth))
            else:
                source = text(part).replace("{{", "{").replace("}}", "}")
                pieces.append(_decoded(f"{plain}{source}{end}", part))
        return _joined("", pieces, node)

    def _interpolation(self, node: Node, module: Module, known: Mapping[str, Any], depth: int) -> str:
        if node.named_child_count != 1:  # a conversion or a format
            raise _cannot(node)
        return str(self._scalar(node.named_children[0], module, known, depth))

    def _concatenated_string(self, node: Node, module: Module, known: Mapping[str, Any], depth: int) -> str:
        return _joined("", [self._string(part, module, known, depth) for part in _strings(node)], node)

    def _scalar(self, node: Node, module: Module, known: Mapping[str, Any], depth: int) -> Any:
        value = self.value(node, module, known, depth)
        if not isinstance(value, str | int | float):
            raise _cannot(node)
        return value

    def _parenthesized_expression(
        self, node: Node, module: Module, known: Mapping[str, Any], depth: int
    ) -> Any:
        inner = parts(node)
        if len(inner) != 1:
            raise _cannot(node)
        return self.value(inner[0], module, known, depth)

    def _binary_operator(self, node: Node, module: Module, known: Mapping[str, Any], depth: int) -> Any:
        left, operator, right = (node.child_by_field_name(part) for part in ("left", "operator", "right"))
        if left is None or right is None or operator is None or operator.type != "+":
            raise _cannot(node)
        one, other = self.value(left, module, known, depth), self.value(right, module, known, depth)
        if (
            type(one) is not type(other)
            or not isinstance(one, str | list)
            or len(one) + len(other) > MAX_TEXT
        ):
            raise _cannot(node)
        return one + other

    def _integer(self, node: Node, *_: Any) -> int | float:
        return _number(node)

    def _float(self, node: Node, *_: Any) -> int | float:
        return _number(node)

    def _unary_operator(self, node: Node, *_: Any) -> int | float:
        if node.named_children[-1].type not in {"integer", "float"}:
            raise _cannot(node)
        return _number(node)

    def _true(self, *_: Any) -> bool:
        return True

    def _false(self, *_: Any) -> bool:
        return False

    def _none(self, *_: Any) -> None:
        return None

    def _list(self, node: Node, module: Module, known: Mapping[str, Any], depth: int) -> list[Any]:
        return [self.value(item, module, known, depth) for item in parts(node)]

    _tuple = _list

    def _dictionary(self, node: Node, module: Module, known: Mapping[str, Any], depth: int) -> dict[str, Any]:
        members: dict[str, Any] = {}
        for pair in parts(node):
            key, value = pair.child_by_field_name("key"), pair.child_by_field_name("value")
            if key is not None and value is not None:
                members[_key(self.value(key, module, known, depth), key)] = self.value(
                    value, module, known, depth
                )
            elif pair.type == "dictionary_splat":
                members.update(self._mapping(pair.named_children[0], module, known, depth))
            else:
                raise _cannot(pair)
        return members

    def _mapping(self, node: Node, module: Module, known: Mapping[str, Any], depth: int) -> dict[str, Any]:
        value = self.value(node, module, known, depth)
        if not isinstance(value, dict):
            raise _cannot(node)
        return value

    def _subscript(self, node: Node, module: Module, known: Mapping[str, Any], depth: int) -> Any:
        holder, key = node.child_by_field_name("value"), node.child_by_field_name("subscript")
        if holder is None or key is None:
            raise _cannot(node)
        try:
            return self.value(holder, module, known, depth)[self.value(key, module, known, depth)]
        except (LookupError, TypeError) as error:
            raise _cannot(node) from error

    def _identifier(self, node: Node, module: Module, known: Mapping[str, Any], depth: int) -> Any:
        name = text(node)
        if name in known:
            return known[name]
        found = self.program.look_up(node, module)
        if not isinstance(found, Found) or found.node.type in {
            "function_definition",
            "class_definition",
            "module",
        }:
            raise _cannot(node)
        return self.value(found.node, found.module, None, depth)

    def _attribute(self, node: Node, module: Module, known: Mapping[str, Any], depth: int) -> Any:
        owner, attribute = node.child_by_field_name("object"), node.child_by_field_name("attribute")
        if owner is None or attribute is None:
            raise _cannot(node)
        found = self.program.look_up(node, module)
        if isinstance(found, Found) and found.node.type not in {
            "function_definition",
            "class_definition",
            "module",
        }:
            return self._member(text(attribute), found, owner, depth)
        whose = self.program.look_up(owner, module)
        if text(attribute) == "value" and isinstance(whose, Found) and owner.type == "attribute":
            return self.value(owner, module, known, depth)  # an enumeration's member
        if text(attribute) == "__doc__" and isinstance(whose, Found):
            return self.docstring(whose.node)
        raise _cannot(node)

    def _member(self, name: str, found: Found, owner: Node, depth: int) -> Any:
        """The value of a class attribute; `auto()` in a StrEnum is the member's name in lower case."""
        if text(found.node) in {"auto()", "enum.auto()"}:
            whose = self.program.look_up(owner, found.module)
            if isinstance(whose, Found) and "StrEnum" in bases(whose.node):
                return name.lower()
        return self.value(found.node, found.module, None, depth)

    def _call(self, node: Node, module: Module, known: Mapping[str, Any], depth: int) -> Any:
        function = node.child_by_field_name("function")
        positional, keywords, splat = arguments(node)
        if function is None or splat:
            raise _cannot(node)
        found = self.program.look_up(function, module)
        if isinstance(found, External) and found.is_mcp and found.dotted.endswith(".ToolAnnotations"):
            return {camel(name): self.value(value, module, known, depth) for name, value in keywords.items()}
        values = [self.value(argument, module, known, depth) for argument in positional]
        if isinstance(found, External) and found.dotted in _FUNCTIONS and not keywords:
            return _called(node, _FUNCTIONS[found.dotted], values)
        if isinstance(found, Found) and found.node.type == "function_definition":
            named = {name: self.value(value, module, known, depth) for name, value in keywords.items()}
            return self._returned(node, found, values, named, depth)
        owner, name = function.child_by_field_name("object"), function.child_by_field_name("attribute")
        if owner is not None and name is not None and text(name) == "join" and len(values) == 1:
            return _joined(self._scalar(owner, module, known, depth), values[0], node)
        if owner is None or name is None or keywords or text(name) not in _METHODS:
            raise _cannot(node)
        return _called(node, _METHODS[text(name)], [self._scalar(owner, module, known, depth), *values])

    def _returned(
        self, call: Node, function: Found, values: list[Any], named: dict[str, Any], depth: int
    ) -> Any:
        """What a function of one `return` statement returns for these arguments."""
        parameters = parts(function.node.child_by_field_name("parameters"))
        *before, last = [*parts(function.node.child_by_field_name("body"))] or [call]
        returned = parts(last)
        if last.type != "return_statement" or len(returned) != 1 or len(before) > 1:
            raise _cannot(call)
        if any(node.type != "expression_statement" for node in before):  # a docstring may stand before it
            raise _cannot(call)
        known = dict(zip(map(parameter_name, parameters), values, strict=False)) | named
        for parameter in parameters:
            default = parameter.child_by_field_name("value")
            if parameter_name(parameter) not in known and default is not None:
                known[parameter_name(parameter)] = self.value(default, function.module, None, depth)
        return self.value(returned[0], function.module, known, depth)


def bases(definition: Node) -> list[str]:
    """The last words of a class's bases: `StrEnum` for `enum.StrEnum`."""
    holder = definition.child_by_field_name("superclasses")
    return (
        [text(node).split("[")[0].rsplit(".", 1)[-1] for node in holder.named_children]
        if holder is not None
        else []
    )


def camel(name: str) -> str:
    """`read_only_hint` as the protocol spells it, `readOnlyHint`."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _called(node: Node, function: Callable[..., Any], values: list[Any]) -> Any:
    try:
        return function(*values)
    except (TypeError, ValueError) as error:
        raise _cannot(node) from error


def _joined(separator: Any, parts: Any, node: Node) -> str:
    """`separator.join(parts)`, if it does not grow too long."""
    if (
        not isinstance(separator, str)
        or not isinstance(parts, list)
        or not all(isinstance(part, str) for part in parts)
    ):
        raise _cannot(node)
    if sum(map(len, parts)) + len(separator) * len(parts) > MAX_TEXT:
        raise _cannot(node)
    return separator.join(parts)


def _key(value: Any, node: Node) -> str:
    if not isinstance(value, str):
        raise _cannot(node)
    return value


def _strings(node: Node) -> list[Node]:
    return (
        [child for child in node.named_children if child.type == "string"]
        if node.type != "string"
        else [node]
    )


def _is_formatted(node: Node) -> bool:
    return bool(node.children) and "f" in text(node.children[0]).lower().split('"')[0].split("'")[0]


def _number(node: Node) -> int | float:
    """A literal number that JSON can carry: no complex ones, nothing infinite."""
    value = _decoded(text(node), node)
    try:
        if isinstance(value, int | float) and math.isfinite(value):
            return value
    except OverflowError:  # a whole number beyond every float
        pass
    raise _cannot(node)


def _literal(node: Node) -> str:
    value = _decoded(text(node), node)
    if not isinstance(value, str):  # bytes
        raise _cannot(node)
    return value


def _decoded(source: str, node: Node) -> Any:
    """A literal's value by Python's own reader of literals, which evaluates nothing."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an odd escape is the author's business
            return ast.literal_eval(source)
    except (ValueError, SyntaxError, MemoryError, RecursionError) as error:
        raise _cannot(node) from error
