"""Server entries of a TOML config, changed in its text: comments, layout and everything else stay."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import tomlkit

from catalog.clients.changes import Front

if TYPE_CHECKING:
    from catalog.clients.changes import Change, Edits


def edited(text: str, edits: Edits) -> str:
    """The text with these entries changed."""
    document = tomlkit.parse(text)
    for place, changes in edits.items():
        entry: Any = document
        for step in place:
            entry = entry[step]
        for change in changes:
            _change(entry, change)
    return tomlkit.dumps(document)


def _change(entry: Any, change: Change) -> None:
    if isinstance(change, Front):
        array = entry[change.key]
        for _ in range(change.drop):
            del array[0]
        for at, word in enumerate(change.words):
            array.insert(at, word)
        return
    if change.key not in change.members:
        del entry[change.key]
    for key, value in change.members.items():
        entry[key] = value
