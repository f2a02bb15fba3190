"""The data to take away: whole, the same as the pages, valid under the schemas that stand beside it."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from catalog.db.store import Store
from catalog.site import registry
from catalog.site.build import BuildOptions, build
from catalog.site.downloads import size_words


@pytest.fixture(scope="session")
def built(drifting: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("downloads")
    with closing(drifting.opened(folder)) as store:
        build(store, folder / "site", BuildOptions(), lambda done, total: None)
    return folder / "site"


@pytest.fixture(scope="session")
def schemas(site: Path) -> Callable[[str], Draft202012Validator]:
    def validator(name: str) -> Draft202012Validator:
        schema = json.loads((site / f"data/schemas/{name}.schema.json").read_text())
        Draft202012Validator.check_schema(schema)
        return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)

    return validator


def twins(site: Path) -> Iterator[tuple[str, Path]]:
    """Every JSON file of a site with the name of its schema."""
    for path in sorted(site.rglob("*.json")):
        parts = path.relative_to(site).parts
        if parts[0] == "tools":
            names = {"index.json": "server", "policy.json": "policy-1", "policy-2.json": "policy-2"}
            yield names.get(path.name, "tool"), path
        elif parts[0] in ("attacks", "rules", "v0.1"):
            yield {"attacks": "attack", "rules": "rule", "v0.1": "registry"}[parts[0]], path
        elif parts[0].startswith("disagreements"):
            yield "disagreements", path
        elif parts[:2] in (("data", "servers.json"), ("data", "coverage.json")):
            yield path.stem, path


def test_every_twin_of_a_built_site_is_valid_under_its_schema(
    site: Path, built: Path, schemas: Callable[[str], Draft202012Validator]
) -> None:
    seen: set[str] = set()
    known: dict[str, Draft202012Validator] = {}
    for folder in (site, built):
        for name, path in twins(folder):
            found = known.setdefault(name, schemas(name)).iter_errors(json.loads(path.read_text()))
            assert [f"{path}: {error.json_path}: {error.message}" for error in found] == []
            seen.add(name)
    assert seen == {"tool", "server", "policy-1", "policy-2", "attack", "rule", "registry", "disagreements", "servers", "coverage"}  # fmt: skip


def test_every_json_file_has_a_schema(site: Path) -> None:
    with_schema = {path for _, path in twins(site)}
    rest = {path.relative_to(site).as_posix() for path in site.rglob("*.json") if path not in with_schema}
    assert {name for name in rest if not name.startswith("data/schemas/")} == {".catalog-site.json"}


def test_lines_are_valid_under_their_schemas(
    built: Path, schemas: Callable[[str], Draft202012Validator]
) -> None:
    for text, name in (
        ((built / "changes/changes.jsonl").read_text(), "change"),
        (gzip.decompress((built / "data/tools.jsonl.gz").read_bytes()).decode(), "tool"),
    ):
        rows = [json.loads(line) for line in text.splitlines()]
        assert rows
        validator = schemas(name)
        assert [error.message for row in rows for error in validator.iter_errors(row)] == []


def test_the_schemas_refuse_what_is_wrong(site: Path, schemas: Callable[[str], Draft202012Validator]) -> None:
    row = json.loads(next(path for name, path in twins(site) if name == "tool").read_text())
    validator = schemas("tool")
    for wrong in (
        {"risk": "Severe"},
        {"confidence": 1.5},
        {"fingerprint": "abc"},
        {"surprise": 1},
        {"first_seen": 5},
    ):
        assert list(validator.iter_errors({**row, **wrong})), wrong
    del row["evidence"]
    assert list(validator.iter_errors(row))


def test_the_lines_of_tools_are_the_twins(built: Path) -> None:
    lines = gzip.decompress((built / "data/tools.jsonl.gz").read_bytes()).decode().splitlines()
    rows = [json.loads(line) for line in lines]
    pages = sorted(path for name, path in twins(built) if name == "tool")
    assert len(rows) == len(pages)
    for row in rows:
        page = built / row.pop("page")
        assert page.is_file()
        assert json.loads(page.with_suffix(".json").read_text()) == row


def test_the_list_of_servers_counts_what_the_pages_count(built: Path) -> None:
    rows = json.loads((built / "data/servers.json").read_text())
    assert [row["name"] for row in rows] == ["</script><b>x", "ledger", "orchard"]
    for row in rows:
        twin = json.loads((built / row["json"]).read_text())
        assert (built / row["page"]).is_file()
        assert (built / row["policy"]).is_file()
        assert row["levels"] == twin["levels"]
        assert row["exposure"]["grade"] == twin["exposure"]["grade"]
        assert row["tools_total"] == len(twin["tools"])
    assert [row["name"] for row in json.loads((built / "data/coverage.json").read_text())] == ["sealed"]


def test_the_database_is_read_by_the_catalogue_and_has_no_table_of_the_gateway(
    built: Path, tmp_path: Path
) -> None:
    (tmp_path / "copy.sqlite3").write_bytes((built / "data/catalogue.sqlite3").read_bytes())
    assert b"journal_head" not in (tmp_path / "copy.sqlite3").read_bytes()
    with closing(Store.open(f"sqlite:///{tmp_path}/copy.sqlite3")) as store:
        assert len(list(store.changes())) == len((built / "changes/changes.jsonl").read_text().splitlines())
        build(store, tmp_path / "site", BuildOptions(), lambda done, total: None)
    page = "tools/orchard/cancel_job.html"
    assert (tmp_path / "site" / page).read_bytes() == (built / page).read_bytes()


def test_the_registry_has_the_shape_of_the_api(built: Path) -> None:
    """MCP registry API, `ServerList` and `ServerResponse`: servers with name, description and version; no foreign key under _meta."""
    listed = json.loads((built / "v0.1/servers/index.json").read_text())
    assert set(listed) == {"servers", "metadata"}
    names = []
    for row in listed["servers"]:
        names.append(row["server"]["name"])
        assert list(row["_meta"]) == [registry.META]
        home = row["_meta"][registry.META]["page"].split("/")[1]
        folder = built / "v0.1/servers" / home / "versions"
        latest = json.loads((folder / "latest.json").read_text())
        assert latest["server"] == row["server"]
        assert (folder / "2.1.0.json").read_bytes() == (folder / "latest.json").read_bytes()
        assert latest["_meta"][registry.META]["tools"]
    assert len(set(names)) == len(names) == 3
    assert "unregistered/orchard" in names
    packages = {row["server"]["name"]: row["server"]["packages"] for row in listed["servers"]}
    assert packages["unregistered/orchard"] == [
        {
            "registryType": "pypi",
            "identifier": "orchard-mcp",
            "version": "2.1.0",
            "transport": {"type": "stdio"},
        }
    ]


@pytest.mark.parametrize("version", ["../../x", "con", "latest", "1.0.", "a/b", "", "1.0\u202e", "LATEST"])
def test_a_version_that_is_no_file_name_has_no_file(
    generated: ModuleType, tmp_path: Path, version: str
) -> None:
    entry = replace(generated.server("orchard", 2, seed=1), package_version=version)
    build(generated.Listed((entry,)), tmp_path / "site", BuildOptions(), lambda done, total: None)
    names = sorted(path.name for path in (tmp_path / "site/v0.1/servers/orchard/versions").iterdir())
    expected = ["latest.json"] if version else ["latest.json", "read-2026-11-21.json"]
    assert names == expected


def test_the_page_lists_every_file_with_its_size(built: Path, reader: ModuleType) -> None:
    page = reader.read(built / "data/index.html")
    for name in ("data/servers.json", "data/tools.jsonl.gz", "data/catalogue.sqlite3", "changes/changes.jsonl", "feed.xml", "v0.1/servers/index.json"):  # fmt: skip
        assert f"../{name}" in page.links
        assert size_words((built / name).stat().st_size) in page.text
    for path in (built / "data/schemas").iterdir():
        assert f"../data/schemas/{path.name}" in page.links


def test_where_there_is_no_database_the_page_says_so(site: Path, reader: ModuleType) -> None:
    assert not (site / "data/catalogue.sqlite3").exists()
    assert "not made from an SQLite file" in reader.read(site / "data/index.html").text


def test_llms_txt_has_a_title_a_summary_and_links_that_lead_somewhere(built: Path) -> None:
    lines = (built / "llms.txt").read_text().splitlines()
    assert lines[0].startswith("# ")
    assert lines[2].startswith("> ")
    links = [line.split("](")[1].split(")")[0] for line in lines if line.startswith("- [")]
    assert len(links) > 10
    assert [link for link in links if not (built / link).is_file()] == []


def test_the_sitemap_names_the_pages_of_changes_and_data(drifting: ModuleType, tmp_path: Path) -> None:
    with closing(drifting.opened(tmp_path, 1)) as store:
        build(
            store, tmp_path / "site", BuildOptions(base_url="https://example.org/"), lambda done, total: None
        )
    text = (tmp_path / "site/sitemap-1.xml").read_text()
    for name in ("changes/index.html", "changes/2026-11-01.html", "data/index.html"):
        assert f"<loc>https://example.org/{name}</loc>" in text


def test_sizes_in_words() -> None:
    assert [size_words(size) for size in (0, 1, 999, 1000, 9_949, 9_951, 999_499, 999_500, 37_400_000)] == [
        "0 bytes", "1 byte", "999 bytes", "1.0 kB", "9.9 kB", "10 kB", "999 kB", "1.0 MB", "37 MB",
    ]  # fmt: skip


@given(st.integers(0, 10**15))
def test_a_size_in_words_is_close_to_the_size(size: int) -> None:
    number, unit = size_words(size).split()
    factor = {"byte": 1, "bytes": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}[unit]
    assert abs(float(number) * factor - size) <= 0.06 * size
