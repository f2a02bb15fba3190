"""`host_in`: whether a URL's host is one of those that a policy names.

URL readers differ in what they take for the host of an odd URL, so an odd URL is doubt: user names,
backslashes, spaces, percent escapes in the host, a port that is no number, an address in octal, hex
or short form, names that different IDNA versions read differently. Nothing is looked up.
"""

from __future__ import annotations

import re
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import TYPE_CHECKING, Final

import idna

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_URL: Final = re.compile(r"(https?|wss?)://([^/?#]*)", re.IGNORECASE)
_SUSPICIOUS: Final = re.compile(r"[\x00-\x20\x7f]")  # readers drop some of these, and not the same ones
_AUTHORITY: Final = re.compile(r"(\[[^\]]*\]|[^\[\]:]+)(?::([0-9]{1,5}))?\Z")
_NAME: Final = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*\Z")
_NUMERIC: Final = re.compile(r"(?:[0-9]+|0x[0-9a-f]*)\Z")  # a last label like this makes it an IPv4 address
_READ_DIFFERENTLY: Final = re.compile("[ßς\u200c\u200d\u3002\uff0e\uff61]")  # versions of IDNA disagree
_PORTS: Final = {"http": 80, "ws": 80, "https": 443, "wss": 443}

Place = tuple[str, int | None]  # host, port


def is_host(text: str) -> bool:
    """Whether a policy may name this host: `example.com`, `*.example.com`, with `:8443` if wanted."""
    return _place(text.removeprefix("*.")) is not None


def host_in(hosts: Sequence[str]) -> Callable[[object], bool | None]:
    """A judge of values: a URL at one of the hosts, at none of them, or in doubt (None).

    `*.example.com` means every host below example.com and not that one itself. An entry without a
    port means any port.
    """
    entries = [(host.startswith("*."), _place(host.removeprefix("*."))) for host in hosts]
    known = [(below, place) for below, place in entries if place is not None]

    def judge(value: object) -> bool | None:
        place = _of_url(value) if isinstance(value, str) else None
        if place is None:
            return None
        return any(_fits(place, wanted, below=below) for below, wanted in known)

    return judge


def _fits(place: Place, wanted: Place, *, below: bool) -> bool:
    host, port = place
    if wanted[1] is not None and port != wanted[1]:
        return False
    return host.endswith(f".{wanted[0]}") if below else host == wanted[0]


def _of_url(text: str) -> Place | None:
    found = _URL.match(text)
    if found is None or _SUSPICIOUS.search(text):
        return None
    # Some readers look for "@" up to the next slash, past a "?" or "#".
    until_slash = text[found.start(2) :].split("/", 1)[0]
    if "@" in until_slash or "\\" in until_slash:
        return None
    place = _place(found[2])
    return None if place is None else (place[0], place[1] or _PORTS[found[1].lower()])


def _place(authority: str) -> Place | None:
    found = _AUTHORITY.match(authority)
    if found is None:
        return None
    port = int(found[2]) if found[2] else None
    if port is not None and not 0 < port < 65_536:
        return None
    host = _address_6(found[1][1:-1]) if found[1].startswith("[") else _name(found[1])
    return None if host is None else (host, port)


def _name(text: str) -> str | None:
    """A host's name in ASCII and lower case, without the root's dot; an IPv4 address only in full."""
    host = text.lower() if text.isascii() else _ascii(text)
    host = host.removesuffix(".") if host else None
    if host is None or len(host) > 253 or not _NAME.match(host):
        return None
    if not _NUMERIC.match(host.rsplit(".", 1)[-1]):
        return host
    try:
        return str(IPv4Address(host))
    except AddressValueError:
        return None


def _ascii(text: str) -> str | None:
    """The A-labels of an international name, None where readers would not agree on them."""
    if _READ_DIFFERENTLY.search(text):
        return None
    try:
        return idna.encode(text).decode("ascii")
    except UnicodeError:
        return None


def _address_6(text: str) -> str | None:
    try:
        address = IPv6Address(text)
    except AddressValueError:
        return None
    if address.scope_id is not None:
        return None
    return str(address.ipv4_mapped or address.compressed)
