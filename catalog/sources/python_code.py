"""Python source as parsed, not run: modules, what their names are bound to, and imports followed within the tree."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Final

import tree_sitter_python
from tree_sitter import Language, Node, Parser

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_LANGUAGE: Final = Language(tree_sitter_python.language())
_MAX_HOPS: Final = 12  # imports and aliases followed before giving up
_BLOCKS: Final = frozenset(
    {"if_statement", "elif_clause", "else_clause", "try_statement", "except_clause", "finally_clause", "with_statement",
     "block", "for_statement", "while_statement"}
)  # fmt: skip
_SCOPES: Final = frozenset({"function_definition", "class_definition", "module"})


@dataclass(frozen=True, slots=True)
class External:
    """Something imported from outside the tree: `mcp.types.Tool`."""

    dotted: str

    @property
    def is_mcp(self) -> bool:
        """Whether it comes from an MCP library: the official SDK, FastMCP, or another called after the protocol."""
        return "mcp" in self.dotted.split(".", 1)[0].lower()


@dataclass(frozen=True, slots=True)
class Found:
    """What a name or attribute stands for: a node (function, class, or the expression assigned) and its module."""

    node: Node
    module: Module


@dataclass(frozen=True, slots=True)
class _Import:
    """`from <dots><dotted> import <name>`; name is None for `import dotted`.

    `fallback` says that it stands under `except` or `else`, where an import that went well comes first.
    """

    dots: int
    dotted: str
    name: str | None
    fallback: bool = False


_UNKNOWN: Final = "unknown"  # bound more than once, by a loop, or as a parameter
Binding = Node | _Import | str


@dataclass(slots=True, eq=False)
class Module:
    """One parsed file. `path` is its path in the tree."""

    path: str
    root: Node
    stars: list[_Import] = field(default_factory=list)
    bindings: dict[int, dict[str, Binding]] = field(default_factory=dict)

    def names(self, scope: Node) -> Mapping[str, Binding]:
        """What the names of a function, class or module body are bound to."""
        known = self.bindings.get(scope.id)
        if known is None:
            known = self.bindings[scope.id] = _bindings(scope, self.stars)
        return known


def parse(data: bytes) -> Node:
    """The syntax tree of Python source; never fails, errors are nodes in it."""
    return Parser(_LANGUAGE).parse(data).root_node


def text(node: Node) -> str:
    """The source text of a node."""
    return (node.text or b"").decode("utf-8", "replace")


def parts(node: Node | None) -> list[Node]:
    """The named children of a node without comments; none for None."""
    return [child for child in node.named_children if child.type != "comment"] if node is not None else []


def line(node: Node) -> int:
    """The line a node starts at, from 1."""
    return node.start_point.row + 1


def arguments(call: Node) -> tuple[list[Node], dict[str, Node], bool]:
    """Positional and keyword arguments of a call, and whether there are `*` or `**` ones beside them."""
    positional: list[Node] = []
    keywords: dict[str, Node] = {}
    splat = False
    for argument in parts(call.child_by_field_name("arguments")):
        if argument.type == "keyword_argument":
            name, value = argument.child_by_field_name("name"), argument.child_by_field_name("value")
            if name is not None and value is not None:
                keywords[text(name)] = value
        elif argument.type in {"list_splat", "dictionary_splat"}:
            splat = True
        else:
            positional.append(argument)
    return positional, keywords, splat


def parameter_name(parameter: Node) -> str:
    """The name of one parameter of a signature, without stars; "" for `/`, `*` and comments."""
    node = parameter.child_by_field_name("name") or parameter
    while (
        node.type in {"typed_parameter", "list_splat_pattern", "dictionary_splat_pattern"}
        and node.named_children
    ):
        node = node.named_children[0]
    return text(node) if node.type == "identifier" else ""


def walk(root: Node) -> Iterator[Node]:
    """Every named node below `root`, in the order of the source, without recursion."""
    cursor = root.walk()
    down = True
    while True:
        if down and cursor.node is not None and cursor.node.is_named:
            yield cursor.node
        if down and cursor.goto_first_child():
            continue
        if cursor.goto_next_sibling():
            down = True
        elif cursor.goto_parent():
            down = False
        else:
            return


class Program:
    """All modules of a tree, parsed when first needed."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = files
        self._by_tail: dict[str, list[str]] = defaultdict(list)
        for path in files:
            parts = path.removesuffix(".py").removesuffix("/__init__").split("/")
            for start in range(max(0, len(parts) - 8), len(parts)):
                self._by_tail[".".join(parts[start:])].append(path)
        self.module = cache(self._parsed)

    def _parsed(self, path: str) -> Module:
        return Module(path, parse(self._files[path]))

    def look_up(self, node: Node, module: Module, hops: int = 0) -> Found | External | None:
        """What an identifier or a dotted expression stands for; None when that cannot be known."""
        if hops > _MAX_HOPS:
            return None
        if node.type == "identifier":
            return self._identifier(text(node), node, module, hops)
        if node.type in {"attribute", "member_type"}:
            return self._attribute(node, module, hops)
        return None

    def member(self, name: str, found: Found, hops: int = 0) -> Found | External | None:
        """What `name` is in a class body or at the top of a module."""
        binding = found.module.names(found.node).get(name)
        if binding is not None:
            return self._bound(binding, found.module, hops + 1)
        return self._starred(name, found.module, hops + 1) if found.node.type == "module" else None

    def _identifier(self, name: str, at: Node, module: Module, hops: int) -> Found | External | None:
        scope: Node | None = at.parent
        in_function = False
        while scope is not None:
            is_class = scope.type == "class_definition"
            if scope.type in _SCOPES and not (is_class and in_function):
                binding = module.names(scope).get(name)
                if binding is not None:
                    return self._bound(binding, module, hops + 1)
            in_function = in_function or scope.type == "function_definition"
            scope = scope.parent
        return self._starred(name, module, hops + 1)

    def _attribute(self, node: Node, module: Module, hops: int) -> Found | External | None:
        owner, name = node.child_by_field_name("object"), node.child_by_field_name("attribute")
        if owner is None or name is None:
            owner, name = (
                (node.named_children[0], node.named_children[-1])
                if node.named_child_count > 1
                else (None, None)
            )
        if owner is None or name is None:
            return None
        found = self.look_up(owner, module, hops + 1)
        if isinstance(found, External):
            return External(f"{found.dotted}.{text(name)}")
        if found is None or found.node.type not in {"class_definition", "module"}:
            return None
        return self.member(text(name), found, hops)

    def _bound(self, binding: Binding, module: Module, hops: int) -> Found | External | None:
        if isinstance(binding, _Import):
            return self._imported(binding, module, hops)
        if isinstance(binding, str) or hops > _MAX_HOPS:
            return None
        if binding.type in {"identifier", "attribute"}:
            return self.look_up(binding, module, hops + 1) or Found(binding, module)
        return Found(binding, module)

    def _imported(self, imported: _Import, module: Module, hops: int) -> Found | External | None:
        if hops > _MAX_HOPS:
            return None
        local = self._local(imported.dots, imported.dotted, module)
        if imported.name is None:
            return Found(local.root, local) if local else External(imported.dotted)
        if local is not None:
            inside = self.member(imported.name, Found(local.root, local), hops + 1)
            if inside is not None:
                return inside
        below = self._local(imported.dots, f"{imported.dotted}.{imported.name}".strip("."), module)
        if below is not None:
            return Found(below.root, below)
        return External(f"{imported.dotted}.{imported.name}") if local is None and not imported.dots else None

    def _starred(self, name: str, module: Module, hops: int) -> Found | External | None:
        module.names(module.root)  # collects the star imports
        for star in module.stars:
            found = self._imported(_Import(star.dots, star.dotted, name), module, hops + 1)
            if found is not None:
                return found
        return None

    def _local(self, dots: int, dotted: str, module: Module) -> Module | None:
        """The module of the tree that an import means; of several, the one nearest to the importing file."""
        if dots:
            folder = module.path.split("/")[:-dots]
            base = "/".join([*folder, *dotted.split(".")]) if dotted else "/".join(folder)
            paths = [f"{base}.py", f"{base}/__init__.py".lstrip("/")]
            return next((self.module(path) for path in paths if path in self._files), None)
        candidates = self._by_tail.get(dotted, ())
        return (
            self.module(max(candidates, key=lambda path: _shared(path, module.path))) if candidates else None
        )


def _shared(path: str, other: str) -> tuple[int, int]:
    """Sorts by leading folders in common, then by the shorter path."""
    ours, theirs = path.split("/"), other.split("/")
    same = next((n for n, (a, b) in enumerate(zip(ours, theirs, strict=False)) if a != b), len(ours))
    return same, -len(ours)


def _bindings(scope: Node, stars: list[_Import]) -> dict[str, Binding]:
    names: dict[str, Binding] = {}
    parameters = parts(scope.child_by_field_name("parameters"))
    names.update({parameter_name(node): _UNKNOWN for node in parameters})
    body = scope if scope.type == "module" else scope.child_by_field_name("body")
    for name, binding in _statements(body, stars) if body is not None else ():
        known = names.get(name)
        if known is None or (
            isinstance(known, _Import) and isinstance(binding, _Import) and not binding.fallback
        ):
            names[name] = binding
        elif not (isinstance(binding, _Import) and binding.fallback):
            names[name] = _UNKNOWN
    return names


def _statements(block: Node, stars: list[_Import]) -> Iterator[tuple[str, Binding]]:
    """Yield the names that the statements of a block bind, nested blocks included, nested scopes not."""
    for statement in block.named_children:
        if statement.type in _BLOCKS:
            target = statement.child_by_field_name("left")
            if target is not None:
                yield from ((text(node), _UNKNOWN) for node in walk(target) if node.type == "identifier")
            yield from _statements(statement, stars)
        elif statement.type == "decorated_definition":
            definition = statement.child_by_field_name("definition")
            yield from _definition(definition) if definition is not None else ()
        elif statement.type in {"function_definition", "class_definition"}:
            yield from _definition(statement)
        elif statement.type in {"import_statement", "import_from_statement"}:
            yield from _import(statement, stars)
        elif statement.type in {"expression_statement", "type_alias_statement"}:
            for part in (statement, *statement.named_children):
                yield from _assignment(part)


def _definition(node: Node) -> Iterator[tuple[str, Binding]]:
    name = node.child_by_field_name("name")
    if name is not None:
        yield text(name), node


def _assignment(node: Node) -> Iterator[tuple[str, Binding]]:
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if left is None or node.type not in {"assignment", "augmented_assignment", "type_alias_statement"}:
        return
    if left.type == "type" and left.named_child_count == 1:
        left = left.named_children[0]
    if left.type == "identifier" and node.type != "augmented_assignment":
        if right is not None:
            yield text(left), right
            yield from _assignment(right)  # a = b = value
    elif left.type != "attribute":
        yield from ((text(part), _UNKNOWN) for part in walk(left) if part.type == "identifier")


def _import(statement: Node, stars: list[_Import]) -> Iterator[tuple[str, Binding]]:
    source = statement.child_by_field_name("module_name")
    dots, dotted = _source(source)
    fallback = _is_fallback(statement)
    if any(child.type == "wildcard_import" for child in statement.named_children):
        stars.append(_Import(dots, dotted, None))
    for node in statement.children_by_field_name("name"):
        inner, alias = node.child_by_field_name("name"), node.child_by_field_name("alias")
        name = text(inner if inner is not None else node)
        if source is not None:
            yield text(alias) if alias is not None else name, _Import(dots, dotted, name, fallback)
        elif alias is not None:
            yield text(alias), _Import(0, name, None, fallback)
        else:
            yield name.split(".")[0], _Import(0, name.split(".")[0], None, fallback)


def _is_fallback(statement: Node) -> bool:
    holder = statement.parent
    while holder is not None and holder.type not in _SCOPES:
        if holder.type in {"except_clause", "else_clause"}:
            return True
        holder = holder.parent
    return False


def _source(node: Node | None) -> tuple[int, str]:
    if node is None:
        return 0, ""
    whole = text(node)
    dotted = whole.lstrip(". ")
    return (
        (whole[: len(whole) - len(dotted)].count("."), dotted)
        if node.type == "relative_import"
        else (0, whole)
    )
