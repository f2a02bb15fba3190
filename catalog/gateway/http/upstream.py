"""A server reached by URL: where it is, what it is told beside the messages, and how a request gets there."""

from __future__ import annotations

import logging
import os
import re
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import httpx2

from catalog.errors import UsageError
from catalog.visible import one_line

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Iterable, Mapping

_CONNECT: Final = 15.0  # seconds
_WRITE: Final = 60.0  # seconds
SILENCE: Final = 900.0  # seconds without a byte, after which an answer is not coming any more
_CONNECTIONS: Final = 1_000  # of one conversation at a time
_REDIRECTS: Final = 5
_TOKEN: Final = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_VALUE: Final = re.compile(r"[\x20-\x7e\t]*")
_OURS: Final = frozenset(
    {"accept", "accept-encoding", "connection", "content-length", "content-type", "host", "last-event-id",
     "te", "trailer", "transfer-encoding", "upgrade"}
)  # fmt: skip


class Misled(httpx2.RequestError):
    """The server sends its client elsewhere; nothing was carried out."""


@dataclass(frozen=True, slots=True)
class Upstream:
    """The server's address. `headers` may hold secrets and are never shown."""

    url: httpx2.URL = field(repr=False)
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    trust: ssl.SSLContext = field(default_factory=httpx2.create_ssl_context, repr=False)

    @classmethod
    def at(cls, url: str, headers: Iterable[str] = ()) -> Upstream:
        """Read an address, and headers given as NAME=VARIABLE of the environment.

        Raises:
            UsageError: it is no http(s) address, it holds a password, or a header cannot be sent.

        """
        try:
            parsed = httpx2.URL(url)
        except httpx2.InvalidURL as error:
            raise UsageError(
                "what --upstream names is no address of a server", hint="--upstream https://HOST/PATH"
            ) from error
        if parsed.scheme not in {"http", "https"} or not parsed.host:
            raise UsageError(
                "what --upstream names is no http or https address", hint="--upstream https://HOST/PATH"
            )
        if parsed.userinfo:
            hint = "put it into the environment: --upstream-header Authorization=VARIABLE"
            raise UsageError("the address of the server holds a user or password", hint=hint)
        logging.getLogger("httpx2").setLevel(logging.WARNING)  # below that it logs whole addresses
        return cls(parsed.copy_with(fragment=None), tuple(_from_environment(it) for it in headers))

    @property
    def shown(self) -> str:
        """The address as it may be shown: its query may hold a key."""
        return shown(self.url)

    def client(self) -> httpx2.AsyncClient:
        """Connections and cookies of their own; compressed bodies, which can unpack to anything, are not asked for."""
        return httpx2.AsyncClient(
            headers=[("Accept-Encoding", "identity"), ("User-Agent", "catalog-gateway"), *self.headers],
            verify=self.trust,
            timeout=httpx2.Timeout(SILENCE, connect=_CONNECT, write=_WRITE, pool=_CONNECT),
            limits=httpx2.Limits(max_connections=_CONNECTIONS, max_keepalive_connections=100),
        )


def shown(url: httpx2.URL) -> str:
    """An address without what may be secret in it."""
    return one_line(str(url.copy_with(userinfo=b"", query=None, fragment=None)), 200)


@asynccontextmanager
async def sent(client: httpx2.AsyncClient, request: httpx2.Request) -> AsyncIterator[httpx2.Response]:
    """The answer to a request, its body unread. Redirects are followed on the same origin and as the same request.

    Raises:
        Misled: it is a redirect to anywhere else.
        httpx2.HTTPError: no answer came.

    """
    for _ in range(_REDIRECTS):
        response = await client.send(request, stream=True, follow_redirects=False)
        if not response.has_redirect_location:
            break
        await response.aclose()
        request = _redirected(request, response)
    else:
        raise Misled("the server sends its clients round in circles", request=request)
    try:
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            raise httpx2.DecodingError(
                "the server sends compressed bodies without being asked", request=request
            )
        yield response
    finally:
        await response.aclose()


def _redirected(request: httpx2.Request, response: httpx2.Response) -> httpx2.Request:
    following = response.next_request
    if (
        following is None
        or following.method != request.method
        or _origin(following.url) != _origin(request.url)
    ):
        target = shown(following.url) if following is not None else "nowhere"
        raise Misled(f"the server redirects to {target}; give that address if you trust it", request=request)
    return following


def _origin(url: httpx2.URL) -> tuple[str, str, int | None, bytes]:
    return url.scheme, url.host, url.port, url.userinfo


def never_arrived(error: httpx2.HTTPError) -> bool:
    """Whether it is certain that no byte of a request reached the server."""
    return isinstance(error, (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout))


def words(error: httpx2.HTTPError, address: str) -> str:
    """What went wrong, for the person and for the client."""
    if isinstance(error, (Misled, httpx2.DecodingError)):
        return one_line(str(error), 300)
    if isinstance(error, httpx2.ConnectTimeout):
        return f"{address} does not answer: no connection within {_CONNECT:g} s"
    if isinstance(error, httpx2.ReadTimeout):
        return f"{address} has been silent for {SILENCE:g} s"
    why = one_line(str(error), 200) or type(error).__name__
    return (
        f"{address} cannot be reached: {why}"
        if never_arrived(error)
        else f"the connection to {address} broke: {why}"
    )


def _from_environment(given: str) -> tuple[str, str]:
    name, separator, variable = given.partition("=")
    if not separator or not _TOKEN.fullmatch(name) or not variable:
        hint = "--upstream-header Authorization=MY_VARIABLE, where MY_VARIABLE holds for example: Bearer …"
        raise UsageError("a header of the server is given as NAME=VARIABLE", hint=hint)
    if name.lower() in _OURS or name.lower().startswith("mcp-"):
        raise UsageError(f"the header {name} is the gateway's own", hint="leave it out")
    value = os.environ.get(variable)
    if value is None:
        hint = f"export {one_line(variable, 80)} before, with the value of the header {name}"
        raise UsageError(f"there is no variable {one_line(variable, 80)} in the environment", hint=hint)
    if not _VALUE.fullmatch(value.strip()):
        raise UsageError(
            f"the variable {one_line(variable, 80)} holds what a header cannot carry",
            hint="it must be one line of printable ASCII",
        )
    return name, value.strip()


def said(headers: Mapping[str, str], name: str) -> str:
    """A header's value without its parameters, in lower case."""
    return headers.get(name, "").partition(";")[0].strip().lower()
