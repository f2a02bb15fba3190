"""Databases for the tests: SQLite in a temporary folder, and a real PostgreSQL where there is one."""

import glob
import os
import shutil
import subprocess
import tempfile
import uuid
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from catalog.db.ledger import ApprovalRequest, CallEntry, Ledger
from catalog.db.store import Store
from catalog.policy.decision import Code, Decision, Match, Reservation, Verdict
from catalog.records import CrawlResult, Launch, LaunchKind, Outcome, ServerRecord
from classifier.types import (
    Basis,
    Category,
    Classification,
    DecidedBy,
    Evidence,
    Level,
    ModelVerdict,
    Modifier,
    Provenance,
    RuleHit,
    ToolDefinition,
)

VERSION = "1/m1"


def make_definition(name="list_jobs", *, server="workflows-mcp", provenance=Provenance.LIVE, **fields):
    return ToolDefinition(server, name, provenance=provenance, **fields)


def make_label(definition, category=Category.READ, risk=Level.LOW, *, doubtful=False, reason="It reads."):
    quotation = Evidence("name", definition.name, "a-rule")
    return Classification(
        fingerprint=definition.fingerprint,
        category=category,
        risk=risk,
        effects=(category,),
        modifiers=(Modifier("bulk", 1, quotation),),
        confidence=0.875,
        evidence=(quotation,),
        basis=Basis.TEXT,
        rule_hits=(RuleHit("a-rule", category.value, quotation),),
        verdict=ModelVerdict("m1", (0.6, 0.1, 0.1, 0.1, 0.1)),
        decided_by=DecidedBy.BOTH,
        reason=reason,
        annotation_conflict=None,
        review_reasons=("rules and model differ",) if doubtful else (),
        rules_version="1",
    )


def make_result(*definitions, server="workflows-mcp", outcome=Outcome.OK, record=None, **fields):
    known = ServerRecord(
        server,
        "bundled",
        title=f"Title of {server}",
        repository=f"https://example.org/{server}",
        launch=Launch(LaunchKind.PYPI, package=server),
    )
    fields.setdefault("provenance", Provenance.LIVE)
    return CrawlResult(record or known, outcome, definitions=definitions, **fields)


class Clock:
    """A minute passes with each look at it."""

    def __init__(self):
        self.time = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self):
        self.time += timedelta(minutes=1)
        return self.time


def collect(store, *results):
    """A whole crawl; returns its number."""
    crawl = store.begin_crawl([result.record.name for result in results])
    for result in results:
        store.record(crawl, result)
    store.end_crawl(crawl)
    return crawl


@pytest.fixture(scope="session")
def make():
    """Builders of the values that go in."""

    class Make:
        definition = staticmethod(make_definition)
        label = staticmethod(make_label)
        result = staticmethod(make_result)
        collect = staticmethod(collect)
        version = VERSION

    return Make


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture(scope="session")
def postgres_server():
    """URL of a PostgreSQL server: `CATALOG_TEST_POSTGRES`, else a throw-away cluster of the installed one."""
    given = os.environ.get("CATALOG_TEST_POSTGRES")
    if given:
        yield given
        return
    programs = _postgres_programs()
    if programs is None:
        pytest.skip("no PostgreSQL: set CATALOG_TEST_POSTGRES or install its server")
    folder = Path(tempfile.mkdtemp(prefix="catalog-pg-"))
    identity = _postgres_identity(folder)
    try:
        data = str(folder / "data")
        _quietly(
            [programs / "initdb", "-D", data, "-U", "catalog", "-A", "trust", "-E", "UTF8", "--no-sync"],
            identity,
        )
        options = f"-k {folder} -c listen_addresses= -c fsync=off"
        _quietly(
            [programs / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options, "start"], identity
        )
        try:
            yield f"postgresql://catalog@/postgres?host={folder}"
        finally:
            _quietly([programs / "pg_ctl", "-D", data, "-w", "-m", "immediate", "stop"], identity)
    finally:
        shutil.rmtree(folder)


def _postgres_programs():
    found = [shutil.which("initdb"), *sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"), reverse=True)]  # noqa: PTH207
    return next((Path(program).parent for program in found if program), None)


def _postgres_identity(folder):
    """PostgreSQL refuses to run as root: then the user that its package made runs it."""
    if os.geteuid() != 0:
        return {}
    shutil.chown(folder, "postgres")
    return {"user": "postgres", "group": "postgres", "extra_groups": []}


def _quietly(command, identity):
    done = subprocess.run(
        [str(part) for part in command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        **identity,
        check=False,
    )
    assert done.returncode == 0, done.stdout


@pytest.fixture(scope="session")
def postgres_database(postgres_server):
    """Makes a new, empty database; the value is a context with its URL."""
    psycopg = pytest.importorskip("psycopg", reason="the postgres extra is not installed")

    def run(statement):
        with psycopg.connect(postgres_server, autocommit=True) as connection:
            connection.execute(statement)

    @contextmanager
    def made():
        name = f"catalog_test_{uuid.uuid4().hex}"
        run(f"CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE template0")
        if "?" in postgres_server:
            yield postgres_server.replace("/postgres?", f"/{name}?")
        else:
            yield f"{postgres_server.rsplit('/', 1)[0]}/{name}"
        run(f"DROP DATABASE {name} WITH (FORCE)")

    return made


@pytest.fixture
def postgres_url(postgres_database):
    """A new, empty database."""
    with postgres_database() as made:
        yield made


@pytest.fixture
def sqlite_url(tmp_path):
    return f"sqlite:///{tmp_path}/catalog.sqlite"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request):
    """Each test with it runs on both engines."""
    return request.getfixturevalue(f"{request.param}_url")


@pytest.fixture
def store(url, clock):
    with Store.open(url, clock=clock) as opened:
        yield opened


class Hands:
    """Wall clock and monotonic clock of a ledger, moved by the test alone."""

    def __init__(self):
        self.time = datetime(2026, 3, 1, 12, tzinfo=UTC)
        self.seconds = 0.0

    def __call__(self):
        return self.time

    def elapsed(self):
        return self.seconds

    def move(self, seconds):
        """Both clocks go on, or the wall clock alone steps back."""
        self.time += timedelta(seconds=seconds)
        self.seconds += max(0, seconds)


class Calls:
    """Builders of what a gateway hands to its ledger."""

    @staticmethod
    def decision(verdict=Verdict.ALLOW, code=Code.ALLOWED, rule="/tools/refund"):
        return Decision(verdict, code, rule, "", (Match(rule, verdict, shadow=False, reason="a secret"),))

    @classmethod
    def entry(cls, ledger, *, tool="refund", arguments=None, keep=False, grant="local", **fields):
        arguments = {"amount": Decimal("0.10")} if arguments is None else arguments
        fields.setdefault("decision", cls.decision())
        return CallEntry(
            at=ledger._clock(),
            gateway=ledger.run,
            server="shop",
            grant=grant,
            tool=tool,
            arguments_digest=ledger.digest(arguments),
            argument_names=tuple(arguments),
            policy="f" * 64,
            arguments=arguments if keep else None,
            **fields,
        )

    @staticmethod
    def limit(maximum=10, *, amount=1, key="refund_rate", window=60, rolling=False, concurrent=False):
        return Reservation(
            key=key,
            amount=Decimal(amount),
            maximum=Decimal(maximum),
            window_seconds=0 if concurrent else window,
            rolling=rolling,
            concurrent=concurrent,
            rule="/tools/refund/limits/0",
            what=f"{maximum} a minute",
        )

    @staticmethod
    def request(**fields):
        known = {
            "server": "shop",
            "grant": "local",
            "tool": "refund",
            "arguments": {"n": 1},
            "policy": "f" * 64,
        }
        return ApprovalRequest(**{**known, **fields})


@pytest.fixture
def hands():
    return Hands()


@pytest.fixture(scope="session")
def calls():
    return Calls


@pytest.fixture
def open_ledger(url, hands):
    """Opens ledgers on one database, all with the same clocks; closes them in the end."""
    opened = []

    def again(**options):
        opened.append(Ledger.open(url, clock=hands, elapsed=hands.elapsed, **options))
        return opened[-1]

    yield again
    for ledger in opened:
        ledger.close()


@pytest.fixture
def ledger(open_ledger):
    """A ledger with the grant `local`, on both engines."""
    opened = open_ledger()
    opened.local_grant("local")
    return opened
