"""The policy's rules for results: patterns blacked out, and nothing longer than it may be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from catalog.gateway.message import Message, dump
from catalog.gateway.redaction import MOST, TooMany, redacted

if TYPE_CHECKING:
    from catalog.policy.decision import ResultRule


def ruled(message: Message, rule: ResultRule) -> tuple[Message, str]:
    """The answer to a call as the client may see it, and a note of what was done ("" for nothing)."""
    key = "result" if "result" in message.body else "error"
    content = message.body[key]
    if key == "result" and not _is_plain(content):
        return _withheld(message, "a result that is delivered later cannot be looked through"), "withheld"
    try:
        shown = redacted(content, rule.redact) if rule.redact else content
    except TooMany:
        why = f"more than {MOST:,} of its texts would have to be blacked out: ask for less"
        return _withheld(message, why), "withheld"
    if rule.max_bytes is not None and (size := len(dump(shown))) > rule.max_bytes:
        why = f"it has {size:,} bytes, and the policy lets {rule.max_bytes:,} through: ask for less"
        return _withheld(message, why), "withheld"
    if shown == content:
        return message, ""
    return Message(message.kind, {**message.body, key: shown}, message.id), "redacted"


def _is_plain(result: dict[str, Any]) -> bool:
    """Neither a task, whose result comes by another way, nor a type of result that we do not know."""
    return "task" not in result and result.get("resultType", "complete") in ("complete", "input_required")


def _withheld(message: Message, why: str) -> Message:
    text = f"The call was carried out, but its result is withheld by the policy of this gateway: {why}."
    result: dict[str, Any] = {"content": [{"type": "text", "text": text}], "isError": True}
    was = message.body.get("result")
    if isinstance(was, dict) and "resultType" in was:
        result["resultType"] = "complete"
    body = {key: value for key, value in message.body.items() if key != "error"}
    return Message(message.kind, {**body, "result": result}, message.id)
