"""What is recorded is what is read back, on SQLite and PostgreSQL (crawling page, "Store")."""

import tracemalloc
from datetime import timedelta

import pytest
from sqlalchemy import event, text

from catalog.db.models import Base
from catalog.db.store import Store
from catalog.errors import DatabaseError
from catalog.records import Launch, LaunchKind, Outcome, ServerRecord
from classifier.types import Category, Level, Provenance


def classify(store, make, *definitions, **fields):
    return store.save_classifications(
        make.version, [make.label(definition, **fields) for definition in definitions]
    )


def names(entry):
    return [tool.definition.name for tool in entry.tools]


def test_a_server_comes_back_as_it_was_recorded(store, make):
    job = make.definition(
        "cancel_job", description="Cancels it.", input_schema={"properties": {"b": {}, "a": {}}}
    )
    found = make.label(job, Category.DESTRUCTIVE, Level.CRITICAL)
    notes = {"notes": ("started with an older SDK",), "unread": ("a name in server.py:3",)}
    make.collect(
        store,
        make.result(job, package_version="10.0.0", protocol_version="2025-11-25", isolation="bwrap", **notes),
    )
    assert store.save_classifications(make.version, [found]) == 1
    entry = store.server("workflows-mcp")
    (tool,) = entry.tools
    assert (tool.definition, tool.classification, tool.server) == (job, found, "workflows-mcp")
    assert list(tool.definition.input_schema["properties"]) == ["b", "a"]  # the author's order of parameters
    assert (entry.title, entry.repository) == ("Title of workflows-mcp", "https://example.org/workflows-mcp")
    assert (entry.package, entry.package_version, entry.protocol_version) == (
        "pypi:workflows-mcp",
        "10.0.0",
        "2025-11-25",
    )
    assert (entry.source, entry.provenance, entry.outcome, entry.isolation) == (
        "bundled",
        Provenance.LIVE,
        Outcome.OK,
        "bwrap",
    )
    assert (entry.notes, entry.unread) == (notes["notes"], notes["unread"])
    assert entry.crawled_at == entry.listed_at == tool.first_seen == tool.last_seen


def test_where_a_definition_came_from_belongs_to_the_server_that_has_it(store, make):
    # The same definition may be live on one server and read from source on another (our decision).
    here = make.definition(
        server="a", provenance=Provenance.SOURCE, location="s.py:3@abc", description_unread=True
    )
    there = make.definition(server="b")
    assert here.fingerprint == there.fingerprint
    make.collect(store, make.result(here, server="a"), make.result(there, server="b"))
    classify(store, make, here)
    assert [store.server(name).tools[0].definition for name in "ab"] == [here, there]
    assert store.totals().definitions == 1


def test_an_unknown_server_is_none(store):
    assert store.server("nobody") is None


def test_tools_stand_riskiest_first_then_by_name(store, make):
    tools = [make.definition(name) for name in ("b", "a", "d", "c")]
    levels = [Level.LOW, Level.LOW, Level.CRITICAL, Level.UNKNOWN]
    make.collect(store, make.result(*tools))
    store.save_classifications(
        make.version, [make.label(t, Category.READ, level) for t, level in zip(tools, levels, strict=True)]
    )
    assert names(store.server("workflows-mcp")) == ["c", "d", "a", "b"]


def test_a_definition_listed_twice_is_one_tool(store, make):
    make.collect(store, make.result(make.definition(), make.definition()))
    classify(store, make, make.definition())
    assert names(store.server("workflows-mcp")) == ["list_jobs"]


def everything(store):
    with store._engine.connect() as connection:
        return {
            table.name: {tuple(map(str, row)) for row in connection.execute(table.select())}
            for table in Base.metadata.sorted_tables
        }


def test_recrawling_an_unchanged_server_writes_one_row(store, make):
    # Crawling page: "Re-crawling an unchanged server writes one row".
    tools = [make.definition(name, description=f"Does {name}.") for name in ("a", "b", "c")]
    result = make.result(*tools, package_version="1.0")
    make.collect(store, result)
    classify(store, make, *tools)
    crawl = store.begin_crawl(["workflows-mcp"])
    before = everything(store)
    written = []
    listen = (
        store._engine,
        "after_cursor_execute",
        lambda _c, cursor, statement, *_: written.append((statement.split()[0], cursor.rowcount)),
    )
    event.listen(*listen)
    store.record(crawl, result)
    assert classify(store, make, *tools) == 0
    event.remove(*listen)
    changed = [
        (verb, count) for verb, count in written if verb not in {"SELECT", "BEGIN", "PRAGMA"} and count
    ]
    assert changed == [("INSERT", 1)]
    after = everything(store)
    assert len(after.pop("outcomes") - before["outcomes"]) == 1
    before.pop("outcomes")
    assert after == before


def test_a_failed_crawl_keeps_the_tools_and_says_how_it_failed(store, make):
    tool = make.definition()
    make.collect(store, make.result(tool, package_version="1.0"))
    classify(store, make, tool)
    listed = store.server("workflows-mcp")
    failed = make.result(
        outcome=Outcome.TIMEOUT, reason="no answer in 60 s", next_step="--timeout 120", provenance=None
    )
    make.collect(store, failed)
    entry = store.server("workflows-mcp")
    assert entry.tools == listed.tools
    assert (entry.outcome, entry.reason, entry.next_step) == (
        Outcome.TIMEOUT,
        "no answer in 60 s",
        "--timeout 120",
    )
    assert (entry.listed_at, entry.package_version, entry.provenance) == (
        listed.listed_at,
        "1.0",
        Provenance.LIVE,
    )
    assert entry.crawled_at > listed.crawled_at
    assert store.failures() == [entry]


def test_a_server_that_never_gave_tools_is_known_by_its_failure(store, make):
    make.collect(
        store, make.result(outcome=Outcome.INSTALL_FAILED, reason="no such package", provenance=None)
    )
    (entry,) = store.failures()
    assert (entry.tools, entry.listed_at, entry.package) == ((), None, "pypi:workflows-mcp")
    assert store.server_names() == ["workflows-mcp"]


def test_a_tool_that_is_gone_ends_with_the_last_crawl_that_had_it(store, make):
    stays, goes = make.definition("stays"), make.definition("goes")
    first = make.collect(store, make.result(stays, goes))
    second = make.collect(store, make.result(stays, goes))
    classify(store, make, stays, goes)
    seen = store.server("workflows-mcp").crawled_at
    make.collect(store, make.result(outcome=Outcome.TIMEOUT))
    make.collect(store, make.result(stays))
    assert names(store.server("workflows-mcp")) == ["stays"]
    (sighting,) = store.history("workflows-mcp", "goes")
    assert (sighting.first_crawl, sighting.last_crawl, sighting.last_seen, sighting.current) == (
        first,
        second,
        seen,
        False,
    )


def test_a_changed_text_is_a_new_definition_and_both_stand_in_the_history(store, make):
    old, new = make.definition(description="Lists."), make.definition(description="Lists and deletes.")
    first = make.collect(store, make.result(old))
    second = make.collect(store, make.result(new))
    classify(store, make, new)
    history = store.history("workflows-mcp", "list_jobs")
    assert [sighting.fingerprint for sighting in history] == [old.fingerprint, new.fingerprint]
    assert [(sighting.first_crawl, sighting.last_crawl) for sighting in history] == [
        (first, first),
        (second, None),
    ]
    assert [sighting.classification is None for sighting in history] == [True, False]


def test_a_tool_that_comes_back_is_seen_anew_and_first_seen_is_when_it_came_back(store, make):
    tool = make.definition()
    for definitions in ((tool,), (), (tool,)):
        make.collect(
            store, make.result(*definitions, outcome=Outcome.OK if definitions else Outcome.NO_TOOLS)
        )
    classify(store, make, tool)
    entry = store.server("workflows-mcp")
    assert entry.tools[0].first_seen == entry.crawled_at
    assert [sighting.current for sighting in store.history("workflows-mcp", "list_jobs")] == [False, True]


def test_a_server_that_lists_no_tools_any_more_has_none(store, make):
    make.collect(store, make.result(make.definition()))
    classify(store, make, make.definition())
    make.collect(store, make.result(outcome=Outcome.NO_TOOLS))
    assert store.server("workflows-mcp").tools == ()


def test_a_server_deleted_from_the_registry_loses_its_tools_at_once(store, make):
    # Crawling page: "deleted entries are dropped from the catalogue at once".
    make.collect(store, make.result(make.definition()))
    classify(store, make, make.definition())
    make.collect(store, make.result(outcome=Outcome.DELETED))
    assert store.server("workflows-mcp").tools == ()
    assert store.totals().tools == 0


def test_bundled_facts_do_not_replace_what_was_read_from_the_server(store, make):
    # Our decision: being offline for a day must not lose the descriptions.
    live = make.definition(description="Lists the jobs.")
    bundled = make.definition(provenance=Provenance.BUNDLED)
    make.collect(store, make.result(live))
    classify(store, make, live)
    make.collect(store, make.result(bundled, provenance=Provenance.BUNDLED, notes=("offline",)))
    assert classify(store, make, bundled) == 0  # not stored, so there is nothing to classify
    entry = store.server("workflows-mcp")
    assert [tool.definition for tool in entry.tools] == [live]
    assert (entry.provenance, entry.notes) == (Provenance.LIVE, ("offline",))


def test_what_is_read_from_the_server_replaces_bundled_facts(store, make):
    live = make.definition(description="Lists the jobs.")
    bundled = make.definition(provenance=Provenance.BUNDLED)
    make.collect(store, make.result(bundled, provenance=Provenance.BUNDLED))
    make.collect(store, make.result(live))
    classify(store, make, bundled, live)
    assert [tool.definition for tool in store.server("workflows-mcp").tools] == [live]


def test_a_result_recorded_twice_in_one_crawl_leaves_the_later_one(store, make):
    one, other = make.definition("one"), make.definition("other")
    crawl = store.begin_crawl(["workflows-mcp"])
    store.record(crawl, make.result(one, outcome=Outcome.OK))
    store.record(crawl, make.result(other))
    classify(store, make, one, other)
    assert names(store.server("workflows-mcp")) == ["other"]
    assert store.history("workflows-mcp", "one") == []


def test_a_source_that_knows_less_does_not_wipe_out_title_and_repository(store, make):
    make.collect(store, make.result(make.definition()))
    make.collect(store, make.result(make.definition(), record=ServerRecord("workflows-mcp", "pypi")))
    entry = store.server("workflows-mcp")
    assert (entry.title, entry.repository, entry.source) == (
        "Title of workflows-mcp",
        "https://example.org/workflows-mcp",
        "pypi",
    )


def test_no_secret_of_a_launch_is_stored(store, make):
    # Crawling page: "secrets in them are never stored nor shown".
    launches = {
        "http": Launch(
            LaunchKind.HTTP,
            url="https://me:S3CRET@host.example:8443/mcp?key=S3CRET#S3CRET",
            headers=(("Authorization", "S3CRET"),),
        ),
        "command": Launch(
            LaunchKind.COMMAND, command=("/opt/bin/serve", "--token", "S3CRET"), working_directory="/S3CRET"
        ),
        "npm": Launch(LaunchKind.NPM, package="@scope/pkg", version="2.0", arguments=("S3CRET",)),
        "broken": Launch(LaunchKind.SSE, url="https://[S3CRET"),
    }
    targets = [f"https://host.example/?key=S3CRET{name}" for name in launches]
    crawl = store.begin_crawl(targets)
    for name, launch in launches.items():
        store.record(
            crawl,
            make.result(
                server=name, record=ServerRecord(name, "config", launch=launch), outcome=Outcome.UNREACHABLE
            ),
        )
    assert "S3CRET" not in str(everything(store))
    assert {name: store.server(name).package for name in launches} == {
        "http": "https://host.example:8443/mcp",
        "command": "serve",
        "npm": "npm:@scope/pkg",
        "broken": None,
    }
    assert store.server("npm").package_version == "2.0"


def test_a_crawl_that_was_killed_is_found_again_with_what_it_has(url, make, clock):
    # Crawling page: "a killed crawl resumes where it was".
    with Store.open(url, clock=clock) as store:
        crawl = store.begin_crawl(["a", "b"])
        store.record(crawl, make.result(server="a"))
    with Store.open(url, clock=clock) as store:
        assert store.open_crawl(["b", "a"]) == crawl
        assert store.open_crawl(["a"]) is None
        assert store.crawled(crawl) == {"a"}
        store.end_crawl(crawl)
        assert store.open_crawl(["a", "b"]) is None


def test_an_unfinished_crawl_of_last_week_is_not_resumed(store, clock):
    # Our decision: its answers are stale.
    store.begin_crawl(["a"])
    clock.time += timedelta(days=7)
    assert store.open_crawl(["a"]) is None


def test_each_definition_is_classified_once_however_many_servers_have_it(store, make):
    make.collect(
        store,
        *(
            make.result(make.definition(server=name), make.definition("x", server=name), server=name)
            for name in "abc"
        ),
    )
    waiting = list(store.unclassified(make.version))
    assert sorted(definition.name for definition in waiting) == ["list_jobs", "x"]
    assert classify(store, make, *waiting) == 2
    assert list(store.unclassified(make.version)) == []
    assert len(list(store.unclassified("2/m1"))) == 2


def test_saving_while_the_stream_runs_does_not_disturb_it(store, make):
    tools = [make.definition(f"tool_{number}") for number in range(1200)]
    make.collect(store, make.result(*tools))
    saved = sum(classify(store, make, definition) for definition in store.unclassified(make.version))
    assert saved == 1200


def test_the_newest_version_of_the_classifier_is_the_one_that_shows(store, make):
    tool = make.definition()
    make.collect(store, make.result(tool))
    store.save_classifications("1/m1", [make.label(tool, Category.READ, Level.LOW)])
    store.save_classifications("2/m1", [make.label(tool, Category.WRITE, Level.HIGH)])
    assert store.server("workflows-mcp").tools[0].classification.category is Category.WRITE
    assert store.totals().by_category == {Category.WRITE: 1}
    assert store.history("workflows-mcp", "list_jobs")[0].classification.risk is Level.HIGH


def test_a_classification_that_differs_replaces_the_one_of_its_version(store, make):
    tool = make.definition()
    make.collect(store, make.result(tool))
    assert classify(store, make, tool, reason="First.") == 1
    assert classify(store, make, tool, reason="Second.") == 1
    assert store.server("workflows-mcp").tools[0].classification.reason == "Second."


def test_a_classification_of_an_unknown_definition_is_left_out(store, make):
    assert classify(store, make, make.definition("never_crawled")) == 0


def test_servers_stream_in_the_order_of_their_names_by_code_point(store, make):
    wanted = sorted(["b", "a-c", "ab", "B", "ä", "a/b", *(f"s{number}" for number in range(60))])
    make.collect(
        store, *(make.result(make.definition(server=name), server=name) for name in reversed(wanted))
    )
    classify(store, make, make.definition())
    assert [entry.name for entry in store.servers()] == wanted == store.server_names()
    assert all(names(entry) == ["list_jobs"] for entry in store.servers())


def test_totals_count_current_tools_by_category_and_level(store, make):
    assert store.totals().crawled_at is None
    read, wipe, gone = make.definition("read"), make.definition("wipe"), make.definition("gone")
    make.collect(
        store, make.result(read, wipe, gone), make.result(make.definition("read", server="b"), server="b")
    )
    make.collect(store, make.result(read, wipe), make.result(server="c", outcome=Outcome.TIMEOUT))
    classify(store, make, read, gone)
    classify(store, make, wipe, category=Category.DESTRUCTIVE, risk=Level.CRITICAL)
    totals = store.totals()
    assert (totals.servers, totals.tools, totals.definitions) == (3, 3, 2)
    assert totals.by_category == {Category.READ: 2, Category.DESTRUCTIVE: 1}
    assert totals.by_level == {Level.LOW: 2, Level.CRITICAL: 1}
    assert totals.crawled_at == store.server("c").crawled_at


def test_hostile_text_is_stored_and_comes_back_unchanged(store, make):
    # Architecture page, "A hostile-text fixture": markup, ANSI, bidi, NUL, 1 MB, path tricks.
    texts = [
        "\x00",
        "\ud800",
        "a\x00b\udfffc",
        "<script>alert(1)</script>",
        "\x1b[2J",
        "\u202egpj",
        "../../etc/passwd",
        "'; DROP TABLE servers; --",
        "%s %(x)s :x ?",
        "x" * (1 << 20),
    ]
    tools = [
        make.definition(
            f"t{number}" + value[:100],
            title=value,
            description=value,
            input_schema={value[:100]: [value]},
            annotations={"title": value},
        )
        for number, value in enumerate(texts)
    ]
    make.collect(store, make.result(*tools, reason=texts[2], notes=(texts[2],), unread=(texts[2],)))
    assert classify(store, make, *tools) == len(texts)
    entry = store.server("workflows-mcp")
    assert {tool.definition.fingerprint: tool.definition for tool in entry.tools} == {
        tool.fingerprint: tool for tool in tools
    }
    assert (entry.notes, entry.unread) == ((texts[2],), (texts[2],))
    assert entry.reason == "a\ufffdb\ufffdc"  # for showing only: what cannot be stored is replaced
    assert [sighting.definition for sighting in store.history("workflows-mcp", tools[2].name)] == [tools[2]]


def test_a_hostile_server_name_is_found_again(store, make):
    name = "a\x00/../\ud800"
    make.collect(store, make.result(server=name))
    assert store.server(name) is not None


def test_ten_thousand_tools_of_one_server_are_taken(store, make):
    # Crawling page, "Limits": up to 10,000 tools.
    tools = [make.definition(f"tool_{number}") for number in range(10_000)]
    make.collect(store, make.result(*tools))
    assert store.save_classifications(make.version, map(make.label, tools)) == 10_000
    assert len(store.server("workflows-mcp").tools) == 10_000
    make.collect(store, make.result(tools[0]))
    assert len(store.server("workflows-mcp").tools) == 1


def test_a_result_that_cannot_be_stored_leaves_nothing_behind(store, make):
    # Crawling page: "Writes are transactional per server".
    make.collect(store, make.result(make.definition("old")))
    before = everything(store)
    with store._engine.begin() as connection:
        connection.execute(text("ALTER TABLE outcomes RENAME TO hidden_outcomes"))
    with pytest.raises(DatabaseError, match="outcomes"):
        store.record(1, make.result(make.definition("new")))
    with store._engine.begin() as connection:
        connection.execute(text("ALTER TABLE hidden_outcomes RENAME TO outcomes"))
    assert everything(store) == before


def test_streaming_needs_no_more_memory_for_more_servers(sqlite_url, make):
    # Site page: "reads the database in streams, memory flat in the number of tools".
    peaks = []
    with Store.open(sqlite_url) as store:
        for start in (0, 50):
            crawl = store.begin_crawl([str(start)])
            for number in range(start, start * 4 or 50):
                tools = [
                    make.definition(f"t{number}_{tool}", server=f"s{number}", description="x" * 500)
                    for tool in range(4)
                ]
                store.record(crawl, make.result(*tools, server=f"s{number}"))
                store.save_classifications(make.version, map(make.label, tools))
            tracemalloc.start()
            assert sum(len(entry.tools) for entry in store.servers()) == (start * 4 or 50) * 4
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
    assert peaks[1] < 1.5 * peaks[0]
