"""What becomes of each message: a session in memory with a real ledger, the test being client and server."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from catalog.errors import DatabaseError
from catalog.gateway import listing
from catalog.gateway.denial import META_KEY

Json = dict[str, Any]
InMemory = Callable[..., Any]
OPEN: Json = {
    "version": "1",
    "default": "deny",
    "hide": ["cancel_job"],
    "tools": {"echo": {}, "secret": {}, "hang": {}},
}
ANSWER: Json = {"content": [{"type": "text", "text": "ok"}]}


def limited(most: int, window: str = "minute") -> Json:
    limit = {"counter": "echo_rate", "window": window, "max": most}
    return {"version": "1", "default": "deny", "tools": {"echo": {"limits": [limit]}}}


def approving(**more: Any) -> Json:
    return {
        "version": "2",
        "default": "deny",
        "tools": {"echo": {"action": "approve", "reason": "it is costly"}},
        **more,
    }


def facts(message: Json) -> Json:
    found: Json = message["result"]["_meta"][META_KEY]
    return found


def words(message: Json) -> str:
    assert message["result"]["isError"] is True
    return str(message["result"]["content"][0]["text"])


# lists


def test_the_list_holds_what_the_policy_shows_and_every_other_field(in_memory: InMemory) -> None:
    """Policy page, tools/list: hidden and unlisted tools are gone, all else is kept."""
    memory = in_memory(OPEN)
    memory.client(id=1, method="tools/list")
    tools = [{"name": name, "x": 1.5} for name in ("echo", "cancel_job", "unlisted", "hang")]
    _, [page] = memory.server(
        id=1,
        result={"tools": tools, "nextCursor": "", "ttlMs": 5, "cacheScope": "public", "_meta": {"a": None}},
    )
    assert page["result"]["tools"] == [tools[0], tools[3]]
    assert {key: page["result"][key] for key in ("nextCursor", "ttlMs", "cacheScope", "_meta")} == {
        "nextCursor": "", "ttlMs": 5, "cacheScope": "private", "_meta": {"a": None},
    }  # fmt: skip


@pytest.mark.parametrize("tools", [{"a": 1}, None, "text", 7])
def test_a_list_that_is_no_list_becomes_an_error(in_memory: InMemory, tools: Any) -> None:
    """Policy page: fail closed on anything unreadable."""
    memory = in_memory(OPEN)
    memory.client(id=1, method="tools/list")
    _, [answer] = memory.server(id=1, result={"tools": tools})
    assert "no list" in answer["error"]["message"]


def test_odd_entries_and_names_listed_in_two_ways_are_left_out(in_memory: InMemory) -> None:
    """Nobody can tell which of two definitions a call would mean."""
    memory = in_memory(OPEN)
    memory.client(id=1, method="tools/list")
    tools = [
        "text",
        None,
        {"name": 7},
        {"name": "echo"},
        {"name": "echo", "description": "other"},
        {"name": "hang"},
    ]
    _, [page] = memory.server(id=1, result={"tools": tools})
    assert page["result"]["tools"] == [{"name": "hang"}]
    assert words(memory.call(2, "echo")[1][0]) == "Unknown tool: echo"


def test_look_alike_and_case_variant_names_are_other_tools(in_memory: InMemory) -> None:
    """The bypass corpus: names are exact."""
    memory = in_memory(OPEN)
    memory.learn([{"name": name} for name in ("Echo", "echo ", "есho", "echo\u200b")])
    for number, name in enumerate(("Echo", "echo ", "есho", "echo\u200b", "ECHO", "echo")):
        to_server, [answer] = memory.call(number, name)
        assert not to_server
        assert answer["result"]["isError"] is True


# calls


def test_an_allowed_call_passes_and_its_answer_comes_back(in_memory: InMemory) -> None:
    """Policy page, order of evaluation, to its end: forward, settle, audit."""
    memory = in_memory(OPEN)
    memory.learn()
    [call], nothing = memory.call(1, "echo", text="hello")
    assert (call["params"], nothing) == ({"name": "echo", "arguments": {"text": "hello"}}, [])
    assert memory.server(id=1, result=ANSWER) == ([], [{"jsonrpc": "2.0", "id": 1, "result": ANSWER}])
    assert memory.outcomes() == ["allowed", "answered"]


def test_a_hidden_tool_answers_exactly_like_an_unknown_one(in_memory: InMemory) -> None:
    """Policy page: there is nothing to tell the two apart by."""
    memory = in_memory(OPEN)
    memory.learn()
    hidden = memory.call(1, "cancel_job")[1][0]
    unknown = memory.call(1, "no_such_tool")[1][0]
    assert json.dumps(hidden).replace("cancel_job", "X") == json.dumps(unknown).replace("no_such_tool", "X")
    assert memory.outcomes() == ["hidden", "unknown_tool"]


def test_a_denial_says_what_why_and_what_instead(in_memory: InMemory) -> None:
    """Policy page: text for the model and the same for programs."""
    deny = {"conditions": [], "on_deny": "refunds are made by people"}
    memory = in_memory({"version": "1", "default": "deny", "tools": {"echo": {"deny_if": [deny]}}})
    memory.learn()
    answer = memory.call(1, "echo")[1][0]
    assert '"echo" was refused' in words(answer)
    assert "refunds are made by people" in words(answer)
    assert "same call will be refused again" in words(answer)
    assert facts(answer)["code"] == "deny_if"
    assert facts(answer)["rule"] == "/tools/echo/deny_if/0"
    assert facts(answer)["retryable"] is False
    assert len(facts(answer)["policy"]) == 64


def test_the_call_over_the_limit_is_told_how_long_to_wait(in_memory: InMemory) -> None:
    """Issue: a reason that a model understands and the time to wait."""
    memory = in_memory(limited(2))
    memory.learn()
    for number in (1, 2):
        assert memory.call(number, "echo")[0]
    to_server, [answer] = memory.call(3, "echo")
    assert not to_server
    assert "10 calls" not in words(answer)
    assert "2 calls a minute" in words(answer)
    assert "Wait " in words(answer)
    assert facts(answer)["retryable"] is True
    assert 0 < facts(answer)["retry_after_ms"] <= 60_000


def test_the_fifth_identical_refusal_is_a_firm_stop(in_memory: InMemory) -> None:
    """Policy page: after N identical denials the text becomes a firm stop; another call is another matter."""
    memory = in_memory(OPEN)
    memory.learn()
    texts = [words(memory.call(number, "fail", a=1)[1][0]) for number in range(6)]
    assert [("STOP" in text) for text in texts] == [False] * 4 + [True] * 2
    assert "STOP" not in words(memory.call(7, "fail", a=2)[1][0])


@pytest.mark.parametrize(
    "params",
    [
        {"name": "echo", "arguments": None},
        {"name": "echo", "arguments": []},
        {"name": "echo", "arguments": "{}"},
        {"name": None},
        {"name": ["echo"]},
        {},
    ],
)
def test_parameters_of_another_shape_are_refused(in_memory: InMemory, params: Json) -> None:
    """The bypass corpus: params and arguments that are no objects."""
    memory = in_memory(OPEN)
    memory.learn()
    to_server, [answer] = memory.client(id=1, method="tools/call", params=params)
    assert not to_server
    assert answer["error"]["code"] == -32602


@pytest.mark.parametrize(
    "method",
    ["Tools/Call", "tools/call ", "\ttools/call", "TOOLS/CALL", "/tools/call", "tools/call/", "tools/List"],
)
def test_methods_that_only_look_like_a_call_go_nowhere(in_memory: InMemory, method: str) -> None:
    """A lax server might take them for one."""
    memory = in_memory(OPEN)
    to_server, [answer] = memory.client(id=1, method=method, params={"name": "cancel_job"})
    assert not to_server
    assert answer["error"]["code"] == -32601


@pytest.mark.parametrize("method", ["tools/call", "tools/list", "initialize", "anything"])
def test_a_request_without_an_id_goes_nowhere(in_memory: InMemory, method: str) -> None:
    """A server might carry out a notification that is none."""
    memory = in_memory(OPEN)
    assert memory.client(method=method, params={"name": "echo"}) == ([], [])


def test_an_id_that_is_in_use_is_refused(in_memory: InMemory) -> None:
    """Two answers to one id could be taken for each other."""
    memory = in_memory(OPEN)
    memory.learn()
    memory.call(1, "echo")
    to_server, [answer] = memory.call(1, "secret")
    assert not to_server
    assert "in use" in answer["error"]["message"]
    assert memory.call("1", "secret")[0]


def test_an_answer_that_nobody_asked_for_is_dropped(in_memory: InMemory) -> None:
    """A server cannot slip in a result past the rules for results."""
    memory = in_memory(OPEN)
    assert memory.server(id=5, result=ANSWER) == ([], [])
    memory.learn()
    memory.call(1, "echo")
    memory.server(id=1, result=ANSWER)
    assert memory.server(id=1, result=ANSWER) == ([], [])
    assert memory.outcomes() == ["allowed", "answered"]


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ({"result": ANSWER}, "answered"),
        ({"result": {**ANSWER, "isError": True}}, "failed"),
        ({"error": {"code": -32000, "message": "no"}}, "failed"),
    ],
)
def test_a_call_is_settled_by_what_the_server_says(in_memory: InMemory, answer: Json, outcome: str) -> None:
    """The ledger's outcomes."""
    memory = in_memory(OPEN)
    memory.learn()
    memory.call(1, "echo")
    assert memory.server(id=1, **answer)[1] == [{"jsonrpc": "2.0", "id": 1, **answer}]
    assert memory.outcomes() == ["allowed", outcome]


def test_everything_else_passes_as_it_is(in_memory: InMemory) -> None:
    """Policy page: resources, prompts, progress, logging, sampling, roots."""
    memory = in_memory(OPEN)
    request = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "resources/read",
        "params": {"uri": "file:///x", "n": 1.5},
    }
    assert memory.client(**request) == ([request], [])
    assert memory.server(id=1, result={"contents": []})[1] == [
        {"jsonrpc": "2.0", "id": 1, "result": {"contents": []}}
    ]
    note = {
        "jsonrpc": "2.0",
        "method": "notifications/progress",
        "params": {"progressToken": 1, "progress": 1},
    }
    assert memory.server(**note) == ([], [note])
    sampling = {"jsonrpc": "2.0", "id": "s", "method": "sampling/createMessage", "params": {"messages": []}}
    assert memory.server(**sampling) == ([], [sampling])
    answer = {"jsonrpc": "2.0", "id": "s", "result": {"role": "assistant"}}
    assert memory.client(**answer) == ([answer], [])
    assert memory.client(**answer) == ([], [])  # answered once


# what the server lists


def test_the_gateway_asks_for_the_list_itself_when_a_call_comes_first(in_memory: InMemory) -> None:
    """All pages of it; calls wait meanwhile, in order."""
    memory = in_memory(OPEN)
    [question], nothing = memory.call(1, "echo")
    assert (question["method"], nothing) == ("tools/list", [])
    assert memory.call(2, "nope") == ([], [])
    [second], _ = memory.server(id=question["id"], result={"tools": [{"name": "other"}], "nextCursor": "n"})
    assert second["params"] == {"cursor": "n"}
    [call], [refusal] = memory.server(id=second["id"], result={"tools": [{"name": "echo"}]})
    assert call["params"]["name"] == "echo"
    assert words(refusal) == "Unknown tool: nope"


def test_the_question_carries_what_the_new_era_wants(in_memory: InMemory, modern_meta: Json) -> None:
    """MCP 2026-07-28: version and capabilities with every request; the token of another request is not ours."""
    memory = in_memory(OPEN)
    params = {"name": "echo", "arguments": {}, "_meta": {**modern_meta, "progressToken": 7}}
    [question], _ = memory.client(id=1, method="tools/call", params=params)
    assert question["params"]["_meta"] == modern_meta


@pytest.mark.parametrize(
    "answer",
    [
        {"error": {"code": -32601, "message": "Method not found"}},
        {"result": {"tools": {}}},
        {"result": {"tools": [], "nextCursor": 7}},
        {"result": {}},
    ],
)
def test_calls_are_denied_while_nobody_knows_what_the_server_lists(in_memory: InMemory, answer: Json) -> None:
    """Policy page: any doubt is a deny; the next call asks anew."""
    memory = in_memory(OPEN)
    [question], _ = memory.call(1, "echo")
    to_server, [refusal] = memory.server(id=question["id"], **answer)
    assert not to_server
    assert facts(refusal)["code"] == "error"
    [again], _ = memory.call(2, "echo")
    [call], _ = memory.server(id=again["id"], result={"tools": [{"name": "echo"}]})
    assert call["id"] == 2


def test_a_list_that_goes_round_in_circles_ends(in_memory: InMemory) -> None:
    """A cursor that comes again; the empty one, which some servers mean as the end, is followed once."""
    memory = in_memory(OPEN)
    [first], _ = memory.call(1, "echo")
    [second], _ = memory.server(id=first["id"], result={"tools": [], "nextCursor": "same"})
    assert memory.server(id=second["id"], result={"tools": [], "nextCursor": "same"})[1]
    [third], _ = memory.call(2, "echo")
    page = {"tools": [{"name": "echo"}], "nextCursor": ""}
    [fourth], _ = memory.server(id=third["id"], result=page)
    [call], _ = memory.server(id=fourth["id"], result=page)
    assert call["id"] == 2


def test_a_list_that_would_fill_the_memory_ends(in_memory: InMemory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each page is short enough, and there is no end of them."""
    monkeypatch.setattr(listing, "MAX_BYTES", 10_000)
    memory = in_memory(OPEN)
    [question], _ = memory.call(1, "echo")
    for number in range(20):
        page = {"tools": [{"name": f"t{number}", "description": "x" * 1_000}], "nextCursor": f"{number}"}
        to_server, to_client = memory.server(id=question["id"], result=page)
        if not to_server:
            break
        [question] = to_server
    assert number == 9
    assert "10,000 bytes" in words(to_client[0])


def test_a_server_that_does_not_answer_for_its_tools_is_not_waited_for_for_ever(in_memory: InMemory) -> None:
    """The call is denied after some time."""
    now = [0.0]
    memory = in_memory(OPEN, clock=lambda: now[0])
    memory.call(1, "echo")
    assert not memory.session.tick().to_client
    now[0] = 61.0
    [refusal] = memory.session.tick().to_client
    assert facts(refusal.body)["code"] == "error"


@pytest.mark.parametrize("how", ["told", "aged"])
def test_the_list_is_read_again_when_it_may_have_changed(in_memory: InMemory, how: str) -> None:
    """By list_changed, and by itself after a while."""
    now = [0.0]
    memory = in_memory(OPEN, clock=lambda: now[0])
    memory.learn()
    if how == "told":
        _, [note] = memory.server(method="notifications/tools/list_changed")
        assert note["method"] == "notifications/tools/list_changed"
    now[0] = 301.0
    [question], _ = memory.call(1, "echo")
    assert question["method"] == "tools/list"


def test_a_page_that_shows_another_definition_makes_the_gateway_look_itself(in_memory: InMemory) -> None:
    """The bypass corpus: drift between list and call."""
    memory = in_memory(OPEN)
    memory.learn()
    memory.client(id=1, method="tools/list", params={"cursor": "2"})
    memory.server(id=1, result={"tools": [{"name": "echo", "description": "Now it deletes."}]})
    [question], _ = memory.call(2, "echo")
    assert question["method"] == "tools/list"


# pins


def pinned(fingerprint: str, on_drift: str = "deny") -> Json:
    pin = {"echo": fingerprint}
    return {"version": "2", "default": "deny", "pin": pin, "on_drift": on_drift, "tools": {"echo": {}}}


def test_a_drifted_tool_is_gone_from_the_list_denied_and_told_of_once(
    in_memory: InMemory, make_tool: Callable[..., Json], tmp_path: Path
) -> None:
    """Issue: held back for that tool, and the person learns of it."""
    memory = in_memory(pinned("0" * 64), database=f"sqlite:///{tmp_path}/memory.sqlite3")
    memory.client(id=1, method="tools/list")
    _, [page] = memory.server(id=1, result={"tools": [make_tool("echo")]})
    assert page["result"]["tools"] == []
    answer = memory.call(2, "echo")[1][0]
    assert facts(answer)["code"] == "drift"
    memory.learn([make_tool("echo")])
    [told] = memory.said
    assert "echo has another definition than the policy is pinned to: it is held back" in told
    assert "the catalogue does not hold the pinned definition" in told


def test_a_pinned_tool_that_is_unchanged_is_called(
    in_memory: InMemory, make_tool: Callable[..., Json]
) -> None:
    """The fingerprint is the catalogue's own, whatever numbers the schema holds."""
    from classifier.definition import parse

    schema = {"type": "object", "properties": {"n": {"type": "number", "maximum": 1.50, "default": 1e2}}}
    tool = make_tool("echo", inputSchema=schema)
    memory = in_memory(pinned(parse(tool, server="x").fingerprint))
    memory.learn([tool])
    assert memory.call(1, "echo")[0]
    assert not memory.said


# the policy file


def test_a_changed_policy_holds_for_the_very_next_call(in_memory: InMemory) -> None:
    """Policy page, hot reload; clients are told once."""
    memory = in_memory(OPEN)
    memory.learn()
    memory.client(method="notifications/initialized")
    assert memory.call(1, "echo")[0]
    memory.policy.write_text(json.dumps({"version": "1", "default": "deny", "hide": ["echo"]}))
    assert words(memory.call(2, "echo")[1][0]) == "Unknown tool: echo"
    [note] = memory.session.tick().to_client
    assert note.method == "notifications/tools/list_changed"
    assert not memory.session.tick().to_client
    assert memory.server(id=1, result=ANSWER)[1]  # what was let through before is answered


def test_a_subscription_of_the_new_era_is_told_on_its_own_stream(
    in_memory: InMemory, modern_meta: Json
) -> None:
    """MCP 2026-07-28: changes go to those who asked for them, with the id of the subscription."""
    memory = in_memory(OPEN)
    for number, wanted in ((1, {"toolsListChanged": True}), (2, {"promptsListChanged": True})):
        memory.client(
            id=number, method="subscriptions/listen", params={"_meta": modern_meta, "notifications": wanted}
        )
    memory.policy.write_text('{"version":"1","default":"deny"}')
    [note] = memory.session.tick().to_client
    assert note.params["_meta"] == {"io.modelcontextprotocol/subscriptionId": 1}
    assert note.about == 1


@pytest.mark.parametrize("text", ["", "{", '{"version":"1","default":"alow"}', "\ufeff{}", '{"version":"3"}'])
def test_a_broken_policy_file_leaves_the_old_one_in_force(in_memory: InMemory, text: str) -> None:
    """Policy page: and says so, once."""
    memory = in_memory(OPEN)
    memory.learn()
    memory.policy.write_text(text)
    for number in (1, 2):
        assert memory.call(number, "echo")[0]
        assert not memory.session.tick().to_client
    [told] = memory.said
    assert "the policy read before stays in force" in told


def test_a_policy_file_that_is_gone_and_back_is_read_again(in_memory: InMemory) -> None:
    """The old one holds in between."""
    memory = in_memory(OPEN)
    memory.learn()
    memory.policy.unlink()
    assert memory.call(1, "echo")[0]
    assert memory.call(2, "echo")[0]
    assert len(memory.said) == 1
    memory.policy.write_text('{"version":"1","default":"deny"}')
    assert memory.call(3, "echo")[1][0]["result"]["isError"]


# results


def ruled(**rules: Any) -> Json:
    return {"version": "2", "default": "deny", "results": rules, "tools": {"secret": {}}}


def test_patterns_are_blacked_out_wherever_they_stand_in_a_result(in_memory: InMemory) -> None:
    """Policy page, results: texts, structured content, its keys, errors."""
    memory = in_memory(ruled(redact=["sk-[a-z0-9]+"]))
    memory.learn()
    memory.call(1, "secret")
    result = {"content": [{"type": "text", "text": "a sk-1 b"}], "structuredContent": {"sk-2": ["sk-3", 1.5]}}
    _, [answer] = memory.server(id=1, result=result)
    assert "sk-" not in json.dumps(answer, default=str)
    assert answer["result"]["content"][0]["text"] == "a [redacted] b"
    memory.call(2, "secret")
    _, [answer] = memory.server(id=2, error={"code": 1, "message": "bad key sk-4", "data": {"sk-5": "sk-6"}})
    assert "sk-" not in json.dumps(answer)
    assert answer["error"]["code"] == 1


def test_a_result_that_is_too_long_is_withheld(in_memory: InMemory) -> None:
    """Policy page, results: max_bytes."""
    memory = in_memory(ruled(max_bytes=100))
    memory.learn()
    memory.call(1, "secret")
    _, [answer] = memory.server(id=1, result={"content": [{"type": "text", "text": "x" * 200}]})
    assert "withheld" in words(answer)
    assert "xxx" not in json.dumps(answer)
    assert memory.outcomes() == ["allowed", "answered"]


@pytest.mark.parametrize("result", [{"task": {"taskId": "1"}}, {"resultType": "task", "taskId": "1"}])
def test_a_result_that_comes_by_another_way_is_withheld_where_results_have_rules(
    in_memory: InMemory, result: Json
) -> None:
    """Tasks of 2025-11-25 and the extension of 2026-07-28 would carry the result past the rules."""
    memory = in_memory(ruled(max_bytes=100))
    memory.learn()
    memory.call(1, "secret")
    _, [answer] = memory.server(id=1, result=result)
    assert "withheld" in words(answer)


# endings


def test_what_was_written_before_the_server_was_lost_is_unknown_and_the_rest_not_sent(
    in_memory: InMemory,
) -> None:
    """Policy page: a count is given back only when nothing reached the server."""
    memory = in_memory(limited(2))
    memory.learn()
    memory.call(1, "echo")
    memory.call(2, "echo")
    told = [
        message.body["error"]["message"] for message in memory.session.lost("it died", unsent={2}).to_client
    ]
    assert "unknown: find that out" in told[0]
    assert "was not sent and may be tried again" in told[1]
    assert memory.outcomes() == ["allowed", "allowed", "unknown", "not_sent"]
    memory.learn()
    assert memory.call(3, "echo")[0]
    assert facts(memory.call(4, "echo")[1][0])["code"] == "limit"


def test_a_cancelled_call_stays_counted_and_its_late_answer_goes_nowhere(in_memory: InMemory) -> None:
    """Policy page: an unclear outcome stays counted."""
    memory = in_memory(OPEN)
    memory.learn()
    memory.call(1, "echo")
    [note], _ = memory.client(method="notifications/cancelled", params={"requestId": 1})
    assert note["params"]["requestId"] == 1
    assert memory.server(id=1, result=ANSWER) == ([], [])
    assert memory.outcomes() == ["allowed", "unknown"]


def test_a_call_that_is_cancelled_while_it_waits_is_never_sent(in_memory: InMemory) -> None:
    """Nor counted."""
    memory = in_memory(OPEN)
    [question], _ = memory.call(1, "echo")
    assert memory.client(method="notifications/cancelled", params={"requestId": 1}) == ([], [])
    assert memory.server(id=question["id"], result={"tools": [{"name": "echo"}]}) == ([], [])
    assert memory.outcomes() == []


def test_a_new_server_gets_the_clients_own_handshake_before_anything_else(in_memory: InMemory) -> None:
    """Brief of the older era: initialize with the client's parameters, its reply swallowed, changes told."""
    memory = in_memory(OPEN)
    params = {"protocolVersion": "2025-06-18", "capabilities": {"roots": {}}, "clientInfo": {"name": "c"}}
    memory.client(id=0, method="initialize", params=params)
    memory.server(id=0, result={"protocolVersion": "2025-06-18", "capabilities": {"tools": {}}})
    memory.client(method="notifications/initialized")
    memory.learn([{"name": "echo"}])
    memory.session.lost("it died")
    [again] = memory.session.reconnected().to_server
    assert (again.method, again.params) == ("initialize", params)
    assert memory.call(1, "echo") == ([], [])
    to_server, to_client = memory.server(
        id=again.id, result={"protocolVersion": "2025-06-18", "capabilities": {}}
    )
    assert [message["method"] for message in to_server] == ["notifications/initialized", "tools/list"]
    assert not to_client
    tools = [{"name": "echo", "description": "New."}]
    [call], [note] = memory.server(id=to_server[1]["id"], result={"tools": tools})
    assert call["params"]["name"] == "echo"
    assert note["method"] == "notifications/tools/list_changed"


def test_the_gateway_announces_that_lists_may_change(in_memory: InMemory) -> None:
    """It tells of them itself when the policy changes; clients may only listen when that was announced."""
    memory = in_memory(OPEN)
    memory.client(id=0, method="initialize", params={"capabilities": {}})
    _, [answer] = memory.server(id=0, result={"capabilities": {"tools": {}, "logging": {}}})
    assert answer["result"]["capabilities"] == {"tools": {"listChanged": True}, "logging": {}}


# approvals


FORM: Json = {"elicitation": {}}


def greet(memory: Any, capabilities: Json) -> None:
    memory.client(
        id=0, method="initialize", params={"protocolVersion": "2025-11-25", "capabilities": capabilities}
    )
    memory.server(id=0, result={"capabilities": {}})
    memory.client(method="notifications/initialized")
    memory.learn()


@pytest.mark.parametrize("capabilities", [{}, {"elicitation": {"url": {}}}, {"elicitation": None}])
def test_without_a_form_the_call_is_denied_and_passes_once_after_approval(
    in_memory: InMemory, capabilities: Json
) -> None:
    """Policy page: approval id, exact arguments, single use."""
    memory = in_memory(approving())
    greet(memory, capabilities)
    to_server, [answer] = memory.call(1, "echo", a=1)
    assert not to_server
    approval = facts(answer)["approval_id"]
    assert f"catalog approvals approve {approval}" in words(answer)
    assert facts(memory.call(2, "echo", a=1)[1][0])["approval_id"] == approval
    memory.ledger.answer(approval, approve=True, by="somebody")
    assert not memory.call(3, "echo", a=2)[0]
    assert memory.call(4, "echo", a=1)[0]
    assert not memory.call(5, "echo", a=1)[0]


def test_a_refusal_by_a_person_is_told(in_memory: InMemory) -> None:
    """And holds: the same call does not ask again."""
    memory = in_memory(approving())
    greet(memory, {})
    approval = facts(memory.call(1, "echo")[1][0])["approval_id"]
    memory.ledger.answer(approval, approve=False, by="somebody")
    answer = memory.call(2, "echo")[1][0]
    assert "did not approve" in words(answer)
    assert "approval_id" not in facts(answer)


def asked(memory: Any, **arguments: Any) -> Json:
    to_server, [question] = memory.call(1, "echo", **arguments)
    assert not to_server
    assert question["method"] == "elicitation/create"
    found: Json = question
    return found


def test_the_person_sees_every_argument_and_what_would_deceive_an_eye(in_memory: InMemory) -> None:
    """Policy page: the approver sees all arguments."""
    memory = in_memory(approving())
    greet(memory, FORM)
    question = asked(memory, path="a\u202eb", deep={"x": [1, 1.50]})
    text = question["params"]["message"]
    assert "a‹U+202E›b" in text
    assert "1.5" in text
    assert "it is costly" in text
    assert question["params"]["requestedSchema"]["required"] == ["approve"]


def test_a_yes_through_the_client_lets_exactly_this_call_through(in_memory: InMemory) -> None:
    """Legacy elicitation; the approval is used up by it."""
    memory = in_memory(approving())
    greet(memory, FORM)
    question = asked(memory, a=1)
    [call], nothing = memory.client(
        id=question["id"], result={"action": "accept", "content": {"approve": True}}
    )
    assert (call["id"], call["params"]["arguments"], nothing) == (1, {"a": 1}, [])
    assert memory.client(id=question["id"], result={"action": "accept", "content": {"approve": True}}) == (
        [],
        [],
    )
    memory.server(id=1, result=ANSWER)
    assert memory.outcomes() == ["approval_required", "allowed", "answered"]
    assert asked(memory, a=1)["id"] != question["id"]


@pytest.mark.parametrize(
    "answer",
    [
        {"result": {"action": "accept"}},
        {"result": {"action": "accept", "content": {}}},
        {"result": {"action": "accept", "content": {"approve": "true"}}},
        {"result": {"action": "accept", "content": {"approve": 1}}},
        {"result": {"action": "accept", "content": {"approve": False}}},
        {"result": {"action": "decline"}},
        {"result": {"action": "cancel"}},
        {"result": {}},
        {"error": {"code": -1, "message": "no"}},
    ],
)
def test_anything_but_a_clear_yes_denies(in_memory: InMemory, answer: Json) -> None:
    """Policy page: fail closed."""
    memory = in_memory(approving())
    greet(memory, FORM)
    question = asked(memory)
    to_server, [denial] = memory.client(id=question["id"], **answer)
    assert not to_server
    assert denial["id"] == 1
    assert denial["result"]["isError"] is True


def test_a_call_cancelled_during_approval_is_never_sent(in_memory: InMemory) -> None:
    """The bypass corpus: a yes that comes later finds nothing to let through."""
    memory = in_memory(approving())
    greet(memory, FORM)
    question = asked(memory)
    _, [withdrawn] = memory.client(method="notifications/cancelled", params={"requestId": 1})
    assert withdrawn["params"]["requestId"] == question["id"]
    assert memory.client(id=question["id"], result={"action": "accept", "content": {"approve": True}}) == (
        [],
        [],
    )


def test_with_four_eyes_the_client_is_not_asked(in_memory: InMemory) -> None:
    """Issue: two people, with the command."""
    memory = in_memory(approving(), four_eyes=True)
    greet(memory, FORM)
    approval = facts(memory.call(1, "echo")[1][0])["approval_id"]
    memory.ledger.answer(approval, approve=True, by="one")
    assert not memory.call(2, "echo")[0]
    memory.ledger.answer(approval, approve=True, by="two")
    assert memory.call(3, "echo")[0]


def test_an_approval_is_not_lost_to_a_limit(in_memory: InMemory) -> None:
    """It is used up only when the call is let through."""
    limit = {"counter": "n", "window": "minute", "max": 1}
    memory = in_memory(
        {"version": "2", "default": "deny", "tools": {"echo": {"action": "approve", "limits": [limit]}}}
    )
    greet(memory, {})
    for number in (1, 2):
        approval = facts(memory.call(number, "echo", n=number)[1][0])["approval_id"]
        memory.ledger.answer(approval, approve=True, by="somebody")
    assert memory.call(3, "echo", n=1)[0]
    assert facts(memory.call(4, "echo", n=2)[1][0])["code"] == "limit"
    assert [it.state for it in memory.ledger.approvals()] == ["used", "approved"]


# rounds of the new era


def modern(memory: Any, number: int, meta: Json, arguments: Json, **more: Any) -> Any:
    params = {"name": "echo", "arguments": arguments, "_meta": meta, **more}
    return memory.client(id=number, method="tools/call", params=params)


@pytest.fixture
def form_meta(modern_meta: Json) -> Json:
    return {**modern_meta, "io.modelcontextprotocol/clientCapabilities": {"elicitation": {"form": {}}}}


YES: Json = {"approval": {"action": "accept", "content": {"approve": True}}}


def test_in_the_new_era_the_client_asks_and_comes_back(in_memory: InMemory, form_meta: Json) -> None:
    """MCP 2026-07-28, multi round trip; the server sees nothing of it."""
    memory = in_memory(approving())
    memory.learn()
    _, [answer] = modern(memory, 1, form_meta, {"a": 1})
    assert answer["result"]["resultType"] == "input_required"
    assert answer["result"]["inputRequests"]["approval"]["method"] == "elicitation/create"
    state = answer["result"]["requestState"]
    [call], _ = modern(memory, 2, form_meta, {"a": 1}, requestState=state, inputResponses=YES)
    assert call["params"] == {"name": "echo", "arguments": {"a": 1}, "_meta": form_meta}
    memory.server(id=2, result=ANSWER)
    _, [again] = modern(memory, 3, form_meta, {"a": 1}, requestState=state, inputResponses=YES)
    assert again["error"] == {"code": -32602, "message": "Invalid or expired requestState"}


def test_a_state_does_not_open_another_call(in_memory: InMemory, form_meta: Json) -> None:
    """The bypass corpus: swapped arguments."""
    memory = in_memory(approving())
    memory.learn()
    state = modern(memory, 1, form_meta, {"a": 1})[1][0]["result"]["requestState"]
    to_server, [answer] = modern(memory, 2, form_meta, {"a": 1000}, requestState=state, inputResponses=YES)
    assert not to_server
    assert answer["error"]["message"] == "Invalid or expired requestState"


@pytest.mark.parametrize("state", ["x.y", "", 7, None])
def test_a_state_that_is_none_of_ours_is_refused(in_memory: InMemory, form_meta: Json, state: Any) -> None:
    """It would reach a server that trusts it."""
    memory = in_memory(OPEN)
    memory.learn()
    to_server, [answer] = modern(memory, 2, form_meta, {}, requestState=state)
    assert not to_server
    assert answer["error"]["code"] == -32602


def test_a_client_of_the_new_era_that_shows_no_forms_gets_an_approval_id(
    in_memory: InMemory, modern_meta: Json
) -> None:
    """Its capabilities come with each request."""
    memory = in_memory(approving())
    memory.learn()
    _, [answer] = modern(memory, 1, modern_meta, {})
    assert facts(answer)["approval_id"]
    assert answer["result"]["resultType"] == "complete"


def test_a_no_in_the_new_era_is_a_denial(in_memory: InMemory, form_meta: Json) -> None:
    """And not another question."""
    memory = in_memory(approving())
    memory.learn()
    state = modern(memory, 1, form_meta, {})[1][0]["result"]["requestState"]
    no = {"approval": {"action": "decline"}}
    _, [answer] = modern(memory, 2, form_meta, {}, requestState=state, inputResponses=no)
    assert "did not approve" in words(answer)


ROUND: Json = {"resultType": "input_required", "inputRequests": {"n": {}}, "requestState": "its own"}


def test_the_rounds_of_one_call_are_counted_once_and_the_servers_state_comes_back(
    in_memory: InMemory, form_meta: Json
) -> None:
    """Nothing is counted twice; and a state opens one round only, so nothing is counted too little."""
    memory = in_memory(limited(1))
    memory.learn()
    assert modern(memory, 1, form_meta, {"a": 1})[0]
    _, [asking] = memory.server(id=1, result=ROUND)
    state = asking["result"]["requestState"]
    assert "its own" not in state
    [call], _ = modern(memory, 2, form_meta, {"a": 1}, requestState=state, inputResponses={"n": {}})
    assert call["params"]["requestState"] == "its own"
    assert call["params"]["inputResponses"] == {"n": {}}
    memory.server(id=2, result=ANSWER)
    assert "error" in modern(memory, 3, form_meta, {"a": 1}, requestState=state)[1][0]
    assert facts(modern(memory, 4, form_meta, {"a": 1})[1][0])["code"] == "limit"


def test_an_approved_call_is_approved_in_its_later_rounds(in_memory: InMemory, form_meta: Json) -> None:
    """It is still the same call."""
    memory = in_memory(approving())
    memory.learn()
    first = modern(memory, 1, form_meta, {})[1][0]["result"]["requestState"]
    assert modern(memory, 2, form_meta, {}, requestState=first, inputResponses=YES)[0]
    second = memory.server(id=2, result=ROUND)[1][0]["result"]["requestState"]
    assert modern(memory, 3, form_meta, {}, requestState=second, inputResponses={"n": {}})[0]


def test_an_approved_call_is_another_one_once_the_tool_is_defined_otherwise(
    in_memory: InMemory, form_meta: Json, make_tool: Callable[..., Json]
) -> None:
    """An approval is bound to the definition that the person was asked about, in later rounds too."""
    memory = in_memory(approving())
    memory.learn()
    first = modern(memory, 1, form_meta, {})[1][0]["result"]["requestState"]
    assert modern(memory, 2, form_meta, {}, requestState=first, inputResponses=YES)[0]
    second = memory.server(id=2, result=ROUND)[1][0]["result"]["requestState"]
    memory.learn([make_tool("echo", title="Does something else now")])
    to_server, [answer] = modern(memory, 3, form_meta, {}, requestState=second, inputResponses={"n": {}})
    assert not to_server
    assert answer["error"]["message"] == "Invalid or expired requestState"


# the ledger


def test_calls_are_denied_while_the_ledger_is_gone_and_pass_again_after(
    in_memory: InMemory, tmp_path: Path
) -> None:
    """Policy page: store unreachable is a deny; it is said once, and it recovers."""
    memory = in_memory(OPEN)
    memory.learn()
    memory.call(0, "echo")
    file, away = tmp_path / "memory.sqlite3", tmp_path / "away"
    file.rename(away)
    for number in (1, 2):
        to_server, [answer] = memory.call(number, "echo")
        assert not to_server
        assert facts(answer)["code"] == "error"
    assert memory.server(id=0, result=ANSWER)[1]
    [told] = memory.said
    assert "calls are denied" in told
    away.rename(file)
    assert memory.call(3, "echo")[0]
    memory.session.tick()
    assert memory.outcomes() == ["allowed", "allowed", "answered"]


def test_a_ledger_that_fails_while_an_approval_is_used_up_leaves_no_place_taken(
    in_memory: InMemory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing was sent, so nothing is counted: neither the call nor its place among concurrent ones."""
    limit = {"counter": "echo_now", "concurrent": True, "max": 1}
    memory = in_memory(approving(tools={"echo": {"action": "approve", "limits": [limit]}}))
    memory.learn()
    approval = facts(memory.call(1, "echo")[1][0])["approval_id"]
    memory.ledger.answer(approval, approve=True, by="somebody")

    def fails(request: Any) -> None:
        raise DatabaseError("the database is locked")

    with monkeypatch.context() as patched:
        patched.setattr(memory.ledger, "claim", fails)
        assert facts(memory.call(2, "echo")[1][0])["code"] == "error"
    assert memory.call(3, "echo")[0]
    assert memory.outcomes()[-3:] == ["not_sent", "error", "allowed"]


def test_a_revoked_grant_ends_an_open_session(in_memory: InMemory) -> None:
    """Grants: revoked at once."""
    memory = in_memory(OPEN)
    memory.learn()
    memory.ledger.revoke("local")
    to_server, [answer] = memory.call(1, "echo")
    assert not to_server
    assert facts(answer)["code"] == "expired"


def test_the_journal_holds_no_values_unless_it_was_asked_to(in_memory: InMemory) -> None:
    """Policy page, audit: arguments by name and keyed hash."""
    memory = in_memory(OPEN)
    memory.learn()
    memory.call(1, "echo", password="hunter2hunter2")
    [line] = [line for line in memory.ledger.journal() if line.kind == "call"]
    assert line.facts["argument_names"] == ["password"]
    assert "hunter2" not in json.dumps(line.facts, default=str)
    assert not any("hunter2" in text for text in memory.said)


def test_the_journal_holds_values_when_it_was_asked_to(in_memory: InMemory) -> None:
    """Policy page, audit: values only on request."""
    memory = in_memory(OPEN, keeps_arguments=True)
    memory.learn()
    memory.call(1, "echo", a=1)
    [line] = [line for line in memory.ledger.journal() if line.kind == "call"]
    assert line.facts["arguments"] == {"a": 1}


# smaller matters


def test_a_call_that_goes_on_as_a_task_has_an_unknown_outcome(in_memory: InMemory) -> None:
    """MCP 2025-11-25, tasks: its end does not come as the answer to the call."""
    memory = in_memory(OPEN)
    memory.learn()
    memory.call(1, "echo")
    memory.server(id=1, result={"task": {"taskId": "1", "status": "working"}})
    assert memory.outcomes() == ["allowed", "unknown"]


def test_a_place_among_concurrent_calls_is_free_again_after_the_answer(in_memory: InMemory) -> None:
    """Version 2: `concurrent` counts calls that have not ended."""
    limit = {"counter": "n", "max": 1, "concurrent": True}
    memory = in_memory({"version": "2", "default": "deny", "tools": {"echo": {"limits": [limit]}}})
    memory.learn()
    assert memory.call(1, "echo")[0]
    assert "Wait until one of the calls under way has ended" in words(memory.call(2, "echo")[1][0])
    memory.server(id=1, result=ANSWER)
    assert memory.call(3, "echo")[0]


def test_a_servers_endless_nonsense_is_told_a_few_times(in_memory: InMemory) -> None:
    """A log is no place to fill a disk from."""
    memory = in_memory(OPEN)
    for number in range(100):
        memory.server(id=number, result={})
    assert len(memory.said) == 5
    assert memory.said[-1].endswith("no more of this is told")


def test_the_ids_that_a_client_sees_do_not_tell_those_that_a_server_sees(in_memory: InMemory) -> None:
    """Else a client could have the answer to a request of its own taken for the server's list."""
    memory = in_memory(approving())
    greet(memory, FORM)
    seen = asked(memory)["id"]
    memory.server(method="notifications/tools/list_changed")
    [question], _ = memory.call(9, "echo")
    assert seen.rpartition("-")[0] != question["id"].rpartition("-")[0]


def test_a_grants_own_policy_goes_before_the_gateways(in_memory: InMemory, tmp_path: Path) -> None:
    """Policy page: a grant has a policy."""
    from catalog.gateway.core import Session
    from catalog.gateway.gateway import Gateway, Peer
    from catalog.gateway.policy_file import PolicyFile

    memory = in_memory(OPEN)
    (tmp_path / "own.json").write_text('{"version":"1","default":"deny"}')
    own = PolicyFile(tmp_path / "own.json", memory.said.append)
    gateway = Gateway(
        policy=PolicyFile(memory.policy, memory.said.append),
        ledger=memory.ledger,
        server="standin",
        say=memory.said.append,
    )
    memory.session = Session(gateway, Peer(policy=own))
    memory.learn()
    assert memory.call(1, "echo")[1][0]["result"]["isError"]


@pytest.mark.parametrize("how", ["refuses", "is silent"])
def test_a_new_server_that_will_not_shake_hands_is_given_up(in_memory: InMemory, how: str) -> None:
    """Whoever waits gets an error, and the transport learns that it has to end it."""
    now = [0.0]
    memory = in_memory(OPEN, clock=lambda: now[0])
    greet(memory, {})
    memory.session.lost("it died")
    [again] = memory.session.reconnected().to_server
    memory.call(1, "echo")
    assert not memory.session.stuck
    if how == "refuses":
        _, to_client = memory.server(id=again.id, error={"code": -1, "message": "no"})
    else:
        now[0] = 61.0
        to_client = [it.body for it in memory.session.tick().to_client]
    assert [message["id"] for message in to_client] == [1]
    assert memory.session.stuck
    memory.session.reconnected()
    assert not memory.session.stuck


def test_a_server_that_changes_a_pinned_tool_again_and_again_is_told_of_a_few_times(
    in_memory: InMemory, make_tool: Callable[..., Json], tmp_path: Path
) -> None:
    """Each comparison takes time and lines, and the server decides how often it comes to one."""
    memory = in_memory(pinned("0" * 64), database=f"sqlite:///{tmp_path}/memory.sqlite3")
    for number in range(20):
        memory.learn([make_tool("echo", title=f"Version {number}")])
    assert len(memory.said) == 5


@pytest.mark.parametrize(("rules", "told"), [({"redact": ["x"]}, 0), (None, 1)])
def test_a_result_does_not_go_round_its_rules_by_way_of_a_task(
    in_memory: InMemory, rules: Json | None, told: int
) -> None:
    """Our decision: where rules for results stand, nothing brings a call's result later by another method."""
    policy = {"version": "2", "default": "allow", **({"results": rules} if rules else {})}
    memory = in_memory(policy)
    to_server, to_client = memory.client(id=1, method="tasks/result", params={"taskId": "t"})
    assert len(to_server) == told
    assert [each["error"]["code"] for each in to_client] == [-32601] * (1 - told)
