"""One JSON-RPC message, read so strictly that whoever reads it next cannot read anything else.

What another parser might take differently is refused: a key given twice, or twice but for its case, text
that is not Unicode, numbers no other program can hold. What is forwarded is written anew from what was read.
Source: JSON-RPC 2.0; MCP, base protocol (no batches since 2025-06-18, ids are strings or integers).
"""

from __future__ import annotations

import math
import re
import secrets
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from itertools import count
from typing import TYPE_CHECKING, Any, Final, TypeGuard

import jiter
import msgspec

from catalog.errors import CatalogError
from catalog.gateway.sizes import has_more_values

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

MAX_BYTES: Final = 32 << 20  # of one message; the largest honest ones carry a file in base64
MAX_VALUES: Final = 1_000_000  # in one message: they take up to a hundred times the memory of their bytes
MAX_DEPTH: Final = 64  # nesting of what a client sends
PARSE_ERROR: Final = -32700
INVALID_REQUEST: Final = -32600
METHOD_NOT_FOUND: Final = -32601
INVALID_PARAMS: Final = -32602
INTERNAL_ERROR: Final = -32603

RequestId = int | str

_ENVELOPE: Final = frozenset({"jsonrpc", "id", "method", "params", "result", "error"})
_PARAMETERS: Final = {
    key.casefold(): key
    for key in (
        "name",
        "arguments",
        "_meta",
        "cursor",
        "task",
        "requestState",
        "inputResponses",
        "requestId",
        "uri",
    )
}
_HEAD: Final = re.compile(
    rb'\s*\{\s*(?:"jsonrpc"\s*:\s*"2\.0"\s*,\s*)?"id"\s*:\s*(-?[0-9]{1,18}|"[^"\\]{0,200}")\s*,'
)
_ENCODER: Final = msgspec.json.Encoder(decimal_format="number")


class MessageError(CatalogError):
    """Bytes that are not accepted as a message.

    `code` is the JSON-RPC error code, `id` the id that the message seems to have (None: it cannot be
    told); it serves to answer it, and nothing else.
    """

    def __init__(self, message: str, *, code: int, id: RequestId | None = None) -> None:  # noqa: A002 – its name
        super().__init__(message, hint="send JSON-RPC 2.0 messages one by one, as MCP describes them")
        self.code = code
        self.id = id


class Kind(Enum):
    """What a message is."""

    REQUEST = "request"
    NOTIFICATION = "notification"
    RESPONSE = "response"


@dataclass(slots=True)
class Message:
    """A message and what of it everyone asks for.

    `body` is plain JSON (numbers are int or Decimal). `id` is None for notifications, and for an error
    that names no request; `method` is "" for responses. `about`: the client's request on whose behalf the
    gateway itself asks the client something (for transports that have a stream per request). `raw`: the
    bytes that a message of the server's was read from.
    """

    kind: Kind
    body: dict[str, Any]
    id: RequestId | None = None
    method: str = ""
    about: RequestId | None = None
    raw: bytes = b""

    @property
    def params(self) -> dict[str, Any]:
        """The parameters; empty where there are none."""
        params = self.body.get("params")
        return params if isinstance(params, dict) else {}

    @property
    def cancels(self) -> RequestId | None:
        """The request that a `notifications/cancelled` names."""
        found = self.params.get("requestId")
        return found if _is_id(found) else None

    def dump(self) -> bytes:
        """The message as one line of UTF-8 without its newline, exact in every number and character."""
        return _ENCODER.encode(self.body)

    def line(self) -> bytearray:
        """The same with its newline."""
        found = bytearray()
        _ENCODER.encode_into(self.body, found)
        found += b"\n"
        return found


def dump(value: object) -> bytes:
    """Any plain JSON value, as `Message.dump` writes it."""
    return _ENCODER.encode(value)


def read(raw: bytes, *, trusting: bool = False, limit: int = MAX_BYTES) -> Message:
    """Read one message. `trusting`: it comes from the server, whose depth and NULs harm nobody.

    Raises:
        MessageError: it is too long, no strict JSON, a batch, or no JSON-RPC 2.0 message.

    """
    if too_much := _too_much(raw, limit):
        raise MessageError(f"a message of more than {too_much}", code=INVALID_REQUEST, id=claimed_id(raw))
    try:
        body = jiter.from_json(raw, allow_inf_nan=False, catch_duplicate_keys=True, float_mode="decimal")
    except ValueError as error:
        # The parser repeats a duplicate key, which nobody but the sender needs to know.
        why = "a key is given twice" if "duplicate key" in str(error) else str(error)
        raise MessageError(f"not strict JSON: {why}", code=PARSE_ERROR, id=claimed_id(raw)) from None
    if isinstance(body, list):
        raise MessageError("batches are not accepted: send each message by itself", code=INVALID_REQUEST)
    if not isinstance(body, dict):
        raise MessageError("a message is a JSON object", code=INVALID_REQUEST)
    try:
        if not trusting:
            _inspect(body, nul=b"\\u0000" in raw)
        message = _classified(body)
    except _Wrong as wrong:
        found = body.get("id")
        raise MessageError(str(wrong), code=wrong.code, id=found if _is_id(found) else None) from None
    message.raw = raw if trusting else b""
    return message


def _too_much(raw: bytes, limit: int) -> str:
    """What a message has too much of, in words."""
    if len(raw) > limit:
        return f"{limit:,} bytes"
    return f"{MAX_VALUES:,} values" if has_more_values(raw, MAX_VALUES) else ""


def claimed_id(raw: bytes) -> RequestId | None:
    """The id at the head of bytes that could not be read; a guess, good enough to address an error."""
    found = _HEAD.match(raw[:512])
    if found is None:
        return None
    text = found[1]
    return int(text) if text[:1] != b'"' else text[1:-1].decode("utf-8", "replace")


def request(id: RequestId, method: str, params: dict[str, Any] | None = None) -> Message:  # noqa: A002 – its name
    """A request that the gateway makes itself."""
    body: dict[str, Any] = {"jsonrpc": "2.0", "id": id, "method": method}
    if params is not None:
        body["params"] = params
    return Message(Kind.REQUEST, body, id, method)


def notification(method: str, params: dict[str, Any] | None = None) -> Message:
    """A notification that the gateway makes itself."""
    body: dict[str, Any] = {"jsonrpc": "2.0", "method": method}
    if params is not None:
        body["params"] = params
    return Message(Kind.NOTIFICATION, body, None, method)


def answer(id: RequestId, result: dict[str, Any]) -> Message:  # noqa: A002 – its name
    """A result that the gateway gives itself."""
    return Message(Kind.RESPONSE, {"jsonrpc": "2.0", "id": id, "result": result}, id)


def error(id: RequestId | None, code: int, text: str, data: Any = None) -> Message:  # noqa: A002 – its name
    """A JSON-RPC error that the gateway gives itself."""
    what: dict[str, Any] = {"code": code, "message": text}
    if data is not None:
        what["data"] = data
    return Message(Kind.RESPONSE, {"jsonrpc": "2.0", "id": id, "error": what}, id)


def own_ids() -> Iterator[str]:
    """Ids for requests that the gateway makes itself: nobody who has not seen one can guess the others."""
    prefix = secrets.token_hex(8)
    return (f"catalog-{prefix}-{number}" for number in count(1))


def looks_like(method: str, known: Collection[str]) -> bool:
    """Whether a lenient server may take a method that is none of `known` for one of them."""
    return method not in known and _squeezed(method) in map(_squeezed, known)


def _squeezed(text: str) -> str:
    """What is left without case, width, blanks and punctuation."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).casefold()))


class _Wrong(Exception):
    def __init__(self, text: str, code: int = INVALID_REQUEST) -> None:
        super().__init__(text)
        self.code = code


def _inspect(body: dict[str, Any], *, nul: bool) -> None:
    """What the parser lets pass: depth, keys that differ by case, NULs, numbers out of a double's range."""
    layer: list[Any] = [body]
    depth = 0
    while layer:
        depth += 1
        if depth > MAX_DEPTH:
            raise _Wrong(f"nested deeper than {MAX_DEPTH}")
        below: list[Any] = []
        for container in layer:
            values = _values(container, nul=nul) if type(container) is dict else container
            for value in values:
                kind = type(value)
                if kind is dict or kind is list:
                    below.append(value)
                elif kind is Decimal:
                    _in_range(value)
                elif nul and kind is str:
                    _without_nul((value,))
        layer = below


def _values(members: dict[str, Any], *, nul: bool) -> Iterable[Any]:
    """The values of an object whose keys are in order."""
    if len({key.casefold() for key in members}) != len(members):
        raise _Wrong("two keys of one object differ only by case")
    if nul:
        _without_nul(members)
    return members.values()


def _without_nul(texts: Iterable[str]) -> None:
    if any("\0" in text for text in texts):
        raise _Wrong("a text holds a NUL")


def _in_range(number: Decimal) -> None:
    """Most programs read numbers as doubles: one that turns into infinity or zero there is refused."""
    near = float(number)
    if math.isinf(near) or (near == 0 and number != 0):
        raise _Wrong("a number is out of range")


def _is_id(value: object) -> TypeGuard[RequestId]:
    return isinstance(value, (int, str)) and not isinstance(value, bool)


def _classified(body: dict[str, Any]) -> Message:
    _exact(body, _ENVELOPE)
    if body.get("jsonrpc") != "2.0":
        raise _Wrong('`jsonrpc` must be "2.0"')
    if "method" in body:
        return _asking(body)
    if ("result" in body) == ("error" in body):
        raise _Wrong("neither a request nor a response: `method`, or one of `result` and `error`")
    what, id_ = body.get("result", body.get("error")), body.get("id")
    if not isinstance(what, dict):
        raise _Wrong("`result` and `error` must be objects")
    if not _is_id(id_) and not (id_ is None and "error" in body):
        raise _Wrong("`id` must be a string or an integer")
    return Message(Kind.RESPONSE, body, id_)


def _asking(body: dict[str, Any]) -> Message:
    method = body["method"]
    if not isinstance(method, str) or not method:
        raise _Wrong("`method` must be a text")
    if "result" in body or "error" in body:
        raise _Wrong("a message is either a request or a response")
    params = body.get("params", {})
    if not isinstance(params, dict):
        raise _Wrong("`params` must be an object", INVALID_PARAMS)
    for key in params:
        if _PARAMETERS.get(key.casefold(), key) != key:
            raise _Wrong("a parameter's name differs from the protocol's only by case", INVALID_PARAMS)
    if "id" not in body:
        return Message(Kind.NOTIFICATION, body, None, method)
    if not _is_id(body["id"]):
        raise _Wrong("`id` must be a string or an integer")
    return Message(Kind.REQUEST, body, body["id"], method)


def _exact(body: dict[str, Any], keys: frozenset[str]) -> None:
    if not body.keys() <= keys and any(key.casefold() in keys and key not in keys for key in body):
        raise _Wrong("a key differs from JSON-RPC's only by case")
