"""What stands around the gateway in its benchmark, each a process: a tiny server, and relays that do nothing.

python gateway_parts.py server [TOOLS]              a server over stdio, which lists that many tools
python gateway_parts.py relay COMMAND …             lines to and from the command, unread: the floor
python gateway_parts.py http-server PORT            the same server over HTTP
python gateway_parts.py http-relay PORT URL         requests passed on by Starlette and httpx: the floor
python gateway_parts.py fastmcp COMMAND …           FastMCP's proxy before the command (needs fastmcp)
python gateway_parts.py fastmcp-http PORT URL       the same before a URL
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
from typing import Any

Json = dict[str, Any]


def result(message: Json, tools: list[Json]) -> Json:
    method, params = message["method"], message.get("params", {})
    if method == "initialize":
        return {
            "protocolVersion": params["protocolVersion"],
            "capabilities": {"tools": {}},
            "serverInfo": {"name": "tiny", "version": "1"},
        }
    if method == "tools/list":
        return {"tools": tools}
    if method == "tools/call":
        return {"content": [{"type": "text", "text": params["arguments"]["text"]}]}
    return {}


def answered(line: bytes, tools: list[Json]) -> bytes:
    """The answer to a message, empty where none is due."""
    message = json.loads(line)
    if "id" not in message or "method" not in message:
        return b""
    answer: Json = {"jsonrpc": "2.0", "id": message["id"]}
    if message["method"] in ("initialize", "tools/list", "tools/call", "ping"):
        answer["result"] = result(message, tools)
    else:
        answer["error"] = {"code": -32601, "message": "Method not found"}
    return json.dumps(answer, separators=(",", ":")).encode()


def listed(count: int) -> list[Json]:
    """`echo`, and generated tools besides."""
    schema = {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}
    tools: list[Json] = [{"name": "echo", "description": "Gives the text back.", "inputSchema": schema}]
    if count:
        from tests.bench.definitions import definitions

        tools += [{"name": it.name, **it.body()} for it in definitions(count)]
    return tools


def server(count: int = 0) -> None:
    tools, out = listed(count), sys.stdout.buffer
    for line in sys.stdin.buffer:
        if answer := answered(line, tools):
            out.write(answer + b"\n")
            out.flush()


def relay(command: list[str]) -> None:
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
    assert child.stdin
    assert child.stdout
    ways = {0: child.stdin.fileno(), child.stdout.fileno(): 1}
    poll = select.poll()
    for source in ways:
        poll.register(source, select.POLLIN | select.POLLHUP)
    while True:
        for source, _ in poll.poll():
            chunk = os.read(source, 1 << 18)
            if not chunk:
                child.kill()
                return
            view = memoryview(chunk)
            while view:
                view = view[os.write(ways[source], view) :]


def http_server(port: int) -> None:
    tools = listed(0)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        body = b""
        while True:
            event = await receive()
            body += event.get("body", b"")
            if not event.get("more_body"):
                break
        answer = answered(body, tools) if scope["method"] == "POST" else b""
        status = 405 if scope["method"] != "POST" else 200 if answer else 202
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(answer)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": answer})

    serve(app, port)


def http_relay(port: int, url: str) -> None:
    import httpx2
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import StreamingResponse
    from starlette.routing import Route

    client = httpx2.AsyncClient(timeout=60)
    kept = ("content-type", "accept", "mcp-session-id", "mcp-protocol-version")

    async def passed(request: Request) -> StreamingResponse:
        headers = {key: value for key, value in request.headers.items() if key in kept}
        sent = client.build_request(request.method, url, headers=headers, content=await request.body())
        answer = await client.send(sent, stream=True)

        async def body() -> Any:
            async for part in answer.aiter_raw():
                yield part
            await answer.aclose()

        own = {key: value for key, value in answer.headers.items() if key in (*kept, "content-length")}
        return StreamingResponse(body(), answer.status_code, own)

    serve(Starlette(routes=[Route("/mcp", passed, methods=["GET", "POST", "DELETE"])]), port)


def serve(app: Any, port: int) -> None:
    """As the gateway itself is served."""
    import uvicorn

    quiet = {"log_level": "critical", "access_log": False}
    uvicorn.run(app, port=port, http="h11", ws="none", lifespan="off", timeout_keep_alive=75, **quiet)


def fastmcp(target: Any, **transport: Any) -> None:
    from fastmcp.server import create_proxy

    create_proxy(target).run(show_banner=False, **transport)


def main(role: str, *given: str) -> None:
    if role == "server":
        server(*map(int, given))
    elif role == "relay":
        relay(list(given))
    elif role == "http-server":
        http_server(int(given[0]))
    elif role == "http-relay":
        http_relay(int(given[0]), given[1])
    elif role == "fastmcp":
        fastmcp({"mcpServers": {"tiny": {"command": given[0], "args": list(given[1:])}}}, transport="stdio")
    else:
        fastmcp(
            given[1],
            transport="http",
            port=int(given[0]),
            path="/mcp",
            uvicorn_config={"log_level": "critical"},
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
