"""A real server behind the gateway that does what it is asked to, however it is asked, and writes down what it did.

    python effects.py FOLDER          over stdio; `serve(FOLDER)` is the same over HTTP

It is laxer than any honest server: the last of two keys counts, case, width and blanks of keys, methods and
names do not, batches and calls without an id are carried out, and over HTTP the header `Mcp-Name` goes before
the body. So whatever a policy forbids and the gateway lets slip has its effect: one line in FOLDER/effects,
written in one piece before anything is answered.

FOLDER/tools.json is what it lists, FOLDER/pages.json instead its pages by cursor ("null" is the first).
"""

from __future__ import annotations

import base64
import json
import os
import queue
import re
import sys
import threading
import unicodedata
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

Json = dict[str, Any]
Say = Callable[[Json], None]
MODERN = "io.modelcontextprotocol/protocolVersion"
PATIENCE = 20.0  # seconds


class Broken(Exception):
    """The server fails after the effect."""


class Server:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.asked: dict[str, queue.Queue[Json]] = {}  # questions to the client, by id

    def take(self, raw: bytes, say: Say, name: str | None = None) -> None:
        """Carry out whatever can be made of these bytes. `name`: what a header says that the tool is."""
        try:
            found = json.loads(
                raw.decode("utf-8-sig", "surrogateescape") if b"\0" not in raw[:4] else raw, strict=False
            )
        except (ValueError, RecursionError):
            return
        for message in found if isinstance(found, list) else [found]:
            if isinstance(message, dict):
                self.carry_out({folded(key): value for key, value in message.items()}, say, name)

    def carry_out(self, message: Json, say: Say, name: str | None) -> None:
        if "method" not in message:
            waiting = self.asked.pop(str(message.get("id")), None)
            if waiting is not None:
                waiting.put(message)
            return
        method, params = squeezed(str(message["method"])), message.get("params") or {}
        params = {folded(key): value for key, value in params.items()} if isinstance(params, dict) else {}
        result = self.result(method, params, say, name)
        if MODERN in (params.get("_meta") or {}):
            result = {"resultType": "complete", **result}
        if message.get("id") is not None:
            say({"id": message["id"], "result": result})

    def result(self, method: str, params: Json, say: Say, name: str | None) -> Json:
        if method == "initialize":
            return {
                "protocolVersion": params["protocolversion"],
                "capabilities": {"tools": {"listChanged": True}},
                "serverInfo": {"name": "effects", "version": "1"},
            }
        if method == "toolslist":
            return self.listed(params.get("cursor"))
        if method == "toolscall":
            return self.call(name or str(params.get("name")), params.get("arguments"), say)
        return {}

    def listed(self, cursor: str | None) -> Json:
        pages = self.folder / "pages.json"
        if pages.exists():
            found: Json = json.loads(pages.read_text())["null" if cursor is None else cursor]
            return found
        return {"tools": json.loads((self.folder / "tools.json").read_text())}

    def call(self, name: str, arguments: Any, say: Say) -> Json:
        tool = re.sub("[^a-z0-9_]", "", folded(name))
        given = json.loads(arguments) if isinstance(arguments, str) else arguments
        self.note({"tool": tool, "arguments": given or {}})
        if tool == "broken":
            raise Broken
        if tool == "dies":
            os._exit(3)
        if tool == "slow":
            while not (self.folder / "go").exists():
                threading.Event().wait(0.01)
        said = self.ask(given, say) if tool == "asks" else "done"
        return {"content": [{"type": "text", "text": said}]}

    def ask(self, question: Json, say: Say) -> str:
        """Ask the client what the test wants asked; what it answers."""
        waiting = self.asked[question["id"]] = queue.Queue()
        say(question)
        return json.dumps(waiting.get(timeout=PATIENCE))

    def note(self, effect: Json) -> None:
        with (self.folder / "effects").open("ab", buffering=0) as file:
            file.write(json.dumps(effect).encode() + b"\n")


def folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().casefold()


def squeezed(text: str) -> str:
    return "".join(filter(str.isalnum, folded(text)))


def over_stdio(folder: Path) -> None:
    server, lock = Server(folder), threading.Lock()

    def say(message: Json) -> None:
        with lock:
            sys.stdout.buffer.write(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")
            sys.stdout.buffer.flush()

    def take(line: bytes) -> None:
        try:
            server.take(line, say)
        except Broken:
            say({"id": json.loads(line)["id"], "error": {"code": -32603, "message": "Internal error"}})

    while chunk := sys.stdin.buffer.readline():
        for line in chunk.replace("\u2028".encode(), b"\n").replace(b"\r", b"\n").split(b"\n"):
            if b'"slow"' in line or b'"asks"' in line:  # these wait, and others must not wait for them
                threading.Thread(target=take, args=(line,), daemon=True).start()
            else:
                take(line)


def serve(folder: Path) -> ThreadingHTTPServer:
    """Listen on a free port, in threads of this process."""
    server = Server(folder)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            said: list[Json] = []
            try:
                if b'"asks"' in raw:  # what it asks has to reach the client before it answers
                    self.events(raw)
                    return
                server.take(raw, said.append, decoded(self.headers.get("Mcp-Name")))
            except Broken:
                self.reply(500, b"<html>broken</html>", "text/html")
                return
            body = json.dumps({"jsonrpc": "2.0", **said[0]}).encode() if said else b""
            self.reply(200 if said else 202, body, "application/json")

        def events(self, raw: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Connection", "close")
            self.end_headers()

            def say(message: Json) -> None:
                for byte in f"data: {json.dumps({'jsonrpc': '2.0', **message})}\n\n".encode():
                    self.wfile.write(bytes([byte]))
                    self.wfile.flush()

            server.take(raw, say, decoded(self.headers.get("Mcp-Name")))

        def do_GET(self) -> None:
            self.reply(405, b"", "text/plain")

        def reply(self, status: int, body: bytes, kind: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    class Listening(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 256

    listening = Listening(("127.0.0.1", 0), Handler)
    threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    return listening


def decoded(name: str | None) -> str | None:
    if name is not None and name.startswith("=?base64?"):
        return base64.b64decode(name[9:-2]).decode()
    return name


if __name__ == "__main__":
    over_stdio(Path(sys.argv[1]))
