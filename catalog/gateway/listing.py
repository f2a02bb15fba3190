"""What the server lists under which name: read from its own `tools/list`, all pages of it.

The gateway asks by itself when a call comes before the client has listed the tools, and when what a client
was shown differs from what is known. Lists that pass to the client are filtered by the policy.
"""

from __future__ import annotations

import json
import re
import time
from typing import TYPE_CHECKING, Any, Final

from msgspec import Raw

from catalog.gateway.drift import drifted, held_back
from catalog.gateway.message import INTERNAL_ERROR, Kind, Message, RequestId, dump, error, request
from catalog.gateway.spans import tools_as_read
from catalog.policy.decide import visible_among
from classifier.definition import parse
from classifier.types import Provenance

if TYPE_CHECKING:
    from collections.abc import Callable

    from catalog.policy.model import Policy
    from classifier.types import ToolDefinition

MAX_PAGES: Final = 1_000
MAX_TOOLS: Final = 100_000
MAX_BYTES: Final = 64 << 20  # of all pages of one reading
MAX_AGE: Final = 300.0  # seconds; a server need not say that its tools changed
PATIENCE: Final = 60.0  # seconds for one page; some servers fetch what they need before they start
_META: Final[tuple[str, ...]] = (
    "io.modelcontextprotocol/protocolVersion",
    "io.modelcontextprotocol/clientInfo",
    "io.modelcontextprotocol/clientCapabilities",
)
_VERSION: Final = re.compile(r"\d{4}-\d{2}-\d{2}")

Tools = dict[str, dict[str, Any]]


class Unreadable(ValueError):
    """A page that is no page of tools; the message says why."""


class Listing:
    """The tools of one server as one client may see them; `trouble` says why they could not be read."""

    def __init__(self, server: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._server = server
        self._clock = clock
        self._tools: Tools = {}
        self._definitions: dict[str, ToolDefinition | None] = {}
        self._read_at: float | None = None
        self._walk: _Walk | None = None
        # The whole list that was adopted last, the policy it was filtered by, and what came of it.
        self._shown: tuple[dict[str, Any], str, Raw] | None = None
        self.trouble = ""

    @property
    def fresh(self) -> bool:
        """Whether what is known can be judged by."""
        return self._read_at is not None and self._clock() - self._read_at < MAX_AGE

    @property
    def asking(self) -> bool:
        """Whether the gateway's own question is on its way."""
        return self._walk is not None

    @property
    def overdue(self) -> bool:
        """Whether that question has not been answered in time."""
        return self._walk is not None and self._clock() - self._walk.since > PATIENCE

    def forget(self) -> None:
        """The server said, or showed, that its tools are others now."""
        self._read_at = None

    def definition(self, name: str) -> ToolDefinition | None:
        """What is listed under exactly this name; None: nothing, or nothing that can be read."""
        if name not in self._definitions:
            self._definitions[name] = self._defined(self._tools.get(name))
        return self._definitions[name]

    def ask(self, id: RequestId, because: Message) -> Message:  # noqa: A002 – its name
        """The question for the first page, with what the message that made it necessary says of its client."""
        meta = because.params.get("_meta")
        own = {key: meta[key] for key in _META if key in meta} if isinstance(meta, dict) else {}
        self._walk = _Walk(id, own, self._clock())
        return self._walk.question(id, None)

    def awaits(self, id: RequestId | None) -> bool:  # noqa: A002 – its name
        """Whether this is the id of the page that the gateway waits for."""
        return self._walk is not None and self._walk.id == id

    def answered(self, message: Message, next_id: RequestId) -> Message | None:
        """Take a page in: the question for the next, or None when that was the last or the walk failed."""
        walk = self._walk
        if walk is None:
            return None
        try:
            cursor = walk.take(message)
            if cursor is not None:
                return walk.turn(next_id, cursor, self._clock())
        except Unreadable as trouble:
            self.give_up(str(trouble))
            return None
        self._walk = None
        self._adopt(walk.tools)
        return None

    def give_up(self, trouble: str) -> None:
        """End the walk without a result."""
        self._walk = None
        self._read_at = None
        self.trouble = trouble

    def for_client(self, answer: Message, policy: Policy, *, whole: bool) -> Message:
        """A page as the client gets it: other fields as they are, only tools that the policy shows.

        `whole`: this page was asked for without a cursor, so it is the whole list unless it names another.
        An error, and what is no page, become an error that names no tool.
        """
        if "result" not in answer.body:
            return _cleaned(answer)
        try:
            page = self._shown_page(answer, policy, whole=whole)
        except Unreadable as trouble:
            return error(answer.id, INTERNAL_ERROR, str(trouble))
        return Message(Kind.RESPONSE, {**answer.body, "result": page}, answer.id)

    def _shown_page(self, answer: Message, policy: Policy, *, whole: bool) -> Raw:
        """The page, written already."""
        result, last = answer.body["result"], self._shown
        if last is not None and last[0] is result and last[1] == policy.digest and self._read_at is not None:
            self._read_at = self._clock()  # the very list that was adopted last, once more
            return last[2]
        self._shown = None
        page = Raw(dump(self._filtered(answer, policy, whole=whole)))
        if whole and result.get("nextCursor") is None:
            self._shown = (result, policy.digest, page)
        return page

    def _filtered(self, answer: Message, policy: Policy, *, whole: bool) -> dict[str, Any]:
        result = answer.body["result"]
        tools = _page(result)
        names = list(map(_named, tools))
        page, conflicts = _by_name(names, tools)
        if whole and result.get("nextCursor") is None:
            self._adopt(page)
        elif any(self._tools.get(name) != tool for name, tool in page.items()) or conflicts:
            self.forget()
        seen = self._seen(page, policy)
        pieces: list[Any] = tools_as_read(answer.raw, len(tools)) or tools
        kept = [piece for name, piece in zip(names, pieces, strict=True) if name in seen]
        private = {"cacheScope": "private"} if "cacheScope" in result else {}
        return {**result, "tools": kept, **private}

    def drifted(self, policy: Policy) -> list[ToolDefinition]:
        """The tools that are listed with another definition than the policy pins."""
        found = (self.definition(name) for name in policy.pin if name in self._tools)
        return [it for it in found if it is not None and drifted(policy, it)]

    def _seen(self, page: Tools, policy: Policy) -> set[str]:
        """The names of those that the client may see."""
        seen = visible_among(policy, page)
        pinned = seen.intersection(policy.pin)
        return seen - {name for name in pinned if held_back(policy, self._defined(page[name]))}

    def _adopt(self, tools: Tools) -> None:
        self.trouble = ""
        self._shown = None
        self._tools = tools
        self._definitions = {}
        self._read_at = self._clock()

    def names(self) -> Tools:
        """The tools by name, to compare two states of the server."""
        return self._tools

    def _defined(self, tool: dict[str, Any] | None) -> ToolDefinition | None:
        if tool is None:
            return None
        try:
            # Read as any other program reads it: fingerprints know no decimals. No server speaks for another.
            plain = json.loads(dump({key: value for key, value in tool.items() if key != "server"}))
            return parse(plain, server=self._server, provenance=Provenance.LIVE)
        except ValueError:
            return None


def _cleaned(answer: Message) -> Message:
    """An error in place of a list, without its text and data: they may name tools that the client must not know of.

    The code stays, and which versions of the protocol the server speaks.
    """
    said = answer.body["error"]
    code = said.get("code")
    data = said.get("data")
    versions = data.get("supported") if isinstance(data, dict) else None
    known = (
        [it for it in versions if isinstance(it, str) and _VERSION.fullmatch(it)]
        if isinstance(versions, list)
        else []
    )
    return error(
        answer.id,
        code if isinstance(code, int) and not isinstance(code, bool) else INTERNAL_ERROR,
        "the server answers its list of tools with an error",
        {"supported": known} if known else None,
    )


class _Walk:
    """One reading of the whole list, page by page."""

    def __init__(self, id: RequestId, meta: dict[str, Any], since: float) -> None:  # noqa: A002 – its name
        self.id = id
        self.since = since
        self.tools: Tools = {}
        self._meta = meta
        self._size = 0  # bytes
        self._conflicts: set[str] = set()
        self._cursors: set[str] = set()

    def question(self, id: RequestId, cursor: str | None) -> Message:  # noqa: A002 – its name
        params: dict[str, Any] = {"_meta": self._meta} if self._meta else {}
        if cursor is not None:
            params["cursor"] = cursor
        return request(id, "tools/list", params)

    def turn(self, id: RequestId, cursor: str, now: float) -> Message:  # noqa: A002 – its name
        self.id, self.since = id, now
        return self.question(id, cursor)

    def take(self, message: Message) -> str | None:
        """Keep a page's tools; the cursor of the next page. A name that is defined in two ways has no tool."""
        result = message.body.get("result")
        if result is None and "" in self._cursors:
            return None  # an empty cursor that cannot be followed was meant as the end
        if not isinstance(result, dict):
            raise Unreadable("the server answers its own list of tools with an error")
        self._size += len(dump(result))
        if self._size > MAX_BYTES:
            raise Unreadable(f"the server's list of tools has more than {MAX_BYTES:,} bytes")
        tools = _page(result)
        page, conflicts = _by_name(list(map(_named, tools)), tools)
        self._conflicts |= conflicts
        self._conflicts |= {name for name, tool in page.items() if self.tools.get(name, tool) != tool}
        self.tools = {name: tool for name, tool in (self.tools | page).items() if name not in self._conflicts}
        cursor = result.get("nextCursor")
        if cursor is None or (cursor == "" and cursor in self._cursors):
            return None
        if not isinstance(cursor, str) or cursor in self._cursors:
            raise Unreadable("the server's list of tools leads back to a page that was read before")
        self._cursors.add(cursor)
        if len(self._cursors) >= MAX_PAGES or len(self.tools) > MAX_TOOLS:
            raise Unreadable("the server's list of tools does not end")
        return cursor


def _page(result: dict[str, Any]) -> list[Any]:
    tools = result.get("tools")
    if not isinstance(tools, list):
        raise Unreadable("the server's list of tools is no list")
    return tools


def _by_name(names: list[str | None], tools: list[Any]) -> tuple[Tools, set[str]]:
    """The tools of one page by name, and the names that stand for two different tools, which have none."""
    found: Tools = {}
    conflicts: set[str] = set()
    for name, tool in zip(names, tools, strict=True):
        if name is None:
            continue
        known = found.setdefault(name, tool)
        if known is not tool and known != tool:
            conflicts.add(name)
    for name in conflicts:
        del found[name]
    return found, conflicts


def _named(tool: Any) -> str | None:
    """The name of what may be a tool."""
    name = tool.get("name") if isinstance(tool, dict) else None
    return name if isinstance(name, str) and name else None
