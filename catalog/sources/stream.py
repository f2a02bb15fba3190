"""Tool definitions from a stream: JSON Lines as they come, or one JSON document that holds them.

One row is `{id?, server, name, title?, description?, inputSchema?, annotations?}`; unknown keys are
ignored. A line or document may also be a list of rows, a `tools/list` result, the whole JSON-RPC
response around one, or a list of such pages (MCP, "Listing Tools").
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from catalog.errors import NotDefinitions
from catalog.sources import jsontext
from classifier.definition import InvalidDefinition, parse
from classifier.types import Provenance

if TYPE_CHECKING:
    from collections.abc import Iterator

    from classifier.types import ToolDefinition

MAX_BYTES: Final = 64 << 20  # of one line, or of a document that spans lines
UNKNOWN_SERVER: Final = "unknown"
EXPECTED: Final = 'give {"tools": […]} as tools/list answers it, a list of tools, or one tool per line'


@dataclass(frozen=True, slots=True)
class InputRow:
    """A definition and the `id` that came with it (any JSON value, None when there was none)."""

    id: Any
    definition: ToolDefinition


def read_definitions(
    stream: BinaryIO,
    name: str,
    *,
    server: str = UNKNOWN_SERVER,
    provenance: Provenance = Provenance.GIVEN,
    unfinished: dict[str, tuple[str, ...]] | None = None,
) -> Iterator[InputRow]:
    """Read rows lazily and in order; `name` is what errors call the stream.

    A row's own `server` wins over the argument. Rows before a broken one have been yielded when
    the error comes. `unfinished` gets a line for each server whose last page names a next one, which
    is not there (MCP, "Pagination").

    Raises:
        NotDefinitions: something in the stream is no tool definition; the message has the line.

    """
    for place, raw, own_server in _tools(stream, name, server, {} if unfinished is None else unfinished):
        try:
            definition = parse(raw, server=own_server, provenance=provenance)
        except InvalidDefinition as error:
            raise NotDefinitions(f"{place}: {error}", hint=EXPECTED) from error
        yield InputRow(raw.get("id"), definition)


def _tools(
    stream: BinaryIO, name: str, server: str, unfinished: dict[str, tuple[str, ...]]
) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Yield the place, the object and the server of each tool."""
    empty = True
    for place, value in _values(stream, name):
        empty = False
        for where, page in _pages(place, value):
            yield from _page_tools(where, page, server, unfinished)
    if empty:
        raise NotDefinitions(f"{name} is empty", hint=EXPECTED)


def _values(stream: BinaryIO, name: str) -> Iterator[tuple[str, Any]]:
    """Yield the JSON value of each line; or of everything, if the first line ends inside its value."""
    lines = _lines(stream, name)
    first = True
    for number, line in lines:
        if not line.strip():
            continue
        place = f"{name}:{number}"
        try:
            yield place, jsontext.strict(line)
        except jsontext.JsonTextError as error:
            if not (first and error.incomplete):
                raise NotDefinitions(f"{place}: {error}", hint=EXPECTED) from error
            yield name, _document("\n" * (number - 1) + line.removesuffix("\n"), lines, name)
        first = False


def _document(start: str, lines: Iterator[tuple[int, str]], name: str) -> Any:
    parts, size = [start], len(start)
    for _, line in lines:
        parts.append(line.removesuffix("\n"))
        size += len(line)
        if size > MAX_BYTES:
            raise _too_long(name)
    try:
        return jsontext.strict("\n".join(parts))
    except jsontext.JsonTextError as error:
        raise NotDefinitions(error.at(name), hint=EXPECTED) from error


def _lines(stream: BinaryIO, name: str) -> Iterator[tuple[int, str]]:
    for number in count(1):
        data = stream.readline(MAX_BYTES + 1)
        if not data:
            return
        wide = number == 1 and not json.detect_encoding(data).startswith("utf-8")
        if wide:  # a line of UTF-16 or UTF-32 does not end where its newline byte stands
            data += stream.read(MAX_BYTES)
        if len(data) > MAX_BYTES:
            raise _too_long(f"{name}:{number}")
        try:
            text = jsontext.decode(data)
        except jsontext.JsonTextError as error:
            raise NotDefinitions(f"{name}:{number}: {error}", hint=EXPECTED) from error
        yield from enumerate(text.split("\n"), 1) if wide else ((number, text),)


def _too_long(place: str) -> NotDefinitions:
    return NotDefinitions(
        f"{place}: more than {MAX_BYTES >> 20} MiB in one JSON value",
        hint="write one tool per line (JSON Lines), which is read line by line",
    )


def _pages(place: str, value: Any) -> Iterator[tuple[str, Any]]:
    if not isinstance(value, list):
        yield place, value
        return
    for number, item in enumerate(value, 1):
        yield f"{place}: item {number}", item


def _page_tools(
    place: str, page: Any, server: str, unfinished: dict[str, tuple[str, ...]]
) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Yield the tools of a tools/list result, or of the JSON-RPC response around it, or the one tool itself."""
    if not isinstance(page, dict):
        raise NotDefinitions(f"{place}: {_found(page)}, not tool definitions", hint=EXPECTED)
    own_server = page.get("server")
    result = page["result"] if isinstance(page.get("result"), dict) and "name" not in page else page
    tools = result.get("tools")
    if isinstance(tools, list) and not (
        "name" in result and not any(isinstance(tool, dict) for tool in tools)
    ):
        server = own_server if isinstance(own_server, str) and own_server else server
        unfinished.pop(server, None)
        if result.get("nextCursor"):
            line = f"{place}: the list goes on (nextCursor), and its next page is not there"
            unfinished[server] = (line,)
        for number, tool in enumerate(tools, 1):
            if not isinstance(tool, dict):
                raise NotDefinitions(
                    f"{place}: tool {number} is {_found(tool)}, not an object", hint=EXPECTED
                )
            yield f"{place}: tool {number}", tool, server
    elif "name" in page:
        yield place, page, server
    else:
        raise NotDefinitions(f"{place}: {_found(page)}, but no tools", hint=EXPECTED)


def _found(value: Any) -> str:
    if isinstance(value, dict):
        if "error" in value and "jsonrpc" in value:
            return "an error response of a server"
        keys = ", ".join(repr(key[:40]) for key in list(value)[:6])
        return f"an object with the keys {keys}" if keys else "an empty object"
    kinds = {list: "a list", str: "a text", bool: "true or false", type(None): "null"}
    return kinds.get(type(value), "a number")
