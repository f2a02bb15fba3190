"""The policy's rules for results: patterns blacked out, and nothing longer than it may be."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import re2

from catalog.gateway.message import Message, dump

if TYPE_CHECKING:
    from catalog.policy.decision import ResultRule

BLACKED_OUT: Final = "[redacted]"


def ruled(message: Message, rule: ResultRule) -> tuple[Message, str]:
    """The answer to a call as the client may see it, and a note of what was done ("" for nothing)."""
    key = "result" if "result" in message.body else "error"
    content = message.body[key]
    if key == "result" and not _is_plain(content):
        return _withheld(message, "a result that is delivered later cannot be looked through"), "withheld"
    shown = _redacted(content, rule, keys=False) if rule.redact else content
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


def _redacted(value: Any, rule: ResultRule, *, keys: bool) -> Any:
    """`keys`: names of members too, where they are the tool's own and not the protocol's."""
    if isinstance(value, str):
        for pattern in rule.redact:
            value = _compiled(pattern).sub(BLACKED_OUT, value)
        return value
    if isinstance(value, dict):
        return {
            _redacted(key, rule, keys=False) if keys else key: _redacted(
                item, rule, keys=keys or key in ("structuredContent", "data")
            )
            for key, item in value.items()
        }
    return [_redacted(item, rule, keys=keys) for item in value] if isinstance(value, list) else value


@lru_cache(maxsize=1_000)
def _compiled(pattern: str) -> Any:
    return re2.compile(pattern)
