"""Reading corrected labels, alike on SQLite and PostgreSQL: what is filtered, ordered and counted is what is shown."""

from datetime import date

import pytest

from catalog.db.review import ReviewQuery
from catalog.db.search import SearchQuery
from catalog.db.store import Store
from catalog.overrides.book import Overrides
from catalog.records import Override
from classifier.types import Category, DecidedBy, Level

TODAY = date(2026, 1, 1)


def correction(definition, category=Category.WRITE, risk=Level.MEDIUM, **fields):
    return Override(
        server=definition.server,
        tool=definition.name,
        fingerprint=definition.fingerprint,
        category=category,
        risk=risk,
        reason="it only archives",
        author="Ada",
        date=TODAY,
        **fields,
    )


@pytest.fixture
def definitions(make):
    return {
        "cancel": make.definition("cancel_job", description="Ends a job."),
        "list": make.definition("list_jobs", description="Shows jobs."),
        "other": make.definition("cancel_job", server="other", description="Ends a job."),
        "doubtful": make.definition("manage", server="other", description="Manages."),
    }


@pytest.fixture
def filled(store, make, definitions):
    """Two servers that share the definition of cancel_job."""
    here = [definitions["cancel"], definitions["list"]]
    there = [definitions["other"], definitions["doubtful"]]
    make.collect(store, make.result(*here), make.result(*there, server="other"))
    store.save_classifications(
        make.version,
        [
            make.label(definitions["cancel"], Category.DESTRUCTIVE, Level.CRITICAL),
            make.label(definitions["list"]),
            make.label(definitions["doubtful"], Category.WRITE, Level.HIGH, doubtful=True),
        ],
    )
    return store


@pytest.fixture
def corrected(filled, url, clock):
    def reopen(*entries):
        return Store.open(url, clock=clock, overrides=Overrides.in_force(entries, TODAY))

    return reopen


def labels(entries):
    return [(e.server, e.definition.name, e.classification.category, e.classification.risk) for e in entries]


def test_a_corrected_tool_is_read_with_the_correction_and_what_it_overruled(corrected, definitions):
    with corrected(correction(definitions["cancel"])) as store:
        tool = next(tool for tool in store.server("workflows-mcp").tools if tool.override)
    assert tool.classification.decided_by is DecidedBy.PERSON
    assert (tool.overruled.category, tool.overruled.risk) == (Category.DESTRUCTIVE, Level.CRITICAL)


def test_the_same_definition_on_another_server_keeps_its_label(corrected, definitions):
    with corrected(correction(definitions["cancel"])) as store:
        assert store.server("other").tools[0].classification.risk is Level.CRITICAL


def test_filters_find_the_corrected_label_and_not_the_overruled_one(corrected, definitions):
    with corrected(correction(definitions["cancel"])) as store:
        critical = store.search(SearchQuery(level=Level.CRITICAL))
        written = store.search(SearchQuery(category=Category.WRITE, level=Level.MEDIUM))
    assert [tool.server for tool in critical] == ["other"]
    assert labels(written) == [("workflows-mcp", "cancel_job", Category.WRITE, Level.MEDIUM)]


def test_a_correction_for_any_server_holds_on_all_and_the_servers_own_goes_before_it(corrected, definitions):
    everywhere = correction(definitions["cancel"], any_server=True)
    own = correction(definitions["other"], Category.EXECUTE, Level.HIGH)
    with corrected(everywhere, own) as store:
        assert labels(store.search(SearchQuery(words="cancel job", category=Category.EXECUTE))) == [
            ("other", "cancel_job", Category.EXECUTE, Level.HIGH)
        ]
        assert [tool.server for tool in store.search(SearchQuery(level=Level.MEDIUM))] == ["workflows-mcp"]
        assert len(store.holding(definitions["cancel"].fingerprint)) == 2


def test_without_words_the_riskiest_corrected_label_comes_first(corrected, definitions):
    with corrected(correction(definitions["list"], Category.FINANCIAL, Level.CRITICAL)) as store:
        names = [tool.definition.name for tool in store.search(SearchQuery(server="workflows-mcp"))]
        limited = store.search(SearchQuery(limit=2))
    assert names == ["cancel_job", "list_jobs"]
    assert all(tool.classification.risk is Level.CRITICAL for tool in limited)


def test_totals_count_corrected_labels(corrected, definitions):
    with corrected(correction(definitions["cancel"])) as store:
        totals = store.totals()
    assert totals.by_level == {Level.CRITICAL: 1, Level.HIGH: 1, Level.MEDIUM: 1, Level.LOW: 1}
    assert totals.by_category[Category.WRITE] == 2


def test_thousands_of_corrections_fit_into_one_search(corrected, definitions, make):
    """Far more than one condition of a database may hold."""
    many = [correction(make.definition(f"t{n}")) for n in range(3000)]
    everywhere = [correction(make.definition(f"u{n}"), any_server=True) for n in range(3000)]
    with corrected(*many, *everywhere, correction(definitions["cancel"])) as store:
        assert len(store.search(SearchQuery(level=Level.MEDIUM))) == 1
        assert len(store.review(ReviewQuery())) == 1


def test_the_queue_holds_doubtful_and_drifted_tools_and_no_corrected_ones(corrected, definitions, make):
    """Issue: doubtful, conflicting, drifted, first by risk."""
    changed = make.definition("cancel_job", description="It archived a job once.")
    with corrected(correction(changed), correction(definitions["doubtful"])) as store:
        queue = store.review(ReviewQuery())
    assert labels(queue) == [("workflows-mcp", "cancel_job", Category.DESTRUCTIVE, Level.CRITICAL)]
    assert queue[0].outdated.fingerprint == changed.fingerprint


def test_the_queue_can_be_narrowed_to_server_level_and_number(corrected, definitions, make):
    changed = make.definition("cancel_job", description="It archived a job once.")
    with corrected(correction(changed)) as store:
        assert [tool.server for tool in store.review(ReviewQuery())] == ["workflows-mcp", "other"]
        assert [tool.server for tool in store.review(ReviewQuery(server="other"))] == ["other"]
        assert [tool.server for tool in store.review(ReviewQuery(level=Level.HIGH))] == ["other"]
        assert len(store.review(ReviewQuery(limit=1))) == 1


def test_a_server_that_had_a_definition_corrected_for_any_server_is_drifted_when_it_changes(
    corrected, definitions, make, filled
):
    changed = make.definition("cancel_job", server="other", description="Ends all jobs.")
    make.collect(filled, make.result(changed, server="other"))
    filled.save_classifications(make.version, [make.label(changed, Category.DESTRUCTIVE, Level.CRITICAL)])
    with corrected(correction(definitions["cancel"], any_server=True)) as store:
        assert [(tool.server, tool.outdated.server) for tool in store.review(ReviewQuery())] == [
            ("other", "workflows-mcp")
        ]


def test_what_is_stored_is_the_classifiers_own_answer(corrected, definitions, url, clock):
    with corrected(correction(definitions["cancel"])) as store:
        store.server("workflows-mcp")
    with Store.open(url, clock=clock, overrides=Overrides()) as store:
        assert store.server("workflows-mcp").tools[0].classification.category is Category.DESTRUCTIVE
