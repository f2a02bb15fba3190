"""Server entries of a JSON config, changed in its text: comments, layout and everything else stay."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from catalog.clients.changes import Front
from catalog.clients.json_spans import Part, Spans

if TYPE_CHECKING:
    from collections.abc import Mapping

    from catalog.clients.changes import Become, Change, Edits

_SURROGATE: Final = re.compile("[\ud800-\udfff]")  # read from an escape; no file can hold one
_SPACE_BEFORE: Final = re.compile(r"(?<=[{\[,])\s*\Z")


def edited(text: str, edits: Edits) -> str:
    """The text with these entries changed."""
    spans = Spans(text)
    places = sorted(
        ((spans.at(place), changes) for place, changes in edits.items()), key=lambda it: -it[0].start
    )
    for part, changes in places:
        raw = text[part.start : part.end]
        for change in changes:
            raw = _changed(raw, change)
        text = text[: part.start] + raw + text[part.end :]
    return text


def _changed(raw: str, change: Change) -> str:
    spans = Spans(raw)
    part = spans.at((change.key,))
    if isinstance(change, Front):
        return _front(raw, part, spans.parts(part.start), change)
    return _become(raw, part, change) if change.members else _removed(raw, part, spans.parts(0))


def _front(raw: str, array: Part, elements: list[Part], change: Front) -> str:
    kept = elements[change.drop :]
    if not elements:
        inside = array.start + 1
        return raw[:inside] + ", ".join(map(_value, change.words)) + raw[inside:]
    if not kept:
        return raw[: array.start] + _value(list(change.words)) + raw[array.end :]
    first = elements[0].begin
    lead = raw[array.start + 1 : first]
    between = f",{lead}" if "\n" in lead and lead.isspace() else ", "
    words = "".join(f"{_value(word)}{between}" for word in change.words)
    return raw[:first] + words + raw[kept[0].begin :]


def _become(raw: str, part: Part, change: Become) -> str:
    """The first new member keeps the old one's colon and key, if that is the same; the others follow in its layout."""
    colon = raw[part.colon : part.start]
    found = _SPACE_BEFORE.search(raw[: part.begin])
    airy = " " if not found or colon.endswith(" ") else ""
    between = f",{(found and found[0]) or airy}"
    members = [
        (raw[part.begin : part.colon] if key == change.key else _value(key)) + colon + _value(value)
        for key, value in change.members.items()
    ]
    return raw[: part.begin] + between.join(members) + raw[part.end :]


def _removed(raw: str, part: Part, parts: list[Part]) -> str:
    at = parts.index(part)
    if at:
        return raw[: parts[at - 1].end] + raw[part.end :]
    until = parts[1].begin if len(parts) > 1 else part.end
    return raw[: part.begin] + raw[until:]


def _value(value: str | list[str] | Mapping[str, Any]) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return json.dumps(value) if _SURROGATE.search(text) else text
