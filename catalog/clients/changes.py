"""What is changed in one server entry, whatever the format that it is written in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from catalog.sources.client_configs import Place


@dataclass(frozen=True, slots=True)
class Become:
    """The member `key` becomes these members, in its place; none: it is removed."""

    key: str
    members: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Front:
    """The array `key` loses its first `drop` elements, and then begins with `words`."""

    key: str
    drop: int = 0
    words: Sequence[str] = ()


Change: TypeAlias = Become | Front
Edits: TypeAlias = Mapping[Place, Sequence[Change]]


def applied(entry: Mapping[str, Any], changes: Sequence[Change]) -> dict[str, Any]:
    """The entry as a plain value after the changes."""
    changed = dict(entry)
    for change in changes:
        if isinstance(change, Front):
            changed[change.key] = [*change.words, *changed[change.key][change.drop :]]
        else:
            del changed[change.key]
            changed |= change.members
    return changed


def document(value: Any, edits: Edits) -> Any:
    """The whole document after the edits; `value` itself stays as it is."""
    for place, changes in edits.items():
        value = _replaced(value, place, changes)
    return value


def _replaced(value: Any, place: Place, changes: Sequence[Change]) -> Any:
    if not place:
        return applied(value, changes)
    step, *rest = place
    copy = value.copy()
    copy[step] = _replaced(value[step], tuple(rest), changes)
    return copy
