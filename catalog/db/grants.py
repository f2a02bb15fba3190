"""Grants: under which name calls are made and counted, and the token that proves it."""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, insert, select, update

from catalog.db.models import GrantRow, JournalHead
from catalog.db.times import from_number, to_number
from catalog.errors import GrantEnded, UsageError
from catalog.visible import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from catalog.db.direct import Direct, Transaction

_PREFIX: Final = "mcpg_"  # so that a token is recognised where it should not be
_NAME: Final = re.compile(r"\w[\w.@+-]{0,63}")
_COLUMNS: Final = (
    GrantRow.name, GrantRow.policy, GrantRow.created, GrantRow.expires, GrantRow.revoked, GrantRow.token_hash,
)  # fmt: skip
_ALL: Final = select(*_COLUMNS).order_by(GrantRow.name)
_NAMED: Final = select(*_COLUMNS).where(GrantRow.name == bindparam("named"))
_HOLDER: Final = select(*_COLUMNS, select(JournalHead.latest).scalar_subquery().label("latest")).where(
    GrantRow.token_hash == bindparam("hashed")
)
_NEW: Final = insert(GrantRow)
_RENEW: Final = (
    update(GrantRow)
    .where(GrantRow.name == bindparam("named"))
    .values(
        token_hash=bindparam("token_hash"),
        policy=bindparam("policy"),
        created=bindparam("created"),
        expires=bindparam("expires"),
        revoked=None,
    )
)
_REVOKE: Final = (
    update(GrantRow)
    .where(GrantRow.name == bindparam("named"), GrantRow.revoked.is_(None))
    .values(revoked=bindparam("at"))
)


@dataclass(frozen=True, slots=True)
class Grant:
    """A grant. `policy` is the path or name of its policy, None for the gateway's own.

    One without a token can only be used over standard input, by whoever may start the gateway.
    """

    name: str
    policy: str | None
    created: datetime
    expires: datetime | None = None
    revoked: datetime | None = None
    has_token: bool = False

    def ended(self, at: datetime) -> bool:
        """Whether it was revoked or has expired."""
        return self.revoked is not None or (self.expires is not None and self.expires <= at)


def check_name(name: str) -> None:
    """Names are typed, shown and compared by people.

    Raises:
        UsageError: it is not 1 to 64 letters, digits and . _ @ + -

    """
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{one_line(name, 80)!r} cannot be the name of a grant",
            hint="use 1 to 64 letters, digits and . _ @ + - and begin with a letter or digit",
        )


def new_token() -> str:
    """A secret of 256 bits."""
    return _PREFIX + secrets.token_urlsafe(32)


def hashed(token: str) -> str:
    """What is kept of a token: it holds 256 random bits, so that a plain hash cannot be guessed through."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def named(transaction: Transaction, name: str) -> Grant | None:
    """The grant of that name, whatever its state."""
    row = transaction.row(_NAMED, named=name)
    return _grant(row) if row else None


def everyone(direct: Direct) -> list[Grant]:
    """All grants by name, those that have ended too."""
    return [_grant(row) for row in direct.rows(_ALL)]


def holder(direct: Direct, token: str, at: int) -> Grant | None:
    """Whose token it is, at that time or the latest that any gateway has seen; None when it opens nothing."""
    rows = direct.rows(_HOLDER, hashed=hashed(token))
    if not rows:
        return None
    *facts, latest = rows[0]
    found = _grant(facts)
    return None if found.ended(from_number(max(at, latest))) else found


def require(transaction: Transaction, name: str, at: int) -> None:
    """Let a call pass only under a grant that is in force.

    Raises:
        GrantEnded: it was revoked, has expired, or was never made.

    """
    found = named(transaction, name)
    if found is None or found.ended(from_number(at)):
        state = "is unknown" if found is None else "was revoked" if found.revoked else "has expired"
        raise GrantEnded(
            f"the grant {one_line(name, 80)} {state}", hint=f"catalog grants add {one_line(name, 80)}"
        )


def put(transaction: Transaction, grant: Grant, token: str | None) -> None:
    """Store a new grant, or one anew that had ended; what it has used of its limits stays counted."""
    values = {
        "token_hash": hashed(token) if token else None,
        "policy": grant.policy,
        "created": to_number(grant.created),
        "expires": None if grant.expires is None else to_number(grant.expires),
    }
    if not transaction.run(_RENEW, named=grant.name, **values):
        transaction.run(_NEW, name=grant.name, revoked=None, **values)


def revoke(transaction: Transaction, name: str, at: int) -> bool:
    """End a grant; False when there is none in force."""
    return bool(transaction.run(_REVOKE, named=name, at=at))


def _grant(row: Sequence[Any]) -> Grant:
    name, policy, created, expires, revoked, token = row
    return Grant(
        name,
        policy,
        from_number(created),
        None if expires is None else from_number(expires),
        None if revoked is None else from_number(revoked),
        token is not None,
    )
