"""Full-text search, alike on SQLite (FTS5) and PostgreSQL (tsvector)."""

from contextlib import nullcontext

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.db.search import SearchQuery
from catalog.db.store import Store
from classifier.types import Category, Level

HOSTILE = [
    '"',
    "'",
    "''",
    '""',
    "*",
    "cancel*",
    '"cancel',
    "cancel OR",
    "NOT cancel",
    "AND",
    "NEAR(a b)",
    "name:cancel",
    "(",
    ")",
    "^cancel",
    "a AND (b",
    "cancel -job",
    "cancel + job",
    "{name_words}: cancel",
    "\\",
    "%",
    "_",
    "\x00",
    "\ud800",
    "cancel\x00job",
    ":*",
    "a & | !",
    "<->",
    "'; DROP TABLE tools; --",
    "x" * 100_000,
    "a " * 10_000,
    "\u202e",
    "é̂̂̂",
    "🙂",
]


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def filled(request, make, tmp_path_factory):
    """One catalogue on each engine, for all tests that only search."""
    if request.param == "sqlite":
        context = nullcontext(f"sqlite:///{tmp_path_factory.mktemp('search')}/catalog.sqlite")
    else:
        context = request.getfixturevalue("postgres_database")()
    with context as url, Store.open(url) as store:
        fill(store, make)
        yield store


def fill(store, make):
    tools = {
        "cancel_job": (Category.DESTRUCTIVE, Level.CRITICAL, "Ends a running job. Its work is lost."),
        "listJobs": (Category.READ, Level.LOW, "Shows every job, also those somebody wanted to cancel."),
        "createIssue_v2": (Category.WRITE, Level.MEDIUM, "Opens an issue in the café's tracker."),
        "remove": (Category.DESTRUCTIVE, Level.HIGH, "请删除文件"),
        "HTTPServerStop": (Category.EXECUTE, Level.HIGH, None),
    }
    definitions = {name: make.definition(name, description=text) for name, (_, _, text) in tools.items()}
    other = make.definition("cancel_job", server="other", description="Ends a job here too.")
    make.collect(store, make.result(*definitions.values()), make.result(other, server="other"))
    labels = [make.label(definitions[name], category, level) for name, (category, level, _) in tools.items()]
    store.save_classifications(make.version, [*labels, make.label(other, Category.DESTRUCTIVE, Level.HIGH)])


def found(store, words="", **filters):
    return [tool.definition.name for tool in store.search(SearchQuery(words, **filters))]


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("cancel_job", ["cancel_job", "cancel_job", "listJobs"]),
        ("CANCEL", ["cancel_job", "cancel_job", "listJobs"]),
        ("canc jo", ["cancel_job", "cancel_job", "listJobs"]),
        ("running lost", ["cancel_job"]),
        ("create issue", ["createIssue_v2"]),
        ("createissue", ["createIssue_v2"]),
        ("http server", ["HTTPServerStop"]),
        ("cafe", ["createIssue_v2"]),
        ("café", ["createIssue_v2"]),
        ("删除", ["remove"]),
        ("文件", ["remove"]),
        ("除删", []),
        ("nothing_like_it", []),
        ("...", []),
    ],
)
def test_words_of_names_and_descriptions_are_found_names_first(filled, words, names):
    assert found(filled, words) == names


def test_a_tool_with_exactly_that_name_comes_first(store, make):
    tools = [make.definition(name) for name in ("read_file_read_file", "read_file", "read_files")]
    make.collect(store, make.result(*tools))
    store.save_classifications(make.version, map(make.label, tools))
    assert found(store, "read_file")[0] == "read_file"


def test_without_words_the_riskiest_come_first(filled):
    assert found(filled)[0] == "cancel_job"
    assert found(filled)[-1] == "listJobs"


def test_filters_narrow_the_result(filled):
    assert found(filled, "cancel", server="other") == ["cancel_job"]
    assert found(filled, category=Category.WRITE) == ["createIssue_v2"]
    assert found(filled, level=Level.HIGH, category=Category.DESTRUCTIVE) == ["cancel_job", "remove"]
    assert found(filled, "cancel", level=Level.LOW) == ["listJobs"]
    assert found(filled, limit=2) == ["cancel_job", "cancel_job"]


def test_tools_that_are_gone_are_not_found(store, make):
    fill(store, make)
    make.collect(store, make.result(make.definition("listJobs")))
    assert found(store, "running") == []


@pytest.mark.parametrize("words", HOSTILE)
def test_no_query_raises_however_hostile(filled, words):
    assert isinstance(found(filled, words, server=words), list)
    assert isinstance(found(filled, words), list)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(words=st.text(max_size=20))
def test_any_text_can_be_searched_for(filled, words):
    assert len(found(filled, words)) <= 6


# Letters that both engines and Python agree on: their Unicode tables are of different age.
LETTERS = st.sampled_from("abcXYZ019éßÜŁñжЖλ删除文件かなガ한글 _-.,!/")


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(description=st.text(LETTERS, max_size=30))
def test_a_tool_is_found_by_each_word_of_its_description(store, make, description):
    definition = make.definition("x", description=description)
    make.collect(store, make.result(definition))
    store.save_classifications(make.version, [make.label(definition)])
    assert found(store, description) == (
        ["x"] if not description.strip() or any(c.isalnum() for c in description) else []
    )
