"""Arguments that a tool wants repeated in headers: `Mcp-Param-*`, made from the body and checked against it.

Source: MCP 2026-07-28, streamable HTTP, custom headers (`x-mcp-header` in a tool's input schema).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from catalog.gateway.http.headers import PARAM, decoded, encoded

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from catalog.gateway.message import Message

MARK: Final = "x-mcp-header"
MOST: Final = 10_000  # tools that are kept, the latest ones: a server can list others without end
_TOKEN: Final = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_WHOLE: Final = re.compile(r"(-?[0-9]{1,400})(\.0+)?")
_TYPES: Final = ("string", "integer", "boolean")

Path = tuple[str, ...]


class Mirror:
    """Which arguments of which tools are repeated in headers, learnt from the server's lists of tools."""

    def __init__(self) -> None:
        self._tools: dict[str, dict[str, Path]] = {}

    def learn(self, result: object) -> None:
        """Take in a page of tools."""
        tools = result.get("tools") if isinstance(result, dict) else None
        for tool in tools if isinstance(tools, list) else ():
            if isinstance(tool, dict) and isinstance(tool.get("name"), str):
                self._tools.pop(tool["name"], None)
                if marked := dict(_marked(tool.get("inputSchema"), ())):
                    self._tools[tool["name"]] = marked
        while len(self._tools) > MOST:
            del self._tools[next(iter(self._tools))]

    def headers(self, call: Message) -> dict[str, str]:
        """The headers of a `tools/call`, by their lower-case names."""
        return {
            name: encoded(text)
            for name, path in self._known(call).items()
            if (text := _text(_at(call.params.get("arguments"), path))) is not None
        }

    def lie(self, call: Message, claimed: Mapping[str, str]) -> str | None:
        """The first of the client's headers that does not agree with the arguments."""
        for name, path in self._known(call).items():
            if name in claimed and not _agrees(
                decoded(claimed[name]), _at(call.params.get("arguments"), path)
            ):
                return name
        return None

    def _known(self, call: Message) -> dict[str, Path]:
        name = call.params.get("name")
        return self._tools.get(name, {}) if isinstance(name, str) and call.method == "tools/call" else {}


def _marked(schema: object, path: Path) -> Iterator[tuple[str, Path]]:
    properties = schema.get("properties") if isinstance(schema, dict) else None
    for key, below in properties.items() if isinstance(properties, dict) else ():
        if not isinstance(below, dict):
            continue
        mark = below.get(MARK)
        if isinstance(mark, str) and _TOKEN.fullmatch(mark) and below.get("type") in _TYPES:
            yield PARAM + mark.lower(), (*path, key)
        yield from _marked(below, (*path, key))


def _at(value: object, path: Path) -> object:
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _text(value: object) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (str, int)) else None


def _agrees(said: str | None, value: Any) -> bool:
    if said is None or (expected := _text(value)) is None:
        return False
    whole = _WHOLE.fullmatch(said) if isinstance(value, int) and not isinstance(value, bool) else None
    return int(whole[1]) == value if whole else said == expected
