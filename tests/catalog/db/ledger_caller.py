"""Run as a process of its own by tests of the ledger: a gateway that does nothing but count.

`race URL COUNT`: waits for a line on stdin, then makes COUNT calls at once; prints how many passed.
`hold URL`: opens one call that counts against a window and against a cap, prints its number, and hangs.
"""

import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal

from catalog.db.ledger import CallEntry, Ledger, Opened
from catalog.policy.decision import Code, Decision, Reservation, Verdict

RATE = Reservation("refund_rate", Decimal(1), Decimal(10), 86_400, False, False, "/a", "10 a day")
CAP = Reservation("refund_cap", Decimal(1), Decimal(10), 0, False, True, "/b", "10 at once")


def call(ledger, *reservations):
    entry = CallEntry(
        at=datetime.now(UTC),
        gateway=ledger.run,
        server="shop",
        grant="local",
        tool="refund",
        arguments_digest=ledger.digest({}),
        argument_names=(),
        decision=Decision(Verdict.ALLOW, Code.ALLOWED, "/tools/refund", "", ()),
        policy="f" * 64,
    )
    return ledger.open_call(entry, reservations)


def say(what):
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


def race(ledger, count):
    with ThreadPoolExecutor(count) as threads:
        say("ready")
        sys.stdin.readline()
        answers = list(threads.map(lambda _: call(ledger, RATE, CAP), range(count)))
    say(sum(isinstance(answer, Opened) for answer in answers))


def hold(ledger):
    say(call(ledger, RATE, CAP).number)
    sys.stdin.readline()


if __name__ == "__main__":
    with Ledger.open(sys.argv[2]) as opened:
        if sys.argv[1] == "race":
            race(opened, int(sys.argv[3]))
        else:
            hold(opened)
