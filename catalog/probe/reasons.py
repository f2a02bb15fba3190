"""Why a server did not list its tools, in its own words: which line says it, what it means, what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import re2

from catalog.probe.fault import Fault
from catalog.records import LaunchKind, Outcome

if TYPE_CHECKING:
    from catalog.records import Launch

_COLOUR: Final = re2.compile(r"\x1b\[[0-9;]*[A-Za-z]")
# Lines that say nothing about the cause: stack frames, notices, frames of exception groups.
_NOISE: Final = re2.compile(
    r"^\s*(?:at\s|File \"|Node\.js v|npm (?:notice|warn)|\^+\s*$|[\s|+~^-]*$|}|throw\b|node:internal|During handling)"
)
_ERROR: Final = re2.compile(
    r"^[\s|+-]*(?:Uncaught\s+)?(?:[A-Za-z_][\w.]*(?:Error|Exception|Exit)\b|[Ee]rror\b|ERROR\b|[Ff]atal\b)"
)
_GROUP: Final = re2.compile(r"(?i)ExceptionGroup: unhandled errors")

_CREDENTIALS: Final = re2.compile(
    r"(?i)(?:api[ _-]?key|token|credential|password|secret|client[ _-]?id|auth\w*)\b.{0,60}"
    r"\b(?:required|missing|not (?:set|found|provided|configured)|must be|is needed|undefined|empty|invalid|expired|failed)"
    r"|(?:missing|required|no|set|provide|invalid|need)\b.{0,60}"
    r"(?:api[ _-]?key|token|credential|password|secret|client[ _-]?id|environment variable)"
    r"|environment variables?\b.{0,60}\b(?:required|missing|not (?:set|found|defined)|must)"
    r"|\b[A-Z][A-Z0-9]*_[A-Z0-9_]+\b.{0,40}\b(?:required|missing|not (?:set|found|defined|provided)|must be)"
    r"|unauthori[sz]ed|\b40[13]\b|authentication failed"
)
_ARGUMENTS: Final = re2.compile(
    r"(?i)\busage:|arguments? (?:is|are) required|required argument|missing (?:required )?(?:argument|option|parameter)"
    r"|expected (?:at least|exactly) \d+ argument|too few arguments|the following required arguments|no such option"
    r"|command[- ]line argument|as an argument|none of the specified directories|directory (?:path )?(?:is )?required"
)
_NETWORK: Final = re2.compile(
    r"(?i)ENOTFOUND|EAI_AGAIN|ENETUNREACH|ECONNREFUSED|getaddrinfo|name or service not known|name resolution"
    r"|network is unreachable|connection refused|fetch failed|connecterror|connectionerror|max retries exceeded"
    r"|dns (?:error|lookup)|could not resolve"
)
_DISCOVER_DEATH: Final = re2.compile(r"(?i)server/discover|expect\w*\s*:?\s*initiali[sz]e")
# How Python code written for SDK 1 dies under SDK 2: a module, name or method of the SDK is gone.
_SDK_1_DEATH: Final = re2.compile(
    r"mcp\.server\.fastmcp|(?:ImportError|ModuleNotFoundError)\b.*\bmcp\b"
    r"|AttributeError: '?(?:Server|module 'mcp\S*)'? .*has no attribute|TypeError: (?:Server|FastMCP)\S*\(\)"
)


def last_words(stderr: str) -> str:
    """The line in which a dying server says why: the last error line, else the last line that says something."""
    lines = [line.strip(" |+-\t\r") for line in stderr.splitlines() if not _NOISE.match(line)]
    errors = [line for line in lines if _ERROR.match(line) and not _GROUP.search(line)]
    return next(reversed(errors or lines), "")


def explain(fault: Fault, stderr: str, launch: Launch, *, networked: bool) -> Fault:
    """The fault of a started server, told apart by what it said on stderr.

    Only a server that ended or stayed silent is looked at so: other faults say themselves what was wrong, and are
    only asked whether it was the missing network.
    """
    if not networked and fault.outcome is Outcome.PROTOCOL_ERROR and _NETWORK.search(fault.reason):
        return _without_network(fault.outcome, fault.reason)
    if fault.outcome not in (Outcome.START_FAILED, Outcome.TIMEOUT):
        return fault
    tail = _COLOUR.sub("", stderr[-4000:])
    words = last_words(tail)
    reason = words if words and fault.outcome is Outcome.START_FAILED else _joined(fault.reason, words)
    if not networked and _NETWORK.search(tail):
        return _without_network(fault.outcome, reason)
    if found := _line_with(_ARGUMENTS, tail):
        heading = found.endswith(":") and words  # a bare "Usage:" says less than the error above it
        return Fault(Outcome.NEEDS_ARGUMENTS, words if heading else found, _with_arguments(launch))
    if found := _line_with(_CREDENTIALS, tail):
        return Fault(
            Outcome.NEEDS_CREDENTIALS,
            found,
            "set what it asks for in the `env` of a client config, and crawl that",
        )
    return Fault(fault.outcome, reason, fault.hint)


def _without_network(outcome: Outcome, reason: str) -> Fault:
    return Fault(outcome, f"without network: {reason}", "let it have network: --allow-network")


def _joined(reason: str, words: str) -> str:
    return f"{reason}; its last words: {words}" if words else reason


def _line_with(pattern: re2._Regexp[str], text: str) -> str:
    """The last line that matches and is no stack frame, "" when none does."""
    lines = [
        line.strip(" |+-\t\r")
        for line in text.splitlines()
        if pattern.search(line) and not _NOISE.match(line)
    ]
    return next(reversed(lines), "")


def _with_arguments(launch: Launch) -> str:
    if launch.kind is LaunchKind.COMMAND:
        return "add the arguments to the command"
    return "give its arguments: in a client config, or as a command after --"


def asks_for_credentials(text: str) -> bool:
    """Whether an error message is about credentials that were not given."""
    return bool(_CREDENTIALS.search(text[:2000]))


def died_of_discover(stderr: str) -> bool:
    """Whether a server ended because its first message was not `initialize`, as some older SDKs do."""
    return bool(_DISCOVER_DEATH.search(stderr[-8000:]))


def died_of_sdk_2(stderr: str) -> bool:
    """Whether this looks like code for version 1 of the MCP SDK under a later one."""
    return bool(_SDK_1_DEATH.search(stderr[-8000:]))
