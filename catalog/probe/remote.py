"""Servers reached over HTTP: streamable HTTP, or the older SSE transport, with bounded bodies."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

import httpx2
from mcp.client.sse import sse_client
from mcp.client.streamable_http import streamable_http_client

from catalog.probe.fault import ConnectionEnded, Fault
from catalog.probe.listing import read_pages
from catalog.probe.tap import Tap
from catalog.records import LaunchKind, Outcome
from catalog.visible import one_line

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager

    from mcp.client._transport import TransportStreams

    from catalog.probe.limits import Limits
    from catalog.probe.listing import Pages
    from catalog.records import Launch

# Answers to the first POST that mean "I only speak the older transport" (MCP, backwards compatibility).
_OLDER: Final = frozenset({400, 404, 405})
_MCP_TYPES: Final = frozenset({"application/json", "text/event-stream"})
_PLACEHOLDER: Final = re.compile(r"\{[\w-]+\}")
_ERRNO: Final = re.compile(r"^\[Errno -?\d+\]\s*")
# What systems say when a name cannot be resolved (getaddrinfo's EAI_NONAME, EAI_NODATA, EAI_AGAIN).
_UNKNOWN_HOST: Final = re.compile(
    r"name or service not known|nodename nor servname|getaddrinfo|name resolution|no address associated",
    re.IGNORECASE,
)
_CONNECT_SECONDS: Final = 15.0


async def read_remote(launch: Launch, limits: Limits, progress: Callable[[str], None]) -> Pages:
    """Read a remote server's tools; tries SSE when the server refuses streamable HTTP.

    Raises:
        Fault: unreachable, not let in, or whatever else goes wrong.

    """
    _check_url(launch.url)
    progress("connecting")
    modern = _Remote(launch, limits)
    older = launch.kind is LaunchKind.SSE
    try:
        return await modern.read(progress, older=older)
    except Fault as fault:
        if older or not modern.refuses_streamable:
            raise modern.explain(fault) from fault
    legacy = _Remote(launch, limits)
    try:
        return await legacy.read(progress, older=True)
    except Fault as fault:
        first_words = modern.explain(fault)
        raise legacy.explain(fault) if legacy.connected else first_words from fault


def _check_url(url: str) -> None:
    if found := _PLACEHOLDER.search(url):
        raise Fault(
            Outcome.NEEDS_ARGUMENTS,
            f"the URL has a placeholder: {found[0]}",
            "put your own value into the URL",
        )
    try:
        parsed = httpx2.URL(url)
    except httpx2.InvalidURL as error:
        raise Fault(Outcome.UNREACHABLE, f"this is no URL: {error}", "check the URL") from error
    if parsed.scheme not in {"http", "https"} or not parsed.host:
        raise Fault(Outcome.UNREACHABLE, "this is no http or https URL", "check the URL")


@dataclass
class _Remote:
    """One attempt to reach a server, with the HTTP answers it gave."""

    launch: Launch
    limits: Limits
    statuses: list[int] = field(default_factory=list)
    connected: bool = False
    redirect: str = ""
    strange: str = ""
    received: int = 0
    tap: Tap = field(init=False)

    def __post_init__(self) -> None:
        self.tap = Tap(self.limits)

    @property
    def refuses_streamable(self) -> bool:
        """Whether the server's answers are those of one that only speaks the older transport."""
        return bool(self.statuses) and all(status in _OLDER for status in self.statuses)

    async def read(self, progress: Callable[[str], None], *, older: bool) -> Pages:
        if older:
            transport: AbstractAsyncContextManager[TransportStreams] = sse_client(
                self.launch.url, sse_read_timeout=self.limits.total, httpx_client_factory=self._client
            )
            return await read_pages(transport, self.tap, self.limits, progress)
        async with self._client() as client:
            transport = streamable_http_client(
                self.launch.url, http_client=client, max_sse_event_size=self.limits.received
            )
            return await read_pages(transport, self.tap, self.limits, progress)

    def _client(
        self,
        headers: dict[str, str] | None = None,
        timeout: httpx2.Timeout | None = None,
        auth: httpx2.Auth | None = None,
    ) -> httpx2.AsyncClient:
        """The HTTP client: the record's headers, certificates and proxies of the environment, no decoding.

        Compressed bodies are not asked for and not accepted: a small one can unpack to anything.
        """
        return httpx2.AsyncClient(
            headers={**(headers or {}), **dict(self.launch.headers), "Accept-Encoding": "identity"},
            timeout=timeout or httpx2.Timeout(self.limits.total, connect=_CONNECT_SECONDS),
            event_hooks={"response": [self._on_response]},
            auth=auth,
        )

    async def _on_response(self, response: httpx2.Response) -> None:
        self.statuses.append(response.status_code)
        self.connected = self.connected or response.is_success
        if response.has_redirect_location:
            target = response.url.join(response.headers["location"])
            self.redirect = one_line(str(target.copy_with(userinfo=b"", query=None, fragment=None)))
        kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if response.status_code == HTTPStatus.OK and kind not in _MCP_TYPES:
            self.strange = one_line(kind, 60) or "nothing"
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            self.tap.give_up(
                Fault(Outcome.PROTOCOL_ERROR, "the server sends compressed bodies without being asked")
            )
            raise httpx2.DecodingError("compressed body", request=response.request)
        response.stream = _Counted(response.stream, self)

    def count(self, size: int) -> None:
        """Add to what was received.

        Raises:
            httpx2.ReadError: it is more than the limit; the tap then has a fault.

        """
        self.received += size
        if self.received > self.limits.received:
            self.tap.give_up(
                Fault(Outcome.REFUSED_LIMITS, f"the server sends more than {self.limits.received >> 20} MiB")
            )
            raise httpx2.ReadError("too much")

    def explain(self, fault: Fault) -> Fault:
        """The fault in terms of HTTP, when HTTP says more than the SDK does."""
        failed = [status for status in self.statuses if status >= HTTPStatus.BAD_REQUEST]
        if refused := next((status for status in failed if status in {401, 403}), None):
            return Fault(
                Outcome.NEEDS_CREDENTIALS,
                f"the server answers HTTP {_status(refused)}",
                "give it credentials, for example an Authorization header in a client config",
            )
        if isinstance(fault.__cause__, httpx2.TransportError):
            return _unreachable(fault.__cause__, self.launch.url)
        if failed and not self.connected and not self.redirect:
            step = "try again later" if failed[-1] >= HTTPStatus.INTERNAL_SERVER_ERROR else "check the URL"
            return Fault(Outcome.UNREACHABLE, f"the server answers HTTP {_status(failed[-1])}", step)
        return self._misdirected(fault)

    def _misdirected(self, fault: Fault) -> Fault:
        """The fault, when the URL seems to lead to something else than an MCP server."""
        if self.redirect:
            return Fault(
                Outcome.UNREACHABLE,
                f"the server redirects to {self.redirect}",
                "use that URL if you trust it",
            )
        step = "check that the URL is that of an MCP server"
        if self.strange and fault.outcome is Outcome.PROTOCOL_ERROR:
            return Fault(fault.outcome, f"the server answers with {self.strange} where MCP is due", step)
        if isinstance(fault, ConnectionEnded):
            return Fault(Outcome.PROTOCOL_ERROR, fault.reason, step)
        return fault


class _Counted(httpx2.AsyncByteStream):
    """A body whose size is counted while it is read."""

    def __init__(self, inner: object, remote: _Remote) -> None:
        if not isinstance(inner, httpx2.AsyncByteStream):
            raise TypeError("the body of an asynchronous client's response is an asynchronous stream")
        self._inner = inner
        self._remote = remote

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._inner:
            self._remote.count(len(chunk))
            yield chunk

    async def aclose(self) -> None:
        await self._inner.aclose()


def _status(code: int) -> str:
    try:
        return f"{code} {HTTPStatus(code).phrase}"
    except ValueError:
        return str(code)


def _unreachable(error: httpx2.TransportError, url: str) -> Fault:
    words = _ERRNO.sub("", one_line(str(error))) or type(error).__name__
    if "CERTIFICATE_VERIFY_FAILED" in words or "SSL" in words:
        return Fault(
            Outcome.UNREACHABLE,
            f"TLS: {words}",
            "check the certificate; SSL_CERT_FILE names your own authorities",
        )
    if isinstance(error, httpx2.ConnectTimeout):
        words = f"no connection within {_CONNECT_SECONDS:g} s"
    if _UNKNOWN_HOST.search(words):
        host = one_line(httpx2.URL(url).host, 100)
        return Fault(
            Outcome.UNREACHABLE,
            f"the host name {host} is not known",
            "check the host name in the URL, and the network",
        )
    return Fault(Outcome.UNREACHABLE, words, "check the URL, the network and whether the server runs")
