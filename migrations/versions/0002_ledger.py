"""Schema 2: the gateway's ledger: journal, counters, calls under way, grants and approvals.

Times are milliseconds since 1970. The row of `journal_head` is made here, once in a database's life:
one that is missing later has been removed.
"""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NAME = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
NO_LINE = "0" * 64  # what the first line of the journal names as the one before it


def upgrade() -> None:
    _journal()
    _counters()
    _grants()
    _approvals()


def _journal() -> None:
    head = op.create_table(
        "journal_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("lines", NUMBER, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("latest", NUMBER, nullable=False),
        sa.Column("secret", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_journal_head"),
    )
    row = {"id": 1, "lines": 0, "hash": NO_LINE, "latest": 0, "secret": secrets.token_hex(32)}
    op.bulk_insert(head, [row])
    op.create_table(
        "journal",
        sa.Column("number", NUMBER, autoincrement=False, nullable=False),
        sa.Column("call", NUMBER, nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_journal"),
    )
    op.create_index(
        "uq_journal_call",
        "journal",
        ["call"],
        unique=True,
        sqlite_where=sa.text("call IS NOT NULL"),
        postgresql_where=sa.text("call IS NOT NULL"),
    )


def _counters() -> None:
    op.create_table(
        "counters",
        sa.Column("cell", sa.String(64), nullable=False),
        sa.Column("slots", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("cell", name="pk_counters"),
    )
    op.create_table(
        "holds",
        sa.Column("call", NUMBER, autoincrement=False, nullable=False),
        sa.Column("cell", sa.String(64), nullable=False),
        sa.Column("amount", sa.Text(), nullable=False),
        sa.Column("run", sa.String(64), nullable=False),
        sa.Column("beat", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("call", "cell", name="pk_holds"),
    )
    op.create_index("ix_holds_cell", "holds", ["cell"])


def _grants() -> None:
    op.create_table(
        "grants",
        sa.Column("name", NAME, nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=True),
        sa.Column("policy", sa.Text(), nullable=True),
        sa.Column("created", NUMBER, nullable=False),
        sa.Column("expires", NUMBER, nullable=True),
        sa.Column("revoked", NUMBER, nullable=True),
        sa.PrimaryKeyConstraint("name", name="pk_grants"),
        sa.UniqueConstraint("token_hash", name="uq_grants_token_hash"),
    )


def _approvals() -> None:
    op.create_table(
        "approvals",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("binding", sa.String(64), nullable=False),
        sa.Column("asker", sa.Text(), nullable=False),
        sa.Column("state", sa.String(64), nullable=False),
        sa.Column("asked", NUMBER, nullable=False),
        sa.Column("expires", NUMBER, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("arguments", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_approvals"),
    )
    op.create_index("ix_approvals_binding_state", "approvals", ["binding", "state"])
    op.create_index("ix_approvals_state_expires", "approvals", ["state", "expires"])
