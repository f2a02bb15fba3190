"""The tools of a list as they stand in the bytes of the server's answer, so that what is kept is not written anew.

Only for bytes that were read strictly before: with no key given twice, whoever reads a tool's own bytes
reads what the gateway has read.
"""

from __future__ import annotations

from typing import Final

import msgspec
from msgspec import Raw

_BREAKS: Final = (b"\n", b"\r")  # they end a line of stdio, and of an event stream


class _Page(msgspec.Struct):
    tools: list[Raw]


class _Answer(msgspec.Struct):
    result: _Page


_DECODER: Final = msgspec.json.Decoder(_Answer)


def tools_as_read(raw: bytes, count: int) -> list[Raw]:
    """The bytes of each of the `count` tools in an answer, in order; none where they cannot be passed on as they are."""
    if any(end in raw for end in _BREAKS):
        return []
    try:
        found = _DECODER.decode(raw).result.tools
    except msgspec.MsgspecError:
        return []
    return found if len(found) == count else []
