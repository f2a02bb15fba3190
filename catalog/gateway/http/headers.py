"""The headers that repeat what stands in a message, read and written.

Decisions are made on the body; headers that do not agree with it are refused, because whoever stands before
or behind the gateway may go by them. Source: MCP 2026-07-28, streamable HTTP, standard headers.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING, Any, Final

from catalog.gateway.denial import is_modern
from catalog.gateway.message import INVALID_PARAMS, Kind, Message, MessageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MODERN: Final = ("2026-07-28",)
OLDER: Final = ("2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05")
HEADER_MISMATCH: Final = -32020
UNSUPPORTED_VERSION: Final = -32022
VERSION_KEY: Final = "io.modelcontextprotocol/protocolVersion"
VERSION: Final = "mcp-protocol-version"
METHOD: Final = "mcp-method"
NAME: Final = "mcp-name"
PARAM: Final = "mcp-param-"
SESSION: Final = "mcp-session-id"
NAMED_BY: Final = {"tools/call": "name", "prompts/get": "name", "resources/read": "uri"}

_ONCE: Final = frozenset(
    {VERSION, METHOD, NAME, SESSION, "authorization", "host", "origin", "content-type", "last-event-id"}
)
_ENCODED: Final = re.compile(r"=\?base64\?(.*)\?=")
_PLAIN: Final = re.compile(r"[\x20-\x7e]*")


class Mismatch(MessageError):
    """A header says something else than the message; `data` stands in the JSON-RPC error."""

    def __init__(self, text: str, message: Message, code: int = HEADER_MISMATCH, data: Any = None) -> None:
        super().__init__(text, code=code, id=message.id)
        self.data = data


def collected(raw: Iterable[tuple[bytes, bytes]]) -> dict[str, str] | None:
    """The headers by lower-case name; None if two readers could take them differently.

    That is one that counts and is given twice, or two ways to tell where the body ends.
    """
    found: dict[str, str] = {}
    for key, value in raw:
        name = key.decode("latin-1").lower()
        if name in found and (name in _ONCE or name.startswith(PARAM)):
            return None
        found[name] = value.decode("latin-1")
    return None if {"content-length", "transfer-encoding"} <= found.keys() else found


def check(message: Message, headers: Mapping[str, str]) -> None:
    """See that the headers agree with the message.

    Raises:
        Mismatch: they do not, or they are those of a version that the gateway does not know.

    """
    modern = is_modern(message)
    _check_version(message, headers.get(VERSION), modern=modern)
    if message.kind is not Kind.REQUEST:
        return
    method = headers.get(METHOD)
    if method != message.method and (modern or method is not None):
        raise Mismatch(f"the header {METHOD} does not name the method of the message", message)
    key = NAMED_BY.get(message.method)
    name = headers.get(NAME)
    if key is None or (name is None and not modern):
        return
    if decoded(name) != message.params.get(key):
        raise Mismatch(f"the header {NAME} does not name the {key} of the message", message)


def _check_version(message: Message, header: str | None, *, modern: bool) -> None:
    stated = message.params["_meta"][VERSION_KEY] if modern else None
    if modern and (not isinstance(stated, str) or header != stated):
        raise Mismatch(f"the header {VERSION} does not name the version of the message", message)
    if header is None or header in OLDER + MODERN:
        if header in MODERN and not modern and message.kind is Kind.REQUEST:
            text = f"the header {VERSION} names {header}, whose requests carry {VERSION_KEY} in params._meta"
            raise Mismatch(text, message, INVALID_PARAMS)
        if modern and header in OLDER:
            raise Mismatch(f"{header} has no {VERSION_KEY} in params._meta", message, INVALID_PARAMS)
        return
    data = {"supported": [*MODERN, *OLDER], "requested": header}
    raise Mismatch("Unsupported protocol version", message, UNSUPPORTED_VERSION, data)


def routing(message: Message) -> dict[str, str]:
    """The headers that a request since 2026-07-28 carries; none for older messages."""
    if not is_modern(message):
        return {}
    headers = {VERSION: encoded(str(message.params["_meta"][VERSION_KEY])), METHOD: encoded(message.method)}
    key = NAMED_BY.get(message.method)
    if key is not None and isinstance(message.params.get(key), str):
        headers[NAME] = encoded(message.params[key])
    return headers


def encoded(text: str) -> str:
    """A text as a header's value: as it is, or in base64 where a header could not carry it."""
    if _PLAIN.fullmatch(text) and text == text.strip() and not _ENCODED.fullmatch(text):
        return text
    return f"=?base64?{base64.b64encode(text.encode('utf-8', 'surrogatepass')).decode('ascii')}?="


def decoded(value: str | None) -> str | None:
    """The text in a header's value; None when it is none, or its base64 is not what `encoded` gives."""
    found = _ENCODED.fullmatch(value) if value is not None else None
    if found is None:
        return value
    try:
        payload = base64.b64decode(found[1], validate=True)
        text = payload.decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return text if base64.b64encode(payload).decode("ascii") == found[1] else None
