"""Python source code as a source: a folder, a .py file, or a zip, wheel, tar or sdist; read, never run."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, ClassVar, Final

from catalog.errors import NotDefinitions
from catalog.records import ServerRecord
from catalog.sources import paths
from catalog.sources.python_tools import tools_of
from catalog.sources.trees import SourceTree, read_tree

if TYPE_CHECKING:
    from pathlib import Path

_HEADER_NAME: Final = re.compile(r"^Name:[ \t]*(\S+)[ \t]*\r?$", re.MULTILINE)
_ARCHIVE_ENDING: Final = re.compile(r"(?i)(-\d.*)?\.(whl|zip|py|tar|tgz|tar\.gz|tar\.bz2|tar\.xz)$")


class PythonSource:
    """A Python project that defines an MCP server."""

    id: ClassVar[str] = "python-source"
    form: ClassVar[str] = "a Python source folder or archive"

    def records(self, target: str) -> tuple[ServerRecord, ...] | None:
        """Give the one server that the source defines.

        Raises:
            NotDefinitions: it cannot be read, or defines no tools.

        """
        path = paths.existing(target)
        tree = read_tree(path) if path is not None else None
        if path is None or tree is None:
            return None
        name = server_name(path, tree)
        definitions, unread = tools_of(tree, name)
        unread = (*tree.unread, *unread)
        if not definitions and not unread:
            raise NotDefinitions(
                f"{path}: no MCP tools in {len(tree.files):,} Python files",
                hint="name the folder of a server written in Python; to start a server write pypi:NAME, npm:NAME or -- COMMAND",
            )
        return (
            ServerRecord(
                name=name,
                source=self.id,
                definitions=definitions,
                unread=unread,
                origin=paths.origin(path),
            ),
        )


def server_name(path: Path, tree: SourceTree) -> str:
    """The project's own name from its metadata, else that of the folder or file."""
    for file, data in sorted(tree.metadata.items(), key=lambda item: item[0].count("/")):
        name = _project_name(data) if file.endswith(".toml") else _header_name(data)
        if name:
            return name
    return _ARCHIVE_ENDING.sub("", path.absolute().name) or "source"


def _project_name(data: bytes) -> str:
    try:
        document = tomllib.loads(data.decode("utf-8", "replace"))
    except (tomllib.TOMLDecodeError, RecursionError):
        return ""
    project = document.get("project")
    name = project.get("name") if isinstance(project, dict) else None
    return name if isinstance(name, str) else ""


def _header_name(data: bytes) -> str:
    found = _HEADER_NAME.search(data.decode("utf-8", "replace"))
    return found[1] if found else ""
