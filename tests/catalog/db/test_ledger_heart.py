"""Signs of life come by themselves while calls that count against a cap are under way."""

import threading
import time
from pathlib import Path

import pytest

from catalog.db.heart import Heart
from catalog.errors import DatabaseError


def beating():
    return [thread for thread in threading.enumerate() if thread.name == "catalog-ledger"]


def test_a_heart_goes_on_beating_though_the_database_fails_for_a_while(monkeypatch):
    monkeypatch.setattr("catalog.db.heart.BEAT", 0.001)
    times, thrice = [], threading.Event()

    def beat():
        times.append(1)
        if len(times) == 1:
            raise DatabaseError("locked")
        if len(times) >= 3:
            thrice.set()

    heart = Heart(beat)
    heart.start()
    heart.start()
    assert thrice.wait(30)
    assert len(beating()) == 1
    heart.stop()
    assert beating() == []


def test_a_ledger_beats_from_its_first_capped_call_to_its_end(ledger, calls):
    ledger.open_call(calls.entry(ledger), [calls.limit(5)])
    assert beating() == []
    ledger.open_call(calls.entry(ledger), [calls.limit(5, key="cap", concurrent=True)])
    assert len(beating()) == 1
    ledger.close()
    assert beating() == []


def test_only_a_gateway_s_own_calls_get_its_signs_of_life(open_ledger, ledger, calls):
    cap = calls.limit(9, concurrent=True)
    for gateway, count in ((ledger, 1), (open_ledger(), 2)):
        for _ in range(count):
            gateway.open_call(calls.entry(gateway), [cap])
        assert gateway.beat() == count


def test_the_log_of_a_database_is_emptied_beside_the_calls(open_ledger, calls, monkeypatch):
    """A call that found it full had to wait until it was moved into the file: tens of milliseconds."""
    monkeypatch.setattr("catalog.db.ledger._TIDY", 0.01)
    ledger = open_ledger()
    if not ledger._direct.has_log:
        pytest.skip("this database looks after itself")
    ledger.local_grant("local")
    ledger._direct.tidy()
    entry = calls.entry(ledger)
    file, name = Path(ledger._direct._path), entry.tool.encode()
    assert name not in file.read_bytes()
    ledger.open_call(entry, [calls.limit(5)])
    deadline, pause = time.monotonic() + 30, threading.Event()
    while name not in file.read_bytes():  # the log is another file
        assert time.monotonic() < deadline
        pause.wait(0.01)
    ledger.close()
    assert not [it for it in threading.enumerate() if it.name == "catalog-tidy"]


def test_a_file_that_is_gone_is_not_made_anew_by_tidying(ledger, calls):
    """An empty one would have no limits counted."""
    if not ledger._direct.has_log:
        pytest.skip("this database is no file")
    ledger.open_call(calls.entry(ledger), [calls.limit(5)])
    path = Path(ledger._direct._path)
    path.unlink()
    ledger._direct.tidy()
    assert not path.exists()
