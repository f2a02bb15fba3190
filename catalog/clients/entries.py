"""What has to change in one server entry so that the gateway stands before its server, and how to undo that.

Keys that are not named here stay as they are: `env`, `cwd`, timeouts, tool lists.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from catalog.clients.changes import Become, Front
from catalog.records import LaunchKind
from catalog.sources import remote
from catalog.sources.gateway_line import Guarded, guarded

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from catalog.clients.changes import Change
    from catalog.records import ServerRecord

_URLS: Final = ("url", "serverUrl", "httpUrl")
_HEADERS: Final = ("headers", "http_headers")
_KINDS: Final = ("type", "transport")
# What else of a remote entry says how its client gets in: the gateway would not know of it.
_ENTRANCE: Final = re.compile(
    r"auth|token|secret|credential|header|env|cert|proxy|account|audience", re.IGNORECASE
)
_HEADER_NAME: Final = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+", re.ASCII)
_GATEWAYS_OWN: Final = re.compile(
    r"accept(-encoding)?|connection|content-(length|type)|host|last-event-id|te|trailer|transfer-encoding|upgrade"
    r"|mcp-.*",
    re.IGNORECASE,
)
_PLACEHOLDER: Final = re.compile(r"\$\{|\$[A-Za-z_]|%[A-Za-z_]\w*%")
_WITHOUT_A_NAME: Final = frozenset({"", "mcp", "sse"})  # steps of a path that `remote.server_name` leaves out


class Unsayable(ValueError):
    """An entry that the gateway cannot stand before; the text says why."""


def words(entry: Mapping[str, Any]) -> tuple[str, ...]:
    """The entry's whole command line; empty for a remote one."""
    command = entry.get("command")
    first = [command] if isinstance(command, str) else command if isinstance(command, list) else []
    rest = entry.get("args")
    return tuple(str(word) for word in (*first, *(rest if isinstance(rest, list) else ())))


def is_guarded(entry: Mapping[str, Any]) -> bool:
    """Whether the gateway stands before this server already."""
    return guarded(words(entry)) is not None


def has_headers(entry: Mapping[str, Any]) -> bool:
    """Whether a remote entry says by headers who its client is."""
    return any(entry.get(key) for key in _HEADERS)


def wrapping(entry: Mapping[str, Any], record: ServerRecord, gateway: Sequence[str]) -> tuple[Change, ...]:
    """The changes that put the command line `gateway` before the entry's server.

    Raises:
        Unsayable: that cannot be done, or not without showing a secret.

    """
    if record.launch is not None and record.launch.kind in (LaunchKind.HTTP, LaunchKind.SSE):
        return _bridged(entry, record.launch.kind, gateway)
    command = entry["command"]
    if isinstance(command, list):
        return (Front("command", words=(*gateway, "--")),)
    program, *options = gateway
    before = [*options, "--", command]
    if "args" not in entry:
        return (Become("command", {"command": program, "args": before}),)
    args = Become("args", {"args": before}) if entry["args"] is None else Front("args", words=before)
    return (Become("command", {"command": program}), args)


def unwrapping(entry: Mapping[str, Any], former: Mapping[str, Any] | None) -> tuple[Change, ...]:
    """The changes that take the gateway away again. `former`: the entry before it was wrapped, where that is known.

    Raises:
        Unsayable: it was changed since in a way that leaves open what it should be.

    """
    found = guarded(words(entry))
    if found is None:
        return ()
    if found.url:
        return _direct(entry, former or {}, found)
    command = entry["command"]
    if isinstance(command, list):
        if found.options >= len(command):
            raise Unsayable("its command and args were mixed")
        return (Front("command", drop=found.options),)
    args: Change = Front(
        "args", drop=found.options
    )  # `command` is one of the options, the server's program one more
    if former is not None and "args" not in former and len(found.command) == 1:
        args = Become("args")
    return (Become("command", {"command": found.command[0]}), args)


def _bridged(entry: Mapping[str, Any], kind: LaunchKind, gateway: Sequence[str]) -> tuple[Change, ...]:
    if kind is LaunchKind.SSE:
        raise Unsayable("the older SSE transport is not spoken by the gateway")
    url_key, url = _address(entry)
    strange = [key for key in entry if key not in _HEADERS and _ENTRANCE.search(key)]
    if strange:
        raise Unsayable(f"its {strange[0]} says how to get in, which the gateway cannot take over")
    header_key, headers = _headers(entry)
    variables = _variables(headers)
    named = [word for name in headers for word in ("--upstream-header", f"{name}={variables[name]}")]
    program, *options = gateway
    changes = [Become(url_key, {"command": program, "args": [*options, "--upstream", url, *named]})]
    if header_key:
        environment = {variables[name]: value for name, value in headers.items()}
        changes.append(Become(header_key, {"env": environment}))
    changes += [Become(key, {key: "stdio"}) for key in _KINDS if key in entry]
    return tuple(changes)


def _address(entry: Mapping[str, Any]) -> tuple[str, str]:
    """The key and the URL, if that may stand on a command line, which every user of the machine can read."""
    keys = [key for key in _URLS if key in entry]
    if len(keys) != 1 or "command" in entry:
        raise Unsayable("it has more than one address")
    url = entry[keys[0]]
    parts = urlsplit(url)
    shown = remote.server_name(url)
    hidden = [step for step in parts.path.split("/") if step not in _WITHOUT_A_NAME and step not in shown]
    if (
        parts.query
        or parts.username
        or parts.password
        or parts.fragment
        or hidden
        or _PLACEHOLDER.search(url)
    ):
        raise Unsayable("its address may hold a key, and would stand on a command line that others can read")
    return keys[0], url


def _headers(entry: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    keys = [key for key in _HEADERS if key in entry]
    if not keys:
        return "", {}
    headers = entry[keys[0]] or {}
    if len(keys) > 1:
        raise Unsayable("it has two sets of headers")
    for name, value in headers.items():
        if not isinstance(value, str) or not _HEADER_NAME.fullmatch(name):
            raise Unsayable(f"its header {name!r} cannot be handed over")
        if _GATEWAYS_OWN.fullmatch(name):
            raise Unsayable(f"its header {name} is one that the gateway sets itself: remove it first")
    return keys[0], dict(headers)


def _variables(headers: Mapping[str, str]) -> dict[str, str]:
    """A variable for each header: values belong into the environment."""
    given: dict[str, str] = {}
    for name in headers:
        variable = f"CATALOG_HEADER_{re.sub('[^A-Z0-9]', '_', name.upper())}"
        while variable in given.values():
            variable += "_"
        given[name] = variable
    return given


def _direct(entry: Mapping[str, Any], former: Mapping[str, Any], found: Guarded) -> tuple[Change, ...]:
    environment = dict(entry.get("env") or {})
    if set(environment) != {variable for _, variable in found.headers}:
        raise Unsayable("its env was changed since it was wrapped")
    url_key = next((key for key in _URLS if key in former), "url")
    changes = [Become("command", {url_key: found.url}), Become("args")]
    if "env" in entry:
        headers = {name: environment[variable] for name, variable in found.headers}
        changes.append(Become("env", {next((key for key in _HEADERS if key in former), "headers"): headers}))
    changes += [Become(key, {key: former.get(key, "http")}) for key in _KINDS if key in entry]
    return tuple(changes)
