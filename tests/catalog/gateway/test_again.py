"""Lists that come again."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from catalog.gateway.again import MIN_BYTES, Again
from catalog.gateway.message import MessageError


def line(id_: object, description: str = "x", **more: Any) -> bytes:
    tools = [{"name": f"t{number}", "description": description * 100} for number in range(MIN_BYTES // 100)]
    return json.dumps({"jsonrpc": "2.0", "id": id_, "result": {"tools": tools}, **more}).encode()


def test_the_same_list_is_the_same_object_with_its_own_id() -> None:
    """Only the id may differ."""
    again = Again()
    first, second = again.read(line(1)), again.read(line("two"))
    assert second.body["result"] is first.body["result"]
    assert (first.id, second.id) == (1, "two")
    assert json.loads(second.dump()) == json.loads(line("two"))


def test_another_list_is_read_anew() -> None:
    """A single byte is enough."""
    again = Again()
    first = again.read(line(1))
    assert again.read(line(2, "y")).body["result"] is not first.body["result"]


@pytest.mark.parametrize(
    "raw",
    [
        line(1).replace(b'{"name"', b'{"name":"a","name"', 1),
        line(1)[:-1] + b',"id":2}',
        line(1)[:-1] + b',"result":{}}',
        line(1)[:-1],
    ],
)
def test_what_is_refused_once_is_refused_again(raw: bytes) -> None:
    """Nothing gets in by being repeated."""
    again = Again()
    for _ in range(2):
        with pytest.raises(MessageError):
            again.read(raw)
    assert again.read(line(1)).id == 1


def test_a_message_with_more_in_it_is_not_kept() -> None:
    """What stands beside the result would be lost."""
    again = Again()
    for _ in range(2):
        assert again.read(line(1, extra=7)).body["extra"] == 7


def test_a_list_that_comes_again_is_filtered_by_the_policy_of_the_moment(
    in_memory: Callable[..., Any],
) -> None:
    """A changed policy, another list in between, and list_changed are all noticed."""
    memory = in_memory({"version": "1", "default": "deny", "tools": {"t1": {}, "t2": {}}})
    again = Again()

    def names(raw: bytes) -> list[str]:
        memory.client(id=1, method="tools/list")
        [answer] = memory.session.from_server(again.read(raw)).to_client
        return [tool["name"] for tool in json.loads(answer.dump())["result"]["tools"]]

    assert names(line(1)) == names(line(1)) == ["t1", "t2"]
    memory.policy.write_text('{"version":"1","default":"deny","tools":{"t2":{}}}')
    assert names(line(1)) == names(line(1)) == ["t2"]
    assert names(b'{"jsonrpc":"2.0","id":1,"result":{"tools":[]}}') == []
    assert memory.call(2, "t2")[1][0]["result"]["content"][0]["text"] == "Unknown tool: t2"
    assert names(line(1)) == ["t2"]
    assert memory.call(3, "t2")[0]
    memory.server(method="notifications/tools/list_changed")
    assert names(line(1)) == ["t2"]
    assert memory.call(4, "t2")[0]
