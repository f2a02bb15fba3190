"""Labels as references: where each definition is published, and at which commit or version."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from catalog.errors import NotDefinitions
from classifier.label_lint import check
from classifier.labels import rows

if TYPE_CHECKING:
    from pathlib import Path

# A repository stands on this forge unless its reference names another: HOST/OWNER/NAME@COMMIT:PATH.
FORGE: Final = "github.com"
_FILE: Final = re.compile(r"(?:(?P<host>[\w.-]+\.[a-z]+)/)?(?P<repository>[\w.-]+/[\w.-]+)@(?P<commit>[0-9a-f]{7,64}):(?P<path>.+)")  # fmt: skip
_PACKAGE: Final = re.compile(r"(?P<name>@?[^@\s:]+)@(?P<version>[^@\s:]+)")


@dataclass(frozen=True, slots=True)
class FileReference:
    """A file of a repository at a commit."""

    host: str
    repository: str
    commit: str
    path: str

    @property
    def url(self) -> str:
        """Where the forge gives the file's bytes."""
        return f"https://{self.host}/{self.repository}/raw/{self.commit}/{quote(self.path)}"


@dataclass(frozen=True, slots=True)
class PackageReference:
    """A version of a package."""

    name: str
    version: str


Reference = FileReference | PackageReference


@dataclass(frozen=True, slots=True)
class Label:
    """One label. `fields` is its row as it stands in the file."""

    line: int
    source: str
    server: str
    tool: str
    fingerprint: str
    ref: str | None
    fields: dict[str, Any]

    @property
    def reference(self) -> Reference | None:
        """What `ref` names; None where it names nothing that can be looked up."""
        return parse_reference(self.ref or "")


def parse_reference(text: str) -> Reference | None:
    """A file at a commit, or a package at a version; None for any other text."""
    if found := _FILE.fullmatch(text):
        path = found["path"]
        if ".." in path.split("/"):
            return None
        return FileReference(found["host"] or FORGE, found["repository"], found["commit"], path)
    if found := _PACKAGE.fullmatch(text):
        return PackageReference(found["name"], found["version"])
    return None


def read_labels(path: Path) -> list[Label]:
    """All labels of a file, in its order.

    Raises:
        NotDefinitions: the file cannot be read, or `catalog labels check` finds errors in it.

    """
    try:
        problems = check(path).problems
        if problems:
            first = problems[0]
            raise NotDefinitions(
                f"{path}:{first.line}: {first.subject}: {first.message}",
                hint=f"catalog labels check {path}, for all {len(problems)} of its errors",
            )
        return [_label(at, row) for at, row in rows(path)]
    except (OSError, UnicodeDecodeError) as error:
        raise NotDefinitions(f"cannot read {path}: {error}", hint="name a file of labels") from error


def _label(at: int, row: dict[str, Any]) -> Label:
    return Label(at, row["source"], row["server"], row["tool"], row["fingerprint"], row.get("ref"), row)
