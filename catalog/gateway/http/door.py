"""Who may come in: the addresses and origins that requests may name, and the grant that a token proves.

A page in a browser can send requests to this machine, and by rebinding a name of its own it can make them
look local; `Host` and `Origin` tell. Source: MCP, streamable HTTP, security warning.
"""

from __future__ import annotations

import ipaddress
import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from catalog.errors import CatalogError, DatabaseError, UsageError
from catalog.visible import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from catalog.db.ledger import Grant, Ledger

_HERE: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_CHALLENGE: Final = 'Bearer realm="catalog gateway"'


class Refusal(CatalogError):
    """Why a request goes no further, as HTTP says it; its text is sent to the client."""

    def __init__(self, status: HTTPStatus, reason: str, headers: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(reason)
        self.status = status
        self.headers = headers


@dataclass(frozen=True, slots=True)
class Address:
    """Where the gateway listens. `port` 0: any free one."""

    host: str
    port: int

    @classmethod
    def read(cls, given: str) -> Address:
        """Read HOST:PORT, [V6]:PORT or PORT.

        Raises:
            UsageError: it is none of them.

        """
        host, _, port = given.rpartition(":")
        host = (host[1:-1] if host.startswith("[") and host.endswith("]") else host) or "127.0.0.1"
        if not port.isdecimal() or int(port) > 65535 or (":" in host and not _is_ip(host)):
            raise UsageError(
                f"{one_line(given, 80)!r} is no address to listen at", hint="--listen 127.0.0.1:8808"
            )
        return cls(host, int(port))

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach it."""
        return self.host.lower() == "localhost" or (
            _is_ip(self.host) and ipaddress.ip_address(self.host).is_loopback
        )


class Door:
    """`local`: the name of the grant for clients without a token, "" to have none in without one.

    `hosts` and `origins` are let in beside the gateway's own.
    """

    def __init__(
        self,
        ledger: Ledger,
        address: Address,
        local: str,
        hosts: Sequence[str] = (),
        origins: Sequence[str] = (),
    ) -> None:
        self._ledger = ledger
        self._address = address
        self._local = local if address.loopback else ""
        self._known: Grant | None = None
        self._known_until = 0.0
        self._hosts = frozenset(it.lower() for it in hosts)
        self._origins = frozenset(it.rstrip("/").lower() for it in origins)

    def came_from(self, headers: Mapping[str, str], port: int) -> None:
        """See that the request was meant for this address. `port`: where we listen.

        Raises:
            Refusal: it names another host, or comes from a page of another origin.

        """
        host = _host(headers.get("host", ""))
        if host not in self._hosts and not self._is_own(host):
            text = f"{one_line(host, 100) or 'no host'} is not served here; name it with --allow-host if it is yours"
            raise Refusal(HTTPStatus.MISDIRECTED_REQUEST, text)
        origin = headers.get("origin")
        if origin is None or origin.lower() in self._origins:
            return
        if origin.lower() not in {f"http://{name}:{port}" for name in ("localhost", "127.0.0.1", "[::1]")}:
            text = "pages of this origin are not let in; name it with --allow-origin if it is yours"
            raise Refusal(HTTPStatus.FORBIDDEN, text)

    def grant(self, headers: Mapping[str, str]) -> Grant:
        """Whose request it is.

        Raises:
            Refusal: no token, one that opens nothing, or the ledger cannot be asked.

        """
        try:
            return self._granted(headers.get("authorization"))
        except DatabaseError as error:
            raise Refusal(HTTPStatus.SERVICE_UNAVAILABLE, "the gateway cannot read its grants") from error

    def _granted(self, authorization: str | None) -> Grant:
        if authorization is None:
            return self._without_token()
        scheme, _, token = authorization.partition(" ")
        found = self._ledger.by_token(token.strip()) if scheme.lower() == "bearer" else None
        if found is None:
            challenge = f'{_CHALLENGE}, error="invalid_token"'
            raise Refusal(
                HTTPStatus.UNAUTHORIZED, "this token opens nothing", (("www-authenticate", challenge),)
            )
        return found

    def _without_token(self) -> Grant:
        """The local grant, as long as no grant has a token; looked up once a second."""
        if self._known is not None and time.monotonic() < self._known_until:
            return self._known
        self._known = None
        if not self._local or self.tokens:
            text = "a token is needed: Authorization: Bearer TOKEN, made with catalog grants add NAME"
            raise Refusal(HTTPStatus.UNAUTHORIZED, text, (("www-authenticate", _CHALLENGE),))
        try:
            found = self._known = self._ledger.local_grant(self._local)
        except UsageError as error:
            raise Refusal(HTTPStatus.FORBIDDEN, str(error)) from error
        self._known_until = time.monotonic() + 1
        return found

    @property
    def tokens(self) -> bool:
        """Whether any grant has, or had, a token: from the first on, nobody comes in without one."""
        return any(it.has_token for it in self._ledger.grants())

    def _is_own(self, host: str) -> bool:
        """Our own names; where others can reach us any address, as rebinding needs a name."""
        return host in _HERE or host == self._address.host or (not self._address.loopback and _is_ip(host))


def _host(value: str) -> str:
    """The host of HOST, HOST:PORT or [V6]:PORT."""
    if value.startswith("["):
        return value[1:].partition("]")[0]
    return value.partition(":")[0].lower()


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
