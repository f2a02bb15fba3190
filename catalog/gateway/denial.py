"""What a client is told instead of a result: text that a model can act on, and the same for programs.

A denial is a normal result with `isError` (MCP, tools: errors a model should see). The same facts stand in
`_meta`, not in `structuredContent`, which belongs to the tool's own output schema.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from catalog.gateway.message import Message, RequestId, answer
from catalog.policy.decision import Code
from catalog.visible import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from catalog.policy.decision import Decision

META_KEY: Final = "catalog/denial"
PATIENCE: Final = 5  # identical refusals before the text becomes a firm stop
_NAME: Final = 120  # characters shown of a tool's name

_INSTEAD: Final[Mapping[Code, str]] = {
    Code.NOT_LISTED: "Do not call this tool again. Use a tool from the list, or tell the user what you cannot do and why.",
    Code.DENIED: "Do not call this tool again. Use another tool, or tell the user what you cannot do and why.",
    Code.DRIFT: (
        "Do not call this tool again. Tell the user that the tool's definition has changed since the policy was "
        "made, and that a person has to look at it."
    ),
    Code.EXPIRED: "Do not retry. Tell the user that the policy or the grant has expired and has to be renewed.",
    Code.DENY_IF: (
        "The same call will be refused again. Change the arguments so that the rule no longer forbids them, or do "
        "without this call."
    ),
    Code.REQUIRE: (
        "The same call will be refused again. Change the arguments so that they meet the rule, or do without this "
        "call."
    ),
    Code.LIMIT: "The same call will be refused again, at any time. Ask for less in one call, or do without it.",
    Code.ARGUMENTS: "Correct the arguments so that they fit the tool's input schema, then call it again.",
    Code.ERROR: "Nothing was sent to the server. Tell the user that the gateway could not decide safely.",
}


def denied(  # the facts of a denial are many, and all of them are told
    request: Message, decision: Decision, policy: str, *, times: int = 1, approval: str = ""
) -> Message:
    """The answer to a call that is not let through. `policy`: its digest. `times`: how often this was said."""
    name = one_line(str(request.params.get("name", "")), _NAME)
    reason = decision.reason.strip().rstrip(".") or decision.code.value
    text = f'The call of "{name}" was refused by the gateway: {reason}. '
    text += (_stop(times) if times >= PATIENCE else "") + _next(decision, approval)
    facts: dict[str, Any] = {
        "code": decision.code.value,
        "rule": decision.rule,
        "policy": policy,
        "retryable": decision.retryable,
    }
    if decision.retry_after_ms is not None:
        facts["retry_after_ms"] = decision.retry_after_ms
    if approval:
        facts["approval_id"] = approval
    return _error_result(request, text, {META_KEY: facts})


def unknown_tool(request: Message) -> Message:
    """The answer to a call of a tool that does not exist, and of one that is hidden: there is no difference.

    It reads as the official SDK's servers say it.
    """
    return _error_result(request, f"Unknown tool: {request.params.get('name')}", {})


def _error_result(request: Message, text: str, meta: dict[str, Any]) -> Message:
    result: dict[str, Any] = {"content": [{"type": "text", "text": text}], "isError": True}
    if meta:
        result["_meta"] = meta
    return answer(_id(request), complete(request, result))


def complete(request: Message, result: dict[str, Any]) -> dict[str, Any]:
    """The result with the type that every result has since 2026-07-28, if the request is of that era."""
    return {**result, "resultType": "complete"} if is_modern(request) else result


def is_modern(request: Message) -> bool:
    """Whether a request carries its protocol version itself, as all do since 2026-07-28."""
    meta = request.params.get("_meta")
    return isinstance(meta, dict) and "io.modelcontextprotocol/protocolVersion" in meta


def _id(request: Message) -> RequestId:
    assert request.id is not None  # noqa: S101 – only requests are answered
    return request.id


def _next(decision: Decision, approval: str) -> str:
    if decision.code is Code.LIMIT and decision.retryable:
        return _wait(decision.retry_after_ms)
    if approval:
        return (
            f"A person has to approve exactly this call first. Ask the user to run: catalog approvals approve {approval} "
            "– then send the identical call once more; it will pass one time. Do not change the arguments and do not "
            "try to get the same effect in another way."
        )
    if decision.code is Code.APPROVAL:
        return "A person was asked and did not approve it. Do not send it again; tell the user what you cannot do."
    return _INSTEAD.get(decision.code, _INSTEAD[Code.DENIED])


def _wait(milliseconds: int | None) -> str:
    if milliseconds is None:
        return "Wait until one of the calls under way has ended, then send it again. Do not work around the limit."
    seconds = math.ceil(milliseconds / 1000)
    unit = "second" if seconds == 1 else "seconds"
    return (
        f"Wait {seconds:,} {unit}, then the same call can pass. Until then do something else; calling earlier will be "
        "refused again."
    )


def _stop(times: int) -> str:
    return (
        f"STOP. This exact call has now been refused {times} times with the same answer, and sending it again does not "
        "change that. "
    )
