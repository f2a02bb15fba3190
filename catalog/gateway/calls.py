"""One call from request to answer: judged by the policy, counted and written down by the ledger.

Whatever goes wrong on the way is a denial. Nothing is sent before the ledger has it, and what was sent is
settled once: as answered, as failed, as certainly not sent, or as unknown.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from catalog.db.ledger import ApprovalRequest, ApprovalState, CallEntry, Opened, Outcome, Refused
from catalog.errors import DatabaseError, GrantEnded, UsageError
from catalog.gateway import approval
from catalog.gateway.denial import denied, unknown_tool
from catalog.gateway.message import INVALID_PARAMS, Message, RequestId, answer, error
from catalog.gateway.results import ruled
from catalog.policy.call import Call
from catalog.policy.decide import decide, limited
from catalog.policy.decision import Code, Decision, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable

    from catalog.gateway.gateway import Gateway, Peer
    from catalog.gateway.policy_file import PolicyFile
    from catalog.policy.model import Policy
    from classifier.types import ToolDefinition

_QUESTION: Final = "approval"  # the key of our question among a result's `inputRequests`
_MAX_REPEATS: Final = 1_000  # different refused calls that are remembered, to notice repetition
_ANSWERS: Final = ("complete", "input_required")
_ROUND: Final = ("requestState", "inputResponses")


@dataclass(slots=True)
class Attempt:
    """A call as it was asked for, and what it is judged by.

    `digest` is the keyed digest of the arguments. `leg` is what the client carried back from an earlier
    round of the same call, None in the first.
    """

    id: RequestId
    request: Message
    tool: str
    arguments: dict[str, Any]
    policy: Policy
    definition: ToolDefinition | None
    digest: str = ""
    leg: dict[str, Any] | None = None

    @property
    def fingerprint(self) -> str:
        """Of what the server lists under the name; "" for nothing."""
        return self.definition.fingerprint if self.definition else ""


@dataclass(slots=True)
class Ticket:
    """A call that was let through and is not settled yet."""

    opened: Opened
    attempt: Attempt
    decision: Decision
    approval: str


@dataclass(slots=True)
class Passed:
    """The call goes to the server, as this message."""

    message: Message
    ticket: Ticket


@dataclass(slots=True)
class Asked:
    """A person has to say yes first; `question` holds the parameters of an elicitation.

    `denial` is the answer for a client that cannot ask its person, `input_required` the one that has the
    client ask and come back (MCP 2026-07-28).
    """

    approval: str
    question: dict[str, Any]
    denial: Callable[[], Message]
    input_required: Callable[[], Message]


class Desk:
    """Where the calls of one client are judged."""

    def __init__(self, gateway: Gateway, peer: Peer, policy: PolicyFile) -> None:
        self._gateway = gateway
        self._ledger = gateway.ledger
        self._peer = peer
        self._policy = policy
        self._refused: dict[tuple[str, str, str], int] = {}
        self._unsettled: list[tuple[Opened, Outcome, str]] = []
        self._troubled = False

    def judge(
        self, request: Message, defines: Callable[[str], ToolDefinition | None]
    ) -> Passed | Asked | Message:
        """Let a call through, ask for approval, or answer it with a denial."""
        attempt = self._attempt(request, defines)
        if isinstance(attempt, Message):
            return attempt
        try:
            attempt.digest = self._ledger.digest(attempt.arguments)
            if "requestState" in request.params and not self._comes_back(attempt):
                return error(request.id, INVALID_PARAMS, "Invalid or expired requestState")
            decided = self._judged(attempt)
        except GrantEnded as ended:
            return self._undecided(attempt, str(ended), Code.EXPIRED)
        except DatabaseError as trouble:
            self._tell(trouble)
            return self._undecided(attempt, "its ledger cannot be used", Code.ERROR)
        self._troubled = False
        return decided

    def undecidable(self, request: Message, why: str) -> Message:
        """The answer to a call for which nobody knows what the server lists."""
        attempt = self._attempt(request, lambda _: None)
        if isinstance(attempt, Message):
            return attempt
        with suppress(DatabaseError):  # then it cannot be written down either, which is told there
            attempt.digest = self._ledger.digest(attempt.arguments)
        return self._undecided(attempt, why, Code.ERROR)

    def person_said(self, question: str, *, said: bool | None) -> None:
        """Write down what the client's person said of an approval; nothing (None) leaves it waiting."""
        if said is None:
            return
        try:
            by = f"the person at the client of {self._peer.grant}"
            self._ledger.answer(question, approve=said, by=by, reason="asked through the client")
        except DatabaseError as trouble:
            self._tell(trouble)
        except UsageError as trouble:  # it is over, or somebody else has answered meanwhile
            self._gateway.say(str(trouble))

    def answered(self, ticket: Ticket, message: Message) -> Message:
        """Settle a call by the server's answer, and give the answer as the client may see it."""
        shown, note = message, ""
        if (rule := ticket.decision.results) is not None:
            shown, note = ruled(message, rule)
        result = message.body.get("result")
        self._settle(ticket.opened, _outcome(result), note)
        if result is not None and result.get("resultType") == "input_required" and note != "withheld":
            return self._sealed_round(ticket, result, shown)
        return shown

    def unknown(self, ticket: Ticket, why: str) -> None:
        """Settle a call whose answer will not come: it stays counted."""
        self._settle(ticket.opened, Outcome.UNKNOWN, why)

    def not_sent(self, ticket: Ticket, why: str) -> None:
        """Settle a call of which nothing was written to the server: its count is given back."""
        self._settle(ticket.opened, Outcome.NOT_SENT, why)

    def tick(self) -> None:
        """Try again to settle what could not be settled; one that cannot be, ever, holds up no other."""
        for _ in range(len(self._unsettled)):
            ending = self._unsettled.pop(0)
            try:
                self._ledger.close_call(*ending)
            except DatabaseError as trouble:
                self._unsettled.append(ending)
                self._tell(trouble)
                return

    # judging

    def _attempt(
        self, request: Message, defines: Callable[[str], ToolDefinition | None]
    ) -> Attempt | Message:
        self._policy.refresh()
        name, arguments = request.params.get("name"), request.params.get("arguments", {})
        assert request.id is not None  # noqa: S101 – only requests are judged
        if not isinstance(name, str) or not isinstance(arguments, dict):
            return error(request.id, INVALID_PARAMS, "`name` must be a text and `arguments` an object")
        return Attempt(request.id, request, name, arguments, self._policy.policy, defines(name))

    def _judged(self, attempt: Attempt) -> Passed | Asked | Message:
        leg = attempt.leg or {}
        call = self._call(attempt)
        decision = decide(attempt.policy, call)
        if decision.verdict is Verdict.APPROVE and leg.get("approved"):
            decision = decide(attempt.policy, replace(call, approved=True))
        if decision.verdict is Verdict.APPROVE:
            return self._with_approval(attempt, call, decision)
        if decision.verdict is not Verdict.ALLOW:
            return self._refuse(attempt, decision)
        return self._open(attempt, decision, "")

    def _with_approval(self, attempt: Attempt, call: Call, decision: Decision) -> Passed | Asked | Message:
        request = ApprovalRequest(
            server=self._gateway.server,
            grant=self._peer.grant,
            tool=attempt.tool,
            arguments=attempt.arguments,
            policy=attempt.policy.digest,
            definition=attempt.fingerprint,
            rule=decision.rule,
            reason=decision.reason,
            four_eyes=self._gateway.four_eyes,
        )
        asked = self._ledger.ask(request)
        if asked.state is ApprovalState.DENIED:
            return self._refuse(attempt, decision)
        if asked.state is not ApprovalState.APPROVED:
            return self._ask(attempt, decision, asked.id)
        allowed = decide(attempt.policy, replace(call, approved=True))
        if allowed.verdict is not Verdict.ALLOW:
            return self._refuse(attempt, allowed)
        opened = self._open(attempt, allowed, asked.id)
        if isinstance(opened, Message):
            return opened
        try:
            claimed = self._ledger.claim(request)
        except DatabaseError:
            self.not_sent(opened.ticket, "the approval could not be used up")
            raise
        if claimed is not None:
            return opened
        # Another gateway used the approval up in this moment.
        self.not_sent(opened.ticket, "the approval was used up elsewhere")
        return self._ask(attempt, decision, self._ledger.ask(request).id)

    def _ask(self, attempt: Attempt, decision: Decision, question: str) -> Asked | Message:
        if (attempt.leg or {}).get("kind") == "approval" or self._gateway.four_eyes:
            return self._refuse(attempt, decision, question)  # the client has asked its person already
        self._note(attempt, decision, question)
        form = approval.question(self._gateway.server, attempt.tool, attempt.arguments, decision.reason)
        return Asked(
            question,
            form,
            lambda: self._denied(attempt, decision, question),
            lambda: self._input_required(attempt, question, form),
        )

    def _open(self, attempt: Attempt, decision: Decision, approved: str) -> Passed | Message:
        again = (attempt.leg or {}).get("kind") == "input"
        wanted = tuple(it for it in decision.reservations if it.concurrent or not again)
        opened = self._ledger.open_call(self._entry(attempt, decision, approved), wanted)
        if isinstance(opened, Refused):
            return self._refuse(attempt, limited(decision, opened.reservation, opened.retry_after_ms))
        self._refused.pop((attempt.tool, attempt.digest, Code.LIMIT.value), None)
        used = approved or (attempt.leg or {}).get("approved") or ""
        return Passed(_forwarded(attempt), Ticket(opened, attempt, decision, used))

    def _refuse(self, attempt: Attempt, decision: Decision, question: str = "") -> Message:
        self._note(attempt, decision, question)
        return self._denied(attempt, decision, question)

    def _note(self, attempt: Attempt, decision: Decision, question: str) -> None:
        self._ledger.note(self._entry(attempt, decision, question))

    def _undecided(self, attempt: Attempt, why: str, code: Code) -> Message:
        decision = Decision(Verdict.DENY, code, "", why, ())
        try:
            if attempt.digest:
                self._note(attempt, decision, "")
        except DatabaseError as trouble:
            self._tell(trouble)
        return self._denied(attempt, decision, "")

    def _denied(self, attempt: Attempt, decision: Decision, question: str) -> Message:
        if decision.verdict is Verdict.HIDE or decision.code is Code.UNKNOWN_TOOL:
            return unknown_tool(attempt.request)
        key = (attempt.tool, attempt.digest, decision.code.value)
        times = self._refused.pop(key, 0) + 1
        self._refused[key] = times
        if len(self._refused) > _MAX_REPEATS:
            del self._refused[next(iter(self._refused))]
        return denied(attempt.request, decision, attempt.policy.digest, times=times, approval=question)

    def _call(self, attempt: Attempt) -> Call:
        return Call(
            tool=attempt.tool,
            arguments=attempt.arguments,
            at=datetime.now(UTC),
            grant=self._peer.grant,
            session=self._peer.session,
            definition=attempt.definition,
        )

    def _entry(self, attempt: Attempt, decision: Decision, approved: str) -> CallEntry:
        return CallEntry(
            at=datetime.now(UTC),
            gateway=self._ledger.run,
            server=self._gateway.server,
            grant=self._peer.grant,
            session=self._peer.session,
            tool=attempt.tool,
            arguments_digest=attempt.digest,
            argument_names=tuple(attempt.arguments),
            decision=decision,
            policy=attempt.policy.digest,
            definition=attempt.fingerprint,
            approval=approved,
            arguments=attempt.arguments if self._gateway.keeps_arguments else None,
        )

    # rounds of one call (MCP 2026-07-28)

    def _comes_back(self, attempt: Attempt) -> bool:
        """Take in what the client carried: False unless it belongs to exactly this call under this policy."""
        state = attempt.request.params["requestState"]
        leg = self._gateway.seal.open(state) if isinstance(state, str) else None
        if leg is None or leg["bound"] != self._binding(attempt):
            return False
        attempt.leg = leg
        if leg["kind"] == "approval":
            responses = attempt.request.params.get("inputResponses")
            said = approval.verdict(responses.get(_QUESTION)) if isinstance(responses, dict) else None
            self.person_said(leg["question"], said=said)
        return True

    def _binding(self, attempt: Attempt) -> list[str]:
        who = [self._gateway.server, self._peer.grant, self._peer.session]
        return [*who, attempt.tool, attempt.fingerprint, attempt.digest, attempt.policy.digest]

    def _input_required(self, attempt: Attempt, question: str, form: dict[str, Any]) -> Message:
        leg = {"kind": "approval", "question": question, "bound": self._binding(attempt)}
        result = {
            "resultType": "input_required",
            "inputRequests": {_QUESTION: {"method": approval.METHOD, "params": form}},
            "requestState": self._gateway.seal.close(leg),
        }
        return answer(attempt.id, result)

    def _sealed_round(self, ticket: Ticket, result: dict[str, Any], shown: Message) -> Message:
        """The server's own state goes out inside ours: a round that comes back is the same call, counted already."""
        leg = {"kind": "input", "approved": ticket.approval, "bound": self._binding(ticket.attempt)}
        if "requestState" in result:
            leg["inner"] = result["requestState"]
        sealed = {**shown.body["result"], "requestState": self._gateway.seal.close(leg)}
        return Message(shown.kind, {**shown.body, "result": sealed}, shown.id)

    # settling

    def _settle(self, opened: Opened, outcome: Outcome, note: str) -> None:
        self._unsettled.append((opened, outcome, note))
        self.tick()

    def _tell(self, trouble: DatabaseError) -> None:
        """Say once that the ledger fails, until it has worked again."""
        if not self._troubled:
            self._gateway.say(f"calls are denied: {trouble}")
        self._troubled = True


def _outcome(result: dict[str, Any] | None) -> Outcome:
    """What an answer says; a task (MCP 2025-11-25) has only begun, and its end does not come this way."""
    if result is None or result.get("isError") is True:
        return Outcome.FAILED
    begun = "task" in result or result.get("resultType", "complete") not in _ANSWERS
    return Outcome.UNKNOWN if begun else Outcome.ANSWERED


def _forwarded(attempt: Attempt) -> Message:
    """The call as the server gets it: without the gateway's own state, with the server's."""
    leg = attempt.leg
    if leg is None:
        return attempt.request
    params = attempt.request.params
    if leg["kind"] == "approval":
        params = {key: value for key, value in params.items() if key not in _ROUND}
    else:
        params = {key: value for key, value in params.items() if key != "requestState"}
        params |= {"requestState": leg["inner"]} if "inner" in leg else {}
    body = {**attempt.request.body, "params": params}
    return Message(attempt.request.kind, body, attempt.id, attempt.request.method)
