"""Input schemas from Python signatures and model classes, as the SDKs derive them, as far as types can be read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tree_sitter import Node

from catalog.sources import python_code
from catalog.sources.python_code import Found, Module, arguments, parameter_name, parts, text
from catalog.sources.python_values import Evaluator, Unresolved, bases

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_MAX_DEPTH: Final = 12  # of nested types and model classes
_SIMPLE: Final = {
    "str": "string", "int": "integer", "float": "number", "bool": "boolean", "bytes": "string", "dict": "object",
    "Dict": "object", "Mapping": "object", "MutableMapping": "object", "None": "null", "Path": "string",
}  # fmt: skip
_FORMATS: Final = {
    "AnyUrl": "uri", "AnyHttpUrl": "uri", "HttpUrl": "uri", "EmailStr": "email", "UUID": "uuid", "datetime": "date-time",
    "date": "date", "time": "time",
}  # fmt: skip
_ARRAYS: Final = frozenset(
    {"list", "List", "Sequence", "Iterable", "tuple", "Tuple", "set", "Set", "frozenset"}
)
_OBJECTS: Final = frozenset({"dict", "Dict", "Mapping", "MutableMapping"})
_INJECTED: Final = frozenset(
    {"Context", "ServerSession", "RunContext"}
)  # given by the SDK, not by the caller
_INJECTED_DEFAULTS: Final = frozenset({"Depends", "CurrentContext", "CurrentFastMCP"})
_SOME: Final = object()  # stands for a default that exists and cannot be read, until `_cleaned`
_FIELD_FACTS: Final = {
    "description": "description", "title": "title", "ge": "minimum", "le": "maximum", "gt": "exclusiveMinimum",
    "lt": "exclusiveMaximum", "min_length": "minLength", "max_length": "maxLength", "pattern": "pattern", "examples": "examples",
}  # fmt: skip


class SchemaReader:
    """Reads parameters of one program's functions and models as JSON Schema."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._program = evaluator.program

    def of_function(self, function: Found, *, method: bool) -> dict[str, Any]:
        """The input schema of a tool function; injected parameters (`Context`) and `self` are left out."""
        parameters = parts(function.node.child_by_field_name("parameters"))
        if method and parameters and parameters[0].type == "identifier":
            parameters = parameters[1:]
        members = (self._parameter(parameter, function.module) for parameter in parameters)
        schema: dict[str, Any] = _cleaned(_object(member for member in members if member is not None))
        return schema

    def of_model(self, model: Found, depth: int = 0) -> dict[str, Any]:
        """The schema of a pydantic model, TypedDict or dataclass of the tree, fields of its base classes first."""
        fields = {name: (name, schema, required) for name, schema, required in self._fields(model, depth)}
        schema: dict[str, Any] = _cleaned(_object(fields.values()))
        return schema

    def _parameter(self, node: Node, module: Module) -> tuple[str, dict[str, Any], bool] | None:
        name = parameter_name(node)
        starred = any(child.type.endswith("splat_pattern") for child in (node, *node.named_children))
        annotation, default = node.child_by_field_name("type"), node.child_by_field_name("value")
        if not name or starred or self._is_injected(annotation, default, module):
            return None
        return self._field(name, annotation, default, module, 0)

    def _is_injected(self, annotation: Node | None, default: Node | None, module: Module) -> bool:
        called = (
            default.child_by_field_name("function")
            if default is not None and default.type == "call"
            else None
        )
        if called is not None and text(called).rsplit(".", 1)[-1] in _INJECTED_DEFAULTS:
            return True
        return annotation is not None and any(
            _last(node) in _INJECTED for node in self._type_heads(annotation, module, 0)
        )

    def _type_heads(self, node: Node, module: Module, depth: int) -> Iterator[Node]:
        """The names at the head of an annotation and of its alternatives, aliases of the tree followed."""
        if depth > _MAX_DEPTH:
            return
        head, inner = _split(node)
        if head is None or _last(head) in {"Optional", "Union", "Annotated"}:
            for child in inner:
                yield from self._type_heads(child, module, depth + 1)
            return
        yield head
        found = self._program.look_up(head, module)
        if isinstance(found, Found) and found.node.type not in {
            "class_definition",
            "function_definition",
            "module",
        }:
            yield from self._type_heads(found.node, found.module, depth + 1)

    def _field(
        self, name: str, annotation: Node | None, default: Node | None, module: Module, depth: int
    ) -> tuple[str, dict[str, Any], bool]:
        """Name, schema and whether it is required, from an annotation and a default (or `Field(…)` in either)."""
        schema = self._type(annotation, module, depth + 1) if annotation is not None else {}
        required = default is None and "default" not in schema
        if default is not None and _is_field(default):
            facts = self._field_facts(default, module)
            schema, required = _bounded(schema, facts), "default" not in facts
        elif default is not None:
            schema = schema | self._fact("default", default, module)
        return name, schema, required

    def _fact(self, key: str, node: Node, module: Module) -> dict[str, Any]:
        """`{key: value}`, or nothing when the value is not constant."""
        try:
            return {key: self._evaluator.value(node, module)}
        except Unresolved:
            return {}

    def _field_facts(self, call: Node, module: Module) -> dict[str, Any]:
        positional, keywords, _ = arguments(call)
        default = keywords.get("default", positional[0] if positional else None)
        facts: dict[str, Any] = {}
        if "default_factory" in keywords:
            facts["default"] = _SOME
        elif default is not None and default.type != "ellipsis":
            facts |= self._fact("default", default, module) or {"default": _SOME}
        for keyword, key in _FIELD_FACTS.items():
            if keyword in keywords:
                facts |= self._fact(key, keywords[keyword], module)
        return facts

    def _type(self, node: Node, module: Module, depth: int) -> dict[str, Any]:
        """The schema of an annotation; `{}` where any value goes or the type is not one we know."""
        if depth > _MAX_DEPTH:
            return {}
        head, inner = _split(node)
        if head is not None and head.type == "string":
            return self._quoted(head, module, depth)
        if head is None or _last(head) in {"Optional", "Union"}:
            options = [self._type(child, module, depth + 1) for child in inner]
            return _any_of(
                options if head is None or _last(head) == "Union" else [*options, {"type": "null"}]
            )
        if not inner:
            return self._plain(head, module, depth)
        return self._generic(_last(head), inner, module, depth)

    def _plain(self, head: Node, module: Module, depth: int) -> dict[str, Any]:
        name = _last(head)
        if name in _SIMPLE or name in _ARRAYS:
            return {"type": _SIMPLE.get(name, "array")}
        if name in _FORMATS:
            return {"type": "string", "format": _FORMATS[name]}
        found = self._program.look_up(head, module)
        return self._definition(found, depth) if isinstance(found, Found) else {}

    def _generic(self, name: str, inner: list[Node], module: Module, depth: int) -> dict[str, Any]:
        if name == "Annotated":
            return self._annotated(inner, module, depth)
        if name == "Literal":
            return self._literal(inner, module)
        if name in _ARRAYS:
            item = self._type(inner[0], module, depth + 1)
            return {"type": "array", "items": item} if item else {"type": "array"}
        value = self._type(inner[-1], module, depth + 1) if name in _OBJECTS else {}
        known = {"type": "object"} if name in _OBJECTS else {}
        return known | {"additionalProperties": value} if value else known

    def _quoted(self, node: Node, module: Module, depth: int) -> dict[str, Any]:
        """A forward reference; names in it are looked up at the top of the module."""
        try:
            source = str(self._evaluator.value(node, module))
        except Unresolved:
            return {}
        inner = Module(module.path, python_code.parse(source.encode("utf-8", "replace")))
        statements = inner.root.named_children
        if len(statements) != 1 or statements[0].named_child_count != 1:
            return {}
        head, parts = _split(statements[0].named_children[0])
        if head is not None and not parts and _last(head) not in _SIMPLE:
            found = self._program.member(text(head), Found(module.root, module))
            return self._definition(found, depth) if isinstance(found, Found) else {}
        return self._type(statements[0].named_children[0], inner, depth + 1)

    def _annotated(self, inner: list[Node], module: Module, depth: int) -> dict[str, Any]:
        schema = self._type(inner[0], module, depth + 1)
        for extra in inner[1:]:
            node = parts(extra)[0] if extra.type == "type" and parts(extra) else extra
            if _is_field(node):
                schema = _bounded(schema, self._field_facts(node, module))
            elif node.type in {"string", "concatenated_string"}:  # FastMCP's short form of a description
                schema = schema | self._fact("description", node, module)
        return schema

    def _literal(self, inner: list[Node], module: Module) -> dict[str, Any]:
        try:
            nodes = [parts(node)[0] if node.type == "type" else node for node in inner]
            values = [self._evaluator.value(node, module) for node in nodes]
        except (Unresolved, IndexError):
            return {}
        return (
            {"enum": values, "type": "string"}
            if all(isinstance(value, str) for value in values)
            else {"enum": values}
        )

    def _definition(self, found: Found, depth: int) -> dict[str, Any]:
        """The schema of a class of the tree, or of the type that an alias stands for."""
        if found.node.type != "class_definition":
            return (
                self._type(found.node, found.module, depth + 1)
                if found.node.type != "function_definition"
                else {}
            )
        if any(base.endswith("Enum") for base in bases(found.node)):
            return self._members(found)
        return self.of_model(found, depth + 1) if depth < _MAX_DEPTH else {"type": "object"}

    def _members(self, enumeration: Found) -> dict[str, Any]:
        values = []
        for binding in enumeration.module.names(enumeration.node).values():
            if not isinstance(binding, Node) or binding.type == "function_definition":
                continue
            try:
                values.append(self._evaluator.value(binding, enumeration.module))
            except Unresolved:
                return {}
        return {"enum": values}

    def _fields(self, model: Found, depth: int) -> Iterator[tuple[str, dict[str, Any], bool]]:
        if depth > _MAX_DEPTH:
            return
        for parent in parts(model.node.child_by_field_name("superclasses")):
            found = self._program.look_up(parent, model.module)
            if isinstance(found, Found) and found.node.type == "class_definition":
                yield from self._fields(found, depth + 1)
        for statement in parts(model.node.child_by_field_name("body")):
            for field in parts(statement) if statement.type == "expression_statement" else ():
                name, annotation = field.child_by_field_name("left"), field.child_by_field_name("type")
                if (
                    field.type != "assignment"
                    or name is None
                    or annotation is None
                    or "ClassVar" in text(annotation)
                ):
                    continue
                yield self._field(
                    text(name), annotation, field.child_by_field_name("right"), model.module, depth
                )


def model_of(node: Node, evaluator: Evaluator, module: Module) -> Found | None:
    """The model class of `Model.model_json_schema()` or `Model.schema()`."""
    function = node.child_by_field_name("function") if node.type == "call" else None
    owner = function.child_by_field_name("object") if function is not None else None
    name = function.child_by_field_name("attribute") if function is not None else None
    if owner is None or name is None or text(name) not in {"model_json_schema", "schema"}:
        return None
    found = evaluator.program.look_up(owner, module)
    return found if isinstance(found, Found) and found.node.type == "class_definition" else None


def _cleaned(value: Any) -> Any:  # of a JSON value: the same value
    if isinstance(value, dict):
        return {key: _cleaned(member) for key, member in value.items() if member is not _SOME}
    return [_cleaned(item) for item in value] if isinstance(value, list) else value


def _object(members: Iterable[tuple[str, dict[str, Any], bool]]) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    required = []
    for name, schema, needed in members:
        properties[name] = schema
        required += [name] if needed else []
    schema = {"type": "object", "properties": properties}
    return schema | {"required": required} if required else schema


def _bounded(schema: dict[str, Any], facts: dict[str, Any]) -> dict[str, Any]:
    """A schema with the facts of its `Field(…)`; bounds of length count items where it is an array."""
    if schema.get("type") == "array":
        facts = {key.replace("Length", "Items"): value for key, value in facts.items()}
    return schema | facts


def _any_of(options: list[dict[str, Any]]) -> dict[str, Any]:
    flat = [part for option in options for part in option.get("anyOf", [option])]
    return {"anyOf": flat} if len(flat) > 1 else {}


def _split(node: Node) -> tuple[Node | None, list[Node]]:
    """Head and arguments of a generic type; no head and the alternatives for `A | B`."""
    while node.type in {"type", "parenthesized_expression"} and len(parts(node)) == 1:
        node = parts(node)[0]
    if node.type == "generic_type" and len(parts(node)) == 2:
        return parts(node)[0], parts(parts(node)[1])
    if node.type == "subscript":
        return node.child_by_field_name("value"), node.children_by_field_name("subscript")
    if node.type in {"union_type", "binary_operator"}:
        return None, parts(node)
    return node, []


def _last(node: Node) -> str:
    """The last word of a dotted name, quoted or not: `Context` for `"fastmcp.Context[A]"`."""
    return text(node).strip("\"'").split("[")[0].rsplit(".", 1)[-1]


def _is_field(node: Node) -> bool:
    function = node.child_by_field_name("function") if node.type == "call" else None
    return function is not None and text(function).rsplit(".", 1)[-1] in {"Field", "field"}
