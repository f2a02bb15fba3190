"""The files that the search in the browser loads (site.md, "Search")."""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import ModuleType

from catalog.site.index import index
from catalog.site.search_data import BLOCK, SHARD, search_files
from catalog.site.search_words import name_words, text_words
from classifier.types import ToolDefinition


def called(text: str) -> list[object]:
    """The arguments of the one call that a file makes."""
    found = re.fullmatch(r"catalogSearch\.\w+\((.*)\);\n", text, re.DOTALL)
    assert found is not None
    return json.loads(f"[{found[1]}]")


def data(files: dict[str, str]) -> tuple[dict[str, object], list[list[str]], dict[str, list[str]]]:
    """Head, entries in the order of their numbers, and words."""
    entries: list[list[str]] = []
    words: dict[str, list[str]] = {}
    for name in sorted(files, key=lambda name: int(re.sub(r"\D", "", name) or 0)):
        if re.fullmatch(r"d\d+.js", name):
            entries += called(files[name])[1]
        elif re.fullmatch(r"w\d+.js", name):
            words |= called(files[name])[1]
    return called(files["index.js"])[0], entries, words


def numbers(kept: str) -> list[int]:
    found, at = [], 0
    for step in kept.split(",") if kept else ():
        at += int(step)
        found.append(at)
    return found


def test_every_tool_and_server_is_an_entry_that_leads_to_its_page(site: Path) -> None:
    files = {path.name: path.read_text() for path in (site / "data/search").iterdir()}
    head, entries, _ = data(files)
    assert head["count"] == len(entries) == 48 + 4
    for name, server, where, sign in entries:
        page = site / "tools" / (f"{where}.html" if server else f"{where}/index.html")
        assert page.is_file(), name
        if server:
            twin = json.loads(page.with_suffix(".json").read_text())
            level, category = divmod(head["signs"].index(sign), len(head["categories"]))
            assert (twin["risk"], twin["category"]) == (head["levels"][level], head["categories"][category])
    assert called(files["f0.js"])[1] == "".join(entry[3] for entry in entries)


def test_a_word_leads_to_the_names_and_texts_that_hold_it(generated: ModuleType) -> None:
    found = index(generated.catalogue(servers=4, tools=30))
    files = {file.path.rpartition("/")[2]: str(file.content) for file in search_files(found)}
    _, entries, words = data(files)
    for word in ("cancel", "invoice", "harbour", "workspace"):
        in_names, in_texts, in_servers = (numbers(kept) for kept in words.get(word, ["", "", ""]))
        expected = [at for at, entry in enumerate(entries) if word in name_words(entry[0])]
        assert in_names == expected
        assert not set(in_names) & set(in_texts)
        assert all(entries[at][1] == word or entries[at][0] == word for at in in_servers)


def test_short_names_have_the_low_numbers(generated: ModuleType) -> None:
    """Then the first hits of a word are the best ones, and few files hold them."""
    found = index(generated.catalogue(servers=4, tools=30))
    files = {file.path.rpartition("/")[2]: str(file.content) for file in search_files(found)}
    _, entries, _ = data(files)
    lengths = [len(name_words(entry[0])) for entry in entries if entry[1]]
    assert lengths == sorted(lengths)


def test_files_stay_small_and_are_found_by_their_first_word(generated: ModuleType) -> None:
    found = index(generated.Streamed(1_200))
    files = {file.path.rpartition("/")[2]: str(file.content) for file in search_files(found)}
    head, _, words = data(files)
    starts = head["starts"]
    assert starts == sorted(starts)
    assert set(starts) <= words.keys()
    for name, text in files.items():
        if name.startswith("w"):
            held = called(text)[1]
            assert len(held) == 1 or len(text) <= SHARD + 100
        if name.startswith("d"):
            assert len(called(text)[1]) <= BLOCK


def test_names_are_found_by_their_words_and_as_one_word() -> None:
    assert name_words("cancelJob") == ["cancel", "job", "canceljob"]
    assert name_words("cancel") == ["cancel"]
    assert name_words("💥") == []


def test_the_words_of_a_text_are_those_that_tell_something() -> None:
    definition = ToolDefinition(
        "s", "cancel_job", description="Cancels the job of a team, and all of its runs."
    )
    assert text_words(definition, name_words("cancel_job")) == ["cancels", "team", "runs"]
