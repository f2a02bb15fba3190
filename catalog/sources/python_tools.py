"""Tool definitions in Python source: decorators, `add_tool`, and the protocol's own `Tool(…)` constructor.

It is the constructor that is matched, by where its name was imported from, never a key that happens to be
called `name`. What cannot be worked out without running the program is reported, never invented.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
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
    walk,
)
from catalog.sources.python_parameters import SchemaReader, model_of
from catalog.sources.python_values import Evaluator, Unresolved
from classifier.definition import InvalidDefinition, parse
from classifier.types import Provenance

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tree_sitter import Node

    from catalog.sources.trees import SourceTree
    from classifier.types import ToolDefinition

_IMPORTS_MCP: Final = re.compile(rb"^\s*(?:from|import)\s+\w*mcp", re.MULTILINE | re.IGNORECASE)
_MOUNTS: Final = re.compile(rb"\.(?:mount|import_server)\(")
_WRITES_TOOL: Final = re.compile(rb"\.tool\b|add_tool|Tool\b|\.from_(?:openapi|fastapi)\b")
_GENERATORS: Final = (".from_openapi", ".from_fastapi")
_POSITIONAL: Final = {
    "tool": ("name", "title", "description"),
    "add_tool": (None, "name", "title", "description"),
    "Tool": (),
}


@dataclass(frozen=True, slots=True)
class _Site:
    """A place that registers a tool: the call (None for a bare decorator), and the function, if it was found.

    `prefix` is the namespace that the server is mounted under, `jira_`.
    """

    node: Node
    module: Module
    call: Node | None
    function: Found | None
    form: str  # a key of `_POSITIONAL`
    prefix: str = ""


def tools_of(tree: SourceTree, server: str) -> tuple[tuple[ToolDefinition, ...], tuple[str, ...]]:
    """The tools that a tree defines, in the order of its files, and what could not be read, one line each.

    A tool defined twice is taken once; a second, different definition of a name is reported.
    """
    if not any(_IMPORTS_MCP.search(data) for data in tree.files.values()):
        return (), ()
    reader = _Reader(tree, server)
    for path, data in tree.files.items():
        if _MOUNTS.search(data):
            reader.guarded(path, reader.read_mounts)
    for path, data in tree.files.items():
        if _WRITES_TOOL.search(data):
            reader.guarded(path, reader.read_tools)
    return tuple(reader.tools.values()), tuple(dict.fromkeys(reader.unread))


class _Reader:
    def __init__(self, tree: SourceTree, server: str) -> None:
        self._program = Program(tree.files)
        self._evaluator = Evaluator(self._program)
        self._schemas = SchemaReader(self._evaluator)
        self._commit = f"@{tree.commit}" if tree.commit else ""
        self._server = server
        self.tools: dict[str, ToolDefinition] = {}
        self.unread: list[str] = []
        self._prefixes: dict[int, str] = {}  # by the node that makes the mounted server

    def guarded(self, path: str, read: Callable[[Module], None]) -> None:
        """Read a file, however hostile its nesting."""
        try:
            read(self._program.module(path))
        except RecursionError:
            self.unread.append(f"{path}: nested too deeply to be read")

    def read_mounts(self, module: Module) -> None:
        """Note the namespaces of `main.mount(server, namespace="jira")`, in the spellings of FastMCP 2 to 4."""
        for call in walk(module.root):
            function = _part(call, "function") if call.type == "call" else None
            attribute = _part(function, "attribute")
            if attribute is None or text(attribute) not in {"mount", "import_server"}:
                continue
            positional, keywords, _ = arguments(call)
            given = [
                *positional,
                *(keywords[key] for key in ("server", "namespace", "prefix") if key in keywords),
            ]
            made = [found for node in given if (found := self._call_behind(node, module)) is not None]
            words = [node for node in given if node.type in {"string", "identifier", "attribute"}]
            for found in made[:1]:
                prefix = next(
                    (value for node in words if isinstance(value := self._try(node, module), str)), ""
                )
                self._prefixes[found.node.id] = f"{prefix}_" if prefix else ""

    def _call_behind(self, node: Node, module: Module) -> Found | None:
        """The call that made what a name stands for."""
        found = self._program.look_up(node, module)
        return found if isinstance(found, Found) and found.node.type == "call" else None

    def _try(self, node: Node, module: Module) -> Any:
        try:
            return self._evaluator.value(node, module)
        except Unresolved:
            return _UNREAD

    def read_tools(self, module: Module) -> None:
        """Collect the tools of a file."""
        if module.root.has_error:
            self.unread.append(f"{module.path}: not all of this file is Python that we understand")
        for site in self._sites(module):
            self._read(site)

    def _sites(self, module: Module) -> Iterator[_Site]:
        for node in walk(module.root):
            if node.type == "decorator":
                yield from self._decorated(node, module)
            elif node.type == "call" and (node.parent is None or node.parent.type != "decorator"):
                yield from self._called(node, module)

    def _decorated(self, decorator: Node, module: Module) -> Iterator[_Site]:
        expression = decorator.named_children[0]
        call = expression if expression.type == "call" else None
        function = _part(call, "function") if call is not None else expression
        definition = _part(decorator.parent, "definition")
        if definition is None or definition.type != "function_definition" or function is None:
            return
        if self._registers(function, "tool", module):
            yield _Site(
                definition, module, call, Found(definition, module), "tool", self._prefix(function, module)
            )

    def _called(self, call: Node, module: Module) -> Iterator[_Site]:
        function = _part(call, "function")
        if function is None:
            return
        if function.type == "call":  # mcp.tool(…)(function)
            inner = _part(function, "function")
            if inner is not None and self._registers(inner, "tool", module):
                yield from self._given(call, function, module, "tool")
        elif self._is_constructor(function, "Tool", module):
            yield _Site(call, module, call, None, "Tool")
        elif self._takes_function(call, function, module):
            yield from self._given(call, call, module, "add_tool")
        elif function.type == "attribute" and text(function).endswith(_GENERATORS):
            self._report(call, module, "tools are made from an API description when the program runs")

    def _takes_function(self, call: Node, function: Node, module: Module) -> bool:
        """Whether a call registers the function that is its first argument."""
        return (
            self._registers(function, "add_tool", module)
            or (self._registers(function, "tool", module) and _is_name(call))  # mcp.tool(function)
            or self._is_constructor(function, "Tool.from_function", module)
        )

    def _given(self, call: Node, options: Node, module: Module, form: str) -> Iterator[_Site]:
        """The site of a tool whose function is the first argument of `call`."""
        positional, _, _ = arguments(call)
        _, keywords, _ = arguments(options)
        first = positional[0] if positional else keywords.get("fn", keywords.get("tool"))
        if first is None or self._is_tool(first, module):
            return
        found = self._function_behind(first, module)
        prefix = self._prefix(_part(options, "function"), module)
        if found is None and "name" not in keywords:
            self._report(call, module, f"which function {text(first)[:60]!r} is cannot be read")
        else:
            yield _Site(call, module, options, found, form, prefix)

    def _is_tool(self, node: Node, module: Module) -> bool:
        """Whether an argument is itself a `Tool(…)`, which has a site of its own."""
        made = node if node.type == "call" else getattr(self._call_behind(node, module), "node", None)
        function = _part(made, "function")
        return function is not None and any(
            self._is_constructor(function, name, module) for name in ("Tool", "Tool.from_function")
        )

    def _function_behind(self, node: Node, module: Module) -> Found | None:
        """The function that an argument stands for, also inside a wrapper: `logged(function)`."""
        if node.type == "call":
            wrapped, _, _ = arguments(node)
            return self._function_behind(wrapped[0], module) if len(wrapped) == 1 else None
        found = self._program.look_up(node, module)
        return found if isinstance(found, Found) and found.node.type == "function_definition" else None

    def _prefix(self, function: Node | None, module: Module) -> str:
        owner = _part(function, "object")
        made = self._call_behind(owner, module) if owner is not None else None
        return self._prefixes.get(made.node.id, "") if made is not None else ""

    def _registers(self, function: Node, method: str, module: Module) -> bool:
        """Whether an expression is `<something>.method` of what may be an MCP server."""
        owner, name = _part(function, "object"), _part(function, "attribute")
        if function.type != "attribute" or owner is None or name is None or text(name) != method:
            return False
        found = self._program.look_up(owner, module)
        if isinstance(found, Found) and found.node.type == "call":
            constructor = _part(found.node, "function")
            found = self._program.look_up(constructor, found.module) if constructor is not None else None
        return found.is_mcp if isinstance(found, External) else self._annotated_as_mcp(owner, module)

    def _annotated_as_mcp(self, owner: Node, module: Module) -> bool:
        """False only if `owner` is a parameter whose type comes from a library that is not about MCP."""
        scope = owner.parent
        while scope is not None:
            for parameter in parts(_part(scope, "parameters")) if scope.type == "function_definition" else ():
                annotation = _part(parameter, "type")
                if annotation is not None and parameter_name(parameter) == text(owner):
                    found = self._program.look_up(parts(annotation)[0], module)
                    return not isinstance(found, External) or found.is_mcp
            scope = scope.parent
        return True

    def _is_constructor(self, function: Node, name: str, module: Module) -> bool:
        """Whether a called name is an MCP library's `name`, under whatever alias it was imported."""
        if function.type not in {"identifier", "attribute"}:
            return False
        found = self._program.look_up(function, module)
        return isinstance(found, External) and found.is_mcp and f".{found.dotted}".endswith(f".{name}")

    def _read(self, site: _Site) -> None:
        keywords, hidden = self._keywords(site)
        fallback = _part(site.function.node, "name") if site.function is not None else None
        name = self._value(
            keywords.get("name"), site, text(fallback) if fallback is not None and not hidden else None
        )
        if not isinstance(name, str) or not name:
            self._report(site.node, site.module, "a tool's name is only known when the program runs")
            return
        name = site.prefix + name
        raw = {
            "name": name,
            "title": self._optional(keywords.get("title"), site, f"the title of {name!r}", str),
            "annotations": self._annotations(keywords.get("annotations"), site, name),
            "inputSchema": self._input_schema(keywords, site, name),
            "outputSchema": self._schema(
                keywords.get("outputSchema", keywords.get("output_schema")), site, name
            ),
        }
        description, unread = self._description(keywords.get("description"), site, hidden=hidden)
        if unread:
            self._report(
                site.node, site.module, f"the description of {name!r} is only known when the program runs"
            )
        self._add(raw | {"description": description}, site, description_unread=unread)

    def _add(self, raw: dict[str, Any], site: _Site, *, description_unread: bool) -> None:
        try:
            definition = parse(raw, server=self._server, provenance=Provenance.SOURCE)
        except InvalidDefinition as error:
            self._report(site.node, site.module, str(error))
            return
        location = f"{_place(site.node, site.module)}{self._commit}"
        definition = replace(definition, location=location, description_unread=description_unread)
        known = self.tools.setdefault(definition.name, definition)
        if known.fingerprint != definition.fingerprint:
            self._report(
                site.node, site.module, f"another definition of {definition.name!r}; the first one is shown"
            )

    def _keywords(self, site: _Site) -> tuple[Mapping[str, Node], bool]:
        """The named arguments of a registration, positional ones included, and whether `**` may hide some."""
        if site.call is None:
            return {}, False
        positional, keywords, splat = arguments(site.call)
        names = zip(_POSITIONAL[site.form], positional, strict=False)
        return {name: node for name, node in names if name is not None} | keywords, splat

    def _value(self, node: Node | None, site: _Site, default: Any) -> Any:
        """The value of an argument, `default` when there is none; also when the argument is None, as the SDKs do."""
        value = self._try(node, site.module) if node is not None else None
        return default if value is None else value

    def _optional(self, node: Node | None, site: _Site, what: str, kind: type) -> Any:
        value = self._value(node, site, None)
        if value is None or isinstance(value, kind):
            return value
        self._report(site.node, site.module, f"{what} cannot be read")
        return None

    def _description(self, node: Node | None, site: _Site, *, hidden: bool) -> tuple[str | None, bool]:
        """The description, and whether there is one that could not be read."""
        docstring = self._evaluator.docstring(site.function.node) if site.function is not None else None
        value = self._value(node, site, None if hidden else docstring)
        readable = value is None or isinstance(value, str)
        hidden = hidden or (site.function is None and site.form != "Tool")
        return (value, hidden and node is None) if readable else (None, True)

    def _annotations(self, node: Node | None, site: _Site, name: str) -> dict[str, Any] | None:
        value: dict[str, Any] | None = self._optional(node, site, f"the annotations of {name!r}", dict)
        return value

    def _input_schema(self, keywords: Mapping[str, Node], site: _Site, name: str) -> dict[str, Any] | None:
        if site.function is None and site.form != "Tool":
            self._report(site.node, site.module, f"the parameters of {name!r} cannot be read")
            return None
        if site.function is None:
            return self._schema(keywords.get("inputSchema", keywords.get("input_schema")), site, name)
        return self._schemas.of_function(site.function, method=_in_class(site.function.node))

    def _schema(self, node: Node | None, site: _Site, name: str) -> dict[str, Any] | None:
        if node is None:
            return None
        model = model_of(node, self._evaluator, site.module)
        if model is not None:
            return self._schemas.of_model(model)
        self._evaluator.missing.clear()
        try:
            schema = self._evaluator.partial(node, site.module)
        except Unresolved:
            schema = _UNREAD
        for gap in self._evaluator.missing:
            self._report(site.node, site.module, f"a part of the schema of {name!r} cannot be read: {gap}")
        if isinstance(schema, dict) or schema is None:
            return schema
        self._report(site.node, site.module, f"the schema of {name!r} cannot be read")
        return None

    def _report(self, node: Node, module: Module, what: str) -> None:
        self.unread.append(f"{_place(node, module)}: {what}")


_UNREAD: Final = object()


def _place(node: Node, module: Module) -> str:
    return f"{module.path}:{line(node)}"


def _part(node: Node | None, field: str) -> Node | None:
    """A field of a node that may itself be missing."""
    return node.child_by_field_name(field) if node is not None else None


def _is_name(call: Node) -> bool:
    positional, _, _ = arguments(call)
    return bool(positional) and positional[0].type in {"identifier", "attribute"}


def _in_class(function: Node) -> bool:
    holder = function.parent
    while holder is not None and holder.type in {"block", "decorated_definition"}:
        holder = holder.parent
    return holder is not None and holder.type == "class_definition"
