"""Reading `data/attacks/*.yaml`: plain YAML, every key known, every value of its type, lines kept for messages."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import yaml
from pydantic import TypeAdapter, ValidationError

from catalog import resources
from catalog.attacks.attack import Attack
from catalog.errors import CatalogError
from catalog.visible import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

FOLDER: Final = resources.DATA / "attacks"
_ATTACK: Final = TypeAdapter(Attack)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, where: `str()` is `file:line: message`."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


class InvalidAttacks(CatalogError):
    """Files of attacks that cannot be read; `problems` has every one."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in problems), hint="mend these lines")


@dataclass(frozen=True, slots=True)
class AttackFile:
    """A file as it was read: its attack, and the tree of its values, which knows their lines."""

    name: str
    attack: Attack
    root: yaml.Node

    def problem(self, message: str, *steps: str | int) -> Problem:
        """A problem at the value that these steps lead to, or as near as there is one."""
        return Problem(self.name, _line(self.root, steps), message)


@lru_cache(maxsize=4)
def read_attacks(folder: Path = FOLDER) -> tuple[Attack, ...]:
    """All attacks in a folder, by title.

    Raises:
        InvalidAttacks: a file is no attack; every problem of every file is listed.

    """
    problems: list[Problem] = []
    attacks: list[Attack] = []
    for path in sorted(folder.glob("*.yaml")):
        try:
            attacks.append(read_file(path).attack)
        except InvalidAttacks as error:
            problems += error.problems
    if problems:
        raise InvalidAttacks(problems)
    return tuple(sorted(attacks, key=lambda attack: attack.title))


def read_file(path: Path) -> AttackFile:
    """One file.

    Raises:
        InvalidAttacks: it is not YAML, has a key that is unknown or stands twice, or a value of another type.

    """
    root, value = _parsed(path)
    doubled = [*_doubled(root)]
    if doubled:
        raise InvalidAttacks([Problem(path.name, line, f"{key} stands here twice") for key, line in doubled])
    try:
        attack = _ATTACK.validate_python(value)
    except ValidationError as error:
        raise InvalidAttacks(
            [
                Problem(path.name, _line(root, one["loc"]), f"{_named(one['loc'])}: {one['msg']}")
                for one in error.errors()
            ]
        ) from error
    return AttackFile(path.name, attack, root)


def _parsed(path: Path) -> tuple[yaml.Node, Any]:
    """The tree with its lines, and the plain values; only what a safe loader makes."""
    loader = yaml.SafeLoader(path.read_text(encoding="utf-8"))
    try:
        root = loader.get_single_node()
        if root is None:
            raise InvalidAttacks([Problem(path.name, 1, "the file is empty")])
        return root, loader.construct_document(root)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise InvalidAttacks(
            [Problem(path.name, line, one_line(error.problem or "not YAML", 200))]
        ) from error
    finally:
        loader.dispose()


def _doubled(node: yaml.Node) -> Iterator[tuple[str, int]]:
    """Keys that stand twice in one mapping: the last one would win without a word."""
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                yield key.value, key.start_mark.line + 1
            seen.add(key.value)
            yield from _doubled(value)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _doubled(item)


def _line(node: yaml.Node, steps: Sequence[str | int]) -> int:
    """The line of the value at the end of the steps; of the last one that is there."""
    for step in steps:
        found = _step(node, step)
        if found is None:
            break
        node = found
    return int(node.start_mark.line) + 1


def _step(node: yaml.Node, step: str | int) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == step), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        found: yaml.Node = node.value[step]
        return found
    return None


def _named(steps: Sequence[str | int]) -> str:
    return ".".join(str(step) for step in steps) or "the file"
