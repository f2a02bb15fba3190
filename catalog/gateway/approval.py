"""The question to a person about one exact call, as the protocol's elicitation asks it.

Source: MCP, elicitation (form mode): since 2025-06-18 as a request of the server's, since 2026-07-28 as part
of an `input_required` result.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from catalog.gateway.message import dump
from catalog.visible import one_line, visible

if TYPE_CHECKING:
    from collections.abc import Mapping

METHOD: Final = "elicitation/create"
CAPABILITIES: Final = "io.modelcontextprotocol/clientCapabilities"
_FIELD: Final = "approve"


def can_ask(capabilities: object) -> bool:
    """Whether a client with these capabilities shows forms; one that only opens URLs does not."""
    elicitation = capabilities.get("elicitation") if isinstance(capabilities, dict) else None
    return isinstance(elicitation, dict) and (not elicitation or "form" in elicitation)


def question(server: str, tool: str, arguments: Mapping[str, Any], reason: str) -> dict[str, Any]:
    """The parameters of the question; the person sees every argument, and what would deceive an eye is spelt out."""
    pretty = msgspec.json.format(dump(arguments), indent=2).decode("utf-8")
    message = (
        f"May {one_line(tool, 200)} of {one_line(server, 200)} be called once with exactly these arguments?\n"
        f"{visible(pretty, keep_newlines=True)}\n"
        f"Why you are asked: {one_line(reason)}"
    )
    field = {
        "type": "boolean",
        "title": "Approve this one call",
        "description": "Only with this set is the call carried out.",
        "default": False,
    }
    schema = {"type": "object", "properties": {_FIELD: field}, "required": [_FIELD]}
    return {"message": message, "requestedSchema": schema}


def verdict(result: object) -> bool | None:
    """What the person said: yes, no, or nothing (dismissed, or an answer that is not understood)."""
    if not isinstance(result, dict):
        return None
    content = result.get("content")
    if result.get("action") == "accept" and isinstance(content, dict):
        chosen = content.get(_FIELD)
        return chosen if isinstance(chosen, bool) else None
    return False if result.get("action") == "decline" else None
