"""Beyond the list: ways round the one method that is judged, by either side. What counts is what truly happened.

Source: design, bypass corpus, thought on.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

Json = dict[str, Any]
OLDER = pytest.mark.parametrize("shared", ["stdio", "http"], indirect=True, scope="module")
POLICY: Json = {
    "version": "2",
    "default": "deny",
    "hide": ["cancel_job"],
    "tools": {
        "note": {},
        "asks": {},
        "pay": {"limits": [{"counter": "paid", "window": "day", "max": 1, "by": ["args.case"]}]},
        "broken": {"deny_if": [{"conditions": [], "on_deny": "never"}]},
    },
}
CANCEL: Json = {"name": "cancel_job", "arguments": {}}


@pytest.fixture(scope="module")
def client(shared: Any) -> Any:
    return shared(POLICY, capabilities={"sampling": {}, "roots": {}, "elicitation": {}})


def nothing_but_a_note(client: Any, before: list[Json]) -> bool:
    """The session goes on, and nothing else has happened."""
    case = len(before)
    return client.passes("note", case=case) and client.place.effects() == [
        *before, {"tool": "note", "arguments": {"case": case}}
    ]  # fmt: skip


def test_a_hidden_tool_cannot_be_told_from_one_that_never_was(client: Any) -> None:
    """By no kind of call: an oracle of names would be a leak of the policy."""
    for params in (
        {},
        {"arguments": {}},
        {"arguments": []},
        {"arguments": None},
        {"requestState": "x"},
        {"task": {}},
    ):
        hidden = client.ask("tools/call", {**params, "name": "cancel_job"})
        never = client.ask("tools/call", {**params, "name": "cancel_jab"})
        assert json.dumps({**hidden, "id": 0}).replace("cancel_job", "cancel_jab") == json.dumps(
            {**never, "id": 0}
        )


@pytest.mark.parametrize("method", ["notifications/cancelled", "notifications/progress", "notifications/tools/call", "notifications/message", "tools/call", "tools/call/"])  # fmt: skip
def test_a_call_as_a_notification_is_not_carried_out(client: Any, method: str) -> None:
    before = client.place.effects()
    client.send({"method": method, "params": {**CANCEL, "requestId": 1, "progressToken": 1, "progress": 1}})
    assert nothing_but_a_note(client, before)


@pytest.mark.parametrize("method", ["completion/complete", "resources/read", "prompts/get", "tasks/result", "logging/setLevel", "server/discover", "ping"])  # fmt: skip
def test_a_tool_named_in_another_request_is_not_called(client: Any, method: str) -> None:
    """Resources, prompts and completions that name a tool pass, as what they are."""
    before = client.place.effects()
    client.ask(
        method, {**CANCEL, "uri": "tool://cancel_job", "ref": {"type": "ref/tool", "name": "cancel_job"}}
    )
    assert nothing_but_a_note(client, before)


@OLDER
@pytest.mark.parametrize(
    "method", ["sampling/createMessage", "roots/list", "elicitation/create", "tools/call"]
)
def test_an_answer_to_the_server_is_data_and_no_call(client: Any, method: str) -> None:
    """Sampling requests by the server; a model that answers with a tool's name has called nothing."""
    question = {"id": f"q-{method}", "method": method, "params": CANCEL}
    waiting = client.begin("tools/call", {"name": "asks", "arguments": question})
    asked = client.asked()
    before = client.place.effects()
    result = {
        "role": "assistant",
        "content": {"type": "tool_use", **CANCEL},
        "method": "tools/call",
        "params": CANCEL,
    }
    client.send({"id": asked["id"], "result": result})
    assert json.loads(waiting()["result"]["content"][0]["text"])["result"] == result
    assert nothing_but_a_note(client, before)


@OLDER
def test_an_answer_is_passed_on_once(client: Any) -> None:
    """A second answer under the same id answers nothing, though the server once asked."""
    question = {"id": "once", "method": "roots/list"}
    waiting = client.begin("tools/call", {"name": "asks", "arguments": question})
    asked = client.asked()
    for roots in (["first"], ["second"]):
        client.send({"id": asked["id"], "result": {"roots": roots}})
    assert "first" in waiting()["result"]["content"][0]["text"]
    assert client.passes("note")


@OLDER
@pytest.mark.parametrize("shape", ["result", "error"])
def test_answers_that_hold_a_call_go_nowhere(client: Any, shape: str) -> None:
    """Responses of the client's pretending to be to somebody's question."""
    before = client.place.effects()
    for id_ in (0, 1, "1", "from-the-server", "catalog-0-1", 2**70):
        client.send(
            {"id": id_, shape: {**CANCEL, "tools": [], "code": 1, "message": "", "method": "tools/call"}}
        )
    assert nothing_but_a_note(client, before)


@pytest.mark.parametrize(
    "id_", [2**53 + 1, -1, 0, 10**30, "", "1", "null", "catalog-0-1", "\u202e", "x" * 10_000]
)
def test_odd_ids_come_back_as_they_were_and_count_once(client: Any, id_: Any) -> None:
    """Ids that a careless reader would take for others."""
    case = f"{client.place.folder}{str(id_)[:20]!r}{type(id_)}"[-100:]
    first = client.begin("tools/call", {"name": "pay", "arguments": {"case": case}}, id=id_)()
    assert (first["id"], first["result"].get("isError", False)) == (id_, False)
    again = client.begin("tools/call", {"name": "pay", "arguments": {"case": case}}, id=id_)()
    assert (again["id"], again["result"].get("isError", False)) == (id_, True)
    assert sum(it["arguments"].get("case") == case for it in client.place.effects()) == 1


@pytest.mark.parametrize(
    "meta",
    [
        {"progressToken": "cancel_job"},
        {"progressToken": {"name": "cancel_job"}},
        {"catalog/denial": {"code": "allowed"}},
        {"io.modelcontextprotocol/related-task": {"taskId": "cancel_job"}},
        {"name": "cancel_job", "arguments": {}, "method": "tools/call"},
        {"grant": "admin", "session": "other", "approved": True},
    ],
    ids=str,
)
def test_what_stands_in_meta_changes_no_verdict(client: Any, meta: Json) -> None:
    before = client.place.effects()
    for name in ("cancel_job", "wipe", "broken"):
        client.ask("tools/call", {"name": name, "arguments": {}, "_meta": meta})
    assert nothing_but_a_note(client, before)


def test_a_result_that_holds_a_list_of_tools_teaches_the_gateway_nothing(client: Any) -> None:
    """The server answers another method with definitions; the client repeats them as its own list."""
    before = client.place.effects()
    client.ask("server/discover", {"tools": [{"name": "wipe", "inputSchema": {}}]})
    client.ask("tools/list", {"tools": [{"name": "wipe", "inputSchema": {}}], "cursor": None})
    assert not client.passes("wipe")
    assert nothing_but_a_note(client, before)


def test_a_denial_repeated_a_hundred_times_stays_a_denial(client: Any) -> None:
    """Persistence is no argument."""
    before = client.place.effects()
    answers = [client.call("broken") for _ in range(100)]
    assert not any("result" in it and not it["result"].get("isError") for it in answers)
    assert "STOP" in answers[-1]["result"]["content"][0]["text"]
    assert nothing_but_a_note(client, before)


def test_cancelling_what_was_never_asked_cancels_nobody_elses_call(fronts: Any) -> None:
    """Two clients' ids are apart: one cannot end, or learn of, the other's call."""
    front = fronts({"version": "1", "default": "deny", "tools": {"slow": {}}}, grant="neither")
    mine, theirs = front.another("one"), front.another("two")
    waiting = mine.begin("tools/call", {"name": "slow", "arguments": {}}, id=1)
    fronts.place.until_done("slow")
    for id_ in (0, 1, 2, "1"):
        theirs.send({"method": "notifications/cancelled", "params": {"requestId": id_}})
    for id_ in (2, "1", "slow"):
        mine.send({"method": "notifications/cancelled", "params": {"requestId": id_}})
    fronts.place.go()
    assert waiting()["result"]["content"][0]["text"] == "done"
    assert fronts.place.done() == ["slow"]


@pytest.mark.parametrize("fronts", ["http", "http-modern"], indirect=True)
def test_a_header_that_names_another_tool_than_the_body_is_refused(fronts: Any) -> None:
    """Lying `Mcp-Name`, before a server that goes by the header."""
    client = fronts({"version": "1", "default": "deny", "tools": {"note": {}}})
    honest = client.headers
    for lie in ("cancel_job", "=?base64?Y2FuY2VsX2pvYg==?=", "note,cancel_job", "NOTE", ""):
        client.headers = lambda message, lie=lie: {**honest(message), "Mcp-Name": lie}
        assert "error" in client.call("note"), lie
    client.headers = lambda message: {**honest(message), "mcp-name": "cancel_job", "Mcp-Name": "note"}
    assert "error" in client.call("note")
    client.headers = honest
    assert client.passes("note")
    assert fronts.place.done() == ["note"]


@pytest.mark.parametrize("fronts", ["http"], indirect=True)
def test_another_grants_session_is_of_no_use(fronts: Any) -> None:
    """Replay of a session by another grant: its id alone opens nothing."""
    client = fronts({"version": "1", "default": "deny", "tools": {"note": {}}}, grant="one")
    mine, theirs = client.another("two"), client.another("three")
    theirs._standing["Mcp-Session-Id"] = mine.session
    assert "result" not in theirs.call("note")
    assert fronts.place.done() == []
    assert mine.passes("note")
