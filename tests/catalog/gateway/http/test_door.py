"""Who may come in. Source: MCP, streamable HTTP, security warning; design, "loopback by default"."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog.db.ledger import Ledger
from catalog.errors import UsageError
from catalog.gateway.http.door import Address, Door, Refusal

HERE = Address("127.0.0.1", 8808)
EVERYWHERE = "0.0.0.0"  # noqa: S104 – nothing is bound here


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.open(f"sqlite:///{tmp_path}/ledger.sqlite3") as opened:
        yield opened


@pytest.mark.parametrize(
    ("given", "host", "port", "loopback"),
    [
        ("127.0.0.1:8808", "127.0.0.1", 8808, True),
        ("8808", "127.0.0.1", 8808, True),
        ("localhost:0", "localhost", 0, True),
        ("[::1]:80", "::1", 80, True),
        ("0.0.0.0:80", EVERYWHERE, 80, False),
        ("[::]:80", "::", 80, False),
        ("gateway.example:80", "gateway.example", 80, False),
    ],
)
def test_addresses_are_read(given: str, host: str, port: int, loopback: bool) -> None:
    address = Address.read(given)
    assert (address.host, address.port, address.loopback) == (host, port, loopback)


@pytest.mark.parametrize("given", ["", "localhost", "127.0.0.1:70000", "127.0.0.1:-1", "::1", "a:b:80"])
def test_what_is_no_address_is_refused(given: str) -> None:
    with pytest.raises(UsageError, match="no address to listen at"):
        Address.read(given)


@pytest.mark.parametrize(
    "host", ["127.0.0.1:8808", "localhost:8808", "[::1]:8808", "LOCALHOST", "mine.test:1"]
)
def test_our_own_names_are_served(ledger: Ledger, host: str) -> None:
    Door(ledger, HERE, "local", hosts=["mine.test"]).came_from({"host": host}, 8808)


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8808", "127.0.0.1.evil.example", "", "10.0.0.1", "[::2]"]
)
def test_other_names_are_not(ledger: Ledger, host: str) -> None:
    """DNS rebinding: the page's own name leads to this machine."""
    with pytest.raises(Refusal) as refused:
        Door(ledger, HERE, "local").came_from({"host": host}, 8808)
    assert refused.value.status == 421


def test_a_public_address_is_reached_by_number_but_not_by_an_unknown_name(ledger: Ledger) -> None:
    door = Door(ledger, Address(EVERYWHERE, 80), "local")
    door.came_from({"host": "192.0.2.7"}, 80)
    with pytest.raises(Refusal):
        door.came_from({"host": "evil.example"}, 80)


@pytest.mark.parametrize(
    "origin", [None, "http://127.0.0.1:8808", "http://localhost:8808", "https://app.test"]
)
def test_no_page_and_known_pages_are_let_in(ledger: Ledger, origin: str | None) -> None:
    headers = {"host": "127.0.0.1:8808"} | ({"origin": origin} if origin else {})
    Door(ledger, HERE, "local", origins=["https://app.test"]).came_from(headers, 8808)


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "null", "", "http://localhost:3000", "https://localhost:8808", "http://localhost",
     "http://evil.example:8808", "http://localhost:8808.evil.example", "file://",
     "http://[::1", "http://[zz]:8808", "http://localhost:1@evil.example:8808", "http://localhost\uff0f:8808"],
)  # fmt: skip
def test_other_pages_are_not(ledger: Ledger, origin: str) -> None:
    with pytest.raises(Refusal) as refused:
        Door(ledger, HERE, "local").came_from({"host": "127.0.0.1", "origin": origin}, 8808)
    assert refused.value.status == 403


def test_a_token_is_its_grant_and_nothing_else_is(ledger: Ledger) -> None:
    _, token = ledger.grant("agent")
    door = Door(ledger, HERE, "local")
    assert door.grant({"authorization": f"Bearer {token}"}).name == "agent"
    assert door.grant({"authorization": f"bearer {token}"}).name == "agent"
    for wrong in ("", "Bearer", "Bearer ", f"Basic {token}", token, f"Bearer {token}x", "Bearer \xff"):
        with pytest.raises(Refusal) as refused:
            door.grant({"authorization": wrong})
        assert refused.value.status == 401
        assert dict(refused.value.headers)["www-authenticate"].startswith("Bearer ")
    ledger.revoke("agent")
    with pytest.raises(Refusal):
        door.grant({"authorization": f"Bearer {token}"})


def test_without_any_token_this_machine_is_the_local_grant(ledger: Ledger) -> None:
    assert Door(ledger, HERE, "local").grant({}).name == "local"


def test_from_the_first_token_on_nobody_comes_in_without_one_even_once_it_is_revoked(ledger: Ledger) -> None:
    """Revoking the last grant must not open the door."""
    ledger.grant("agent")
    ledger.revoke("agent")
    with pytest.raises(Refusal) as refused:
        Door(ledger, HERE, "local").grant({})
    assert refused.value.status == 401


def test_nobody_comes_in_from_elsewhere_without_a_token(ledger: Ledger) -> None:
    with pytest.raises(Refusal) as refused:
        Door(ledger, Address(EVERYWHERE, 80), "local").grant({})
    assert refused.value.status == 401


def test_a_local_grant_that_was_revoked_opens_nothing(ledger: Ledger) -> None:
    ledger.local_grant("local")
    ledger.revoke("local")
    with pytest.raises(Refusal) as refused:
        Door(ledger, HERE, "local").grant({})
    assert refused.value.status == 403


def test_a_ledger_that_cannot_be_read_lets_nobody_in(ledger: Ledger, tmp_path: Path) -> None:
    ledger.close()
    (tmp_path / "ledger.sqlite3").write_bytes(b"this is no database" * 100)
    with pytest.raises(Refusal) as refused:
        Door(ledger, HERE, "local").grant({"authorization": "Bearer x"})
    assert refused.value.status == 503
