"""Grants: a name, a token shown once and kept hashed, an expiry (policy page: "Sessions and grants")."""

from datetime import timedelta

import pytest

from catalog.db.ledger import Ledger
from catalog.db.models import Base
from catalog.errors import UsageError


def test_a_token_opens_its_own_grant_and_no_other(ledger):
    made, token = ledger.grant("agent", policy="/etc/policy.json")
    _, other = ledger.grant("second")
    assert ledger.by_token(token) == made
    assert (made.name, made.policy, made.has_token) == ("agent", "/etc/policy.json", True)
    assert ledger.by_token(other).name == "second"
    for wrong in ("", token[:-1], f"{token} ", token.upper(), "mcpg_", "\x00", "\ud800", "local"):
        assert ledger.by_token(wrong) is None


def test_a_token_is_nowhere_in_the_database(ledger):
    _, token = ledger.grant("agent")
    secret = token.removeprefix("mcpg_")
    with ledger._engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            assert secret not in str(connection.execute(table.select()).all())


def test_tokens_cannot_be_guessed(ledger):
    tokens = {ledger.grant(f"agent{number}")[1] for number in range(20)}
    assert len(tokens) == 20
    assert min(map(len, tokens)) >= 43  # 256 bits in base 64


def test_an_expired_token_opens_nothing_and_a_clock_that_steps_back_does_not_bring_it_back(ledger, hands):
    _, token = ledger.grant("agent", expires=hands() + timedelta(hours=1))
    hands.move(3599)
    assert ledger.by_token(token) is not None
    hands.move(1)
    assert ledger.by_token(token) is None
    ledger.grant("another")  # whatever is written down tells the time to all
    hands.move(-1800)
    assert ledger.by_token(token) is None


def test_a_revoked_token_opens_nothing_at_once_for_every_gateway(open_ledger, ledger):
    other = open_ledger()
    _, token = ledger.grant("agent")
    assert other.by_token(token) is not None
    assert ledger.revoke("agent") is True
    assert other.by_token(token) is None
    assert ledger.revoke("agent") is False
    assert ledger.revoke("nobody") is False


def test_a_grant_that_ended_is_made_anew_with_a_new_token_and_its_old_counts(ledger, calls):
    _, old = ledger.grant("agent")
    ledger.open_call(calls.entry(ledger, grant="agent"), [calls.limit(1)])
    ledger.revoke("agent")
    _, new = ledger.grant("agent")
    assert ledger.by_token(old) is None
    assert ledger.by_token(new).name == "agent"
    refused = ledger.open_call(calls.entry(ledger, grant="agent"), [calls.limit(1)])
    assert refused.reservation == calls.limit(1)


def test_a_grant_in_force_is_not_made_twice(ledger):
    _, token = ledger.grant("agent")
    with pytest.raises(UsageError, match="already") as refused:
        ledger.grant("agent")
    assert "catalog grants revoke agent" in refused.value.hint
    assert ledger.by_token(token) is not None


def test_the_local_grant_is_made_once_and_has_no_token(url, ledger):
    with Ledger.open(url) as other:
        assert other.local_grant("local") == ledger.local_grant("local")
    assert [(grant.name, grant.has_token) for grant in ledger.grants()] == [("local", False)]


def test_a_local_grant_that_ended_is_refused_and_not_made_anew(ledger):
    ledger.revoke("local")
    with pytest.raises(UsageError, match="was revoked") as refused:
        ledger.local_grant("local")
    assert "catalog grants add local" in refused.value.hint


@pytest.mark.parametrize("name", ["", " ", "a b", "-rf", "a\nb", "\u202eagent", "a" * 65, "a/b", "\x00", "*"])
def test_names_that_would_deceive_or_break_something_are_refused(ledger, name):
    with pytest.raises(UsageError, match="cannot be the name"):
        ledger.grant(name)
    with pytest.raises(UsageError, match="cannot be the name"):
        ledger.local_grant(name)


def test_a_grant_that_would_be_over_already_is_refused(ledger, hands):
    with pytest.raises(UsageError, match="over already"):
        ledger.grant("agent", expires=hands())


def test_all_grants_are_listed_by_name_with_what_became_of_them(ledger, hands):
    ledger.grant("b", expires=hands() + timedelta(days=1))
    ledger.grant("a")
    ledger.revoke("a")
    listed = {grant.name: grant.ended(hands()) for grant in ledger.grants()}
    assert listed == {"a": True, "b": False, "local": False}
    assert list(listed) == ["a", "b", "local"]
