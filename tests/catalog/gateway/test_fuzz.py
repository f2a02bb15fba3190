"""Mangled messages by the thousand: nothing crashes, and nothing gets through that any server could take for more.

`CATALOG_FUZZ_MESSAGES` says how many; a million take a few minutes.
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable, Iterator
from typing import Any

from catalog.gateway.message import MessageError, read

COUNT = int(os.environ.get("CATALOG_FUZZ_MESSAGES", "20000"))
POLICY = {
    "version": "1",
    "default": "deny",
    "hide": ["cancel_job"],
    "tools": {"echo": {"require": [{"conditions": [{"path": "args.amount", "op": "lte", "value": 10}]}]}},
}
SEEDS = [
    '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{"amount":5}}}',
    '{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"cancel_job","arguments":{}}}',
    '{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"echo","arguments":{"amount":5000}}}',
    '{"jsonrpc":"2.0","id":4,"method":"tools/list","params":{"cursor":""}}',
    '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}',
    '{"jsonrpc":"2.0","id":"s","result":{}}',
]
PIECES = [
    '"name":"cancel_job"', '"Name":"cancel_job"', '"arguments":{"amount":5000}', '"amount":1e400', '"amount":NaN',
    '"amount":5,"amount":5000', '"AMOUNT":5000', '"method":"tools/call"', '"Method":"tools/call"', "\ufeff", "\x00",
    r"\u0000", r"\ud800", "[", "]", "{", "}", ",", ":", '"', "\\", "-0", "5E3", "5000.0", "null", "true", '"id":1',
    '"params":[]', '"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}', '"requestState":"x.y"', "\u212a",
]  # fmt: skip


def mangled(generator: random.Random) -> bytes:
    text = generator.choice(SEEDS)
    for _ in range(generator.randint(0, 4)):
        place, length = generator.randrange(len(text) + 1), generator.choice((0, 0, 1, 3, 12))
        other = generator.choice(SEEDS)
        start = generator.randrange(len(other))
        piece = generator.choice((*PIECES, other[start : start + generator.randint(1, 30)]))
        text = text[:place] + piece + text[place + length :]
    return text.encode("utf-8", "surrogatepass")


def readings(line: bytes) -> Iterator[dict[str, Any]]:
    """What lax parsers make of a line: the last or the first of two keys, whatever their case."""

    def folded(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        return {key.casefold(): value for key, value in pairs}

    yield json.loads(line)
    yield json.loads(line, object_pairs_hook=folded)
    yield json.loads(line, object_pairs_hook=lambda pairs: folded(pairs[::-1]))


def is_harmless(message: dict[str, Any]) -> bool:
    if str(message.get("method")).strip().casefold() != "tools/call":
        return True
    params = message["params"]
    return "id" in message and params["name"] == "echo" and params["arguments"]["amount"] <= 10


def test_no_mangled_message_crashes_the_gateway_or_gets_past_the_policy(
    in_memory: Callable[..., Any],
) -> None:
    """Issue, reliability: the fuzz run."""
    generator = random.Random(20260728)
    memory = in_memory(POLICY)
    schema = {"type": "object"}
    memory.learn([{"name": name, "inputSchema": schema} for name in ("echo", "cancel_job")])
    passed = 0
    for _ in range(COUNT):
        try:
            moves = memory.session.from_client(read(mangled(generator)))
        except MessageError:
            continue
        for message in moves.to_server:
            line = message.dump()
            assert all(map(is_harmless, readings(line))), line
            passed += message.method == "tools/call"
        for open_ in list(memory.session._open):
            memory.session.failed(open_, "answered", sent=True)
    assert passed > COUNT / 100  # the honest ones do
    assert not memory.said
