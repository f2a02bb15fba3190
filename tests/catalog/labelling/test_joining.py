"""Joining labels with definitions again (issue 3, point 3): a fingerprint decides, whatever the form of the source."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest

from catalog.errors import NotDefinitions
from catalog.labelling.candidates import Unreadable, candidates, parts
from catalog.labelling.fetching import MAX_BYTES, Fetched, fetch
from catalog.labelling.joining import Join, State
from catalog.labelling.packages import package_records
from catalog.labelling.reference import FileReference, Label, PackageReference, parse_reference, read_labels
from catalog.records import CrawlResult, LaunchKind, Outcome, ServerRecord
from classifier.definition import parse
from classifier.labels import read_labelled
from classifier.types import ToolDefinition

SCHEMA = {"type": "object", "properties": {"job": {"type": "string"}}}
CANCEL = {"name": "cancel_job", "description": "Ends a running job.", "inputSchema": SCHEMA}
REF = "someone/jobs@0123abc:published/tools.json"


def label(definition: ToolDefinition, ref: str | None = REF, source: str = "published") -> Label:
    fields: dict[str, Any] = {
        "source": source, "server": "jobs", "group": "jobs", "tool": definition.name, "ref": ref,
        "fingerprint": definition.fingerprint, "category": "Destructive", "risk": "Critical", "effects": ["Destructive"],
    }  # fmt: skip
    return Label(1, source, "jobs", definition.name, definition.fingerprint, ref, fields)


def defined(raw: dict[str, Any]) -> ToolDefinition:
    return parse(raw, server="jobs")


def document(path: str, value: object) -> Fetched:
    reference = parse_reference(f"someone/jobs@0123abc:{path}")
    assert isinstance(reference, FileReference)
    return Fetched(reference, json.dumps(value).encode())


@pytest.mark.parametrize(
    "value",
    [
        {"tools": [CANCEL]},
        {"jsonrpc": "2.0", "id": 1, "result": {"tools": [CANCEL]}},
        [{"server": "jobs", "meta": {"listed": [{"tools": [CANCEL]}]}}],
        {"cancel_job": {"description": CANCEL["description"], "input_schema": SCHEMA}},
        {**CANCEL, "outputSchema": {"type": "object"}, "annotations": {"readOnlyHint": True}, "icons": []},
        {"tools": [{"name": "cancel_job", "description": "Another one."}, CANCEL]},
    ],
    ids=["result", "response", "index", "map by name", "with more fields", "second of its name"],
)
def test_whatever_the_form_the_labelled_definition_is_found(value: object) -> None:
    join = Join([label(defined(CANCEL))])
    join.read(document("published/tools.json", value))
    (row,) = join.rows()
    assert (row["name"], row["description"], row["inputSchema"]) == tuple(CANCEL.values())
    assert defined(row).fingerprint == row["fingerprint"]


def test_a_definition_with_fewer_fields_may_be_the_labelled_one() -> None:
    """An index that lists descriptions only: its label is of name and description."""
    short = {"name": "cancel_job", "description": CANCEL["description"]}
    join = Join([label(defined(short))])
    join.read(document("published/tools.json", {"tools": [CANCEL]}))
    assert [row.get("inputSchema") for row in join.rows()] == [None]


def test_parts_begin_with_the_whole_and_end_with_the_name() -> None:
    made = [definition.body() for definition in parts(CANCEL)]
    assert made[0] == CANCEL
    assert made[-1] == {"name": "cancel_job"}
    assert len(made) == 4


def test_a_changed_text_is_not_joined_and_said_to_have_changed() -> None:
    """A changed text is a new definition."""
    join = Join([label(defined(CANCEL)), label(defined({**CANCEL, "name": "pause_job"}))])
    join.read(document("published/tools.json", {"tools": [{**CANCEL, "description": "Ends it."}]}))
    assert dict(join.by_source()["published"]) == {State.CHANGED: 1, State.MISSING: 1}
    assert list(join.rows()) == []


def test_a_label_of_a_name_alone_needs_no_source() -> None:
    join = Join([label(ToolDefinition("jobs", "cancel_job"), ref=None)])
    assert [row["name"] for row in join.rows()] == ["cancel_job"]
    assert join.files() == []


def test_a_source_that_nothing_reads_says_so() -> None:
    reference = "someone/jobs@0123abc:src/tools.ts"
    join = Join([label(defined(CANCEL), reference)])
    (file,) = join.files()
    join.read(Fetched(file, b"export const tools = []"))
    assert dict(join.by_source()["published"]) == {State.UNREAD: 1}
    assert join.reasons == {reference: "no reader for ts files"}


@pytest.mark.parametrize("data", [b"{", b"\xff\xfe\x00", b'{"a": NaN}', b"[" * 100_000])
def test_a_damaged_document_is_unreadable_not_a_crash(data: bytes) -> None:
    """Everything fetched is hostile."""
    with pytest.raises(Unreadable):
        list(candidates("tools.json", data, {"cancel_job"}))


def test_a_hostile_document_gives_no_candidates_and_no_crash() -> None:
    hostile = {"name": "cancel_job", "description": 7, "tools": {"cancel_job": {"inputSchema": "x"}}}
    found = list(candidates("tools.json", json.dumps(hostile).encode(), {"cancel_job"}))
    assert {definition.fingerprint for definition in found} == {ToolDefinition("", "cancel_job").fingerprint}


def test_python_source_is_read_without_running_it() -> None:
    source = b'''
from mcp.server.fastmcp import FastMCP
mcp = FastMCP("jobs")
raise SystemExit("this must not run")

@mcp.tool()
def cancel_job(job: str) -> str:
    """Ends a running job."""
'''
    found = list(candidates("server.py", source, {"cancel_job"}))
    assert found[0].description == "Ends a running job."
    join = Join([label(found[0], "someone/jobs@0123abc:server.py")])
    (file,) = join.files()
    join.read(Fetched(file, source))
    assert dict(join.by_source()["published"]) == {State.JOINED: 1}


@pytest.mark.parametrize(
    ("text", "url"),
    [
        (REF, "https://github.com/someone/jobs/raw/0123abc/published/tools.json"),
        (
            "forge.example.org/someone/jobs@0123abc:a b/@x?.json",
            "https://forge.example.org/someone/jobs/raw/0123abc/a%20b/%40x%3F.json",
        ),
    ],
)
def test_a_file_reference_says_where_its_bytes_are(text: str, url: str) -> None:
    found = parse_reference(text)
    assert isinstance(found, FileReference)
    assert found.url == url


def test_a_reference_cannot_leave_its_repository() -> None:
    assert parse_reference("someone/jobs@0123abc:../../elsewhere/tools.json") is None


def test_packages_are_started_at_the_labelled_version() -> None:
    """As the index knows them, else by scope."""
    refs = ("@scope/some-server@1.2.3", "some-unknown-server@2026.1.1", "mcp-server-fetch@2026.10.24")
    records = package_records([label(defined(CANCEL), ref) for ref in (*refs, REF, refs[0])])
    launches = {ref.name: record.launch for ref, record in records.items()}
    assert {name: (launch.kind, launch.version) for name, launch in launches.items() if launch} == {
        "@scope/some-server": (LaunchKind.NPM, "1.2.3"),
        "some-unknown-server": (LaunchKind.PYPI, "2026.1.1"),
        "mcp-server-fetch": (LaunchKind.PYPI, "2026.10.24"),
    }


def test_what_a_started_package_lists_is_joined_by_fingerprint() -> None:
    reference = PackageReference("some-server", "1.2.3")
    other = {**CANCEL, "name": "pause_job"}
    labels = [
        label(defined(one), "some-server@1.2.3") for one in (CANCEL, other, {"name": "x", "title": "X"})
    ]
    join = Join(labels)
    record = ServerRecord("some-server", "pypi")
    listed = (defined({**CANCEL, "outputSchema": SCHEMA}), defined({**other, "description": "Changed."}))
    join.crawled(reference, CrawlResult(record, Outcome.OK, definitions=listed))
    assert [join.state(one) for one in labels] == [State.JOINED, State.CHANGED, State.MISSING]
    failed = Join(labels)
    failed.crawled(reference, CrawlResult(record, Outcome.START_FAILED, reason="it does not start"))
    assert {failed.state(one) for one in labels} == {State.UNREACHED}
    assert failed.reasons == {"some-server@1.2.3": "it does not start"}


def _answers(handler: Callable[[httpx2.Request], httpx2.Response]) -> httpx2.MockTransport:
    return httpx2.MockTransport(handler)


def _references(*paths: str) -> list[FileReference]:
    return [FileReference("forge.example.org", "someone/jobs", "0123abc", path) for path in paths]


def test_files_are_fetched_at_their_commit_and_redirects_are_followed() -> None:
    def answer(request: httpx2.Request) -> httpx2.Response:
        if request.url.host == "forge.example.org" and request.url.path.endswith("tools.json"):
            return httpx2.Response(302, headers={"location": "https://raw.example.org/0123abc/tools.json"})
        if request.url.host == "raw.example.org":
            return httpx2.Response(200, json={"tools": [CANCEL]})
        return httpx2.Response(404)

    found = list(fetch(_references("tools.json", "gone.json"), 2, _answers(answer)))
    assert json.loads(found[0].data or b"") == {"tools": [CANCEL]}
    assert (found[1].data, found[1].reason, found[1].offline) == (None, "HTTP 404", False)


@pytest.mark.parametrize("error", [httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.ProxyError])
def test_without_a_network_a_host_is_asked_once(error: type[httpx2.TransportError]) -> None:
    """Offline is said at once, not after a thousand timeouts."""
    asked: list[str] = []

    def refuse(request: httpx2.Request) -> httpx2.Response:
        asked.append(request.url.path)
        raise error("no route")

    found = list(fetch(_references(*(f"{number}.json" for number in range(50))), 1, _answers(refuse)))
    assert len(asked) == 1
    assert all(one.offline for one in found)


def test_an_endless_file_is_given_up() -> None:
    def flood(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, content=b"x" * (MAX_BYTES + 1))

    (found,) = fetch(_references("big.json"), 1, _answers(flood))
    assert (found.data, found.reason) == (None, "larger than 64 MiB")


def test_labels_with_errors_are_not_joined(tmp_path: Path) -> None:
    path = tmp_path / "labels.jsonl"
    path.write_text('{"tool": "x"}\n', encoding="utf-8")
    with pytest.raises(NotDefinitions, match=r"labels\.jsonl:1: \?/x: without"):
        read_labels(path)


def test_joined_rows_are_what_training_reads(tmp_path: Path) -> None:
    """The label's own fields arrive: category, group, source, reference."""
    definition = defined(CANCEL)
    join = Join([label(definition)])
    join.offer([definition])
    path = tmp_path / "labelled.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in join.rows()), encoding="utf-8")
    (row,) = read_labelled(path)
    assert row.definition.fingerprint == definition.fingerprint
    assert (row.category.value, row.group, row.source, row.reference) == (
        "Destructive",
        "jobs",
        "published",
        REF,
    )
