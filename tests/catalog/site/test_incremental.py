"""A build after a change makes what the change touches, and comes out as a full build would (site.md, "Build")."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.errors import UsageError
from catalog.records import ServerEntry
from catalog.site import kinds, work
from catalog.site.build import BuildOptions, build
from catalog.site.made import File, Joined, Kind

Changing = Callable[[list[ServerEntry], random.Random, ModuleType], list[ServerEntry]]


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def times(folder: Path) -> dict[str, int]:
    return {str(path.relative_to(folder)): path.stat().st_mtime_ns for path in folder.rglob("*.html")}


def recrawled(entries: list[ServerEntry], chance: random.Random, generated: ModuleType) -> list[ServerEntry]:
    """One server has been read again, with other tools."""
    at = chance.randrange(len(entries))
    anew = generated.server(entries[at].name, chance.randint(1, 14), seed=chance.randrange(10**6))
    later = entries[at].crawled_at + timedelta(days=chance.randint(0, 2))
    return [*entries[:at], replace(anew, crawled_at=later), *entries[at + 1 :]]


def relabelled(entries: list[ServerEntry], chance: random.Random, generated: ModuleType) -> list[ServerEntry]:
    """One tool has another label, which also shows on the pages of its kin."""
    at = chance.randrange(len(entries))
    if not entries[at].tools:
        return entries
    tools = list(entries[at].tools)
    one = chance.randrange(len(tools))
    other = generated.tool(entries[at].name, chance)
    label = replace(other.classification, fingerprint=tools[one].definition.fingerprint)
    tools[one] = replace(tools[one], classification=label)
    return [*entries[:at], replace(entries[at], tools=tuple(tools)), *entries[at + 1 :]]


def gone(entries: list[ServerEntry], chance: random.Random, generated: ModuleType) -> list[ServerEntry]:
    del generated
    at = chance.randrange(len(entries))
    return entries[:at] + entries[at + 1 :] if len(entries) > 1 else entries


def silent(entries: list[ServerEntry], chance: random.Random, generated: ModuleType) -> list[ServerEntry]:
    """A server has lost all its tools."""
    at = chance.randrange(len(entries))
    return [*entries[:at], replace(entries[at], tools=()), *entries[at + 1 :]]


def added(entries: list[ServerEntry], chance: random.Random, generated: ModuleType) -> list[ServerEntry]:
    """A new server, now and then one whose name folds to that of another."""
    name = chance.choice([f"new-{chance.randrange(100)}", entries[0].name.upper()])
    if name in {entry.name for entry in entries}:
        return entries
    return [*entries, generated.server(name, chance.randint(1, 10), seed=chance.randrange(10**6))]


CHANGES: tuple[Changing, ...] = (recrawled, relabelled, gone, silent, added)


@settings(max_examples=12, deadline=None)
@given(
    st.integers(0, 10**6),
    st.lists(st.lists(st.sampled_from(CHANGES), min_size=1, max_size=3), min_size=1, max_size=3),
)
def test_a_build_after_changes_is_the_full_build_byte_by_byte(
    generated: ModuleType, tmp_path_factory: pytest.TempPathFactory, seed: int, rounds: list[list[Changing]]
) -> None:
    folder, chance = tmp_path_factory.mktemp("sites"), random.Random(seed)
    options = BuildOptions(base_url="https://example.org/")
    entries = list(generated.catalogue(seed=seed % 7, servers=6, tools=9).entries)
    build(generated.Listed(tuple(entries)), folder / "site", options, lambda done, total: None)
    for changes in rounds:
        for change in changes:
            entries = change(entries, chance, generated)
        report = build(generated.Listed(tuple(entries)), folder / "site", options, lambda done, total: None)
    build(generated.Listed(tuple(entries)), folder / "full", options, lambda done, total: None)
    assert contents(folder / "site") == contents(folder / "full")
    assert contents(folder / ".site.catalog/spare") == contents(folder / "full")
    pages = sum(name.endswith(".html") for name in contents(folder / "full"))
    assert report.written + report.unchanged == pages


def test_a_server_that_gets_another_address_is_linked_there_by_the_servers_it_resembles(
    generated: ModuleType, tmp_path: Path
) -> None:
    """Of two names that fold to the same, the one seen first has the plain address, and now that is the other one."""
    one, other = generated.server("quarry", 6, seed=1), generated.server("harbour", 6, seed=1)
    known = {tool.definition.name for tool in one.tools}
    twins = (generated.server("HARBOUR", 1, seed=seed) for seed in range(100))
    twin = next(entry for entry in twins if entry.tools[0].definition.name not in known)
    for days, address in ((40, b"../harbour/index.html"), (-40, b"../harbour-aa74f6fd/index.html")):
        later = tuple(replace(tool, first_seen=tool.first_seen + timedelta(days=days)) for tool in twin.tools)
        entries = generated.Listed((replace(twin, tools=later), other, one))
        build(entries, tmp_path / "site", BuildOptions(), lambda done, total: None)
        assert address in (tmp_path / "site/tools/quarry/index.html").read_bytes()
    build(entries, tmp_path / "full", BuildOptions(), lambda done, total: None)
    assert contents(tmp_path / "site") == contents(tmp_path / "full")


def test_a_new_server_keeps_the_pages_it_has_at_the_address_of_one_that_is_gone(
    generated: ModuleType, tmp_path: Path
) -> None:
    one, gone, new = (generated.server(name, 4, seed=3) for name in ("quarry", "harbour", "HARBOUR"))
    build(generated.Listed((one, gone)), tmp_path / "site", BuildOptions(), lambda done, total: None)
    build(generated.Listed((one, new)), tmp_path / "site", BuildOptions(), lambda done, total: None)
    build(generated.Listed((one, new)), tmp_path / "full", BuildOptions(), lambda done, total: None)
    assert contents(tmp_path / "site") == contents(tmp_path / "full")


def test_only_what_a_change_touches_is_written(generated: ModuleType, tmp_path: Path) -> None:
    """A server nobody shares a tool name with is read again: its own pages and the lists, no other server's."""
    entries = [generated.server(name, 6, seed=number) for number, name in enumerate(("one", "two", "three"))]
    entries.append(generated.Listed((generated.server("odd", 2, seed=9),)).entries[0])
    build(generated.Listed(tuple(entries)), tmp_path / "site", BuildOptions(), lambda done, total: None)
    before = times(tmp_path / "site")
    entries[3] = replace(entries[3], title="Another title")
    build(generated.Listed(tuple(entries)), tmp_path / "site", BuildOptions(), lambda done, total: None)
    after = times(tmp_path / "site")
    touched = {name for name in after if after[name] != before.get(name)}
    assert not [name for name in touched if name.startswith(("tools/one/", "tools/two/", "tools/three/"))]
    assert "tools/index.html" in touched


def test_another_option_or_a_fresh_build_makes_everything_and_writes_only_what_differs(
    generated: ModuleType, tmp_path: Path
) -> None:
    catalogue = generated.catalogue()
    first = build(catalogue, tmp_path / "site", BuildOptions(), lambda done, total: None)
    again = build(catalogue, tmp_path / "site", BuildOptions(), lambda done, total: None, fresh=True)
    assert (again.written, again.unchanged, again.removed) == (0, first.written, 0)
    titled = build(catalogue, tmp_path / "site", BuildOptions(title="Other"), lambda done, total: None)
    assert titled.written == first.written


@pytest.mark.parametrize("damage", ["site", "state", "spare", "marker"])
def test_whatever_is_lost_between_builds_the_next_one_is_whole(
    generated: ModuleType, tmp_path: Path, damage: str
) -> None:
    import shutil

    build(generated.catalogue(), tmp_path / "site", BuildOptions(), lambda done, total: None)
    workshop = tmp_path / ".site.catalog"
    if damage == "site":
        shutil.rmtree(tmp_path / "site")
    elif damage == "state":
        (workshop / "state.sqlite3").write_bytes(b"SQLite format 3\0 but not really")
    elif damage == "spare":
        shutil.rmtree(workshop / "spare")
    else:
        (tmp_path / "site/.catalog-site.json").write_text('{"generation": "another"}')
    build(generated.catalogue(seed=2), tmp_path / "site", BuildOptions(), lambda done, total: None)
    build(generated.catalogue(seed=2), tmp_path / "full", BuildOptions(), lambda done, total: None)
    assert contents(tmp_path / "site") == contents(tmp_path / "full")


def test_a_file_joined_from_pieces_is_the_same_after_changes(
    generated: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pieces are gzip members, which may follow one another (RFC 1952, section 2.2)."""
    from catalog.site import joined

    made: list[str] = []

    def piece(around: object) -> bytes:
        made.append(around.server.name)
        lines = "".join(f"{facts.name}\n" for facts in around.server.tools)
        return gzip.compress(lines.encode(), mtime=0)

    both = (Joined("data/names.gz", piece), Joined("data/n.txt", lambda around: b"x", b"<", b",", b">"))
    for module in (kinds, work, joined):
        monkeypatch.setattr(module, "JOINED", both)
    entries = list(generated.catalogue().entries)
    build(generated.Listed(tuple(entries)), tmp_path / "site", BuildOptions(), lambda done, total: None)
    assert (tmp_path / "site/data/n.txt").read_text() == "<x,x,x,x>"
    made.clear()
    entries[1] = generated.server("ledger", 3, seed=77)
    build(generated.Listed(tuple(entries)), tmp_path / "site", BuildOptions(), lambda done, total: None)
    assert made == ["ledger"]
    names = gzip.decompress((tmp_path / "site/data/names.gz").read_bytes()).decode().split()
    expected = [tool.definition.name for entry in entries for tool in entry.tools]
    assert sorted(names) == sorted(expected)


def test_what_is_gleaned_of_unchanged_servers_is_kept(
    generated: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []

    def glean(entry: ServerEntry) -> int:
        read.append(entry.name)
        return len(entry.tools)

    def pages(whole: object):
        sums = {row.name: count for row, count in whole.gleaned("sums")}
        yield File("data/sums.json", json.dumps(sums))

    monkeypatch.setattr(work, "KINDS", (*kinds.KINDS, Kind("sums", pages, glean)))
    monkeypatch.setattr("catalog.site.build.KINDS", (*kinds.KINDS, Kind("sums", pages, glean)))
    entries = list(generated.catalogue().entries)
    build(generated.Listed(tuple(entries)), tmp_path / "site", BuildOptions(), lambda done, total: None)
    read.clear()
    entries[0] = generated.server("orchard", 3, seed=5)
    build(generated.Listed(tuple(entries)), tmp_path / "site", BuildOptions(), lambda done, total: None)
    assert read == ["orchard"]
    assert json.loads((tmp_path / "site/data/sums.json").read_text())["orchard"] == 3


def test_a_choice_of_servers_is_a_site_of_those(generated: ModuleType, tmp_path: Path) -> None:
    for options in (BuildOptions(only=("harbour", "atlas")), BuildOptions(limit_servers=2)):
        build(generated.catalogue(), tmp_path / "site", options, lambda done, total: None)
        folders = sorted(path.name for path in (tmp_path / "site/tools").iterdir() if path.is_dir())
        assert folders == ["atlas", "harbour"]
    with pytest.raises(UsageError, match="nobody") as caught:
        build(
            generated.catalogue(), tmp_path / "site", BuildOptions(only=("nobody",)), lambda done, total: None
        )
    assert caught.value.hint
