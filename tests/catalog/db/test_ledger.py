"""Counting calls so that no limit is ever laxer than it says (policy page: order of evaluation, sessions and grants)."""

import os
import signal
import sqlite3
import stat
import subprocess
import sys
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from catalog.db.leases import LEASE
from catalog.db.ledger import Ledger, Opened, Outcome, Refused
from catalog.errors import DatabaseError, GrantEnded

CALLER = Path(__file__).parent / "ledger_caller.py"


def passes(ledger, calls, *limits, **fields):
    return isinstance(ledger.open_call(calls.entry(ledger, **fields), limits), Opened)


def caller(*arguments):
    return subprocess.Popen(
        [sys.executable, str(CALLER), *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def test_the_eleventh_of_ten_is_refused_with_the_time_until_the_window_ends(ledger, calls, hands):
    # Issue 4: "the eleventh execute_workflow within a minute is refused … and the time to wait".
    hands.move(20)
    assert all(passes(ledger, calls, calls.limit(10)) for _ in range(10))
    limit = calls.limit(10)
    assert ledger.open_call(calls.entry(ledger), [limit]) == Refused(limit, 40_000)
    hands.move(40)
    assert passes(ledger, calls, calls.limit(10))


def test_limits_are_taken_all_or_none(ledger, calls):
    # Policy page: "reserve all limits atomically, all or none".
    assert passes(ledger, calls, calls.limit(1, key="b"))
    for _ in range(3):
        refused = ledger.open_call(
            calls.entry(ledger),
            [calls.limit(2, key="a"), calls.limit(3, key="c", concurrent=True), calls.limit(1, key="b")],
        )
        assert refused.reservation.key == "b"
    assert passes(ledger, calls, calls.limit(2, key="a"), calls.limit(3, key="c", concurrent=True))
    assert passes(ledger, calls, calls.limit(2, key="a"))
    assert not passes(ledger, calls, calls.limit(2, key="a"))


def test_a_refused_call_leaves_no_line_in_the_journal(ledger, calls):
    # The gateway writes the denial itself, with `note`: one line for each call.
    before = ledger.verify().lines
    assert not passes(ledger, calls, calls.limit(0))
    assert ledger.verify().lines == before


def test_decimals_are_counted_exactly(ledger, calls):
    # Policy page: "0.99 counts 0.99"; ten times 0.1 is 1, which it is not in binary.
    assert all(passes(ledger, calls, calls.limit(1, amount="0.1")) for _ in range(10))
    assert not passes(ledger, calls, calls.limit(1, amount="0.000000000000000000000000000000000001"))
    assert passes(ledger, calls, calls.limit(1, amount="0"))


@pytest.mark.parametrize("amount", ["-1", "NaN", "Infinity", "-Infinity", "10.01", "1e-5000"])
def test_an_amount_that_cannot_be_counted_is_refused_for_good(ledger, calls, amount):
    # Policy page: "amounts for a cap must be finite and ≥ 0".
    assert passes(ledger, calls, calls.limit(10, amount="3.5"))
    answer = ledger.open_call(calls.entry(ledger), [calls.limit(10, amount=amount)])
    assert isinstance(answer, Refused)
    assert answer.retry_after_ms is None


@pytest.mark.parametrize("outcome", Outcome)
def test_only_a_call_that_was_not_sent_gives_its_count_back(ledger, calls, outcome):
    # Policy page: "given back only when it is certain that nothing reached the server".
    opened = ledger.open_call(calls.entry(ledger), [calls.limit(1)])
    ledger.close_call(opened, outcome)
    assert passes(ledger, calls, calls.limit(1)) is (outcome is Outcome.NOT_SENT)


def test_a_call_cannot_be_closed_twice_so_nothing_is_given_back_twice(ledger, calls):
    first, second = (ledger.open_call(calls.entry(ledger), [calls.limit(3)]) for _ in range(2))
    ledger.close_call(first, Outcome.NOT_SENT)
    with pytest.raises(DatabaseError):
        ledger.close_call(first, Outcome.NOT_SENT)
    assert passes(ledger, calls, calls.limit(3))
    assert passes(ledger, calls, calls.limit(3))
    assert not passes(ledger, calls, calls.limit(3))
    ledger.close_call(second, Outcome.ANSWERED)


def test_what_is_given_back_late_is_not_taken_from_the_next_window(ledger, calls, hands):
    opened = ledger.open_call(calls.entry(ledger), [calls.limit(1)])
    hands.move(60)
    assert passes(ledger, calls, calls.limit(1))
    ledger.close_call(opened, Outcome.NOT_SENT)
    assert not passes(ledger, calls, calls.limit(1))


@pytest.mark.parametrize("rolling", [False, True])
def test_a_clock_that_steps_back_gives_no_fresh_window(ledger, calls, hands, rolling):
    # Policy page, bypass corpus: "window edges and clock steps".
    limit = calls.limit(2, rolling=rolling)
    assert passes(ledger, calls, limit)
    assert passes(ledger, calls, limit)
    for back in (1, 59, 3600, 86_400 * 365):
        hands.move(-back)
        assert not passes(ledger, calls, limit)
    hands.move(1 + 59 + 3600 + 86_400 * 365)
    assert not passes(ledger, calls, limit)
    hands.move(61)
    assert passes(ledger, calls, limit)


def test_a_rolling_window_holds_across_the_edge_where_a_fixed_one_begins_anew(ledger, calls, hands):
    hands.move(59)
    assert all(
        passes(ledger, calls, calls.limit(2, rolling=rolling)) for rolling in (False, True) for _ in range(2)
    )
    hands.move(1)
    assert passes(ledger, calls, calls.limit(2))
    rolling = calls.limit(2, rolling=True)
    refused = ledger.open_call(calls.entry(ledger), [rolling])
    assert (
        59_000 <= refused.retry_after_ms <= 59_600
    )  # late by a hundredth of the window at most, never early
    hands.move(refused.retry_after_ms / 1000 - 0.001)
    assert not passes(ledger, calls, rolling)
    hands.move(0.001)
    assert passes(ledger, calls, rolling)


def test_grants_keys_windows_and_kinds_are_counted_apart(ledger, calls):
    ledger.local_grant("other")
    assert passes(ledger, calls, calls.limit(1))
    assert passes(ledger, calls, calls.limit(1), grant="other")
    apart = {"key": "x"}, {"window": 3600}, {"rolling": True}, {"concurrent": True}
    assert all(passes(ledger, calls, calls.limit(1, **one)) for one in apart)
    assert not any(passes(ledger, calls, calls.limit(1, **one)) for one in ({}, *apart))


def test_the_values_that_a_limit_is_counted_by_may_be_any_text(ledger, calls):
    hostile = ("\x00", "a" * 100_000, "'; DROP TABLE counters; --", "\u202e", "\ud800", "")
    assert all(passes(ledger, calls, calls.limit(1, key=key)) for key in hostile)
    assert not any(passes(ledger, calls, calls.limit(1, key=key)) for key in hostile)


def test_a_restart_resets_nothing(open_ledger, ledger, calls):
    assert all(passes(ledger, calls, calls.limit(10)) for _ in range(9))
    ledger.close()
    again = open_ledger()
    assert passes(again, calls, calls.limit(10))
    assert not passes(again, calls, calls.limit(10))


def test_concurrent_calls_are_let_go_when_they_end(ledger, calls):
    cap = calls.limit(2, concurrent=True)
    first, second = (ledger.open_call(calls.entry(ledger), [cap]) for _ in range(2))
    assert ledger.open_call(calls.entry(ledger), [cap]) == Refused(cap, None)
    ledger.close_call(first, Outcome.ANSWERED)
    assert passes(ledger, calls, cap)
    ledger.close_call(second, Outcome.FAILED)
    assert passes(ledger, calls, cap)


def test_a_call_with_an_unknown_end_counts_as_under_way_until_its_lease_is_over(ledger, calls, hands):
    # Else a client that cancels each call at once would have as many under way as it likes.
    cap = calls.limit(1, concurrent=True)
    ledger.close_call(ledger.open_call(calls.entry(ledger), [cap]), Outcome.UNKNOWN)
    assert not passes(ledger, calls, cap)
    hands.move(LEASE - 1)
    assert not passes(ledger, calls, cap)
    hands.move(1)
    assert passes(ledger, calls, cap)


def test_the_calls_of_a_gateway_that_gives_signs_of_life_are_never_let_go(open_ledger, ledger, calls, hands):
    cap, other = calls.limit(1, concurrent=True), open_ledger()
    opened = ledger.open_call(calls.entry(ledger), [cap])
    for _ in range(10):
        assert not passes(other, calls, cap)
        hands.move(LEASE - 1)
        assert ledger.beat() == 1
    hands.time += timedelta(days=365)  # the wall clock says nothing about it
    assert not passes(other, calls, cap)
    ledger.close_call(opened, Outcome.ANSWERED)
    assert passes(other, calls, cap)


def test_the_calls_of_a_gateway_that_fell_silent_are_let_go_when_the_lease_is_over(
    open_ledger, ledger, calls, hands
):
    cap = calls.limit(1, concurrent=True)
    assert passes(ledger, calls, cap)
    other = open_ledger()
    hands.move(LEASE - 1)
    assert not passes(other, calls, cap)
    hands.move(1)
    assert passes(other, calls, cap)
    assert not passes(ledger, calls, cap)


def test_nothing_is_counted_under_a_grant_that_is_not_in_force(ledger, calls, hands):
    # A session that is open already must feel a revocation, too.
    ledger.grant("agent", expires=hands() + timedelta(hours=1))
    assert passes(ledger, calls, calls.limit(), grant="agent")
    hands.move(3600)
    with pytest.raises(GrantEnded, match="has expired"):
        passes(ledger, calls, calls.limit(), grant="agent")
    ledger.revoke("local")
    with pytest.raises(GrantEnded, match="was revoked"):
        passes(ledger, calls, calls.limit())
    with pytest.raises(GrantEnded, match="is unknown"):
        passes(ledger, calls, calls.limit(), grant="nobody")


@pytest.mark.parametrize("processes", [1, 3])
def test_of_200_calls_at_once_exactly_10_pass(ledger, url, processes):
    # Issue 4: "200 concurrent calls against a cap of 10: exactly 10 pass, with one gateway and with three".
    shares = [200 // processes + (number < 200 % processes) for number in range(processes)]
    running = [caller("race", url, str(share)) for share in shares]
    for process in running:
        assert process.stdout.readline() == "ready\n"
    for process in running:
        process.stdin.write("\n")
        process.stdin.flush()
    assert sum(int(process.communicate(timeout=120)[0]) for process in running) == 10
    assert ledger.verify().problems == ()


def test_a_gateway_that_is_killed_in_mid_call_leaves_the_count_and_an_unknown_outcome(ledger, url, calls):
    # Issue 4: "Kill -9 of the gateway between forward and settle: after restart the count stands".
    process = caller("hold", url)
    number = int(process.stdout.readline())
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    with Ledger.open(url) as after:
        (line,) = after.journal(after=number - 1, last=1)
        assert (line.number, line.outcome) == (number, Outcome.UNKNOWN)
        rate = calls.limit(10, window=86_400)
        assert sum(passes(after, calls, rate) for _ in range(12)) == 9
        cap = calls.limit(10, key="refund_cap", concurrent=True)
        assert sum(passes(after, calls, cap) for _ in range(12)) == 9
        assert after.verify().problems == ()


def test_a_new_file_is_its_owner_s_alone(tmp_path, calls):
    with Ledger.open(f"sqlite:///{tmp_path}/new.sqlite") as ledger:
        ledger.local_grant("local")
        files = list(tmp_path.iterdir())
        assert len(files) == 3
        assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def test_a_database_that_is_locked_for_long_is_an_error_and_then_works_again(sqlite_url, tmp_path, calls):
    with Ledger.open(f"{sqlite_url}?timeout=0.05") as ledger:
        ledger.local_grant("local")
        other = sqlite3.connect(tmp_path / "catalog.sqlite", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseError, match="another process holds it"):
            passes(ledger, calls, calls.limit(1))
        other.execute("ROLLBACK")
        other.close()
        assert passes(ledger, calls, calls.limit(1))


def test_a_file_that_was_taken_away_is_an_error_and_no_new_file_counts_from_nought(
    sqlite_url, tmp_path, calls
):
    with Ledger.open(sqlite_url) as ledger:
        ledger.local_grant("local")
        assert passes(ledger, calls, calls.limit(1))
        file, away = tmp_path / "catalog.sqlite", tmp_path / "away.sqlite"
        file.rename(away)
        for _ in range(2):
            with pytest.raises(DatabaseError, match="removed or replaced"):
                passes(ledger, calls, calls.limit(1))
            assert not file.exists()
        away.rename(file)
        assert not passes(ledger, calls, calls.limit(1))


@pytest.mark.postgres
def test_a_server_that_was_started_anew_is_found_again(postgres_url, calls):
    psycopg = pytest.importorskip("psycopg")
    with Ledger.open(postgres_url) as ledger, psycopg.connect(postgres_url, autocommit=True) as admin:
        ledger.local_grant("local")
        assert passes(ledger, calls, calls.limit(1))
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        assert not passes(ledger, calls, calls.limit(1))


def test_a_damaged_counter_is_an_error_not_an_empty_one(sqlite_url, tmp_path, calls):
    with Ledger.open(sqlite_url) as ledger:
        ledger.local_grant("local")
        assert passes(ledger, calls, calls.limit(1))
        with sqlite3.connect(tmp_path / "catalog.sqlite") as other:
            other.execute("UPDATE counters SET slots = 'nonsense'")
        with pytest.raises(DatabaseError, match="damaged"):
            passes(ledger, calls, calls.limit(1))


def test_the_exact_arguments_have_one_digest(open_ledger, ledger):
    # The order of keys does not make another call; every digit does.
    assert ledger.digest({"a": 1, "b": [True, None, "x"]}) == open_ledger().digest(
        {"b": [True, None, "x"], "a": 1}
    )
    alike = [
        {"a": 1},
        {"a": Decimal("1.0")},
        {"a": "1"},
        {"a": True},
        {"a": [1]},
        {"A": 1},
        {"a": {"$decimal": "1.0"}},
        {},
    ]
    assert len({ledger.digest(arguments) for arguments in alike}) == len(alike)
