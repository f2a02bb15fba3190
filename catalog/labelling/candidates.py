"""The tool definitions that a published file may hold: what its form is does not matter, a fingerprint decides.

Publishers wrap tools in their own ways (a `tools/list` answer, an index of servers, a test snapshot, a map
by tool name), and some leave fields away. So every object with a wanted name is tried, with each part of
its fields: only the definition that was labelled has the label's fingerprint.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any, Final

from catalog.sources import jsontext
from catalog.sources.python_tools import tools_of
from catalog.sources.trees import SourceTree, TreeLimitError
from classifier.definition import InvalidDefinition, parse
from classifier.types import Provenance, ToolDefinition

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

_FIELDS: Final = (
    ("title", "title"),
    ("description", "description"),
    ("inputSchema", "input_schema"),
    ("outputSchema", "output_schema"),
    ("annotations", "annotations"),
)
_MAX_DEPTH: Final = 64  # of the JSON around a tool
_JSON: Final = (".json", ".jsonc", ".jsonl", ".snap")
_PYTHON: Final = ".py"


class Unreadable(ValueError):
    """A file of a kind that no reader takes, or one that is damaged; `str()` says which."""


def candidates(path: str, data: bytes, wanted: Collection[str]) -> Iterator[ToolDefinition]:
    """Definitions of the wanted tool names that the file may hold; their server is "".

    Raises:
        Unreadable: no reader takes the file.

    """
    name = path.rpartition("/")[2]
    if name.endswith(_PYTHON):
        yield from _python(name, data, wanted)
    elif name.endswith(_JSON):
        try:
            document = jsontext.strict(jsontext.decode(data))
        except jsontext.JsonTextError as error:
            raise Unreadable(error.at(name)) from error
        for raw in _objects(document, wanted):
            yield from parts(raw)
    else:
        raise Unreadable(f"no reader for {name.rpartition('.')[2] or 'such'} files")


def _python(name: str, data: bytes, wanted: Collection[str]) -> Iterator[ToolDefinition]:
    tree = SourceTree()
    try:
        tree.add(name, data)
    except TreeLimitError as error:
        raise Unreadable(str(error)) from error
    found, _ = tools_of(tree, "")
    for definition in found:
        if definition.name in wanted:
            yield from parts(definition.body())


def _objects(document: Any, wanted: Collection[str]) -> Iterator[dict[str, Any]]:
    """Every object that is called by a wanted name: by its own `name`, or by its key in a map of tools."""
    layer, depth = [document], 0
    while layer and depth < _MAX_DEPTH:
        below: list[Any] = []
        for node in layer:
            if isinstance(node, dict):
                if isinstance(node.get("name"), str) and node["name"] in wanted:
                    yield node
                for key, value in node.items():
                    if key in wanted and isinstance(value, dict):
                        yield {**value, "name": key}
                below += node.values()
            elif isinstance(node, list):
                below += node
        layer, depth = below, depth + 1


def parts(raw: dict[str, Any]) -> Iterator[ToolDefinition]:
    """The tool with all its fields, then with each part of them; what is no definition is left out."""
    present = {key: value for key, other in _FIELDS if (value := raw.get(key, raw.get(other))) is not None}
    for size in range(len(present), -1, -1):
        for kept in combinations(present, size):
            try:
                yield parse(
                    {"name": raw["name"], **{key: present[key] for key in kept}},
                    server="",
                    provenance=Provenance.SNAPSHOT,
                )
            except InvalidDefinition:
                continue
