"""A server for the gateway's tests, over stdio, with the standard library only.

    python standin.py FOLDER

It writes each line that reaches it to FOLDER/reached, and reads what it lists from FOLDER/tools.json each
time it is asked. What a tool does is its name's business; see `TOOLS`. With FOLDER/refuses-to-start it ends
at once, with FOLDER/page-size its list comes in pages.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

Json = dict[str, Any]
FOLDER = Path(sys.argv[1])
MODERN = "io.modelcontextprotocol/protocolVersion"


def send(message: Json) -> None:
    raw(json.dumps({"jsonrpc": "2.0", **message}).encode())


def raw(line: bytes) -> None:
    sys.stdout.buffer.write(line + b"\n")
    sys.stdout.buffer.flush()


def result(request: Json, value: Json) -> None:
    if MODERN in request.get("params", {}).get("_meta", {}):
        value = {"resultType": "complete", **value}
    send({"id": request["id"], "result": value})


def text(request: Json, words: str, **more: Any) -> None:
    result(request, {"content": [{"type": "text", "text": words}], **more})


def arguments(request: Json) -> Json:
    found: Json = request["params"].get("arguments", {})
    return found


def die(request: Json) -> None:
    sys.stderr.write("I fall over\n")
    sys.stderr.flush()
    os._exit(3)


def half(request: Json) -> None:
    sys.stdout.buffer.write(b'{"jsonrpc":"2.0","id":')
    sys.stdout.buffer.flush()
    os._exit(3)


def change(request: Json) -> None:
    (FOLDER / "tools.json").write_text(json.dumps(arguments(request)["tools"]))
    if arguments(request).get("tell", True):
        send({"method": "notifications/tools/list_changed"})
    text(request, "changed")


def round_trip(request: Json) -> None:
    """Two rounds: the server's own state has to come back as it went out (MCP 2026-07-28)."""
    params = request["params"]
    if params.get("requestState") == "the server's own state":
        text(request, f"you said {params['inputResponses']['name']['content']['name']}")
        return
    schema = {"type": "object", "properties": {"name": {"type": "string"}}}
    question = {
        "method": "elicitation/create",
        "params": {"message": "Your name?", "requestedSchema": schema},
    }
    send(
        {
            "id": request["id"],
            "result": {
                "resultType": "input_required",
                "inputRequests": {"name": question},
                "requestState": "the server's own state",
            },
        }
    )


def noise(request: Json) -> None:
    raw(b"Server is ready!")
    raw(b"\xff\xfe")
    raw(b"{}")
    send({"id": 987654, "result": {}})
    text(request, "after the noise")


def twice(request: Json) -> None:
    raw(
        b'{"jsonrpc":"2.0","id":%s,"result":{"content":[],"content":[]}}' % json.dumps(request["id"]).encode()
    )


def ask_client(request: Json) -> None:
    send({"id": "from-the-server", "method": "roots/list"})
    answer = json.loads(sys.stdin.readline())
    reached(json.dumps(answer))
    text(request, json.dumps(answer["result"]))


def progress(request: Json) -> None:
    token = request["params"]["_meta"]["progressToken"]
    for step in (1, 2):
        send({"method": "notifications/progress", "params": {"progressToken": token, "progress": step}})
    text(request, "done")


TOOLS: dict[str, Callable[[Json], None]] = {
    "echo": lambda request: text(request, json.dumps(arguments(request))),
    "fail": lambda request: text(request, "it failed", isError=True),
    "refuse": lambda request: send({"id": request["id"], "error": {"code": -32000, "message": "no"}}),
    "secret": lambda request: text(
        request, "key sk-abcdef123456", structuredContent={"sk-abcdef123456": ["sk-abcdef123456"]}
    ),
    "long": lambda request: text(request, "x" * arguments(request)["bytes"]),
    "hang": lambda request: None,
    "die": die,
    "half": half,
    "change": change,
    "round": round_trip,
    "noise": noise,
    "twice": twice,
    "ask_client": ask_client,
    "progress": progress,
    "cancel_job": lambda request: text(request, "cancelled"),
}


def listed(request: Json) -> None:
    tools = json.loads((FOLDER / "tools.json").read_text())
    if not isinstance(tools, list):
        result(request, {"tools": tools})
        return
    size = int((FOLDER / "page-size").read_text()) if (FOLDER / "page-size").exists() else len(tools) or 1
    start = int(request.get("params", {}).get("cursor") or 0)
    more = {"nextCursor": str(start + size)} if start + size < len(tools) else {}
    result(request, {"tools": tools[start : start + size], "extra": {"kept": 1.50}, **more})


def answer(request: Json) -> None:
    method = request["method"]
    if method == "initialize":
        result(
            request,
            {
                "protocolVersion": request["params"]["protocolVersion"],
                "capabilities": {"tools": {}, "resources": {}},
                "serverInfo": {"name": "standin", "version": "1"},
            },
        )
    elif method == "tools/list":
        listed(request)
    elif method == "tools/call":
        TOOLS[request["params"]["name"]](request)
    elif method in ("resources/list", "ping"):
        result(request, {"resources": []})
    else:
        send({"id": request["id"], "error": {"code": -32601, "message": "Method not found"}})


def reached(line: str) -> None:
    with (FOLDER / "reached").open("a") as file:
        file.write(line.strip() + "\n")


def main() -> None:
    if (FOLDER / "refuses-to-start").exists():
        sys.stderr.write("I do not start\n")
        sys.exit(4)
    while line := sys.stdin.readline():
        reached(line)
        message = json.loads(line)
        if "id" in message and "method" in message:
            answer(message)


if __name__ == "__main__":
    main()
