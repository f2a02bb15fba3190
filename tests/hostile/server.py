"""A hostile MCP server for tests: over stdio, or over HTTP with --http; needs only the standard library.

    python tests/hostile/server.py MODE [--mark TEXT] [--http]

`MODE` is one of the keys of `MODES`. `--mark` is anything; it stands in the process list for tests to find,
also in that of the children. With `--http` the port is chosen by the system and printed as the only line.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

Json = dict[str, Any]
Answer = Callable[[Json], Iterator[str]]

MIB = 1 << 20
HANDSHAKE = {
    "protocolVersion": "2025-06-18",
    "capabilities": {"tools": {}},
    "serverInfo": {"name": "hostile", "version": "1"},
}


def tool(name: str, **fields: Any) -> Json:
    return {"name": name, "description": "Reads a value.", "inputSchema": {"type": "object"}, **fields}


def reply(request: Json, result: Any) -> str:
    return json.dumps({"jsonrpc": "2.0", "id": request["id"], "result": result})


def refusal(request: Json, code: int, message: str) -> str:
    return json.dumps({"jsonrpc": "2.0", "id": request["id"], "error": {"code": code, "message": message}})


def page(tools: Callable[[], list[Any]], cursor: Any = None) -> Answer:
    """An honest answer with these tools, which are only made when they are asked for."""

    def answer(request: Json) -> Iterator[str]:
        yield reply(request, {"tools": tools(), **({"nextCursor": cursor} if cursor is not None else {})})

    return answer


def hang(request: Json) -> Iterator[str]:
    while True:
        time.sleep(3600)
        yield ""


def loop_cursor(request: Json) -> Iterator[str]:
    yield reply(request, {"tools": [tool("again")], "nextCursor": "the-same"})


def endless_pages(request: Json) -> Iterator[str]:
    number = int(request.get("params", {}).get("cursor") or 0) + 1
    yield reply(request, {"tools": [tool(f"tool_{number}")], "nextCursor": str(number)})


def broken_json(request: Json) -> Iterator[str]:
    yield reply(request, {"tools": []})[:-3]


def other_id(request: Json) -> Iterator[str]:
    yield reply({"id": 987654}, {"tools": [tool("not_asked_for")]})


def with_schema(request: Json, schema: str) -> str:
    """A page with one tool whose schema is this text, which Python's own JSON would not write."""
    return reply(request, {"tools": [tool("odd", inputSchema="SCHEMA")]}).replace('"SCHEMA"', schema)


def deep(request: Json) -> Iterator[str]:
    depth = 100_000
    yield with_schema(request, '{"a":' * depth + "1" + "}" * depth)


def huge_number(request: Json) -> Iterator[str]:
    """More digits than Python turns back into text."""
    yield with_schema(request, '{"maximum":' + "9" * 6000 + "}")


def half_an_answer(request: Json) -> Iterator[str]:
    whole = reply(request, {"tools": [tool("never_whole")]})
    sys.stdout.write(whole[: len(whole) // 2])
    sys.stdout.flush()
    sys.stderr.write(
        "Traceback (most recent call last):\nRuntimeError: \x1b[31mI fall over\x1b[0m in mid-answer\n"
    )
    sys.stderr.flush()
    os._exit(3)
    yield ""


def flood_without_newline(request: Json) -> Iterator[str]:
    while True:
        sys.stdout.write("x" * 65536)
        yield ""


def flood_notifications(request: Json) -> Iterator[str]:
    note = json.dumps(
        {"jsonrpc": "2.0", "method": "notifications/message", "params": {"level": "info", "data": "spam"}}
    )
    while True:
        yield note


def flood_requests(request: Json) -> Iterator[str]:
    number = 0
    while True:
        number += 1
        yield json.dumps({"jsonrpc": "2.0", "id": f"q{number}", "method": "roots/list"})


def flood_stderr(request: Json) -> Iterator[str]:
    for _ in range(64):
        sys.stderr.write("noise " * (MIB // 6))
        sys.stderr.flush()
    yield reply(request, {"tools": [tool("loud")]})


def long_line(request: Json) -> Iterator[str]:
    for _ in range(100):
        sys.stdout.write(" " * MIB)
    yield reply(request, {"tools": [tool("too_late")]})


def tricks() -> list[Any]:
    return [
        tool("<script>alert(1)</script>", description="</td><img src=x onerror=alert(1)>"),
        tool("[bold red]rich[/] {{ jinja }}", description="[link=https://example.invalid]click[/link]"),
        tool("ansi\x1b[2J\x1b]0;title\x07", description="\x1b[31mred\x1b[0m"),
        tool("bidi\u202egnp.exe", description="zero\u200bwidth"),
        tool("../../etc/passwd", description="..\\..\\windows"),
        tool("nul\x00byte", description="nul\x00byte"),
        tool("CON", description="a name that Windows reserves"),
        tool("DROP TABLE tools; --", description="' OR 1=1"),
        tool("=cmd|' /C calc'!A0", description="@SUM(1+1)"),
        tool("spoof", server="some-other-server"),
    ]


def odd() -> list[Any]:
    return [
        tool("good"),
        "a string",
        None,
        {"description": "no name"},
        tool("odd_schema", inputSchema="text"),
        tool("odd_description", description=7),
        tool("n" * 5000),
        tool("good_too"),
        tool("good"),
        tool("good_too", description="Differs."),
    ]


def with_children(request: Json) -> Iterator[str]:
    """Children in their own sessions, deaf to SIGTERM, that hold the pipes and live on."""
    for _ in range(3):
        child = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); signal.signal(signal.SIGHUP, signal.SIG_IGN)\nwhile True: time.sleep(60)"
        subprocess.Popen([sys.executable, "-c", child, *sys.argv[1:]], start_new_session=True)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    yield reply(request, {"tools": [tool("parent")]})


def die_with_children(request: Json) -> Iterator[str]:
    list(with_children(request))
    sys.stderr.write("ValueError: gone, but not my children\n")
    sys.stderr.flush()
    os._exit(1)
    yield ""


def whisper_secret(request: Json) -> Iterator[str]:
    sys.stderr.write(
        f"Error: API key {os.environ.get('HOSTILE_API_KEY', 'sk-0123456789abcdef0123456789')} is invalid\n"
    )
    sys.stderr.flush()
    os._exit(1)
    yield ""


def usage(request: Json) -> Iterator[str]:
    sys.stderr.write(
        "usage: hostile [-h] folder\nhostile: error: the following arguments are required: folder\n"
    )
    sys.stderr.flush()
    os._exit(2)
    yield ""


def echo_arguments(request: Json) -> Iterator[str]:
    """All of its own arguments in an error message, as careless servers do."""
    sys.stderr.write(f"Error: cannot start with {' '.join(sys.argv[1:])}\n")
    sys.stderr.flush()
    os._exit(1)
    yield ""


def wants_network(request: Json) -> Iterator[str]:
    sys.stderr.write("Error: getaddrinfo ENOTFOUND api.example.invalid\n")
    sys.stderr.flush()
    os._exit(1)
    yield ""


def no_such_method(request: Json) -> Iterator[str]:
    yield refusal(request, -32601, "Method not found")


def error_answer(request: Json) -> Iterator[str]:
    yield refusal(request, -32603, "the list is \x1b[1mlost\x1b[0m")


def only_initialize(request: Json) -> Iterator[str]:
    """Some older SDKs end when the first message is anything else."""
    if request["method"] == "initialize":
        yield reply(request, HANDSHAKE)
    elif request["method"] == "tools/list":
        yield reply(request, {"tools": [tool("old_school")]})
    else:
        sys.stderr.write(f"Error: expect initialized request, but received: {request['method']}\n")
        sys.stderr.flush()
        os._exit(1)


def banner(request: Json) -> Iterator[str]:
    yield "Server is ready!"
    yield json.dumps({"level": 30, "msg": "a log line"})
    yield reply(request, {"tools": [tool("after_a_banner")]})


def only_text(request: Json) -> Iterator[str]:
    while True:
        yield "Press any key to continue"


# What each mode answers to tools/list; the handshake is honest unless the mode is in `FROM_THE_START`.
MODES: dict[str, Answer] = {
    "good": page(lambda: [tool("read_value")]),
    "none": page(list),
    "hang": hang,
    "hang-late": hang,
    "flood-line": flood_without_newline,
    "flood-notifications": flood_notifications,
    "flood-requests": flood_requests,
    "flood-stderr": flood_stderr,
    "loop-cursor": loop_cursor,
    "endless-pages": endless_pages,
    "empty-cursor": page(lambda: [tool("last_page")], cursor=""),
    "odd-cursor": page(lambda: [tool("page")], cursor=7),
    "broken-json": broken_json,
    "broken-start": broken_json,
    "only-text": only_text,
    "banner": banner,
    "many-tools": page(lambda: [tool(f"tool_{number}") for number in range(50_000)]),
    "long-description": page(lambda: [tool("talkative", description="word " * (MIB // 5))]),
    "too-long": page(lambda: [tool(f"t{number}", description="word " * (MIB // 5)) for number in range(20)]),
    "tricks": page(tricks),
    "odd": page(odd),
    "not-a-list": lambda request: iter([reply(request, {"tools": {"a": 1}})]),
    "half-answer": half_an_answer,
    "children": with_children,
    "die-with-children": die_with_children,
    "other-id": other_id,
    "deep": deep,
    "huge-number": huge_number,
    "long-line": long_line,
    "secret": whisper_secret,
    "usage": usage,
    "offline": wants_network,
    "echo": echo_arguments,
    "no-method": no_such_method,
    "error": error_answer,
    "unauthorised": lambda request: iter([refusal(request, -32000, "Missing API key: set WEATHER_KEY")]),
    "only-initialize": only_initialize,
}
FROM_THE_START = frozenset(
    {"hang", "broken-start", "only-text", "secret", "usage", "offline", "echo", "only-initialize"}
)


def answers(mode: str, request: Json) -> Iterator[str]:
    """The lines that answer one request."""
    if "id" not in request or "method" not in request:
        return iter(())
    if mode in FROM_THE_START:
        return MODES[mode](request)
    if request["method"] == "initialize":
        return iter([reply(request, HANDSHAKE)])
    if request["method"] == "tools/list":
        return MODES[mode](request)
    return no_such_method(request)


def serve_stdio(mode: str) -> None:
    for line in sys.stdin:
        for answer in answers(mode, json.loads(line)):
            if answer:
                sys.stdout.write(answer + "\n")
                sys.stdout.flush()


class Handler(BaseHTTPRequestHandler):
    """Streamable HTTP with JSON answers; a few modes are HTTP's own."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1
    mode = "good"
    statuses: ClassVar = {"http-401": 401, "http-403": 403, "http-404": 404, "http-503": 503}

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.mode in self.statuses:
            self._send(self.statuses[self.mode], b"no")
        elif self.mode == "http-redirect":
            self._send(307, b"", Location="http://other.invalid/mcp")
        elif self.mode == "http-gzip":
            self._send(200, b"\x1f\x8b", **{"Content-Encoding": "gzip"})
        elif self.mode == "http-html":
            self._send(200, b"<html>hello</html>", **{"Content-Type": "text/html"})
        elif self.mode == "error-path":
            self._send(200, refusal(json.loads(body), -32603, f"no such page: {self.path}").encode())
        elif self.mode == "http-endless":
            self._endless()
        else:
            request = json.loads(body)
            lines = [line for line in answers(self.mode, request) if line]
            self._send(200 if lines else 202, "\n".join(lines).encode())

    def do_GET(self) -> None:
        self._send(405, b"")

    def _send(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
            **headers,
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def _endless(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Connection", "close")
        self.end_headers()
        while True:
            self.wfile.write(b" " * 65536)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 – the name is the base class's
        pass


HTTP_MODES = (
    "http-401",
    "http-403",
    "http-404",
    "http-503",
    "http-redirect",
    "http-gzip",
    "http-html",
    "http-endless",
    "error-path",
)


def serve_http(mode: str) -> None:
    Handler.mode = mode
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    sys.stdout.write(f"{server.server_address[1]}\n")
    sys.stdout.flush()
    server.serve_forever()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("mode", choices=[*MODES, *HTTP_MODES])
    parser.add_argument("--mark", default="")
    parser.add_argument("--http", action="store_true")
    chosen, _ = parser.parse_known_args()
    if chosen.http:
        serve_http(chosen.mode)
    else:
        serve_stdio(chosen.mode)


if __name__ == "__main__":
    main()
