"""What becomes of each message between one client and one server. Knows no transport; never judges itself.

    client ── from_client ──▶ Session ──▶ server
    client ◀── Session ◀── from_server ── server

Every method takes one event and returns the `Moves` it causes: messages for either side, in order. Nothing
here waits: a call that has to wait (for the server's list of tools, for a person) is kept, and goes on
with the event that it waits for. A transport calls a session from one thread at a time.
"""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING, Any, Final

from catalog.gateway import approval
from catalog.gateway.calls import Asked, Desk
from catalog.gateway.denial import is_modern
from catalog.gateway.gateway import Few
from catalog.gateway.handshake import Handshake, announce_changes
from catalog.gateway.listing import Listing
from catalog.gateway.message import (
    INTERNAL_ERROR,
    INVALID_REQUEST,
    METHOD_NOT_FOUND,
    Kind,
    Message,
    MessageError,
    RequestId,
    error,
    looks_like,
    notification,
    own_ids,
    request,
)
from catalog.gateway.moves import Moves
from catalog.gateway.under_way import UnderWay, subscribed

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from catalog.gateway.gateway import Gateway, Peer


LIST_CHANGED: Final = "notifications/tools/list_changed"
_MAX_OPEN: Final = 10_000  # requests under way in one direction
_TOO_MANY: Final = "too many requests are under way"
_LEFT: Final = "the client answers nothing more"
_REMEMBERED: Final = 256  # cancelled requests whose late answers are no news
_GUARDED: Final = ("tools/call", "tools/list")
_LATE: Final = ("tasks/result",)  # brings a call's result past the rules for results


class Session:
    """The traffic of one client with one server; see the module."""

    def __init__(self, gateway: Gateway, peer: Peer, clock: Callable[[], float] = time.monotonic) -> None:
        self._gateway = gateway
        self._policy = peer.policy or gateway.policy
        self._desk = Desk(gateway, peer, self._policy)
        self._listing = Listing(gateway.server, clock)
        self._ids = own_ids(), own_ids()  # for the server and for the client: neither can guess the other's
        self._open: dict[RequestId, UnderWay] = {}
        self._cancelled: deque[RequestId] = deque(maxlen=_REMEMBERED)
        self._few = Few(gateway.say)  # nonsense from the server may have no end
        self._client_ended = False
        self._asked: dict[RequestId, None] = {}  # the server's requests that the client has not answered
        self._waiting: list[Message] = []  # calls that wait for the server's list of tools
        self._questions: dict[RequestId, tuple[Message, str]] = {}  # own id -> call, approval id
        self._handshake = Handshake(clock)
        self._before: dict[str, dict[str, Any]] | None = None  # what the server listed before it ended
        self._policy_seen = self._policy.policy.digest

    @property
    def idle(self) -> bool:
        """Whether nobody waits for an answer (a subscription has none until it ends)."""
        waits = any(it.waits for it in self._open.values())
        return not (waits or self._waiting or self._questions or self._handshake.under_way)

    @property
    def stuck(self) -> bool:
        """Whether the server is of no use any more, and a transport should end it."""
        return self._handshake.failed

    def from_client(self, message: Message) -> Moves:
        """A message of the client's."""
        if self._handshake.under_way and not self._handshake.overtaken_by(message, self._asked):
            return self._hold(message)
        if message.kind is Kind.RESPONSE:
            return self._client_answers(message)
        if message.kind is Kind.NOTIFICATION:
            return self._client_notifies(message)
        return self._client_asks(message)

    def from_server(self, message: Message) -> Moves:
        """A message of the server's."""
        if message.kind is Kind.RESPONSE:
            return self._server_answers(message)
        if message.kind is Kind.REQUEST:
            assert message.id is not None  # noqa: S101 – requests have one
            if self._client_ended or len(self._asked) >= _MAX_OPEN:
                why = _LEFT if self._client_ended else _TOO_MANY
                return Moves(to_server=[error(message.id, INVALID_REQUEST, why)])
            self._asked[message.id] = None
            return Moves(to_client=[message])
        if message.method == LIST_CHANGED:
            self._listing.forget()
        elif message.method == "notifications/cancelled":
            self._asked.pop(message.cancels or "", None)
        return Moves(to_client=[message])

    def unreadable_from_client(self, trouble: MessageError) -> Moves:
        """Bytes of the client's that are no message: they go nowhere, and the client is told why."""
        return Moves(to_client=[error(trouble.id, trouble.code, str(trouble))])

    def unreadable_from_server(self, trouble: MessageError) -> Moves:
        """Bytes of the server's that are no message; a request that they seem to answer gets an error."""
        self._few.say(f"the server sent what cannot be accepted: {trouble}")
        if self._listing.awaits(trouble.id):
            return self._listing_ended("the server's list of tools cannot be read")
        if trouble.id is None or trouble.id not in self._open:
            return Moves()
        reason = f"the server's answer cannot be accepted: {trouble}"
        return self._after(trouble.id, self._fail(trouble.id, reason, sent=True))

    def failed(self, id: RequestId, reason: str, *, sent: bool) -> Moves:  # noqa: A002 – its name
        """One forwarded request will not be answered. `sent`: a part of it may have reached the server."""
        if self._handshake.awaits(id):
            return self._stuck(reason)
        if self._listing.awaits(id):
            return self._listing_ended(reason)
        return self._after(id, self._fail(id, reason, sent=sent)) if id in self._open else Moves()

    def refused(self, id: RequestId, reason: str) -> Moves:  # noqa: A002 – its name
        """The server did not take one request, as the transport tells: `reason` is in the gateway's own words."""
        return self._server_answers(error(id, INTERNAL_ERROR, reason), own=True)

    def unserved(self, request: Message, reason: str) -> Moves:
        """The client's request goes nowhere, as there is no server: a call is written down like every other."""
        if request.method == "tools/call":
            self._desk.undecidable(request, reason)
        return _refused(request, INTERNAL_ERROR, reason)

    def cancelled(self, id: RequestId) -> Moves:  # noqa: A002 – its name
        """The client no longer waits (it closed the stream of this request)."""
        return self._cancel(notification("notifications/cancelled", {"requestId": id}))

    def client_ended(self) -> Moves:
        """The client sends nothing more, and waits: nobody gets an answer of its person's from now on."""
        self._client_ended = True
        moves = Moves(to_server=[error(id_, INVALID_REQUEST, _LEFT) for id_ in self._asked])
        self._asked.clear()
        questions, self._questions = self._questions, {}
        for call, _ in questions.values():
            moves.add(self._call(call, ask=False))
        return moves

    def lost(self, reason: str, unsent: Collection[RequestId] = ()) -> Moves:
        """The server is gone: whoever waits for it gets an error. `unsent`: requests of which no byte was written."""
        moves = Moves()
        for id_ in list(self._open):
            moves.add(self._fail(id_, reason, sent=id_ not in unsent))
        for message in (*self._waiting, *self._handshake.held()):
            moves.add(self.unserved(message, f"{reason}; the call was not sent"))
        self._waiting = []
        self._handshake.over()
        self._asked.clear()
        self._before = self._before or self._listing.names()
        self._listing.give_up(reason)
        return moves

    def reconnected(self) -> Moves:
        """A new server process stands in for the one that was lost: it gets the client's own `initialize` first."""
        again = self._handshake.again(next(self._ids[0]))
        return Moves() if again is None else Moves(to_server=[again])

    def tick(self) -> Moves:
        """To be called about once a second: the policy file, the ledger's signs of life, questions that are overdue."""
        self._policy.refresh()
        self._desk.tick()
        moves = self._policy_changed()
        if self._handshake.overdue:
            moves.add(self._stuck("the server was started again and does not answer"))
        if self._listing.overdue:
            moves.add(self._listing_ended("the server did not answer when asked for its tools"))
        return moves

    def close(self, reason: str) -> None:
        """The client is gone for good: what is under way has an unknown outcome."""
        for open_ in self._open.values():
            if open_.ticket is not None:
                self._desk.unknown(open_.ticket, reason)
        self._open.clear()

    # what the client sends

    def _client_asks(self, message: Message) -> Moves:
        id_ = message.id
        assert id_ is not None  # noqa: S101 – requests have one
        pending = (*self._waiting, *(call for call, _ in self._questions.values()))
        if id_ in self._open or any(id_ == other.id for other in pending):
            return _refused(message, INVALID_REQUEST, "this id is in use by a request that is under way")
        if len(self._open) + len(pending) >= _MAX_OPEN:
            return _refused(message, INVALID_REQUEST, _TOO_MANY)
        if message.method == "tools/call":
            return self._call(message)
        late = message.method in _LATE or looks_like(message.method, _LATE)
        if looks_like(message.method, _GUARDED) or (late and self._policy.policy.rules_results):
            return _refused(message, METHOD_NOT_FOUND, "Method not found")
        if message.method == "initialize":
            self._handshake.begun(id_, message.params)
        self._open[id_] = UnderWay.of(message)
        return Moves(to_server=[message])

    def _client_notifies(self, message: Message) -> Moves:
        if message.method == "notifications/cancelled":
            return self._cancel(message)
        if not message.method.startswith("notifications/"):
            return Moves()  # a request without an id could be carried out, and nobody would know
        if message.method == "notifications/initialized":
            self._handshake.done = True
        return Moves(to_server=[message])

    def _client_answers(self, message: Message) -> Moves:
        if message.id in self._questions:
            call, question = self._questions.pop(message.id)
            self._desk.person_said(question, said=approval.verdict(message.body.get("result")))
            return self._call(call, ask=False)
        if message.id not in self._asked:
            return Moves()  # nobody asked for it
        del self._asked[message.id]
        return Moves(to_server=[message])

    def _cancel(self, message: Message) -> Moves:
        id_ = message.cancels
        waiting = [call for call in self._waiting if call.id != id_]
        if len(waiting) < len(self._waiting) or self._handshake.drop(id_):
            self._waiting = waiting
            return Moves()
        for own, (call, _) in list(self._questions.items()):
            if call.id == id_:
                del self._questions[own]
                withdrawn = notification(
                    "notifications/cancelled", {"requestId": own, "reason": "no longer needed"}
                )
                withdrawn.about = id_
                return Moves(to_client=[withdrawn])
        open_ = self._open.pop(id_, None) if id_ is not None else None
        if open_ is None:
            return Moves()
        if id_ is not None:
            self._cancelled.append(id_)
        if open_.ticket is not None:
            self._desk.unknown(open_.ticket, "cancelled by the client")
        return self._after(id_, Moves(to_server=[message]))

    # handshakes: a server is asked for nothing else before it has answered

    def _hold(self, message: Message) -> Moves:
        if self._handshake.hold(message) or message.kind is not Kind.REQUEST:
            return Moves()
        return _refused(message, INVALID_REQUEST, _TOO_MANY)

    def _after(self, id: RequestId | None, moves: Moves) -> Moves:  # noqa: A002 – its name
        """What the end of a request brings about: after the client's `initialize`, all that was held meanwhile."""
        return self._go_on(moves) if self._handshake.opens(id) else moves

    def _go_on(self, moves: Moves) -> Moves:
        for later in self._handshake.over():
            moves.add(self.from_client(later))
        return moves

    # calls

    def _call(self, message: Message, *, ask: bool = True) -> Moves:
        if not self._listing.fresh:
            self._waiting.append(message)
            return self._ask_for_tools(message)
        decided = self._desk.judge(message, self._listing.definition)
        if isinstance(decided, Asked):
            return self._ask_a_person(decided, message) if ask else Moves(to_client=[decided.denial()])
        if isinstance(decided, Message):
            return Moves(to_client=[decided])
        assert message.id is not None  # noqa: S101 – requests have one
        self._open[message.id] = UnderWay("tools/call", decided.ticket)
        return Moves(to_server=[decided.message])

    def _ask_a_person(self, asked: Asked, call: Message) -> Moves:
        """In the way that this client understands; where there is none, the call is denied with the approval's id."""
        if is_modern(call):
            capabilities = call.params["_meta"].get(approval.CAPABILITIES)
            can = approval.can_ask(capabilities)
            return Moves(to_client=[asked.input_required() if can else asked.denial()])
        if self._client_ended or not approval.can_ask(self._handshake.capabilities):
            return Moves(to_client=[asked.denial()])
        question = request(next(self._ids[1]), approval.METHOD, asked.question)
        question.about = call.id
        assert question.id is not None  # noqa: S101 – it was just given
        self._questions[question.id] = (call, asked.approval)
        return Moves(to_client=[question])

    def _ask_for_tools(self, because: Message) -> Moves:
        if self._listing.asking:
            return Moves()
        return Moves(to_server=[self._listing.ask(next(self._ids[0]), because)])

    def _listing_ended(self, trouble: str = "") -> Moves:
        """The server's tools are known, or cannot be: the calls that waited for them go on."""
        if trouble:
            self._listing.give_up(trouble)
        waiting, self._waiting = self._waiting, []
        moves = self._changes_told()
        for call in waiting:
            if self._listing.fresh:
                moves.add(self._call(call))
            else:
                moves.to_client.append(self._desk.undecidable(call, self._listing.trouble))
        return moves

    def _changes_told(self) -> Moves:
        """Tell the person of drifted tools, and the client if the tools after a restart are not those from before."""
        policy = self._policy.policy
        self._gateway.tell_drifts(policy, self._listing.drifted(policy))
        before, self._before = self._before, None
        if not before or not self._listing.fresh or before == self._listing.names():
            return Moves()
        return self._list_changed()

    # what the server sends

    def _server_answers(self, message: Message, *, own: bool = False) -> Moves:
        """`own`: the words are the gateway's."""
        if self._handshake.awaits(message.id):
            return self._initialized_again(message)
        if self._listing.awaits(message.id):
            question = self._listing.answered(message, next(self._ids[0]))
            return Moves(to_server=[question]) if question is not None else self._listing_ended()
        open_ = self._open.pop(message.id, None) if message.id is not None else None
        if open_ is None:
            if message.id not in self._cancelled:
                self._few.say("the server answered what it was not asked; the answer was dropped")
            return Moves()
        if open_.ticket is not None:
            return Moves(to_client=[self._desk.answered(open_.ticket, message)])
        if open_.method == "tools/list" and not own:
            return self._listed(message, open_)
        if "result" in message.body and open_.method == "initialize":
            announce_changes(message.body["result"])
        return self._after(message.id, Moves(to_client=[message]))

    def _listed(self, message: Message, open_: UnderWay) -> Moves:
        self._policy.refresh()
        moves = self._policy_changed()
        shown = self._listing.for_client(message, self._policy.policy, whole=not open_.cursor)
        return moves.add(Moves(to_client=[shown]).add(self._changes_told()))

    def _initialized_again(self, message: Message) -> Moves:
        if "error" in message.body:
            return self._stuck("the server was started again and refused the handshake")
        moves = Moves(to_server=[notification("notifications/initialized")])
        if self._before:
            moves.add(self._ask_for_tools(notification("tools/list")))
        return self._go_on(moves)

    # endings and changes

    def _stuck(self, reason: str) -> Moves:
        self._handshake.failed = True
        return self.lost(reason)

    def _fail(self, id: RequestId, reason: str, *, sent: bool) -> Moves:  # noqa: A002 – its name
        open_ = self._open.pop(id)
        if open_.ticket is None:
            return Moves(to_client=[error(id, INTERNAL_ERROR, reason)])
        if not sent:
            self._desk.not_sent(open_.ticket, reason)
            again = f"{reason}; the call was not sent and may be tried again"
            return Moves(to_client=[error(id, INTERNAL_ERROR, again)])
        self._desk.unknown(open_.ticket, reason)
        unclear = f"{reason}; whether the call had its effect is unknown: find that out before you try again"
        return Moves(to_client=[error(id, INTERNAL_ERROR, unclear)])

    def _policy_changed(self) -> Moves:
        digest = self._policy.policy.digest
        if digest == self._policy_seen:
            return Moves()
        self._policy_seen = digest
        return self._list_changed()

    def _list_changed(self) -> Moves:
        """For the older eras as it is; since 2026-07-28 on each subscription that asked for it."""
        told = [notification(LIST_CHANGED)] if self._handshake.done else []
        told += [subscribed(LIST_CHANGED, id_) for id_, it in self._open.items() if it.tools_wanted]
        return Moves(to_client=told)


def _refused(message: Message, code: int, text: str) -> Moves:
    return Moves(to_client=[error(message.id, code, text)])
