"""`catalog serve`: the site at a loopback address, for looking at it."""

from __future__ import annotations

import errno
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Final

from catalog.errors import UsageError
from catalog.site.folder import MARKER, is_foreign

if TYPE_CHECKING:
    from collections.abc import Callable

LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")
DEFAULT_PORT: Final = 8000
_HINTS: Final = {
    errno.EADDRINUSE: "that port is taken: choose another with --port, or --port 0 for any free one",
    errno.EACCES: "that port needs more rights than you have: choose one above 1023 with --port",
}


class SiteHandler(SimpleHTTPRequestHandler):
    """Files with their right types, the site's own 404 page, and nothing cached."""

    extensions_map = {  # noqa: RUF012 - the base class's own table, of which this is the site's part
        "": "application/octet-stream",
        ".html": "text/html; charset=utf-8",
        ".css": "text/css; charset=utf-8",
        ".js": "text/javascript; charset=utf-8",
        ".json": "application/json; charset=utf-8",
        ".svg": "image/svg+xml",
        ".xml": "application/xml; charset=utf-8",
        ".txt": "text/plain; charset=utf-8",
    }

    def end_headers(self) -> None:
        """Add what every answer of a preview carries."""
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        super().end_headers()

    def list_directory(self, path: object) -> None:
        """Folders without an index are not shown."""
        del path
        self.send_error(HTTPStatus.NOT_FOUND)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer 404 with the site's page, which finds its way home from any depth."""
        page = Path(self.directory) / "404.html"
        if code != HTTPStatus.NOT_FOUND or not page.is_file():
            super().send_error(code, message, explain)
            return
        body = page.read_bytes().replace(b"<head>", b'<head>\n<base href="/">', 1)
        self.send_response(code)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Stay quiet: a preview is watched in the browser."""


def open_server(folder: Path, host: str, port: int) -> ThreadingHTTPServer:
    """Bind without serving yet. Port 0 takes a free one.

    Raises:
        UsageError: no site in `folder`, `host` is not loopback, or the port cannot be had.

    """
    if not (folder / MARKER).is_file():
        hint = (
            f"catalog build does not replace {folder}, which holds other files: build into another folder and serve that one"
            if is_foreign(folder)
            else f"catalog build --out {folder}"
        )
        raise UsageError(f"there is no site in {folder}", hint=hint)
    if host not in LOOPBACK:
        raise UsageError(
            f"{host} is not this machine",
            hint=f"a preview is served on {LOOPBACK[0]} only; publish the folder with a web server",
        )
    try:
        return ThreadingHTTPServer((host, port), partial(SiteHandler, directory=str(folder)))
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UsageError(
            f"cannot serve on {host}:{port}: {reason}",
            hint=_HINTS.get(error.errno or 0, "choose another port with --port"),
        ) from error


def serve(
    folder: Path, host: str = LOOPBACK[0], port: int = DEFAULT_PORT, announce: Callable[[str], None] = print
) -> None:
    """Serve until Ctrl-C; `announce` is told the address. Errors as in `open_server`."""
    with open_server(folder, host, port) as server:
        announce(f"http://{host}:{server.server_address[1]}/")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            return
